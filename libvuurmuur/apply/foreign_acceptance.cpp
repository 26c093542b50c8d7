// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/foreign_acceptance.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "apply/foreign_targets.h"
#include "apply/guard.h"

namespace vuurmuur::apply {
namespace {

/// Targets after which a packet goes on with the next rule, or returns, and whose connection mark stays what it is.
constexpr std::array<std::string_view, 9> kGoesOn{"",      "RETURN", "LOG",  "NFLOG",   "ULOG",
                                                  "TRACE", "AUDIT",  "MARK", "CLASSIFY"};

/// The worse of two for what can be said of a packet.
ir::ForeignChain worse(ir::ForeignChain a, ir::ForeignChain b) { return std::max(a, b); }

class Reader {
 public:
  Reader(KernelTable& table, net::Family family) : table_(table), family_(family) {
    for (const std::string& name : table.chains()) names_.insert(name);
  }

  [[nodiscard]] const std::set<std::string>& names() const { return names_; }

  ir::ForeignChain read(const std::string& chain) {
    const auto [place, is_new] = known_.try_emplace(chain, ir::ForeignChain::Returns);
    if (!is_new) return place->second;
    std::vector<std::string> targets;
    for (const void* entry = table_.first_rule(chain); entry != nullptr; entry = table_.next_rule(entry)) {
      const std::string_view target = table_.target_of(entry);
      if (!is_own_chain(target) && !is_guard(family_, entry, target)) targets.emplace_back(target);
    }
    // Only one walk at a time: what it leads to comes behind.
    ir::ForeignChain all = ir::ForeignChain::Returns;
    for (const std::string& target : targets) all = worse(all, of_target(target));
    return known_[chain] = all;
  }

 private:
  ir::ForeignChain of_target(const std::string& target) {
    if (std::ranges::find(kGoesOn, target) != kGoesOn.end()) return ir::ForeignChain::Returns;
    if (refuses(target)) return ir::ForeignChain::Refuses;
    if (names_.contains(target)) return read(target);
    return ir::ForeignChain::Anything;
  }

  KernelTable& table_;
  net::Family family_;
  std::set<std::string> names_;
  std::map<std::string, ir::ForeignChain> known_;
};

}  // namespace

base::Result<ForeignAcceptance> ForeignAcceptance::of_xtables(Kernel& kernel) {
  ForeignAcceptance found;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family) || !kernel.may_have_table(family, ir::TableName::Filter)) continue;
    auto opened = kernel.open_table(family, ir::TableName::Filter);
    if (!opened && (opened.error().code == ENOENT || opened.error().code == ENOPROTOOPT)) continue;
    const auto table = VM_TRY(std::move(opened));
    Reader reader(*table, family);
    OfFamily& of_family = found.families_[static_cast<std::size_t>(family)];
    for (const std::string& name : reader.names())
      if (!is_own_chain(name)) found.set(family, name, reader.read(name));
    for (const ir::Hook hook : ir::hooks_of(ir::TableName::Filter))
      of_family.accepts[static_cast<std::size_t>(hook)] =
          found.chain(family, ir::to_string(hook)) == ir::ForeignChain::Anything;
  }
  return found;
}

base::Result<ForeignAcceptance> ForeignAcceptance::of_nft(Kernel& kernel) {
  ForeignAcceptance found;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    const NftTable table = VM_TRY(kernel.read_nft_table(family, NftParts::All));
    found.families_[static_cast<std::size_t>(family)].is_known = !table.has_user_rules;
  }
  return found;
}

base::Result<ForeignAcceptance> ForeignAcceptance::of(Kernel& kernel, Backend backend) {
  return backend == Backend::Nft ? of_nft(kernel) : of_xtables(kernel);
}

void ForeignAcceptance::set(net::Family family, std::string_view chain, ir::ForeignChain what) {
  families_[static_cast<std::size_t>(family)].chains.insert_or_assign(std::string(chain), what);
}

ir::ForeignChain ForeignAcceptance::chain(net::Family family, std::string_view name) const {
  const OfFamily& of_family = families_[static_cast<std::size_t>(family)];
  if (!of_family.is_known) return ir::ForeignChain::Anything;
  const auto place = of_family.chains.find(name);
  return place == of_family.chains.end() ? ir::ForeignChain::Returns : place->second;
}

bool ForeignAcceptance::may_accept(net::Family family, ir::Hook hook) const {
  return families_[static_cast<std::size_t>(family)].accepts[static_cast<std::size_t>(hook)];
}

}  // namespace vuurmuur::apply
