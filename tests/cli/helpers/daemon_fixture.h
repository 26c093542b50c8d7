// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "helpers/background.h"
#include "helpers/firewall.h"
#include "ipc/client.h"
#include "lab/run.h"
#include "support/catch.h"

namespace vuurmuur::test {

/// Whether a condition comes true within 20 s.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::usleep(10'000);
  }
  return true;
}

/// The IPv4 rules of xtables without their counters.
inline std::string xtables_rules() {
  std::string text;
  const std::string saved = lab::run_ok({"iptables-legacy-save"});
  for (const std::string_view line : base::split(saved, '\n'))
    if (!line.starts_with('#'))
      text += fmt::format("{}\n", line.starts_with(':') ? line.substr(0, line.find(" [")) : line);
  return text;
}

/// A Firewall with a daemon that can be started, killed and asked.
struct DaemonFixture {
  Firewall firewall;
  TemporaryDirectory run;
  std::string socket = (run.path() / "control").string();
  std::optional<BackgroundProgram> daemon;

  void start() {
    daemon.emplace(std::vector<std::string>{"daemon", "--socket=" + socket, firewall.tree.path().string()},
                   firewall.state().string());
    REQUIRE(is_ready());
  }
  /// Waits for a daemon that has brought the machine to what shall be in force: it answers then, and listens before.
  bool is_ready() const {
    return eventually([&] {
      auto client = ipc::Client::connect(socket);
      return client && client->call({.method = "org.vuurmuur.Manager.About"}, std::chrono::seconds(20)).has_value();
    });
  }
  ipc::Reply call(const std::string& method, ipc::Json parameters = ipc::Json::object()) const {
    auto client = ipc::Client::connect(socket);
    REQUIRE(client);
    const auto reply = client->call({.method = "org.vuurmuur.Manager." + method, .parameters = std::move(parameters)},
                                    std::chrono::seconds(20));
    REQUIRE(reply);
    return *reply;
  }
};

}  // namespace vuurmuur::test
