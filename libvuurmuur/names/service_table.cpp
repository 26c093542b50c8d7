// SPDX-License-Identifier: GPL-2.0-or-later
#include "names/service_table.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace vuurmuur::names {
namespace {

using net::Protocol;

unsigned width(const net::PortRange& range) { return unsigned{range.last} - range.first; }

bool is_icmp(Protocol protocol) { return protocol == Protocol::Icmp || protocol == Protocol::Icmpv6; }

/// A type, and a code or (256) every one.
std::uint32_t icmp_key(Protocol protocol, unsigned type, unsigned code) {
  return static_cast<std::uint32_t>(protocol) << 24 | type << 16 | code;
}
constexpr unsigned kEveryCode = 256;

/// Less wins.
auto rank(const ServiceTable::Line& line) {
  return std::tuple(width(line.ports.destination), width(line.ports.source), line.lines);
}

/// Finds the next free one among numbers that are taken one after the other.
class FreeNumbers {
 public:
  explicit FreeNumbers(std::size_t count) : next_(count + 1) { std::iota(next_.begin(), next_.end(), 0u); }

  /// The first free one at or behind a number; the count when there is none.
  [[nodiscard]] std::uint32_t at_or_behind(std::uint32_t number) {
    std::uint32_t found = number;
    while (next_[found] != found) found = next_[found];
    while (next_[number] != found) number = std::exchange(next_[number], found);
    return found;
  }
  void take(std::uint32_t number) { next_[number] = number + 1; }

 private:
  std::vector<std::uint32_t> next_;
};

}  // namespace

ServiceTable::ServiceTable(std::vector<Line> lines) {
  by_protocol_.fill(kNowhere);
  std::ranges::stable_sort(lines, {}, rank);
  std::vector<const Line*> tcp, udp;
  for (const Line& line : lines) {
    const Protocol protocol = line.ports.protocol;
    if (protocol == Protocol::Tcp) {
      tcp.push_back(&line);
    } else if (protocol == Protocol::Udp) {
      udp.push_back(&line);
    } else if (is_icmp(protocol) && line.ports.icmp_type) {
      const unsigned code = line.ports.icmp_code ? *line.ports.icmp_code : kEveryCode;
      icmp_.emplace(icmp_key(protocol, *line.ports.icmp_type, code), line.service);
    } else if (Place& place = by_protocol_[static_cast<std::uint8_t>(protocol)]; place == kNowhere) {
      place = line.service;
    }
  }
  tcp_ = by_port(tcp);
  udp_ = by_port(udp);
}

/// Between two ports where lines begin or end all ports have the same candidates. Lines come in the order in which they
/// win, so that an interval which has one of all source ports needs no more.
ServiceTable::ByPort ServiceTable::by_port(const std::vector<const Line*>& lines) {
  if (lines.empty()) return {};
  std::vector<std::uint32_t> begins{0};
  for (const Line* line : lines) {
    begins.push_back(line->ports.destination.first);
    begins.push_back(line->ports.destination.last + 1u);
  }
  std::ranges::sort(begins);
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  const auto interval_of = [&](std::uint32_t port) {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(begins, port) - begins.begin());
  };
  const auto offset = static_cast<std::uint32_t>(candidates_.size());
  candidates_.resize(offset + begins.size());
  FreeNumbers open(begins.size());
  for (const Line* line : lines) {
    const net::PortRange& ports = line->ports.destination;
    const std::uint32_t end = interval_of(ports.last + 1u);
    for (std::uint32_t at = open.at_or_behind(interval_of(ports.first)); at < end; at = open.at_or_behind(at + 1)) {
      Candidates& candidates = candidates_[offset + at];
      if (line->ports.source.is_any()) {
        candidates.of_all = line->service;
        open.take(at);
      } else {
        candidates.of_some.push_back({line->ports.source, line->service});
      }
    }
  }
  ByPort ports(0x10000);
  for (std::size_t i = 0; i < begins.size() && begins[i] < ports.size(); ++i) {
    const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : ports.size();
    for (std::size_t port = begins[i]; port < end; ++port) ports[port] = offset + static_cast<std::uint32_t>(i);
  }
  return ports;
}

Place ServiceTable::find(Protocol protocol, std::uint16_t source, std::uint16_t destination) const {
  if (net::has_ports(protocol)) {
    const ByPort& ports = protocol == Protocol::Tcp ? tcp_ : udp_;
    if (ports.empty()) return kNowhere;
    const Candidates& candidates = candidates_[ports[destination]];
    for (const auto& candidate : candidates.of_some)
      if (candidate.source.contains(source)) return candidate.service;
    return candidates.of_all;
  }
  if (is_icmp(protocol)) {
    // Most say the type alone.
    for (const unsigned code : {unsigned{destination}, kEveryCode})
      if (const auto found = icmp_.find(icmp_key(protocol, source & 0xffu, code)); found != icmp_.end())
        return found->second;
  }
  return by_protocol_[static_cast<std::uint8_t>(protocol)];
}

}  // namespace vuurmuur::names
