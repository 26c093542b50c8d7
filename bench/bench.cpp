// SPDX-License-Identifier: GPL-2.0-or-later
// What a compile and a load cost, for policies of growing size. Prints a table in Markdown.
//
//     vuurmuur_bench [RULES …]       (default 100 1000 10000 100000)
//
// Compile figures are medians of several runs in a process of their own a size, so that the peak memory is that size's.
// Load figures compare our apply with iptables-legacy-restore of the same rules in the same run, pair by pair.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "backend/iptables_save.h"
#include "base/strings.h"
#include "compile/check_marks.h"
#include "compile/compile.h"
#include "config/tree.h"
#include "generate.h"
#include "load.h"
#include "sema/resolve.h"

using namespace vuurmuur;

namespace {

using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

unsigned repetitions(std::uint32_t rules) { return rules >= 100000 ? 3 : rules >= 10000 ? 7 : 15; }

struct Timer {
  Clock::time_point begin = Clock::now();
  /// Milliseconds since the last call.
  double lap() {
    const auto now = Clock::now();
    const double passed = std::chrono::duration<double, std::milli>(now - begin).count();
    begin = now;
    return passed;
  }
};

double peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// One line of the compile table. Runs in a child process.
int compile_row(std::uint32_t rules) {
  const base::MemoryFileSystem files = bench::generate_tree(rules);
  const double before = peak_megabytes();
  std::vector<double> read, resolved, compiled, printed, total;
  std::size_t kernel_rules = 0, bytes = 0;
  for (unsigned i = 0; i < repetitions(rules); ++i) {
    Timer timer, whole;
    diag::Sink sink;
    const config::Tree tree = config::read_tree(files, "/tree", sink);
    read.push_back(timer.lap());
    const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
    compile::check_marks(policy, sink);
    resolved.push_back(timer.lap());
    if (sink.has_errors())
      return std::fprintf(stderr, "the generated tree has errors: %s\n", sink.all().front().message.c_str()), 1;
    const compile::Output output = compile::compile(policy);
    compiled.push_back(timer.lap());
    const std::string v4 = backend::iptables_save(output.ruleset, net::Family::Ipv4);
    const std::string v6 = backend::iptables_save(output.ruleset, net::Family::Ipv6);
    printed.push_back(timer.lap());
    total.push_back(whole.lap());
    kernel_rules = output.ruleset.rule_count();
    bytes = v4.size() + v6.size();
  }
  fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | {:.1f} |\n", rules, kernel_rules,
             median(read), median(resolved), median(compiled), median(printed), median(total),
             peak_megabytes() - before, static_cast<double>(bytes) / 1e6);
  std::fflush(stdout);
  return 0;
}

int load_row(std::uint32_t rules) {
  const base::MemoryFileSystem files = bench::generate_tree(rules);
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, "/tree", sink);
  const compile::Output output = compile::compile(sema::resolve(tree.policy, tree.sources, sink));
  if (auto entered = bench::enter_namespaces(); !entered)
    return std::fprintf(stderr, "%s\n", entered.error().message.c_str()), 1;
  std::vector<double> apply, restore, ratio;
  for (unsigned i = 0; i < repetitions(rules); ++i) {
    const auto times = bench::measure_load(output.ruleset);
    if (!times) return std::fprintf(stderr, "%s\n", times.error().message.c_str()), 1;
    apply.push_back(times->apply);
    restore.push_back(times->restore);
    ratio.push_back(times->apply / times->restore);
  }
  fmt::print("| {} | {} | {:.0f} | {:.0f} | {:.2f} |\n", rules, output.ruleset.rule_count(), median(apply),
             median(restore), median(ratio));
  std::fflush(stdout);
  return 0;
}

/// Runs a row in a child of its own.
bool in_child(const std::function<int()>& row) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(row());
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::uint32_t> sizes;
  for (int i = 1; i < argc; ++i) {
    const auto size = base::parse_number<std::uint32_t>(argv[i]);
    if (!size || *size == 0) return std::fprintf(stderr, "usage: vuurmuur_bench [RULES …]\n"), 1;
    sizes.push_back(*size);
  }
  if (sizes.empty()) sizes = {100, 1000, 10000, 100000};
  bool good = true;
  fmt::print(
      "| rules | kernel rules | read ms | resolve ms | compile ms | print ms | all ms | peak MB | text MB "
      "|\n|---|---|---|---|---|---|---|---|---|\n");
  std::fflush(stdout);
  for (const std::uint32_t size : sizes) good = in_child([&] { return compile_row(size); }) && good;
  fmt::print("\n| rules | kernel rules | apply ms | iptables-legacy-restore ms | ratio |\n|---|---|---|---|---|\n");
  std::fflush(stdout);
  for (const std::uint32_t size : sizes) good = in_child([&] { return load_row(size); }) && good;
  return good ? 0 : 1;
}
