// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace vuurmuur::base {

/// Which of the system's pages a large piece of memory is made of (Documentation/admin-guide/mm/transhuge.rst).
enum class Pages : std::uint8_t {
  Huge,   ///< where the system has them: the fewest page faults
  Small,  ///< to be made ready piece by piece with make_ready()
};

/// So many bytes, all zero, aligned for any structure; null when there is no memory. Nobody writes the zeros of a large
/// one: they come with the system's pages when they are first touched, so that room which is not used costs nothing.
[[nodiscard]] std::shared_ptr<std::byte[]> zeroed(std::size_t size, Pages pages = Pages::Huge);

/// Has the system make the pages of memory that is about to be written, all at once and without a page fault for each
/// (MADV_POPULATE_WRITE of madvise(2)). What it cannot do so comes with the faults.
void make_ready(std::byte* begin, std::size_t size);

}  // namespace vuurmuur::base
