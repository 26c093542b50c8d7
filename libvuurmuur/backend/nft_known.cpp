// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_known.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "backend/nft_walk.h"

namespace vuurmuur::backend::nft {
namespace {

/// What is the same for all packets that come somewhere. Interfaces are as in InterfaceTest.
struct Known {
  std::optional<std::string> in, out;
  std::optional<net::Prefix> source, destination;
  std::optional<std::uint32_t> protocol;
  /// Of whichever protocol: a packet of which this is known has them.
  std::optional<net::PortRange> source_ports, destination_ports;
};

bool holds(const std::optional<std::string>& known, const std::string& wanted) {
  if (!known) return false;
  if (wanted.ends_with('+')) return known->starts_with(std::string_view(wanted).substr(0, wanted.size() - 1));
  return *known == wanted;
}

bool holds(const std::optional<net::PortRange>& known, const net::PortRange& wanted) {
  return known && wanted.first <= known->first && known->last <= wanted.last;
}

std::optional<net::Prefix>& prefix_of(Known& known, Field field) {
  return field == Field::Source ? known.source : known.destination;
}

std::optional<net::PortRange>* ports_of(Known& known, Field field) {
  switch (field) {
    case Field::TcpSource:
    case Field::UdpSource:
    case Field::PortSource: return &known.source_ports;
    case Field::TcpDestination:
    case Field::UdpDestination:
    case Field::PortDestination: return &known.destination_ports;
    default: return nullptr;
  }
}

/// A port test's range.
std::optional<net::PortRange> range_of(const Statement& statement) {
  if (const auto* test = std::get_if<RangeTest>(&statement)) return test->range;
  if (const auto* test = std::get_if<NumberTest>(&statement))
    return net::PortRange::one(static_cast<std::uint16_t>(test->value));
  return std::nullopt;
}

Field field_of_ports(const Statement& statement) {
  if (const auto* test = std::get_if<RangeTest>(&statement)) return test->field;
  if (const auto* test = std::get_if<NumberTest>(&statement); test != nullptr && test->relation == Relation::Equal)
    return test->field;
  return Field::CtState;
}

bool is_protocol_test(const Statement& statement) {
  const auto* test = std::get_if<NumberTest>(&statement);
  return test != nullptr && test->field == Field::Protocol && test->relation == Relation::Equal;
}

bool is_known(Known& known, const Statement& statement) {
  if (const auto* test = std::get_if<InterfaceTest>(&statement))
    return holds(test->field == Field::InInterface ? known.in : known.out, test->name);
  if (const auto* test = std::get_if<AddressTest>(&statement)) {
    const auto& prefix = prefix_of(known, test->field);
    return prefix && test->prefix.contains(*prefix);
  }
  if (is_protocol_test(statement)) return known.protocol == std::get<NumberTest>(statement).value;
  if (const auto* ports = ports_of(known, field_of_ports(statement))) return holds(*ports, *range_of(statement));
  return false;
}

/// What is known behind a condition.
void learn(Known& known, const Statement& statement) {
  if (const auto* test = std::get_if<InterfaceTest>(&statement)) {
    auto& name = test->field == Field::InInterface ? known.in : known.out;
    if (!name || name->ends_with('+')) name = test->name;
  } else if (const auto* address = std::get_if<AddressTest>(&statement)) {
    auto& prefix = prefix_of(known, address->field);
    if (!prefix || prefix->contains(address->prefix)) prefix = address->prefix;
  } else if (is_protocol_test(statement)) {
    known.protocol = std::get<NumberTest>(statement).value;
  } else if (auto* ports = ports_of(known, field_of_ports(statement))) {
    const net::PortRange range = *range_of(statement);
    const net::PortRange before = ports->value_or(net::PortRange::any());
    *ports = net::PortRange{std::max(before.first, range.first), std::min(before.last, range.last)};
  }
}

template <class T>
void keep_equal(std::optional<T>& known, const std::optional<T>& other) {
  if (known != other) known.reset();
}

void keep_common(std::optional<net::Prefix>& known, const std::optional<net::Prefix>& other) {
  if (!known) return;
  if (!other) return known.reset();
  while (!known->contains(*other)) {
    --known->length;
    *known = known->network();
  }
  if (known->is_any()) known.reset();
}

void keep_common(std::optional<net::PortRange>& known, const std::optional<net::PortRange>& other) {
  if (!known) return;
  if (!other) return known.reset();
  *known = {std::min(known->first, other->first), std::max(known->last, other->last)};
}

/// What is known when a packet came by either way.
void meet(Known& known, const Known& other) {
  keep_equal(known.in, other.in);
  keep_equal(known.out, other.out);
  keep_common(known.source, other.source);
  keep_common(known.destination, other.destination);
  keep_equal(known.protocol, other.protocol);
  keep_common(known.source_ports, other.source_ports);
  keep_common(known.destination_ports, other.destination_ports);
}

/// Whether nft's text needs the protocol in the rule for something behind it: it would put it there by itself.
bool needs_protocol(const Statement& statement) {
  if (const auto* test = std::get_if<NumberTest>(&statement))
    return test->field == Field::TcpFlags || test->field == Field::IcmpType || test->field == Field::IcmpCode;
  if (const auto* reject = std::get_if<Reject>(&statement)) return reject->with_reset;
  if (const auto* translate = std::get_if<Translate>(&statement)) return translate->ports.has_value();
  return std::holds_alternative<ClampMss>(statement) || std::holds_alternative<SetHelper>(statement);
}

/// Makes a port's test one that says nothing of the protocol.
void forget_protocol(Statement& statement) {
  const auto forget = [](Field& field) {
    if (field == Field::TcpSource || field == Field::UdpSource) field = Field::PortSource;
    if (field == Field::TcpDestination || field == Field::UdpDestination) field = Field::PortDestination;
  };
  if (auto* test = std::get_if<RangeTest>(&statement)) forget(test->field);
  if (auto* test = std::get_if<NumberTest>(&statement)) forget(test->field);
}

/// Leaves out what is known; gives what is known at the rule's end.
Known shorten(Rule& rule, Known known) {
  const bool keeps_protocol = std::ranges::any_of(rule.statements, needs_protocol);
  bool drops_protocol = false;
  std::erase_if(rule.statements, [&](const Statement& statement) {
    if (is_known(known, statement)) {
      if (!is_protocol_test(statement)) return true;
      drops_protocol = !keeps_protocol;
      return drops_protocol;
    }
    learn(known, statement);
    return false;
  });
  if (drops_protocol) std::ranges::for_each(rule.statements, forget_protocol);
  return known;
}

}  // namespace

void drop_known_conditions(Program& program) {
  std::vector<std::optional<Known>> known(program.chains.size());
  for (const Index at : callers_first(program)) {
    Chain& chain = program.chains[at];
    const Known here = known[at].value_or(Known{});
    for (Rule& rule : chain.rules) {
      const Known behind = shorten(rule, here);
      if (rule.statements.empty()) continue;
      const auto* verdict = std::get_if<Verdict>(&rule.statements.back());
      if (verdict == nullptr || !leads_on(*verdict)) continue;
      auto& there = known[verdict->chain];
      if (there)
        meet(*there, behind);
      else
        there = behind;
    }
  }
}

}  // namespace vuurmuur::backend::nft
