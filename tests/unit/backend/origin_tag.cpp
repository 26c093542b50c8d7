// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/origin_tag.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "backend/xtables_entry.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::backend;

namespace {

ir::Ruleset with_origins(const std::vector<std::string>& labels) {
  ir::Ruleset ruleset;
  for (const std::string& label : labels) ruleset.add_origin(label);
  return ruleset;
}

std::string_view nothing(OriginTag) { return {}; }

std::uint32_t nfcache(net::Family family, const std::vector<std::byte>& entry) {
  return family == net::Family::Ipv4 ? reinterpret_cast<const ipt_entry*>(entry.data())->nfcache
                                     : reinterpret_cast<const ip6t_entry*>(entry.data())->nfcache;
}

}  // namespace

TEST_CASE("a tag is that of the text without the number of the rule, and none of no text") {
  CHECK(origin_tag("") == OriginTag::None);
  CHECK(origin_tag("rule 1: accept a") == origin_tag("rule 12: accept a"));
  CHECK(origin_tag("rule 1: accept a") != origin_tag("rule 1: accept b"));
  CHECK(origin_tag("established") != origin_tag("rule 1: established"));
  // Rules outlive the program that loaded them: another number here would lose what they have counted.
  CHECK(origin_tag("established") == static_cast<OriginTag>(0x099591fc));
}

TEST_CASE("origins whose tag would not tell them apart have none") {
  const auto tags =
      origin_tags(
          with_origins({"", "rule 1: accept a", "rule 2: accept b", "rule 3: accept a", "established", "established"}),
          nothing)
          .tags;
  REQUIRE(tags.size() == 6);
  CHECK(tags[0] == OriginTag::None);
  CHECK(tags[1] == OriginTag::None);
  CHECK(tags[2] == origin_tag("rule 2: accept b"));
  CHECK(tags[3] == OriginTag::None);
  CHECK(tags[4] == origin_tag("established"));
  CHECK(tags[5] == tags[4]);
}

TEST_CASE("an origin has no tag that rules in force have for something else") {
  const ir::Ruleset ruleset = with_origins({"rule 1: accept a"});
  const OriginTag tag = origin_tag("rule 1: accept a");
  CHECK(origin_tags(ruleset, [](OriginTag) { return "rule 7: accept a"; }).tags.at(0) == tag);
  CHECK(origin_tags(ruleset, [](OriginTag) { return "rule 1: accept b"; }).tags.at(0) == OriginTag::None);
}

TEST_CASE("an entry carries a comment, a tag or neither") {
  ir::Ruleset ruleset;
  for (const net::Family family : net::kFamilies) {
    const ir::Table& table = ruleset.rules(family).table(ir::TableName::Filter);
    ir::Rule rule{.target = ir::AcceptTarget{}, .origin = ruleset.add_origin("established")};
    const auto encoded = [&](const TextOptions& options) {
      std::vector<std::byte> entry;
      encode_entry(ruleset, table, family, rule, options, entry);
      return entry;
    };
    const std::vector<OriginTag> tags(ruleset.origins.size(), OriginTag{0x12345678}), none(tags.size());
    const auto has_comment = [&](const TextOptions& options) {
      return entry_comment(family, encoded(options).data()) == "established";
    };
    CHECK((has_comment({}) && nfcache(family, encoded({})) == 0));
    CHECK((!has_comment({.comments = false}) && nfcache(family, encoded({.comments = false})) == 0));
    const TextOptions tagged{.comments = false, .tags = &tags}, untagged{.comments = false, .tags = &none};
    CHECK((!has_comment(tagged) && nfcache(family, encoded(tagged)) == 0x12345678));
    CHECK((has_comment(untagged) && nfcache(family, encoded(untagged)) == 0));
    rule.commented = false;
    CHECK((!has_comment(tagged) && nfcache(family, encoded(tagged)) == 0));
    CHECK_FALSE(has_comment(untagged));
  }
}
