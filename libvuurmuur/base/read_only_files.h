// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace vuurmuur::base {

/// Files through which nothing is written: each try to is refused as by a read-only file system (EROFS, errno(3)).
class ReadOnlyFiles : public FileSystem {
 public:
  [[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view /*content*/,
                                          std::uint32_t /*mode*/) final {
    return system_error("write '" + path + "'", EROFS);
  }
  [[nodiscard]] Result<void> make_directories(const std::string& path, std::uint32_t /*mode*/) final {
    return system_error("make directory '" + path + "'", EROFS);
  }
  [[nodiscard]] Result<void> remove(const std::string& path) final { return system_error("remove '" + path + "'", EROFS); }
};

}  // namespace vuurmuur::base
