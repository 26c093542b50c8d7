// SPDX-License-Identifier: GPL-2.0-or-later
// Section "screen": what a person at vuurmuur_conf waits for, without the terminal's own part: the tree read and the
// first screen made, a line further in the rules, a rule switched off and shown, a letter typed in the rule form, a
// filter. The generated policy with 4,000 hosts more, so that there are 5,000. In the same turn reading and resolving
// alone, which is what opening rests on. And what goes by: a second of 50,000 lines of the log, and a sample of 100,000 live
// connections, as the daemon's answers, taken in with a frame after each; then a key.
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

/// An answer of WatchLog with so many lines.
std::string log_answer(unsigned lines, unsigned serial) {
  std::string text = "{\"entries\": [";
  for (unsigned i = 0; i < lines; ++i)
    text += fmt::format(
        "{}{{\"time\": \"2026-11-26T06:31:02.{:06}Z\", \"action\": \"DROP\", \"service\": \"svc{}\", \"from\": \"host{}.net1.zone1\", "
        "\"to\": \"firewall(if1)\", \"from_zone\": \"zone1\", \"to_zone\": \"firewall\", \"prefix\": \"knock\", \"in\": \"eth1\", "
        "\"source\": \"10.1.1.{}\", \"source_port\": {}, \"source_mac\": \"02:00:00:00:00:01\", \"destination\": \"10.1.0.1\", "
        "\"destination_port\": 22, \"protocol\": \"TCP\", \"tcp_flags\": \"****S*\", \"length\": 40, \"ttl\": 64, \"rule\": \"rule 12: "
        "drop svc3 from net1.zone1 to firewall\", \"place\": \"rules/rules.conf:12\", \"identity\": \"k3v9f0wx\"}}",
        i == 0 ? "" : ", ", i, i % 40, i % 250, i % 250, 1024 + (serial + i) % 60000);
  return text + "], \"missed\": 0, \"lost\": 0}";
}

/// An answer of WatchConnections: the thousand that the screen asks for, of 100,000.
std::string connections_answer() {
  std::string text = "{\"seen\": 100000, \"matched\": 100000, \"groups\": [], \"connections\": [";
  for (unsigned i = 0; i < 1000; ++i)
    text += fmt::format(
        "{}{{\"family\": 4, \"protocol\": \"tcp\", \"source\": {{\"address\": \"10.1.1.{}\", \"port\": {}, \"name\": "
        "\"host{}.net1.zone1\", \"network\": \"net1.zone1\", \"zone\": \"zone1\"}}, \"destination\": {{\"address\": "
        "\"203.0.113.{}\", \"port\": 443, \"network\": \"world.inet\", \"zone\": \"inet\"}}, \"service\": \"https\", \"state\": "
        "\"ESTABLISHED\", \"progress\": \"assured\", \"packets\": {}, \"bytes\": {}, \"packets_back\": 20, \"bytes_back\": 90000, "
        "\"seconds_left\": 300, \"mark\": 0, \"kind\": \"plain\", \"rule\": \"rule 3: accept https from zone1 to inet\", "
        "\"place\": \"rules/rules.conf:3\", \"id\": {}}}",
        i == 0 ? "" : ", ", i % 250, 1024 + i, i % 250, i % 250, 10 + i, 1000 * i, i);
  return text + "]}";
}

base::Result<void> measure_live(unsigned runs, ui::Size size) {
  constexpr unsigned kLines = 50'000, kAtOnce = 1000;
  const auto files = make_files(100);
  const std::string lines = log_answer(kAtOnce, 0), connections = connections_answer();
  Samples log, log_key, sample, sample_key;
  const double before = peak_megabytes();
  for (unsigned i = 0; i < runs; ++i) {
    app::App app({.workspace = app::Workspace(files, kTree)}, screens::globals(), screens::make_main());
    press(app, std::array{"l"}, size);
    Stopwatch watch;
    for (unsigned told = 0; told < kLines; told += kAtOnce) {
      static_cast<void>(app.handle(app::LogRead{.news = app::log_from(ipc::Json::parse(lines))}));
      static_cast<void>(app.view(size));
    }
    log.add(watch.lap());
    log_key.add(press(app, std::array{"k"}, size));
    press(app, std::array{"Esc", "c"}, size);
    watch.lap();
    static_cast<void>(app.handle(app::ConnectionsSampled{.sample = app::connections_from(ipc::Json::parse(connections))}));
    static_cast<void>(app.view(size));
    sample.add(watch.lap());
    sample_key.add(press(app, std::array{"j"}, size));
  }
  print_row({fmt::format("{}x{}", size.columns, size.rows), log.to_string(), log_key.to_string(2), sample.to_string(2),
             sample_key.to_string(2), fmt::format("{:.0f}", peak_megabytes() - before)});
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
  print_header({"screen", "50,000 lines of the log, ms", "a key then, ms", "a sample of 100,000 connections, ms", "a key then, ms",
                "peak MB"});
  for (const ui::Size size : {ui::Size{.rows = 24, .columns = 80}, ui::Size{.rows = 60, .columns = 220}})
    good = in_child("screen", [&] { return measure_live(settings.runs_or(7), size); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
