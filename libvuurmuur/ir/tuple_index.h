// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ir/address_bits.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::ir {

/// Conditions that a packet is looked up by; what is not there is not asked.
struct Tuple {
  std::optional<net::Prefix> source{}, destination{};
  std::optional<net::Protocol> protocol{};
  std::optional<std::uint16_t> destination_port{};
  std::optional<std::uint16_t> in{}, out{};  ///< numbers of devices
};

/// A packet that is looked up.
struct TupleQuery {
  AddressBits source, destination;
  net::Protocol protocol = net::Protocol::Tcp;
  std::uint16_t destination_port = 0;
  std::uint16_t in = 0, out = 0;
};

/// Finds those of many tuples that a packet may meet: one hash lookup for each different shape among them (which
/// conditions they have and how long their prefixes are), and a policy has few shapes ("tuple space search").
class TupleIndex {
 public:
  /// Ids should be added in rising order.
  void add(std::uint32_t id, const Tuple& tuple);
  /// To be called behind the last add().
  void finish();
  /// Appends the ids of all tuples that the packet meets, now and then one that it does not meet (hashes collide), in
  /// no order.
  void find(const TupleQuery& query, std::vector<std::uint32_t>& ids) const;

 private:
  struct Shape {
    std::uint8_t source_length = 0, destination_length = 0;
    bool has_protocol = false, has_port = false, has_in = false, has_out = false;
    bool operator==(const Shape&) const = default;
  };
  struct Run {
    std::uint32_t begin = 0, end = 0;
  };
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t id = 0;
  };
  struct Class {
    Shape shape;
    AddressBits source_mask, destination_mask;
    std::vector<Entry> entries;                   ///< by hash, then id
    std::unordered_map<std::uint64_t, Run> runs;  ///< of entries, by their hash
  };
  [[nodiscard]] static std::uint64_t hash(const Class& of, const TupleQuery& query);

  std::vector<Class> classes_;
  std::unordered_map<std::uint64_t, std::size_t> class_of_;
};

}  // namespace vuurmuur::ir
