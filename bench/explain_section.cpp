// SPDX-License-Identifier: GPL-2.0-or-later
// Section "explain": what becomes of the packets of a question, from its words to the text that answers it, beside
// reading and resolving the policy.
#include <fmt/format.h>

#include <random>

#include "analyse/explain.h"
#include "analyse/explanation_text.h"
#include "control/checked_policy.h"
#include "generate.h"
#include "names/index.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

/// The words of a question, as on the command line; an empty service is any.
struct Words {
  std::string from, to, service;
};

base::Result<analyse::Question> read(const Words& words, const analyse::Configuration& configuration) {
  analyse::Question question;
  diag::Sink sink;
  auto from = analyse::read_end(configuration, words.from, sink), to = analyse::read_end(configuration, words.to, sink);
  if (!from || !to) return base::failure("a name of the generated tree is not known");
  question.from = std::move(*from);
  question.to = std::move(*to);
  if (!words.service.empty() && !analyse::read_service(configuration, words.service, question, sink))
    return base::failure("a service of the generated tree is not known");
  return question;
}

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const base::MemoryFileSystem files = generate_tree(rules);
  std::mt19937 random(1);
  Samples load, packet, networks, zones;
  std::size_t rows = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch step;
    const auto checked = control::check_tree(files, "/tree");
    if (checked->sink.has_errors())
      return base::failure("the generated tree has errors: " + checked->sink.all().front().message);
    load.add(step.lap());
    const analyse::Configuration configuration{
        .model = checked->tree.policy, .objects = checked->objects, .policy = checked->policy};
    const auto answer = [&](const Words& words, Samples& samples) -> base::Result<void> {
      step.lap();
      const analyse::Question question = VM_TRY(read(words, configuration));
      const names::Index names = names::Index::build(configuration.model, configuration.policy);
      const auto explanations = analyse::explain(configuration.policy, question);
      const std::string text = analyse::text_of(explanations, question, configuration.policy, names);
      samples.add(step.lap());
      if (text.empty()) return base::failure("there is no answer");
      rows = 0;
      for (const analyse::Explanation& each : explanations)
        for (const analyse::Branch& branch : each.branches) rows += branch.rows.size();
      return {};
    };
    const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const std::uint32_t from = pick(50), to = pick(50);
    const auto network = [](std::uint32_t n) { return fmt::format("net{}.zone{}", n, n % 8); };
    VM_TRY(answer({.from = fmt::format("host{}.{}", pick(20), network(from)),
                   .to = fmt::format("host{}.{}", pick(20), network(to)),
                   .service = fmt::format("svc{}", pick(40))},
                  packet));
    VM_TRY(answer({.from = network(from), .to = network(to), .service = ""}, networks));
    VM_TRY(
        answer({.from = fmt::format("zone{}", from % 8), .to = fmt::format("zone{}", to % 8), .service = ""}, zones));
  }
  print_row({fmt::format("{}", rules), load.to_string(), packet.to_string(2), networks.to_string(), zones.to_string(),
             fmt::format("{}", rows), fmt::format("{:.0f}", peak_megabytes())});
  return {};
}

}  // namespace

base::Result<void> run_explain(const Settings& settings) {
  print_header({"rules", "read and resolved, ms", "a service from host to host, ms", "all from network to network, ms",
                "all from zone to zone, ms", "of that rows", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("explain", [&] { return measure(rules, settings.runs_or(rules >= 100000 ? 3 : 11)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
