// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/explain.h"

#include <algorithm>
#include <array>
#include <future>

#include "analyse/nearness.h"
#include "analyse/verdict_text.h"
#include "sema/spoof.h"

namespace vuurmuur::analyse {
namespace {

/// Pieces that redirections may cut a question into.
constexpr std::size_t kMostPieces = 2'000;

constexpr std::array kFrom{Field::In, Field::Source, Field::SourceMac};
constexpr std::array kTo{Field::Out, Field::Destination};
constexpr std::array kService{Field::Protocol, Field::SourcePort, Field::DestinationPort};

std::optional<net::Prefix> blocked_by(const sema::Policy& policy, const Sample& sample) {
  for (const net::Prefix& blocked : policy.blocked) {
    if (blocked.family() != sample.family) continue;
    const bool source =
        blocked.contains(sample.source) && !(sample.is_own_unknown && sample.way == Sample::Way::Output);
    const bool destination =
        blocked.contains(sample.destination) && !(sample.is_own_unknown && sample.way == Sample::Way::Input);
    if (source || destination) return blocked;
  }
  return std::nullopt;
}

bool stands_for(const std::string& device, const std::string& name) {
  return device.ends_with('+') ? name.starts_with(device.substr(0, device.size() - 1)) : device == name;
}

/// doc/semantics.md section 1, steps 1 and 9.
std::optional<model::Spoof> spoof_of(const sema::Policy& policy, const std::string& device, const net::Address& address,
                                     bool is_destination) {
  if (device.empty()) return std::nullopt;
  for (const sema::Network& network : policy.networks) {
    const bool is_there = std::ranges::any_of(
        network.interfaces, [&](sema::InterfaceId id) { return stands_for(policy.interface(id).device, device); });
    if (!is_there) continue;
    for (const model::Spoof spoof : network.spoof_protections)
      for (const sema::SpoofRange& range : sema::spoof_ranges(spoof, address.family))
        if (range.prefix.contains(address) && (!is_destination || range.as_destination)) return spoof;
  }
  return std::nullopt;
}

std::optional<model::Spoof> spoof_of(const sema::Policy& policy, const Sample& sample) {
  std::optional<model::Spoof> spoof;
  if (sample.way != Sample::Way::Output) spoof = spoof_of(policy, sample.in, sample.source, /*is_destination=*/false);
  if (!spoof && sample.way != Sample::Way::Input)
    spoof = spoof_of(policy, sample.out, sample.destination, /*is_destination=*/true);
  return spoof;
}

class Explainer {
 public:
  Explainer(const sema::Policy& policy, net::Family family) : policy_(policy), boxes_of_(policy, family) {}

  Explanation run(const Question& question) {
    Explanation result{.family = boxes_of_.family(), .is_finished = true, .branches = {}};
    std::vector<Box> pieces = boxes_of(question, boxes_of_.plain(), policy_);
    struct Part {
      std::optional<std::size_t> rule;
      std::vector<Box> boxes;
    };
    std::vector<Part> parts;
    const std::vector<Box> asked = pieces;
    Nearness near_asked(asked, boxes_of_.family());
    for (std::size_t i = 0;
         i < policy_.rules.size() && !question.is_translated && !pieces.empty() && result.is_finished; ++i) {
      if (!near_asked.has_source(policy_.rules[i].from)) continue;
      Part part{.rule = i, .boxes = {}};
      for (const Redirection& to : boxes_of_.redirected_by(policy_.rules[i])) {
        if (!near_asked.is_near(to.box)) continue;
        for (const Box& piece : pieces)
          if (const auto both = common(piece, to.box)) {
            const std::vector<Box> there = boxes_of_.redirected(*both, to);
            part.boxes.insert(part.boxes.end(), there.begin(), there.end());
          }
        if (!subtract(to.box, kMostPieces, pieces)) {
          result.is_finished = false;
          break;
        }
      }
      if (!part.boxes.empty()) parts.push_back(std::move(part));
    }
    if (!pieces.empty()) parts.insert(parts.begin(), Part{.rule = std::nullopt, .boxes = std::move(pieces)});
    std::vector<Box> all;
    for (const Part& part : parts) all.insert(all.end(), part.boxes.begin(), part.boxes.end());
    if (all.empty()) return result;
    const std::vector<Box> masks = find_masks(all);
    RuleSearch search(boxes_of_, all, masks);
    const BoxIndex masks_index(search.others());
    masks_index_ = &masks_index;
    for (const Part& part : parts) {
      Branch branch{.redirected_by = part.rule, .rows = {}};
      for (const RuleSearch::Hit& hit : search.split(part.boxes)) branch.rows.push_back(row(hit, part.boxes, search));
      result.branches.push_back(std::move(branch));
    }
    return result;
  }

 private:
  /// What lets packets of these boxes leave with another source.
  std::vector<Box> find_masks(const std::vector<Box>& boxes) {
    std::vector<Box> masks;
    Nearness nearness(boxes, boxes_of_.family());
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      const sema::Rule& rule = policy_.rules[i];
      if (!nearness.has_source(rule.from) || !nearness.has_destination(rule.to)) continue;
      for (const Box& box : boxes_of_.masked_by(rule)) {
        if (!nearness.is_near(box)) continue;
        masks.push_back(box);
        mask_owner_.push_back(i);
      }
    }
    return masks;
  }

  Row row(const RuleSearch::Hit& hit, const std::vector<Box>& question, const RuleSearch& search) const {
    Row row{.rule = hit.rule,
            .way = hit.way,
            .is_finished = hit.is_finished,
            .example = {},
            .passed = {},
            .masked_by = {},
            .blocked_by = {},
            .spoof = {}};
    if (hit.rule != kNoRule && hit.way != Way::Unknown) narrow(hit.rule, question, row);
    if (!hit.is_finished) return row;
    row.example = sample_at(hit.example, search.ranks(), boxes_of_.plain());
    row.passed = search.passed(hit.example, hit.rule);
    row.blocked_by = blocked_by(policy_, row.example);
    row.spoof = spoof_of(policy_, row.example);
    if (row.example.way == Sample::Way::Input || hit.rule == kNoRule || !lets_through(policy_.rules[hit.rule]))
      return row;
    const std::uint32_t mask = masks_index_->first(hit.example);
    if (mask != BoxIndex::kNone) row.masked_by = mask_owner_[mask];
    return row;
  }

  /// What the rule asks for that not all of the question has.
  void narrow(std::size_t rule, const std::vector<Box>& question, Row& row) const {
    const std::vector<Box> boxes = boxes_of_.taken_by(policy_.rules[rule]).boxes;
    for (const Box& asked : question) {
      bool has_all = false;
      bool from = false, to = false, service = false, is_met = false;
      for (const Box& box : boxes) {
        const auto both = common(asked, box);
        if (!both) continue;
        is_met = true;
        const auto is_less = [&](const auto& fields) {
          return std::ranges::any_of(fields, [&](Field field) { return !((*both)[field] == asked[field]); });
        };
        const bool less_from = is_less(kFrom), less_to = is_less(kTo), less_service = is_less(kService);
        has_all = has_all || (!less_from && !less_to && !less_service);
        from = from || less_from;
        to = to || less_to;
        service = service || less_service;
      }
      if (has_all) continue;
      // A part of the question that it knows nothing of lies in another chain, or is at other ends.
      row.has_less_from = row.has_less_from || from || !is_met;
      row.has_less_to = row.has_less_to || to || !is_met;
      row.has_less_service = row.has_less_service || service;
    }
  }

  const sema::Policy& policy_;
  FilterBoxes boxes_of_;
  std::vector<std::size_t> mask_owner_;  ///< by box that lets leave with another source, its rule
  const BoxIndex* masks_index_ = nullptr;
};

bool is_apart(const Interval& a, const Interval& b) { return a.last < b.first || b.last < a.first; }

/// The condition of a rule that a question comes closest to meeting.
void find_difference(const std::vector<Box>& question, const std::vector<Box>& rule, WhyNot& why) {
  std::size_t fewest = SIZE_MAX;
  for (const Box& asked : question)
    for (const Box& box : rule) {
      const auto differs = [&](const auto& fields) {
        return std::ranges::any_of(fields, [&](Field field) { return is_apart(asked[field], box[field]); });
      };
      const bool chain = is_apart(asked[Field::Chain], box[Field::Chain]);
      const bool from = differs(kFrom), service = differs(kService);
      const bool to = differs(kTo) || is_apart(asked[Field::OwnAddress], box[Field::OwnAddress]);
      const std::size_t count = std::size_t{chain} * 2 + std::size_t{from} + std::size_t{to} + std::size_t{service};
      if (count >= fewest) continue;
      fewest = count;
      why.chain = chain;
      why.from = from;
      why.to = to;
      why.service = service;
    }
}

}  // namespace

std::vector<Explanation> explain(const sema::Policy& policy, const Question& question) {
  const auto in = [&](net::Family family) { return Explainer(policy, family).run(question); };
  auto other_half = std::async(std::launch::async, [&] { return in(net::Family::Ipv6); });
  std::vector<Explanation> all{in(net::Family::Ipv4)};
  all.push_back(other_half.get());
  return all;
}

WhyNot why_not(const sema::Policy& policy, const Question& question, std::size_t rule) {
  using enum WhyNot::Kind;
  WhyNot closest{.kind = TakesNone, .by = {}, .example = {}};
  for (const net::Family family : net::kFamilies) {
    const FilterBoxes boxes_of(policy, family);
    const std::vector<Box> asked = analyse::boxes_of(question, boxes_of.plain(), policy);
    const RuleBoxes own = boxes_of.taken_by(policy.rules[rule]);
    if (own.has_more) return {.kind = NotFinished, .by = {}, .example = {}};
    if (asked.empty() || own.boxes.empty()) continue;
    RuleSearch search(boxes_of, asked);
    const bool is_met = std::ranges::any_of(asked, [&](const Box& box) {
      return std::ranges::any_of(own.boxes, [&](const Box& other) { return common(box, other).has_value(); });
    });
    WhyNot why{.kind = Differs, .by = {}, .example = {}};
    if (!is_met) {
      find_difference(asked, own.boxes, why);
    } else if (auto by = search.takers_before(asked, rule)) {
      why.kind = TakenFirst;
      why.by = std::move(*by);
    } else {
      const auto found = search.first(asked, [&](std::size_t each, Way) { return each == rule; });
      why.kind = found.hit ? Takes : NotFinished;
      if (found.hit) {
        why.example = sample_at(found.hit->example, search.ranks(), boxes_of.plain());
        why.takes_all = !search.first(asked, [&](std::size_t each, Way) { return each != rule; }).hit;
      }
    }
    // What happens in one family is told rather than what does not in the other.
    constexpr std::array kOrder{Takes, NotFinished, TakenFirst, Differs, TakesNone};
    const auto place = [&](WhyNot::Kind kind) { return std::ranges::find(kOrder, kind) - kOrder.begin(); };
    if (place(why.kind) < place(closest.kind)) closest = std::move(why);
  }
  return closest;
}

}  // namespace vuurmuur::analyse
