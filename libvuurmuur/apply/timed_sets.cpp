// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/timed_sets.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>

#include "apply/timed_networks.h"
#include "backend/nft_batch.h"
#include "backend/nft_names.h"
#include "backend/nft_sets.h"
#include "base/poll_loop.h"

namespace vuurmuur::apply {
namespace {

using backend::nft::Batch;
using backend::nft::ElementChange;

/// So many elements go in one transaction: a process in a container may not send more than net.core.wmem_max (212,992
/// by default) at once, and nothing has to change at one moment here.
constexpr std::size_t kAtOnce = 1500;
/// How often a change is tried anew because elements went meanwhile.
constexpr int kTries = 4;
/// An element that has less time left than this may be gone before the kernel looks.
constexpr std::int64_t kAboutToGo = 50'000'000;

/// A timed set with these elements, alone in a program of its family.
backend::nft::Program program_of(const ir::Set& set, std::span<const TimedSpan> spans) {
  backend::nft::Program program{.family = set.family, .counters = {}, .helpers = {}, .sets = {}, .chains = {}};
  program.sets.push_back(backend::nft::make_set(set, {}, {}, {}));
  const std::int64_t now = base::boottime();
  for (const TimedSpan& span : spans) {
    auto& element = program.sets.front().elements.emplace_back();
    backend::nft::append_address(element.first, span.first);
    backend::nft::append_address(element.last, span.last);
    element.timeout_ms = milliseconds_left(span.deadline, now);
  }
  return program;
}

std::vector<TimedSpan> spans_of(std::span<const TimedElement> hosts, net::Family family) {
  std::vector<TimedSpan> spans;
  for (const TimedElement& host : hosts)
    if (host.prefix.family() == family)
      spans.push_back({.first = host.prefix.address, .last = host.prefix.address, .deadline = host.deadline});
  return spans;
}

/// The errno of the first message that was refused; 0 for none, ENOENT also when there is no nf_tables at all.
base::Result<int> commit(Kernel& kernel, Batch& batch) {
  const auto done = kernel.commit_nft(batch.finish());
  if (done) return 0;
  const int code = done.error().error.code;
  const bool is_about_whole = !done.error().faults.empty() && done.error().faults.front().sequence == 0;
  if (is_about_whole && means_no_nf_tables(done.error().error)) return ENOENT;
  if (code == ENOENT || code == EEXIST || code == ENOTEMPTY) return code;
  return std::unexpected(base::Error(done.error().error).within("change who is blocked"));
}

base::Result<bool> has_nft_set(Kernel& kernel, const ir::Set& set) {
  const auto table = VM_TRY(kernel.read_nft_table(set.family, NftParts::ChainsAndSets));
  return std::ranges::find(table.content.sets, set.name) != table.content.sets.end();
}

/// Taken out first where one is there, because a kernel before 6.12 changes no element's time.
base::Result<TimedChange> put_nft_host(Kernel& kernel, const ir::Set& set, const TimedSpan& host) {
  for (int tries = 0; tries < kTries; ++tries) {
    const auto program = program_of(set, {&host, 1});
    Batch add;
    add.change_elements(program, ElementChange::Add);
    const int refused = VM_TRY(commit(kernel, add));
    if (refused == 0) return TimedChange::Done;
    if (refused == ENOENT) return TimedChange::NoSets;
    Batch exchange;
    exchange.change_elements(program, ElementChange::Remove);
    exchange.change_elements(program, ElementChange::Add);
    if (VM_TRY(commit(kernel, exchange)) == 0) return TimedChange::Done;
  }
  return TimedChange::Elsewhere;
}

base::Result<TimedChange> add_nft_hosts(Kernel& kernel, const ir::Set& set, std::span<const TimedElement> hosts) {
  const std::vector<TimedSpan> spans = spans_of(hosts, set.family);
  for (std::size_t i = 0; i < spans.size(); i += kAtOnce) {
    const auto some = std::span(spans).subspan(i, std::min(kAtOnce, spans.size() - i));
    Batch batch;
    batch.change_elements(program_of(set, some), ElementChange::Add);
    const int refused = VM_TRY(commit(kernel, batch));
    if (refused == 0) continue;
    if (refused == ENOENT) return TimedChange::NoSets;
    for (const TimedSpan& span : some)
      if (const TimedChange put = VM_TRY(put_nft_host(kernel, set, span)); put != TimedChange::Done) return put;
  }
  return TimedChange::Done;
}

base::Result<TimedChange> remove_nft_hosts(Kernel& kernel, const ir::Set& set, std::span<const net::Prefix> hosts) {
  bool is_any_missing = false;
  for (const net::Prefix& host : hosts) {
    if (host.family() != set.family) continue;
    const TimedSpan span{.first = host.address, .last = host.address};
    Batch batch;
    batch.change_elements(program_of(set, {&span, 1}), ElementChange::Remove);
    is_any_missing |= VM_TRY(commit(kernel, batch)) != 0;
  }
  if (is_any_missing && !VM_TRY(has_nft_set(kernel, set))) return TimedChange::NoSets;
  return TimedChange::Done;
}

/// Only what differs is said: what stays is in force all the time.
base::Result<TimedChange> change_nft_networks(Kernel& kernel, std::span<const TimedElement> before,
                                              std::span<const TimedElement> after) {
  const net::Family family = (before.empty() ? after : before).front().prefix.family();
  const ir::Set set = ir::timed_set(family, ir::SetUse::TimedNetworks);
  const std::vector<TimedSpan> old = flatten(before), wanted = flatten(after);
  for (int tries = 0; tries < kTries; ++tries) {
    std::vector<TimedSpan> gone, added;
    std::ranges::set_difference(old, wanted, std::back_inserter(gone));
    std::ranges::set_difference(wanted, old, std::back_inserter(added));
    const std::int64_t now = base::boottime();
    // Later tries leave out what may be gone by itself.
    std::erase_if(gone, [&](const TimedSpan& span) { return span.deadline <= now + (tries == 0 ? 0 : kAboutToGo); });
    std::erase_if(added, [&](const TimedSpan& span) { return span.deadline <= now; });
    if (gone.empty() && added.empty()) return TimedChange::Done;
    Batch batch;
    batch.change_elements(program_of(set, gone), ElementChange::Remove);
    batch.change_elements(program_of(set, added), ElementChange::Add);
    if (VM_TRY(commit(kernel, batch)) == 0) return TimedChange::Done;
  }
  return VM_TRY(has_nft_set(kernel, set)) ? TimedChange::Elsewhere : TimedChange::NoSets;
}

bool is_host(const TimedElement& element) {
  return element.prefix.length == net::address_bits(element.prefix.family());
}

base::Result<void> fill_nft(Kernel& kernel, const ir::Set& set, std::span<const TimedSpan> spans) {
  std::size_t i = 0;
  do {
    const auto some = spans.subspan(i, std::min(kAtOnce, spans.size() - i));
    const auto program = program_of(set, some);
    Batch batch;
    if (i == 0) {
      batch.make_sets(program);
      batch.empty_sets(program);
    }
    batch.change_elements(program, ElementChange::Add);
    if (const int refused = VM_TRY(commit(kernel, batch)); refused != 0)
      return base::system_error("fill set " + program.sets.front().name, refused);
    i += some.size();
  } while (i < spans.size());
  return {};
}

/// What became of a change of a set of ip_set.
base::Result<TimedChange> outcome(const base::Result<void>& done) {
  if (done) return TimedChange::Done;
  if (done.error().code == ENOENT) return TimedChange::NoSets;
  return std::unexpected(done.error());
}

std::string set_name(net::Family family, ir::SetUse use) { return ir::timed_set(family, use).name; }

/// Those that stay are never out of the set.
base::Result<void> bring_into_line(Kernel& kernel, const std::string& name, const std::vector<TimedElement>& wanted) {
  std::set<net::Prefix> gone;
  for (const SetMember& member : VM_TRY(kernel.read_set(name)))
    if (member.element.source) gone.insert(*member.element.source);
  for (const TimedElement& element : wanted) gone.erase(element.prefix);
  return kernel.change_timed_set(name, wanted, std::vector(gone.begin(), gone.end()));
}

/// Does something for each family that some prefixes are of, up to the first that is not done.
template <class Elements, class FamilyOf, class Change>
base::Result<TimedChange> for_families(const Elements& elements, FamilyOf family_of, Change change) {
  for (const net::Family family : net::kFamilies) {
    if (std::ranges::none_of(elements, [&](const auto& element) { return family_of(element) == family; })) continue;
    if (const TimedChange done = VM_TRY(change(family)); done != TimedChange::Done) return done;
  }
  return TimedChange::Done;
}

}  // namespace

base::Result<TimedChange> add_to_timed_set(Kernel& kernel, Backend backend, const ir::Set& set,
                                           std::span<const TimedElement> hosts) {
  if (backend == Backend::Nft) return add_nft_hosts(kernel, set, hosts);
  std::vector<TimedElement> added;
  std::ranges::copy_if(hosts, std::back_inserter(added),
                       [&](const auto& host) { return host.prefix.family() == set.family; });
  return outcome(kernel.change_timed_set(set.name, added, {}));
}

base::Result<TimedChange> remove_from_timed_set(Kernel& kernel, Backend backend, const ir::Set& set,
                                                std::span<const net::Prefix> hosts) {
  if (backend == Backend::Nft) return remove_nft_hosts(kernel, set, hosts);
  std::vector<net::Prefix> removed;
  std::ranges::copy_if(hosts, std::back_inserter(removed),
                       [&](const auto& host) { return host.family() == set.family; });
  return outcome(kernel.change_timed_set(set.name, {}, removed));
}

base::Result<TimedChange> add_timed_hosts(Kernel& kernel, Backend backend, std::span<const TimedElement> hosts) {
  const auto family_of = [](const TimedElement& element) { return element.prefix.family(); };
  return for_families(hosts, family_of, [&](net::Family family) -> base::Result<TimedChange> {
    return add_to_timed_set(kernel, backend, ir::timed_set(family, ir::SetUse::TimedHosts), hosts);
  });
}

base::Result<TimedChange> remove_timed_hosts(Kernel& kernel, Backend backend, std::span<const net::Prefix> hosts) {
  const auto family_of = [](const net::Prefix& prefix) { return prefix.family(); };
  return for_families(hosts, family_of, [&](net::Family family) -> base::Result<TimedChange> {
    return remove_from_timed_set(kernel, backend, ir::timed_set(family, ir::SetUse::TimedHosts), hosts);
  });
}

base::Result<TimedChange> change_timed_networks(Kernel& kernel, Backend backend, std::span<const TimedElement> before,
                                                std::span<const TimedElement> after) {
  if (before.empty() && after.empty()) return TimedChange::Done;
  if (backend == Backend::Nft) return change_nft_networks(kernel, before, after);
  const net::Family family = (before.empty() ? after : before).front().prefix.family();
  std::vector<net::Prefix> gone;
  std::vector<TimedElement> added;
  for (const TimedElement& old : before)
    if (std::ranges::find(after, old.prefix, &TimedElement::prefix) == after.end()) gone.push_back(old.prefix);
  for (const TimedElement& wanted : after)
    if (std::ranges::find(before, wanted) == before.end()) added.push_back(wanted);
  return outcome(kernel.change_timed_set(set_name(family, ir::SetUse::TimedNetworks), added, gone));
}

base::Result<bool> has_nft_timed_sets(Kernel& kernel, net::Family family) {
  return has_nft_set(kernel, ir::timed_set(family, ir::SetUse::TimedHosts));
}

base::Result<bool> has_nft_timed_set(Kernel& kernel, const ir::Set& set) { return has_nft_set(kernel, set); }

base::Result<bool> has_timed_sets(Kernel& kernel, Backend backend, net::Family family) {
  return has_timed_set(kernel, backend, ir::timed_set(family, ir::SetUse::TimedHosts));
}

base::Result<bool> has_timed_set(Kernel& kernel, Backend backend, const ir::Set& set) {
  if (backend == Backend::Xtables) {
    // They get their names when they are full.
    const auto sets = VM_TRY(kernel.sets());
    return std::ranges::find(sets, set.name, &KernelSet::name) != sets.end();
  }
  const auto table = VM_TRY(kernel.read_nft_table(set.family, NftParts::ChainsAndSets)).content;
  const auto has_rules = [](const auto& chain) { return backend::nft::is_own_chain_name(chain.name); };
  return std::ranges::find(table.sets, set.name) != table.sets.end() && std::ranges::any_of(table.chains, has_rules);
}

base::Result<void> drop_unused_timed_sets(Kernel& kernel, Backend backend, net::Family family,
                                          std::span<const ir::Set> sets) {
  if (backend == Backend::Xtables) {
    for (const ir::Set& set : sets) {
      if (!set.is_timed() || set.family != family) continue;
      const auto gone = kernel.destroy_set(set.name);
      if (!gone && gone.error().code != EBUSY && gone.error().code != ENOENT) return std::unexpected(gone.error());
    }
    return {};
  }
  const NftTable table = VM_TRY(kernel.read_nft_table(family, NftParts::All));
  const auto has_rules = [](const auto& chain) { return backend::nft::is_own_chain_name(chain.name); };
  if (!table.content.has_table || std::ranges::any_of(table.content.chains, has_rules)) return {};
  Batch batch;
  // Chains of the user's own stay, and the table with them.
  if (table.has_user_rules || !table.content.chains.empty())
    batch.add_program({.family = family}, table.content);
  else
    batch.delete_table(family);
  static_cast<void>(VM_TRY(commit(kernel, batch)));
  return {};
}

base::Result<void> fill_timed_sets(Kernel& kernel, Backend backend, net::Family family,
                                   std::span<const TimedElement> elements) {
  std::vector<TimedElement> hosts, networks;
  for (const TimedElement& element : elements)
    if (element.prefix.family() == family) (is_host(element) ? hosts : networks).push_back(element);
  VM_TRY_VOID(fill_timed_set(kernel, backend, ir::timed_set(family, ir::SetUse::TimedHosts), hosts));
  return fill_timed_set(kernel, backend, ir::timed_set(family, ir::SetUse::TimedNetworks), networks);
}

base::Result<void> fill_timed_set(Kernel& kernel, Backend backend, const ir::Set& set,
                                  const std::vector<TimedElement>& elements) {
  if (backend == Backend::Nft)
    return fill_nft(kernel, set, ir::has_only_hosts(set) ? spans_of(elements, set.family) : flatten(elements));
  const auto sets = VM_TRY(kernel.sets());
  if (std::ranges::find(sets, set.name, &KernelSet::name) != sets.end())
    return bring_into_line(kernel, set.name, elements);
  const auto made = kernel.create_set(set, {.timed = elements});
  if (!made) return std::unexpected(made.error().error);
  return {};
}

}  // namespace vuurmuur::apply
