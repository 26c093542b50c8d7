// SPDX-License-Identifier: GPL-2.0-or-later
// Section "connections": live connections held against a policy of 10,000 rules: found out which of them it refuses or
// sends elsewhere, and then made so. Beside it the kernel's own part of it: listing the table.
#include <fmt/format.h>
#include <time.h>

#include "apply/apply.h"
#include "apply/connection_review.h"
#include "apply/conntrack_table.h"
#include "generate.h"
#include "lab/run.h"
#include "live_table.h"
#include "policy.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr std::uint32_t kRules = 10'000;
constexpr unsigned kDevices = 8;

/// The devices of the generated policies, with the routes to all of their networks.
void make_router() {
  std::string lines;
  for (unsigned i = 0; i < kDevices; ++i)
    lines += fmt::format(
        "link add eth{0} type veth peer name far{0}\nlink set far{0} up\naddr add 10.{0}.0.1/16 dev eth{0}\n"
        "addr add 2001:db8:{0:x}::1/48 dev eth{0} nodad\nlink set eth{0} up\n",
        i);
  lab::ip(lines + "route add default via 10.0.0.2 dev eth0\nroute add default via 2001:db8::2 dev eth0\n");
}

/// Of this process, the kernel's work for it included.
double processor_ms() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

base::Result<void> measure(std::uint32_t connections, unsigned runs) {
  // What no other rule takes is admitted by the last, as most of what lives is.
  std::vector<std::string> rules = generate_rules(kRules - 1);
  rules.emplace_back("accept service any from any to any");
  const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(tree_of(rules), apply::Backend::Xtables));
  VM_TRY_VOID(enter_namespaces());
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.state_directory = "/run/state";
  Samples listing, told, processor, enforced;
  apply::ConnectionReport report;
  for (unsigned i = 0; i < runs; ++i) {
    VM_TRY_VOID(fresh_network());
    make_router();
    VM_TRY(apply::apply(*kernel, ruleset, options));
    VM_TRY_VOID(fill_table(connections));
    Stopwatch watch;
    static_cast<void>(VM_TRY(apply::read_connections()));
    listing.add(watch.lap());
    const double before = processor_ms();
    report = VM_TRY(apply::review_connections(*kernel, ruleset, apply::Backend::Xtables, /*enforce=*/false));
    told.add(watch.lap());
    processor.add(processor_ms() - before);
    const auto done = VM_TRY(apply::review_connections(*kernel, ruleset, apply::Backend::Xtables, /*enforce=*/true));
    enforced.add(watch.lap());
    if (done.ended != report.ended || done.remarked != report.remarked || done.failed != 0)
      return base::failure("what was done is not what was told");
  }
  print_row({std::to_string(connections),
             fmt::format("{} / {} / {} / {}", report.kept, report.ended, report.remarked, report.undecided),
             listing.to_string(), told.to_string(), processor.to_string(), enforced.to_string()});
  return {};
}

}  // namespace

base::Result<void> run_connections(const Settings& settings) {
  print_header({"connections", "kept / refused / other queue / undecided", "table read, ms", "list, ms",
                "list, processor ms", "enforce, ms"});
  bool good = true;
  for (const std::uint32_t connections : settings.sizes)
    good = in_child("connections", [&] { return measure(connections, settings.runs_or(5)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
