// SPDX-License-Identifier: GPL-2.0-or-later
// Section "assert": 1,000 statements about what the rules shall do, held against them for all packets.
#include <fmt/format.h>

#include <array>
#include <random>

#include "analyse/assertion.h"
#include "control/checked_policy.h"
#include "generate.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr unsigned kStatements = 1000;

/// Statements of all kinds about ends of generate_tree(), of which some are true.
std::string generate_statements(std::mt19937& random) {
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  const auto end = [&] {
    const std::uint32_t network = pick(50);
    const std::string name = fmt::format("net{}.zone{}", network, network % 8);
    return pick(3) == 0 ? name : fmt::format("host{}.{}", pick(20), name);
  };
  std::string text;
  for (unsigned i = 0; i < kStatements; ++i) {
    const std::string from = end(), to = pick(20) == 0 ? "firewall" : end(), service = fmt::format("svc{}", pick(40));
    switch (i % 5) {
      case 0: text += fmt::format("{} can reach {} service {}\n", from, to, service); break;
      case 1: text += fmt::format("{} never reaches {} service {}\n", from, to, service); break;
      case 2: text += fmt::format("only {} reaches {} service {}\n", from, to, service); break;
      case 3: text += fmt::format("{} from {} to {} is not queued\n", service, from, to); break;
      case 4: text += fmt::format("{} from {} to {} is refused\n", service, from, to); break;
    }
  }
  return text;
}

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const base::MemoryFileSystem files = generate_tree(rules);
  Samples load, check;
  std::array<std::size_t, 5> kinds{};
  for (unsigned i = 0; i < runs; ++i) {
    std::mt19937 random(i);
    const std::string text = generate_statements(random);
    Stopwatch step;
    const auto checked = control::check_tree(files, "/tree");
    if (checked->sink.has_errors())
      return base::failure("the generated tree has errors: " + checked->sink.all().front().message);
    const diag::FileId file = checked->tree.sources.add("wishes", text);
    load.add(step.lap());
    diag::Sink sink;
    const analyse::CheckedAssertions told = analyse::check_assertions(
        text, file, {.model = checked->tree.policy, .objects = checked->objects, .policy = checked->policy}, sink);
    check.add(step.lap());
    if (told.assertions.size() != kStatements) return base::failure("the generated statements cannot be read");
    for (const analyse::Finding& finding : told.findings) ++kinds[static_cast<std::size_t>(finding.kind)];
  }
  using Kind = analyse::Finding::Kind;
  const auto average = [&](Kind kind) { return fmt::format("{}", kinds[static_cast<std::size_t>(kind)] / runs); };
  print_row({fmt::format("{}", rules), average(Kind::Holds), average(Kind::Fails), average(Kind::NotFinished),
             load.to_string(), check.to_string(), fmt::format("{:.0f}", peak_megabytes())});
  return {};
}

}  // namespace

base::Result<void> run_assert(const Settings& settings) {
  print_header(
      {"rules", "hold", "fail", "not finished", "read and resolved, ms", "1,000 statements checked, ms", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("assert", [&] { return measure(rules, settings.runs_or(rules >= 100000 ? 3 : 11)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
