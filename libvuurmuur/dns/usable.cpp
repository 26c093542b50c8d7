// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns/usable.h"

#include <algorithm>
#include <array>

namespace vuurmuur::dns {

bool is_usable(const net::Address& address) {
  static const std::array kRefused{
      *net::Prefix::parse("0.0.0.0/8"),   *net::Prefix::parse("127.0.0.0/8"), *net::Prefix::parse("169.254.0.0/16"),
      *net::Prefix::parse("224.0.0.0/3"), *net::Prefix::parse("::/96"),       *net::Prefix::parse("::ffff:0:0/96"),
      *net::Prefix::parse("fe80::/10"),   *net::Prefix::parse("ff00::/8")};
  return std::ranges::none_of(kRefused, [&](const net::Prefix& prefix) { return prefix.contains(address); });
}

}  // namespace vuurmuur::dns
