// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/suricata_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace vuurmuur::doctor {
namespace {

/// Options by which Suricata reads packets from elsewhere (suricata(1)).
constexpr std::array<std::string_view, 7> kOtherSources{"--af-packet", "--pcap", "--netmap", "--dpdk",
                                                        "--af-xdp",    "-i",     "-d"};

/// "3" or "3:5", in quotes or not.
std::optional<model::QueueRange> queues_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto first = base::parse_number<std::uint16_t>(text.substr(0, colon));
  const auto last = colon == std::string_view::npos ? first : base::parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return model::QueueRange{.first = *first, .last = *last};
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

std::optional<SuricataStart> of_command(std::string_view command) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(command, ' '))
    if (!base::trim(word).empty()) words.push_back(unquoted(base::trim(word)));
  const auto program = std::ranges::find_if(
      words, [](std::string_view word) { return word == "suricata" || word.ends_with("/suricata"); });
  if (program == words.end()) return std::nullopt;
  SuricataStart start;
  for (auto word = program + 1; word != words.end(); ++word) {
    const bool has_next = word + 1 != words.end();
    std::optional<model::QueueRange> queue;
    if (*word == "-q" && has_next)
      queue = queues_of(*++word);
    else if (word->starts_with("-q"))
      queue = queues_of(word->substr(2));
    if (queue) start.queues.push_back(*queue);
    if (*word == "-c" && has_next) start.configuration = *(word + 1);
    if (*word == "--runmode=workers" || (*word == "--runmode" && has_next && *(word + 1) == "workers"))
      start.has_workers = true;
    const auto is_it = [&](std::string_view other) {
      return *word == other || (other.starts_with("--") && word->starts_with(std::string(other) + '='));
    };
    if (std::ranges::any_of(kOtherSources, is_it)) start.other_source = word->substr(0, word->find('='));
  }
  return start;
}

}  // namespace

std::optional<SuricataStart> suricata_start_in(std::string_view text, const std::string& path) {
  std::optional<SuricataStart> start;
  bool is_nfqueue = false;
  std::optional<SuricataStart> of_variables;
  // A line that ends with a backslash goes on in the next one.
  std::string command;
  std::size_t number = 0, first_line = 0;
  for (const std::string_view raw : base::split(text, '\n')) {
    ++number;
    const std::string_view line = base::trim(raw);
    if (line.starts_with('#') || line.starts_with(';')) continue;
    if (command.empty()) first_line = number;
    command += line;
    if (command.ends_with('\\')) {
      command.back() = ' ';
      continue;
    }
    const std::string whole = std::exchange(command, {});
    const std::size_t equals = whole.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view key = base::trim(std::string_view(whole).substr(0, equals)),
                           value = unquoted(base::trim(std::string_view(whole).substr(equals + 1)));
    const std::string place = fmt::format("{}:{}", path, first_line);
    if (key == "ExecStart") {
      start = of_command(value);
      if (start) start->place = place, start->line = whole;
    } else if (key == "LISTENMODE") {
      is_nfqueue = value == "nfqueue";
    } else if (key == "NFQUEUE") {
      const auto queue = queues_of(value.starts_with("-q") ? base::trim(value.substr(2)) : value);
      if (queue) of_variables = SuricataStart{.queues = {*queue}, .place = place, .line = whole};
    }
  }
  return start ? start : is_nfqueue ? of_variables : std::nullopt;
}

std::optional<SuricataStart> read_suricata_start(const base::FileSystem& files, const std::vector<std::string>& paths) {
  std::optional<SuricataStart> start;
  for (const std::string& path : paths) {
    const auto text = files.read_file(path);
    if (!text) continue;
    if (auto found = suricata_start_in(*text, path)) start = std::move(found);
  }
  return start;
}

std::vector<std::string> suricata_start_files(const base::FileSystem& files) {
  std::vector<std::string> paths{"/etc/default/suricata"};
  for (const char* unit : {"/lib/systemd/system/suricata.service", "/usr/lib/systemd/system/suricata.service",
                           "/etc/systemd/system/suricata.service"})
    paths.emplace_back(unit);
  const std::string drop_ins = "/etc/systemd/system/suricata.service.d";
  if (const auto names = files.list_directory(drop_ins))
    for (const std::string& name : *names)
      if (name.ends_with(".conf")) paths.push_back(drop_ins + '/' + name);
  return paths;
}

}  // namespace vuurmuur::doctor
