// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/blocks.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "history/store_lock.h"

namespace vuurmuur::control {
namespace {

using apply::TimedChange;
using apply::TimedElement;

constexpr std::array kEngines{apply::Backend::Xtables, apply::Backend::Nft};

bool is_host(const net::Prefix& prefix) { return prefix.length == net::address_bits(prefix.family()); }

/// Of a set, by its name.
net::Family family_of(std::string_view set) {
  return set.starts_with(std::string(ir::kOwnSetPrefix) + "4") ? net::Family::Ipv4 : net::Family::Ipv6;
}

/// Networks that are blocked: those of the log, with what a change has made of some of them.
class Networks {
 public:
  Networks(const BlockLog::Entries& logged, std::int64_t now) : logged_(logged), now_(now) {}

  void set(const net::Prefix& network, std::int64_t deadline) { changed_[network] = deadline; }
  void remove(const net::Prefix& network) { changed_[network] = now_; }

  /// All that are in the outermost one around a network, and that one.
  [[nodiscard]] std::vector<TimedElement> around(const net::Prefix& network) const {
    net::Prefix outermost = network;
    for (std::uint8_t length = 1; length < network.length && outermost == network; ++length) {
      const net::Prefix outer = net::Prefix{.address = network.address, .length = length}.network();
      if (deadline_of(outer) > now_) outermost = outer;
    }
    std::vector<TimedElement> found;
    for (const BlockLog::Entries* entries : {&logged_, &changed_}) {
      for (auto at = entries->lower_bound({.address = outermost.address, .length = 0}); at != entries->end(); ++at) {
        if (!outermost.contains(at->first.address)) break;
        if (!outermost.contains(at->first) || at->second <= now_) continue;
        if (entries == &changed_ || !changed_.contains(at->first))
          found.push_back({.prefix = at->first, .deadline = at->second});
      }
    }
    return found;
  }

 private:
  [[nodiscard]] std::int64_t deadline_of(const net::Prefix& network) const {
    if (const auto changed = changed_.find(network); changed != changed_.end()) return changed->second;
    const auto logged = logged_.find(network);
    return logged == logged_.end() ? now_ : logged->second;
  }

  const BlockLog::Entries& logged_;
  BlockLog::Entries changed_;
  std::int64_t now_;
};

}  // namespace

struct Blocks::Change {
  std::vector<TimedElement> hosts, networks;
  std::vector<net::Prefix> gone_hosts, gone_networks;
};

base::Result<BlockReport> Blocks::block(std::span<const net::Prefix> prefixes, std::optional<std::chrono::seconds> time,
                                        bool kill) {
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::Yes));
  const std::int64_t now = clock_.now().nanoseconds;
  Change change;
  std::vector<TimedElement> all;
  for (const net::Prefix& prefix : prefixes) {
    TimedElement element{.prefix = prefix};
    if (time) element.deadline = now + std::chrono::nanoseconds(*time).count();
    (is_host(prefix) ? change.hosts : change.networks).push_back(element);
    all.push_back(element);
  }
  // Who is blocked already matters for networks only; reading it takes time when there are many.
  if (!change.networks.empty()) VM_TRY_VOID(log_.refresh(/*may_write=*/true));
  BlockReport report{.is_in_force = VM_TRY(change_everywhere(change)), .changed = prefixes.size()};
  const auto written = log_.append(all, {});
  if (kill) report.ended_connections = VM_TRY(kernel_.end_connections(prefixes));
  if (!written) return std::unexpected(written.error());
  return report;
}

base::Result<BlockReport> Blocks::unblock(std::span<const net::Prefix> prefixes) {
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::Yes));
  VM_TRY_VOID(log_.refresh(/*may_write=*/true));
  const std::int64_t now = clock_.now().nanoseconds;
  Change change;
  std::vector<net::Prefix> gone;
  for (const net::Prefix& prefix : prefixes) {
    const auto& entries = is_host(prefix) ? log_.hosts() : log_.networks();
    const auto found = entries.find(prefix);
    if (found == entries.end() || found->second <= now) continue;
    (is_host(prefix) ? change.gone_hosts : change.gone_networks).push_back(prefix);
    gone.push_back(prefix);
  }
  BlockReport report{.is_in_force = VM_TRY(change_everywhere(change)), .changed = gone.size()};
  if (!gone.empty()) VM_TRY_VOID(log_.append({}, gone));
  return report;
}

base::Result<Baits::Report> Blocks::lead(std::span<const net::Address> addresses, const std::string& to,
                                         std::optional<std::chrono::seconds> time) {
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::Yes));
  return baits_.lead(addresses, to, time);
}

base::Result<std::size_t> Blocks::release(std::span<const net::Address> addresses) {
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::Yes));
  return baits_.release(addresses);
}

base::Result<std::vector<Block>> Blocks::list() {
  VM_TRY_VOID(log_.refresh(/*may_write=*/false));
  const std::int64_t now = clock_.now().nanoseconds;
  std::vector<Block> blocks;
  for (const TimedElement& element : live_entries(now)) {
    Block block{.prefix = element.prefix, .left = {}};
    if (element.deadline != TimedElement::kForever) block.left = std::chrono::nanoseconds(element.deadline - now);
    blocks.push_back(block);
  }
  std::ranges::sort(blocks, {}, &Block::prefix);
  return blocks;
}

base::Result<void> Blocks::fill(const ir::Ruleset& ruleset, apply::Backend backend, TimedSets those_there) {
  if (std::ranges::none_of(ruleset.sets, &ir::Set::is_timed)) return {};
  const auto filled = [&]() -> base::Result<void> {
    const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::Yes));
    VM_TRY_VOID(log_.refresh(/*may_write=*/true));
    const std::vector<TimedElement> elements = live_entries(clock_.now().nanoseconds);
    for (const net::Family family : net::kFamilies) {
      const auto is_of_family = [&](const TimedElement& element) { return element.prefix.family() == family; };
      if (!kernel_.has_family(family)) continue;
      const bool is_there = VM_TRY(apply::has_timed_sets(kernel_, backend, family));
      // Sets that are missing are made empty with the rules.
      if (is_there ? those_there == TimedSets::Keep : std::ranges::none_of(elements, is_of_family)) continue;
      VM_TRY_VOID(apply::fill_timed_sets(kernel_, backend, family, elements));
    }
    return baits_.fill(ruleset, backend, those_there == TimedSets::Refill);
  }();
  if (filled) return {};
  return std::unexpected(base::Error(filled.error()).within("not everybody who was blocked is blocked again"));
}

base::Result<std::vector<std::string>> Blocks::changed_sets() {
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::No));
  VM_TRY_VOID(log_.refresh(/*may_write=*/false));
  std::vector<std::string> changed;
  const auto sets = VM_TRY(kernel_.sets());
  for (const apply::KernelSet& set : sets)
    for (const net::Family family : net::kFamilies)
      for (const ir::SetUse use : {ir::SetUse::TimedHosts, ir::SetUse::TimedNetworks}) {
        if (set.name != ir::timed_set(family, use).name) continue;
        const auto& entries = use == ir::SetUse::TimedHosts ? log_.hosts() : log_.networks();
        if (!VM_TRY(is_as_logged(set, family, entries))) changed.push_back(set.name);
      }
  for (const auto& [name, entries] : VM_TRY(baits_.entries_of_sets()))
    for (const apply::KernelSet& set : sets)
      if (set.name == name && !VM_TRY(is_as_logged(set, family_of(name), entries))) changed.push_back(name);
  return changed;
}

/// Those whose time is over just now may be there or not: ip_set counts in seconds.
base::Result<bool> Blocks::is_as_logged(const apply::KernelSet& set, net::Family family,
                                        const BlockLog::Entries& entries) {
  constexpr std::int64_t kUnsure = 2'000'000'000;
  const std::int64_t now = clock_.now().nanoseconds;
  std::size_t fewest = 0, most = 0;
  for (const auto& [prefix, deadline] : entries) {
    if (prefix.family() != family) continue;
    fewest += deadline > now + kUnsure ? 1 : 0;
    most += deadline > now - kUnsure ? 1 : 0;
  }
  if (set.elements < fewest || set.elements > most) return false;
  if (set.elements > kMostCompared) return true;
  std::size_t sure = 0;
  for (const apply::SetMember& member : VM_TRY(kernel_.read_set(set.name))) {
    const auto entry = member.element.source ? entries.find(*member.element.source) : entries.end();
    if (entry == entries.end() || entry->second <= now - kUnsure) return false;
    sure += entry->second > now + kUnsure ? 1 : 0;
  }
  return sure == fewest;
}

base::Result<void> Blocks::drop_unused(const ir::Ruleset& ruleset, apply::Backend backend) {
  if (std::ranges::none_of(ruleset.sets, &ir::Set::is_timed)) return {};
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory_, "blocks.lock", history::Wait::Yes));
  for (const net::Family family : net::kFamilies)
    if (kernel_.has_family(family)) VM_TRY_VOID(apply::drop_unused_timed_sets(kernel_, backend, family, ruleset.sets));
  return {};
}

std::vector<TimedElement> Blocks::live_entries(std::int64_t now) const {
  std::vector<TimedElement> live;
  for (const BlockLog::Entries* entries : {&log_.hosts(), &log_.networks()})
    for (const auto& [prefix, deadline] : *entries)
      if (deadline > now) live.push_back({.prefix = prefix, .deadline = deadline});
  return live;
}

/// Whether an engine has the sets.
base::Result<bool> Blocks::change_everywhere(const Change& change) {
  bool is_in_force = false;
  for (const apply::Backend backend : kEngines) {
    // Mostly only one engine has them.
    if (backend == apply::Backend::Nft && is_in_force && !VM_TRY(has_nft_sets())) continue;
    TimedChange done = VM_TRY(change_in(backend, change));
    if (done == TimedChange::Elsewhere)
      return base::failure(
          "the sets of who is blocked were changed by another program; 'vuurmuur clear' and 'vuurmuur "
          "restore' make them anew");
    is_in_force |= done == TimedChange::Done;
  }
  return is_in_force;
}

base::Result<bool> Blocks::has_nft_sets() {
  for (const net::Family family : net::kFamilies)
    if (VM_TRY(apply::has_nft_timed_sets(kernel_, family))) return true;
  return false;
}

base::Result<TimedChange> Blocks::change_in(apply::Backend backend, const Change& change) {
  TimedChange done = TimedChange::NoSets;
  if (!change.hosts.empty()) {
    done = VM_TRY(apply::add_timed_hosts(kernel_, backend, change.hosts));
    if (done != TimedChange::Done) return done;
  }
  if (!change.gone_hosts.empty()) {
    done = VM_TRY(apply::remove_timed_hosts(kernel_, backend, change.gone_hosts));
    if (done != TimedChange::Done) return done;
  }
  if (change.networks.empty() && change.gone_networks.empty()) return done;
  if (backend == apply::Backend::Nft) return change_nft_networks(change);
  for (const net::Family family : net::kFamilies) {
    std::vector<TimedElement> before, after;
    for (const net::Prefix& gone : change.gone_networks)
      if (gone.family() == family) before.push_back({.prefix = gone});
    for (const TimedElement& network : change.networks)
      if (network.prefix.family() == family) after.push_back(network);
    if (before.empty() && after.empty()) continue;
    done = VM_TRY(apply::change_timed_networks(kernel_, backend, before, after));
    if (done != TimedChange::Done) return done;
  }
  return done;
}

base::Result<TimedChange> Blocks::change_nft_networks(const Change& change) {
  Networks networks(log_.networks(), clock_.now().nanoseconds);
  TimedChange done = TimedChange::NoSets;
  const auto exchange = [&](const net::Prefix& network, const auto& edit) -> base::Result<bool> {
    // The outermost of both: a network that comes may be around those that are there, and one that goes may leave some.
    std::vector<TimedElement> before = networks.around(network);
    edit();
    done = VM_TRY(apply::change_timed_networks(kernel_, apply::Backend::Nft, before, networks.around(network)));
    return done == TimedChange::Done;
  };
  for (const net::Prefix& gone : change.gone_networks)
    if (!VM_TRY(exchange(gone, [&] { networks.remove(gone); }))) return done;
  for (const TimedElement& network : change.networks)
    if (!VM_TRY(exchange(network.prefix, [&] { networks.set(network.prefix, network.deadline); }))) return done;
  return done;
}

}  // namespace vuurmuur::control
