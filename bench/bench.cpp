// SPDX-License-Identifier: GPL-2.0-or-later
// What Vuurmuur costs, measured and printed as Markdown: see doc/performance.md and --help.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include "arguments.h"
#include "base/heap.h"
#include "process.h"
#include "section.h"

using namespace vuurmuur;

int main(int argc, char** argv) {
  base::prefer_huge_pages();  // as the program does
  const auto arguments =
      bench::parse_arguments(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!arguments) {
    std::fprintf(stderr, "vuurmuur_bench: %s\n", arguments.error().c_str());
    return 1;
  }
  if (arguments->help) return fmt::print("{}", bench::usage()), 0;
  if (arguments->list) {
    for (const bench::Section& section : bench::sections()) fmt::print("{}\n", section.name);
    return 0;
  }
  bool good = true;
  for (const bench::Section& section : bench::sections()) {
    const auto& wanted = arguments->sections;
    if (!wanted.empty() && std::ranges::find(wanted, section.name) == wanted.end()) continue;
    fmt::print("\n## {}: {}\n", section.name, section.what);
    const bench::Settings settings{.sizes = arguments->sizes.empty() ? section.sizes : arguments->sizes,
                                   .runs = arguments->runs};
    good = bench::in_child(std::string(section.name), [&] { return section.run(settings); }) && good;
  }
  return good ? 0 : 1;
}
