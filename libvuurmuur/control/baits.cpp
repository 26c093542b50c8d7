// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/baits.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace vuurmuur::control {
namespace {

using apply::TimedChange;
using apply::TimedElement;

constexpr std::string_view kFilePrefix = "bait.";
constexpr std::array kEngines{apply::Backend::Xtables, apply::Backend::Nft};

bool has(const BlockLog::Entries& entries, const net::Prefix& prefix, std::int64_t now) {
  const auto found = entries.find(prefix);
  return found != entries.end() && found->second > now;
}

/// What somebody began was led elsewhere: the answers come from another address or port than was asked.
bool is_translated(const apply::LiveConnection& connection) {
  return connection.original.destination != connection.reply.source ||
         connection.original.destination_port != connection.reply.source_port;
}

}  // namespace

bool may_name_bait(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:";
  return !text.empty() && text.size() < 200 && text.find_first_not_of(kLetters) == std::string_view::npos;
}

BlockLog& Baits::log_of(const std::string& to) {
  return logs_.try_emplace(to, files_, directory_, clock_, std::string(kFilePrefix) + to).first->second;
}

base::Result<void> Baits::refresh(bool may_write) {
  const auto names = files_.list_directory(directory_);
  if (!names && names.error().code == ENOENT) return {};
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names)
    if (name.starts_with(kFilePrefix) && may_name_bait(std::string_view(name).substr(kFilePrefix.size())))
      static_cast<void>(log_of(name.substr(kFilePrefix.size())));
  for (auto& [to, log] : logs_) VM_TRY_VOID(log.refresh(may_write));
  return {};
}

/// Whether some engine has a set for each.
base::Result<bool> Baits::add(const std::string& to, std::span<const TimedElement> elements) {
  bool is_everyone_in = true;
  for (const net::Family family : net::kFamilies) {
    if (std::ranges::none_of(elements, [&](const auto& each) { return each.prefix.family() == family; })) continue;
    const ir::Set set = ir::bait_set(family, to);
    bool is_in = false;
    for (const apply::Backend backend : kEngines) {
      // Mostly only one engine has it; being refused takes nf_tables longer than the question.
      if (backend == apply::Backend::Nft && is_in && !VM_TRY(apply::has_nft_timed_set(kernel_, set))) continue;
      const TimedChange done = VM_TRY(apply::add_to_timed_set(kernel_, backend, set, elements));
      if (done == TimedChange::Elsewhere)
        return base::failure("the set of who is led to " + to + " was changed by another program meanwhile");
      is_in |= done == TimedChange::Done;
    }
    is_everyone_in = is_everyone_in && is_in;
  }
  return is_everyone_in;
}

base::Result<void> Baits::remove(const std::string& to, std::span<const net::Prefix> prefixes) {
  for (const net::Family family : net::kFamilies) {
    if (std::ranges::none_of(prefixes, [&](const auto& each) { return each.family() == family; })) continue;
    for (const apply::Backend backend : kEngines)
      static_cast<void>(VM_TRY(apply::remove_from_timed_set(kernel_, backend, ir::bait_set(family, to), prefixes)));
  }
  return log_of(to).append({}, prefixes);
}

base::Result<Baits::Report> Baits::lead(std::span<const net::Address> addresses, const std::string& to,
                                        std::optional<std::chrono::seconds> time) {
  VM_TRY_VOID(refresh(/*may_write=*/true));
  const std::int64_t now = clock_.now().nanoseconds;
  std::vector<TimedElement> elements;
  std::vector<net::Prefix> strangers;
  std::map<std::string, std::vector<net::Prefix>> elsewhere;
  for (const net::Address& address : addresses) {
    TimedElement& element = elements.emplace_back(TimedElement{.prefix = net::Prefix::host(address)});
    if (time) element.deadline = now + std::chrono::nanoseconds(*time).count();
    if (!has(log_of(to).hosts(), element.prefix, now)) strangers.push_back(element.prefix);
    for (const auto& [other, log] : logs_)
      if (other != to && has(log.hosts(), element.prefix, now)) elsewhere[other].push_back(element.prefix);
  }
  Report report{.is_in_force = VM_TRY(add(to, elements))};
  VM_TRY_VOID(log_of(to).append(elements, {}));
  for (const auto& [other, prefixes] : elsewhere) VM_TRY_VOID(remove(other, prefixes));
  // What they have with the bait already is what they shall have.
  if (!strangers.empty()) report.ended_connections = VM_TRY(kernel_.end_connections(strangers));
  return report;
}

base::Result<std::size_t> Baits::release(std::span<const net::Address> addresses) {
  VM_TRY_VOID(refresh(/*may_write=*/true));
  const std::int64_t now = clock_.now().nanoseconds;
  std::vector<net::Prefix> released;
  for (const auto& [to, log] : logs_) {
    std::vector<net::Prefix> here;
    for (const net::Address& address : addresses)
      if (const net::Prefix prefix = net::Prefix::host(address); has(log.hosts(), prefix, now)) here.push_back(prefix);
    if (!here.empty()) VM_TRY_VOID(remove(to, here));
    released.insert(released.end(), here.begin(), here.end());
  }
  if (!released.empty()) VM_TRY_VOID(end_translated(released));
  return released.size();
}

base::Result<void> Baits::end_translated(std::span<const net::Prefix> prefixes) {
  std::vector<apply::ConnectionChange> changes;
  VM_TRY_VOID(kernel_.list_connections({}, [&](const apply::TrackedConnection& tracked) {
    const apply::LiveConnection& connection = tracked.connection;
    const net::Prefix from = net::Prefix::host(connection.original.source);
    if (!connection.in_other_zone && is_translated(connection) && std::ranges::find(prefixes, from) != prefixes.end())
      changes.push_back({.original = connection.original, .id = connection.id});
    return true;
  }));
  // Those that are refused have ended by themselves.
  if (!changes.empty()) static_cast<void>(VM_TRY(kernel_.change_connections(changes)));
  return {};
}

base::Result<std::vector<Baited>> Baits::list() {
  VM_TRY_VOID(refresh(/*may_write=*/false));
  const std::int64_t now = clock_.now().nanoseconds;
  std::vector<Baited> all;
  for (const auto& [to, log] : logs_)
    for (const auto& [prefix, deadline] : log.hosts()) {
      if (deadline <= now) continue;
      Baited& baited = all.emplace_back(Baited{.address = prefix.address, .to = to, .left = {}});
      if (deadline != TimedElement::kForever) baited.left = std::chrono::nanoseconds(deadline - now);
    }
  std::ranges::sort(all, {}, &Baited::address);
  return all;
}

base::Result<std::map<std::string, BlockLog::Entries>> Baits::entries_of_sets() {
  VM_TRY_VOID(refresh(/*may_write=*/false));
  std::map<std::string, BlockLog::Entries> entries;
  for (const auto& [to, log] : logs_)
    for (const net::Family family : net::kFamilies) entries[ir::bait_set(family, to).name] = log.hosts();
  return entries;
}

base::Result<void> Baits::fill(const ir::Ruleset& ruleset, apply::Backend backend, bool shall_refill) {
  const auto entries = VM_TRY(entries_of_sets());
  const std::int64_t now = clock_.now().nanoseconds;
  for (const ir::Set& set : ruleset.sets) {
    if (!set.is_bait() || !kernel_.has_family(set.family)) continue;
    std::vector<TimedElement> elements;
    if (const auto found = entries.find(set.name); found != entries.end())
      for (const auto& [prefix, deadline] : found->second)
        if (prefix.family() == set.family && deadline > now)
          elements.push_back({.prefix = prefix, .deadline = deadline});
    // One that is missing is made empty with the rules.
    const bool is_there = VM_TRY(apply::has_timed_set(kernel_, backend, set));
    if (is_there ? shall_refill : !elements.empty())
      VM_TRY_VOID(apply::fill_timed_set(kernel_, backend, set, elements));
  }
  return {};
}

}  // namespace vuurmuur::control
