// SPDX-License-Identifier: GPL-2.0-or-later
// A program that shows what comes in, and ends in every way in which a program can end.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include "base/assert.h"
#include "base/overloaded.h"
#include "base/poll_loop.h"
#include "probe_view.h"
#include "term/session.h"

namespace {

using namespace vuurmuur;
using namespace std::chrono_literals;

/// Until the stack is full.
[[gnu::noinline]] int descend(int depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(depth);
  // Always so, which the compiler need not know.
  return std::getenv("PATH") == nullptr ? 0 : descend(depth + 1) + room[0];
}

class Probe {
 public:
  base::Result<int> run() {
    session_ = VM_TRY(term::Session::open(loop_, {}, term::Theme::standard(),
                                          {.on_input = [this](const ui::Input& input) { take(input); },
                                           .view = [this](ui::Size size) { return test::draw_probe(size, state_); },
                                           .on_end =
                                               [this](int signal) {
                                                 ended_by_ = signal;
                                                 loop_.stop();
                                               }}));
    VM_TRY_VOID(loop_.run());
    session_.reset();
    if (ended_by_ != 0) std::fprintf(stderr, "ended by signal %d\n", ended_by_);
    return ended_by_;
  }

 private:
  void take(const ui::Input& input) {
    ++state_.inputs;
    std::visit(base::Overloaded{
                   [this](const ui::Key& key) { press(key); },
                   [this](const ui::Mouse& mouse) {
                     static constexpr const char* kNames[] = {"press", "double", "up", "down"};
                     state_.last = fmt::format("{} {},{}", kNames[static_cast<int>(mouse.what)], mouse.place.row,
                                               mouse.place.column);
                   },
                   [this](const ui::Paste& paste) { state_.last = fmt::format("paste of {}", paste.text.size()); },
                   [this](const ui::Resize&) { state_.last = "resize"; },
               },
               input);
  }

  void press(const ui::Key& key) {
    state_.last = ui::name_of(key);
    if (state_.last == "Ctrl-z") return session_->suspend();
    if (state_.last == "Ctrl-l") return session_->redraw_all();
    if (!key.is_text()) return;
    switch (key.character) {
      case U'q': return loop_.stop();
      case U't': throw std::runtime_error("thrown by the probe");
      case U'a': std::abort();
      case U'v': VM_ASSERT(state_.inputs < 0); return;
      case U's': *reinterpret_cast<volatile int*>(std::uintptr_t{16}) = 1; return;
      case U'o': std::exit(descend(0));
      case U'x': std::exit(3);
      case U'w': std::fputs("written to stderr\n", stderr); return;
      case U'n': return tick();
      case U'N': is_ticking_ = false; return;
      case U'e':
        return edit({"sh", "-c", "echo in the editor; stty -a | grep -o ' icanon'; read line; kill -INT 0; exit 7"});
      case U'f': return edit({"no-such-editor"});
      default: return;
    }
  }

  void tick() {
    is_ticking_ = true;
    loop_.call_after(1ms, [this] {
      if (!is_ticking_) return;
      ++state_.ticks;
      session_->changed();
      tick();
    });
  }

  void edit(const std::vector<std::string>& command) {
    const auto started = session_->run(command, [this](int status) {
      state_.last = WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status)) : "killed";
    });
    if (!started) state_.last = started.error().message;
  }

  base::PollLoop loop_;
  std::unique_ptr<term::Session> session_;
  test::ProbeState state_;
  bool is_ticking_ = false;
  int ended_by_ = 0;
};

}  // namespace

int main() {
  std::setlocale(LC_ALL, "");
  const auto ended = Probe().run();
  if (!ended) {
    std::fprintf(stderr, "probe: %s\n", ended.error().message.c_str());
    return 2;
  }
  return *ended == 0 ? 0 : 128 + *ended;
}
