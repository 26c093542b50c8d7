// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_image.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "apply/entry_layout.h"
#include "apply/table_errors.h"
#include "base/assert.h"
#include "base/zeroed.h"

namespace vuurmuur::apply {
namespace {

constexpr std::array<std::string_view, NF_INET_NUMHOOKS> kHookNames{"PREROUTING", "INPUT", "FORWARD", "OUTPUT",
                                                                    "POSTROUTING"};

constexpr std::size_t kTargetHead = sizeof(xt_entry_target);
constexpr std::size_t kStandardTarget = XT_ALIGN(sizeof(xt_standard_target));

/// The verdicts of a standard target by name; the kernel keeps -verdict - 1.
struct NamedVerdict {
  std::string_view name;
  std::int32_t value;
};
constexpr std::array kVerdicts{
    NamedVerdict{"ACCEPT", -NF_ACCEPT - 1},
    NamedVerdict{"DROP", -NF_DROP - 1},
    NamedVerdict{"QUEUE", -NF_QUEUE - 1},
    NamedVerdict{"RETURN", XT_RETURN},
};

/// An entry through its fields.
class Entry {
 public:
  Entry(const EntryLayout& layout, const std::byte* bytes) : layout_(layout), bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const { return load<std::uint16_t>(bytes_ + layout_.next_offset); }
  [[nodiscard]] std::size_t target_at() const { return load<std::uint16_t>(bytes_ + layout_.target_offset); }
  [[nodiscard]] Counters counters() const {
    const auto value = load<xt_counters>(bytes_ + layout_.counters);
    return {.packets = value.pcnt, .bytes = value.bcnt};
  }
  [[nodiscard]] std::string_view target_name() const { return {name(), ::strnlen(name(), XT_EXTENSION_MAXNAMELEN)}; }
  /// Whether it is the name of a user chain, or the end of the table.
  [[nodiscard]] bool is_name() const { return std::memcmp(name(), XT_ERROR_TARGET, sizeof XT_ERROR_TARGET) == 0; }
  /// Of a standard target.
  [[nodiscard]] std::int32_t verdict() const { return load<std::int32_t>(bytes_ + target_at() + kTargetHead); }
  [[nodiscard]] bool has_standard_target() const { return *name() == '\0' && size() - target_at() >= kStandardTarget; }

 private:
  [[nodiscard]] const char* name() const {
    return reinterpret_cast<const char*>(bytes_ + target_at() + offsetof(xt_entry_target, u.user.name));
  }

  EntryLayout layout_;
  const std::byte* bytes_;
};

void set_verdict(const EntryLayout& layout, std::byte* entry, std::int32_t verdict) {
  store(entry + Entry(layout, entry).target_at() + kTargetHead, verdict);
}

std::unexpected<base::Error> strange(const TableSnapshot& snapshot, std::string_view what) {
  return std::unexpected(
      base::Error{.message = "read " + describe(snapshot.family, snapshot.table) +
                             ": it has a form that no iptables program gives it: " + std::string(what),
                  .code = EINVAL});
}

}  // namespace

TableSnapshot snapshot_after(const TableSnapshot& before, const TableRequest& request) {
  const auto head = load<ipt_replace>(request.bytes.get());
  auto info = load<ipt_getinfo>(before.info.data());  // for the table's name
  info.valid_hooks = head.valid_hooks;
  info.num_entries = head.num_entries;
  info.size = head.size;
  // For hooks that the table has not got, the kernel has numbers of its own.
  for (unsigned hook = 0; hook < NF_INET_NUMHOOKS; ++hook) {
    if ((head.valid_hooks & (1U << hook)) == 0) continue;
    info.hook_entry[hook] = head.hook_entry[hook];
    info.underflow[hook] = head.underflow[hook];
  }
  const auto* info_bytes = reinterpret_cast<const std::byte*>(&info);
  return {.family = before.family,
          .table = before.table,
          .info = {info_bytes, info_bytes + sizeof info},
          .entries = {request.bytes, request.bytes.get() + sizeof head},
          .size = head.size};
}

/// Takes the snapshot of an image that has nothing else yet apart.
class TableImage::Reader {
 public:
  explicit Reader(TableImage& image)
      : image_(image), snapshot_(image.snapshot_), layout_(layout_of(image.snapshot_.family)) {
    image_.rules_.reserve(image_.info_.num_entries);
  }

  base::Result<void> run() {
    while (at_ < snapshot_.size) {
      VM_TRY_VOID(check_sizes());
      const Entry entry = here();
      VM_TRY_VOID(entry.is_name() ? read_name(entry) : read_rule(entry));
      at_ += entry.size();
      ++number_;
    }
    if (!is_complete_) return strange(snapshot_, "it has no end");
    if (number_ != image_.info_.num_entries) return strange(snapshot_, "the number of its entries is wrong");
    return find_destinations();
  }

 private:
  Entry here() const { return {layout_, snapshot_.entries.get() + at_}; }

  base::Result<void> check_sizes() const {
    const std::size_t left = snapshot_.size - at_;
    if (is_complete_ || left < layout_.size + kTargetHead) return strange(snapshot_, "entries behind its end");
    const Entry entry = here();
    if (entry.size() > left || entry.target_at() < layout_.size || entry.target_at() + kTargetHead > entry.size())
      return strange(snapshot_, "the sizes of an entry are wrong");
    return {};
  }

  /// An entry with the target ERROR: the name of a user chain, or the end of the table.
  base::Result<void> read_name(const Entry& entry) {
    if (chain_) VM_TRY_VOID(end_user_chain());
    if (at_ + entry.size() == snapshot_.size) {
      is_complete_ = true;
      return {};
    }
    if (entry.size() - entry.target_at() < sizeof(xt_error_target)) return strange(snapshot_, "a chain without a name");
    const char* name = reinterpret_cast<const char*>(snapshot_.entries.get() + at_ + entry.target_at() +
                                                     offsetof(xt_error_target, errorname));
    std::string text(name, ::strnlen(name, XT_FUNCTION_MAXNAMELEN));
    if (image_.find(text)) return strange(snapshot_, "two chains named '" + text + "'");
    begin_chain(std::move(text), at_ + entry.size()).old_head = number_;
    return {};
  }

  Chain& begin_chain(std::string name, std::size_t start) {
    chain_ = image_.add_chain(std::move(name));
    image_.starts_.emplace_back(static_cast<std::uint32_t>(start), *chain_);
    Chain& chain = image_.chains_[*chain_];
    chain.begin = chain.end = static_cast<std::uint32_t>(image_.rules_.size());
    return chain;
  }

  base::Result<void> read_rule(const Entry& entry) {
    for (unsigned hook = 0; hook < NF_INET_NUMHOOKS; ++hook) {
      if ((image_.info_.valid_hooks & (1U << hook)) == 0 || image_.info_.hook_entry[hook] != at_) continue;
      if (chain_) return strange(snapshot_, "a chain without an end");
      begin_chain(std::string(kHookNames[hook]), at_).hook = hook;
    }
    if (!chain_) return strange(snapshot_, "rules outside of chains");
    Chain& chain = image_.chains_[*chain_];
    if (chain.hook && image_.info_.underflow[*chain.hook] == at_) return end_builtin_chain(chain, entry);
    image_.rules_.push_back({.entry = const_cast<std::byte*>(snapshot_.entries.get()) + at_,
                             .old_entry = number_,
                             .leads_to = kNowhere,
                             .size = static_cast<std::uint32_t>(entry.size())});
    ++chain.end;
    return {};
  }

  base::Result<void> end_builtin_chain(Chain& chain, const Entry& entry) {
    if (!entry.has_standard_target() || (entry.verdict() != -NF_ACCEPT - 1 && entry.verdict() != -NF_DROP - 1))
      return strange(snapshot_, "chain " + chain.name + " has a policy that is neither ACCEPT nor DROP");
    chain.drop = entry.verdict() == -NF_DROP - 1;
    chain.policy_counters = entry.counters();
    chain.old_end = number_;
    chain_.reset();
    return {};
  }

  /// The last rule of a user chain is its final RETURN.
  base::Result<void> end_user_chain() {
    Chain& chain = image_.chains_[*chain_];
    if (chain.hook || chain.begin == chain.end) return strange(snapshot_, "chain " + chain.name + " has no end");
    const Rule last = image_.rules_.back();
    const Entry entry(layout_, last.entry);
    if (!entry.has_standard_target() || entry.target_at() != layout_.size || entry.verdict() != XT_RETURN)
      return strange(snapshot_, "chain " + chain.name + " has no RETURN at its end");
    chain.old_end = last.old_entry;
    image_.rules_.pop_back();
    --chain.end;
    chain_.reset();
    return {};
  }

  base::Result<void> find_destinations() {
    for (Chain& chain : image_.chains_) {
      for (std::uint32_t i = chain.begin; i < chain.end; ++i) {
        const auto destination = image_.destination_of_old(image_.rules_[i].entry);
        if (!destination)
          return strange(snapshot_, "a rule of chain " + chain.name + " leads into the middle of a chain");
        image_.rules_[i].leads_to = *destination;
      }
      image_.count_references(chain, +1);
    }
    return {};
  }

  TableImage& image_;
  const TableSnapshot& snapshot_;
  EntryLayout layout_;
  std::size_t at_ = 0;
  std::uint32_t number_ = 0;
  std::optional<std::uint32_t> chain_;  ///< the one being read
  bool is_complete_ = false;
};

/// Puts an image together.
class TableImage::Writer {
 public:
  explicit Writer(const TableImage& image)
      : image_(image), layout_(layout_of(image.snapshot_.family)), order_(image.chains_in_order()) {}

  base::Result<TableRequest> run() {
    VM_TRY_VOID(place_chains());
    request_.size = sizeof(ipt_replace) + size_;
    request_.bytes = place_around_entries();
    if (!request_.bytes) {
      is_in_place_.assign(image_.chains_.size(), false);
      request_.bytes = base::zeroed(request_.size);
    }
    if (!request_.bytes) return base::system_error("put a table together", ENOMEM);
    entries_begin_ = request_.bytes.get() + sizeof(ipt_replace);
    request_.old_entries.reserve(entries_);
    for (const std::uint32_t number : order_) write_chain(number);
    write_name(XT_ERROR_TARGET, kFromZero);
    VM_ASSERT(at_ == size_ && request_.old_entries.size() == entries_);
    store(request_.bytes.get(), head());
    return std::move(request_);
  }

 private:
  /// Where each chain's first entry will be, and how large all is.
  base::Result<void> place_chains() {
    starts_.resize(image_.chains_.size());
    for (const std::uint32_t number : order_) {
      const Chain& chain = image_.chains_[number];
      if (!chain.hook) size_ += layout_.name_size, ++entries_;
      starts_[number] = size_;
      for (std::uint32_t i = chain.begin; i < chain.end; ++i) size_ += image_.rules_[i].size;
      size_ += layout_.verdict_size;
      entries_ += chain.end - chain.begin + 1;
    }
    size_ += layout_.name_size;
    ++entries_;
    return check_table_size(image_.snapshot_.family, image_.snapshot_.table, entries_, size_);
  }

  /// The request's memory, if all user chains that were given stand in one block as far from each other as they have
  /// to, and what comes before and behind them finds room there; else null.
  std::shared_ptr<std::byte[]> place_around_entries() {
    const backend::EntryBlock* block = nullptr;
    std::byte* begin = nullptr;  // of the request
    is_in_place_.assign(image_.chains_.size(), false);
    for (const std::uint32_t number : order_) {
      const Chain& chain = image_.chains_[number];
      if (chain.hook || chain.bytes == nullptr) continue;
      std::byte* const wanted = chain.bytes - starts_[number] - sizeof(ipt_replace);
      if (block == nullptr) block = image_.block_of(chain.bytes), begin = wanted;
      if (block == nullptr || wanted != begin) return nullptr;
      is_in_place_[number] = true;
    }
    if (block == nullptr) return nullptr;
    const std::less_equal<> before;
    const std::byte* const end = block->room.data() + block->room.size();
    if (!before(block->room.data(), begin) || !before(begin + request_.size, end)) return nullptr;
    return {block->owner, begin};
  }

  [[nodiscard]] ipt_replace head() const {
    ipt_replace head{};
    head.valid_hooks = image_.info_.valid_hooks;
    head.num_entries = static_cast<unsigned>(entries_);
    head.size = static_cast<unsigned>(size_);
    std::ranges::copy(hook_entry_, head.hook_entry);
    std::ranges::copy(underflow_, head.underflow);
    return head;
  }

  [[nodiscard]] std::byte* here() { return entries_begin_ + at_; }

  void write_chain(std::uint32_t number) {
    const Chain& chain = image_.chains_[number];
    if (chain.hook)
      hook_entry_[*chain.hook] = static_cast<unsigned>(at_);
    else
      write_name(chain.name, chain.old_head);
    for (std::uint32_t i = chain.begin; i < chain.end; ++i) write_rule(image_.rules_[i], is_in_place_[number]);
    if (chain.hook) underflow_[*chain.hook] = static_cast<unsigned>(at_);
    const int policy = chain.drop ? -NF_DROP - 1 : -NF_ACCEPT - 1;
    write_verdict(chain.hook ? policy : XT_RETURN, chain.old_end);
  }

  void write_rule(const Rule& rule, bool is_in_place) {
    const std::size_t size = rule.size;
    if (!is_in_place) std::memcpy(here(), rule.entry, size);
    if (rule.leads_to != kNowhere) {
      const std::size_t to = rule.leads_to == kNextRule ? at_ + size : starts_[static_cast<std::size_t>(rule.leads_to)];
      set_verdict(layout_, here(), static_cast<std::int32_t>(to));
    }
    done(size, rule.old_entry);
  }

  void write_verdict(std::int32_t verdict, std::uint32_t old_entry) {
    begin_entry(layout_.verdict_size, "");
    set_verdict(layout_, here(), verdict);
    done(layout_.verdict_size, old_entry);
  }

  void write_name(std::string_view name, std::uint32_t old_entry) {
    begin_entry(layout_.name_size, XT_ERROR_TARGET);
    std::memcpy(here() + layout_.size + offsetof(xt_error_target, errorname), name.data(), name.size());
    done(layout_.name_size, old_entry);
  }

  /// An entry without conditions, in bytes that are zero.
  void begin_entry(std::size_t size, std::string_view target) {
    store(here() + layout_.target_offset, static_cast<std::uint16_t>(layout_.size));
    store(here() + layout_.next_offset, static_cast<std::uint16_t>(size));
    store(here() + layout_.size, static_cast<std::uint16_t>(size - layout_.size));
    std::memcpy(here() + layout_.size + offsetof(xt_entry_target, u.user.name), target.data(), target.size());
  }

  void done(std::size_t size, std::uint32_t old_entry) {
    at_ += size;
    request_.old_entries.push_back(old_entry);
  }

  const TableImage& image_;
  EntryLayout layout_;
  std::vector<std::uint32_t> order_;
  std::vector<std::size_t> starts_;
  std::size_t size_ = 0, entries_ = 0;
  std::size_t at_ = 0;
  std::array<unsigned, NF_INET_NUMHOOKS> hook_entry_{}, underflow_{};
  TableRequest request_;
  std::byte* entries_begin_ = nullptr;
  std::vector<bool> is_in_place_;  ///< of chains by their number
};

TableImage::TableImage(TableSnapshot snapshot)
    : snapshot_(std::move(snapshot)), info_(load<ipt_getinfo>(snapshot_.info.data())) {}

base::Result<TableImage> TableImage::read(TableSnapshot snapshot) {
  TableImage image(std::move(snapshot));
  VM_TRY_VOID(Reader(image).run());
  return image;
}

std::vector<std::string> TableImage::chains() const {
  std::vector<std::string> names;
  names.reserve(chains_.size());
  for (const std::uint32_t number : chains_in_order()) names.push_back(chains_[number].name);
  return names;
}

std::vector<std::uint32_t> TableImage::chains_in_order() const {
  std::vector<std::uint32_t> order;
  order.reserve(chains_.size());
  for (std::uint32_t number = 0; number < chains_.size(); ++number)
    if (!chains_[number].is_deleted) order.push_back(number);
  const auto stands_before = [&](std::uint32_t a, std::uint32_t b) {
    const Chain &left = chains_[a], &right = chains_[b];
    if (left.hook || right.hook) return left.hook.value_or(NF_INET_NUMHOOKS) < right.hook.value_or(NF_INET_NUMHOOKS);
    return left.name < right.name;
  };
  // In a table that was read or filled by us they mostly are.
  if (!std::ranges::is_sorted(order, stands_before)) std::ranges::sort(order, stands_before);
  return order;
}

std::optional<Policy> TableImage::policy(std::string_view name) const {
  const auto number = find(name);
  if (!number || !chains_[*number].hook) return std::nullopt;
  return Policy{.drop = chains_[*number].drop, .counters = chains_[*number].policy_counters};
}

std::pair<std::uint32_t, std::uint32_t> TableImage::rules_of(std::string_view name) const {
  const auto number = find(name);
  if (!number) return {0, 0};
  return {chains_[*number].begin, chains_[*number].end};
}

std::string_view TableImage::target_of(const std::byte* bytes) const {
  const Entry entry(layout_of(snapshot_.family), bytes);
  if (!entry.has_standard_target()) return entry.target_name();
  for (const NamedVerdict& verdict : kVerdicts)
    if (verdict.value == entry.verdict()) return verdict.name;
  const Destination destination = is_old(bytes) ? destination_of_old(bytes).value_or(kNextRule) : entry.verdict();
  if (destination == kNextRule || destination == kNowhere) return {};
  return chains_[static_cast<std::size_t>(destination)].name;
}

unsigned TableImage::references(std::string_view name) const {
  const auto number = find(name);
  return number ? chains_[*number].references : 0;
}

std::optional<std::uint32_t> TableImage::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

base::Result<std::uint32_t> TableImage::existing(const std::string& name, std::string_view doing) const {
  if (const auto number = find(name)) return *number;
  return base::system_error(std::string(doing) + " chain " + name, ENOENT);
}

std::uint32_t TableImage::add_chain(std::string name) {
  const auto number = static_cast<std::uint32_t>(chains_.size());
  chains_.emplace_back().name = std::move(name);
  by_name_.emplace(chains_.back().name, number);
  last_meaning_.reset();
  return number;
}

base::Result<void> TableImage::create_chain(const std::string& name) {
  if (name.size() >= XT_FUNCTION_MAXNAMELEN)
    return base::failure("the name of chain '" + name + "' is too long for the kernel");
  const bool is_verdict = std::ranges::find(kVerdicts, name, &NamedVerdict::name) != kVerdicts.end();
  if (is_verdict || find(name)) return base::system_error("make chain " + name, EEXIST);
  add_chain(name);
  is_changed_ = true;
  return {};
}

base::Result<void> TableImage::delete_chain(const std::string& name) {
  Chain& chain = chains_[VM_TRY(existing(name, "delete"))];
  if (chain.hook) return base::system_error("delete chain " + name, EINVAL);
  if (chain.references != 0) return base::system_error("delete chain " + name, EMLINK);
  if (chain.begin != chain.end) return base::system_error("delete chain " + name, ENOTEMPTY);
  by_name_.erase(chain.name);
  last_meaning_.reset();
  chain.is_deleted = true;
  is_changed_ = true;
  return {};
}

base::Result<void> TableImage::set_rules(const std::string& name, backend::EntryBlock entries,
                                         std::span<const RulePlan> plan) {
  Chain& chain = chains_[VM_TRY(existing(name, "fill"))];
  const EntryLayout layout = layout_of(snapshot_.family);
  const auto begin = static_cast<std::uint32_t>(rules_.size());
  const std::uint32_t old_begin = chain.begin, old_count = chain.end - chain.begin;
  std::byte* next = entries.bytes.data();
  for (const RulePlan& planned : plan) {
    VM_ASSERT(planned.position().value_or(0) < std::max(old_count, 1U));
    const Rule* const old = planned.position() ? &rules_[old_begin + *planned.position()] : nullptr;
    if (planned.is_kept()) {
      rules_.push_back(Rule(*old));
      continue;
    }
    const std::uint32_t old_entry = old == nullptr ? kFromZero : old->old_entry;
    auto destination = resolve(next);
    if (!destination) {
      rules_.resize(begin);
      return std::unexpected(std::move(destination.error()).within("fill chain " + name));
    }
    const std::size_t size = Entry(layout, next).size();
    rules_.push_back(
        {.entry = next, .old_entry = old_entry, .leads_to = *destination, .size = static_cast<std::uint32_t>(size)});
    next += size;
  }
  count_references(chain, -1);
  chain.begin = begin;
  chain.end = static_cast<std::uint32_t>(rules_.size());
  count_references(chain, +1);
  const bool is_one_piece = std::ranges::none_of(plan, &RulePlan::is_kept);
  chain.bytes = is_one_piece ? entries.bytes.data() : nullptr;
  if (added_.empty() || added_.back().owner != entries.owner) added_.push_back(std::move(entries));
  is_changed_ = true;
  return {};
}

base::Result<void> TableImage::set_policy(const std::string& name, bool drop) {
  Chain& chain = chains_[VM_TRY(existing(name, "set the policy of"))];
  if (!chain.hook) return base::system_error("set the policy of chain " + name, EINVAL);
  chain.drop = drop;
  is_changed_ = true;
  return {};
}

base::Result<TableRequest> TableImage::request() const { return Writer(*this).run(); }

std::vector<CounterHeir> TableImage::heirs() const {
  std::vector<bool> is_claimed(info_.num_entries);
  std::vector<NumberedRule> gone, added;
  std::uint32_t number = 0;
  for (const std::uint32_t place : chains_in_order()) {
    const Chain& chain = chains_[place];
    if (!chain.hook) ++number;  // its name
    for (std::uint32_t i = chain.begin; i < chain.end; ++i, ++number) {
      const Rule& rule = rules_[i];
      if (rule.old_entry != kFromZero) is_claimed[rule.old_entry] = true;
      if (!is_old(rule.entry)) added.push_back({.number = number, .entry = rule.entry, .does = deed_of(rule)});
    }
    ++number;  // its policy or final RETURN
  }
  for (const Rule& rule : rules_)
    if (is_old(rule.entry) && !is_claimed[rule.old_entry])
      gone.push_back({.number = rule.old_entry, .entry = rule.entry, .does = deed_of(rule)});
  return find_counter_heirs(snapshot_.family, gone, added);
}

const backend::EntryBlock* TableImage::block_of(const std::byte* entry) const {
  const std::less_equal<> before;
  for (const backend::EntryBlock& block : added_)
    if (before(block.room.data(), entry) && before(entry, block.room.data() + block.room.size())) return &block;
  return nullptr;
}

bool TableImage::is_old(const std::byte* entry) const {
  const std::less<> before;
  return !before(entry, snapshot_.entries.get()) && before(entry, snapshot_.entries.get() + snapshot_.size);
}

std::optional<TableImage::Destination> TableImage::destination_of_old(const std::byte* bytes) const {
  const Entry entry(layout_of(snapshot_.family), bytes);
  if (!entry.has_standard_target() || entry.verdict() < 0) return kNowhere;
  const auto to = static_cast<std::uint32_t>(entry.verdict());
  if (to == static_cast<std::size_t>(bytes - snapshot_.entries.get()) + entry.size()) return kNextRule;
  const auto start = std::ranges::lower_bound(starts_, to, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
  if (start == starts_.end() || start->first != to) return std::nullopt;
  return static_cast<Destination>(start->second);
}

TableImage::Meaning TableImage::meaning_of(std::string_view target) const {
  if (target.empty()) return {.verdict = kNextRule, .leads_to = kNextRule};
  for (const NamedVerdict& verdict : kVerdicts)
    if (verdict.name == target) return {.verdict = verdict.value};
  const auto chain = find(target);
  if (!chain) return {};
  const auto number = static_cast<Destination>(*chain);
  return {.verdict = number, .leads_to = number};
}

base::Result<TableImage::Destination> TableImage::resolve(std::byte* bytes) {
  const Entry entry(layout_of(snapshot_.family), bytes);
  const std::size_t target_at = entry.target_at();
  std::byte* const name = bytes + target_at + offsetof(xt_entry_target, u.user.name);
  if (!last_meaning_ || std::memcmp(last_target_.data(), name, last_target_.size()) != 0) {
    last_meaning_ = meaning_of(entry.target_name());
    std::memcpy(last_target_.data(), name, last_target_.size());
  }
  if (!last_meaning_->verdict) return kNowhere;
  const Destination to = last_meaning_->leads_to;
  const bool is_hook = to >= 0 && to != kNextRule && chains_[static_cast<std::size_t>(to)].hook;
  if (is_hook || entry.size() - target_at != kStandardTarget)
    return base::system_error("lead to '" + std::string(entry.target_name()) + "'", EINVAL);
  std::memset(name, 0, XT_EXTENSION_MAXNAMELEN);
  store(bytes + target_at + kTargetHead, *last_meaning_->verdict);
  return to;
}

std::string_view TableImage::deed_of(const Rule& rule) const {
  if (rule.leads_to != kNowhere) return {};
  const Entry entry(layout_of(snapshot_.family), rule.entry);
  if (!entry.has_standard_target()) return entry.target_name();
  const auto verdict = std::ranges::find(kVerdicts, entry.verdict(), &NamedVerdict::value);
  return verdict == kVerdicts.end() ? std::string_view() : verdict->name;
}

void TableImage::count_references(const Chain& chain, int change) {
  for (std::uint32_t i = chain.begin; i < chain.end; ++i) {
    const Destination to = rules_[i].leads_to;
    if (to != kNowhere && to != kNextRule)
      chains_[static_cast<std::size_t>(to)].references += static_cast<unsigned>(change);
  }
}

}  // namespace vuurmuur::apply
