// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/log_prefix.h"

#include "ir/target.h"
#include "support/catch.h"

using namespace vuurmuur;

TEST_CASE("a log prefix comes apart as it was put together") {
  const std::string identity = ir::identity_text(ir::identity_of("accept http from lan to inet"));
  CHECK(identity.size() == ir::kIdentitySize);
  const std::string prefix = ir::with_identity("vrmr: ACCEPT web  ", identity);
  CHECK(prefix == "vrmr: ACCEPT web  #" + identity);
  const auto parts = ir::read_log_prefix(prefix);
  REQUIRE(parts.has_value());
  CHECK(parts->action == "ACCEPT");
  CHECK(parts->text == "web  ");
  CHECK(parts->identity == identity);
}

TEST_CASE("prefixes without an identity, and of others, are known as such") {
  const auto plain = ir::read_log_prefix("vrmr: DROP in policy ");
  REQUIRE(plain.has_value());
  CHECK(plain->action == "DROP");
  CHECK(plain->text == "in policy ");
  CHECK(plain->identity.empty());
  // Letters that no identity has.
  CHECK(ir::read_log_prefix("vrmr: DROP #iiiiiiii")->identity.empty());
  CHECK(ir::read_log_prefix("vrmr: DROP #00000000")->identity == "00000000");
  CHECK(ir::read_log_prefix("vrmr: ")->action.empty());
  CHECK_FALSE(ir::read_log_prefix("IN=eth0 OUT=").has_value());
  CHECK_FALSE(ir::read_log_prefix("").has_value());
}

TEST_CASE("a prefix that is too long keeps its identity") {
  const std::string prefix = ir::with_identity(std::string(100, 'x'), "0123abcd");
  CHECK(prefix.size() == ir::NflogTarget::kMaxPrefix);
  CHECK(prefix.ends_with("x#0123abcd"));
}
