// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/packet_marks.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "base/strings.h"

namespace vuurmuur::prove {
namespace {

bool meets(std::uint32_t mark, const MarkTest& test) { return (mark & test.mask) == test.value; }

/// Whether it asks for a bit outside of its mask.
bool is_never_met(const MarkTest& test) { return (test.value & ~test.mask) != 0; }

/// Whether no mark meets both for a bit that both ask for.
bool exclude(const MarkTest& a, const MarkTest& b) { return ((a.value ^ b.value) & a.mask & b.mask) != 0; }

/// A mark that meets a test and fails others. It has the bits that nobody asks for as zeros.
std::optional<std::uint32_t> mark_between(const MarkTest& met, std::span<const MarkTest> failed) {
  if (failed.empty()) return met.value;
  const MarkTest& first = failed.front();
  const std::span<const MarkTest> others = failed.subspan(1);
  if (exclude(met, first)) return mark_between(met, others);
  for (std::uint32_t open = first.mask & ~met.mask; open != 0; open &= open - 1) {
    const std::uint32_t bit = 1U << std::countr_zero(open);
    const MarkTest narrower{.value = met.value | (~first.value & bit), .mask = met.mask | bit};
    if (const auto mark = mark_between(narrower, others)) return mark;
  }
  return std::nullopt;
}

}  // namespace

std::vector<MarkTest> mark_tests_of(std::string_view text) {
  constexpr std::string_view kWords = " -m mark ", kOption = "--mark ";
  std::vector<MarkTest> tests;
  for (std::size_t at = text.find(kWords); at != std::string_view::npos; at = text.find(kWords, at)) {
    at += kWords.size();
    std::string_view rest = text.substr(at);
    if (rest.starts_with("! ")) rest.remove_prefix(2);
    if (!rest.starts_with(kOption)) continue;
    const std::string_view word =
        rest.substr(kOption.size(), rest.find_first_of(" \n", kOption.size()) - kOption.size());
    const auto slash = word.find('/');
    const auto value = base::parse_unsigned(word.substr(0, slash));
    const auto mask =
        slash == std::string_view::npos ? std::optional(0xffffffffULL) : base::parse_unsigned(word.substr(slash + 1));
    if (!value || !mask || *value > UINT32_MAX || *mask > UINT32_MAX) continue;
    const MarkTest test{.value = static_cast<std::uint32_t>(*value), .mask = static_cast<std::uint32_t>(*mask)};
    if (std::ranges::find(tests, test) == tests.end()) tests.push_back(test);
  }
  return tests;
}

PacketMarks::PacketMarks(const std::vector<MarkTest>& tests) {
  for (const MarkTest& test : tests)
    if (!is_never_met(test) && std::ranges::find(tests_, test) == tests_.end() && tests_.size() < kMostTests)
      split(test);
}

void PacketMarks::split(const MarkTest& test) {
  std::vector<Class> finer;
  for (const Class& each : classes_) {
    // What fails first, so that the first class of all is that of marks that nobody asks for.
    Class without = each;
    without.fails.push_back(test);
    if (const auto mark = mark_between(without.meets, without.fails)) {
      without.mark = *mark;
      finer.push_back(std::move(without));
    }
    if (exclude(each.meets, test)) continue;
    Class with = each;
    with.meets = {.value = each.meets.value | test.value, .mask = each.meets.mask | test.mask};
    if (const auto mark = mark_between(with.meets, with.fails)) {
      with.mark = *mark;
      finer.push_back(std::move(with));
    }
  }
  if (finer.size() > kMostClasses) return;
  classes_ = std::move(finer);
  tests_.push_back(test);
}

std::optional<std::uint64_t> PacketMarks::classes(const MarkTest& test) const {
  if (is_never_met(test)) return 0;
  if (std::ranges::find(tests_, test) == tests_.end()) return std::nullopt;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < kMostClasses; ++i)
    if (meets(classes_[i < classes_.size() ? i : 0].mark, test)) found |= 1ULL << i;
  return found;
}

std::uint32_t PacketMarks::mark_of(std::uint64_t classes) const {
  const auto first = static_cast<std::size_t>(std::countr_zero(classes));
  return classes_[first < classes_.size() ? first : 0].mark;
}

}  // namespace vuurmuur::prove
