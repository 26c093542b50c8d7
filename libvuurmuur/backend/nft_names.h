// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace vuurmuur::backend::nft {

/// FNV-1a with 64 bits over texts, each ended by a zero byte: the same number on every machine, today and tomorrow.
class NameHash {
 public:
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
    add_byte(0);
  }
  void add_byte(std::uint8_t byte) {
    value_ ^= byte;
    value_ *= 0x100000001b3;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// Whether nft takes a text as a name behind its first letter: letters, digits, '_', '-', '.', '/'.
[[nodiscard]] bool is_name_character(char c);

/// Whether a name is one that counters and helpers of ours have.
[[nodiscard]] bool is_own_counter_name(std::string_view name);
[[nodiscard]] bool is_own_helper_name(std::string_view name);
/// Whether a chain is one that is ours to delete: "filter_VRMR-…" and those of the other tables.
[[nodiscard]] bool is_own_chain_name(std::string_view name);

/// "vrmr-helper-ftp-tcp"
[[nodiscard]] std::string helper_name(std::string_view helper, std::uint8_t protocol);

}  // namespace vuurmuur::backend::nft
