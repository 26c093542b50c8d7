// SPDX-License-Identifier: GPL-2.0-or-later
// A pseudo-terminal within the process: what curses writes and reads, and its other end.
#pragma once
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "support/catch.h"
#include "ui/geometry.h"

namespace vuurmuur::test {

class PtyPair {
 public:
  explicit PtyPair(ui::Size size = {.rows = 24, .columns = 80}) {
    int master = -1, slave = -1;
    winsize given{};
    given.ws_row = static_cast<unsigned short>(size.rows);
    given.ws_col = static_cast<unsigned short>(size.columns);
    REQUIRE(::openpty(&master, &slave, nullptr, nullptr, &given) == 0);
    master_.reset(master);
    slave_.reset(slave);
    ::fcntl(master, F_SETFL, O_NONBLOCK);
    input = ::fdopen(::dup(slave), "r");
    output = ::fdopen(::dup(slave), "w");
    REQUIRE(input != nullptr);
    REQUIRE(output != nullptr);
  }
  ~PtyPair() {
    std::fclose(input);
    std::fclose(output);
  }
  PtyPair(const PtyPair&) = delete;
  PtyPair& operator=(const PtyPair&) = delete;

  /// Types, and waits until it can be read: the kernel brings it over in its own time.
  void type(std::string_view bytes) const {
    REQUIRE(::write(master_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    pollfd waiting{.fd = slave_.get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&waiting, 1, 10'000) == 1);
  }

  /// All that was written to the terminal since the last call.
  [[nodiscard]] std::string written() const {
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
      const ssize_t size = ::read(master_.get(), buffer.data(), buffer.size());
      if (size <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  void resize(ui::Size size) const {
    winsize given{};
    given.ws_row = static_cast<unsigned short>(size.rows);
    given.ws_col = static_cast<unsigned short>(size.columns);
    REQUIRE(::ioctl(master_.get(), TIOCSWINSZ, &given) == 0);
  }

  [[nodiscard]] termios settings() const {
    termios settings{};
    REQUIRE(::tcgetattr(slave_.get(), &settings) == 0);
    return settings;
  }

  std::FILE* input = nullptr;
  std::FILE* output = nullptr;

 private:
  base::UniqueFd master_, slave_;
};

/// Sets LC_ALL for as long as it lives, and curses' idea of it.
class WithLocale {
 public:
  explicit WithLocale(const char* name);
  ~WithLocale();
  WithLocale(const WithLocale&) = delete;
  WithLocale& operator=(const WithLocale&) = delete;
};

/// Sets an environment variable (or takes it away) for as long as it lives.
class WithVariable {
 public:
  WithVariable(const char* name, const char* value);
  ~WithVariable();
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;

 private:
  std::string name_, before_;
  bool was_set_;
};

}  // namespace vuurmuur::test
