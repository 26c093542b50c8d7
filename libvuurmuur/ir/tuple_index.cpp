// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/tuple_index.h"

#include <algorithm>
#include <tuple>

namespace vuurmuur::ir {
namespace {

/// Mixes a word into a hash: every bit of either changes about half of the result's.
std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  return hash ^ hash >> 29;
}

}  // namespace

std::uint64_t TupleIndex::hash(const Class& of, const TupleQuery& query) {
  const AddressBits source = query.source & of.source_mask, destination = query.destination & of.destination_mask;
  const Shape& shape = of.shape;
  std::uint64_t rest = 0;
  if (shape.has_protocol) rest |= static_cast<std::uint64_t>(query.protocol);
  if (shape.has_port) rest |= std::uint64_t{query.destination_port} << 8;
  if (shape.has_in) rest |= std::uint64_t{query.in} << 24;
  if (shape.has_out) rest |= std::uint64_t{query.out} << 40;
  std::uint64_t value = mixed(0, rest);
  if (shape.source_length > 0) value = mixed(mixed(value, source.high), source.low);
  if (shape.destination_length > 0) value = mixed(mixed(value, destination.high), destination.low);
  return value;
}

void TupleIndex::add(std::uint32_t id, const Tuple& tuple) {
  Shape shape;
  TupleQuery key;
  if (tuple.source) {
    shape.source_length = tuple.source->length;
    key.source = AddressBits::of(tuple.source->address);
  }
  if (tuple.destination) {
    shape.destination_length = tuple.destination->length;
    key.destination = AddressBits::of(tuple.destination->address);
  }
  shape.has_protocol = tuple.protocol.has_value();
  shape.has_port = tuple.destination_port.has_value();
  shape.has_in = tuple.in.has_value();
  shape.has_out = tuple.out.has_value();
  key.protocol = tuple.protocol.value_or(net::Protocol::Tcp);
  key.destination_port = tuple.destination_port.value_or(std::uint16_t{0});
  key.in = tuple.in.value_or(std::uint16_t{0});
  key.out = tuple.out.value_or(std::uint16_t{0});

  const std::uint64_t number =
      shape.source_length | static_cast<std::uint64_t>(shape.destination_length) << 8 |
      static_cast<std::uint64_t>(shape.has_protocol) << 16 | static_cast<std::uint64_t>(shape.has_port) << 17 |
      static_cast<std::uint64_t>(shape.has_in) << 18 | static_cast<std::uint64_t>(shape.has_out) << 19;
  const auto [found, is_new] = class_of_.try_emplace(number, classes_.size());
  if (is_new)
    classes_.push_back({.shape = shape,
                        .source_mask = AddressBits::mask(shape.source_length),
                        .destination_mask = AddressBits::mask(shape.destination_length),
                        .entries = {},
                        .runs = {}});
  Class& of = classes_[found->second];
  of.entries.push_back({hash(of, key), id});
}

void TupleIndex::finish() {
  for (Class& of : classes_) {
    std::ranges::sort(of.entries, {}, [](const Entry& entry) { return std::tuple(entry.hash, entry.id); });
    of.runs.reserve(of.entries.size());
    for (std::size_t begin = 0; begin < of.entries.size();) {
      std::size_t end = begin;
      while (end < of.entries.size() && of.entries[end].hash == of.entries[begin].hash) ++end;
      of.runs[of.entries[begin].hash] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
      begin = end;
    }
  }
}

void TupleIndex::find(const TupleQuery& query, std::vector<std::uint32_t>& ids) const {
  for (const Class& of : classes_) {
    if (of.shape.has_port && !net::has_ports(query.protocol)) continue;
    const auto run = of.runs.find(hash(of, query));
    if (run == of.runs.end()) continue;
    for (std::uint32_t i = run->second.begin; i < run->second.end; ++i) ids.push_back(of.entries[i].id);
  }
}

}  // namespace vuurmuur::ir
