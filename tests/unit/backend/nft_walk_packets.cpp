// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit/backend/nft_walk_packets.h"

#include <algorithm>
#include <cstring>

#include "backend/nft_sets.h"
#include "base/assert.h"

namespace vuurmuur::backend_test {
namespace {

using namespace backend::nft;

bool fits(const std::string& name, const std::string& pattern) {
  if (pattern.ends_with('+')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

/// The value of a number field; nothing when the packet has not got it, so that the rule does not match.
std::optional<std::uint32_t> number(const NftPacket& packet, Field field) {
  const bool is_tcp = packet.protocol == 6, is_udp = packet.protocol == 17;
  switch (field) {
    case Field::Protocol: return packet.protocol;
    case Field::CtMark: return packet.mark;
    case Field::TcpSource: return is_tcp ? std::optional<std::uint32_t>(packet.source_port) : std::nullopt;
    case Field::TcpDestination: return is_tcp ? std::optional<std::uint32_t>(packet.destination_port) : std::nullopt;
    case Field::UdpSource: return is_udp ? std::optional<std::uint32_t>(packet.source_port) : std::nullopt;
    case Field::UdpDestination: return is_udp ? std::optional<std::uint32_t>(packet.destination_port) : std::nullopt;
    case Field::PortSource: return packet.source_port;
    case Field::PortDestination: return packet.destination_port;
    default: break;
  }
  VM_ASSERT(false);
  return {};
}

std::optional<KeyBytes> key(const NftPacket& packet, const Set& set) {
  KeyBytes bytes;
  VM_ASSERT(set.key.size() == 1);
  const Field field = set.key.front();
  if (field == Field::Source || field == Field::Destination) {
    append_address(bytes, field == Field::Source ? packet.source : packet.destination);
  } else if (field == Field::InInterface || field == Field::OutInterface) {
    const std::string& name = field == Field::InInterface ? packet.in : packet.out;
    std::memcpy(bytes.bytes.data(), name.data(), name.size());
    bytes.size = 16;
  } else {
    const auto value = number(packet, field);
    if (!value) return std::nullopt;
    append_number(bytes, field, field == Field::CtMark ? *value & set.mark_mask : *value);
    bytes.size = static_cast<std::uint8_t>(field_size(field, net::Family::Ipv4));
  }
  return bytes;
}

const Element* find(const NftPacket& packet, const Set& set) {
  const auto wanted = key(packet, set);
  if (!wanted) return nullptr;
  const Element* found = nullptr;
  for (const Element& element : set.elements) {
    if (element.first.size != wanted->size) VM_ASSERT(false);
    if (element.first.bytes > wanted->bytes || wanted->bytes > element.last.bytes) continue;
    VM_ASSERT(found == nullptr);  // elements are disjoint
    found = &element;
  }
  return found;
}

class Walk {
 public:
  Walk(const Program& program, const NftPacket& packet) : program_(program), packet_(packet) {}

  std::vector<std::string> run() {
    while (chain_ != nullptr) {
      if (rule_ == chain_->rules.size()) {
        back();
        continue;
      }
      const Rule& rule = chain_->rules[rule_++];
      for (const Statement& statement : rule.statements)
        if (!std::visit(*this, statement)) break;
    }
    return std::move(trace_);
  }

  bool operator()(const AddressTest& test) {
    return test.prefix.contains(test.field == Field::Source ? packet_.source : packet_.destination);
  }
  bool operator()(const InterfaceTest& test) {
    return fits(test.field == Field::InInterface ? packet_.in : packet_.out, test.name);
  }
  bool operator()(const NumberTest& test) {
    const auto value = number(packet_, test.field);
    if (!value) return false;
    switch (test.relation) {
      case Relation::Equal: return (*value & test.mask) == test.value;
      case Relation::NotEqual: return (*value & test.mask) != test.value;
      case Relation::AnyOf: return (*value & test.value) != 0;
    }
    return false;
  }
  bool operator()(const RangeTest& test) {
    const auto value = number(packet_, test.field);
    return value && test.range.contains(static_cast<std::uint16_t>(*value));
  }
  bool operator()(const Count& count) { return say("count " + std::to_string(count.counter)); }
  bool operator()(const Log& log) { return say("log " + std::to_string(log.group)); }

  bool operator()(const Verdict& verdict) {
    switch (verdict.kind) {
      case Verdict::Kind::Accept: return finish("accept");
      case Verdict::Kind::Drop: return finish("drop");
      case Verdict::Kind::Return: back(); return false;
      case Verdict::Kind::Jump: stack_.push_back({chain_, rule_}); break;
      case Verdict::Kind::Goto: break;
    }
    chain_ = &program_.chains[verdict.chain];
    rule_ = 0;
    return false;
  }
  bool operator()(const MapVerdict& map) {
    const Element* found = find(packet_, program_.sets[map.set]);
    return found != nullptr && (*this)(std::get<Verdict>(found->data));
  }
  bool operator()(const Queue& queue) { return queued(queue.first, queue.last, queue.bypass); }
  bool operator()(const MapQueue& map) {
    const Element* found = find(packet_, program_.sets[map.set]);
    if (found == nullptr) return false;
    const auto number = std::get<std::uint16_t>(found->data);
    return queued(number, number, map.bypass);
  }
  template <class Other>
  bool operator()(const Other&) {
    VM_ASSERT(false);
    return false;
  }

 private:
  struct Place {
    const Chain* chain;
    std::size_t rule;
  };

  bool say(std::string what) {
    trace_.push_back(std::move(what));
    return true;
  }
  bool finish(std::string what) {
    say(std::move(what));
    chain_ = nullptr;
    return false;
  }
  bool queued(unsigned first, unsigned last, bool bypass) {
    return finish("queue " + std::to_string(first) + '-' + std::to_string(last) + (bypass ? " bypass" : ""));
  }
  void back() {
    if (stack_.empty()) {
      finish("policy");
      return;
    }
    chain_ = stack_.back().chain;
    rule_ = stack_.back().rule;
    stack_.pop_back();
  }

  const Program& program_;
  const NftPacket& packet_;
  const Chain* chain_ = &program_.chains.front();
  std::size_t rule_ = 0;
  std::vector<Place> stack_;
  std::vector<std::string> trace_;
};

}  // namespace

std::vector<std::string> walk(const backend::nft::Program& program, const NftPacket& packet) {
  return Walk(program, packet).run();
}

}  // namespace vuurmuur::backend_test
