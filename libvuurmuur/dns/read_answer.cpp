// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns/read_answer.h"

// Debian 12 has nothing newer than what Debian 13 calls deprecated.
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "dns/usable.h"

namespace vuurmuur::dns {
namespace {

void add(Answer& answer, const net::Address& address, int ttl) {
  const std::chrono::seconds holds(std::max(ttl, 0));
  answer.ttl = answer.addresses.empty() && answer.refused.empty() ? holds : std::min(answer.ttl, holds);
  (is_usable(address) ? answer.addresses : answer.refused).push_back(address);
}

bool may_be_host(std::string_view name) {
  constexpr std::size_t kLongest = 253;
  const auto may_be = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, may_be);
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

std::string read_name(std::span<const std::uint8_t> packet) {
  hostent* found = nullptr;
  // The address is only copied into what is found.
  const std::array<std::uint8_t, 4> any{};
  const int status = ::ares_parse_ptr_reply(packet.data(), static_cast<int>(packet.size()), any.data(),
                                            static_cast<int>(any.size()), AF_INET, &found);
  if (status != ARES_SUCCESS || found == nullptr) return {};
  const std::unique_ptr<hostent, void (*)(hostent*)> host(found, ::ares_free_hostent);
  if (host->h_name == nullptr) return {};
  std::string name = host->h_name;
  if (name.ends_with('.')) name.pop_back();
  return may_be_host(name) ? name : std::string();
}

std::string reverse_name(const net::Address& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  const std::size_t bytes = net::address_bits(address.family) / 8;
  for (std::size_t i = bytes; i-- > 0;) {
    if (address.family == net::Family::Ipv4) {
      name += fmt::format("{}.", address.bytes[i]);
      continue;
    }
    for (const unsigned digit : {address.bytes[i] & 0xfU, static_cast<unsigned>(address.bytes[i]) >> 4}) {
      name += kDigits[digit];
      name += '.';
    }
  }
  return name + (address.family == net::Family::Ipv4 ? "in-addr.arpa" : "ip6.arpa");
}

}  // namespace vuurmuur::dns
