// SPDX-License-Identifier: GPL-2.0-or-later
// Another program changes rules of ours: the daemon finds it, says so, and repairs it or leaves it.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <tuple>

#include "base/unique_fd.h"
#include "helpers/daemon_fixture.h"
#include "ir/set.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

using Command = std::vector<std::string>;

std::string chain_with(const std::string& text, const std::string& rules) {
  for (const std::string_view line : base::split(rules, '\n'))
    if (line.find(text) != std::string_view::npos) return std::string(base::split(line, ' ').at(1));
  return {};
}

/// Without counters.
std::string nft_rules() { return lab::run_ok({"nft", "-s", "list", "ruleset"}); }

/// Applies, and waits until the daemon watches what it loaded: it begins with that before it answers another call.
ipc::Reply apply_and_watch(const DaemonFixture& fixture) {
  ipc::Reply reply = fixture.call("Apply");
  static_cast<void>(fixture.call("Status"));
  return reply;
}

/// What happened to the generation in force, the newest last.
nlohmann::ordered_json last_event(const DaemonFixture& fixture) {
  return fixture.firewall.json({"history"})[0].at("events").back();
}

}  // namespace

TEST_CASE("xtables: what another program changes, adds or flushes is found within 5 s and repaired") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(apply_and_watch(fixture).error.empty());
  const std::string rules = xtables_rules();
  const std::string chain = chain_with("accept http from", rules);
  REQUIRE_FALSE(chain.empty());
  const std::pair<const char*, Command> changes[] = {
      {"added", {"iptables-legacy", "-I", chain, "-j", "ACCEPT"}},
      {"changed", {"iptables-legacy", "-R", chain, "1", "-p", "tcp", "-j", "ACCEPT"}},
      {"removed", {"iptables-legacy", "-D", chain, "1"}},
      {"flushed", {"iptables-legacy", "-F"}},
      {"policy", {"iptables-legacy", "-P", "INPUT", "ACCEPT"}},
      {"IPv6", {"ip6tables-legacy", "-F", chain}},
      // A program that takes another lock, or none, and leaves the table as large as it was.
      {"unlocked",
       {"env", "XTABLES_LOCKFILE=/dev/null", "iptables-legacy", "-R", chain, "1", "-p", "tcp", "-s", "192.0.2.3", "-j",
        "ACCEPT"}},
      {"unlocked, same size", {"env", "XTABLES_LOCKFILE=/dev/null", "iptables-legacy", "-P", "FORWARD", "ACCEPT"}},
  };
  std::chrono::milliseconds slowest{0};
  for (const auto& [name, command] : changes) {
    CAPTURE(name);
    const std::size_t events = fixture.firewall.json({"history"})[0].at("events").size();
    lab::run_ok(command);
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(eventually([&] {
      const auto now = fixture.firewall.json({"history"})[0].at("events");
      return now.size() >= events + 2 || (events > 18 && now.back().at("what") == "repaired");
    }));
    slowest = std::max(slowest,
                       std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin));
    CHECK(slowest < 5s);
    CHECK(xtables_rules() == rules);
    const auto happened = fixture.firewall.json({"history"})[0].at("events");
    CHECK(happened.back().at("what") == "repaired");
    CHECK(happened[happened.size() - 2].at("what") == "drifted");
    CHECK(happened[happened.size() - 2].at("detail").get<std::string>().find("table filter (IPv") == 0);
    CHECK(fixture.call("Status").parameters.at("drift").is_null());
  }
  WARN(fmt::format("xtables: {} changes found and repaired, the slowest after {} ms", std::size(changes),
                   slowest.count()));
  CHECK(fixture.call("Status").parameters.at("state") == "confirmed");
}

TEST_CASE("what another program changed just before an event in the other family is found and repaired all the same") {
  const std::string engine = GENERATE("xtables", "nft");
  CAPTURE(engine);
  DaemonFixture fixture;
  const SmallTree& tree = fixture.firewall.tree;
  tree.write("config.conf", "BACKEND=\"" + engine + "\"\n");
  tree.write("zones/inet/networks/world/hosts/follower.host", "ACTIVE=\"Yes\"\nIPV6ADDRESS=\"::25/suffix\"\n");
  tree.rules("accept service http from world.inet to firewall\naccept service http from follower.world.inet to firewall");
  const auto rules = [&] {
    return engine == "nft" ? lab::run_ok({"nft", "-s", "list", "table", "ip", "vuurmuur"}) : xtables_rules();
  };
  const auto follows = [&](const std::string& prefix) {
    const Command list = engine == "nft" ? Command{"nft", "-s", "list", "table", "ip6", "vuurmuur"} : Command{"ip6tables-legacy-save"};
    return eventually([&] { return lab::run_ok(list).find(prefix + "25") != std::string::npos; });
  };
  fixture.start();
  REQUIRE(apply_and_watch(fixture).error.empty());
  // From the second event on only a family that changes is loaded.
  lab::ip("addr add 2001:db8:1::1/64 dev eth0 nodad\n");
  REQUIRE(follows("2001:db8:1::"));
  static_cast<void>(fixture.call("Status"));
  const std::string before = rules();
  lab::run_ok(engine == "nft" ? Command{"nft", "flush", "table", "ip", "vuurmuur"} : Command{"iptables-legacy", "-F"});
  lab::ip("addr add 2001:db8:2::1/64 dev eth0 nodad\n");
  CHECK(follows("2001:db8:2::"));
  CHECK(eventually([&] { return last_event(fixture).at("what") == "repaired"; }));
  CHECK(rules() == before);
  CHECK(fixture.call("Status").parameters.at("drift").is_null());
}

TEST_CASE("nf_tables: what another program changes is found at once, with its name, and repaired") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("config.conf", "NFGRP=\"8\"\nBACKEND=\"nft\"\n");
  fixture.start();
  const auto applied = apply_and_watch(fixture);
  INFO(applied.parameters.dump());
  REQUIRE(applied.error.empty());
  const std::string rules = nft_rules();
  const Command changes[] = {
      {"nft", "add", "rule", "ip", "vuurmuur", "filter_INPUT", "accept"},
      {"nft", "flush", "chain", "ip", "vuurmuur", "filter_INPUT"},
      {"nft", "flush", "table", "ip6", "vuurmuur"},
      {"nft", "delete", "table", "ip", "vuurmuur"},
      {"nft", "flush", "ruleset"},
  };
  std::chrono::milliseconds slowest{0};
  for (const Command& command : changes) {
    CAPTURE(command);
    const std::size_t events = fixture.firewall.json({"history"})[0].at("events").size();
    lab::run_ok(command);
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(eventually([&] { return fixture.firewall.json({"history"})[0].at("events").size() >= events + 2; }));
    slowest = std::max(slowest,
                       std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin));
    CHECK(slowest < 5s);
    CHECK(nft_rules() == rules);
    const auto happened = fixture.firewall.json({"history"})[0].at("events");
    CHECK(happened[happened.size() - 2].at("user") == "nft");
  }
  WARN(fmt::format("nf_tables: {} changes found and repaired, the slowest after {} ms", std::size(changes),
                   slowest.count()));
}

TEST_CASE("nf_tables: blocking somebody is no drift, and what another program does to who is blocked is put right") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("config.conf", "NFGRP=\"8\"\nBACKEND=\"nft\"\n");
  fixture.start();
  REQUIRE(apply_and_watch(fixture).error.empty());
  const auto drifts = [&] {
    const auto events = fixture.firewall.json({"history"})[0].at("events");
    return std::ranges::count_if(events, [](const auto& event) { return event.at("what") == "drifted"; });
  };
  REQUIRE(fixture.firewall.run({"block", "192.0.2.66", "192.0.2.128/25", "2001:db8::66", "--for=1h"}).status == 0);
  REQUIRE(fixture.call("Block", {{"addresses", {"192.0.2.67", "192.0.2.80/29"}}, {"for_seconds", 1}}).error.empty());
  REQUIRE(fixture.call("Unblock", {{"addresses", {"2001:db8::66"}}}).error.empty());
  // The kernel takes them out at their time, also where it looks seldom.
  REQUIRE(eventually([&] { return fixture.call("Blocked").parameters.at("blocked").size() == 2; }));
  REQUIRE(fixture.firewall.apply().status == 0);
  static_cast<void>(fixture.call("Status"));  // as in apply_and_watch()
  CHECK(drifts() == 0);

  const std::string hosts = ir::timed_set(net::Family::Ipv4, ir::SetUse::TimedHosts).name;
  const std::string networks = ir::timed_set(net::Family::Ipv4, ir::SetUse::TimedNetworks).name;
  const auto has = [](const std::string& set, const std::string& element) {
    return lab::run_ok({"nft", "list", "set", "ip", "vuurmuur", set}).find(element) != std::string::npos;
  };
  REQUIRE(has(hosts, "192.0.2.66"));
  const Command changes[] = {
      {"nft", "flush", "set", "ip", "vuurmuur", hosts},
      {"nft", "add", "element", "ip", "vuurmuur", hosts, "{ 192.0.2.99 }"},
      {"nft", "flush", "set", "ip", "vuurmuur", networks},
  };
  for (std::ptrdiff_t done = 0; const Command& command : changes) {
    CAPTURE(command);
    lab::run_ok(command);
    ++done;
    REQUIRE(eventually([&] { return drifts() == done && last_event(fixture).at("what") == "repaired"; }));
    CHECK(has(hosts, "192.0.2.66"));
    CHECK_FALSE(has(hosts, "192.0.2.99"));
    CHECK(has(networks, "192.0.2.128"));
  }
  CHECK(fixture.call("Blocked").parameters.at("blocked").size() == 2);
}

TEST_CASE("with DRIFT=warn it is told and left, until it is as before") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("config.conf", "NFGRP=\"8\"\nDRIFT=\"warn\"\n");
  fixture.start();
  REQUIRE(apply_and_watch(fixture).error.empty());
  const std::string chain = chain_with("accept http from", xtables_rules());
  lab::run_ok({"iptables-legacy", "-I", chain, "-j", "ACCEPT"});
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] { return !fixture.call("Status").parameters.at("drift").is_null(); }));
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(lab::run_ok({"iptables-legacy-save"}).find("-A " + chain + " -j ACCEPT") != std::string::npos);
  const Outcome status = fixture.firewall.run({"status"});
  CHECK(status.out.find("another program changed its rules at ") != std::string::npos);
  CAPTURE(status.out);
  CHECK(status.out.find("chain " + chain + " has 4 rules instead of 3") != std::string::npos);
  CHECK(fixture.firewall.json({"status"}).at("state") == "confirmed");
  lab::run_ok({"iptables-legacy", "-D", chain, "1"});
  CHECK(eventually([&] { return fixture.call("Status").parameters.at("drift").is_null(); }));
  CHECK(last_event(fixture).at("what") == "repaired");
}

TEST_CASE("what the command line applies or clears is no drift, nor what others do to chains of theirs") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(apply_and_watch(fixture).error.empty());
  fixture.firewall.tree.rules("accept service any from world.inet to firewall");
  REQUIRE(fixture.firewall.apply().status == 0);
  lab::run_ok({"iptables-legacy", "-N", "DOCKER"});
  lab::run_ok({"iptables-legacy", "-A", "DOCKER", "-j", "ACCEPT"});
  lab::run_ok({"iptables-legacy", "-A", "FORWARD", "-j", "DOCKER"});
  REQUIRE(fixture.firewall.run({"clear", "--yes"}).status == 0);
  std::this_thread::sleep_for(4s);
  CHECK(fixture.firewall.json({"status"}).at("state") == "cleared");
  CHECK(lab::run_ok({"iptables-legacy-save"}).find("\n:VRMR-") == std::string::npos);
  for (const auto& generation : fixture.firewall.json({"history"}))
    for (const auto& event : generation.at("events")) CHECK(event.at("what") != "drifted");
  REQUIRE(fixture.firewall.run({"restore"}).status == 0);
  CHECK(fixture.firewall.json({"status"}).at("state") == "confirmed");
}

TEST_CASE("what is found in rules that are taken back before it can be repaired is forgotten") {
  DaemonFixture fixture;
  const std::string log = (fixture.run.path() / "log").string();
  const auto is_logged = [&](const char* text) { return lab::run_ok({"cat", log}).find(text) != std::string::npos; };
  fixture.daemon.emplace(Command{"daemon", "--socket=" + fixture.socket, fixture.firewall.tree.path().string()},
                         fixture.firewall.state().string(), log, /*keeps_errors=*/true);
  REQUIRE(fixture.is_ready());
  REQUIRE(fixture.call("Apply", {{"confirm_seconds", 600}}).error.empty());
  static_cast<void>(fixture.call("Status"));
  // Somebody has the turn, and who goes back is the next.
  base::UniqueFd turn(::open((fixture.firewall.state() / "lock").c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(::flock(turn.get(), LOCK_EX) == 0);
  lab::run_ok({"iptables-legacy", "-F", "INPUT"});
  REQUIRE(eventually([&] { return is_logged("changed rules of generation 1"); }));
  const BackgroundProgram back({"rollback"}, fixture.firewall.state().string());
  REQUIRE(eventually([&] {
    return lab::run_ok({"cat", "/proc/locks"}).find(fmt::format("-> FLOCK  ADVISORY  WRITE {} ", back.pid())) !=
           std::string::npos;
  }));
  turn.reset();
  REQUIRE(eventually([&] { return fixture.firewall.json({"status"}).at("state") == "idle"; }));
  // The daemon looks again after a second.
  std::this_thread::sleep_for(2500ms);
  CHECK(fixture.call("Status").parameters.at("state") == "idle");
  CHECK_FALSE(is_logged("no generation is in force"));
}

TEST_CASE("a drift that is found while the journal cannot be read is repaired when it can") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(apply_and_watch(fixture).error.empty());
  const std::string rules = xtables_rules();
  const std::filesystem::path journal = fixture.firewall.state() / "journal.json", aside = fixture.run.path() / "aside";
  std::filesystem::copy_file(journal, aside);
  // In its place, so that the daemon is not told that somebody wrote it.
  const auto write = [&](const std::string& text) {
    std::ofstream(journal, std::ios::trunc) << text;
  };
  write("no journal");
  lab::run_ok({"iptables-legacy", "-F", "INPUT"});
  // It finds it after two seconds at most, and tries in vain then.
  std::this_thread::sleep_for(3s);
  CHECK(xtables_rules() != rules);
  write(lab::run_ok({"cat", aside.string()}));
  CHECK(eventually([&] { return xtables_rules() == rules; }));
  CHECK(last_event(fixture).at("what") == "repaired");
}

namespace {

/// A daemon in front of a policy with a list of addresses that is long enough to be a set.
void apply_with_list(DaemonFixture& fixture, const std::string& engine) {
  fixture.firewall.tree.write("config.conf", "NFGRP=\"8\"\nBACKEND=\"" + engine + "\"\n");
  std::string blocked;
  for (int i = 1; i <= 20; ++i) blocked += fmt::format("RULE=\"block 198.51.100.{}\"\n", i);
  fixture.firewall.tree.write("rules/blocklist.conf", blocked);
  fixture.start();
  const auto applied = apply_and_watch(fixture);
  INFO(applied.parameters.dump());
  REQUIRE(applied.error.empty());
}

/// The sets of an engine with their elements and without what they count, ordered.
std::string sets_of(const std::string& engine) {
  if (engine == "nft") return nft_rules();
  std::vector<std::string> lines;
  const std::string saved = lab::run_ok({"ipset", "save"});
  for (const std::string_view line : base::split(saved, '\n'))
    if (line.starts_with("add ")) lines.emplace_back(line.substr(0, line.find(' ', line.find(' ', 4) + 1)));
  std::ranges::sort(lines);
  return base::join(lines, "\n");
}

/// The set that the compiler made of the list.
std::string list_of(const std::string& engine) {
  const std::string text = sets_of(engine);
  std::size_t begin = 0;
  do {
    begin = text.find("vrmr4-", begin + 1);
  } while (text.compare(begin, 13, "vrmr4-blocked") == 0);
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

/// A set of the compiler is full: another member comes only when one goes.
constexpr const char* kMember = "198.51.100.7";

Command change_of_set(const std::string& engine, const std::string& what, const std::string& set,
                      const std::string& element) {
  if (what == "exchange")
    return {"sh", "-c",
            engine == "nft" ? fmt::format("nft 'delete element ip vuurmuur {0} {{ {1} }}; add element ip vuurmuur {0} {{ {2} }}'",
                                          set, kMember, element)
                            : fmt::format("ipset del {0} {1} && ipset add {0} {2}", set, kMember, element)};
  if (engine != "nft")
    return what == "flush" ? Command{"ipset", "flush", set}
                           : Command{"ipset", what == "delete" ? "del" : "add", set, element};
  if (what == "flush") return {"nft", "flush", "set", "ip", "vuurmuur", set};
  return {"nft", what, "element", "ip", "vuurmuur", set, "{ " + element + " }"};
}

}  // namespace

TEST_CASE("elements of sets that another program changes are found within 5 s and put right") {
  const std::string engine = GENERATE("xtables", "nft");
  DaemonFixture fixture;
  apply_with_list(fixture, engine);
  REQUIRE(fixture.firewall.run({"block", "192.0.2.66", "192.0.2.128/25", "--for=1h"}).status == 0);
  const std::string list = list_of(engine), sets = sets_of(engine);
  CAPTURE(list, sets);
  const std::string hosts = ir::timed_set(net::Family::Ipv4, ir::SetUse::TimedHosts).name,
                    networks = ir::timed_set(net::Family::Ipv4, ir::SetUse::TimedNetworks).name;
  const auto elements = [&](const std::string& set) {
    return lab::run_ok(engine == "nft" ? Command{"nft", "list", "set", "ip", "vuurmuur", set} : Command{"ipset", "list", set});
  };
  const std::tuple<const char*, std::string, const char*> changes[] = {
      {"exchange", list, "203.0.113.9"}, {"delete", list, kMember}, {"flush", list, ""},
      {"add", hosts, "203.0.113.9"}, {"delete", hosts, "192.0.2.66"}, {"flush", networks, ""},
  };
  std::chrono::milliseconds slowest{0};
  for (const auto& [what, set, element] : changes) {
    CAPTURE(what, set);
    const auto events = fixture.firewall.json({"history"})[0].at("events").size();
    lab::run_ok(change_of_set(engine, what, set, element));
    const auto begin = std::chrono::steady_clock::now();
    const auto is_right = [&] {
      return elements(list).find(std::string(kMember) + (engine == "nft" ? "," : "\n")) != std::string::npos &&
             elements(list).find("203.0.113.9") == std::string::npos &&
             elements(hosts).find("192.0.2.66") != std::string::npos &&
             elements(hosts).find("203.0.113.9") == std::string::npos &&
             elements(networks).find("192.0.2.128") != std::string::npos;
    };
    REQUIRE(eventually(is_right));
    slowest = std::max(slowest,
                       std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin));
    REQUIRE(eventually([&] { return fixture.firewall.json({"history"})[0].at("events").size() >= events + 2; }));
    CHECK(last_event(fixture).at("what") == "repaired");
    static_cast<void>(fixture.call("Status"));
  }
  CHECK(slowest < 5s);
  if (engine == "xtables") CHECK(sets_of(engine) == sets);
  WARN(fmt::format("{}: {} changes of sets put right, the slowest after {} ms", engine, std::size(changes),
                   slowest.count()));
  // It was not taken for one what the daemon and the command line do themselves, and what time does.
  const auto events = fixture.firewall.json({"history"})[0].at("events").size();
  REQUIRE(fixture.firewall.run({"block", "192.0.2.77", "--for=1s"}).status == 0);
  REQUIRE(fixture.call("Unblock", {{"addresses", {"192.0.2.66"}}}).error.empty());
  std::this_thread::sleep_for(4500ms);
  CHECK(fixture.firewall.json({"history"})[0].at("events").size() == events);
}

TEST_CASE("a change of a set between a load and the moment when the daemon knows of it is found") {
  const std::string engine = GENERATE("xtables", "nft");
  DaemonFixture fixture;
  apply_with_list(fixture, engine);
  fixture.daemon->signal(SIGSTOP);
  REQUIRE(fixture.firewall.apply().status == 0);
  const std::string list = list_of(engine);
  lab::run_ok(change_of_set(engine, "delete", list, kMember));
  fixture.daemon->signal(SIGCONT);
  CAPTURE(engine, list);
  const bool is_repaired = eventually([&] { return last_event(fixture).at("what") == "repaired"; });
  CAPTURE(fixture.firewall.json({"history"})[0].dump());
  CHECK(is_repaired);
  CHECK(sets_of(engine).find(list + (engine == "nft" ? " {" : " " + std::string(kMember))) != std::string::npos);
  CHECK(fixture.firewall.json({"history"}).size() == 2);
}
