// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/prepared_set.h"

namespace vuurmuur::ir {

PreparedSet::PreparedSet(const Set& set) : is_counted_(set.is_counted) {
  for (const SetElement& element : set.elements) {
    Element prepared{.port = element.port, .origin = element.origin};
    Tuple tuple{.source = element.source, .destination = element.destination};
    if (element.source) {
      prepared.source = AddressBits::of(element.source->address);
      prepared.source_mask = AddressBits::mask(element.source->length);
    }
    if (element.destination) {
      prepared.destination = AddressBits::of(element.destination->address);
      prepared.destination_mask = AddressBits::mask(element.destination->length);
    }
    if (element.port) {
      tuple.protocol = element.port->protocol;
      tuple.destination_port = element.port->port;
    }
    index_.add(static_cast<std::uint32_t>(elements_.size()), tuple);
    elements_.push_back(prepared);
  }
  index_.finish();
}

std::optional<OriginId> PreparedSet::find(const TupleQuery& packet) const {
  std::vector<std::uint32_t> found;
  index_.find(packet, found);
  for (const std::uint32_t id : found) {
    const Element& element = elements_[id];
    if ((packet.source & element.source_mask) != element.source) continue;
    if ((packet.destination & element.destination_mask) != element.destination) continue;
    if (element.port && *element.port != ProtocolPort{packet.protocol, packet.destination_port}) continue;
    return element.origin;
  }
  return std::nullopt;
}

}  // namespace vuurmuur::ir
