// SPDX-License-Identifier: GPL-2.0-or-later
// A packet that claims to be an answer of DNS: whatever it holds, no address comes out of it that no rule may be made of, and none
// twice; and no name comes out of it that is more than a name.
#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "dns/read_answer.h"
#include "dns/usable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  for (const net::Family family : net::kFamilies) {
    const dns::Answer answer = dns::read_answer(family, {data, size});
    VM_ASSERT(answer.kind == dns::Answer::Kind::Addresses || answer.addresses.empty());
    VM_ASSERT(answer.addresses.size() <= dns::kMostAddresses && answer.ttl.count() >= 0);
    VM_ASSERT(std::ranges::is_sorted(answer.addresses));
    VM_ASSERT(std::ranges::adjacent_find(answer.addresses) == answer.addresses.end());
    for (const net::Address& address : answer.addresses)
      VM_ASSERT(address.family == family && dns::is_usable(address));
  }
  for (const char c : dns::read_name({data, size})) VM_ASSERT(c > ' ' && c < '\x7f');
  return 0;
}
