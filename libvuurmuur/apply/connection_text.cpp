// SPDX-License-Identifier: GPL-2.0-or-later
// What is said to people of live connections.
#include <fmt/format.h>

#include "apply/connection_review.h"

namespace vuurmuur::apply {
namespace {

std::string_view reason(DeviceDoubt doubt, bool incoming) {
  switch (doubt) {
    case DeviceDoubt::None: break;
    case DeviceDoubt::NoRoute:
      return incoming ? "no route leads back to its source" : "no route leads to its destination";
    case DeviceDoubt::SeveralRoutes:
      return incoming ? "routes lead back to its source by several devices"
                      : "routes lead to its destination by several devices";
    case DeviceDoubt::RoutingRules: return "routes are chosen by more than addresses (ip rule)";
    case DeviceDoubt::LinkLocal: return "its address is in use on every link";
    case DeviceDoubt::Group: return "it went to a multicast or broadcast address";
    case DeviceDoubt::NoSource: return "it came from the unspecified address";
  }
  return "";
}

/// "rule 3: …", or what stands for no rule.
std::string rule_of(const ReviewedConnection& reviewed) {
  return reviewed.rule.empty() ? "the policy of the chain" : reviewed.rule;
}

std::string doubt(const ReviewedConnection& reviewed) {
  const Judgement& judgement = reviewed.judgement;
  switch (judgement.doubt) {
    case Doubt::None: break;
    case Doubt::InDevice:
      return fmt::format("it is not known by which device it came: {}", reason(judgement.device, true));
    case Doubt::OutDevice:
      return fmt::format("it is not known by which device it left: {}", reason(judgement.device, false));
    case Doubt::Conditions:
      return fmt::format("what cannot be asked any more decides (a limit, a MAC address, a chain of others): {}",
                         rule_of(reviewed));
    case Doubt::ForeignRules:
      return fmt::format("refused by {}, but rules of others beside ours may accept it", rule_of(reviewed));
    case Doubt::Field:
      return fmt::format("admitted; what cannot be asked any more decides into which queue or log group: {}",
                         rule_of(reviewed));
    case Doubt::Zone: return "it is in a conntrack zone of others";
    case Doubt::MasterGone: return "a helper announced it for a connection that has ended";
    case Doubt::MasterUndecided: return "a helper announced it for a connection that is undecided";
  }
  return "";
}

}  // namespace

std::string to_string(const ir::MarkField& field) {
  switch (field.kind) {
    case ir::MarkKind::Plain: return "plain";
    case ir::MarkKind::Queued: return fmt::format("queue {}", field.number);
    case ir::MarkKind::Logged: return fmt::format("log group {}", field.number);
    case ir::MarkKind::Marked: return fmt::format("packet mark {}", field.number);
  }
  return "";
}

std::string explain(const ReviewedConnection& reviewed) {
  switch (reviewed.judgement.verdict) {
    case Judgement::Verdict::Keep: return "as the rules want it";
    case Judgement::Verdict::End: return fmt::format("refused by {}", rule_of(reviewed));
    case Judgement::Verdict::Remark:
      return fmt::format("{} instead of {}, by {}", to_string(reviewed.shall), to_string(reviewed.has),
                         rule_of(reviewed));
    case Judgement::Verdict::Undecided: return doubt(reviewed);
  }
  return "";
}

}  // namespace vuurmuur::apply
