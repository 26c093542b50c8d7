// SPDX-License-Identifier: GPL-2.0-or-later
// Shows the whole path at work: the sample gateway is loaded by the program itself into a firewall that exists only in
// here, people behind it try to reach things, and what they find is held against a plain reading of the policy.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "lab/error.h"
#include "lab/run.h"
#include "mistake.h"
#include "tour.h"

using namespace vuurmuur;
using namespace vuurmuur::demo;

namespace {

constexpr const char* kUsage =
    "usage: vuurmuur_demo [--help]\n\n"
    "Builds a small world of network namespaces, loads config/samples/gateway into its firewall and shows who can "
    "reach\n"
    "what, and how a mistake that nobody confirms is taken back. This machine's own network is not touched. Ends with "
    "0 when everything is as the policy says, else 1.\n";

std::vector<Trial> trials() {
  using enum net::Protocol;
  const std::vector<Trial> for_both{
      {"pc.local.lan", "website", "https", Tcp, 443},
      {"pc.local.lan", "website", "http", Tcp, 80},
      {"pc.local.lan", "website", "imaps", Tcp, 993},
      {"pc.local.lan", "website", "submission", Tcp, 587},
      {"pc.local.lan", "website", "smtp", Tcp, 25},
      {"pc.local.lan", "website", "telnet", Tcp, 23},
      {"pc.local.lan", "website", "ntp", Udp, 123},
      {"pc.local.lan", "website", "ping", Icmp, 0},
      {"pc.local.lan", "web.servers.dmz", "http", Tcp, 80},
      {"pc.local.lan", "web.servers.dmz", "ssh", Tcp, 22},
      {"admin.local.lan", "web.servers.dmz", "ssh", Tcp, 22},
      {"pc.local.lan", "mail.servers.dmz", "submission", Tcp, 587},
      {"pc.local.lan", "firewall@lan0", "dns", Udp, 53},
      {"pc.local.lan", "firewall@lan0", "ssh", Tcp, 22},
      {"admin.local.lan", "firewall@lan0", "ssh", Tcp, 22},
      {"web.servers.dmz", "website", "https", Tcp, 443},
      {"mail.servers.dmz", "website", "smtp", Tcp, 25},
      {"web.servers.dmz", "pc.local.lan", "http", Tcp, 80},
      {"website", "firewall@inet0", "http", Tcp, 80},
      {"website", "firewall@inet0", "smtp", Tcp, 25},
      {"website", "firewall@inet0", "ident", Tcp, 113},
      {"website", "firewall@inet0", "2222", Tcp, 2222},
      {"partner.world.inet", "firewall@inet0", "2222", Tcp, 2222},
      {"website", "pc.local.lan", "ssh", Tcp, 22},
      {"firewall@inet0", "website", "dns", Udp, 53},
      {"firewall@inet0", "website", "http", Tcp, 80},
  };
  std::vector<Trial> all;
  for (const net::Family family : net::kFamilies) {
    for (Trial trial : for_both) {
      trial.family = family;
      all.push_back(trial);
    }
  }
  return all;
}

/// Begins to serve the queues and log groups that the policy names.
void bind_all(const model::Policy& policy, lab::QueueConsumer& queues, lab::LogConsumer& logs) {
  for (const model::Rule& rule : policy.rules) {
    if (!rule.active) continue;
    if (rule.action.value == model::Action::Nfqueue) {
      const model::QueueRange range = rule.options.queue ? rule.options.queue->value : model::QueueRange{};
      for (unsigned queue = range.first; queue <= range.last; ++queue) queues.bind(static_cast<std::uint16_t>(queue));
    }
    if (rule.action.value == model::Action::Nflog)
      logs.bind(rule.options.log_group ? rule.options.log_group->value : std::uint16_t{0});
  }
}

bool wants_colours() { return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

int show() {
  const config::Tree tree = read_policy(VM_SAMPLE);
  fmt::print("Building the laboratory: lan, dmz and inet around a firewall, all inside this process.\n");
  lab::enter_laboratory();
  Network network(tree.policy);
  lab::QueueConsumer queues(network.machine("firewall").where);
  lab::LogConsumer logs(network.machine("firewall").where);
  bind_all(tree.policy, queues, logs);
  fmt::print("Loading the policy: vuurmuur apply {}\n", VM_SAMPLE);
  std::fflush(stdout);
  {
    const lab::Inside there(network.machine("firewall").where);
    fmt::print("{}\n", lab::run_ok({VM_PROGRAM, "apply", "--state-dir=/run/vuurmuur", VM_SAMPLE}));
  }
  const Table table(wants_colours());
  table.heading();
  Stage stage{.network = network, .queues = queues, .logs = logs, .table = table, .tally = {}};
  stage.show(trials(), tree.policy);
  show_mistake(stage, tree);
  offer_tour(network);
  fmt::print("\n{} of {} as the policy says. The laboratory is gone when this program ends.\n\n",
             stage.tally.count - stage.tally.wrong, stage.tally.count);
  fmt::print("Next:\n  {0} check {1}\n  {0} compile {1} | less\n  {0} --help\n  ./scripts/test\n", VM_PROGRAM,
             VM_SAMPLE);
  return stage.tally.wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    const bool help = std::string_view(argv[1]) == "--help";
    std::fputs(kUsage, help ? stdout : stderr);
    return help ? 0 : 1;
  }
  try {
    return show();
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "vuurmuur_demo: {}\n", error.what());
    return 1;
  }
}
