// SPDX-License-Identifier: GPL-2.0-or-later
// Reloads by the daemon, asked through its socket, as an administrator sees them: with reading, compiling and the journal.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "campaign.h"
#include "helpers/background.h"
#include "helpers/tree.h"
#include "ipc/client.h"
#include "policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;
using namespace std::chrono_literals;

namespace {

/// The daemon of the road's firewall.
struct RoadDaemon {
  RoadDaemon(Road& road, const std::filesystem::path& configuration) {
    const lab::Inside there(road.firewall());
    program.emplace(std::vector<std::string>{"daemon", "--socket=" + socket, configuration.string()}, state.path().string());
    for (int tries = 0; tries < 500 && !ipc::Client::connect(socket); ++tries) ::usleep(20'000);
  }

  /// Applies its configuration; gives how many kernel rules there are.
  [[nodiscard]] std::size_t apply() const {
    auto client = ipc::Client::connect(socket);
    REQUIRE(client);
    const auto reply = client->call({.method = "org.vuurmuur.Manager.Apply", .parameters = ipc::Json::object()}, 60s);
    REQUIRE(reply);
    INFO(reply->parameters.dump());
    REQUIRE(reply->error.empty());
    return reply->parameters.at("applied").at("rules").get<std::size_t>();
  }

  test::TemporaryDirectory state;
  std::string socket = (state.path() / "control").string();
  std::optional<test::BackgroundProgram> program;
};

/// How long a packet may be under way when the whole proof runs, on a machine that does nothing else.
constexpr std::uint64_t kLongestGapMicroseconds = 50'000;

}  // namespace

TEST_CASE("the daemon reloads two policies by turns: what both allow passes, what both forbid does not") {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Files policies[] = {files_of({.rules = extent().rules}), files_of({.rules = extent().rules, .variant = 1})};
    const test::TemporaryDirectory tree;
    for (const auto& [path, text] : policies[0]) tree.write(path, text);
    tree.write("config.conf", policies[0].at("config.conf") + fmt::format("BACKEND=\"{}\"\n", to_string(backend)));
    const RoadDaemon daemon(bench, tree.path());
    const std::size_t rules = daemon.apply();
    const TrafficPlan plan = usual_traffic();
    Traffic traffic(bench, plan);
    const Campaign campaign{"reloads by the daemon", backend, rules, extent().reloads};
    const auto count = run(campaign, traffic, plan, [&](unsigned number) {
      tree.write("rules/rules.conf", policies[(number + 1) % 2].at("rules/rules.conf"));
      static_cast<void>(daemon.apply());
    });
    if (extent().reloads >= 1000) CHECK(sum_up(plan, count).slowest_us < kLongestGapMicroseconds);
  }
}
