// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/question.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyse/filter_boxes.h"
#include "base/nearest.h"
#include "base/strings.h"
#include "sema/names.h"
#include "sema/rules.h"

namespace vuurmuur::analyse {
namespace {

using model::Endpoint;
using sema::End;

Endpoint endpoint_of(std::string_view text) {
  using enum Endpoint::Kind;
  if (base::equals_ignoring_case(text, "any")) return {.kind = Any, .name = {}};
  if (base::equals_ignoring_case(text, "firewall")) return {.kind = Firewall, .name = {}};
  if (base::equals_ignoring_case(text, "firewall(any)")) return {.kind = FirewallAny, .name = {}};
  switch (std::ranges::count(text, '.')) {
    case 0: return {.kind = Zone, .name = std::string(text)};
    case 1: return {.kind = Network, .name = std::string(text)};
    default: return {.kind = Member, .name = std::string(text)};
  }
}

bool is_own(const sema::Policy& policy, const net::Prefix& prefix) {
  return prefix.length == net::address_bits(prefix.family()) &&
         std::ranges::any_of(policy.interfaces, [&](const sema::Interface& interface) {
           return std::ranges::find(interface.addresses, prefix.address) != interface.addresses.end();
         });
}

bool is_for_many(const sema::Policy& policy, const net::Prefix& prefix) {
  const net::Address& address = prefix.address;
  if (prefix.family() == net::Family::Ipv6) return prefix.length >= 8 && address.bytes[0] == 0xff;
  if (prefix.length >= 4 && (address.bytes[0] & 0xf0) == 0xe0) return true;
  if (prefix.length != 32) return false;
  if (address.to_ipv4() == UINT32_MAX) return true;
  // RFC 3021: the two addresses of a /31 are hosts.
  return std::ranges::any_of(policy.networks, [&](const sema::Network& network) {
    return std::ranges::any_of(network.prefixes, [&](const net::Prefix& own) {
      return own.family() == net::Family::Ipv4 && own.length < 31 && own.length > 0 && own.last() == address;
    });
  });
}

/// Behind the networks whose prefixes hold it most closely.
End end_of(const sema::Policy& policy, const net::Prefix& prefix) {
  End end{.kind = End::Kind::Peers, .peers = {}};
  int longest = -1;
  for (std::size_t i = 0; i < policy.networks.size(); ++i)
    for (const net::Prefix& own : policy.networks[i].prefixes) {
      if (own.family() != prefix.family() || !own.contains(prefix) || own.length < longest) continue;
      if (own.length > longest) end.peers.clear();
      longest = own.length;
      end.peers.push_back({.network = static_cast<sema::NetworkId>(i), .prefixes = {prefix}, .mac = {}});
    }
  if (end.peers.empty()) end.kind = End::Kind::Any;
  return end;
}

AskedEnd asked_address(const sema::Policy& policy, std::string text, const net::Prefix& written) {
  const net::Prefix prefix = written.network();
  AskedEnd asked{.text = std::move(text), .end = {}, .address = prefix};
  if (is_own(policy, prefix)) {
    asked.end.kind = End::Kind::FirewallAny;
    return asked;
  }
  asked.is_elsewhere = true;
  asked.stays_here = is_for_many(policy, prefix);
  if (!asked.stays_here) asked.end = end_of(policy, prefix);
  return asked;
}

/// The full name of the one object whose parts these are, some left out: "web.dmz" of web.servers.dmz.
std::optional<std::string> name_with_parts(const sema::Names& names, std::string_view text) {
  const auto parts = base::split(text, '.');
  std::optional<std::string> found;
  for (const sema::NameIndex* index : {&names.networks, &names.hosts, &names.groups})
    for (const std::string& name : index->all()) {
      const auto own = base::split(name, '.');
      if (!std::ranges::all_of(parts, [&](std::string_view part) { return std::ranges::find(own, part) != own.end(); }))
        continue;
      if (found) return std::nullopt;
      found = name;
    }
  return found;
}

Box clip_of(const Question& question, const PolicyBoxes& boxes) {
  Box clip = boxes.everything();
  const auto put = [&](const AskedEnd& asked, Field field) {
    if (asked.address)
      clip[field] = {.first = value_of(asked.address->network().address), .last = value_of(asked.address->last())};
  };
  put(question.from, Field::Source);
  put(question.to, Field::Destination);
  if (question.chain) clip[Field::Chain] = Interval::one(*question.chain);
  if (question.source_mac) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : question.source_mac->bytes) number = number << 8 | byte;
    clip[Field::SourceMac] = Interval::one(number);
  }
  return clip;
}

/// A static address of this machine is none that others give.
void settle_own_address(const sema::Policy& policy, net::Family family, Box& box) {
  const Field side = box[Field::Chain] == Interval::one(0) ? Field::Destination : Field::Source;
  if (box[Field::Chain] == Interval::one(1) || box[side].first != box[side].last) return;
  const net::Address address = address_of(box[side].first, family);
  if (box[Field::OwnAddress].first == Value{} && is_own(policy, net::Prefix::host(address)))
    box[Field::OwnAddress] = Interval::one(0);
}

}  // namespace

std::optional<AskedEnd> read_end(const Configuration& configuration, const model::Located<std::string>& text,
                                 diag::Sink& sink) {
  if (const auto prefix = net::Prefix::parse(*text)) return asked_address(configuration.policy, *text, *prefix);
  AskedEnd asked{.text = *text, .end = {}};
  diag::Sink told;
  const model::Located<Endpoint> written(endpoint_of(*text), text.span);
  switch (
      sema::resolve_end(configuration.model, configuration.objects, configuration.policy, written, asked.end, told)) {
    case sema::Named::Active: return asked;
    case sema::Named::Inactive:
      asked.is_inactive = true;
      asked.end = {.kind = End::Kind::Peers, .peers = {}};
      return asked;
    case sema::Named::Missing: break;
  }
  diag::Diagnostic& problem =
      sink.error("unknown-name", text.span,
                 fmt::format("no zone, network, host or group is named {}, and it is no address", sema::quoted(*text)));
  problem.suggestion = name_with_parts(configuration.objects.names, *text);
  if (!problem.suggestion) problem.suggestion = configuration.objects.names.nearest_end(*text);
  return std::nullopt;
}

bool read_service(const Configuration& configuration, const model::Located<std::string>& name, Question& question,
                  diag::Sink& sink) {
  sema::Rule rule;
  diag::Sink told;
  const sema::Named named =
      sema::resolve_service(configuration.model, configuration.objects, configuration.policy, name, rule, told);
  for (const diag::Diagnostic& problem : told.all()) {
    auto& copy = problem.severity == diag::Severity::Error ? sink.error(problem.code, problem.span, problem.message)
                                                           : sink.warning(problem.code, problem.span, problem.message);
    copy.suggestion = problem.suggestion;
  }
  if (named == sema::Named::Inactive)
    sink.error("inactive-service", name.span, fmt::format("service {} is not active", sema::quoted(*name)));
  question.any_service = rule.any_service;
  question.port_sets = rule.port_sets;
  return named == sema::Named::Active;
}

std::optional<std::vector<std::string>> read_devices(const Configuration& configuration,
                                                     const model::Located<std::string>& name, diag::Sink& sink) {
  const sema::Policy& policy = configuration.policy;
  std::vector<std::string> devices;
  for (const sema::Interface& interface : policy.interfaces)
    if (interface.name == *name || interface.device == *name) devices.push_back(interface.device);
  for (const sema::Network& network : policy.networks) {
    if (network.name != *name && !network.name.ends_with("." + *name)) continue;
    for (const sema::InterfaceId id : network.interfaces) devices.push_back(policy.interface(id).device);
  }
  std::ranges::sort(devices);
  devices.erase(std::ranges::unique(devices).begin(), devices.end());
  if (!devices.empty()) return devices;
  std::vector<std::string_view> candidates;
  for (const sema::NameIndex* index : {&configuration.objects.names.interfaces, &configuration.objects.names.zones})
    candidates.insert(candidates.end(), index->all().begin(), index->all().end());
  sink.error(
          "unknown-interface", name.span,
          fmt::format("no interface, zone or network is named {}, or it has no active interface", sema::quoted(*name)))
      .suggestion = base::nearest(*name, candidates);
  return std::nullopt;
}

std::vector<Box> boxes_of(const Question& question, const PolicyBoxes& boxes_of, const sema::Policy& policy) {
  if (question.from.is_inactive || question.to.is_inactive) return {};
  for (const AskedEnd* end : {&question.from, &question.to})
    if (end->address && end->address->family() != boxes_of.family()) return {};
  model::Rule accept;
  accept.action = model::Action::Accept;
  sema::Rule asked;
  asked.source = &accept;
  asked.from = question.from.end;
  asked.to = question.to.end;
  asked.any_service = question.any_service;
  asked.port_sets = question.port_sets;
  // Whether an address can come in by that interface is the question then.
  const auto free = [](const AskedEnd& asked_end, const std::vector<std::string>& devices, End& end) {
    if (!devices.empty() && asked_end.address && end.kind == End::Kind::Peers)
      end = {.kind = End::Kind::Any, .peers = {}};
  };
  free(question.from, question.in, asked.from);
  free(question.to, question.out, asked.to);
  const auto devices = [&](const std::vector<std::string>& names) {
    std::vector<Interval> intervals;
    for (const std::string& name : names) intervals.push_back(boxes_of.device_interval(name));
    if (intervals.empty()) intervals.push_back(boxes_of.everything()[Field::In]);
    return intervals;
  };
  const std::vector<Interval> in = devices(question.in), out = devices(question.out);
  const Box clip = clip_of(question, boxes_of);
  std::vector<Box> result;
  for (const Box& box : boxes_of.of(asked).boxes) {
    const bool is_input = box[Field::Chain] == Interval::one(0), is_forward = box[Field::Chain] == Interval::one(1),
               is_output = box[Field::Chain] == Interval::one(2);
    if (is_output && (question.from.is_elsewhere || !question.in.empty())) continue;
    if (is_input && (!question.out.empty() || (question.to.is_elsewhere && !question.to.stays_here))) continue;
    if (is_forward && (question.to.stays_here || question.from.stays_here)) continue;
    for (const Interval& by : in)
      for (const Interval& towards : out) {
        Box narrow = clip;
        if (!is_output) narrow[Field::In] = by;
        if (!is_input) narrow[Field::Out] = towards;
        auto both = common(box, narrow);
        if (!both) continue;
        settle_own_address(policy, boxes_of.family(), *both);
        result.push_back(*both);
      }
  }
  return result;
}

}  // namespace vuurmuur::analyse
