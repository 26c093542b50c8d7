// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/set_type.h"

#include <algorithm>
#include <array>
#include <bit>

namespace vuurmuur::backend {
namespace {

bool is_host(const std::optional<net::Prefix>& prefix) {
  return !prefix || prefix->length == net::address_bits(prefix->family());
}

/// Which of a set's addresses are networks.
enum class Networks : std::uint8_t { None, Destinations, Any };

Networks networks_of(const ir::Set& set) {
  if (set.use == ir::SetUse::TimedNetworks) return Networks::Any;
  bool has_destinations = false;
  for (const ir::SetElement& element : set.elements) {
    if (!is_host(element.source)) return Networks::Any;
    has_destinations |= !is_host(element.destination);
  }
  return has_destinations ? Networks::Destinations : Networks::None;
}

struct TypeRow {
  bool has_port = false, has_pair = false;
  Networks most = Networks::None;  ///< the most that the type can hold
  SetType type;
};

/// The first row that fits is taken. A single address that is a network is Any when it is the only one.
constexpr std::array<TypeRow, 8> kTypes{{{false, false, Networks::None, {"hash:ip", 2}},
                                         {false, false, Networks::Any, {"hash:net", 4}},
                                         {true, false, Networks::None, {"hash:ip,port", 3}},
                                         {true, false, Networks::Any, {"hash:net,port", 5}},
                                         {false, true, Networks::Any, {"hash:net,net", 0}},
                                         {true, true, Networks::None, {"hash:ip,port,ip", 3}},
                                         {true, true, Networks::Destinations, {"hash:ip,port,net", 5}},
                                         {true, true, Networks::Any, {"hash:net,port,net", 0}}}};

constexpr std::uint32_t kSmallestHash = 64;
/// The kernel's limit is memory; 2^31 buckets would need more than any machine has for this.
constexpr std::uint32_t kLargestHash = 1u << 24;

std::vector<std::optional<net::Prefix>> halves(const std::optional<net::Prefix>& prefix) {
  if (!prefix || !prefix->is_any()) return {prefix};
  net::Prefix low{.address = {.family = prefix->family()}, .length = 1}, high = low;
  high.address.bytes[0] = 0x80;
  return {low, high};
}

bool has_any_prefix(const ir::SetElement& element) {
  return (element.source && element.source->is_any()) || (element.destination && element.destination->is_any());
}

}  // namespace

SetType set_type(const ir::Set& set) {
  const bool has_pair = has_source(set.key) && has_destination(set.key);
  const Networks networks = networks_of(set);
  for (const TypeRow& row : kTypes)
    if (row.has_port == has_port(set.key) && row.has_pair == has_pair && row.most >= networks) return row.type;
  return {};
}

std::uint32_t set_hash_size(std::size_t elements) {
  return std::bit_ceil(static_cast<std::uint32_t>(std::clamp<std::size_t>(elements, kSmallestHash, kLargestHash)));
}

std::uint32_t set_capacity(const ir::Set& set) {
  if (set.is_timed()) return ir::kTimedSetSize;
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(set.elements.size(), 1, UINT32_MAX));
}

ir::Set in_kernel_form(const ir::Set& set) {
  ir::Set form{.name = set.name,
               .family = set.family,
               .key = set.key,
               .is_counted = set.is_counted,
               .use = set.use,
               .elements = {}};
  form.elements.reserve(set.elements.size());
  for (const ir::SetElement& element : set.elements) {
    if (!has_any_prefix(element)) {
      form.elements.push_back(element);
      continue;
    }
    for (const auto& source : halves(element.source))
      for (const auto& destination : halves(element.destination))
        form.elements.push_back(
            {.source = source, .destination = destination, .port = element.port, .origin = element.origin});
  }
  return form;
}

std::string element_text(const ir::SetElement& element) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!text.empty()) text += ',';
    text += part;
  };
  const auto add_prefix = [&](const std::optional<net::Prefix>& prefix) {
    if (prefix) add(is_host(prefix) ? prefix->address.to_string() : prefix->to_string());
  };
  const bool has_first = element.source.has_value();
  add_prefix(has_first ? element.source : element.destination);
  if (element.port) add(net::to_string(element.port->protocol) + ":" + std::to_string(element.port->port));
  if (has_first) add_prefix(element.destination);
  return text;
}

std::vector<std::string> origin_comments(const ir::Ruleset& ruleset, const TextOptions& options) {
  std::vector<std::string> comments;
  if (!options.comments) return comments;
  comments.reserve(ruleset.origins.size());
  for (std::size_t i = 0; i < ruleset.origins.size(); ++i)
    comments.push_back(comment_text(ruleset, static_cast<ir::OriginId>(i)));
  return comments;
}

}  // namespace vuurmuur::backend
