// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "config/document.h"

namespace vuurmuur::config {

/// The kinds of files of a tree.
enum class FileType : std::uint8_t { Settings, Interface, Zone, Network, Host, Group, Service, Rules, Blocklist };

/// How often a key may have a value.
enum class Count : std::uint8_t {
  One,
  Many,
  Kept,  ///< of the original's programs: known, not read, kept
};

/// A key that a kind of file may have.
struct KeyRow {
  std::string_view name;
  Count count;
  std::string_view fallback;  ///< what a missing key means, as it would be written; empty for nothing
  std::string_view help;      ///< what it is, for people: begins in lower case, no final period
};

/// All keys of a kind of file, in the order in which a new file is written.
[[nodiscard]] std::span<const KeyRow> keys_of(FileType type);

/// Whether case counts in the keys of a kind of file.
[[nodiscard]] KeyCase key_case(FileType type);

}  // namespace vuurmuur::config
