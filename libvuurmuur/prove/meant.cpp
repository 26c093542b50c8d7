// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/meant.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analyse/device_names.h"
#include "ir/marks.h"
#include "net/ports.h"
#include "prove/all_packets.h"
#include "prove/meant_rule.h"
#include "saved/condition.h"
#include "sema/spoof.h"

namespace vuurmuur::prove {
namespace {

using analyse::Box;
using analyse::Field;
using analyse::Interval;
using model::Action;
using saved::State;

constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;

/// Step 6: flags of which those in `mask` are just those in `set`.
struct ImpossibleFlags {
  std::uint8_t mask, set;
};
constexpr std::array kImpossible{ImpossibleFlags{0x3f, 0},
                                 ImpossibleFlags{kSyn | kFin, kSyn | kFin},
                                 ImpossibleFlags{kSyn | kRst, kSyn | kRst},
                                 ImpossibleFlags{kFin | kRst, kFin | kRst},
                                 ImpossibleFlags{kAck | kFin, kFin},
                                 ImpossibleFlags{kAck | kPsh, kPsh},
                                 ImpossibleFlags{kAck | kUrg, kUrg}};
constexpr std::uint8_t kOpeningMask = kFin | kSyn | kRst | kAck;

/// Step 7: RFC 4890 section 4.4.1.
constexpr std::array<std::uint8_t, 8> kLinkTypes{130, 131, 132, 133, 134, 135, 136, 143};

template <typename Fits>
std::uint64_t flags_that(Fits fits) {
  std::uint64_t flags = 0;
  for (unsigned value = 0; value < 64; ++value)
    if (fits(static_cast<std::uint8_t>(value))) flags |= 1ULL << value;
  return flags;
}

Interval interval_of(const net::Prefix& prefix) {
  return {.first = analyse::value_of(prefix.network().address), .last = analyse::value_of(prefix.last())};
}

std::uint8_t bit(ir::MarkKind kind) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind)); }

class Meaning {
 public:
  Meaning(const analyse::FilterBoxes& boxes, std::span<const sema::QueueUse> kept_queues, Terms& terms)
      : boxes_(boxes),
        kept_queues_(kept_queues),
        policy_(boxes.policy()),
        settings_(*policy_.settings),
        family_(boxes.family()),
        terms_(terms),
        layout_(ir::MarkLayout::create(settings_.connmark_mask.value).value_or(ir::MarkLayout())),
        all_(everything(boxes.plain(), layout_)) {}

  std::array<Program, 3> run() {
    decided();
    loopback();
    protections();
    if (family_ == net::Family::Ipv6) neighbour_discovery();
    blocklist();
    spoofed_destinations();
    dhcp();
    source_limits();
    for (const sema::Rule& rule : policy_.rules) add_rule(rule);
    step_ = "no rule takes it";
    rule_ = nullptr;
    everywhere(all_, drop());
    return std::move(programs_);
  }

 private:
  static Verdict accept() { return {.kind = Verdict::Kind::Accept}; }
  static Verdict drop() { return {.kind = Verdict::Kind::Drop}; }

  void add(Hook hook, const Region& region, const std::string& text, bool ends, bool is_uncertain) {
    const auto own = common(region, everything(boxes_.plain(), layout_, hook));
    if (!own) return;
    prove::add(programs_[static_cast<std::size_t>(hook)], terms_, {.rule = rule_, .step = step_}, *own, text, ends,
               is_uncertain);
  }
  void end(Hook hook, const Region& region, const Verdict& verdict, const Done& done = {}) {
    const bool is_sure = done.conditions.empty();
    add(hook, region, text_of(verdict, done), is_sure, !is_sure);
  }
  void everywhere(const Region& region, const Verdict& verdict, const Done& done = {}) {
    for (const Hook hook : kFilterHooks) end(hook, region, verdict, done);
    // What all chains have ended need not be seen by what stands below.
    if (done.conditions.empty()) static_cast<void>(take_away(Region(region), all_));
  }

  Region with(Field field, const Interval& interval) const { return with(all_, field, interval); }
  static Region with(Region region, Field field, const Interval& interval) {
    region.box[field] = interval;
    return region;
  }
  Region on(Field side, sema::InterfaceId id) const {
    return with(side, boxes_.plain().names(boxes_.plain().device_interval(policy_.interface(id).device)));
  }

  /// Steps 3 and 4; doc/semantics.md section 6.
  void decided() {
    step_ = "established connections";
    Region plain = all_;
    plain.when.states = State::kEstablished | State::kRelated;
    plain.when.kinds = bit(ir::MarkKind::Plain);
    everywhere(plain, accept());
    step_ = "the connection's mark";
    const auto numbered = [this](ir::MarkKind kind, std::uint16_t number) {
      Region region = all_;
      region.when.kinds = bit(kind);
      region.when.first_number = region.when.last_number = number;
      return region;
    };
    const auto rest = [this](ir::MarkKind kind) {
      Region region = all_;
      region.when.kinds = bit(kind);
      return region;
    };
    Region tcp = with(Field::Protocol, Interval::one(static_cast<std::uint64_t>(net::Protocol::Tcp)));
    tcp.when.kinds = bit(ir::MarkKind::Queued);
    if (!policy_.queues.empty() || !kept_queues_.empty()) {
      // What the program that inspects says to both ends in their names.
      Region reset = tcp;
      reset.when.states = State::kEstablished;
      reset.when.flags = flags_that([](std::uint8_t value) { return (value & (kFin | kSyn | kRst)) == kRst; });
      end(Hook::Output, reset, accept());
    }
    for (const auto& uses : {std::span<const sema::QueueUse>(policy_.queues), kept_queues_})
      for (const sema::QueueUse& use : uses) {
        if (!layout_.fits(use.range.first)) continue;
        if (use.drop_urgent) {
          Region urgent = tcp;
          urgent.when.first_number = urgent.when.last_number = use.range.first;
          urgent.when.flags = flags_that([](std::uint8_t value) { return (value & kUrg) != 0; });
          everywhere(urgent, drop());
        }
        Done done;
        if (use.nfmark) done.packet_mark = {use.nfmark->mask, use.nfmark->value};
        everywhere(numbered(ir::MarkKind::Queued, use.range.first), queue(use.range, use.bypass, use.fanout), done);
      }
    everywhere(rest(ir::MarkKind::Queued), drop());
    for (const sema::LogGroupUse& use : policy_.log_groups) {
      Done done;
      done.groups = {use.group};
      if (use.nfmark) done.packet_mark = {use.nfmark->mask, use.nfmark->value};
      everywhere(numbered(ir::MarkKind::Logged, use.group), accept(), done);
    }
    everywhere(rest(ir::MarkKind::Logged), accept());
    for (const model::PacketMark& mark : policy_.packet_marks) {
      Done done;
      done.packet_mark = {mark.mask, mark.value};
      everywhere(numbered(ir::MarkKind::Marked, ir::packet_mark_number(mark.value, mark.mask)), accept(), done);
    }
    everywhere(rest(ir::MarkKind::Marked), accept());
  }

  void loopback() {
    step_ = "loopback";
    const Interval lo = analyse::names_of_devices("lo", /*is_beginning=*/false);
    end(Hook::Input, with(Field::In, lo), accept());
    end(Hook::Output, with(Field::Out, lo), accept());
  }

  void protections() {
    step_ = "protections";
    const auto tcp = with(Field::Protocol, Interval::one(static_cast<std::uint64_t>(net::Protocol::Tcp)));
    for (const ImpossibleFlags& flags : kImpossible) {
      Region region = tcp;
      region.when.flags = flags_that([&](std::uint8_t value) { return (value & flags.mask) == flags.set; });
      everywhere(region, drop());
    }
    Region opening = tcp;
    opening.when.states = State::kNew;
    opening.when.flags = flags_that([](std::uint8_t value) { return (value & kOpeningMask) != kSyn; });
    everywhere(opening, drop());
    if (!settings_.drop_invalid) return;
    Region invalid = all_;
    invalid.when.states = State::kInvalid;
    everywhere(invalid, drop());
  }

  void neighbour_discovery() {
    step_ = "neighbour discovery";
    for (const std::uint8_t type : kLinkTypes) {
      const Region region =
          with(with(Field::Protocol, Interval::one(static_cast<std::uint64_t>(net::Protocol::Icmpv6))),
               Field::SourcePort, Interval::one(type));
      end(Hook::Input, region, accept());
      end(Hook::Output, region, accept());
    }
  }

  void blocklist() {
    step_ = "blocklist";
    for (const net::Prefix& prefix : policy_.blocked) {
      if (prefix.family() != family_) continue;
      everywhere(with(Field::Source, interval_of(prefix)), drop());
      everywhere(with(Field::Destination, interval_of(prefix)), drop());
    }
  }

  void spoofed_destinations() {
    step_ = "anti-spoofing";
    for (const sema::Network& network : policy_.networks)
      for (const model::Spoof spoof : network.spoof_protections)
        for (const sema::SpoofRange& range : sema::spoof_ranges(spoof, family_)) {
          if (!range.as_destination) continue;
          for (const sema::InterfaceId id : network.interfaces) {
            const Region region = with(on(Field::Out, id), Field::Destination, interval_of(range.prefix));
            end(Hook::Forward, region, drop());
            end(Hook::Output, region, drop());
          }
        }
  }

  /// Step 10; RFC 2131, RFC 8415.
  void dhcp() {
    step_ = "DHCP";
    for (const sema::Network& network : policy_.networks)
      for (const sema::InterfaceId id : network.interfaces) {
        const sema::Interface& interface = policy_.interface(id);
        if (network.dhcp_server && interface.has(family_)) dhcp_server(network, id);
        if (network.dhcp_client && interface.is_dynamic(family_)) dhcp_client(id);
      }
  }

  struct Address {
    std::optional<Interval> source, destination;
  };
  void dhcp_packet(Hook hook, sema::InterfaceId id, const Address& address, std::uint16_t from, std::uint16_t to) {
    Region region = on(hook == Hook::Input ? Field::In : Field::Out, id);
    region.box[Field::Protocol] = Interval::one(static_cast<std::uint64_t>(net::Protocol::Udp));
    region.box[Field::SourcePort] = Interval::one(from);
    region.box[Field::DestinationPort] = Interval::one(to);
    if (address.source) region.box[Field::Source] = *address.source;
    if (address.destination) region.box[Field::Destination] = *address.destination;
    end(hook, region, accept());
  }

  static Interval range(const char* prefix) { return interval_of(*net::Prefix::parse(prefix)); }

  void dhcp_server(const sema::Network& network, sema::InterfaceId id) {
    if (family_ == net::Family::Ipv6) {
      dhcp_packet(Hook::Input, id, {.source = range("fe80::/10"), .destination = {}}, 546, 547);
      dhcp_packet(Hook::Output, id, {.source = {}, .destination = range("fe80::/10")}, 547, 546);
      return;
    }
    // Clients have no address yet, or one of the network; they ask everybody, or this machine.
    std::vector<Interval> clients{range("0.0.0.0")}, servers;
    dhcp_packet(Hook::Output, id, {.source = {}, .destination = range("255.255.255.255")}, 67, 68);
    for (const net::Prefix& prefix : network.prefixes) {
      if (prefix.family() != family_ || prefix.is_any()) continue;
      clients.push_back(interval_of(prefix));
      dhcp_packet(Hook::Output, id, {.source = {}, .destination = interval_of(prefix)}, 67, 68);
    }
    if (clients.size() > 1)
      for (const net::Address& address : policy_.interface(id).addresses)
        if (address.family == family_) servers.push_back(interval_of(net::Prefix::host(address)));
    servers.push_back(range("255.255.255.255"));
    for (const Interval& client : clients)
      for (const Interval& server : servers)
        dhcp_packet(Hook::Input, id, {.source = client, .destination = server}, 68, 67);
  }

  void dhcp_client(sema::InterfaceId id) {
    if (family_ == net::Family::Ipv6) {
      dhcp_packet(Hook::Output, id, {.source = range("fe80::/10"), .destination = range("ff02::1:2")}, 546, 547);
      dhcp_packet(Hook::Input, id, {.source = range("fe80::/10"), .destination = range("fe80::/10")}, 547, 546);
      return;
    }
    dhcp_packet(Hook::Output, id, {}, 68, 67);
    dhcp_packet(Hook::Input, id, {}, 67, 68);
  }

  /// Step 11; an IPv6 source is its /64.
  void source_limits() {
    step_ = "limits of sources";
    const auto add_limit = [this](const model::ConnectionLimit& limit, net::Protocol protocol) {
      if (!limit.enabled) return;
      Region region = with(Field::Protocol, Interval::one(static_cast<std::uint64_t>(protocol)));
      region.when.states = State::kNew;
      Done done;
      done.conditions = {source_limit_text(limit.per_second, 1, limit.burst, family_ == net::Family::Ipv4 ? 32 : 64)};
      end(Hook::Input, region, drop(), done);
      end(Hook::Forward, region, drop(), done);
    };
    add_limit(settings_.syn_limit, net::Protocol::Tcp);
    add_limit(settings_.udp_limit, net::Protocol::Udp);
  }

  static Verdict queue(const model::QueueRange& range, bool bypass, bool fanout) {
    return {.kind = Verdict::Kind::Queue,
            .reject_type = {},
            .first_queue = range.first,
            .last_queue = range.last,
            .bypass = bypass,
            .fanout = fanout};
  }

  /// Step 12; doc/semantics.md sections 2 to 5.
  void add_rule(const sema::Rule& rule) {
    const analyse::RuleBoxes taken = boxes_.taken_by(rule);
    rule_ = &rule;
    step_ = "";
    if (taken.has_more) {
      for (Program& program : programs_)
        program.not_modelled.push_back(fmt::format("what rule {} takes is not known", rule.source->number));
      return;
    }
    for (const Box& box : taken.boxes) {
      Region region = all_;
      const std::uint64_t hook = box[Field::Chain].first.low;
      region.box = box;
      region.box[Field::Chain] = all_.box[Field::Chain];
      for (const Field side : {Field::In, Field::Out}) region.box[side] = boxes_.plain().names(box[side]);
      region.when.states = State::kNew;
      does(static_cast<Hook>(hook), region, rule);
    }
  }

  void does(Hook hook, const Region& region, const sema::Rule& rule) {
    const model::Options& options = rule.source->options;
    const Action action = *rule.source->action;
    const Done done = done_by(rule);
    if (const auto logged = logged_by(rule))
      add(hook, region, log_text(settings_.log_group, *logged), /*ends=*/false,
          /*is_uncertain=*/!logged->conditions.empty());
    decide(hook, region, action, options, done);
  }

  void decide(Hook hook, const Region& region, Action action, const model::Options& options, Done done) {
    if (options.nfmark) done.packet_mark = {options.nfmark->value.mask, options.nfmark->value.value};
    const auto remember = [&](ir::MarkKind kind, std::uint16_t number) {
      done.connection_mark = layout_.encode({kind, number});
    };
    switch (action) {
      case Action::Log: return;
      case Action::Drop: return end(hook, region, drop(), done);
      case Action::Reject: return reject(hook, region, options, done);
      case Action::Chain:
        return add(hook, region, chain_text(options.chain->value, done), /*ends=*/false, /*is_uncertain=*/true);
      case Action::Nfqueue: {
        const model::QueueRange range = options.queue ? options.queue->value : model::QueueRange{};
        remember(ir::MarkKind::Queued, range.first);
        return end(hook, region, queue(range, options.queue_bypass.has_value(), options.queue_fanout.has_value()),
                   done);
      }
      case Action::Nflog: {
        const std::uint16_t group = options.log_group ? options.log_group->value : std::uint16_t{0};
        remember(ir::MarkKind::Logged, group);
        done.groups = {group};
        return end(hook, region, accept(), done);
      }
      default:
        if (options.nfmark)
          remember(ir::MarkKind::Marked,
                   ir::packet_mark_number(options.nfmark->value.value, options.nfmark->value.mask));
        return end(hook, region, accept(), done);
    }
  }

  /// A reset answers TCP alone; others get port-unreachable.
  void reject(Hook hook, const Region& region, const model::Options& options, const Done& done) {
    const auto type = options.reject_type ? options.reject_type->value : model::RejectType::PortUnreachable;
    const auto rejected = [&](const Region& what, model::RejectType with) {
      end(hook, what, {.kind = Verdict::Kind::Reject, .reject_type = reject_word(with)}, done);
    };
    if (type != model::RejectType::TcpReset) return rejected(region, type);
    constexpr auto kTcp = static_cast<std::uint64_t>(net::Protocol::Tcp);
    if (const auto of_tcp = common(region, with(Field::Protocol, Interval::one(kTcp)))) rejected(*of_tcp, type);
    for (const Interval& others : {Interval::of(0, kTcp - 1), Interval::of(kTcp + 1, 255)})
      if (const auto of_others = common(region, with(Field::Protocol, others)))
        rejected(*of_others, model::RejectType::PortUnreachable);
  }

  /// The word of iptables-extensions(8) for what a type is in the family (doc/configuration.md).
  std::string reject_word(model::RejectType type) const {
    using enum model::RejectType;
    if (family_ == net::Family::Ipv4 || type == TcpReset) return std::string(model::to_string(type));
    switch (type) {
      case NetUnreachable: return "icmp6-no-route";
      case HostUnreachable: return "icmp6-addr-unreachable";
      case ProtoUnreachable:
      case PortUnreachable: return "icmp6-port-unreachable";
      case NetProhibited:
      case HostProhibited:
      case AdminProhibited: return "icmp6-adm-prohibited";
      case TcpReset: break;
    }
    return {};
  }

  const analyse::FilterBoxes& boxes_;
  std::span<const sema::QueueUse> kept_queues_;
  const sema::Policy& policy_;
  const model::Settings& settings_;
  net::Family family_;
  Terms& terms_;
  ir::MarkLayout layout_;
  Region all_;
  std::array<Program, 3> programs_;
  const char* step_ = "";
  const sema::Rule* rule_ = nullptr;
};

}  // namespace

std::array<Program, 3> meant_by(const analyse::FilterBoxes& boxes, std::span<const sema::QueueUse> kept_queues,
                                Terms& terms) {
  return Meaning(boxes, kept_queues, terms).run();
}

}  // namespace vuurmuur::prove
