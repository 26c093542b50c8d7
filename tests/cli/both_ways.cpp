// SPDX-License-Identifier: GPL-2.0-or-later
// A command through the daemon and the same command without one: same exit status, same output, same effect.
#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/line_diff.h"
#include "helpers/daemon_fixture.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

constexpr auto kOne = "accept service http from world.inet to firewall";
constexpr auto kTwo = "accept service http from world.inet to firewall\naccept service any from world.inet to firewall";
constexpr auto kDrop =
    "accept service http from world.inet to firewall\ndrop service ssh from world.inet to firewall\n"
    "accept service any from world.inet to firewall";

enum class Exact : std::uint8_t {
  Yes,
  ButNumbers,  ///< the kernel counts packets meanwhile, and times pass
};

struct Step {
  std::vector<std::string> words;  ///< "TREE" stands for the configuration
  int status = 0;
  Exact exact = Exact::Yes;
  const char* rules = nullptr;  ///< of the tree before it
  bool over_ssh = false;
};

const std::vector<Step> kSteps{
    {{"status"}},
    {{"history"}},
    {{"diff"}, 2},
    {{"confirm"}, 3},
    {{"rollback"}, 3},
    {{"apply", "--dry-run", "TREE"}},
    {{"apply", "--dry-run", "--json", "--connections=list", "TREE"}},
    {{"apply", "TREE", "--comment=why not"}, 0, Exact::Yes, kOne},
    {{"status"}},
    {{"status", "--json"}},
    {{"history", "--json"}},
    {{"counters"}, 0, Exact::ButNumbers},
    {{"counters", "--json", "--family=4"}, 0, Exact::ButNumbers},
    {{"list"}, 0, Exact::ButNumbers},
    {{"list", "--all", "--table=filter", "--json"}, 0, Exact::ButNumbers},
    {{"apply", "--confirm=30", "TREE"}, 0, Exact::Yes, kTwo},
    {{"status"}, 0, Exact::ButNumbers},
    {{"confirm"}},
    {{"confirm", "--json"}, 3},
    {{"apply", "--json", "--confirm=30", "TREE"}},
    {{"apply", "TREE"}},
    {{"apply", "--confirm=30", "--no-comments", "TREE"}},
    {{"rollback", "--json"}},
    {{"apply", "--confirm=30", "TREE"}},
    {{"rollback"}},
    {{"show", "1"}},
    {{"show", "1", "--json"}},
    {{"show", "1", "--rules"}},
    {{"show", "1", "--counters"}, 0, Exact::ButNumbers},
    {{"show", "5", "--counters"}, 3},
    {{"show", "99"}, 1},
    {{"show"}, 1},
    {{"diff"}},
    {{"diff", "1"}, 1},
    {{"diff", "1", "2"}, 1},
    {{"diff", "--rules", "1", "2"}, 1},
    {{"diff", "--json", "1"}, 1},
    {{"diff", "1", "99"}, 2},
    {{"rollback", "1", "--comment=back"}},
    {{"rollback", "99"}, 1},
    {{"rollback", "one"}, 1},
    {{"rollback", "--json"}},
    {{"apply", "--backend=nft", "--connections=list", "TREE"}, 0, Exact::ButNumbers},
    {{"list"}, 0, Exact::ButNumbers},
    {{"apply", "--backend=xtables", "--json", "--connections=enforce", "TREE"}, 0, Exact::ButNumbers},
    {{"apply", "--backend=nfft", "TREE"}, 1},
    {{"apply", "TREE/rules"}, 1},
    {{"apply", "--dry-run", "/nowhere"}, 1},
    {{"status", "--json"}},
    {{"apply", "--wait=1", "TREE"}},
    {{"apply", "TREE"}, 2, Exact::Yes, "accept service htpp from world.inet to firewall"},
    {{"status"}},
    {{"apply", "--json", "--colour=always", "TREE"}, 2},
    {{"status", "--json"}},
    {{"diff", "--rules", "1"}, 2},
    {{"apply", "TREE"}, 2, Exact::Yes, ""},
    {{"apply", "--force", "TREE"}},
    {{"apply", "TREE"}, 5, Exact::Yes, kDrop, true},
    {{"apply", "--json", "TREE"}, 5, Exact::Yes, nullptr, true},
    {{"apply", "--dry-run", "TREE"}, 0, Exact::Yes, nullptr, true},
    {{"apply", "--force", "--connections=enforce", "TREE"}, 0, Exact::ButNumbers, nullptr, true},
    {{"apply", "--confirm=40", "TREE"}, 0, Exact::Yes, nullptr, true},
    {{"rollback"}, 0, Exact::Yes, nullptr, true},
    {{"history"}},
    {{"history", "--json"}},
    {{"history", "--edits"}},
    {{"history", "--edits", "--json"}},
    {{"list", "--blocked"}},
    {{"list", "--blocked", "--json"}},
    {{"block", "192.0.2.66", "192.0.2.128/25", "--for=9000"}},
    {{"block", "2001:db8::66", "--kill", "--json"}},
    {{"block", "192.0.2.7"}, 5, Exact::Yes, nullptr, true},
    {{"block", "0.0.0.0/0"}, 1},
    {{"list", "--blocked"}, 0, Exact::ButNumbers},
    {{"list", "--blocked", "--json"}, 0, Exact::ButNumbers},
    {{"unblock", "192.0.2.66", "192.0.2.67"}},
    {{"unblock", "192.0.2.67"}},
    {{"unblock", "192.0.2.128/25", "--json"}},
    {{"volume", "--by=queue", "--json"}},
    {{"volume", "--by=person"}, 1},
    {{"connections", "host:nobody"}, 1},
    {{"connections", "--group=queue", "queue:9"}},
    {{"kill", "queue:9"}},
    {{"kill", "--json", "queue:9"}},
    {{"kill"}, 1},
    {{"queues"}},
    {{"queues", "--json"}},
    {{"clear"}, 5},
    {{"clear", "--yes"}},
    {{"status"}},
    {{"clear", "--yes", "--json"}},
    {{"block", "192.0.2.66"}},
    {{"counters"}},
    {{"list", "--json"}, 0, Exact::ButNumbers},
};

/// What is the same however often it is done.
std::string general(std::string text, const std::string& tree, Exact exact) {
  for (std::size_t at = 0; (at = text.find(tree, at)) != std::string::npos;) text.replace(at, tree.size(), "TREE");
  text = std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}"), "TIME");
  text = std::regex_replace(text, std::regex("\"time\": [0-9]+"), "\"time\": TIME");
  if (exact == Exact::ButNumbers) text = std::regex_replace(text, std::regex("[0-9][0-9 ]*[smh]?|  +"), "#");
  return text;
}

Outcome run(const DaemonFixture& fixture, const std::string& socket, const Step& step) {
  if (step.rules != nullptr) fixture.firewall.tree.rules(step.rules);
  const std::string tree = fixture.firewall.tree.path().string();
  Call call{.arguments = step.words,
            .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}, {"VUURMUUR_SOCKET", socket}}};
  for (std::string& word : call.arguments)
    if (word.starts_with("TREE")) word.replace(0, 4, tree);
  if (step.over_ssh) call.environment.emplace_back("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22");
  Outcome outcome = vuurmuur::test::vuurmuur(call);
  outcome.out = general(outcome.out, tree, step.exact);
  outcome.err = general(outcome.err, tree, step.exact);
  return outcome;
}

std::vector<Outcome> run_all(bool with_daemon) {
  DaemonFixture fixture;
  fixture.firewall.tree.write("services/ssh", "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\n");
  fixture.firewall.tree.rules(kOne);
  for (const char* zone : {"dmz", "guests"})
    REQUIRE(vuurmuur_script(fixture.firewall.tree.path().string(), {"-C", "-z", zone},
                            {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}})
                .status == 0);
  if (with_daemon) fixture.start();
  std::vector<Outcome> outcomes;
  for (const Step& step : kSteps) {
    outcomes.push_back(run(fixture, with_daemon ? fixture.socket : "none", step));
    outcomes.push_back({.status = 0, .out = xtables_rules(), .err = {}});
  }
  return outcomes;
}

/// What differs between two texts, for the eye: a ruleset is far too long to be read twice.
std::string difference(const std::string& through, const std::string& without) {
  std::string text;
  for (const base::Hunk& hunk : base::diff_lines(through, without))
    for (const std::string& line : hunk.lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("through the daemon and without it, commands end alike, say the same and leave the same rules") {
  const std::vector<Outcome> through = run_all(true), without = run_all(false);
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    const Step& step = kSteps[i];
    CAPTURE(i, step.words);
    CHECK(through[2 * i].status == step.status);
    CHECK(through[2 * i].status == without[2 * i].status);
    CHECK(difference(through[2 * i].out, without[2 * i].out) == "");
    CHECK(difference(through[2 * i].err, without[2 * i].err) == "");
    CHECK(difference(through[2 * i + 1].out, without[2 * i + 1].out) == "");
  }
}

TEST_CASE("another configuration than the daemon's, and waits that it does not make, are done without it") {
  DaemonFixture fixture;
  fixture.firewall.tree.closed_to_ssh();
  fixture.start();
  const SmallTree other;
  other.rules(kTwo);
  const auto run = [&](std::vector<std::string> words) {
    return vuurmuur::test::vuurmuur({.arguments = std::move(words),
                                     .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()},
                                                     {"VUURMUUR_SOCKET", fixture.socket}}});
  };
  const Outcome applied = run({"apply", other.path().string()});
  CHECK(applied.status == 0);
  CHECK(applied.err == fmt::format("vuurmuur: note: the daemon's configuration is {}: this one is applied without it\n",
                                   fixture.firewall.tree.path().string()));
  CHECK(Firewall::admits("any"));
  CHECK(fixture.call("Status").parameters.at("generation").at("directory") == other.path().string());
  // The daemon's own one by another name.
  CHECK(run({"apply", fixture.firewall.tree.path().string() + "/rules/.."}).err.empty());
  CHECK_FALSE(Firewall::admits("any"));
  const Outcome waits = run({"apply", "--wait", fixture.firewall.tree.path().string()});
  CHECK(waits.status == 0);
  CHECK(waits.err == "vuurmuur: note: the daemon waits at most 30 s for other programs: this is done without it\n");
  // A state directory that is named is worked on directly.
  const TemporaryDirectory state;
  CHECK(run({"status", "--state-dir=" + state.path().string()}).out == "nothing was applied yet\n");
}

TEST_CASE("a wish that the daemon does not know is refused, not left out") {
  DaemonFixture fixture;
  fixture.start();
  const auto reply = fixture.call("Apply", {{"dry_run", true}});
  CHECK(reply.error == "org.varlink.service.InvalidParameter");
  CHECK(reply.parameters.at("parameter") == "dry_run");
  CHECK_FALSE(Firewall::admits("http"));
  for (const char* method : {"Status", "Confirm", "Clear", "Block", "List", "Rollback"})
    CHECK(fixture.call(method, {{"unheard", 1}}).error == "org.varlink.service.InvalidParameter");
}

TEST_CASE("what the daemon is told of the caller is in the history, and has to be what it says") {
  DaemonFixture fixture;
  fixture.start();
  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{{"from", "there"},
                                                                                    {"from", "192.0.2.7\x1b[2J"},
                                                                                    {"person", ""},
                                                                                    {"person", "a\nb"},
                                                                                    {"own_connection", "1"}})
    CHECK(fixture.call("Apply", {{name, value}}).parameters.at("parameter") == name);
  REQUIRE(fixture.call("Apply", {{"person", "anna"}, {"from", "192.0.2.7"}}).error.empty());
  const auto event = fixture.call("History").parameters.at("generations")[0].at("events").back();
  CHECK(event.at("user") == "anna");
  CHECK(event.at("from") == "192.0.2.7");
}

TEST_CASE("the daemon applies nothing that locks its caller out when he does not want that") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("services/ssh", "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\n");
  fixture.firewall.tree.rules(kDrop);
  fixture.start();
  ipc::Json wish{{"own_connection", "192.0.2.7 50000 192.0.2.1 22"}, {"stop_on_lockout", true}};
  const auto stopped = fixture.call("Apply", wish);
  CHECK(stopped.error == "org.vuurmuur.Manager.LocksOut");
  CHECK(stopped.parameters.value("lockout", "").find("refused by rule 2: drop ssh") != std::string::npos);
  CHECK(fixture.call("History").parameters.at("generations").empty());
  wish.erase("stop_on_lockout");
  const auto applied = fixture.call("Apply", wish).parameters.at("applied");
  CHECK(applied.at("lockout") == stopped.parameters.at("lockout"));
  wish["own_connection"] = "192.0.2.7 50000 192.0.2.1 80";
  wish["stop_on_lockout"] = true;
  CHECK(fixture.call("Apply", wish).parameters.at("applied").at("lockout").is_null());
}

TEST_CASE("root asks a daemon at a usual place, but not one of another network namespace, nor when he asks nobody") {
  DaemonFixture fixture;
  // The laboratory has a /run of its own.
  fixture.socket = "/run/vuurmuur/control";
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const auto run = [&](std::vector<std::string> words, const char* socket = "") {
    return vuurmuur::test::vuurmuur(
        {.arguments = std::move(words), .environment = {{"VUURMUUR_STATE_DIR", ""}, {"VUURMUUR_SOCKET", socket}}});
  };
  CHECK(run({"status"}).out.find(fixture.firewall.tree.path().string() + ": confirmed since") != std::string::npos);
  CHECK(run({"counters"}).out.find("rule 1: accept http") != std::string::npos);
  const TemporaryDirectory state;
  CHECK(run({"status", "--state-dir=" + state.path().string()}).out == "nothing was applied yet\n");
  {
    const lab::Inside there(fixture.firewall.peer());
    CHECK(run({"counters"}).out == "packets  bytes  rule\n");
  }
  // A daemon that hangs: whoever asks nobody does not notice.
  fixture.daemon->signal(SIGSTOP);
  CHECK(run({"counters"}, "none").out.find("rule 1: accept http") != std::string::npos);
  fixture.daemon->signal(SIGCONT);
}
