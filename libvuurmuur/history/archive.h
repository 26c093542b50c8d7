// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vuurmuur::history {

/// Contents of files by their relative paths.
using Files = std::map<std::string, std::string>;

/// Files as a tar archive (POSIX.1-2001 pax, compressed as gzip) that tar(1) can unpack. The same files give the same
/// bytes.
[[nodiscard]] base::Result<std::string> pack(const Files& files);

/// The files of an archive made by pack(). Other entries than plain files are left out.
[[nodiscard]] base::Result<Files> unpack(std::string_view archive);

}  // namespace vuurmuur::history
