// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "apply/entry.h"
#include "apply/foreign_rules.h"
#include "apply/foreign_targets.h"
#include "apply/guard.h"
#include "apply/kernel.h"
#include "backend/xtables_entry.h"

namespace vuurmuur::apply {
namespace {

/// One table of somebody else, perhaps with chains of ours in it.
class TableSurvey {
 public:
  TableSurvey(KernelTable& table, net::Family family, ir::TableName name, ForeignRules& found)
      : table_(table), family_(family), found_(found) {
    prefix_ =
        std::string(family == net::Family::Ipv4 ? "iptables " : "ip6tables ") + std::string(to_string(name)) + ' ';
  }

  void run() {
    read_chains();
    for (const std::string& name : builtins_) add_builtin(name);
  }

 private:
  struct ChainFacts {
    std::size_t rules = 0;
    bool refuses = false, translates = false;
    std::set<std::string> next;  ///< names of chains that rules jump to
    std::string program;
  };

  void read_chains() {
    for (const std::string& name : table_.chains()) {
      if (is_own_chain(name)) {
        has_own_ = true;
        continue;
      }
      const auto policy = table_.policy(name);
      if (policy) builtins_.push_back(name);
      ChainFacts& facts = chains_[name];
      facts.program = program_of(name);
      for (const void* entry = table_.first_rule(name); entry != nullptr; entry = table_.next_rule(entry))
        read_rule(name, entry, facts);
    }
  }

  void read_rule(const std::string& chain, const void* entry, ChainFacts& facts) {
    const std::string target(table_.target_of(entry));
    if (is_own_chain(target) || is_guard(family_, entry, target)) return;
    ++facts.rules;
    facts.refuses |= refuses(target);
    facts.translates |= translates(target);
    facts.next.insert(target);
    const ExtensionView extension = target_of(parts_of(family_, entry));
    const auto use = connmark_use(extension.name, extension.revision, extension.data);
    if (!use) return;
    std::string_view program = program_of(chain);
    const std::string comment = backend::entry_comment(family_, entry);
    if (program.empty()) program = program_of(comment);
    found_.marks.push_back({.engine = Backend::Xtables,
                            .place = prefix_ + chain,
                            .program = std::string(program),
                            .use = use->use,
                            .bits = use->bits});
  }

  /// What can be met from a built-in chain on, through all jumps.
  void add_builtin(const std::string& name) {
    ForeignChain all{.engine = Backend::Xtables, .place = prefix_ + name};
    std::set<std::string> seen{name};
    std::vector<std::string> open{name};
    while (!open.empty()) {
      const auto facts = chains_.find(open.back());
      open.pop_back();
      if (facts == chains_.end()) continue;
      all.rules += facts->second.rules;
      all.refuses |= facts->second.refuses;
      all.translates |= facts->second.translates;
      if (all.program.empty()) all.program = facts->second.program;
      for (const std::string& next : facts->second.next)
        if (seen.insert(next).second) open.push_back(next);
    }
    // Where chains of ours are, the policy is ours too.
    all.has_drop_policy = !has_own_ && table_.policy(name)->drop;
    if (all.rules != 0 || all.has_drop_policy) found_.chains.push_back(std::move(all));
  }

  KernelTable& table_;
  net::Family family_;
  ForeignRules& found_;
  std::string prefix_;
  std::map<std::string, ChainFacts> chains_;
  std::vector<std::string> builtins_;
  bool has_own_ = false;
};

}  // namespace

base::Result<ForeignRules> foreign_xtables_rules(Kernel& kernel) {
  ForeignRules found;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    for (const ir::TableName name : ir::kTables) {
      if (!kernel.may_have_table(family, name)) continue;
      auto opened = kernel.open_table(family, name);
      if (!opened && (opened.error().code == ENOENT || opened.error().code == ENOPROTOOPT)) continue;
      const auto table = VM_TRY(std::move(opened));
      TableSurvey(*table, family, name, found).run();
    }
  }
  return found;
}

base::Result<ForeignRules> rules_of_others(Kernel& kernel) {
  ForeignRules found = VM_TRY(foreign_xtables_rules(kernel));
  ForeignRules nft = VM_TRY(kernel.nft_rules_of_others());
  found.chains.insert(found.chains.end(), nft.chains.begin(), nft.chains.end());
  found.marks.insert(found.marks.end(), nft.marks.begin(), nft.marks.end());
  return found;
}

}  // namespace vuurmuur::apply
