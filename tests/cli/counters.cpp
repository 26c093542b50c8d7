// SPDX-License-Identifier: GPL-2.0-or-later
// The command counters, with a kernel and traffic on the loopback device.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "base/unique_fd.h"
#include "helpers/firewall.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

constexpr const char* kDrop = "rule 1: drop http from firewall(any) to world.inet";
constexpr const char* kAccept = "rule 2: accept http from world.inet to firewall";

class Machine {
 public:
  Machine() {
    tree_.rules("drop service http from firewall(any) to world.inet\naccept service http from world.inet to firewall");
    REQUIRE(vuurmuur::test::vuurmuur({"apply", tree()}).status == 0);
  }

  [[nodiscard]] std::string tree() const { return tree_.path().string(); }

 private:
  SmallTree tree_;
  vuurmuur::test::LoneMachine machine_;
};

/// Tries to open a TCP connection to port 80 of a neighbour, which sends one packet into the rules.
void knock() {
  const vuurmuur::base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(80);
  REQUIRE(::inet_pton(AF_INET, "192.0.2.80", &to.sin_addr) == 1);
  static_cast<void>(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

}  // namespace

TEST_CASE("counters shows each rule of the configuration once, with what it took") {
  const Machine machine;
  knock();
  const Outcome text = vuurmuur::test::vuurmuur({"counters"});
  CHECK(text.status == 0);
  CHECK(text.err.empty());
  CHECK(text.out.starts_with("packets  bytes  rule\n      1     60  " + std::string(kDrop) + "\n      0      0  " +
                             kAccept + "\n"));
  const auto document = nlohmann::json::parse(vuurmuur::test::vuurmuur({"counters", "--json"}).out);
  REQUIRE(document.size() >= 2);
  CHECK(document[0] == nlohmann::json{{"rule", kDrop},
                                      {"packets", 1},
                                      {"bytes", 60},
                                      {"ipv4", {{"packets", 1}, {"bytes", 60}}},
                                      {"ipv6", {{"packets", 0}, {"bytes", 0}}}});
}

TEST_CASE("counters can be asked of one family") {
  const Machine machine;
  knock();
  const auto packets = [](const std::string& family) {
    const auto document = nlohmann::json::parse(vuurmuur::test::vuurmuur({"counters", "--json", family}).out);
    return document.at(0).at("packets").get<int>();
  };
  CHECK(packets("--family=4") == 1);
  CHECK(packets("--family=6") == 0);
  const Outcome wrong = vuurmuur::test::vuurmuur({"counters", "--family=5"});
  CHECK(wrong.status == 1);
  CHECK(wrong.err == "vuurmuur: error: option '--family': '5' is neither 4 nor 6\ntry 'vuurmuur counters --help'\n");
}

TEST_CASE("rules without comments are told by name all the same") {
  const Machine machine;
  REQUIRE(vuurmuur::test::vuurmuur({"apply", "--no-comments", machine.tree()}).status == 0);
  CHECK(vuurmuur::lab::run_ok({"iptables-legacy-save"}).find("--comment") == std::string::npos);
  knock();
  CHECK(vuurmuur::test::vuurmuur({"counters"}).out.find("      1     60  " + std::string(kDrop) + "\n") !=
        std::string::npos);
  CHECK(vuurmuur::test::vuurmuur({"list"}).out.find(kDrop) != std::string::npos);
  const Outcome both = vuurmuur::test::vuurmuur({"apply", "--no-comments", "--comments", machine.tree()});
  CHECK(both.status == 1);
  CHECK(both.err.find("exclude each other") != std::string::npos);
}

TEST_CASE("counters of nothing is a heading alone") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  const Outcome text = vuurmuur::test::vuurmuur({"counters"});
  CHECK(text.status == 0);
  CHECK(text.out == "packets  bytes  rule\n");
  CHECK(vuurmuur::test::vuurmuur({"counters", "--json"}).out == "[]\n");
}
