// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/ssh_reach.h"

#include <algorithm>

#include "analyse/assertion_syntax.h"
#include "analyse/rule_search.h"
#include "analyse/translations.h"
#include "analyse/verdict_text.h"
#include "base/strings.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::string_view kSsh = "ssh";
constexpr std::uint16_t kSshPort = 22;
constexpr std::uint64_t kInput = 0;

std::vector<net::PortRange> ssh_ports(const model::Policy& model) {
  std::vector<net::PortRange> ports;
  for (const model::Service& service : model.services) {
    if (*service.name != kSsh) continue;
    for (const auto& set : service.port_sets)
      if (set->protocol == net::Protocol::Tcp && std::ranges::find(ports, set->destination) == ports.end())
        ports.push_back(set->destination);
  }
  if (ports.empty()) ports.push_back(net::PortRange::one(kSshPort));
  return ports;
}

void note(std::size_t rule, std::vector<std::size_t>& rules) {
  if (std::ranges::find(rules, rule) == rules.end()) rules.push_back(rule);
}

/// Whether a rule may have to do with packets to this machine's ports, or send them elsewhere.
bool is_about(const sema::Rule& rule, const std::vector<net::PortRange>& ports) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  // Both ports of these may be others than those of their services.
  if (action == Portfw || action == Dnat || action == Redirect || action == Bounce) return true;
  if (rule.to.kind == sema::End::Kind::Peers || rule.to.kind == sema::End::Kind::Broadcast) return false;
  return rule.any_service || std::ranges::any_of(rule.port_sets, [&](const model::PortSet& set) {
           return set.protocol == net::Protocol::Tcp && std::ranges::any_of(ports, [&](const net::PortRange& each) {
                    return each.first <= set.destination.last && set.destination.first <= each.last;
                  });
         });
}

/// The rules of a policy that the question is about, which are few of many, and where they stand.
struct Part {
  Part(const sema::Policy& all, const std::vector<net::PortRange>& ports) {
    policy.settings = all.settings;
    policy.interfaces = all.interfaces;
    policy.networks = all.networks;
    for (std::size_t i = 0; i < all.rules.size(); ++i)
      if (is_about(all.rules[i], ports)) {
        policy.rules.push_back(all.rules[i]);
        places.push_back(i);
      }
  }
  sema::Policy policy;
  std::vector<std::size_t> places;
};

/// What a family says; true when nothing is let in.
bool is_closed(const sema::Policy& policy, net::Family family, SshReach& reach) {
  const FilterBoxes boxes_of(policy, family);
  std::vector<Box> asked;
  for (const net::PortRange& ports : reach.ports) {
    Box box = boxes_of.plain().everything();
    box[Field::Chain] = Interval::one(kInput);
    box[Field::Protocol] = Interval::one(static_cast<std::uint64_t>(net::Protocol::Tcp));
    box[Field::DestinationPort] = Interval::of(ports.first, ports.last);
    asked.push_back(box);
  }
  bool is_whole = true;
  std::vector<Box> question = asked, arrived;  // untouched, and turned to these ports
  for (const FirstRedirected& part : first_redirected(boxes_of, is_whole)) {
    for (const Box& piece : part.pieces) {
      const bool is_met = std::ranges::any_of(question, [&](const Box& box) { return common(box, piece).has_value(); });
      constexpr std::size_t kMostPieces = 2'000;
      if (is_met && !subtract(piece, kMostPieces, question)) is_whole = false;
      // A redirect rule leaves it with this machine.
      if (is_met && part.to.address) note(part.rule, reach.redirected_by);
    }
    if (part.to.address) continue;
    for (const Box& piece : part.pieces)
      for (const Box& there : boxes_of.redirected(piece, part.to))
        for (const Box& box : asked)
          if (const auto both = common(there, box)) arrived.push_back(*both);
  }
  question.insert(question.end(), arrived.begin(), arrived.end());
  if (!is_whole) return false;
  if (question.empty()) return true;
  RuleSearch search(boxes_of, question);
  const auto found = search.first(question, [&](std::size_t rule, Way way) {
    return way == Way::Unknown || (rule != kNoRule && (lets_through(policy.rules[rule]) ||
                                                       *policy.rules[rule].source->action == model::Action::Chain));
  });
  if (found.hit || !found.is_finished) return false;
  for (const RuleSearch::Hit& hit : search.split(question))
    if (hit.rule != kNoRule && hit.way != Way::PassesOn) note(hit.rule, reach.refused_by);
  return true;
}

bool has_word(const std::vector<model::Located<std::string>>& words, std::string_view wanted) {
  return std::ranges::any_of(words, [&](const auto& word) { return base::equals_ignoring_case(*word, wanted); });
}

}  // namespace

SshReach ssh_reach(const model::Policy& model, const sema::Policy& policy) {
  SshReach reach{.ports = ssh_ports(model)};
  const Part part(policy, reach.ports);
  reach.is_closed =
      std::ranges::all_of(net::kFamilies, [&](net::Family family) { return is_closed(part.policy, family, reach); });
  for (std::vector<std::size_t>* rules : {&reach.refused_by, &reach.redirected_by}) {
    for (std::size_t& rule : *rules) rule = part.places[rule];
    std::ranges::sort(*rules);
  }
  return reach;
}

bool wants_ssh_closed(std::string_view assertions) {
  diag::Sink told;
  for (const Assertion& assertion : read_assertions(assertions, diag::FileId{}, told)) {
    if (assertion.kind != Assertion::Kind::Never || !has_word(assertion.from, "any")) continue;
    if (!has_word(assertion.to, "firewall") && !has_word(assertion.to, "firewall(any)")) continue;
    if (assertion.services.empty() || has_word(assertion.services, kSsh) || has_word(assertion.services, "any"))
      return true;
  }
  return false;
}

}  // namespace vuurmuur::analyse
