// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/meant_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/marks.h"
#include "net/ports.h"
#include "prove/all_packets.h"
#include "prove/meant_rule.h"
#include "sema/helpers.h"
#include "sema/spoof.h"

namespace vuurmuur::prove {
namespace {

using analyse::Box;
using analyse::Field;
using analyse::Interval;
using model::Action;

constexpr auto kTcp = static_cast<std::uint64_t>(net::Protocol::Tcp),
               kUdp = static_cast<std::uint64_t>(net::Protocol::Udp);

/// The rules of a policy as table nat has them: the first that translates a packet counts.
bool is_all_done_at_hook(Action action) {
  return action == Action::Dnat || action == Action::Snat || action == Action::Masq;
}

class Meaning {
 public:
  Meaning(const analyse::FilterBoxes& boxes, const PacketMarks& packet_marks, Terms& terms)
      : boxes_(boxes),
        packet_marks_(packet_marks),
        policy_(boxes.policy()),
        family_(boxes.family()),
        terms_(terms),
        layout_(ir::MarkLayout::create(policy_.settings->connmark_mask.value).value_or(ir::MarkLayout())) {}

  std::array<Program, kHooks> run() {
    dhcp();
    spoofed_sources();
    reverse_paths();
    clamps();
    releases();
    for (const sema::Rule& rule : policy_.rules) {
      rule_ = &rule;
      step_ = "";
      if (rule.never) continue;
      helpers(rule);
      destinations(rule);
      sources(rule);
    }
    rule_ = nullptr;
    step_ = "nothing is done here";
    for (std::size_t i = std::size(kFilterHooks); i < kHooks; ++i) {
      const auto hook = static_cast<Hook>(i);
      end(hook, all(hook), {.kind = Verdict::Kind::Accept});
    }
    return std::move(programs_);
  }

 private:
  [[nodiscard]] Region all(Hook hook) const { return everything(boxes_.plain(), layout_, hook); }

  void add(Hook hook, const Region& region, const std::string& text, bool ends, bool is_uncertain) {
    prove::add(programs_[static_cast<std::size_t>(hook)], terms_, {.rule = rule_, .step = step_}, region, text, ends,
               is_uncertain);
  }
  void end(Hook hook, const Region& region, const Verdict& verdict, const Done& done = {}) {
    const bool is_sure = done.conditions.empty();
    add(hook, region, text_of(verdict, done), is_sure, !is_sure);
  }

  [[nodiscard]] Region on(Hook hook, Field side, sema::InterfaceId id) const {
    Region region = all(hook);
    region.box[side] = boxes_.plain().names(boxes_.plain().device_interval(policy_.interface(id).device));
    return region;
  }

  /// RFC 2131, RFC 8415: what clients and servers send comes from addresses that cannot be there.
  void dhcp() {
    step_ = "DHCP";
    const bool is_ipv4 = family_ == net::Family::Ipv4;
    const std::uint16_t server = is_ipv4 ? 67 : 547, client = is_ipv4 ? 68 : 546;
    const auto pass = [&](sema::InterfaceId id, std::uint16_t from, std::uint16_t to) {
      Region region = on(Hook::RawPrerouting, Field::In, id);
      region.box[Field::Protocol] = Interval::one(kUdp);
      region.box[Field::SourcePort] = Interval::one(from);
      region.box[Field::DestinationPort] = Interval::one(to);
      end(Hook::RawPrerouting, region, {.kind = Verdict::Kind::Accept});
    };
    for (const sema::Network& network : policy_.networks)
      for (const sema::InterfaceId id : network.interfaces) {
        if (network.dhcp_server) pass(id, client, server);
        if (network.dhcp_client) pass(id, server, client);
      }
  }

  void spoofed_sources() {
    step_ = "anti-spoofing";
    for (const sema::Network& network : policy_.networks)
      for (const model::Spoof spoof : network.spoof_protections)
        for (const sema::SpoofRange& range : sema::spoof_ranges(spoof, family_))
          for (const sema::InterfaceId id : network.interfaces) {
            Region region = on(Hook::RawPrerouting, Field::In, id);
            region.box[Field::Source] = {.first = analyse::value_of(range.prefix.network().address),
                                         .last = analyse::value_of(range.prefix.last())};
            end(Hook::RawPrerouting, region, {.kind = Verdict::Kind::Drop});
          }
  }

  void reverse_paths() {
    step_ = "rp-filter";
    Done done;
    done.conditions = {reverse_path_text()};
    for (std::size_t i = 0; i < policy_.interfaces.size(); ++i) {
      const auto id = static_cast<sema::InterfaceId>(i);
      const sema::Interface& interface = policy_.interface(id);
      if (interface.protections.rp_filter && interface.has(family_))
        end(Hook::RawPrerouting, on(Hook::RawPrerouting, Field::In, id), {.kind = Verdict::Kind::Drop}, done);
    }
  }

  /// What opens a TCP connection, and its answer.
  void clamps() {
    constexpr unsigned kSyn = 2, kRst = 4;
    step_ = "clamping of the MSS";
    for (std::size_t i = 0; i < policy_.interfaces.size(); ++i) {
      const auto id = static_cast<sema::InterfaceId>(i);
      if (!policy_.interface(id).clamp_mss) continue;
      Region region = on(Hook::MangleForward, Field::Out, id);
      region.box[Field::Protocol] = Interval::one(kTcp);
      region.when.flags = 0;
      for (unsigned flags = 0; flags < 64; ++flags)
        if ((flags & (kSyn | kRst)) == kSyn) region.when.flags |= 1ULL << flags;
      add(Hook::MangleForward, region, clamp_text(), /*ends=*/false, /*is_uncertain=*/false);
    }
  }

  /// What the program behind a queue gives back with a mark, and leaves this machine: its connection is then as if it
  /// had been accepted.
  void releases() {
    step_ = "release";
    for (const sema::QueueUse& use : policy_.queues) {
      if (!use.release || !layout_.fits(use.range.first)) continue;
      Region region = all(Hook::ManglePostrouting);
      const auto classes = packet_marks_.classes({.value = use.release->value, .mask = use.release->mask});
      if (!classes) {
        programs_[static_cast<std::size_t>(Hook::ManglePostrouting)].not_modelled.emplace_back(
            "there are too many marks that release");
        return;
      }
      region.when.packet_marks = *classes;
      region.when.kinds = 1U << static_cast<unsigned>(ir::MarkKind::Queued);
      region.when.first_number = region.when.last_number = use.range.first;
      Done done;
      done.connection_mark = layout_.encode(
          use.nfmark ? ir::MarkField{ir::MarkKind::Marked, ir::packet_mark_number(use.nfmark->value, use.nfmark->mask)}
                     : ir::MarkField{});
      end(Hook::ManglePostrouting, region, {.kind = Verdict::Kind::Accept}, done);
    }
  }

  /// A box of packets on their way as a region of a chain.
  [[nodiscard]] std::optional<Region> at_hook(Hook hook, const Box& box) const {
    Region region{.box = box, .when = all(hook).when};
    region.box[Field::Chain] = all(hook).box[Field::Chain];
    for (const Field side : {Field::In, Field::Out}) region.box[side] = boxes_.plain().names(box[side]);
    return common(region, all(hook));
  }

  /// A packet translated by a rule. What portfw, bounce and redirect rules log, and their limits, are asked in filter.
  void translate(Hook hook, const Box& box, const sema::Rule& rule, const Translation& to) {
    const auto region = at_hook(hook, box);
    if (!region) return;
    Done done;
    if (is_all_done_at_hook(*rule.source->action)) {
      done = done_by(rule);
      if (const auto logged = logged_by(rule))
        add(hook, *region, log_text(policy_.settings->log_group, *logged), /*ends=*/false,
            /*is_uncertain=*/!logged->conditions.empty());
    }
    end(hook, *region, {.kind = Verdict::Kind::Translate, .translation = text_of(to)}, done);
  }

  /// Section 4: what a rule lets through of a service gets its helper. Table raw sees it as it comes in, and asks not
  /// whether an earlier rule would take it.
  void helpers(const sema::Rule& rule) {
    if (rule.helper.empty()) return;
    switch (*rule.source->action) {
      case Action::Accept:
      case Action::Nfqueue:
      case Action::Nflog:
        for (const Box& box : boxes_.plain().of(rule).boxes) {
          constexpr std::uint64_t kOutput = 2;
          helper(box[Field::Chain] == Interval::one(kOutput) ? Hook::RawOutput : Hook::RawPrerouting, box, rule.helper);
        }
        break;
      case Action::Portfw:
      case Action::Bounce:
        for (const analyse::Redirection& redirection : boxes_.redirected_by(rule))
          helper(Hook::RawPrerouting, redirection.box, rule.helper);
        break;
      default: break;
    }
  }

  void helper(Hook hook, Box box, const std::string& name) {
    const auto protocol = static_cast<net::Protocol>(box[Field::Protocol].first.low);
    if (!has_ports(box) || !sema::helper_serves(name, family_, protocol)) return;
    // By what device it leaves is not known yet.
    if (hook == Hook::RawPrerouting) box[Field::Out] = boxes_.plain().everything()[Field::Out];
    auto region = at_hook(hook, box);
    if (!region) return;
    if (protocol == net::Protocol::Tcp) region->when.flags = opening_flags();
    Done done;
    done.helper = name;
    end(hook, *region, {.kind = Verdict::Kind::Accept}, done);
  }

  /// Other ports are for protocols that have some.
  static bool has_ports(const Box& box) {
    return box[Field::Protocol] == Interval::one(kTcp) || box[Field::Protocol] == Interval::one(kUdp);
  }

  void destinations(const sema::Rule& rule) {
    for (const analyse::Redirection& redirection : boxes_.redirected_by(rule)) {
      const bool is_redirect = *rule.source->action == Action::Redirect;
      if (is_redirect && !has_ports(redirection.box)) continue;
      translate(Hook::NatPrerouting, redirection.box, rule,
                {.is_destination = true,
                 .first = redirection.address,
                 .last = redirection.address,
                 .ports = redirection.ports,
                 .is_random = rule.source->options.random.has_value()});
    }
  }

  /// The first address of an interface; of one that has none configured only the moment tells it.
  [[nodiscard]] std::optional<net::Address> address_of(sema::InterfaceId id) const {
    for (const net::Address& address : policy_.interface(id).addresses)
      if (address.family == family_) return address;
    return std::nullopt;
  }

  void sources(const sema::Rule& rule) {
    const Action action = *rule.source->action;
    const auto leave = [&](const sema::Rule& some, std::optional<net::Address> by) {
      for (const Box& box : boxes_.masked_by(some))
        translate(Hook::NatPostrouting, box, rule,
                  {.is_destination = false,
                   .first = by,
                   .last = by,
                   .ports = {},
                   .is_random = rule.source->options.random.has_value()});
    };
    if (action == Action::Bounce) {
      if (policy_.interface(*rule.via_interface).has(family_)) leave(rule, address_of(*rule.via_interface));
      return;
    }
    if (action != Action::Snat && action != Action::Masq) return;
    for (const sema::Peer& peer : rule.to.peers)
      for (const sema::InterfaceId id : policy_.network(peer.network).interfaces) {
        if (!policy_.interface(id).has(family_) || (rule.out_interface && *rule.out_interface != id)) continue;
        sema::Rule here = rule;
        here.to.peers = {peer};
        here.out_interface = id;
        leave(here, action == Action::Masq ? std::nullopt : address_of(id));
      }
  }

  const analyse::FilterBoxes& boxes_;
  const PacketMarks& packet_marks_;
  const sema::Policy& policy_;
  net::Family family_;
  Terms& terms_;
  ir::MarkLayout layout_;
  std::array<Program, kHooks> programs_;
  const char* step_ = "";
  const sema::Rule* rule_ = nullptr;
};

}  // namespace

std::array<Program, kHooks> meant_outside_filter(const analyse::FilterBoxes& boxes, const PacketMarks& packet_marks,
                                                 Terms& terms) {
  return Meaning(boxes, packet_marks, terms).run();
}

}  // namespace vuurmuur::prove
