// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/rule_groups.h"

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
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

/// Whether a rule does something when it is asked, not only when it matches.
bool has_side_effect(const ir::Rule& rule) {
  return std::ranges::any_of(rule.matches, [](const ir::Match& match) {
    return std::holds_alternative<ir::LimitMatch>(match) || std::holds_alternative<ir::HashlimitMatch>(match);
  });
}

bool is_one_port(net::PortRange ports) { return ports.first == ports.last; }

/// The range of destination ports that a match asks for; null for matches that ask for none.
const net::PortRange* destination_ports(const ir::Match& match) {
  if (const auto* tcp = std::get_if<ir::TcpMatch>(&match)) return &tcp->destination;
  if (const auto* udp = std::get_if<ir::UdpMatch>(&match)) return &udp->destination;
  return nullptr;
}

/// A match without the one port that an element can stand for. Nothing when it asks nothing more than the protocol:
/// it would still turn later fragments away, as the set does.
std::optional<ir::Match> without_port(const ir::Match& match) {
  ir::Match rest = match;
  const auto open = [](auto& ported) {
    if (is_one_port(ported.destination)) ported.destination = net::PortRange::any();
  };
  if (auto* tcp = std::get_if<ir::TcpMatch>(&rest)) {
    open(*tcp);
    if (*tcp == ir::TcpMatch{}) return std::nullopt;
  } else if (auto* udp = std::get_if<ir::UdpMatch>(&rest)) {
    open(*udp);
    if (*udp == ir::UdpMatch{}) return std::nullopt;
  }
  return rest;
}

/// Whether two lists of matches are the same without_port().
bool are_alike(const std::vector<ir::Match>& a, const std::vector<ir::Match>& b) {
  // Most rules have one match, of a port.
  if (a == b) return true;
  if (a.size() == 1 && b.size() == 1) {
    const auto *left = std::get_if<ir::TcpMatch>(&a.front()), *right = std::get_if<ir::TcpMatch>(&b.front());
    if (left != nullptr && right != nullptr && is_one_port(left->destination) && is_one_port(right->destination))
      return left->source == right->source && left->flags == right->flags &&
             left->flags_inverted == right->flags_inverted;
  }
  const auto next = [](const std::vector<ir::Match>& matches, std::size_t& at) -> std::optional<ir::Match> {
    while (at < matches.size())
      if (auto rest = without_port(matches[at++])) return rest;
    return std::nullopt;
  };
  for (std::size_t i = 0, j = 0;;) {
    const auto left = next(a, i), right = next(b, j);
    if (left != right) return false;
    if (!left) return true;
  }
}

/// A rule of the chain, prepared.
struct Candidate {
  SetParts parts;
  Box box;
  std::optional<std::uint32_t> kind;  ///< which rules it is alike with; nothing when it stays by itself
};

/// A rule, to be compared by what those of a group have in common.
struct Sample {
  const ir::Rule* rule = nullptr;
  const SetParts* parts = nullptr;
  Origins origins = Origins::Same;
  std::size_t hash = 0;

  Sample(const ir::Rule& of, const SetParts& with, Origins differing) : rule(&of), parts(&with), origins(differing) {
    Mixer mixer;
    mixer.add(std::hash<std::string>{}(of.in_interface));
    mixer.add(std::hash<std::string>{}(of.out_interface));
    mixer.add(of.protocol ? static_cast<std::uint64_t>(*of.protocol) : 256);
    mixer.add(of.target.index());
    if (const auto* jump = std::get_if<ir::GotoTarget>(&of.target)) mixer.add(static_cast<std::uint64_t>(jump->chain));
    if (origins == Origins::Same) mixer.add(static_cast<std::uint64_t>(of.origin));
    mixer.add(std::uint64_t{with.source.length} << 16 | std::uint64_t{with.destination.length} << 8 |
              std::uint64_t{with.port.has_value()});
    hash = mixer.value();
  }

  bool operator==(const Sample& other) const {
    const ir::Rule &a = *rule, &b = *other.rule;
    return hash == other.hash && parts->source.length == other.parts->source.length &&
           parts->destination.length == other.parts->destination.length &&
           parts->port.has_value() == other.parts->port.has_value() && a.in_interface == b.in_interface &&
           a.out_interface == b.out_interface && a.protocol == b.protocol && a.fragment == b.fragment &&
           a.commented == b.commented && (origins == Origins::Any || a.origin == b.origin) && a.target == b.target &&
           are_alike(a.matches, b.matches);
  }
};

struct SampleHash {
  std::size_t operator()(const Sample& sample) const { return sample.hash; }
};

/// A group while rules are added to it.
class OpenGroup {
 public:
  OpenGroup(std::uint32_t index, const Candidate& first, const ir::Rule& rule)
      : target_(&rule.target), box_(first.box), first_(index) {
    origin_ = rule.origin;
    has_side_effect_ = has_side_effect(rule);
    lengths_ = {first.parts.source.length, first.parts.destination.length};
    has_port_ = first.parts.port.has_value();
    if (!first.kind) return;
    list_ = std::make_unique<List>();
    add(index, first, rule);
    box_.source = box_.destination = {};
    if (has_port_) box_.ports = net::PortRange::any();
  }

  /// Appends its rules.
  void append_to(std::vector<std::uint32_t>& rules) const {
    if (list_)
      rules.insert(rules.end(), list_->members.begin(), list_->members.end());
    else
      rules.push_back(first_);
  }
  [[nodiscard]] bool has_equal(const SetParts& parts) const { return list_->parts.contains(parts); }

  /// One more rule of a list.
  void add(std::uint32_t index, const Candidate& candidate, const ir::Rule& rule) {
    list_->members.push_back(index);
    if (origin_ != rule.origin) origin_.reset();
    list_->parts.insert(candidate.parts);
    for (auto& [shape, cut] : list_->cuts) cut.insert(shape.cut(candidate.parts));
  }

  /// Whether a rule that stands behind these may be moved before them.
  [[nodiscard]] bool lets_pass(const Candidate& candidate, const ir::Rule& rule, const InterfaceNames& names) {
    if (!has_side_effect_ && origin_ == rule.origin && *target_ == rule.target) return true;
    return !overlap(candidate.box, box_, names) || (list_ && !holds_some_of(candidate));
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

  /// Rules that are alike.
  struct List {
    std::vector<std::uint32_t> members;
    PartsSet parts;                     ///< of the members
    std::map<CutShape, PartsSet> cuts;  ///< the same, cut
  };

  /// Whether some packet has the addresses and port of a rule here and of the candidate.
  [[nodiscard]] bool holds_some_of(const Candidate& candidate) {
    const SetParts& parts = candidate.parts;
    const CutShape shape{std::min(lengths_.first, parts.source.length),
                         std::min(lengths_.second, parts.destination.length), has_port_ && parts.port.has_value()};
    const auto [cut, is_new] = list_->cuts.try_emplace(shape);
    if (is_new)
      for (const SetParts& each : list_->parts) cut->second.insert(shape.cut(each));
    return cut->second.contains(shape.cut(parts));
  }

  const ir::Target* target_;
  Box box_;  ///< of the rules, but for what they differ in
  std::optional<ir::OriginId> origin_;
  bool has_side_effect_ = false, has_port_ = false;
  std::pair<std::uint8_t, std::uint8_t> lengths_;
  std::uint32_t first_;
  std::unique_ptr<List> list_;  ///< nothing for a rule by itself
};

class Grouper {
 public:
  Grouper(const std::vector<ir::Rule>& rules, std::size_t fewest, Origins origins) : rules_(rules) {
    candidates_.reserve(rules.size());
    for (const ir::Rule& rule : rules) candidates_.push_back({.parts = SetParts::of(rule), .box = {}, .kind = {}});
    find_kinds(fewest, origins);
  }

  RuleGroups run() {
    if (newest_.empty()) return {};
    for (std::uint32_t i = 0; i < rules_.size(); ++i) candidates_[i].box = Box::of(rules_[i], names_);
    groups_.reserve(rules_.size());
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      OpenGroup* group = candidate.kind ? joinable(candidate, rules_[i]) : nullptr;
      if (group == nullptr) {
        if (candidate.kind) newest_[*candidate.kind] = groups_.size();
        groups_.emplace_back(i, candidate, rules_[i]);
      } else {
        group->add(i, candidate, rules_[i]);
      }
    }
    RuleGroups result;
    result.rules.reserve(rules_.size());
    result.ends.reserve(groups_.size());
    for (const OpenGroup& group : groups_) {
      group.append_to(result.rules);
      result.ends.push_back(static_cast<std::uint32_t>(result.rules.size()));
    }
    return result;
  }

 private:
  /// Gives rules that have more than `fewest` alike their kind.
  void find_kinds(std::size_t fewest, Origins origins) {
    std::vector<std::optional<Sample>> samples(rules_.size());
    // How many rules have a hash, or one that ends like it: most of those that are alone are done with here.
    std::vector<std::uint32_t> alike(std::bit_ceil(2 * rules_.size() + 1), 0);
    const auto count_of = [&alike](const Sample& sample) -> std::uint32_t& {
      return alike[sample.hash & (alike.size() - 1)];
    };
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const SetParts& parts = candidates_[i].parts;
      if ((parts.source.length == 0 && parts.destination.length == 0) || has_side_effect(rules_[i])) continue;
      ++count_of(samples[i].emplace(rules_[i], parts, origins));
    }
    std::unordered_map<Sample, std::uint32_t, SampleHash> kinds;
    std::vector<std::size_t> counts;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (!samples[i] || count_of(*samples[i]) <= fewest) continue;
      const auto [kind, is_new] = kinds.try_emplace(*samples[i], static_cast<std::uint32_t>(counts.size()));
      if (is_new) counts.push_back(0);
      ++counts[kind->second];
      candidates_[i].kind = kind->second;
    }
    if (std::ranges::none_of(counts, [fewest](std::size_t count) { return count > fewest; })) return;
    newest_.resize(counts.size());
    for (Candidate& candidate : candidates_)
      if (candidate.kind && counts[*candidate.kind] <= fewest) candidate.kind.reset();
  }

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
  /// By kind, the group that its rules join. Empty when no kind has enough rules.
  std::vector<std::optional<std::size_t>> newest_;
};

}  // namespace

SetParts SetParts::of(const ir::Rule& rule) {
  SetParts parts{.source = AddressBits::of(rule.source), .destination = AddressBits::of(rule.destination), .port = {}};
  for (const ir::Match& match : rule.matches)
    if (const net::PortRange* ports = destination_ports(match); ports != nullptr && is_one_port(*ports))
      parts.port = ports->first;
  return parts;
}

ir::Rule without_set_parts(ir::Rule rule) {
  rule.source.reset();
  rule.destination.reset();
  std::vector<ir::Match> rest;
  for (const ir::Match& match : rule.matches)
    if (auto kept = without_port(match)) rest.push_back(std::move(*kept));
  rule.matches = std::move(rest);
  return rule;
}

RuleGroups group_rules(const std::vector<ir::Rule>& rules, std::size_t fewest, Origins origins) {
  return Grouper(rules, fewest, origins).run();
}

}  // namespace vuurmuur::compile
