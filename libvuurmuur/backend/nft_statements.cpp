// SPDX-License-Identifier: GPL-2.0-or-later
// A rule of the IR as statements: one overload a match or target.
#include "backend/nft_statements.h"

#include "backend/reject_type.h"
#include "base/assert.h"

namespace vuurmuur::backend::nft {
namespace {

class Conditions {
 public:
  Conditions(std::vector<Statement>& out, Surroundings& surroundings) : out_(out), surroundings_(surroundings) {}

  void fields(const ir::Rule& rule) {
    interface(Field::InInterface, rule.in_interface);
    interface(Field::OutInterface, rule.out_interface);
    address(Field::Source, rule.source);
    address(Field::Destination, rule.destination);
    if (rule.protocol && *rule.protocol != net::Protocol{})
      out_.push_back(NumberTest{.field = Field::Protocol, .value = static_cast<std::uint32_t>(*rule.protocol)});
    constexpr std::uint32_t kOffsetBits = 0x1fff;  // RFC 791: behind the three flags
    if (rule.fragment) out_.push_back(NumberTest{Field::FragmentOffset, Relation::AnyOf, kOffsetBits});
  }

  void operator()(const ir::TcpMatch& match) {
    ports(Field::TcpSource, match.source);
    ports(Field::TcpDestination, match.destination);
    if (match.flags.mask == 0 && !match.flags_inverted) return;
    out_.push_back(NumberTest{Field::TcpFlags, match.flags_inverted ? Relation::NotEqual : Relation::Equal,
                              match.flags.wanted, match.flags.mask});
  }

  void operator()(const ir::UdpMatch& match) {
    ports(Field::UdpSource, match.source);
    ports(Field::UdpDestination, match.destination);
  }

  void operator()(const ir::IcmpMatch& match) {
    out_.push_back(NumberTest{.field = Field::IcmpType, .value = match.type});
    if (match.code) out_.push_back(NumberTest{.field = Field::IcmpCode, .value = *match.code});
  }

  void operator()(const ir::ConntrackMatch& match) {
    // NF_CT_STATE_INVALID_BIT, NF_CT_STATE_BIT(ctinfo) and NF_CT_STATE_UNTRACKED_BIT of
    // linux/netfilter/nf_conntrack_common.h.
    constexpr std::uint32_t kInvalid = 1, kEstablished = 2, kRelated = 4, kNew = 8, kUntracked = 64;
    std::uint32_t bits = 0;
    if ((match.states & ir::kCtInvalid) != 0) bits |= kInvalid;
    if ((match.states & ir::kCtEstablished) != 0) bits |= kEstablished;
    if ((match.states & ir::kCtRelated) != 0) bits |= kRelated;
    if ((match.states & ir::kCtNew) != 0) bits |= kNew;
    if ((match.states & ir::kCtUntracked) != 0) bits |= kUntracked;
    out_.push_back(NumberTest{Field::CtState, Relation::AnyOf, bits});
  }

  void operator()(const ir::ConnmarkMatch& match) {
    out_.push_back(
        NumberTest{Field::CtMark, match.inverted ? Relation::NotEqual : Relation::Equal, match.value, match.mask});
  }

  void operator()(const ir::MarkMatch& match) {
    out_.push_back(NumberTest{Field::PacketMark, Relation::Equal, match.value, match.mask});
  }

  void operator()(const ir::ClusterMatch& match) {
    out_.push_back(ClusterTest{.total = match.total, .first = match.first, .last = match.last});
  }

  void operator()(const ir::LimitMatch& match) {
    out_.push_back(Limit{.count = match.count, .unit_seconds = seconds(match.unit), .burst = match.burst});
  }

  void operator()(const ir::HashlimitMatch& match) {
    out_.push_back(MeterTest{.set = surroundings_.meter(match), .per_second = match.per_second, .burst = match.burst});
  }

  void operator()(const ir::MacMatch& match) { out_.push_back(MacTest{match.source}); }
  void operator()(const ir::RpfilterMatch&) { out_.push_back(ReversePathTest{}); }
  void operator()(const ir::FragmentHeaderMatch&) { out_.push_back(FragmentHeaderTest{}); }

  void operator()(const ir::AddrtypeMatch& match) {
    out_.push_back(
        LocalAddressTest{.field = match.side == ir::AddrtypeMatch::Side::Source ? Field::Source : Field::Destination,
                         .of_input = match.limit_iface_in,
                         .of_output = match.limit_iface_out});
  }

  void operator()(const ir::SetMatch& match) {
    const Index set = surroundings_.set(match.set);
    if (surroundings_.set_at(set).kind == Set::Kind::Counters && !match.inverted)
      out_.push_back(CountElement{set});
    else
      out_.push_back(SetTest{.set = set,
                             .is_inverted = match.inverted,
                             .of_destination = surroundings_.set_at(set).kind == Set::Kind::Timed &&
                                               match.key == ir::SetKey::Destination});
  }

 private:
  void interface(Field field, const std::string& name) {
    if (!name.empty() && name != "+") out_.push_back(InterfaceTest{field, name});
  }

  void address(Field field, const std::optional<net::Prefix>& prefix) {
    if (prefix && !prefix->is_any()) out_.push_back(AddressTest{field, *prefix});
  }

  void ports(Field field, const net::PortRange& range) {
    if (range.is_any()) return;
    if (range.first == range.last)
      out_.push_back(NumberTest{.field = field, .value = range.first});
    else
      out_.push_back(RangeTest{field, range});
  }

  static std::uint32_t seconds(ir::LimitMatch::Unit unit) {
    switch (unit) {
      case ir::LimitMatch::Unit::Second: return 1;
      case ir::LimitMatch::Unit::Minute: return 60;
      case ir::LimitMatch::Unit::Hour: return 3600;
      case ir::LimitMatch::Unit::Day: return 86400;
    }
    return 1;
  }

  std::vector<Statement>& out_;
  Surroundings& surroundings_;
};

class Targets {
 public:
  Targets(std::vector<Statement>& out, Surroundings& surroundings, net::Family family, const ir::Rule& rule)
      : out_(out), surroundings_(surroundings), family_(family), rule_(rule) {}

  void operator()(const ir::AcceptTarget&) { verdict(Verdict::Kind::Accept); }
  void operator()(const ir::DropTarget&) { verdict(Verdict::Kind::Drop); }
  void operator()(const ir::JumpTarget& target) { verdict(Verdict::Kind::Jump, surroundings_.chain(target.chain)); }
  void operator()(const ir::GotoTarget& target) { verdict(Verdict::Kind::Goto, surroundings_.chain(target.chain)); }

  void operator()(const ir::RejectTarget& target) {
    if (target.with == ir::RejectTarget::With::TcpReset)
      out_.push_back(Reject{.with_reset = true});
    else
      out_.push_back(Reject{.code = unreachable_code(family_, target.with)});
  }

  void operator()(const ir::NflogTarget& target) { out_.push_back(Log{target.group, target.prefix}); }

  void operator()(const ir::NfqueueTarget& target) {
    out_.push_back(Queue{.first = target.first,
                         .last = target.last,
                         .bypass = target.bypass,
                         .cpu_fanout = target.cpu_fanout && target.first != target.last});
  }

  void operator()(const ir::ConnmarkTarget& target) { out_.push_back(SetMark{true, target.value, target.mask}); }
  void operator()(const ir::MarkTarget& target) { out_.push_back(SetMark{false, target.value, target.mask}); }

  void operator()(const ir::DnatTarget& target) {
    out_.push_back(Translate{Translate::Kind::Destination, target.address, target.ports, target.random});
  }
  void operator()(const ir::SnatTarget& target) {
    out_.push_back(Translate{Translate::Kind::Source, target.address, {}, target.random});
  }
  void operator()(const ir::MasqueradeTarget& target) {
    out_.push_back(Translate{Translate::Kind::Masquerade, {}, {}, target.random});
  }
  void operator()(const ir::RedirectTarget& target) {
    out_.push_back(Translate{Translate::Kind::Redirect, {}, net::PortRange::one(target.port), target.random});
  }

  void operator()(const ir::CtHelperTarget& target) {
    VM_ASSERT(rule_.protocol.has_value());
    out_.push_back(SetHelper{surroundings_.helper(target.helper, *rule_.protocol)});
  }

  void operator()(const ir::TcpmssTarget&) { out_.push_back(ClampMss{}); }

 private:
  void verdict(Verdict::Kind kind, Index chain = 0) { out_.push_back(Verdict{kind, chain}); }

  std::vector<Statement>& out_;
  Surroundings& surroundings_;
  net::Family family_;
  const ir::Rule& rule_;
};

}  // namespace

void append_conditions(std::vector<Statement>& out, Surroundings& surroundings, net::Family, const ir::Rule& rule) {
  Conditions conditions(out, surroundings);
  conditions.fields(rule);
  for (const ir::Match& match : rule.matches) std::visit(conditions, match);
}

void append_target(std::vector<Statement>& out, Surroundings& surroundings, net::Family family, const ir::Rule& rule) {
  std::visit(Targets(out, surroundings, family, rule), rule.target);
}

}  // namespace vuurmuur::backend::nft
