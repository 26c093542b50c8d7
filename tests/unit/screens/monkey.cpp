// SPDX-License-Identifier: GPL-2.0-or-later
// Random keys, clicks, pastes, sizes and answers, for so many seconds (VUURMUUR_MONKEY_SECONDS, 2 unless said
// otherwise): nothing falls over, and what the draft says can be undone to what was read and done again.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include "driver.h"
#include "screens/globals.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;

namespace {

class Monkey {
 public:
  explicit Monkey(std::uint32_t seed) : random_(seed) {}

  void act(Driver& driver) {
    switch (pick(20)) {
      case 0: driver.resize({.rows = pick(60) + 1, .columns = pick(200) + 1}); return;
      case 1: driver.click(pick(60), pick(200), pick(2) == 0); return;
      case 2: driver.happen(ui::Paste{.text = word()}); return;
      case 3: driver.happen(app::Wheel{.by = pick(2) == 0 ? -3 : 3}); return;
      case 4: happen(driver); return;
      case 5:
      case 6: driver.type(word()); return;
      default: driver.press(key(driver)); return;
    }
  }

 private:
  int pick(int count) { return std::uniform_int_distribution(0, count - 1)(random_); }

  std::string word() {
    constexpr std::array kWords{"lan", "http", "10.0.0.1",    "zzz", "192.0.2.0/24",
                                "ssh", "1",    "99999999999", "..",  "a b"};
    return kWords[static_cast<std::size_t>(pick(kWords.size()))];
  }

  /// Mostly keys that mean something here.
  std::string key(Driver& driver) {
    const auto rows = driver.app().in_scope();
    if (pick(4) != 0 && !rows.empty()) {
      const auto keys = app::keys_of(*rows[static_cast<std::size_t>(pick(static_cast<int>(rows.size())))].binding);
      return ui::name_of(keys[static_cast<std::size_t>(pick(static_cast<int>(keys.size())))]);
    }
    constexpr std::array kKeys{"Enter",     "Esc",  "Down", "Up",   "Left", "Right", "Tab", "Space", "y", "n",
                               "Backspace", "Home", "End",  "PgDn", "Del",  "F2",    "F5",  "x",     "j", "Ctrl-u"};
    return kKeys[static_cast<std::size_t>(pick(kKeys.size()))];
  }

  void happen(Driver& driver) {
    switch (pick(6)) {
      case 0: driver.with_daemon(); return;
      case 1: driver.happen(app::LinkChanged{.link = app::Link::Lost, .reason = "gone"}); return;
      case 2: driver.happen(app::Tick{.now = pick(1000), .time = pick(1000)}); return;
      case 3: driver.happen(app::TreeRead{.files = some_files()}); return;
      case 4:
        driver.happen(app::CountersSampled{.counters = {.time = 1, .seconds = 1, .interfaces = {{.name = "wan"}}}});
        return;
      default: answer(driver);
    }
  }

  /// The tree as it was, or with something that somebody else did.
  std::shared_ptr<const base::MemoryFileSystem> some_files() {
    auto files = std::make_shared<base::MemoryFileSystem>();
    for (const auto& [path, text] : screens_test::office()) files->files["/etc/vuurmuur/" + path] = text;
    if (pick(2) == 0) files->files["/etc/vuurmuur/rules/rules.conf"] += "RULE=\"drop service any from any to any\"\n";
    if (pick(8) == 0) files->files.erase("/etc/vuurmuur/rules/rules.conf");
    return files;
  }

  /// What was asked for lately is answered, rightly or not.
  void answer(Driver& driver) {
    for (const app::Effect& effect : driver.take_effects()) {
      if (const auto* call = std::get_if<app::Call>(&effect)) {
        const bool is_good = pick(2) == 0;
        const bool has_files = call->method == "Show" && pick(2) == 0;
        driver.happen(app::Reply{
            .request = call->request,
            .reply = {
                .parameters = is_good ? (has_files ? ipc::Json{{"files", screens_test::office()}} : ipc::Json::object())
                                      : ipc::Json{{"message", "no"}},
                .error = is_good ? "" : "org.vuurmuur.Manager.Refused"}});
      } else if (const auto* preview = std::get_if<app::Preview>(&effect)) {
        driver.happen(app::PreviewMade{.request = preview->request, .lines = {"-A INPUT -j ACCEPT"}});
      } else if (const auto* compare = std::get_if<app::CompareTraffic>(&effect)) {
        driver.happen(app::TrafficCompared{.request = compare->request,
                                           .found = app::traffic_change(*compare->before, *compare->after)});
      } else if (std::holds_alternative<app::Save>(effect)) {
        using Outcome = base::Result<edit::Outcome>;
        driver.happen(app::Saved{.outcome = pick(2) == 0
                                                ? std::make_shared<const Outcome>(edit::Outcome{})
                                                : std::make_shared<const Outcome>(base::failure("disk full"))});
      } else if (std::holds_alternative<app::ReadTree>(effect)) {
        driver.happen(app::TreeRead{.files = some_files()});
      } else if (std::holds_alternative<app::RunEditor>(effect)) {
        driver.happen(app::EditorEnded{.problem = pick(2) == 0 ? "" : "no editor"});
      }
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("a monkey at the keys breaks nothing and loses no draft") {
  const char* wished = std::getenv("VUURMUUR_MONKEY_SECONDS");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(wished == nullptr ? 2 : std::atoi(wished));
  const char* first = std::getenv("VUURMUUR_MONKEY_SEED");
  std::uint32_t seed = first == nullptr ? std::random_device{}() : static_cast<std::uint32_t>(std::atoll(first));
  // Said before: who falls over says no more.
  std::cerr << "monkey: VUURMUUR_MONKEY_SEED=" << seed << '\n';
  int steps = 0;
  for (; std::chrono::steady_clock::now() < end; ++seed) {
    INFO("VUURMUUR_MONKEY_SEED=" << seed);
    Driver driver;
    Monkey monkey(seed);
    for (int i = 0; i < 300; ++i, ++steps) monkey.act(driver);
    app::Workspace& workspace = driver.app().model().workspace;
    const edit::Changes changes = workspace.changes();
    const int count = workspace.change_count();
    while (!workspace.last_step().empty()) workspace.undo();
    CHECK(workspace.changes().is_empty());
    for (int i = 0; i < count; ++i) workspace.redo();
    CHECK(workspace.changes() == changes);
  }
  WARN(steps << " steps");
}
