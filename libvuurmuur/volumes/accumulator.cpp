// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/accumulator.h"

#include <algorithm>
#include <functional>

namespace vuurmuur::volumes {
namespace {

std::size_t hash_of(const Subject& subject) {
  return std::hash<std::string>()(subject.name) * 31 + static_cast<std::size_t>(subject.kind);
}

/// Packets and bytes of a counter begin anew together.
bool has_less(const Counts& now, const Counts& before) {
  return now.packets < before.packets || now.bytes < before.bytes;
}

Counts difference(const Counts& now, const Counts& before) {
  return {.packets = now.packets - before.packets, .bytes = now.bytes - before.bytes};
}

}  // namespace

void Accumulator::go_on(std::vector<Entry> known, bool is_same_boot) {
  for (Entry& each : known) {
    // What its counter had then is of no use when there is a later reading, and none when it begins anew.
    if (has_begun_ || !is_same_boot) each.last = {};
    if (const Entry* found = find(each.subject)) {
      Entry& entry = entries_[static_cast<std::size_t>(found - entries_.data())];
      entry.id = each.id;
      entry.since = std::min(entry.since, each.since);
      entry.hit = std::max(entry.hit, each.hit);
      entry.total += each.total;
      entry.is_changed = true;
    } else {
      index_.emplace(hash_of(each.subject), static_cast<std::uint32_t>(entries_.size()));
      entries_.push_back(std::move(each));
    }
  }
  has_begun_ |= !entries_.empty();
}

void Accumulator::take(std::span<const Reading> readings, std::int64_t time) {
  take(readings, time, Less::BeganAnew, has_begun_);
  has_begun_ = true;
  is_there_.assign(entries_.size(), false);
  for (const Reading& reading : readings) {
    is_there_[place_of(reading.subject, time)] = true;
    for (const Subject& other : reading.also)
      if (const Entry* entry = find(other)) is_there_[static_cast<std::size_t>(entry - entries_.data())] = true;
  }
  for (std::uint32_t place = 0; place < entries_.size(); ++place) {
    Entry& entry = entries_[place];
    if (is_there_[place] || entry.last.is_zero()) continue;
    entry.last = {};
    entry.is_changed = true;
  }
}

bool Accumulator::is_there(const Entry& entry) const {
  const auto place = static_cast<std::size_t>(&entry - entries_.data());
  return place < is_there_.size() && is_there_[place];
}

void Accumulator::take_last(std::span<const Reading> readings, std::int64_t time) {
  take(readings, time, Less::IsOld, has_begun_);
}

void Accumulator::take(std::span<const Reading> readings, std::int64_t time, Less less, bool is_fresh) {
  for (const Reading& reading : readings) {
    const std::uint32_t place = place_of(reading.subject, time);
    Entry& entry = entries_[place];
    Pair grown;
    const auto take_one = [&](const Counts& now, Counts& before, Counts& difference_to) {
      const bool is_less = has_less(now, before);
      if (is_less && less == Less::IsOld) return;
      difference_to = is_less ? now : difference(now, before);
      entry.is_changed |= now != before;
      before = now;
    };
    take_one(reading.counts.first, entry.last.first, grown.first);
    take_one(reading.counts.second, entry.last.second, grown.second);
    // A number of before is of no use.
    if (less == Less::BeganAnew && entry.number != reading.number) {
      entry.number = reading.number;
      entry.is_changed = true;
    }
    if (grown.is_zero()) continue;
    const auto count = [&](Entry& to) {
      to.total += grown;
      to.is_changed = true;
      if (!is_fresh) return;
      to.fresh += grown;
      to.hit = time;
    };
    count(entry);
    for (const Subject& other : reading.also) count(entries_[place_of(other, time)]);
  }
}

void Accumulator::begin_anew(Kind kind) {
  for (Entry& entry : entries_) {
    if (entry.subject.kind != kind || entry.last.is_zero()) continue;
    entry.last = {};
    entry.is_changed = true;
  }
}

const Entry* Accumulator::find(const Subject& subject) const {
  const auto [begin, end] = index_.equal_range(hash_of(subject));
  for (auto at = begin; at != end; ++at)
    if (entries_[at->second].subject == subject) return &entries_[at->second];
  return nullptr;
}

std::uint32_t Accumulator::place_of(const Subject& subject, std::int64_t time) {
  if (const Entry* known = find(subject)) return static_cast<std::uint32_t>(known - entries_.data());
  const auto place = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({.subject = subject, .since = time, .is_changed = true});
  index_.emplace(hash_of(subject), place);
  return place;
}

void Accumulator::note_written() {
  for (Entry& entry : entries_) {
    entry.fresh = {};
    entry.is_changed = false;
  }
}

void Accumulator::note_lost() {
  for (Entry& entry : entries_) {
    entry.id = 0;
    entry.is_changed = true;
  }
}

void Accumulator::forget(std::span<const std::int64_t> ids) {
  const std::vector<std::int64_t> sorted = [&] {
    std::vector<std::int64_t> copy(ids.begin(), ids.end());
    std::ranges::sort(copy);
    return copy;
  }();
  is_there_.clear();
  std::erase_if(entries_, [&](const Entry& entry) { return entry.id != 0 && std::ranges::binary_search(sorted, entry.id); });
  make_index();
}

void Accumulator::make_index() {
  index_.clear();
  index_.reserve(entries_.size());
  for (std::uint32_t place = 0; place < entries_.size(); ++place)
    index_.emplace(hash_of(entries_[place].subject), place);
}

}  // namespace vuurmuur::volumes
