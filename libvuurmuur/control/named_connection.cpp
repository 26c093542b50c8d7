// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/named_connection.h"

#include <fmt/format.h>

namespace vuurmuur::control {
namespace {

using apply::ConnectionTuple;

bool is_icmp(net::Protocol protocol) { return protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6; }

/// Whether the two numbers are ports; those of GRE are keys.
bool tells_ports(net::Protocol protocol) {
  return protocol != net::Protocol::Gre && apply::conntrack_has_ports(protocol);
}

}  // namespace

filter::End ConnectionNamer::end(const net::Address& address, std::uint16_t port, bool has_port,
                                 const filter::Needs& needs, std::size_t place) {
  filter::End end{.address = address, .port = has_port ? std::optional(port) : std::nullopt};
  if (needs.names) {
    end.name = names_.address(address).value_or("");
    end.network = names_.network(address).value_or("");
    end.zone = names_.zone(address).value_or("");
    const std::string* own = own_ != nullptr && end.name.empty() ? own_->find(address) : nullptr;
    if (own != nullptr) {
      end.name = *own;
      end.network = {};
      end.zone = names::kFirewall;
    }
  }
  if (needs.groups) {
    groups_[place] = names_.groups(address);
    end.groups = groups_[place];
  }
  return end;
}

NamedConnection ConnectionNamer::of(const apply::TrackedConnection& tracked, const filter::Needs& needs) {
  const ConnectionTuple &to = tracked.connection.original, &back = tracked.connection.reply;
  const bool ports = tells_ports(to.protocol);
  NamedConnection named{.tracked = &tracked, .field = marks_.decode(tracked.connection.mark)};
  named.sources[0] = end(to.source, to.source_port, ports, needs, 0);
  if (back.destination != to.source || (ports && back.destination_port != to.source_port)) {
    named.sources[1] = end(back.destination, back.destination_port, ports, needs, 1);
    named.source_count = 2;
  }
  named.destinations[0] = end(back.source, back.source_port, ports, needs, 2);
  if (back.source != to.destination || (ports && back.source_port != to.destination_port)) {
    named.destinations[1] = end(to.destination, to.destination_port, ports, needs, 3);
    named.destination_count = 2;
  }
  if (needs.service) named.service = service_of(names_, tracked.connection).value_or("");
  return named;
}

std::optional<std::string_view> service_of(const names::Index& names, const apply::LiveConnection& connection) {
  const ConnectionTuple& to = connection.original;
  if (is_icmp(to.protocol)) return names.service(to.protocol, to.icmp_type, to.icmp_code);
  if (const auto asked = names.service(to.protocol, to.source_port, to.destination_port)) return asked;
  return names.service(to.protocol, to.source_port, connection.reply.source_port);
}

filter::Subject NamedConnection::subject() const {
  filter::Subject subject{
      .sources = std::span(sources).first(source_count),
      .destinations = std::span(destinations).first(destination_count),
      .protocol = static_cast<std::uint8_t>(tracked->connection.original.protocol),
      .service = service,
      .states = {apply::state_of(*tracked), apply::progress_of(*tracked)},
      .mark = tracked->connection.mark,
      .rule = rule,
      .helper = tracked->helper,
      .bytes = tracked->to.bytes + tracked->back.bytes,
      .packets = tracked->to.packets + tracked->back.packets,
  };
  if (field.kind == ir::MarkKind::Queued) subject.queue = field.number;
  if (field.kind == ir::MarkKind::Logged) subject.log_group = field.number;
  return subject;
}

std::string text_of(const filter::End& end) {
  const bool is_bare_ipv6 = end.name.empty() && end.address.family == net::Family::Ipv6;
  std::string text = end.name.empty() ? end.address.to_string() : std::string(end.name);
  if (!end.port) return text;
  return is_bare_ipv6 ? fmt::format("[{}]:{}", text, *end.port) : fmt::format("{}:{}", text, *end.port);
}

std::string service_text(const NamedConnection& named) {
  if (!named.service.empty()) return std::string(named.service);
  const ConnectionTuple& to = named.tracked->connection.original;
  const std::string protocol = net::to_string(to.protocol);
  if (is_icmp(to.protocol)) return fmt::format("{}/{}({})", to.icmp_type, to.icmp_code, protocol);
  if (!tells_ports(to.protocol)) return protocol;
  return fmt::format("{}->{}({})", to.source_port, to.destination_port, protocol);
}

std::string field_text(const ir::MarkField& field) {
  switch (field.kind) {
    case ir::MarkKind::Plain: return "";
    case ir::MarkKind::Queued: return fmt::format("queue {}", field.number);
    case ir::MarkKind::Logged: return fmt::format("group {}", field.number);
    case ir::MarkKind::Marked: return fmt::format("mark {}", field.number);
  }
  return "";
}

}  // namespace vuurmuur::control
