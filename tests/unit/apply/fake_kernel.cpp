// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_kernel.h"

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_set.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "apply/entry.h"
#include "backend/nft_names.h"
#include "backend/xtables_entry.h"

namespace vuurmuur::apply::test {
namespace {

std::string target_name(net::Family family, const void* entry) {
  return std::string(apply::target_of(parts_of(family, entry)).name);
}

std::string rule_line(net::Family family, const FakeRule& rule, const backend::SetIndices& sets) {
  const Counters counters = parts_of(family, rule.entry.data()).counters;
  return "[" + std::to_string(counters.packets) + ":" + std::to_string(counters.bytes) + "] " +
         backend::entry_text(family, rule.entry.data(), rule.target, {.sets = &sets});
}

backend::SetIndices indices_of(const std::map<std::uint16_t, FakeSet>& sets) {
  backend::SetIndices indices;
  for (const auto& [index, set] : sets) indices.emplace(set.name, index);
  return indices;
}

class OpenFakeTable final : public KernelTable {
 public:
  OpenFakeTable(FakeKernel& kernel, FakeKernel::Key key)
      : kernel_(kernel), key_(key), read_(kernel.tables.at(key)), table_(read_) {}

  std::vector<std::string> chains() override {
    std::vector<std::string> names;
    for (const FakeChain& chain : table_.chains) names.push_back(chain.name);
    return names;
  }
  std::optional<Policy> policy(const std::string& chain) override { return table_.find(chain)->policy; }
  const void* first_rule(const std::string& chain) override {
    walked_ = table_.find(chain);
    next_ = 0;
    return next_rule(nullptr);
  }
  const void* next_rule(const void*) override {
    return next_ < walked_->rules.size() ? walked_->rules[next_++].entry.data() : nullptr;
  }
  std::string_view target_of(const void* entry) override {
    for (const FakeChain& chain : table_.chains)
      for (const FakeRule& rule : chain.rules)
        if (rule.entry.data() == entry) return rule.target;
    return {};
  }
  unsigned references(const std::string& chain) override {
    unsigned count = 0;
    for (const FakeChain& other : table_.chains)
      for (const FakeRule& rule : other.rules) count += rule.target == chain ? 1 : 0;
    return count;
  }
  base::Result<void> create_chain(const std::string& chain) override {
    if (table_.find(chain) != nullptr) return base::system_error("make chain " + chain, EEXIST);
    table_.chains.push_back({.name = chain, .policy = {}, .rules = {}});
    return changed();
  }
  base::Result<void> delete_chain(const std::string& chain) override {
    if (references(chain) != 0) return base::system_error("delete chain " + chain, EMLINK);
    if (!table_.find(chain)->rules.empty()) return base::system_error("delete chain " + chain, ENOTEMPTY);
    std::erase_if(table_.chains, [&](const FakeChain& other) { return other.name == chain; });
    return changed();
  }
  base::Result<void> set_rules(const std::string& chain, backend::EntryBlock entries,
                               std::span<const RulePlan> plan) override {
    const std::vector<FakeRule> old = std::exchange(table_.find(chain)->rules, {});
    std::span<const std::byte> next(entries.bytes);
    std::vector<FakeRule> rules;
    for (const RulePlan& planned : plan) {
      if (planned.is_kept()) {
        rules.push_back(old.at(*planned.position()));
        continue;
      }
      const std::size_t size = parts_of(key_.first, next.data()).size;
      FakeRule& rule = rules.emplace_back(table_.taken_over(key_.first, next.first(size)));
      const Counters counters =
          planned.position() ? parts_of(key_.first, old.at(*planned.position()).entry.data()).counters : Counters();
      set_counters(key_.first, rule.entry, counters);
      next = next.subspan(size);
    }
    table_.find(chain)->rules = std::move(rules);
    return changed();
  }
  base::Result<void> set_policy(const std::string& chain, bool drop) override {
    table_.find(chain)->policy->drop = drop;
    return changed();
  }
  base::Result<TableSnapshot> before() override { return kernel_.snapshot(key_, read_); }
  base::Result<std::string> commit() override {
    if (changed_) VM_TRY_VOID(kernel_.commit(key_, table_));
    return std::string();
  }

 private:
  base::Result<void> changed() {
    changed_ = true;
    return {};
  }

  FakeKernel& kernel_;
  FakeKernel::Key key_;
  FakeTable read_, table_;
  bool changed_ = false;
  FakeChain* walked_ = nullptr;
  std::size_t next_ = 0;
};

}  // namespace

std::string short_name(net::Family family, ir::TableName table) {
  return std::string(to_string(table)) + (family == net::Family::Ipv4 ? "4" : "6");
}

FakeChain* FakeTable::find(const std::string& name) {
  const auto found = std::ranges::find(chains, name, &FakeChain::name);
  return found == chains.end() ? nullptr : &*found;
}

FakeRule FakeTable::taken_over(net::Family family, std::span<const std::byte> encoded) {
  FakeRule rule{.entry = {encoded.begin(), encoded.end()}, .target = target_name(family, encoded.data())};
  if (rule.target == "ACCEPT" || rule.target == "DROP" || rule.target == "RETURN" || find(rule.target) != nullptr) {
    const EntryParts parts = parts_of(family, rule.entry.data());
    const auto at =
        rule.entry.begin() + (parts.target.data() - rule.entry.data()) + offsetof(xt_entry_target, u.user.name);
    std::fill_n(at, XT_FUNCTION_MAXNAMELEN, std::byte{0});
  }
  return rule;
}

std::string FakeKernel::text() const {
  std::string text;
  for (const auto& [key, table] : tables) text += this->text(key.first, key.second);
  return text;
}

std::string FakeKernel::text(net::Family family, ir::TableName name) const {
  std::string text = "*" + short_name(family, name) + "\n";
  const auto found = tables.find({family, name});
  if (found == tables.end()) return text + "none\n";
  for (const FakeChain& chain : found->second.chains) {
    const std::string policy = !chain.policy ? "-" : chain.policy->drop ? "DROP" : "ACCEPT";
    text += ":" + chain.name + " " + policy + "\n";
    for (const FakeRule& rule : chain.rules) text += rule_line(family, rule, indices_of(sets_by_index)) + "\n";
  }
  return text;
}

FakeTable& FakeKernel::table(net::Family family, ir::TableName name) {
  const auto [entry, is_new] = tables.try_emplace({family, name});
  if (is_new)
    for (const ir::Hook hook : ir::hooks_of(name))
      entry->second.chains.push_back({.name = std::string(to_string(hook)), .policy = Policy{}, .rules = {}});
  return entry->second;
}

void FakeKernel::add_foreign(net::Family family, ir::TableName name, const std::string& chain,
                             const std::string& target, Counters counters, const std::string& in_interface) {
  // The target is written as a jump to a chain of that name, which is how verdicts and jumps are encoded.
  ir::Ruleset ruleset;
  ir::Table& table_of_rule = ruleset.rules(family).table(name);
  ir::Rule rule{
      .in_interface = in_interface, .target = ir::JumpTarget{table_of_rule.chain_named(target)}, .commented = false};
  rule.origin = ruleset.add_origin("foreign");
  std::vector<std::byte> entry;
  backend::encode_entry(ruleset, table_of_rule, family, rule, {.comments = false}, entry);
  set_counters(family, entry, counters);
  FakeTable& to = table(family, name);
  if (to.find(chain) == nullptr) to.chains.push_back({.name = chain, .policy = {}, .rules = {}});
  to.find(chain)->rules.push_back(to.taken_over(family, entry));
}

base::Result<void> FakeKernel::step(const std::string& what) {
  steps.push_back(what);
  const int code = fault ? fault(what) : 0;
  if (code != 0) return base::system_error(what, code);
  return {};
}

base::Result<base::UniqueFd> FakeKernel::lock(const Patience&, const Progress&) {
  VM_TRY_VOID(step("lock"));
  return base::UniqueFd();
}

bool FakeKernel::has_family(net::Family family) { return family == net::Family::Ipv4 || has_ipv6; }

bool FakeKernel::may_have_table(net::Family family, ir::TableName name) { return tables.contains({family, name}); }

base::Result<std::unique_ptr<KernelTable>> FakeKernel::open_table(net::Family family, ir::TableName name) {
  const std::lock_guard guard(mutex_);
  VM_TRY_VOID(step("open " + short_name(family, name)));
  if (no_xtables != 0) return base::system_error("read " + describe(family, name), no_xtables);
  table(family, name);
  return std::make_unique<OpenFakeTable>(*this, Key{family, name});
}

base::Result<std::uint64_t> FakeKernel::table_size(net::Family family, ir::TableName name) {
  std::uint64_t rules = 0;
  for (const FakeChain& chain : table(family, name).chains) rules += chain.rules.size() + 1;
  return rules;
}

base::Result<TableSnapshot> FakeKernel::snapshot(const Key& key, const FakeTable& read) {
  const std::lock_guard guard(mutex_);
  VM_TRY_VOID(step("snapshot " + short_name(key.first, key.second)));
  snapshots_.push_back(read);
  const std::size_t index = snapshots_.size() - 1;
  const std::shared_ptr<std::byte[]> bytes(new std::byte[sizeof index]);
  std::memcpy(bytes.get(), &index, sizeof index);
  return TableSnapshot{.family = key.first, .table = key.second, .info = {}, .entries = bytes, .size = sizeof index};
}

base::Result<void> FakeKernel::restore(const TableSnapshot& snapshot) {
  const std::lock_guard guard(mutex_);
  VM_TRY_VOID(step("restore " + short_name(snapshot.family, snapshot.table)));
  std::size_t index = 0;
  std::memcpy(&index, snapshot.entries.get(), sizeof index);
  const unsigned version = table(snapshot.family, snapshot.table).version + 1;
  table(snapshot.family, snapshot.table) = snapshots_.at(index);
  table(snapshot.family, snapshot.table).version = version;
  return {};
}

base::Result<void> FakeKernel::commit(const Key& key, const FakeTable& changed) {
  const std::lock_guard guard(mutex_);
  VM_TRY_VOID(step("commit " + short_name(key.first, key.second)));
  FakeTable& now = tables.at(key);
  if (now.version != changed.version) return base::system_error("commit", EAGAIN);
  if (!refused_text.empty())
    for (const FakeChain& chain : changed.chains)
      for (const FakeRule& rule : chain.rules)
        if (rule_line(key.first, rule, indices_of(sets_by_index)).find(refused_text) != std::string::npos)
          return complain();
  now = changed;
  ++now.version;
  return {};
}

std::unexpected<base::Error> FakeKernel::complain() {
  log_.insert(log_.end(), complaints.begin(), complaints.end());
  return std::unexpected(base::Error{.message = "invalid argument", .code = EINVAL});
}

bool FakeKernel::supports(net::Family, const Extension& extension) {
  return std::ranges::find(missing, extension) == missing.end();
}

bool FakeKernel::has_set_type(net::Family, const backend::SetType& type) {
  ++asked_set_types;
  return std::ranges::find(missing_set_types, type.name) == missing_set_types.end();
}

FakeSet* FakeKernel::find_set(const std::string& name) {
  for (auto& [index, set] : sets_by_index)
    if (set.name == name) return &set;
  return nullptr;
}

unsigned FakeKernel::references(std::uint16_t index) const {
  unsigned count = 0;
  for (const auto& [key, table] : tables)
    for (const FakeChain& chain : table.chains)
      for (const FakeRule& rule : chain.rules)
        for (const ExtensionView& match : matches_of(parts_of(key.first, rule.entry.data()))) {
          xt_set_info_match_v4 info;
          if (match.name != "set" || match.data.size() < sizeof info) continue;
          std::memcpy(&info, match.data.data(), sizeof info);
          if (info.match_set.index == index) ++count;
        }
  return count;
}

std::vector<std::string> FakeKernel::set_names() const {
  std::vector<std::string> names;
  for (const auto& [index, set] : sets_by_index) names.push_back(set.name);
  return names;
}

base::Result<std::vector<KernelSet>> FakeKernel::sets() {
  VM_TRY_VOID(step("list sets"));
  std::vector<KernelSet> found;
  for (const auto& [index, set] : sets_by_index)
    found.push_back({.name = set.name,
                     .index = index,
                     .type = "hash:net",
                     .references = references(index),
                     .elements = static_cast<std::uint32_t>(set.members.size())});
  return found;
}

std::expected<std::uint16_t, SetRefusal> FakeKernel::create_set(const ir::Set& set, const SetDetails& details) {
  if (const auto done = step("create " + set.name); !done) return std::unexpected(SetRefusal{.error = done.error()});
  std::uint16_t index = 0;
  for (const auto& [there, each] : sets_by_index)
    if (each.name == set.name) index = there;
  if (find_set(set.name) == nullptr)
    while (sets_by_index.contains(index)) ++index;
  FakeSet& made = sets_by_index[index];
  made.name = set.name;
  made.members.clear();
  for (const TimedElement& element : details.timed)
    made.members.push_back({.element = {.source = element.prefix}, .counters = {}, .comment = {}});
  for (std::size_t i = 0; i < set.elements.size(); ++i) {
    SetMember& member = made.members.emplace_back(SetMember{.element = by_place(set.elements[i])});
    if (!set.is_counted) continue;
    if (!details.counters.empty()) member.counters = details.counters[i];
    if (!details.comments.empty()) member.comment = details.comments[static_cast<std::size_t>(set.elements[i].origin)];
  }
  return index;
}

base::Result<void> FakeKernel::destroy_set(const std::string& name) {
  VM_TRY_VOID(step("destroy " + name));
  for (const auto& [index, set] : sets_by_index) {
    if (set.name != name) continue;
    if (references(index) != 0) return base::system_error("destroy " + name, EBUSY);
    sets_by_index.erase(index);
    return {};
  }
  return base::system_error("destroy " + name, ENOENT);
}

base::Result<std::vector<SetMember>> FakeKernel::read_set(const std::string& name) {
  VM_TRY_VOID(step("read set " + name));
  const FakeSet* set = find_set(name);
  if (set == nullptr) return base::system_error("read set " + name, ENOENT);
  return set->members;
}

base::Result<void> FakeKernel::update_set(const std::string& name, std::span<const SetMember> members,
                                          bool with_counters) {
  VM_TRY_VOID(step("update " + name));
  FakeSet* set = find_set(name);
  if (set == nullptr) return base::system_error("update " + name, ENOENT);
  for (const SetMember& changed : members)
    for (SetMember& member : set->members) {
      if (!member.element.has_same_key(changed.element)) continue;
      member.comment = changed.comment;
      if (with_counters) member.counters = changed.counters;
    }
  return {};
}

base::Result<void> FakeKernel::change_timed_set(const std::string& name, std::span<const TimedElement> added,
                                                std::span<const net::Prefix> removed) {
  VM_TRY_VOID(step("change " + name));
  FakeSet* set = find_set(name);
  if (set == nullptr) return base::system_error("change " + name, ENOENT);
  const auto remove = [&](const net::Prefix& prefix) {
    std::erase_if(set->members, [&](const SetMember& member) { return member.element.source == prefix; });
  };
  for (const net::Prefix& prefix : removed) remove(prefix);
  for (const TimedElement& element : added) {
    remove(element.prefix);
    set->members.push_back({.element = {.source = element.prefix}, .counters = {}, .comment = {}});
  }
  return {};
}

base::Result<void> FakeKernel::in_scratch_namespace(const std::function<void()>& work) {
  if (!has_scratch) return base::system_error("make a network namespace to try rules in", EPERM);
  auto kept = std::exchange(tables, {});
  auto kept_sets = std::exchange(sets_by_index, {});
  auto kept_fault = std::exchange(fault, {});
  work();
  tables = std::move(kept);
  sets_by_index = std::move(kept_sets);
  fault = std::move(kept_fault);
  return {};
}

base::Result<std::string> FakeKernel::read_setting(const std::string& path) {
  VM_TRY_VOID(step("read " + path));
  const auto found = settings.find(path);
  if (found == settings.end()) return base::system_error("read " + path, ENOENT);
  return found->second;
}

base::Result<void> FakeKernel::write_setting(const std::string& path, std::string_view value) {
  VM_TRY_VOID(step("write " + path));
  const auto found = settings.find(path);
  if (found == settings.end()) return base::system_error("write " + path, ENOENT);
  found->second = value;
  return {};
}

base::FileSystem& FakeKernel::files() { return file_system; }

base::Result<void> FakeKernel::try_nft(NftAbility ability) {
  const bool is_queue = ability == NftAbility::Queue;
  VM_TRY_VOID(step(is_queue ? "try nft queue" : "try nft"));
  const int code = is_queue && no_nft == 0 ? no_nft_queue : no_nft;
  if (code != 0) return base::system_error("load rules into nf_tables", code);
  return {};
}

base::Result<bool> FakeKernel::has_nft_chains() {
  VM_TRY_VOID(step("look for nft chains"));
  for (const auto& [family, table] : nft.tables)
    for (const auto& [name, chain] : table.chains)
      if (backend::nft::is_own_chain_name(name)) return true;
  return false;
}

base::Result<std::uint32_t> FakeKernel::nft_generation() {
  VM_TRY_VOID(step("nft generation"));
  return nft.generation;
}

base::Result<NftTable> FakeKernel::read_nft_table(net::Family family, NftParts) {
  VM_TRY_VOID(step(family == net::Family::Ipv4 ? "read nft4" : "read nft6"));
  return nft.read(family);
}

std::expected<void, NftRefusal> FakeKernel::commit_nft(std::span<const std::byte> transaction) {
  if (const auto done = step("commit nft"); !done) return std::unexpected(NftRefusal{done.error(), {}});
  return nft.commit(transaction);
}

base::Result<std::vector<NftCounter>> FakeKernel::nft_counters(net::Family family) {
  VM_TRY_VOID(step("nft counters"));
  return nft.counters[family];
}

base::Result<std::vector<ir::NfqueueTarget>> FakeKernel::nft_queues(net::Family family) {
  VM_TRY_VOID(step("nft queues"));
  return nft.queues[family];
}

base::Result<std::string> FakeKernel::print_nft_table(net::Family family) {
  VM_TRY_VOID(step("print nft"));
  return nft.printed[family];
}

base::Result<ForeignRules> FakeKernel::nft_rules_of_others() {
  VM_TRY_VOID(step("rules of others in nf_tables"));
  return nft_others;
}

base::Result<std::vector<std::uint32_t>> FakeKernel::connection_marks(std::uint32_t value, std::uint32_t mask) {
  VM_TRY_VOID(step("marks"));
  std::vector<std::uint32_t> found;
  std::ranges::copy_if(marks, std::back_inserter(found), [&](std::uint32_t mark) { return (mark & mask) == value; });
  return found;
}

base::Result<std::size_t> FakeKernel::end_connections(std::span<const net::Prefix> addresses) {
  VM_TRY_VOID(step("end connections"));
  ended.assign(addresses.begin(), addresses.end());
  return addresses.size();
}

base::Result<std::vector<LiveConnection>> FakeKernel::connections() {
  VM_TRY_VOID(step("connections"));
  return live;
}

base::Result<std::vector<int>> FakeKernel::change_connections(std::span<const ConnectionChange> changes) {
  VM_TRY_VOID(step("change connections"));
  std::vector<int> answers;
  for (const ConnectionChange& change : changes) {
    const auto found = std::ranges::find(live, change.original, &LiveConnection::original);
    if (found == live.end() || (!change.field && found->id != change.id)) {
      answers.push_back(ENOENT);
    } else if (const auto refused = refused_changes.find(found->id); refused != refused_changes.end()) {
      answers.push_back(refused->second);
    } else {
      answers.push_back(0);
      if (change.field)
        found->mark = (found->mark & ~change.mask) ^ *change.field;
      else
        live.erase(found);
    }
  }
  return answers;
}

base::Result<RoutingFacts> FakeKernel::routing_facts() {
  VM_TRY_VOID(step("routing facts"));
  return routing;
}

base::Result<std::vector<Route>> FakeKernel::find_routes(std::span<const net::Address> destinations) {
  VM_TRY_VOID(step("routes"));
  std::vector<Route> routes(destinations.size());
  if (route_to) std::ranges::transform(destinations, routes.begin(), route_to);
  return routes;
}

}  // namespace vuurmuur::apply::test
