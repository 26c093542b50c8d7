// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/firewall.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "lab/run.h"
#include "support/catch.h"

namespace vuurmuur::test {

LoneMachine::LoneMachine() {
  lab::enter_laboratory();
  space_.emplace();
  inside_.emplace(*space_);
  lab::ip("link add eth0 type veth peer name eth0-far\naddr add 192.0.2.1/24 dev eth0\nlink set eth0 up\n");
}

Firewall::Firewall() {
  lab::enter_laboratory();
  peer_.emplace();
  space_.emplace();
  inside_.emplace(*space_);
  lab::ip(
      "link add eth0 type veth peer name far0\naddr add 192.0.2.1/24 dev eth0\nlink set eth0 up\nlink set far0 netns "
      "/proc/" +
      std::to_string(::getpid()) + "/fd/" + std::to_string(peer_->fd()) + "\n");
  const lab::Inside there(*peer_);
  lab::ip("addr add 192.0.2.2/24 dev far0\nlink set far0 up\n");
}

Outcome Firewall::run(std::vector<std::string> words) const {
  return vuurmuur(Call{.arguments = std::move(words), .environment = {{"VUURMUUR_STATE_DIR", state_.path().string()}}});
}

Outcome Firewall::apply(std::vector<std::string> options) const {
  options.insert(options.begin(), "apply");
  options.push_back(tree.path().string());
  return run(std::move(options));
}

nlohmann::ordered_json Firewall::json(std::vector<std::string> words) const {
  words.push_back("--json");
  return nlohmann::ordered_json::parse(run(std::move(words)).out);
}

nlohmann::ordered_json Firewall::done(std::vector<std::string> words) const {
  words.push_back("--json");
  const Outcome outcome = run(std::move(words));
  INFO(outcome.out + outcome.err);
  REQUIRE(outcome.status == 0);
  return nlohmann::ordered_json::parse(outcome.out);
}

bool Firewall::admits(const std::string& service) {
  return lab::run_ok({"iptables-legacy-save"}).find("accept " + service + " from") != std::string::npos;
}

}  // namespace vuurmuur::test
