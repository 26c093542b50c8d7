// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "helpers/background.h"
#include "helpers/daemon_fixture.h"

namespace vuurmuur::test {

/// A command that goes on until a signal, with its output.
class Watcher {
 public:
  Watcher(const DaemonFixture& fixture, const std::string& socket, const std::vector<std::string>& words) {
    ::setenv("VUURMUUR_SOCKET", socket.c_str(), 1);
    program_.emplace(words, fixture.firewall.state().string(), path());
    ::unsetenv("VUURMUUR_SOCKET");
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::ifstream file(path());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line) && !file.eof();) lines.push_back(line);
    return lines;
  }
  [[nodiscard]] std::vector<nlohmann::ordered_json> objects() const {
    std::vector<nlohmann::ordered_json> objects;
    for (const std::string& line : lines()) objects.push_back(nlohmann::ordered_json::parse(line));
    return objects;
  }
  int end(int signal) { return program_->end(signal); }

 private:
  [[nodiscard]] std::string path() const { return (directory_.path() / "out").string(); }

  TemporaryDirectory directory_;
  std::optional<BackgroundProgram> program_;
};

}  // namespace vuurmuur::test
