// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns/read_answer.h"

// Debian 12 has nothing newer than what Debian 13 calls deprecated.
#define CARES_NO_DEPRECATED
#include <ares.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/usable.h"

namespace vuurmuur::dns {
namespace {

void add(Answer& answer, const net::Address& address, int ttl) {
  const std::chrono::seconds holds(std::max(ttl, 0));
  answer.ttl = answer.addresses.empty() && answer.refused.empty() ? holds : std::min(answer.ttl, holds);
  (is_usable(address) ? answer.addresses : answer.refused).push_back(address);
}

}  // namespace

Answer no_addresses(int status) {
  const bool is_none = status == ARES_ENODATA || status == ARES_ENOTFOUND;
  return {.kind = is_none ? Answer::Kind::None : Answer::Kind::Failure, .problem = ::ares_strerror(status)};
}

Answer read_answer(net::Family family, std::span<const std::uint8_t> packet) {
  const int size = static_cast<int>(packet.size());
  Answer answer{.kind = Answer::Kind::Addresses};
  int status = ARES_SUCCESS;
  int count = kMostAddresses;
  if (family == net::Family::Ipv4) {
    std::array<ares_addrttl, kMostAddresses> found{};
    status = ::ares_parse_a_reply(packet.data(), size, nullptr, found.data(), &count);
    if (status != ARES_SUCCESS) return no_addresses(status);
    for (int i = 0; i < count; ++i) {
      net::Address address{.family = family};
      std::memcpy(address.bytes.data(), &found[static_cast<std::size_t>(i)].ipaddr, 4);
      add(answer, address, found[static_cast<std::size_t>(i)].ttl);
    }
  } else {
    std::array<ares_addr6ttl, kMostAddresses> found{};
    status = ::ares_parse_aaaa_reply(packet.data(), size, nullptr, found.data(), &count);
    if (status != ARES_SUCCESS) return no_addresses(status);
    for (int i = 0; i < count; ++i) {
      net::Address address{.family = family};
      std::memcpy(address.bytes.data(), &found[static_cast<std::size_t>(i)].ip6addr, 16);
      add(answer, address, found[static_cast<std::size_t>(i)].ttl);
    }
  }
  if (count <= 0) return no_addresses(ARES_ENODATA);
  std::ranges::sort(answer.addresses);
  answer.addresses.erase(std::ranges::unique(answer.addresses).begin(), answer.addresses.end());
  return answer;
}

}  // namespace vuurmuur::dns
