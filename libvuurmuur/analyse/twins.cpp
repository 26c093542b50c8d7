// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/twins.h"

#include "analyse/common_rules.h"

namespace vuurmuur::analyse {
namespace {

Twins twins_among(const sema::Policy& first, const sema::Policy& second, const Meanings& meanings,
                  bool (*is_asked)(const sema::Rule&)) {
  Twins twins{.of = {std::vector(first.rules.size(), Twins::kNone), std::vector(second.rules.size(), Twins::kNone)}};
  std::array<std::vector<std::size_t>, 2> places;
  std::array<std::vector<std::uint64_t>, 2> hashes;
  for (const std::size_t which : {Meanings::kFirst, Meanings::kSecond}) {
    const std::vector<sema::Rule>& rules = which == Meanings::kFirst ? first.rules : second.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!is_asked(rules[i])) continue;
      places[which].push_back(i);
      hashes[which].push_back(meanings.hash(which, rules[i]));
    }
  }
  const Common common = common_part(hashes[0], hashes[1], [&](std::size_t i, std::size_t j) {
    return meanings.are_same(first.rules[places[0][i]], second.rules[places[1][j]]);
  });
  for (std::size_t i = 0; i < common.of_first.size(); ++i)
    if (common.of_first[i] != Common::kNone) twins.join(places[0][i], places[1][common.of_first[i]]);
  return twins;
}

}  // namespace

bool is_in_filter(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  return !rule.never && action != Snat && action != Masq && action != Dnat && action != Separator;
}

bool is_translation(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  return !rule.never && (action == Portfw || action == Dnat || action == Redirect || action == Bounce ||
                         action == Snat || action == Masq);
}

Twins twins_in_filter(const sema::Policy& first, const sema::Policy& second, const Meanings& meanings) {
  return twins_among(first, second, meanings, is_in_filter);
}

Twins twins_in_translation(const sema::Policy& first, const sema::Policy& second, const Meanings& meanings) {
  return twins_among(first, second, meanings, is_translation);
}

}  // namespace vuurmuur::analyse
