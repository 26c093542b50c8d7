// SPDX-License-Identifier: GPL-2.0-or-later
// Section "screen": what a person at vuurmuur_conf waits for, without the terminal's own part: the tree read and the
// first screen made, a line further in the rules, a rule switched off and shown, a letter typed in the rule form, a
// filter. The generated policy with 4,000 hosts more, so that there are 5,000. In the same turn reading and resolving
// alone, which is what opening rests on.
#include <fmt/format.h>

#include "app/app.h"
#include "generate.h"
#include "process.h"
#include "samples.h"
#include "screens/globals.h"
#include "screens/main_screen.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr const char* kTree = "/tree";

std::shared_ptr<const base::MemoryFileSystem> make_files(std::uint32_t rules) {
  auto files = std::make_shared<base::MemoryFileSystem>(generate_tree(rules));
  for (unsigned host = 0; host < 4000; ++host) {
    const std::string path =
        fmt::format("{}/zones/zone{}/networks/net{}/hosts/more{}.host", kTree, host % 8, host % 8, host);
    files->files[path] =
        fmt::format("ACTIVE=\"Yes\"\nIPADDRESS=\"10.{}.{}.{}\"\n", host % 8, host % 8, 30 + host % 200);
  }
  return files;
}

/// Presses keys one after the other and draws after each, as the program does; milliseconds of the last one with its
/// frame.
double press(app::App& app, std::span<const char* const> keys, ui::Size size) {
  double last = 0;
  for (const char* name : keys) {
    Stopwatch watch;
    static_cast<void>(app.input(*ui::key_from(name)));
    static_cast<void>(app.view(size));
    last = watch.lap();
  }
  return last;
}

base::Result<void> measure(std::uint32_t rules, unsigned runs, ui::Size size) {
  const auto files = make_files(rules);
  const double before = peak_megabytes();
  Samples open, line, toggle, undo, letter, filter;
  Samples reading;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch watch;
    const auto read = app::read(*files, kTree);
    reading.add(watch.lap());
    if (read->problems.has_errors())
      return base::failure("the generated tree has errors: " + read->problems.all().front().message);
    watch.lap();
    app::App app({.workspace = app::Workspace(files, kTree)}, screens::globals(), screens::make_main());
    static_cast<void>(app.view(size));
    open.add(watch.lap());
    line.add(press(app, std::array{"r", "G", "g", "j"}, size));
    toggle.add(press(app, std::array{"Space"}, size));
    undo.add(press(app, std::array{"u"}, size));
    letter.add(press(app, std::array{"e", "Down", "x"}, size));
    press(app, std::array{"Esc", "y", "/", "h"}, size);
    filter.add(press(app, std::array{"Enter"}, size));
  }
  print_row({std::to_string(rules), fmt::format("{}x{}", size.columns, size.rows), open.to_string(),
             ratios(open, reading).to_string(), line.to_string(2), toggle.to_string(), undo.to_string(),
             letter.to_string(2), filter.to_string(2), fmt::format("{:.0f}", peak_megabytes() - before)});
  return {};
}

}  // namespace

base::Result<void> run_screen(const Settings& settings) {
  print_header({"rules", "screen", "open ms (min–max)", "÷ read and resolve", "line ms", "switch ms", "undo ms",
                "letter ms", "filter ms", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    for (const ui::Size size : {ui::Size{.rows = 24, .columns = 80}, ui::Size{.rows = 60, .columns = 220}})
      good = in_child("screen", [&] { return measure(rules, settings.runs_or(7), size); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
