// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/journal.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/assert.h"

namespace vuurmuur::history {
namespace {

/// By What.
constexpr std::array<std::string_view, 8> kWhatNames{"applying", "applied", "confirmed", "rolled back",
                                                     "refused",  "drifted", "repaired",  "cleared"};

Generation& pending_generation(Journal& journal) {
  VM_ASSERT(journal.pending.has_value());
  Generation* generation = journal.find(journal.pending->generation);
  VM_ASSERT(generation != nullptr);
  return *generation;
}

}  // namespace

std::string_view to_string(What what) { return kWhatNames[static_cast<std::size_t>(what)]; }

std::optional<What> what_named(std::string_view name) {
  const auto found = std::ranges::find(kWhatNames, name);
  if (found == kWhatNames.end()) return std::nullopt;
  return static_cast<What>(found - kWhatNames.begin());
}

const Event& Generation::state_event() const {
  for (const Event& event : events | std::views::reverse)
    if (is_state(event.what)) return event;
  return events.front();
}

const Event* Generation::drift() const { return events.back().what == What::Drifted ? &events.back() : nullptr; }

const Generation* Journal::find(Number number) const {
  const auto found = std::ranges::find(generations, number, &Generation::number);
  return found == generations.end() ? nullptr : &*found;
}

Generation* Journal::find(Number number) {
  return const_cast<Generation*>(static_cast<const Journal*>(this)->find(number));
}

Generation& begin(Journal& journal, std::string directory, std::string backend, Event event) {
  VM_ASSERT(!journal.pending.has_value());
  Generation& generation = journal.generations.emplace_back();
  generation.number = journal.next++;
  generation.directory = std::move(directory);
  generation.backend = std::move(backend);
  event.what = What::Applying;
  generation.events.push_back(std::move(event));
  journal.pending = Pending{.generation = generation.number, .deadline = {}};
  return generation;
}

void applied(Journal& journal, std::optional<Moment> deadline, Event event) {
  if (!deadline) return confirm(journal, std::move(event));
  event.what = What::Applied;
  pending_generation(journal).events.push_back(std::move(event));
  journal.pending->deadline = std::move(deadline);
}

void confirm(Journal& journal, Event event) {
  event.what = What::Confirmed;
  Generation& generation = pending_generation(journal);
  generation.events.push_back(std::move(event));
  journal.confirmed = generation.number;
  journal.pending.reset();
}

void dismiss(Journal& journal, Event event) {
  Generation& generation = pending_generation(journal);
  event.what = generation.state() == What::Applying ? What::Refused : What::RolledBack;
  generation.events.push_back(std::move(event));
  journal.pending.reset();
}

void happened(Generation& generation, Event event) {
  VM_ASSERT(!is_state(event.what));
  generation.events.push_back(std::move(event));
  const auto is_happening = [](const Event& candidate) { return !is_state(candidate.what); };
  if (std::ranges::count_if(generation.events, is_happening) > static_cast<std::ptrdiff_t>(kKeptHappenings))
    generation.events.erase(std::ranges::find_if(generation.events, is_happening));
}

std::vector<Number> prune(Journal& journal, std::size_t keep) {
  std::vector<Number> removed;
  if (journal.generations.size() <= keep) return removed;
  std::size_t surplus = journal.generations.size() - keep;
  std::erase_if(journal.generations, [&](const Generation& generation) {
    const bool is_needed = generation.number == journal.confirmed ||
                           (journal.pending && generation.number == journal.pending->generation);
    if (surplus == 0 || is_needed) return false;
    --surplus;
    removed.push_back(generation.number);
    return true;
  });
  return removed;
}

Recovery recovery(const Journal& journal, const Moment& now) {
  if (!journal.pending) return {};
  const auto go_back = [](std::string reason) { return Recovery{Recovery::Kind::GoBack, std::move(reason)}; };
  if (!journal.pending->deadline) return go_back("the program was stopped while it applied it");
  const Moment& deadline = *journal.pending->deadline;
  if (deadline.boot != now.boot) return go_back("the machine was started anew before it was confirmed");
  if (deadline.nanoseconds <= now.nanoseconds) return go_back("nobody confirmed it in time");
  return {Recovery::Kind::Wait, {}};
}

}  // namespace vuurmuur::history
