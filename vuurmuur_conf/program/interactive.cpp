// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/interactive.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "base/file_system.h"
#include "base/overloaded.h"
#include "base/poll_loop.h"
#include "base/strings.h"
#include "cli/caller.h"
#include "client/daemon_link.h"
#include "client/demo_daemon.h"
#include "client/demo_traffic.h"
#include "control/own_connection.h"
#include "program/background.h"
#include "program/log_search.h"
#include "program/machine.h"
#include "program/preview.h"
#include "screens/catalogue.h"
#include "screens/diagnostics_screen.h"
#include "screens/globals.h"
#include "screens/main_screen.h"
#include "term/session.h"
#include "term/theme_file.h"
#include "ui/translate.h"

namespace vuurmuur::conf {
namespace {

constexpr int kRefused = 3;
/// Between two looks at whether somebody else changed the files.
constexpr std::chrono::seconds kFilesPause{3};

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

/// The words of $VISUAL or $EDITOR, else "editor", which Debian has; with what opens a file at a line.
std::vector<std::string> editor_command(const std::string& path, std::uint32_t line) {
  const char* named = std::getenv("VISUAL");
  if (named == nullptr || *named == '\0') named = std::getenv("EDITOR");
  std::vector<std::string> words;
  for (const std::string_view word : base::split(named == nullptr || *named == '\0' ? "editor" : named, ' '))
    if (!word.empty()) words.emplace_back(word);
  words.push_back(fmt::format("+{}", line));
  words.push_back(path);
  return words;
}

std::optional<std::uint64_t> network_namespace() {
  struct stat space {};
  if (::stat("/proc/self/ns/net", &space) != 0) return std::nullopt;
  return space.st_ino;
}

/// The poll loop with everything that goes on in it.
class Interactive {
 public:
  Interactive(const Options& options, TreeFiles& files)
      : options_(options), files_(files), app_(make_app(options, files)), daemon_(make_daemon()) {}

  [[nodiscard]] int run() {
    std::string said;
    const auto theme = term::find_theme(base::RealFileSystem(), options_.theme, said);
    if (!theme) {
      // Diagnostics say "error" themselves.
      const bool has_places = theme.error().message.ends_with('\n');
      std::cerr << (has_places ? "" : "vuurmuur_conf: error: ") << theme.error().message << (has_places ? "" : "\n");
      return kRefused;
    }
    std::cerr << said;
    auto session =
        term::Session::open(loop_, {.has_mouse = options_.has_mouse, .has_colours = options_.has_colours}, *theme,
                            {.on_input = [this](const ui::Input& input) { perform(app_.input(input)); },
                             .view = [this](ui::Size size) { return app_.view(size); },
                             .on_end =
                                 [this](int) {
                                   status_ = 0;
                                   loop_.stop();
                                 }});
    if (!session) {
      std::cerr << "vuurmuur_conf: error: " << session.error().message << '\n';
      return kRefused;
    }
    session_ = std::move(*session);
    tick();
    watch_files();
    daemon_->start();
    if (const auto run = loop_.run(); !run) {
      session_.reset();
      std::cerr << "vuurmuur_conf: error: " << run.error().message << '\n';
      return kRefused;
    }
    return status_;
  }

 private:
  [[nodiscard]] std::unique_ptr<client::Daemon> make_daemon() {
    const auto on_event = [this](const app::Event& event) { happen(event); };
    if (options_.is_demo) {
      std::vector<std::string> rules, interfaces;
      for (const model::Rule& rule : app_.model().workspace.policy().rules)
        if (rule.active && *rule.action != model::Action::Separator) rules.push_back(model::summary(rule));
      for (const model::Interface& interface : app_.model().workspace.policy().interfaces)
        interfaces.push_back(*interface.name);
      return std::make_unique<client::DemoDaemon>(loop_, std::move(rules), std::move(interfaces), on_event);
    }
    return std::make_unique<client::DaemonLink>(
        loop_,
        client::DaemonLink::Options{
            .places = options_.is_offline ? std::vector<std::string>() : client::usual_places(),
            .configuration = options_.directory,
            .version = VUURMUUR_VERSION,
            // A socket that is named is meant, wherever its daemon is.
            .network_namespace = std::getenv("VUURMUUR_SOCKET") == nullptr ? network_namespace() : std::nullopt},
        on_event);
  }

  void happen(const app::Event& event) { perform(app_.handle(event)); }

  void perform(const std::vector<app::Effect>& effects) {
    for (const app::Effect& effect : effects) std::visit([this](const auto& wish) { perform_one(wish); }, effect);
    daemon_->want(app_.streams());
    if (session_) session_->changed();
  }

  /// What the demo logs in some steps.
  [[nodiscard]] app::LogFound demo_search(const app::SearchLog& wish) const {
    app::LogFound found{.request = wish.request, .entries = {}, .is_done = true, .problem = {}};
    constexpr std::int64_t kSteps = 20;
    for (std::int64_t step = 0; step < kSteps; ++step) {
      app::LogNews news = client::demo_log(step, {});
      found.entries.insert(found.entries.end(), news.entries.begin(), news.entries.end());
    }
    return found;
  }

  void perform_one(const app::Call& call) { daemon_->call(call); }
  void perform_one(const app::Save& save) {
    std::string remark;
    happen(files_.save(save, remark));
    if (!remark.empty()) app_.model().message = app::Message{.text = remark, .role = ui::Role::Warning};
  }
  void perform_one(const app::ReadTree&) { happen(app::TreeRead{.files = files_.read()}); }
  void perform_one(const app::Preview& preview) {
    happen(app::PreviewMade{.request = preview.request, .lines = kernel_rules_of(*preview.reading, preview.rule)});
  }
  void perform_one(const app::Judge& wish) {
    background_.start([this, asked = wish.reading] {
      return [this, asked, found = app::judge(*asked)] { happen(app::Judged{.asked = asked, .found = found}); };
    });
  }
  void perform_one(const app::CompareTraffic& wish) {
    comparing_.start([this, wish] {
      return [this, request = wish.request, found = app::traffic_change(*wish.before, *wish.after)] {
        happen(app::TrafficCompared{.request = request, .found = found});
      };
    });
  }
  void perform_one(const app::SearchLog& wish) {
    const auto tell = [this](const app::LogFound& found) { happen(found); };
    if (options_.is_demo) return tell(demo_search(wish));
    search_.reset();
    search_ = std::make_unique<LogSearch>(
        loop_, wish,
        LogSearch::Places{.log_directory = app_.model().workspace.policy().settings.log_directory,
                          .state_directory = options_.state_directory},
        tell);
  }
  void perform_one(const app::RunEditor& wish) {
    const auto command = editor_command(options_.directory + "/" + wish.path, wish.line);
    const auto started = session_->run(command, [this, command](int status) {
      const bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      happen(app::EditorEnded{.problem = is_good ? "" : ui::fill(ui::tr("'{}' ended with an error"), command.front())});
    });
    if (!started) happen(app::EditorEnded{.problem = started.error().message});
  }
  void perform_one(const app::Redraw&) { session_->redraw_all(); }
  void perform_one(const app::Suspend&) { session_->suspend(); }
  void perform_one(const app::Quit&) { loop_.stop(); }

  void tick() {
    happen(app::Tick{.now = base::boottime() / 1'000'000'000, .time = std::time(nullptr)});
    loop_.call_after(std::chrono::seconds(1), [this] { tick(); });
  }

  void watch_files() {
    loop_.call_after(kFilesPause, [this] {
      if (!files_.changed().empty()) happen(app::TreeRead{.files = files_.read()});
      watch_files();
    });
  }

  const Options& options_;
  TreeFiles& files_;
  base::PollLoop loop_;
  app::App app_;
  std::unique_ptr<client::Daemon> daemon_;
  std::unique_ptr<term::Session> session_;
  std::unique_ptr<LogSearch> search_;
  Background background_{loop_}, comparing_{loop_};
  int status_ = 0;
};

}  // namespace

app::App make_app(const Options& options, TreeFiles& files) {
  app::App app({.workspace = app::Workspace(files.read(), options.directory),
                .time = std::time(nullptr),
                .why_read_only = options.is_read_only ? ui::tr("started with --read-only") : files.why_read_only(),
                .own_connection = control::ssh_connection(),
                .user = cli::caller().user,
                .host = host_name(),
                .version = VUURMUUR_VERSION,
                .machine = look_at_machine(VUURMUUR_DATA_DIR "/services")},
               screens::globals(), screens::make_main());
  // What is broken or cannot be read is what there is to do.
  if (options.screen.empty() && screens::needs_attention(app.model())) app.push(screens::make_diagnostics());
  if (!options.screen.empty()) {
    for (const screens::CatalogueRow& row : screens::catalogue())
      if (row.id == options.screen) app.push(row.make());
  }
  return app;
}

int run_interactive(const Options& options, TreeFiles& files) { return Interactive(options, files).run(); }

}  // namespace vuurmuur::conf
