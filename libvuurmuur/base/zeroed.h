// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <memory>

namespace vuurmuur::base {

/// So many bytes, all zero, aligned for any structure; null when there is no memory. Nobody writes the zeros of a large
/// one: they come with the system's pages, huge ones where it has them, when they are first touched, so that room which
/// is not used costs nothing.
[[nodiscard]] std::shared_ptr<std::byte[]> zeroed(std::size_t size);

}  // namespace vuurmuur::base
