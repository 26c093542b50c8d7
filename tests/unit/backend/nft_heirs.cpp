// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_heirs.h"

#include <linux/netfilter/nf_tables.h>

#include "support/catch.h"

namespace vuurmuur::backend::nft {
namespace {

Existing existing_of(const std::vector<std::pair<std::string, std::uint64_t>>& counters) {
  Existing existing{.has_table = true, .chains = {}, .sets = {}, .objects = {}};
  for (const auto& [label, packets] : counters)
    existing.objects.push_back({.name = counter_name(label),
                                .type = NFT_OBJECT_COUNTER,
                                .label = label,
                                .counted = {.packets = packets, .bytes = 100 * packets}});
  return existing;
}

std::vector<std::uint64_t> inherited(const std::vector<std::string>& labels, const Existing& existing) {
  Program program;
  for (const std::string& label : labels) program.counters.push_back({counter_name(label), label});
  std::vector<std::uint64_t> packets;
  for (const Counted& counted : inherited_counts(program, existing)) {
    CHECK(counted.bytes == 100 * counted.packets);
    packets.push_back(counted.packets);
  }
  return packets;
}

using Packets = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("nft: a counter takes what the one under another number leaves") {
  const Existing existing = existing_of({{"rule 1: accept a", 3}, {"rule 2: drop b", 5}, {"policy", 7}});
  CHECK(inherited({"rule 1: new", "rule 2: accept a", "rule 3: drop b", "policy"}, existing) == Packets{0, 3, 5, 0});
  // What stays keeps its values by itself.
  CHECK(inherited({"rule 1: accept a", "rule 2: accept a"}, existing) == Packets{0, 0});
  CHECK(inherited({"rule 1: accept a", "rule 9: drop b"}, existing) == Packets{0, 5});
  CHECK(inherited({"rule 4: drop a"}, existing) == Packets{0});
  CHECK(inherited({"rule 1: accept a"}, Existing{}) == Packets{0});
}

TEST_CASE("nft: counters of rules alike are taken in the order of their numbers, and none is lost") {
  const Existing existing = existing_of({{"rule 10: accept a", 2}, {"rule 9: accept a", 1}, {"rule 11: accept a", 4}});
  CHECK(inherited({"rule 14: accept a", "rule 13: accept a", "rule 12: accept a"}, existing) == Packets{4, 2, 1});
  CHECK(inherited({"rule 3: accept a", "rule 4: accept a"}, existing) == Packets{1, 6});
  CHECK(inherited({"rule 1: accept a", "rule 2: accept a", "rule 3: accept a", "rule 4: accept a"}, existing) ==
        Packets{1, 2, 4, 0});
  // Two go on under their names; one leaves, one comes.
  CHECK(inherited({"rule 9: accept a", "rule 11: accept a", "rule 12: accept a"}, existing) == Packets{0, 0, 2});
}

TEST_CASE("nft: counters of others leave nothing") {
  Existing existing = existing_of({{"rule 1: accept a", 3}, {"rule 2: accept b", 5}, {"rule 3: accept c", 7}});
  existing.objects[0].name = "mine";
  existing.objects[1].type = NFT_OBJECT_CT_HELPER;
  existing.objects[2].label.clear();
  CHECK(inherited({"rule 4: accept a", "rule 5: accept b", "rule 6: accept c"}, existing) == Packets{0, 0, 0});
}

}  // namespace vuurmuur::backend::nft
