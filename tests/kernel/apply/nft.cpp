// SPDX-License-Identifier: GPL-2.0-or-later
// nf_tables: what is loaded, kept, exchanged and taken away; refusals; other programs' tables; killed applies.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "apply/apply.h"
#include "apply/engine_support.h"
#include "apply/rule_counters.h"
#include "base/strings.h"
#include "lab/requirement.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

const Options kNft{.backend = Backend::Nft};

std::string ruleset() { return lab::run_ok({"nft", "list", "ruleset"}); }

void nft(std::string_view text) { lab::run_ok({"nft", "-f", "-"}, text); }

/// Rules in all tables, a set, and a rule that counts.
ir::Ruleset generation(std::uint16_t port) {
  ir::Ruleset ruleset = accepting_ports({port, 25});
  for (const ir::TableName table : {ir::TableName::Raw, ir::TableName::Mangle, ir::TableName::Nat})
    add_prerouting_port(ruleset, table, port);
  add_set(ruleset, source_set(ruleset, net::Family::Ipv4, {"192.0.2.0/24", "198.51.100." + std::to_string(port)}, "x"));
  return ruleset;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("nft: a reload gives what a first load gives, and nothing is left of the one before") {
  std::string fresh;
  {
    const Machine machine;
    REQUIRE(apply::apply(*make_kernel(), generation(80), kNft));
    fresh = ruleset();
  }
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  CHECK(ruleset() != fresh);
  REQUIRE(apply::apply(*kernel, generation(80), kNft));
  // nft prints things in the order in which they were made; the same lines are enough.
  const auto lines = [](const std::string& text) {
    std::vector<std::string> all;
    for (const std::string_view line : base::split(text, '\n')) all.emplace_back(line);
    std::ranges::sort(all);
    return all;
  };
  CHECK(lines(ruleset()) == lines(fresh));
  REQUIRE(apply::clear(*kernel));
  CHECK(ruleset().empty());
}

TEST_CASE("nft: tables of others stay as they are, with their counters") {
  const Machine machine;
  const auto kernel = make_kernel();
  nft("table inet theirs { counter c { packets 3 bytes 4 }; chain in { type filter hook input priority 5; counter name "
      "c; tcp dport 99 drop; }; }\n");
  const std::string before = ruleset();
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  CHECK(ruleset().find(before) != std::string::npos);
  REQUIRE(apply::clear(*kernel));
  CHECK(ruleset() == before);
}

TEST_CASE("nft: counters of rules that go on go on, whatever else changes") {
  const Machine machine;
  const auto kernel = make_kernel();
  lab::ip("link set lo up\n");
  const auto packets = [&] {
    const auto counters = read_counters(*kernel, Options().state_directory);
    REQUIRE(counters);
    const auto found = std::ranges::find(*counters, "rule 2: accept port 25", &RuleCounters::origin);
    REQUIRE(found != counters->end());
    return found->ipv4.packets;
  };
  const auto knock = [] { static_cast<void>(lab::run({"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/25"})); };
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  CHECK(packets() == 0);
  knock();
  CHECK(packets() == 1);
  REQUIRE(apply::apply(*kernel, generation(80), kNft));
  CHECK(packets() == 1);
  knock();
  CHECK(packets() == 2);
}

TEST_CASE("nft: rules that get another number go on counting") {
  const Machine machine;
  const auto kernel = make_kernel();
  lab::ip("link set lo up\n");
  const auto counted = [&](const std::string& origin) -> std::optional<std::uint64_t> {
    const auto counters = read_counters(*kernel, Options().state_directory);
    REQUIRE(counters);
    const auto found = std::ranges::find(*counters, origin, &RuleCounters::origin);
    if (found == counters->end()) return std::nullopt;
    CHECK((found->ipv4.bytes > 0) == (found->ipv4.packets > 0));
    return found->ipv4.packets;
  };
  const auto knock = [](int port) {
    static_cast<void>(lab::run({"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port)}));
  };
  REQUIRE(apply::apply(*kernel, accepting_ports({22, 25}), kNft));
  knock(22);
  knock(25);
  knock(25);
  REQUIRE(apply::apply(*kernel, accepting_ports({80, 22, 25}), kNft));
  CHECK(counted("rule 1: accept port 80") == 0);
  CHECK(counted("rule 2: accept port 22") == 1);
  CHECK(counted("rule 3: accept port 25") == 2);
  CHECK_FALSE(counted("rule 2: accept port 25").has_value());
  knock(25);
  REQUIRE(apply::apply(*kernel, accepting_ports({25}), kNft));
  CHECK(counted("rule 1: accept port 25") == 3);
  CHECK_FALSE(counted("rule 2: accept port 22").has_value());
  REQUIRE(apply::apply(*kernel, accepting_ports({22, 25}), kNft));
  CHECK(counted("rule 1: accept port 22") == 0);
  CHECK(counted("rule 2: accept port 25") == 3);
}

TEST_CASE("nft: chains of the user's own keep their rules through reload and clear") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset rules = generation(22);
  ir::Table& filter = rules.ipv4.table(ir::TableName::Filter);
  const ir::ChainId hook = filter.chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign);
  filter.append(filter.builtin(ir::Hook::Input),
                {.target = ir::JumpTarget{hook}, .origin = rules.add_origin("hook"), .commented = false});
  REQUIRE(apply::apply(*kernel, rules, kNft));
  nft("add rule ip vuurmuur filter_PRE-VRMR-INPUT ip saddr 192.0.2.99 drop\n");
  REQUIRE(apply::apply(*kernel, rules, kNft));
  CHECK(ruleset().find("ip saddr 192.0.2.99 drop") != std::string::npos);
  const auto cleared = apply::clear(*kernel);
  REQUIRE(cleared);
  CHECK(cleared->warnings.size() == 1);
  CHECK(ruleset().find("ip saddr 192.0.2.99 drop") != std::string::npos);
  CHECK(ruleset().find("VRMR-INPUT {") == ruleset().find("PRE-VRMR-INPUT {") + 4);
  CHECK(count_of(ruleset(), "policy drop") == 0);
  CHECK(*loaded_engine(*kernel) == std::nullopt);
}

TEST_CASE("nft: a target in a chain that the wrong hook leads to is refused by name, and nothing has changed") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  const std::string before = ruleset();
  ir::Ruleset wrong = generation(80);
  ChainBuilder(wrong, net::Family::Ipv4, ir::TableName::Nat, "VRMR-PRE")
      .add({.target = ir::MasqueradeTarget{}}, "rule 7: masq", "rules/rules.conf:9");
  const auto report = apply::apply(*kernel, wrong, kNft);
  REQUIRE_FALSE(report);
  CAPTURE(report.error().message);
  CHECK(report.error().message.starts_with("load nf_tables"));
  CHECK(ruleset() == before);
}

TEST_CASE("nft: a helper that the kernel does not know is refused with the rule that wants it") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  const std::string before = ruleset();
  ir::Ruleset wrong = generation(80);
  ir::Rule rule{.protocol = net::Protocol::Tcp, .target = ir::CtHelperTarget{.helper = "no-such-helper"}};
  ChainBuilder(wrong, net::Family::Ipv4, ir::TableName::Raw, "VRMR-PRE")
      .add(std::move(rule), "rule 3: accept strange", "rules/rules.conf:4");
  for (const bool comments : {true, false}) {
    Options options = kNft;
    options.comments = comments;
    const auto report = apply::apply(*kernel, wrong, options);
    REQUIRE_FALSE(report);
    CHECK(
        report.error().message ==
        "load nf_tables (IPv4): the kernel refused rule 3: accept strange (rules/rules.conf:4), helper no-such-helper: "
        "something that it needs is missing in this kernel");
    CHECK(ruleset() == before);
  }
}

TEST_CASE("nft: applies go through while another program changes nf_tables all the time") {
  const Machine machine;
  const auto kernel = make_kernel();
  nft("table inet theirs { chain c { }; }\n");
  for (int i = 0; i < 20; ++i) {
    const pid_t other = ::fork();
    if (other == 0) {
      for (int n = 0; n < 3; ++n) static_cast<void>(lab::run({"nft", "add", "rule", "inet", "theirs", "c", "counter"}));
      ::_exit(0);
    }
    const auto report = apply::apply(*kernel, generation(i % 2 == 0 ? 22 : 80), kNft);
    int status = 0;
    REQUIRE(::waitpid(other, &status, 0) == other);
    INFO((report ? "" : report.error().message));
    CHECK(report);
  }
  CHECK(count_of(ruleset(), "counter packets") == 60);
}

TEST_CASE("nft: an apply killed at any moment leaves one generation whole") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  const std::string one = ruleset();
  REQUIRE(apply::apply(*kernel, generation(80), kNft));
  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  for (int step = 0; step < 40; ++step) {
    const pid_t child = ::fork();
    if (child == 0) {
      static_cast<void>(apply::apply(*make_kernel(), generation(80), kNft));
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(100 * step));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    const std::string now = ruleset();
    const bool is_old = count_of(now, "tcp dport 22 ") != 0, is_new = count_of(now, "tcp dport 80 ") != 0;
    CHECK(is_old != is_new);
    CHECK(count_of(now, "map vrmr4-") == 1);
    REQUIRE(apply::apply(*kernel, generation(22), kNft));
  }
}

TEST_CASE("nft: a change of engine that is refused leaves the old one alone") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(22)));
  const std::string before = saved();
  ir::Ruleset wrong = generation(80);
  ir::Rule rule{.protocol = net::Protocol::Tcp, .target = ir::CtHelperTarget{.helper = "no-such-helper"}};
  ChainBuilder(wrong, net::Family::Ipv4, ir::TableName::Raw, "VRMR-PRE").add(std::move(rule), "rule 3: accept strange");
  REQUIRE_FALSE(apply::apply(*kernel, wrong, kNft));
  CHECK(saved() == before);
  CHECK(ruleset().empty());

  REQUIRE(apply::apply(*kernel, generation(22), kNft));
  CHECK(*loaded_engine(*kernel) == Backend::Nft);
  const std::string in_nft = ruleset();
  REQUIRE_FALSE(apply::apply(*kernel, wrong));
  CHECK(ruleset() == in_nft);
  CHECK(*loaded_engine(*kernel) == Backend::Nft);
}

TEST_CASE("nft: 10,000 counters are read in a moment") {
  const Machine machine;
  if (!lab::can_send(6'000'000)) return;
  const auto kernel = make_kernel();
  ir::Ruleset rules = accepting_ports({});
  ChainBuilder own(rules, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT");
  for (int number = 1; number <= 10'000; ++number) own.accept_port(static_cast<std::uint16_t>(number), number);
  const auto loading = std::chrono::steady_clock::now();
  REQUIRE(apply::apply(*kernel, rules, kNft));
  const auto begin = std::chrono::steady_clock::now();
  const auto counters = read_counters(*kernel, Options().state_directory);
  const auto end = std::chrono::steady_clock::now();
  REQUIRE(counters);
  CHECK(counters->size() == 10'001);
  const auto ms = [](auto from, auto to) { return std::chrono::duration<double, std::milli>(to - from).count(); };
  WARN("loaded in " << ms(loading, begin) << " ms, counters read in " << ms(begin, end) << " ms");
}
