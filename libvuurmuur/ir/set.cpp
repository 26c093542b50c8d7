// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/set.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/strings.h"
#include "ir/set_content.h"

namespace vuurmuur::ir {
namespace {

/// FNV-1a with 64 bits: the same number on every machine, today and tomorrow.
class Hash {
 public:
  void add(std::uint8_t byte) {
    value_ ^= byte;
    value_ *= 0x100000001b3;
  }
  void add(std::string_view text) {
    for (const char c : text) add(static_cast<std::uint8_t>(c));
  }
  void add(const std::optional<net::Prefix>& prefix) {
    add(static_cast<std::uint8_t>(prefix.has_value()));
    if (!prefix) return;
    for (const std::uint8_t byte : prefix->address.bytes) add(byte);
    add(prefix->length);
  }
  void add(const std::optional<ProtocolPort>& port) {
    if (!port) return add(std::uint8_t{0});
    add(static_cast<std::uint8_t>(port->protocol));
    add(static_cast<std::uint8_t>(port->port >> 8));
    add(static_cast<std::uint8_t>(port->port & 0xff));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// The last steps of splitmix64: without them what differs in one bit here and in one bit there would add up to the
/// same.
std::uint64_t scattered(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

bool is_host(const std::optional<net::Prefix>& prefix) {
  return !prefix || prefix->length == net::address_bits(prefix->family());
}

}  // namespace

std::string_view directions(SetKey key) {
  switch (key) {
    case SetKey::Source: return "src";
    case SetKey::Destination: return "dst";
    case SetKey::SourcePort: return "src,dst";
    case SetKey::DestinationPort: return "dst,dst";
    case SetKey::SourceDestination: return "src,dst";
    case SetKey::SourcePortDestination: return "src,dst,dst";
  }
  return {};
}

Set timed_set(net::Family family, SetUse use) {
  return {.name = fmt::format("{}{}-blocked-{}", kOwnSetPrefix, family == net::Family::Ipv4 ? 4 : 6,
                              use == SetUse::TimedHosts ? "hosts" : "networks"),
          .family = family,
          .key = SetKey::Source,
          .is_counted = false,
          .use = use,
          .elements = {}};
}

Set bait_set(net::Family family, std::string_view bait) {
  Hash hash;
  hash.add(bait);
  Set set = timed_set(family, SetUse::TimedHosts);
  set.name =
      fmt::format("{}{}-bait-{:016x}", kOwnSetPrefix, family == net::Family::Ipv4 ? 4 : 6, scattered(hash.value()));
  return set;
}

bool has_only_hosts(const Set& set) {
  return set.use != SetUse::TimedNetworks && std::ranges::all_of(set.elements, [](const SetElement& e) {
           return is_host(e.source) && is_host(e.destination);
         });
}

std::uint64_t content_hash(std::span<const SetElement> elements) {
  std::uint64_t sum = elements.size();
  for (const SetElement& element : elements) {
    Hash hash;
    hash.add(element.source ? element.source : element.destination);
    hash.add(element.source ? element.destination : std::nullopt);
    hash.add(element.port);
    sum += scattered(hash.value());
  }
  return sum;
}

std::optional<std::uint64_t> content_told_by(std::string_view set_name) {
  constexpr std::size_t kDigits = 16, kLength = kOwnSetPrefix.size() + 11 + kDigits;
  if (set_name.size() != kLength || !set_name.starts_with(kOwnSetPrefix)) return std::nullopt;
  return base::parse_number<std::uint64_t>(set_name.substr(kLength - kDigits), 16);
}

std::string set_name(const Set& set, std::string_view purpose) {
  Hash slot;
  slot.add(purpose);
  slot.add(static_cast<std::uint8_t>(set.key));
  slot.add(static_cast<std::uint8_t>(set.is_counted));
  return fmt::format("{}{}-{:08x}-{:016x}", kOwnSetPrefix, set.family == net::Family::Ipv4 ? 4 : 6,
                     static_cast<std::uint32_t>(slot.value() ^ slot.value() >> 32), content_hash(set.elements));
}

std::string_view purpose_of(std::string_view set_name) { return set_name.substr(0, set_name.rfind('-')); }

}  // namespace vuurmuur::ir
