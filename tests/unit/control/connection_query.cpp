// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_query.h"

#include <algorithm>
#include <cerrno>
#include <random>

#include "unit/apply/fake_kernel.h"
#include "control/kill_connections.h"
#include "diag/source.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;
using vuurmuur::apply::test::FakeKernel;

namespace {

net::Address at(std::string_view text) { return *net::Address::parse(text); }

apply::LiveConnection connection(std::uint32_t id, std::string_view from, std::uint16_t port, std::uint32_t mark = 0) {
  apply::LiveConnection live;
  live.original = {.source = at(from), .destination = at("192.0.2.1"), .source_port = port, .destination_port = 80};
  live.reply = {.source = at("192.0.2.1"), .destination = at(from), .source_port = 80, .destination_port = port};
  live.mark = mark;
  live.id = id;
  return live;
}

/// Nothing is in force.
InForce nothing() {
  InForce in_force;
  in_force.names = names::Index::build({}, {});
  return in_force;
}

filter::Filter filter_of(std::string_view text) {
  diag::Sink sink;
  auto filter = filter::parse(text, diag::FileId{}, filter::Of::Connections, sink);
  REQUIRE_FALSE(sink.has_errors());
  return filter;
}

/// The numbers of the connections that a query gives, in its order.
std::vector<std::uint32_t> ids(FakeKernel& kernel, const ConnectionQuery& query) {
  std::vector<std::uint32_t> found;
  const InForce in_force = nothing();
  const auto count = query_connections(kernel, in_force, query, [&](const NamedConnection& named) {
    found.push_back(named.tracked->connection.id);
    return true;
  });
  REQUIRE(count);
  CHECK(count->seen == kernel.live.size());
  return found;
}

}  // namespace

TEST_CASE("with an order and a limit the first ones are kept, whatever order they come in") {
  FakeKernel kernel;
  for (std::uint32_t i = 0; i < 200; ++i)
    kernel.live.push_back(connection(i, "10.0.0." + std::to_string(i), static_cast<std::uint16_t>(1000 + i)));
  std::mt19937 random(1);
  std::ranges::shuffle(kernel.live, random);
  CHECK(ids(kernel, {.order = ConnectionOrder::Source, .limit = 3}) == std::vector<std::uint32_t>{0, 1, 2});
  const auto all = ids(kernel, {.order = ConnectionOrder::Source});
  CHECK(all.size() == 200);
  CHECK(std::ranges::is_sorted(all));
  CHECK(ids(kernel, {.limit = 5}).size() == 5);
}

TEST_CASE("a query stops when nobody takes more") {
  FakeKernel kernel;
  for (std::uint32_t i = 0; i < 10; ++i)
    kernel.live.push_back(connection(i, "10.0.0.1", static_cast<std::uint16_t>(i + 1)));
  int taken = 0;
  const InForce in_force = nothing();
  const auto count = query_connections(kernel, in_force, {}, [&](const NamedConnection&) { return ++taken < 3; });
  REQUIRE(count);
  CHECK(taken == 3);
}

TEST_CASE("what the kernel can look at by itself is asked of it") {
  const ir::MarkLayout marks;
  const auto selection = [&](std::string_view text) { return selection_for({.filter = filter_of(text)}, marks); };
  CHECK_FALSE(selection("src:10.0.0.1 !queue:5 port:80").mark);
  CHECK(selection("queue:5").mark->value == 0x10005000);
  CHECK(selection("queue:5").mark->mask == 0x3ffff000);
  CHECK(selection("queue:5-6").mark->value == 0x10000000);
  CHECK(selection("queue:5-6").mark->mask == 0x30000000);
  CHECK(selection("group:3").mark->value == 0x20003000);
  CHECK_FALSE(selection("queue:5,6").mark);
  CHECK(selection("mark:0x1/0xf").mark->mask == 0xf);
  CHECK(selection("family:6").family == net::Family::Ipv6);
  CHECK(selection_for({.filter = filter_of("family:6"), .family = net::Family::Ipv4}, marks).family ==
        net::Family::Ipv4);
}

TEST_CASE("groups add up, the largest first") {
  FakeKernel kernel;
  kernel.live = {connection(1, "10.0.0.1", 1), connection(2, "10.0.0.2", 2), connection(3, "10.0.0.2", 3, 0x10005000)};
  ConnectionCount count;
  const InForce in_force = nothing();
  const auto by_source = group_connections(kernel, in_force, {.grouping = ConnectionGrouping::Source}, count);
  REQUIRE(by_source);
  REQUIRE(by_source->size() == 2);
  CHECK(by_source->front().name == "10.0.0.2");
  CHECK(by_source->front().connections == 2);
  CHECK(count.matched == 3);
  const auto by_queue = group_connections(kernel, in_force, {.grouping = ConnectionGrouping::Queue, .limit = 1}, count);
  REQUIRE(by_queue);
  REQUIRE(by_queue->size() == 1);
  CHECK(by_queue->front().name.empty());
}

TEST_CASE("kill ends what it was asked for, counts what went by itself, and leaves zones of others alone") {
  FakeKernel kernel;
  kernel.live = {connection(1, "10.0.0.1", 1), connection(2, "10.0.0.2", 2), connection(3, "10.0.0.1", 3),
                 connection(4, "10.0.0.1", 4)};
  kernel.live[2].in_other_zone = true;
  kernel.refused_changes[4] = EPERM;
  const InForce in_force = nothing();
  const auto report = kill_connections(kernel, in_force, {.query = {.filter = filter_of("src:10.0.0.1")}});
  REQUIRE(report);
  CHECK(report->matched == 2);
  CHECK(report->ended == 1);
  CHECK(report->failed == 1);
  CHECK(report->failure == "Operation not permitted");
  std::vector<std::uint32_t> left;
  for (const auto& live : kernel.live) left.push_back(live.id);
  CHECK(left == std::vector<std::uint32_t>{2, 3, 4});
}

TEST_CASE("the own connection keeps the others alive, unless it may end as well") {
  FakeKernel kernel;
  kernel.live = {connection(1, "10.0.0.1", 1), connection(2, "10.0.0.2", 2)};
  const InForce in_force = nothing();
  KillRequest request{.own = connection(0, "10.0.0.2", 2)};
  auto report = kill_connections(kernel, in_force, request);
  REQUIRE(report);
  CHECK(report->has_own);
  CHECK(report->ended == 0);
  CHECK(kernel.live.size() == 2);
  // Forwarded on its way here: known by its answers.
  request.own->original.destination = at("198.51.100.1");
  report = kill_connections(kernel, in_force, request);
  CHECK(report->has_own);
  request.may_end_own = true;
  report = kill_connections(kernel, in_force, request);
  CHECK(report->ended == 2);
  CHECK(kernel.live.empty());
}
