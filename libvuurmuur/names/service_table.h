// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/objects.h"
#include "names/prefix_table.h"

namespace vuurmuur::names {

/// From protocols and ports, or types and codes of ICMP, to places of services.
class ServiceTable {
 public:
  /// A line of a service, with what is taken before others: see find().
  struct Line {
    model::PortSet ports;
    std::size_t lines = 1;  ///< that the service has
    Place service = kNowhere;
  };

  /// Those that were first in the list win where nothing else decides.
  explicit ServiceTable(std::vector<Line> lines);
  ServiceTable() : ServiceTable(std::vector<Line>{}) {}

  /// The service with the fewest destination ports among them, then with the fewest source ports, then with the fewest
  /// lines. Of ICMP the two numbers are type and code, and a line without a code counts as one of more codes; other
  /// protocols have none.
  [[nodiscard]] Place find(net::Protocol protocol, std::uint16_t source, std::uint16_t destination) const;

 private:
  /// What is asked at a destination port: those of some source ports, in the order in which they win, and then one of
  /// all.
  struct Candidates {
    struct OfSource {
      net::PortRange source;
      Place service;
    };
    std::vector<OfSource> of_some{};
    Place of_all = kNowhere;
  };
  /// Places of `candidates_` by destination port.
  using ByPort = std::vector<std::uint32_t>;

  [[nodiscard]] ByPort by_port(const std::vector<const Line*>& lines);

  std::vector<Candidates> candidates_;
  ByPort tcp_, udp_;
  /// By protocol, type and code.
  std::unordered_map<std::uint32_t, Place> icmp_;
  std::array<Place, 256> by_protocol_{};
};

}  // namespace vuurmuur::names
