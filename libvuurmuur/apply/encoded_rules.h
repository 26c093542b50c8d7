// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// The rules of a chain as kernel entries, one behind the other in one buffer.
class EncodedRules {
 public:
  EncodedRules(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
               const backend::TextOptions& options);

  /// Replaces the content by the rules of a chain.
  void encode(const ir::Chain& chain);

  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] std::span<std::byte> operator[](std::size_t index) {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return {bytes_.data() + begin, ends_[index] - begin};
  }
  /// Gives the entries away; there are none afterwards.
  [[nodiscard]] std::vector<std::byte> take();

 private:
  const ir::Ruleset& ruleset_;
  const ir::Table& table_;
  net::Family family_;
  backend::TextOptions options_;
  std::vector<std::byte> bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace vuurmuur::apply
