// SPDX-License-Identifier: GPL-2.0-or-later
#include "mistake.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "base/file_system.h"
#include "diag/render.h"
#include "lab/error.h"
#include "lab/run.h"
#include "sample.h"

namespace vuurmuur::demo {
namespace {

constexpr unsigned kSecondsToConfirm = 5;

std::string vuurmuur(Network& network, std::vector<std::string> words) {
  words.insert(words.begin(), VM_PROGRAM);
  words.emplace_back("--state-dir=/run/vuurmuur");
  const lab::Inside there(network.machine("firewall").where);
  return lab::run_ok(words);
}

}  // namespace

config::Tree read_policy(const std::string& directory) {
  const base::RealFileSystem files;
  diag::Sink sink;
  config::Tree tree = config::read_tree(files, directory, sink);
  if (sink.has_errors()) throw lab::LabError(diag::render(sink, tree.sources, diag::Style::Plain));
  return tree;
}

void Stage::show(const std::vector<Trial>& trials, const model::Policy& policy) {
  reference::Interpreter interpreter(policy, network.world());
  for (const Trial& trial : trials) {
    const reference::Answer expected = expectation(trial, network, interpreter);
    const Result seen = carry_out(trial, network, queues, logs);
    const bool right = agrees(trial, expected, seen, network);
    table.row(trial, expected, seen, right);
    ++tally.count;
    if (!right) ++tally.wrong;
  }
}

void show_mistake(Stage& stage, const config::Tree& good) {
  const std::vector<Trial> trials{{"admin.local.lan", "firewall@lan0", "ssh", net::Protocol::Tcp, 22}};
  const SampleCopy mistake("accept service ssh from admins.local.lan to firewall",
                              "drop service ssh from admins.local.lan to firewall");
  fmt::print("\nA mistake: the administrator's own way in is dropped. vuurmuur apply --confirm={}\n", kSecondsToConfirm);
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  fmt::print("{}", vuurmuur(stage.network, {"apply", fmt::format("--confirm={}", kSecondsToConfirm), mistake.directory()}));
  std::fflush(stdout);
  stage.show(trials, read_policy(mistake.directory()).policy);
  fmt::print("He cannot say 'vuurmuur confirm': he is locked out, and nobody else does.\n");
  std::fflush(stdout);
  while (vuurmuur(stage.network, {"status", "--json"}).find("\"awaiting confirmation\"") != std::string::npos) {
    if (seconds() > 4 * kSecondsToConfirm) throw lab::LabError("the policy before did not come back");
    ::usleep(100'000);
  }
  fmt::print("{:.1f} s after the apply: {}", seconds(), vuurmuur(stage.network, {"status"}));
  stage.show(trials, good.policy);
}

}  // namespace vuurmuur::demo
