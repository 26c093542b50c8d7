// SPDX-License-Identifier: GPL-2.0-or-later
// What a generation in force becomes when addresses change: only what is another then is resolved, compiled and loaded.
#include <cerrno>

#include "base/memory_file_system.h"
#include "control/manager.h"
#include "support/catch.h"
#include "unit/apply/fake_kernel.h"
#include "unit/apply/steps.h"

using namespace vuurmuur;
using namespace vuurmuur::control;
using apply::test::only;

namespace {

const history::Actor kAnn{.uid = 0, .user = "ann", .from = {}};
using Steps = std::vector<std::string>;

class FakeClock final : public Clock {
 public:
  [[nodiscard]] history::Moment now() const override { return {.boot = "b", .nanoseconds = 0}; }
  [[nodiscard]] std::int64_t wall_seconds() const override { return 1764000000; }
};

/// A host whose IPv6 address follows the device's prefix, and one that has an IPv4 address.
history::Files tree(const std::string& action) {
  return {{"config.conf", ""},
          {"interfaces/nic.conf",
           "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"192.0.2.1\"\nIPV6ADDRESS=\"2001:db8::1\"\n"},
          {"services/http", "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n"},
          {"zones/inet/zone.config", "ACTIVE=\"Yes\"\n"},
          {"zones/inet/networks/world/network.config",
           "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nIPV6NETWORK=\"::\"\nIPV6CIDR=\"0\"\nINTERFACE="
           "\"nic\"\n"},
          {"zones/inet/networks/world/hosts/follower.host", "ACTIVE=\"Yes\"\nIPV6ADDRESS=\"::25/suffix\"\n"},
          {"zones/inet/networks/world/hosts/fixed.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.9\"\n"},
          {"rules/rules.conf", "RULE=\"" + action + " service http from follower.world.inet to firewall\"\n" +
                                   "RULE=\"accept service http from fixed.world.inet to firewall\"\n"},
          {"rules/blocklist.conf", ""}};
}

Surroundings with_prefix(const char* prefix) { return {.devices = {{"eth0", {*net::Prefix::parse(prefix)}}}}; }

struct World {
  apply::test::FakeKernel kernel;
  base::MemoryFileSystem files;
  history::Store store{files, "/var/lib/vuurmuur"};
  FakeClock clock;
  Manager manager{kernel, store, clock, {}};
  Manager without_comments{kernel, store, clock, {.comments = false}};
  std::unique_ptr<CheckedPolicy> policy;
  PlanMemo memo;

  enum class Comments : std::uint8_t { Yes, No };
  explicit World(const std::string& action, Comments comments = Comments::Yes) {
    base::MemoryFileSystem memory;
    for (const auto& [path, content] : tree(action)) memory.files["/etc/vuurmuur/" + path] = content;
    policy = check_tree(memory, "/etc/vuurmuur");
    REQUIRE_FALSE(policy->sink.has_errors());
    REQUIRE(policy->resolve_in(with_prefix("2001:db8:1::1/64")));
    const auto plan = make_plan(kernel, policy->policy, {.backend = model::Backend::Xtables});
    REQUIRE(plan);
    Manager& by = comments == Comments::Yes ? manager : without_comments;
    REQUIRE(by.apply({.directory = "/etc/vuurmuur",
                      .configuration = history::Store::packed_configuration(tree(action)),
                      .plan = *plan,
                      .who = kAnn,
                      .comment = {},
                      .copy_of = {},
                      .confirm = {}}));
  }

  /// The same as is by now; gives what was asked of the kernel.
  [[nodiscard]] base::Result<Steps> event(const char* prefix) {
    kernel.steps.clear();
    VM_TRY_VOID(policy->resolve_in(with_prefix(prefix)));
    static_cast<void>(VM_TRY(manager.follow(1, policy->policy, memo)));
    return only(kernel.steps, {"marks", "open", "commit"});
  }
  [[nodiscard]] bool has(const std::string& text) const { return kernel.text().find(text) != std::string::npos; }
};

}  // namespace

TEST_CASE("an event loads the family whose addresses are others") {
  World world("accept");
  REQUIRE(world.event("2001:db8:2::1/64"));
  CHECK(world.memo.compiled.work().families.size() == 2);
  const auto steps = world.event("2001:db8:3::1/64");
  REQUIRE(steps);
  CHECK(*steps == Steps{"open filter6", "commit filter6"});
  CHECK(world.memo.compiled.work().rules == 1);
  CHECK(world.has("2001:db8:3::25"));
  CHECK_FALSE(world.has("2001:db8:2::25"));
  CHECK(world.has("192.0.2.9"));
}

TEST_CASE("what an event loads has no comments when the generation has none") {
  World world("accept", World::Comments::No);
  REQUIRE(world.event("2001:db8:2::1/64"));
  CHECK(world.has("2001:db8:2::25"));
  CHECK_FALSE(world.has("--comment"));
}

TEST_CASE("an event that changes no address loads no rules") {
  World world("accept");
  REQUIRE(world.event("2001:db8:2::1/64"));
  CHECK(*world.event("2001:db8:2::1/64") == Steps{});
}

TEST_CASE("what an event could not load is loaded with the next one, whatever that changes") {
  World world("accept");
  REQUIRE(world.event("2001:db8:2::1/64"));
  world.kernel.fault = [](const std::string& step) { return step == "commit filter6" ? ENOMEM : 0; };
  CHECK_FALSE(world.event("2001:db8:3::1/64"));
  CHECK(world.has("2001:db8:2::25"));
  world.kernel.fault = {};
  CHECK(*world.event("2001:db8:3::1/64") == Steps{"open filter6", "commit filter6"});
  CHECK(world.has("2001:db8:3::25"));
}

TEST_CASE("connections are asked for queues when a rule has one, or one is still used") {
  World queueing("nfqueue");
  REQUIRE(queueing.event("2001:db8:2::1/64"));
  CHECK(only(*queueing.event("2001:db8:3::1/64"), {"marks"}).size() == 1);

  World plain("accept");
  const auto layout = ir::MarkLayout::create(plain.policy->policy.settings->connmark_mask.value);
  plain.kernel.marks = {layout->encode(ir::MarkField{ir::MarkKind::Queued, 7})};
  CHECK(only(*plain.event("2001:db8:2::1/64"), {"marks"}).size() == 1);
  plain.kernel.marks.clear();
  CHECK(only(*plain.event("2001:db8:3::1/64"), {"marks"}).size() == 1);
  CHECK(only(*plain.event("2001:db8:4::1/64"), {"marks"}).empty());
}
