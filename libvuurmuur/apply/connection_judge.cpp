// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/connection_judge.h"

namespace vuurmuur::apply {
namespace {

using ir::Decision;
using ir::Fate;
using Verdict = Judgement::Verdict;

ir::Evaluator::Options options_for(const ir::Ruleset& ruleset, const ForeignAcceptance& foreign) {
  return {.layout = ruleset.marks,
          .foreign = [&foreign](net::Family family, std::string_view chain) { return foreign.chain(family, chain); }};
}

Judgement undecided(Doubt doubt, const std::optional<ir::OriginId>& origin = {}) {
  return {.verdict = Verdict::Undecided, .field = 0, .origin = origin, .doubt = doubt};
}

/// The packet meets both chains, one after the other.
Decision both(const Decision& first, const Decision& second) {
  if (first.fate == Fate::Refused) return first;
  if (second.fate == Fate::Refused || first.fate == Fate::Admitted) {
    Decision result = second;
    if (result.field != first.field) result.field.reset();
    return result;
  }
  return first;
}

/// It meets one of the two.
Decision either(const Decision& first, const Decision& second) {
  Decision result = first;
  if (first.fate != second.fate) result.fate = Fate::Depends;
  if (first.field != second.field) result.field.reset();
  return result;
}

/// The doubt about the device that matters where something is not known.
Judgement doubtful(const FirstPacket& packet, const Decision& decision, Doubt otherwise) {
  Judgement judgement = undecided(otherwise, decision.origin);
  if (packet.in_doubt != DeviceDoubt::None) {
    judgement.doubt = Doubt::InDevice;
    judgement.device = packet.in_doubt;
  } else if (packet.out_doubt != DeviceDoubt::None) {
    judgement.doubt = Doubt::OutDevice;
    judgement.device = packet.out_doubt;
  }
  return judgement;
}

}  // namespace

ConnectionJudge::ConnectionJudge(const ir::Ruleset& ruleset, const ForeignAcceptance& foreign)
    : layout_(ruleset.marks), foreign_(foreign), evaluator_(ruleset, options_for(ruleset, foreign)) {}

Decision ConnectionJudge::decide(const FirstPacket& packet) {
  const Decision first = evaluator_.decide(packet.opening);
  switch (packet.also) {
    case FirstPacket::Also::Nothing: return first;
    case FirstPacket::Also::Then: return both(first, evaluator_.decide(packet.second));
    case FirstPacket::Also::Or: return either(first, evaluator_.decide(packet.second));
  }
  return first;
}

Judgement ConnectionJudge::judge(const LiveConnection& connection, const FirstPacket& packet) {
  if (connection.in_other_zone) return undecided(Doubt::Zone);
  const Decision decision = decide(packet);
  switch (decision.fate) {
    case Fate::Depends: return doubtful(packet, decision, Doubt::Conditions);
    case Fate::Refused: {
      const net::Family family = connection.family();
      const bool may_pass =
          foreign_.may_accept(family, packet.opening.hook) ||
          (packet.also != FirstPacket::Also::Nothing && foreign_.may_accept(family, packet.second.hook));
      if (may_pass) return undecided(Doubt::ForeignRules, decision.origin);
      return {.verdict = Verdict::End, .field = 0, .origin = decision.origin};
    }
    case Fate::Admitted: break;
  }
  if (!decision.field) return doubtful(packet, decision, Doubt::Field);
  Judgement judgement = compare(connection, *decision.field);
  judgement.origin = decision.origin;
  return judgement;
}

Judgement ConnectionJudge::follow(const LiveConnection& connection, const Judgement* master) const {
  if (connection.in_other_zone) return undecided(Doubt::Zone);
  if (master == nullptr) return undecided(Doubt::MasterGone);
  switch (master->verdict) {
    case Verdict::Undecided: return undecided(Doubt::MasterUndecided, master->origin);
    case Verdict::End: return *master;
    case Verdict::Keep:
    case Verdict::Remark: break;
  }
  Judgement judgement = compare(connection, master->field);
  judgement.origin = master->origin;
  return judgement;
}

/// Plain connections are told by their kind alone: their number may be the tag of a reload
/// (doc/decisions/0013-a-reload-nobody-notices.md).
Judgement ConnectionJudge::compare(const LiveConnection& connection, std::uint32_t field) const {
  const ir::MarkField has = layout_.decode(connection.mark), shall = layout_.decode(field);
  const bool is_same = has == shall || (has.kind == shall.kind && has.kind == ir::MarkKind::Plain);
  return {.verdict = is_same ? Verdict::Keep : Verdict::Remark, .field = field};
}

}  // namespace vuurmuur::apply
