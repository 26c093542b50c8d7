// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/rule_groups.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace vuurmuur::compile {
namespace {

/// So many groups a rule may be moved across.
constexpr std::size_t kReach = 64;

/// Makes one hash of several.
class Mixer {
 public:
  void add(std::uint64_t value) { value_ = (value_ ^ value) * 0x9e3779b97f4a7c15ull ^ value_ >> 29; }
  [[nodiscard]] std::size_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

struct PartsHash {
  std::size_t operator()(const SetParts& parts) const {
    Mixer mixer;
    for (const AddressBits* bits : {&parts.source, &parts.destination}) {
      mixer.add(bits->high);
      mixer.add(bits->low);
    }
    mixer.add(parts.port.value_or(0));
    return mixer.value();
  }
};
using PartsSet = std::unordered_set<SetParts, PartsHash>;

/// What the rules of a group have in common.
struct Alike {
  ir::Rule rule;  ///< without what they differ in
  std::uint8_t source_length = 0, destination_length = 0;
  bool has_port = false;
  bool operator==(const Alike&) const = default;
};

struct AlikeHash {
  std::size_t operator()(const Alike& alike) const {
    Mixer mixer;
    mixer.add(std::hash<std::string>{}(alike.rule.in_interface));
    mixer.add(std::hash<std::string>{}(alike.rule.out_interface));
    mixer.add(alike.rule.protocol ? static_cast<std::uint64_t>(*alike.rule.protocol) : 256);
    mixer.add(alike.rule.matches.size());
    mixer.add(alike.rule.target.index());
    if (const auto* jump = std::get_if<ir::GotoTarget>(&alike.rule.target))
      mixer.add(static_cast<std::uint64_t>(jump->chain));
    mixer.add(static_cast<std::uint64_t>(alike.rule.origin));
    mixer.add(std::uint64_t{alike.source_length} << 16 | std::uint64_t{alike.destination_length} << 8 |
              std::uint64_t{alike.has_port});
    return mixer.value();
  }
};

/// Whether a rule does something when it is asked, not only when it matches.
bool has_side_effect(const ir::Rule& rule) {
  return std::ranges::any_of(rule.matches, [](const ir::Match& match) {
    return std::holds_alternative<ir::LimitMatch>(match) || std::holds_alternative<ir::HashlimitMatch>(match);
  });
}

bool is_one_port(net::PortRange ports) { return ports.first == ports.last; }

/// The range of destination ports that a match asks for; null for matches that ask for none.
net::PortRange* destination_ports(ir::Match& match) {
  if (auto* tcp = std::get_if<ir::TcpMatch>(&match)) return &tcp->destination;
  if (auto* udp = std::get_if<ir::UdpMatch>(&match)) return &udp->destination;
  return nullptr;
}

/// A rule of the chain, prepared.
struct Candidate {
  SetParts parts;
  Box box;
  std::optional<std::uint32_t> kind;  ///< which Alike; nothing when it stays by itself
};

/// A group while rules are added to it.
class OpenGroup {
 public:
  OpenGroup(const Candidate& first, const ir::Rule& rule) : target_(&rule.target), box_(first.box) {
    origin_ = rule.origin;
    has_side_effect_ = has_side_effect(rule);
    is_list_ = first.kind.has_value();
    lengths_ = {first.parts.source.length, first.parts.destination.length};
    has_port_ = first.parts.port.has_value();
    if (!is_list_) return;
    box_.source = box_.destination = {};
    if (has_port_) box_.ports = net::PortRange::any();
  }

  [[nodiscard]] const RuleGroup& members() const { return members_; }
  [[nodiscard]] bool has_equal(const SetParts& parts) const { return parts_.contains(parts); }

  void add(std::uint32_t index, const Candidate& candidate, const ir::Rule& rule) {
    members_.push_back(index);
    if (origin_ != rule.origin) origin_.reset();
    if (!is_list_) return;
    parts_.insert(candidate.parts);
    for (auto& [shape, cut] : cuts_) cut.insert(shape.cut(candidate.parts));
  }

  /// Whether a rule that stands behind these may be moved before them.
  [[nodiscard]] bool lets_pass(const Candidate& candidate, const ir::Rule& rule, const InterfaceNames& names) {
    if (!has_side_effect_ && origin_ == rule.origin && *target_ == rule.target) return true;
    return !overlap(candidate.box, box_, names) || (is_list_ && !holds_some_of(candidate));
  }

 private:
  /// How parts are cut to be compared with those of other lengths.
  struct CutShape {
    std::uint8_t source_length, destination_length;
    bool has_port;
    auto operator<=>(const CutShape&) const = default;

    [[nodiscard]] SetParts cut(const SetParts& parts) const {
      return {parts.source.cut(source_length), parts.destination.cut(destination_length),
              has_port ? parts.port : std::nullopt};
    }
  };

  /// Whether some packet has the addresses and port of a rule here and of the candidate.
  [[nodiscard]] bool holds_some_of(const Candidate& candidate) {
    const SetParts& parts = candidate.parts;
    const CutShape shape{std::min(lengths_.first, parts.source.length),
                         std::min(lengths_.second, parts.destination.length), has_port_ && parts.port.has_value()};
    const auto [cut, is_new] = cuts_.try_emplace(shape);
    if (is_new)
      for (const SetParts& each : parts_) cut->second.insert(shape.cut(each));
    return cut->second.contains(shape.cut(parts));
  }

  const ir::Target* target_;
  Box box_;  ///< of the rules, but for what they differ in
  std::optional<ir::OriginId> origin_;
  bool has_side_effect_ = false, is_list_ = false, has_port_ = false;
  std::pair<std::uint8_t, std::uint8_t> lengths_;
  RuleGroup members_;
  PartsSet parts_;
  std::map<CutShape, PartsSet> cuts_;
};

class Grouper {
 public:
  Grouper(const std::vector<ir::Rule>& rules, std::size_t fewest, Origins origins) : rules_(rules) {
    std::unordered_map<Alike, std::uint32_t, AlikeHash> kinds;
    std::vector<std::size_t> counts;
    candidates_.reserve(rules.size());
    for (const ir::Rule& rule : rules) {
      Candidate& candidate =
          candidates_.emplace_back(Candidate{.parts = SetParts::of(rule), .box = Box::of(rule, names_), .kind = {}});
      const SetParts& parts = candidate.parts;
      if ((parts.source.length == 0 && parts.destination.length == 0) || has_side_effect(rule)) continue;
      Alike alike{.rule = without_set_parts(rule),
                  .source_length = parts.source.length,
                  .destination_length = parts.destination.length,
                  .has_port = parts.port.has_value()};
      if (origins == Origins::Any) alike.rule.origin = {};
      const auto [kind, is_new] = kinds.try_emplace(std::move(alike), static_cast<std::uint32_t>(counts.size()));
      if (is_new) counts.push_back(0);
      ++counts[kind->second];
      candidate.kind = kind->second;
    }
    for (Candidate& candidate : candidates_)
      if (candidate.kind && counts[*candidate.kind] <= fewest) candidate.kind.reset();
    newest_.resize(counts.size());
  }

  std::vector<RuleGroup> run() {
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      OpenGroup* group = candidate.kind ? joinable(candidate, rules_[i]) : nullptr;
      if (group == nullptr) {
        if (candidate.kind) newest_[*candidate.kind] = groups_.size();
        group = &groups_.emplace_back(candidate, rules_[i]);
      }
      group->add(i, candidate, rules_[i]);
    }
    std::vector<RuleGroup> result;
    result.reserve(groups_.size());
    for (const OpenGroup& group : groups_) result.push_back(group.members());
    return result;
  }

 private:
  OpenGroup* joinable(const Candidate& candidate, const ir::Rule& rule) {
    const auto newest = newest_[*candidate.kind];
    if (!newest || groups_[*newest].has_equal(candidate.parts)) return nullptr;
    if (groups_.size() - *newest > kReach) return nullptr;
    for (std::size_t i = *newest + 1; i < groups_.size(); ++i)
      if (!groups_[i].lets_pass(candidate, rule, names_)) return nullptr;
    return &groups_[*newest];
  }

  const std::vector<ir::Rule>& rules_;
  InterfaceNames names_;
  std::vector<Candidate> candidates_;
  std::vector<OpenGroup> groups_;
  std::vector<std::optional<std::size_t>> newest_;  ///< by kind, the group that its rules join
};

}  // namespace

SetParts SetParts::of(const ir::Rule& rule) {
  SetParts parts{.source = AddressBits::of(rule.source), .destination = AddressBits::of(rule.destination), .port = {}};
  for (ir::Match match : rule.matches)
    if (const net::PortRange* ports = destination_ports(match); ports != nullptr && is_one_port(*ports))
      parts.port = ports->first;
  return parts;
}

ir::Rule without_set_parts(ir::Rule rule) {
  rule.source.reset();
  rule.destination.reset();
  for (ir::Match& match : rule.matches)
    if (net::PortRange* ports = destination_ports(match); ports != nullptr && is_one_port(*ports))
      *ports = net::PortRange::any();
  // A match that asks nothing more than the protocol would still turn later fragments away, as the set does.
  std::erase_if(rule.matches, [](const ir::Match& match) {
    return match == ir::Match{ir::TcpMatch{}} || match == ir::Match{ir::UdpMatch{}};
  });
  return rule;
}

std::vector<RuleGroup> group_rules(const std::vector<ir::Rule>& rules, std::size_t fewest, Origins origins) {
  return Grouper(rules, fewest, origins).run();
}

}  // namespace vuurmuur::compile
