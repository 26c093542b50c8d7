// SPDX-License-Identifier: GPL-2.0-or-later
// One policy on two machines, each with a kernel of its own: in force on both, or taken back from both. In place of ssh
// stands a script that runs the line, by a shell, in the namespace of the machine; apply_to_sshd.sh has the real one.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "helpers/daemon_fixture.h"
#include "helpers/firewall.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur::test;
namespace lab = vuurmuur::lab;
namespace fs = std::filesystem;

namespace {

constexpr auto kHttp = "accept service http from world.inet to firewall";
constexpr auto kAny = "accept service any from world.inet to firewall";

constexpr auto kSsh = R"(#!/bin/sh
# What stands before the name are options.
while [ "$1" != -- ]; do shift; done
host=$2 line=$3
echo "$host $line" >>"$FLEET/calls"
. "$FLEET/$host"
if [ -e "$FLEET/$host.down" ]; then echo "ssh: connect to host $host port 22: Connection timed out" >&2; exit 255; fi
[ "$line" != "vuurmuur confirm" ] || [ ! -e "$FLEET/$host.no-confirm" ] || exit 255
# Each machine has its own tree at the same place.
PATH=$FLEET:$PATH VUURMUUR_STATE_DIR=$state nsenter --net="$net" unshare --mount \
  sh -c "mount --bind '$tree' '$FLEET/etc' && exec $wrap sh -c \"\$1\"" - "$line"
status=$?
# Locked out: no connection reaches it any more.
case $line in
  *--dry-run*) ;;
  "vuurmuur receive"*) [ ! -e "$FLEET/$host.locks-out" ] || touch "$FLEET/$host.down" ;;
esac
exit $status
)";

/// Two machines with a policy in force, and another one for both.
class Fleet {
 public:
  Fleet() {
    shell_.write("ssh", kSsh);
    fs::permissions(shell_.path() / "ssh", fs::perms::owner_all);
    fs::create_symlink(VM_PROGRAM, shell_.path() / "vuurmuur");
    fs::create_directory(etc());
    set("one", one);
    set("two", two);
    for (const Firewall* machine : {&one, &two}) {
      machine->tree.rules(kHttp);
      const lab::Inside there(machine->space());
      REQUIRE(machine->apply({"--confirm=0", "--force"}).status == 0);
    }
    wanted.rules(kAny);
  }

  /// What the script that stands in for ssh has to know of a machine.
  void set(const std::string& name, const Firewall& machine, const std::string& wrap = {}) const {
    shell_.write(name, fmt::format("net=/proc/{}/fd/{} state={} tree={} wrap='{}'\n", ::getpid(), machine.space().fd(),
                                   machine.state().string(), machine.tree.path().string(), wrap));
  }
  /// Something that goes wrong from now on: "two.down".
  void mishap(const std::string& name) const { shell_.write(name, ""); }
  void no_mishap(const std::string& name) const { fs::remove(shell_.path() / name); }

  [[nodiscard]] Outcome apply(std::vector<std::string> options = {}) const {
    std::vector<std::string> words{"apply", "--to=one", "--to=two", "--to-dir=" + etc().string()};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(wanted.path().string());
    return run(std::move(words));
  }
  [[nodiscard]] Outcome run(std::vector<std::string> words) const {
    return vuurmuur::test::vuurmuur(
        {.arguments = std::move(words),
         .environment = {{"PATH", fmt::format("{}:{}", shell_.path().string(), std::getenv("PATH"))},
                         {"FLEET", shell_.path().string()}}});
  }
  /// A line for the shell of a machine.
  [[nodiscard]] Outcome there(const std::string& name, const std::string& line) const {
    return vuurmuur::test::vuurmuur({.arguments = {"--", name, line},
                                     .environment = {{"FLEET", shell_.path().string()}},
                                     .program = (shell_.path() / "ssh").string()});
  }
  /// What ran on the machines, a line each.
  [[nodiscard]] std::string calls() const {
    std::stringstream text;
    text << std::ifstream(shell_.path() / "calls").rdbuf();
    return text.str();
  }
  [[nodiscard]] fs::path etc() const { return shell_.path() / "etc"; }

  [[nodiscard]] static bool admits(const Firewall& machine, const std::string& service) {
    const lab::Inside there(machine.space());
    return Firewall::admits(service);
  }
  [[nodiscard]] static std::string state(const Firewall& machine) {
    const lab::Inside there(machine.space());
    return machine.json({"status"}).at("state");
  }
  /// Files of a machine that are not those that were wanted, as diff tells them.
  [[nodiscard]] std::string difference(const Firewall& machine) const {
    return lab::run({"diff", "-r", "--exclude=.lock", wanted.path().string(), machine.tree.path().string()}).output;
  }
  [[nodiscard]] static bool has_rule(const Firewall& machine, std::string_view rule) {
    std::stringstream text;
    text << std::ifstream(machine.tree.path() / "rules/rules.conf").rdbuf();
    return text.str().find(rule) != std::string::npos;
  }
  /// Whether everything is as it was.
  [[nodiscard]] static bool is_as_before(const Firewall& machine) {
    return admits(machine, "http") && !admits(machine, "any") && has_rule(machine, kHttp) &&
           state(machine) == "confirmed";
  }

  Firewall one, two;
  SmallTree wanted;

 private:
  TemporaryDirectory shell_;
};

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("one policy is put in force and confirmed on all machines, with one difference for all") {
  const Fleet fleet;
  // What the new policy does not have goes, and what is no part of a policy stays.
  fleet.one.tree.write("services/gone", "ACTIVE=\"Yes\"\nRANGE=\"6;99\"\n");
  fleet.two.tree.write("services/gone", "ACTIVE=\"Yes\"\nRANGE=\"6;99\"\n");
  fleet.one.tree.write("high-availability/notify", "#!/bin/sh\n");
  fleet.wanted.write("zones/lan/zone.config", "ACTIVE=\"Yes\"\n");
  const Outcome outcome = fleet.apply({"--comment=it's $(touch /tmp/never) \"quoted\""});
  INFO(outcome.out << outcome.err << fleet.calls());
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out.starts_with("one, two:\n"));
  CHECK(holds(outcome.out,
              "--- rules/rules.conf\n+++ rules/rules.conf\n@@ -1 +1 @@\n"
              "-RULE=\"accept service http from world.inet to firewall\"\n"
              "+RULE=\"accept service any from world.inet to firewall\"\n"));
  CHECK(holds(outcome.out, "--- services/gone\n+++ /dev/null\n"));
  // Once for both.
  CHECK(outcome.out.find("+++ rules/rules.conf") == outcome.out.rfind("+++ rules/rules.conf"));
  CHECK(holds(outcome.out, "the policy in force"));
  CHECK(outcome.out.ends_with("one: confirmed\ntwo: confirmed\n"));
  for (const Firewall* machine : {&fleet.one, &fleet.two}) {
    CHECK(Fleet::admits(*machine, "any"));
    CHECK_FALSE(Fleet::admits(*machine, "http"));
    CHECK(Fleet::state(*machine) == "confirmed");
    const lab::Inside there(machine->space());
    CHECK(machine->json({"history"})[0].at("comment") == "it's $(touch /tmp/never) \"quoted\"");
    CHECK(machine->json({"history", "--edits"})[0].at("program") == "vuurmuur apply --to");
  }
  CHECK(fleet.difference(fleet.two).empty());
  CHECK(holds(fleet.difference(fleet.one), "high-availability"));
  CHECK_FALSE(fs::exists("/tmp/never"));

  const Outcome again = fleet.apply();
  CHECK(again.status == 0);
  CHECK(again.out.starts_with("one, two:\nthe files are the same\n"));
}

TEST_CASE("machines that differ from the policy in different ways are told one by one, and a dry run changes nothing") {
  const Fleet fleet;
  fleet.two.tree.write("rules/blocklist.conf", "RULE=\"block 198.51.100.1\"\n");
  const Outcome outcome = fleet.apply({"--dry-run"});
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("one:\n"));
  CHECK(holds(outcome.out, "\ntwo:\n"));
  CHECK(holds(outcome.out, "-RULE=\"block 198.51.100.1\"\n"));
  CHECK(outcome.out.ends_with("nothing was changed\n"));
  CHECK(Fleet::is_as_before(fleet.one));
  CHECK(Fleet::is_as_before(fleet.two));
}

TEST_CASE("a machine that refuses before anything was loaded leaves all as they were") {
  const Fleet fleet;
  SECTION("it is not reached") {
    fleet.mishap("two.down");
    const Outcome outcome = fleet.apply();
    CHECK(outcome.status == 3);
    CHECK(holds(outcome.err, "two: ssh: connect to host two port 22: Connection timed out\n"));
    CHECK(
        holds(outcome.err,
              "vuurmuur: error: two: it does not take the policy; nothing was changed anywhere: it was not reached\n"));
    CHECK(outcome.out.ends_with("one: untouched\ntwo: untouched\n"));
    fleet.no_mishap("two.locks-out");
    fleet.no_mishap("two.down");
  }
  SECTION("somebody's generation waits there") {
    {
      const lab::Inside there(fleet.two.space());
      REQUIRE(fleet.two.apply({"--confirm=300", "--force"}).status == 0);
    }
    const Outcome outcome = fleet.apply();
    CHECK(outcome.status == 3);
    CHECK(holds(outcome.err, "two: vuurmuur: error: generation 2 waits to be confirmed here\n"));
    const lab::Inside there(fleet.two.space());
    CHECK(fleet.two.json({"status"}).at("state") == "awaiting confirmation");
    CHECK(fleet.two.run({"confirm"}).status == 0);
  }
  CHECK(Fleet::is_as_before(fleet.one));
  CHECK(Fleet::is_as_before(fleet.two));
}

TEST_CASE("when one machine cannot load it, it is taken back from those that could") {
  const Fleet fleet;
  fleet.set("two", fleet.two, "setpriv --bounding-set=-net_admin --inh-caps=-net_admin");
  const Outcome outcome = fleet.apply();
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 4);
  CHECK(holds(outcome.err, "vuurmuur: error: two: it did not apply the policy: status 3\n"));
  CHECK(outcome.out.ends_with("one: taken back\ntwo: untouched\n"));
  CHECK(Fleet::is_as_before(fleet.one));
  CHECK(Fleet::is_as_before(fleet.two));
}

TEST_CASE("a machine that new connections do not reach any more goes back by itself, the others at once") {
  const Fleet fleet;
  fleet.mishap("two.locks-out");
  const Outcome outcome = fleet.apply({"--confirm=2"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 5);
  CHECK(holds(outcome.err, "two: by a new connection: it was not reached"));
  CHECK(outcome.out.ends_with("one: taken back\ntwo: unknown\n"));
  CHECK(Fleet::is_as_before(fleet.one));
  CHECK(eventually([&] { return Fleet::state(fleet.two) == "confirmed"; }));
  CHECK(Fleet::admits(fleet.two, "http"));
  CHECK_FALSE(Fleet::admits(fleet.two, "any"));
  // Its files are the new ones until somebody says so there.
  CHECK(Fleet::has_rule(fleet.two, kAny));
  fleet.no_mishap("two.locks-out");
  fleet.no_mishap("two.down");
  const Outcome back = fleet.there("two", "vuurmuur receive --back");
  CHECK(back.status == 0);
  CHECK(back.err == "the rules that were received are not in force any more\n");
  CHECK(Fleet::is_as_before(fleet.two));
  CHECK(fleet.there("two", "vuurmuur receive --back").status == 3);
}

TEST_CASE("when the last confirmation fails, those that were confirmed go back as well") {
  const Fleet fleet;
  fleet.mishap("two.no-confirm");
  const Outcome outcome = fleet.apply();
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 4);
  CHECK(outcome.out.ends_with("one: taken back\ntwo: taken back\n"));
  CHECK(Fleet::is_as_before(fleet.one));
  CHECK(Fleet::is_as_before(fleet.two));
}

TEST_CASE("files that somebody changed after they were received are not overwritten on the way back") {
  const Fleet fleet;
  REQUIRE(fleet.apply().status == 0);
  fleet.one.tree.rules("drop service any from any to any");
  const Outcome back = fleet.there("one", "vuurmuur receive --back");
  CHECK(back.status == 5);
  CHECK(holds(back.err, "changed by somebody else meanwhile"));
  CHECK(Fleet::admits(fleet.one, "http"));
  CHECK(Fleet::has_rule(fleet.one, "drop service any from any to any"));
}

TEST_CASE("this machine can be one of them") {
  const Fleet fleet;
  const lab::Inside there(fleet.one.space());
  // Where the policy is made is where it is applied: its files are the same.
  const std::string directory = fleet.one.tree.path().string();
  fleet.one.tree.rules(kAny);
  const Outcome outcome = fleet.one.run({"apply", "--to=here", "--to-dir=" + directory, directory});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("here:\nthe files are the same\n"));
  CHECK(outcome.out.ends_with("here: confirmed\n"));
  CHECK(Firewall::admits("any"));
}

TEST_CASE("mistakes of apply --to are told before any machine is asked") {
  const Fleet fleet;
  const auto usage = [&](std::vector<std::string> options) {
    const Outcome outcome = fleet.apply(std::move(options));
    CHECK(outcome.status == 1);
    return outcome.err.substr(0, outcome.err.find('\n'));
  };
  CHECK(usage({"--to=-oProxyCommand=false"}) ==
        "vuurmuur: error: option '--to': '-oProxyCommand=false' names no machine");
  CHECK(usage({"--to=one two"}) == "vuurmuur: error: option '--to': 'one two' names no machine");
  CHECK(usage({"--to=one"}) == "vuurmuur: error: option '--to': 'one' is named twice");
  CHECK(usage({"--confirm=0"}) ==
        "vuurmuur: error: with --to it always waits to be confirmed, so '--confirm=0' makes no sense");
  fleet.wanted.rules("accept service nonsense from world.inet to firewall");
  const Outcome wrong = fleet.apply();
  CHECK(wrong.status == 2);
  CHECK(holds(wrong.err, "no service is named 'nonsense'"));
  CHECK(fleet.calls().empty());
}

TEST_CASE("what is no configuration is not received") {
  const Fleet fleet;
  const lab::Inside there(fleet.one.space());
  const auto receive = [&](const std::string& archive) {
    return vuurmuur::test::vuurmuur({.arguments = {"receive", fleet.one.tree.path().string()},
                                     .input = archive,
                                     .environment = {{"VUURMUUR_STATE_DIR", fleet.one.state().string()}}});
  };
  CHECK(receive("nonsense").status == 2);
  const TemporaryDirectory room;
  room.write("etc/config.conf", "");
  room.write("evil", "");
  const auto packed = [&](const std::string& evil) {
    const std::string file = (room.path() / "tar").string();
    lab::run_ok({"tar", "-C", (room.path() / "etc").string(), "-czPf", file, "config.conf", evil});
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  };
  const Outcome out = receive(packed("../evil"));
  CHECK(out.status == 2);
  CHECK(holds(out.err, "'../evil' is no file of a configuration"));
  CHECK(receive(packed((room.path() / "evil").string())).status == 2);
  CHECK(Fleet::is_as_before(fleet.one));
}
