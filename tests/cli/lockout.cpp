// SPDX-License-Identifier: GPL-2.0-or-later
// Who would lock himself out is warned, asked, or stopped.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "base/unique_fd.h"
#include "helpers/firewall.h"
#include "support/catch.h"

using vuurmuur::test::Call;
using vuurmuur::test::Firewall;
using vuurmuur::test::Outcome;

namespace {

constexpr auto kDrop =
    "accept service http from world.inet to firewall\ndrop service ssh from world.inet to firewall\n"
    "accept service any from world.inet to firewall";
constexpr auto kWarning =
    "vuurmuur: warning: the new rules refuse your own connection, tcp 192.0.2.7:50000 > 192.0.2.1:22: refused by rule "
    "2: "
    "drop ssh from world.inet to firewall (rules/rules.conf:2)\n"
    "vuurmuur: warning: it goes on while it lasts, and another like it does not get in\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Call call(const Firewall& firewall, std::vector<std::string> words, bool over_ssh = true) {
  words.push_back(firewall.tree.path().string());
  Call call{.arguments = std::move(words), .environment = {{"VUURMUUR_STATE_DIR", firewall.state().string()}}};
  if (over_ssh) call.environment.emplace_back("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22");
  return call;
}

void write_rules(const Firewall& firewall) {
  firewall.tree.closed_to_ssh();
  firewall.tree.rules(kDrop);
}

/// An established connection from the peer to port 22 of the firewall, held by this process as sshd would.
class Session {
 public:
  explicit Session(const Firewall& firewall) {
    const vuurmuur::base::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(22);
    ::inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
    REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    {
      const vuurmuur::lab::Inside there(firewall.peer());
      client_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    }
    REQUIRE(::connect(client_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    server_.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(server_);
  }

 private:
  vuurmuur::base::UniqueFd client_, server_;
};

}  // namespace

TEST_CASE(
    "without a terminal, rules that lock the caller out are not applied unless something comes back or he forces it") {
  const Firewall firewall;
  write_rules(firewall);
  const Outcome stopped = vuurmuur::test::vuurmuur(call(firewall, {"apply"}));
  CHECK(stopped.status == 5);
  CHECK(stopped.err ==
        std::string(kWarning) +
            "vuurmuur: error: this would lock you out and there is nobody to ask; --confirm goes back by "
            "itself, --force applies it all the same\n");
  CHECK_FALSE(Firewall::admits("http"));
  CHECK(firewall.json({"history"}).empty());

  const Outcome forced = vuurmuur::test::vuurmuur(call(firewall, {"apply", "--force"}));
  CHECK(forced.status == 0);
  CHECK(forced.err == kWarning);
  CHECK(Firewall::admits("http"));
  const Outcome waits = vuurmuur::test::vuurmuur(call(firewall, {"apply", "--confirm=30"}));
  CHECK(waits.status == 0);
  CHECK(has(waits.err, kWarning));
}

TEST_CASE("on a terminal he is asked") {
  const Firewall firewall;
  write_rules(firewall);
  auto apply = call(firewall, {"apply", "--confirm=0"});
  apply.input = "n\n";
  const Outcome no = vuurmuur_on_terminal(apply);
  CHECK(no.status == 5);
  CHECK(has(no.out, "Apply it all the same? [y/N]"));
  CHECK_FALSE(Firewall::admits("http"));
  apply.input = "y\n";
  CHECK(vuurmuur_on_terminal(apply).status == 0);
  CHECK(Firewall::admits("http"));
}

TEST_CASE("a dry run and a roll back only tell him, and enforcing says that it ends") {
  const Firewall firewall;
  write_rules(firewall);
  const Outcome dry = vuurmuur::test::vuurmuur(call(firewall, {"apply", "--dry-run"}));
  CHECK(dry.status == 0);
  CHECK(dry.err == kWarning);
  const Outcome enforced = vuurmuur::test::vuurmuur(call(firewall, {"apply", "--force", "--connections=enforce"}));
  CHECK(enforced.status == 0);
  CHECK(has(enforced.err, "vuurmuur: warning: --connections=enforce ends it\n"));
  firewall.tree.write("rules/assertions.conf", "");
  firewall.tree.rules("accept service any from world.inet to firewall");
  REQUIRE(vuurmuur::test::vuurmuur(call(firewall, {"apply"})).err.empty());
  Call back = call(firewall, {"rollback"});
  back.arguments.pop_back();
  const Outcome rolled = vuurmuur::test::vuurmuur(back);
  CHECK(rolled.status == 0);
  CHECK(has(rolled.err, kWarning));
}

TEST_CASE("without SSH_CONNECTION the connection of the terminal's session is that of the process that serves it") {
  const Firewall firewall;
  write_rules(firewall);
  const Session session(firewall);
  auto apply = call(firewall, {"apply"}, /*over_ssh=*/false);
  apply.input = "n\n";
  const Outcome outcome = vuurmuur_on_terminal(apply);
  INFO(outcome.out);
  CHECK(outcome.status == 5);
  CHECK(has(outcome.out, "the new rules refuse your own connection, tcp 192.0.2.2:"));
  CHECK(has(outcome.out, " > 192.0.2.1:22: refused by rule 2: drop ssh from world.inet to firewall"));
  // Not a terminal: whoever started it may serve others.
  CHECK(vuurmuur::test::vuurmuur(call(firewall, {"apply"}, /*over_ssh=*/false)).err.empty());
}

TEST_CASE("whoever the rules let in hears nothing, and neither does who sits at the machine") {
  const Firewall firewall;
  firewall.tree.rules("accept service any from world.inet to firewall");
  CHECK(vuurmuur::test::vuurmuur(call(firewall, {"apply"})).err.empty());
  write_rules(firewall);
  CHECK(vuurmuur::test::vuurmuur(call(firewall, {"apply"}, /*over_ssh=*/false)).err.empty());
}

TEST_CASE("rules that let nobody in by SSH are told of before they are applied, once, and unless that is meant so") {
  const Firewall firewall;
  write_rules(firewall);
  firewall.tree.write("rules/assertions.conf", "");
  constexpr auto kNobody = "warning: nobody can reach the SSH of this machine (tcp 22): rule 2 refuses it\n";
  for (const char* option : {"--dry-run", "--no-comments"}) {
    const Outcome outcome = vuurmuur::test::vuurmuur(call(firewall, {"apply", option}, /*over_ssh=*/false));
    CAPTURE(option, outcome.err);
    CHECK(outcome.status == 0);
    CHECK(has(outcome.err, kNobody));
    CHECK(outcome.err.find(kNobody) == outcome.err.rfind(kNobody));
  }
  firewall.tree.closed_to_ssh();
  CHECK(vuurmuur::test::vuurmuur(call(firewall, {"apply"}, /*over_ssh=*/false)).err.empty());
}

TEST_CASE("an apply tells of rules without effect, and only counts those that overlap") {
  const Firewall firewall;
  firewall.tree.rules(
      "accept service http from world.inet to any\ndrop service any from web.world.inet to firewall\n"
      "accept service any from world.inet to firewall\naccept service http from mail.world.inet to firewall");
  const Outcome outcome = vuurmuur::test::vuurmuur(call(firewall, {"apply"}, /*over_ssh=*/false));
  CHECK(outcome.status == 0);
  CHECK(has(outcome.err, "rules/rules.conf:4:7: warning: rule 4 makes no difference: "));
  CHECK(has(outcome.err,
            "rules/rules.conf:2:7: warning: rule 2 refuses what rules before it let through: 'vuurmuur check --deep' "
            "tells which packets that is\n"));
  CHECK(outcome.err.ends_with("2 warnings\n"));
}
