// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet_walk.h"

#include <map>
#include <stdexcept>
#include <vector>

#include "base/strings.h"

namespace vuurmuur::apply::test {
namespace {

using Words = std::vector<std::string>;

enum class End { Accept, Drop, Return };

std::uint32_t number(const std::string& text) { return static_cast<std::uint32_t>(std::stoul(text, nullptr, 0)); }

/// A rule's line: what must hold, and what is done then.
class Walk {
 public:
  Walk(const std::string& table, Packet& packet) : packet_(packet) {
    for (const std::string_view line : base::split(table, '\n')) {
      if (line.starts_with(':')) {
        const auto words = base::split(line.substr(1), ' ');
        current_ = words[0];
        policies_[current_] = words[1] == "DROP" ? End::Drop : End::Accept;
        chains_[current_];
      } else if (line.starts_with('[')) {
        Words words;
        for (const std::string_view word : base::split(line, ' ')) words.emplace_back(word);
        words.erase(words.begin());  // counters
        chains_[current_].push_back(std::move(words));
      }
    }
  }

  bool passes(const std::string& builtin) {
    if (!chains_.contains(builtin)) return true;  // there is no such table
    const End end = run(builtin);
    return (end == End::Return ? policies_.at(builtin) : end) == End::Accept;
  }

 private:
  End run(const std::string& chain) {
    for (const Words& rule : chains_.at(chain)) {
      std::size_t at = 0;
      if (!holds(rule, at)) continue;
      const std::string &how = rule.at(at), &target = rule.at(at + 1);
      if (target == "ACCEPT") return End::Accept;
      if (target == "DROP") return End::Drop;
      if (target == "CONNMARK") {
        const auto value = base::split(rule.at(at + 3), '/');
        const std::uint32_t mask = number(std::string(value[1]));
        packet_.mark = (packet_.mark & ~mask) ^ number(std::string(value[0]));
        continue;
      }
      if (target == "DNAT") {
        packet_.destination = rule.at(at + 3);
        return End::Accept;
      }
      const End end = run(target);
      if (end != End::Return || how == "-g") return end;
    }
    return End::Return;
  }

  /// Stands at "-j" or "-g" afterwards.
  bool holds(const Words& rule, std::size_t& at) const {
    bool all = true, inverted = false;
    for (; rule.at(at) != "-j" && rule.at(at) != "-g"; ++at) {
      const std::string& word = rule[at];
      if (word == "!") {
        inverted = true;
        continue;
      }
      const bool wanted = !inverted;
      if (word == "-p" || word == "-m") {
        ++at;
        continue;
      }
      const std::string& value = rule.at(++at);
      bool found = false;
      if (word == "--dport") {
        found = number(value) == packet_.port;
      } else if (word == "-d") {
        found = value == packet_.destination + "/32" || value == packet_.destination + "/128";
      } else if (word == "--ctstate") {
        found = value.find("NEW") != std::string::npos;
      } else if (word == "--mark") {
        const auto parts = base::split(value, '/');
        found = (packet_.mark & number(std::string(parts[1]))) == number(std::string(parts[0]));
      } else if (word == "--comment") {
        while (value.front() == '"' && rule.at(at).back() != '"') ++at;
        found = true;
      } else {
        throw std::runtime_error("the walk does not know " + word);
      }
      all = all && found == wanted;
      inverted = false;
    }
    return all;
  }

  Packet& packet_;
  std::string current_;
  std::map<std::string, std::vector<Words>> chains_;
  std::map<std::string, End> policies_;
};

}  // namespace

Fate fate_of(const FakeKernel& kernel, net::Family family, Packet packet) {
  using enum ir::TableName;
  if (!Walk(kernel.text(family, Raw), packet).passes("PREROUTING")) return {};
  if (!Walk(kernel.text(family, Nat), packet).passes("PREROUTING")) return {};
  if (!Walk(kernel.text(family, Filter), packet).passes("INPUT")) return {};
  return {.is_accepted = true, .destination = packet.destination};
}

}  // namespace vuurmuur::apply::test
