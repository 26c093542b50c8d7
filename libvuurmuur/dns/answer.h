// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "net/address.h"

namespace vuurmuur::dns {

/// What is known of a name's addresses in one family once it was asked for.
struct Answer {
  enum class Kind {
    Addresses,
    None,     ///< the name does not exist, or has no address of the family, by the word of a server
    Failure,  ///< nobody knows: no answer, or one that says nothing
  };
  Kind kind = Kind::Failure;
  /// Usable ones (usable.h), sorted, at most kMostAddresses. May be empty in an answer with addresses.
  std::vector<net::Address> addresses;
  std::vector<net::Address> refused;  ///< addresses that are not usable
  std::chrono::seconds ttl{0};        ///< of Addresses: how long the shortest-lived record of it holds
  std::string problem;                ///< of None and Failure: what happened, in words
};

/// A host with more addresses than that is no single host; further ones are left out.
inline constexpr std::size_t kMostAddresses = 64;

}  // namespace vuurmuur::dns
