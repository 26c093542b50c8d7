// SPDX-License-Identifier: GPL-2.0-or-later
// Section "event": what resolving and compiling again costs when a host has another address, all of it and in part, in turns.
#include <fmt/format.h>

#include "compile/compile.h"
#include "compile/memo.h"
#include "config/tree.h"
#include "generate.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "sema/resolve.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

/// What the event is: a host gets another address of a family, and the next time its own again.
struct Event {
  std::string_view name;
  net::Family family;
};

void happen(const Event& event, bool again, model::Host& host) {
  for (auto& address : host.addresses)
    if (address.value.family == event.family) address.value.bytes[event.family == net::Family::Ipv4 ? 3 : 15] = again ? 99 : 10;
}

base::Result<void> measure(std::uint32_t rules, unsigned runs, const Event& event) {
  diag::Sink sink;
  config::Tree tree = config::read_tree(generate_tree(rules), "/tree", sink);
  sema::Objects objects;
  sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink, objects);
  if (sink.has_errors()) return base::failure("the generated tree has errors: " + sink.all().front().message);
  compile::Memo memo;
  static_cast<void>(memo.compile(policy, {}));
  Samples resolve_all, compile_all, resolve_part, compile_part, ratio;
  for (unsigned i = 0; i < runs; ++i) {
    happen(event, i % 2 == 0, tree.policy.hosts.front());
    diag::Sink problems;
    Stopwatch step, whole;
    sema::Policy anew = sema::resolve(tree.policy, tree.sources, problems);
    resolve_all.add(step.lap());
    const compile::Output output = compile::compile(anew);
    compile_all.add(step.lap());
    const double all = whole.lap();
    step.lap();
    sema::readdress(tree.policy, objects, {.networks = {}, .hosts = {0}}, policy, problems);
    resolve_part.add(step.lap());
    const ir::Ruleset& ruleset = memo.compile(policy, {});
    compile_part.add(step.lap());
    ratio.add(whole.lap() / all);
    if (ruleset != output.ruleset) return base::failure("what was compiled in part is another ruleset");
  }
  print_row({fmt::format("{}", rules), std::string(event.name), resolve_all.to_string(), compile_all.to_string(),
             resolve_part.to_string(), compile_part.to_string(), ratio.to_string()});
  return {};
}

}  // namespace

base::Result<void> run_event(const Settings& settings) {
  print_header({"rules", "another address", "resolve all ms (min–max)", "compile all ms (min–max)", "resolve in part ms (min–max)",
                "compile in part ms (min–max)", "ratio (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    for (const Event& event : {Event{"IPv4", net::Family::Ipv4}, Event{"IPv6", net::Family::Ipv6}})
      good = in_child("event", [&] { return measure(rules, settings.runs_or(rules >= 100000 ? 5 : 21), event); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
