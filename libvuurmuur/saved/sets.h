// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diag/diagnostic.h"
#include "diag/source.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::saved {

struct Packet;
struct Condition;

/// Sets as `ipset save` prints them (ipset(8)): those whose elements are addresses, networks and ports.
class Sets {
 public:
  /// A line that cannot be read is an error ("bad-set-line"). Of a set whose type or element says more than is known
  /// here nothing is known, with a warning ("unknown-set-type").
  [[nodiscard]] static Sets read(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink);

  /// Whether a packet is in a set, asked for its sides as `--match-set NAME src,dst` says; nothing when that is not
  /// known.
  [[nodiscard]] std::optional<bool> has(std::string_view set, std::string_view sides, const Packet& packet) const;

  /// The same for all packets at once: for each element what it asks of a packet, one of which it has to meet. Nothing
  /// when that is not known.
  [[nodiscard]] std::optional<std::vector<std::vector<Condition>>> elements(std::string_view set,
                                                                            std::string_view sides) const;

 private:
  /// A part of an element, as the type of the set says what it is.
  struct Part {
    std::optional<net::Address> first, last;  ///< of an address or network
    std::uint8_t protocol = 0;                ///< of a port
    net::PortRange ports;
  };
  struct Element {
    std::vector<Part> parts;
    bool is_exception = false;  ///< "nomatch"
  };
  struct Set {
    std::vector<char> dimensions;  ///< 'a' an address or network, 'p' a port
    std::vector<Element> elements;
    bool is_known = true;
  };
  class Reader;

  std::unordered_map<std::string, Set> sets_;
};

}  // namespace vuurmuur::saved
