// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/log_filter.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "cli/connection_filter.h"
#include "cli/terminal.h"
#include "diag/render.h"

namespace vuurmuur::cli {
namespace {

/// "wired.lan" of "printer.wired.lan"; a name of two parts is a network's own.
std::string_view network_in(std::string_view name) {
  const auto last = name.rfind('.');
  if (last == std::string_view::npos) return {};
  const auto before = name.rfind('.', last - 1);
  return before == std::string_view::npos ? name : name.substr(before + 1);
}

filter::End end_of(const net::Address& address, std::optional<std::uint16_t> port, std::string_view name,
                   std::string_view zone) {
  filter::End end{.address = address, .port = port, .zone = zone};
  if (net::Address::parse(name)) return end;
  end.name = name;
  end.network = network_in(name.substr(0, name.find('(')));
  return end;
}

}  // namespace

std::optional<LogFilter> LogFilter::read(Context& context, const Arguments& arguments, RuleHistory& rules) {
  diag::SourceMap sources;
  diag::Sink sink;
  const std::string text = filter_text(arguments);
  LogFilter filter;
  filter.filter_ = filter::parse(text, sources.add("filter", text), filter::Of::Log, sink);
  if (sink.has_errors()) {
    context.err << diag::render(sink, sources, style_for(context.colour, STDERR_FILENO));
    return std::nullopt;
  }
  if (filter.filter_.asks_for().names) filter.names_ = rules.in_force().names;
  return filter;
}

bool LogFilter::lets_through(const log::Entry& entry) const {
  if (filter_.is_empty()) return true;
  log::Names now;
  const bool has_zones = !entry.names.from_zone.empty() || !entry.names.to_zone.empty();
  if (names_ != nullptr && !has_zones) names_->name(entry.packet, entry.in_device, entry.out_device, now);
  const log::Names& zones = has_zones ? entry.names : now;
  const log::Packet& packet = entry.packet;
  const auto port = [&packet](std::uint16_t log::Packet::Ports::*which) {
    return packet.ports ? std::optional((*packet.ports).*which) : std::nullopt;
  };
  const std::array from{end_of(packet.source, port(&log::Packet::Ports::source), entry.names.from, zones.from_zone)},
      to{end_of(packet.destination, port(&log::Packet::Ports::destination), entry.names.to, zones.to_zone)};
  filter::Subject subject{.sources = from, .destinations = to};
  subject.protocol = static_cast<std::uint8_t>(packet.protocol);
  subject.service = entry.names.service;
  subject.mark = entry.mark;
  subject.rule = entry.rule.label;
  subject.in_device = entry.in_device;
  subject.out_device = entry.out_device;
  subject.action = entry.action;
  subject.prefix = entry.prefix;
  return filter_.lets_through(subject);
}

}  // namespace vuurmuur::cli
