// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_text.h"

#include <algorithm>
#include <cstring>

#include "backend/append_format.h"
#include "backend/cut_text.h"
#include "backend/nft_sets.h"
#include "backend/nft_statement_text.h"
#include "backend/protocol_name.h"

namespace vuurmuur::backend::nft {
namespace {

/// NFTNL_UDATA_COMMENT_MAXLEN of libnftnl/udata.h: what nft takes.
constexpr std::size_t kMaxComment = 128;

std::string_view family_word(net::Family family) { return family == net::Family::Ipv4 ? "ip" : "ip6"; }

void append_comment(std::string& out, std::string_view comment) {
  std::string text(comment);
  cut_text(text, kMaxComment);
  out += "comment \"";
  out += text;
  out += '"';
}

// --- sets -----------------------------------------------------------------------------------------------------------

std::string_view type_word(Field field, net::Family family) {
  switch (field) {
    case Field::Source:
    case Field::Destination: return family == net::Family::Ipv4 ? "ipv4_addr" : "ipv6_addr";
    case Field::InInterface:
    case Field::OutInterface: return "ifname";
    case Field::Protocol: return "inet_proto";
    case Field::CtState: return "ct_state";
    case Field::CtMark:
    case Field::PacketMark: return "mark";
    case Field::TcpFlags: return "tcp_flag";
    case Field::IcmpType: return family == net::Family::Ipv4 ? "icmp_type" : "icmpv6_type";
    case Field::IcmpCode: return family == net::Family::Ipv4 ? "icmp_code" : "icmpv6_code";
    default: return "inet_service";
  }
}

std::string_view data_word(Set::Kind kind) {
  switch (kind) {
    case Set::Kind::Verdicts: return " : verdict";
    case Set::Kind::Counters: return " : counter";
    default: return "";
  }
}

net::Address address_at(const KeyBytes& key, std::size_t offset, net::Family family) {
  net::Address address{.family = family};
  std::copy_n(key.bytes.begin() + static_cast<std::ptrdiff_t>(offset), net::address_bits(family) / 8,
              address.bytes.begin());
  return address;
}

/// "192.0.2.1", "192.0.2.0/24" or "192.0.2.1-192.0.2.7".
void append_addresses(std::string& out, const net::Address& first, const net::Address& last) {
  out += first.to_string();
  if (first == last) return;
  const unsigned bits = net::address_bits(first.family);
  for (unsigned length = 0; length < bits; ++length) {
    const net::Prefix prefix{first, static_cast<std::uint8_t>(length)};
    if (prefix.network() != prefix || prefix.last() != last) continue;
    append(out, "/{}", length);
    return;
  }
  out += '-';
  out += last.to_string();
}

std::uint32_t number_at(const KeyBytes& key, std::size_t offset, Field field) {
  const std::uint8_t* const at = key.bytes.data() + offset;
  switch (field_size(field, net::Family::Ipv4)) {
    case 1: return *at;
    case 2: return static_cast<std::uint32_t>(at[0] << 8 | at[1]);
    default: {
      std::uint32_t value = 0;
      std::memcpy(&value, at, sizeof value);
      return value;
    }
  }
}

void append_field(std::string& out, Field field, net::Family family, const Element& element, std::size_t offset) {
  switch (field) {
    case Field::Source:
    case Field::Destination:
      return append_addresses(out, address_at(element.first, offset, family), address_at(element.last, offset, family));
    case Field::InInterface:
    case Field::OutInterface:
      return append(out, "\"{}\"", reinterpret_cast<const char*>(element.first.bytes.data() + offset));
    case Field::Protocol: return append_protocol(out, number_at(element.first, offset, field));
    case Field::CtMark:
    case Field::PacketMark: return append(out, "{:#x}", number_at(element.first, offset, field));
    default: {
      const std::uint32_t first = number_at(element.first, offset, field),
                          last = number_at(element.last, offset, field);
      append(out, "{}", first);
      if (first != last) append(out, "-{}", last);
    }
  }
}

void append_elements(std::string& out, const Program& program, const Set& set, std::string_view indent) {
  out += "{\n";
  for (const Element& element : set.elements) {
    out += indent;
    out += '\t';
    append_element(out, program, set, element);
    out += ",\n";
  }
  out += indent;
  out += '}';
}

void append_set(std::string& out, const Program& program, const Set& set) {
  if (set.kind == Set::Kind::Queues) return;
  const bool is_map = set.kind == Set::Kind::Verdicts || set.kind == Set::Kind::Counters;
  append(out, "\t{} {} {{\n\t\ttype ", is_map ? "map" : "set", set.name);
  bool first = true;
  for (const Field field : set.key) {
    if (!first) out += " . ";
    first = false;
    out += type_word(field, program.family);
  }
  out += data_word(set.kind);
  out += '\n';
  if (const std::uint32_t size = set_size(set); size != 0) append(out, "\t\tsize {}\n", size);
  if (set.kind == Set::Kind::Meters)
    append(out, "\t\tflags dynamic,timeout\n\t\ttimeout {}ms\n", kMeterTimeoutMs);
  else if (set.kind == Set::Kind::Timed)
    append(out, "\t\tflags {}timeout\n", set.has_intervals ? "interval," : "");
  else if (set.has_intervals)
    out += "\t\tflags interval\n";
  if (!set.elements.empty()) {
    out += "\t\telements = ";
    append_elements(out, program, set, "\t\t");
    out += '\n';
  }
  out += "\t}\n";
}

// --- chains ---------------------------------------------------------------------------------------------------------

std::string_view hook_word(ir::Hook hook) {
  switch (hook) {
    case ir::Hook::Prerouting: return "prerouting";
    case ir::Hook::Input: return "input";
    case ir::Hook::Forward: return "forward";
    case ir::Hook::Output: return "output";
    case ir::Hook::Postrouting: return "postrouting";
  }
  return {};
}

std::string_view type_word(Base::Type type) {
  switch (type) {
    case Base::Type::Filter: return "filter";
    case Base::Type::Nat: return "nat";
    case Base::Type::Route: return "route";
  }
  return {};
}

void append_rule(std::string& out, const Program& program, const Rule& rule) {
  out += "\t\t";
  for (const Statement& statement : rule.statements) {
    append_statement(out, program, statement);
    out += ' ';
  }
  if (!rule.comment.empty())
    append_comment(out, rule.comment);
  else
    out.pop_back();
  out += '\n';
}

void append_chain(std::string& out, const Program& program, const Chain& chain) {
  append(out, "\tchain {} {{\n", chain.name);
  if (chain.base)
    append(out, "\t\ttype {} hook {} priority {}; policy {};\n", type_word(chain.base->type),
           hook_word(chain.base->hook), chain.base->priority, chain.base->policy_drop ? "drop" : "accept");
  for (const Rule& rule : chain.rules) append_rule(out, program, rule);
  out += "\t}\n";
}

/// What makes the rest the same for a table that is not there and for one of an earlier load: chains exist, and ours
/// are empty.
void append_preparation(std::string& out, const Program& program) {
  const std::string_view family = family_word(program.family);
  append(out, "add table {} {}\n", family, kTable);
  for (const Chain& chain : program.chains) {
    if (chain.base) continue;
    append(out, "add chain {} {} {}\n", family, kTable, chain.name);
    if (!chain.is_foreign) append(out, "flush chain {} {} {}\n", family, kTable, chain.name);
  }
  for (const Chain& chain : program.chains) {
    if (!chain.base) continue;
    append(out, "add chain {} {} {} {{ type {} hook {} priority {}; }}\n", family, kTable, chain.name,
           type_word(chain.base->type), hook_word(chain.base->hook), chain.base->priority);
    append(out, "flush chain {} {} {}\n", family, kTable, chain.name);
  }
}

}  // namespace

void append_element(std::string& out, const Program& program, const Set& set, const Element& element) {
  std::size_t offset = 0;
  for (const Field field : set.key) {
    if (offset != 0) out += " . ";
    append_field(out, field, program.family, element, offset);
    offset += (field_size(field, program.family) + 3) / 4 * 4;
  }
  if (const auto* verdict = std::get_if<Verdict>(&element.data)) {
    out += " : ";
    append_verdict(out, program, *verdict);
  } else if (const auto* counter = std::get_if<Index>(&element.data)) {
    append(out, " : \"{}\"", program.counters[*counter].name);
  } else if (const auto* queue = std::get_if<std::uint16_t>(&element.data)) {
    append(out, " : {}", *queue);
  }
}

std::string text(const Program& program) {
  std::string out;
  if (program.is_empty()) return out;
  append_preparation(out, program);
  append(out, "table {} {} {{\n", family_word(program.family), kTable);
  for (const Counter& counter : program.counters) {
    append(out, "\tcounter {} {{\n\t\t", counter.name);
    append_comment(out, counter.comment);
    out += "\n\t}\n";
  }
  for (const Helper& helper : program.helpers)
    append(out, "\tct helper {} {{\n\t\ttype \"{}\" protocol {}\n\t\tl3proto {}\n\t}}\n", helper.name, helper.helper,
           protocol_name(static_cast<std::uint8_t>(helper.protocol)), family_word(program.family));
  for (const Set& set : program.sets) append_set(out, program, set);
  for (const Chain& chain : program.chains) append_chain(out, program, chain);
  out += "}\n";
  return out;
}

}  // namespace vuurmuur::backend::nft
