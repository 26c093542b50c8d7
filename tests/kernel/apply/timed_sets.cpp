// SPDX-License-Identifier: GPL-2.0-or-later
// Who is blocked for a time, in the sets of both engines with a million others; how long it takes is printed.
#include "apply/timed_sets.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "apply/apply.h"
#include "base/poll_loop.h"
#include "compile/compile.h"
#include "lab/run.h"
#include "machine.h"
#include "model/policy.h"
#include "sema/policy.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

constexpr std::int64_t kHour = 3600ll * 1'000'000'000;

ir::Ruleset empty_policy() {
  const model::Settings settings;
  sema::Policy policy;
  policy.settings = &settings;
  compile::Options options;
  options.timed_blocks = true;
  options.verify = true;
  return compile::compile(policy, options).ruleset;
}

TimedElement element(const std::string& prefix, std::int64_t time) {
  return {.prefix = *net::Prefix::parse(prefix), .deadline = base::boottime() + time};
}

std::vector<TimedElement> many(std::size_t count) {
  std::vector<TimedElement> elements;
  for (std::size_t i = 0; i < count; ++i)
    elements.push_back({.prefix = net::Prefix::host(net::Address::ipv4(0x0a000000u + static_cast<std::uint32_t>(i))),
                        .deadline = base::boottime() + kHour});
  return elements;
}

template <class Work>
double milliseconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Elements of a set as nft or ipset lists them.
std::string listed(Backend backend, const std::string& set) {
  if (backend == Backend::Nft)
    return lab::run_ok({"nft", "list", "set", set[4] == '4' ? "ip" : "ip6", "vuurmuur", set});
  const auto members = make_kernel()->read_set(set);
  REQUIRE(members);
  std::string text;
  for (const SetMember& member : *members) text += member.element.source->to_string() + "\n";
  return text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("among a million who are blocked, one more takes less than 5 ms") {
  const Machine machine;
  const auto kernel = make_kernel();
  const Backend backend = GENERATE(Backend::Xtables, Backend::Nft);
  CAPTURE(to_string(backend));
  constexpr std::size_t kMany = 1'000'000;
  const auto elements = many(kMany);
  const double filling = milliseconds([&] { REQUIRE(fill_timed_sets(*kernel, backend, net::Family::Ipv4, elements)); });
  REQUIRE(apply::apply(*kernel, empty_policy(), {.backend = backend}));
  CHECK(*has_timed_sets(*kernel, backend, net::Family::Ipv4));
  std::vector<double> adding, removing;
  for (unsigned i = 0; i < 51; ++i) {
    const TimedElement one = element("192.0.2." + std::to_string(i), kHour);
    adding.push_back(milliseconds([&] { CHECK(*add_timed_hosts(*kernel, backend, {&one, 1}) == TimedChange::Done); }));
    removing.push_back(milliseconds([&] {
      CHECK(*remove_timed_hosts(*kernel, backend, {&one.prefix, 1}) == TimedChange::Done);
    }));
  }
  std::ranges::sort(adding);
  std::ranges::sort(removing);
  const auto old = elements[77];
  const TimedElement again{.prefix = old.prefix, .deadline = old.deadline + kHour};
  CHECK(*add_timed_hosts(*kernel, backend, {&again, 1}) == TimedChange::Done);
  std::printf(
      "%s: %zu hosts filled in %.0f ms; one more in %.2f ms (at most %.2f), one less in %.2f ms (at most %.2f)\n",
      std::string(to_string(backend)).c_str(), kMany, filling, adding[25], adding.back(), removing[25],
      removing.back());
  // The middle one: what else this machine does is no matter here.
  CHECK(adding[25] < 5);
  // nf_tables waits until nobody can still see what goes, a grace period of RCU; it is out of the set before.
  CHECK(removing[25] < (backend == Backend::Nft ? 100 : 5));
}

TEST_CASE("networks that overlap are changed without a moment in which somebody is forgotten") {
  const Machine machine;
  const auto kernel = make_kernel();
  const Backend backend = GENERATE(Backend::Xtables, Backend::Nft);
  CAPTURE(to_string(backend));
  REQUIRE(apply::apply(*kernel, empty_policy(), {.backend = backend}));
  const auto change = [&](const std::vector<TimedElement>& before, const std::vector<TimedElement>& after) {
    const auto done = change_timed_networks(*kernel, backend, before, after);
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    CHECK(*done == TimedChange::Done);
  };
  const auto inner = element("10.1.0.0/16", 2 * kHour), outer = element("10.0.0.0/8", kHour),
             innermost = element("10.1.1.0/24", 3 * kHour), next = element("11.0.0.0/8", kHour);
  change({}, {inner});
  change({}, {next});
  change({inner}, {outer, inner});
  change({outer, inner}, {outer, inner, innermost});
  const std::string text = listed(backend, "vrmr4-blocked-networks");
  INFO(text);
  CHECK(has(text, backend == Backend::Nft ? "10.2.0.0-10.255.255.255" : "10.0.0.0/8"));
  change({outer, inner, innermost}, {inner, innermost});
  change({inner, innermost}, {inner});
  CHECK(has(listed(backend, "vrmr4-blocked-networks"), "10.1.0.0/16"));
  CHECK(has(listed(backend, "vrmr4-blocked-networks"), "11.0.0.0/8"));
  change({inner}, {});
  CHECK_FALSE(has(listed(backend, "vrmr4-blocked-networks"), "10.1"));
  const auto six = element("2001:db8::/33", kHour), seven = element("2001:db8:8000::/33", 2 * kHour),
             both = element("2001:db8::/32", 3 * kHour);
  change({}, {six});
  change({}, {seven});
  change({six, seven}, {six, seven, both});
  change({six, seven, both}, {six, seven});
  CHECK(has(listed(backend, "vrmr6-blocked-networks"), "2001:db8:8000::/33"));
}

TEST_CASE("a load leaves who is blocked as he is, and a kernel without rules has no sets to change") {
  const Machine machine;
  const auto kernel = make_kernel();
  const Backend backend = GENERATE(Backend::Xtables, Backend::Nft);
  CAPTURE(to_string(backend));
  const auto host = element("192.0.2.1", kHour);
  const auto six = element("2001:db8::1", kHour);
  CHECK(*add_timed_hosts(*kernel, backend, {&host, 1}) == TimedChange::NoSets);
  CHECK(*remove_timed_hosts(*kernel, backend, {&host.prefix, 1}) == TimedChange::NoSets);
  REQUIRE(apply::apply(*kernel, empty_policy(), {.backend = backend}));
  CHECK(*add_timed_hosts(*kernel, backend, std::vector{host, six}) == TimedChange::Done);
  ir::Ruleset other = empty_policy();
  other.ipv4.table(ir::TableName::Filter)
      .append(*other.ipv4.table(ir::TableName::Filter).find("VRMR-INPUT"), ir::Rule{.target = ir::DropTarget{}});
  REQUIRE(apply::apply(*kernel, other, {.backend = backend}));
  CHECK(has(listed(backend, "vrmr4-blocked-hosts"), "192.0.2.1"));
  CHECK(has(listed(backend, "vrmr6-blocked-hosts"), "2001:db8::1"));
  REQUIRE(apply::clear(*kernel));
  CHECK(*add_timed_hosts(*kernel, backend, {&host, 1}) == TimedChange::NoSets);
}
