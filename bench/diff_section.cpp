// SPDX-License-Identifier: GPL-2.0-or-later
// Section "diff": which packets are treated otherwise after ten edits, beside reading and resolving both policies; and
// which rule decides about one packet.
#include <fmt/format.h>

#include <memory>
#include <random>

#include "analyse/decider.h"
#include "analyse/diff.h"
#include "base/strings.h"
#include "config/tree.h"
#include "generate.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "sema/resolve.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr unsigned kEdits = 10;

struct Read {
  diag::Sink sink;
  config::Tree tree;
  sema::Policy policy;
  explicit Read(const base::MemoryFileSystem& files)
      : tree(config::read_tree(files, "/tree", sink)), policy(sema::resolve(tree.policy, tree.sources, sink)) {}
};

/// Rules go, change places, come twice, and let pass what they dropped or the other way round.
base::MemoryFileSystem edited(const base::MemoryFileSystem& files, std::mt19937& random) {
  base::MemoryFileSystem after = files;
  std::string& text = after.files.at("/tree/rules/rules.conf");
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  for (unsigned edit = 0; edit < kEdits; ++edit) {
    const std::size_t at = random() % lines.size(), other = random() % lines.size();
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    if (const std::size_t action = place->find("accept "); edit % 4 == 0 && action != std::string::npos)
      place->replace(action, 6, "drop");
    else if (edit % 4 == 1)
      lines.erase(place);
    else if (edit % 4 == 2)
      std::swap(*place, lines[other]);
    else
      lines.insert(place, lines[other]);
  }
  text.clear();
  for (const std::string& line : lines) text += line + "\n";
  return after;
}

/// Microseconds for one packet: of those in the boxes of rules, and just beside them.
double time_of_decision(const sema::Policy& policy, std::mt19937& random) {
  const analyse::Decider decider(policy, net::Family::Ipv4);
  std::vector<analyse::Point> points;
  for (const sema::Rule& rule : policy.rules)
    for (const analyse::Box& box : decider.boxes().of(rule).boxes) {
      analyse::Point& point = points.emplace_back();
      for (std::size_t f = 0; f < analyse::kFields; ++f)
        point[f] = random() % 4 == 0 ? box.fields[f].last : box.fields[f].first;
    }
  std::size_t decided = 0;
  Stopwatch watch;
  for (const analyse::Point& point : points) decided += decider.decide(point).has_value();
  const double milliseconds = watch.lap();
  return decided == 0 ? 0 : 1000 * milliseconds / static_cast<double>(points.size());
}

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const base::MemoryFileSystem files = generate_tree(rules);
  std::mt19937 random(1);
  Samples resolve, diff, decision;
  std::size_t rows = 0, boxes = 0, unfinished = 0;
  double peak = 0;  // before a decider is made, which is no part of it
  for (unsigned i = 0; i < runs; ++i) {
    auto other = std::make_unique<base::MemoryFileSystem>(edited(files, random));
    Stopwatch step;
    const Read before(files), after(*other);
    other.reset();  // what was read has what is needed
    for (const Read* each : {&before, &after})
      if (each->sink.has_errors())
        return base::failure("the generated tree has errors: " + each->sink.all().front().message);
    resolve.add(step.lap());
    const analyse::PolicyDiff found = analyse::diff(before.policy, after.policy);
    diff.add(step.lap());
    if (i == 0) peak = peak_megabytes();
    decision.add(time_of_decision(before.policy, random));
    rows = found.rows.size(), boxes = 0, unfinished += found.unfinished;
    for (const analyse::DiffRow& row : found.rows) boxes += row.traffic.size();
  }
  print_row({fmt::format("{}", rules), fmt::format("{}", rows), fmt::format("{}", boxes), fmt::format("{}", unfinished),
             resolve.to_string(), diff.to_string(), decision.to_string(), fmt::format("{:.0f}", peak)});
  return {};
}

}  // namespace

base::Result<void> run_diff(const Settings& settings) {
  print_header({"rules", "rows", "boxes", "not finished", "both read and resolved, ms",
                "treated otherwise after ten edits, ms", "which rule decides about a packet, us", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("diff", [&] { return measure(rules, settings.runs_or(rules >= 100000 ? 3 : 11)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
