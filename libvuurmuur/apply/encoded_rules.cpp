// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/encoded_rules.h"

#include "backend/xtables_entry.h"

namespace vuurmuur::apply {

EncodedRules::EncodedRules(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                           const backend::TextOptions& options)
    : ruleset_(ruleset), table_(table), family_(family), options_(options) {}

void EncodedRules::encode(const ir::Chain& chain) {
  bytes_.clear();
  ends_.clear();
  for (const ir::Rule& rule : chain.rules) {
    backend::append_entry(ruleset_, table_, family_, rule, options_, bytes_);
    ends_.push_back(bytes_.size());
  }
}

std::vector<std::byte> EncodedRules::take() {
  ends_.clear();
  // A copy has the size that is needed, and the buffer stays large enough for the next chain.
  return std::vector<std::byte>(bytes_.begin(), bytes_.end());
}

}  // namespace vuurmuur::apply
