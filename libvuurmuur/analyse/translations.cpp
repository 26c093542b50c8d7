// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/translations.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>

#include "analyse/cover.h"
#include "analyse/ranks.h"
#include "analyse/rule_search.h"
#include "analyse/verdict_text.h"

namespace vuurmuur::analyse {
namespace {

using Kind = Translation::Kind;
using model::Action;

/// Pieces that what a rule translates may be cut into by the rules before it.
constexpr std::size_t kMostPieces = 400;

bool translates_source(const sema::Rule& rule) {
  return *rule.source->action == Action::Snat || *rule.source->action == Action::Masq;
}

bool translates_destination(const sema::Rule& rule) {
  const Action action = *rule.source->action;
  return action == Action::Portfw || action == Action::Dnat || action == Action::Redirect || action == Action::Bounce;
}

/// A box before translation, and what becomes of it.
struct Part {
  std::size_t rule;
  Box box;
  std::optional<Redirection> to;  ///< nothing: only its source is translated
};

/// What of one part no part before it holds.
struct First {
  Cover::Kind kind = Cover::Kind::NotFinished;
  std::vector<std::size_t> by;  ///< rules
  std::vector<Box> pieces;
  bool is_whole = true;
};

/// Looks at parts in their order.
class PartSearch {
 public:
  explicit PartSearch(const std::vector<Part>& parts) : parts_(parts) {
    std::vector<Box> boxes;
    for (const Part& part : parts) boxes.push_back(part.box);
    ranks_.emplace(boxes);
    for (const Box& box : boxes) ranked_.push_back(ranks_->of(box));
    index_.emplace(ranked_);
    search_.emplace(ranked_, *index_);
  }

  First first_of(std::size_t part) {
    First first;
    const auto before = static_cast<std::uint32_t>(part);
    const Cover cover = search_->of(ranked_[part], {.before = before});
    first.kind = cover.kind;
    for (const std::uint32_t number : cover.by) first.by.push_back(parts_[number].rule);
    if (cover.kind == Cover::Kind::Whole) return first;
    first.pieces = {parts_[part].box};
    std::vector<std::uint32_t> near;
    static_cast<void>(index_->overlapping(ranked_[part], {.before = before}, SIZE_MAX, near));
    for (const std::uint32_t number : near)
      first.is_whole = first.is_whole && subtract(parts_[number].box, kMostPieces, first.pieces);
    return first;
  }

 private:
  const std::vector<Part>& parts_;
  std::optional<Ranks> ranks_;
  std::vector<RankBox> ranked_;
  std::optional<BoxIndex> index_;
  std::optional<CoverSearch> search_;
};

std::vector<Part> redirecting_parts(const FilterBoxes& boxes_of) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < boxes_of.policy().rules.size(); ++i)
    for (Redirection& to : boxes_of.redirected_by(boxes_of.policy().rules[i])) {
      const Box box = to.box;
      parts.push_back({.rule = i, .box = box, .to = std::move(to)});
    }
  return parts;
}

/// Also of bounce rules, which give another source to what goes to their host by itself, too.
std::vector<Part> masking_parts(const FilterBoxes& boxes_of) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < boxes_of.policy().rules.size(); ++i)
    for (const Box& box : boxes_of.masked_by(boxes_of.policy().rules[i]))
      parts.push_back({.rule = i, .box = box, .to = {}});
  return parts;
}

/// What a family says of all rules.
class FamilySearch {
 public:
  FamilySearch(const sema::Policy& policy, net::Family family)
      : policy_(policy), boxes_of_(policy, family), kinds_(policy.rules.size()) {}

  std::vector<Translation> run(const TimeLimit& limit) {
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      if (translates_source(policy_.rules[i]) || translates_destination(policy_.rules[i]))
        kinds_[i].kind = Kind::Nothing;
    images_.resize(kinds_.size());
    look_at(redirecting_parts(boxes_of_), limit);
    look_at(masking_parts(boxes_of_), limit);
    look_through(limit);
    return std::move(kinds_);
  }

 private:
  /// What rules are the first to translate: Works, until look_through() knows better.
  void look_at(const std::vector<Part>& parts, const TimeLimit& limit) {
    if (parts.empty()) return;
    PartSearch search(parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Part& part = parts[i];
      Translation& own = kinds_[part.rule];
      if (own.kind == Kind::NotFinished) continue;
      if (limit.is_over()) {
        own.kind = Kind::NotFinished;
        continue;
      }
      const First first = search.first_of(i);
      if (first.kind == Cover::Kind::NotFinished || !first.is_whole) {
        own.kind = Kind::NotFinished;
      } else if (first.kind == Cover::Kind::Open) {
        own.kind = Kind::Works;
        add_images(part, first.pieces);
      } else if (own.kind == Kind::Nothing || own.kind == Kind::TakenFirst) {
        own.kind = Kind::TakenFirst;
        std::ranges::copy_if(first.by, std::back_inserter(own.by), [&](std::size_t rule) { return rule != part.rule; });
      }
    }
  }

  void add_images(const Part& part, const std::vector<Box>& pieces) {
    std::vector<Box>& images = images_[part.rule];
    for (const Box& piece : pieces) {
      if (!part.to) {
        images.push_back(piece);
        continue;
      }
      const std::vector<Box> there = boxes_of_.redirected(piece, *part.to);
      images.insert(images.end(), there.begin(), there.end());
    }
  }

  /// Whether what they translate is let through.
  void look_through(const TimeLimit& limit) {
    std::vector<Box> questions;
    for (const std::vector<Box>& images : images_) questions.insert(questions.end(), images.begin(), images.end());
    if (questions.empty() || limit.is_over()) return;
    RuleSearch search(boxes_of_, questions);
    const auto may_pass = [&](std::size_t rule, Way way) {
      return way == Way::Unknown || (rule != kNoRule && (lets_through(policy_.rules[rule]) ||
                                                         *policy_.rules[rule].source->action == Action::Chain));
    };
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      if (kinds_[i].kind != Kind::Works || limit.is_over()) continue;
      const RuleSearch::Found found = search.first(images_[i], may_pass);
      if (found.hit || !found.is_finished) continue;
      kinds_[i] = {.kind = Kind::Refused};
      for (const RuleSearch::Hit& hit : search.split(images_[i]))
        if (hit.rule != kNoRule && hit.way != Way::PassesOn) kinds_[i].by.push_back(hit.rule);
    }
  }

  const sema::Policy& policy_;
  FilterBoxes boxes_of_;
  std::vector<Translation> kinds_;
  std::vector<std::vector<Box>> images_;  ///< by rule: what it is the first to translate, as filter sees it
};

/// What both families say of a rule; it does nothing when it does nothing in either.
Translation together(Translation a, Translation b) {
  for (const Kind kind : {Kind::Works, Kind::NotFinished, Kind::Refused, Kind::TakenFirst, Kind::Nothing})
    if (a.kind == kind || b.kind == kind) {
      Translation both{.kind = kind};
      for (const Translation* each : {&a, &b})
        if (each->kind == kind) both.by.insert(both.by.end(), each->by.begin(), each->by.end());
      std::ranges::sort(both.by);
      both.by.erase(std::ranges::unique(both.by).begin(), both.by.end());
      return both;
    }
  return {};
}

}  // namespace

std::vector<Translation> translations_of_rules(const sema::Policy& policy, const TimeLimit& limit) {
  const bool has_any = std::ranges::any_of(
      policy.rules, [](const sema::Rule& rule) { return translates_source(rule) || translates_destination(rule); });
  if (!has_any) return std::vector<Translation>(policy.rules.size());
  const auto in = [&](net::Family family) { return FamilySearch(policy, family).run(limit); };
  auto other_half = std::async(std::launch::async, in, net::Family::Ipv6);
  std::vector<Translation> ipv4 = in(net::Family::Ipv4), ipv6 = other_half.get(), all;
  all.reserve(ipv4.size());
  for (std::size_t i = 0; i < ipv4.size(); ++i) all.push_back(together(std::move(ipv4[i]), std::move(ipv6[i])));
  return all;
}

std::vector<FirstRedirected> first_redirected(const FilterBoxes& boxes_of, bool& is_whole) {
  const std::vector<Part> parts = redirecting_parts(boxes_of);
  std::vector<FirstRedirected> all;
  if (parts.empty()) return all;
  PartSearch search(parts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    First first = search.first_of(i);
    if (!first.is_whole || first.kind == Cover::Kind::NotFinished) is_whole = false;
    if (!first.pieces.empty())
      all.push_back({.rule = parts[i].rule, .to = *parts[i].to, .pieces = std::move(first.pieces)});
  }
  return all;
}

}  // namespace vuurmuur::analyse
