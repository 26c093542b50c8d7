// SPDX-License-Identifier: GPL-2.0-or-later
// Section "log": what rules log, from the kernel into a file, as the daemon does it: packets of one process that a rule
// logs and drops, read, named and written by another one. What is told is the processor's time of the reader, the
// kernel's part of it too: what one core does. The size is the number of packets.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "apply/apply.h"
#include "apply/nflog_socket.h"
#include "base/unique_fd.h"
#include "ir/log_prefix.h"
#include "ir/ruleset.h"
#include "lab/run.h"
#include "log/json_line.h"
#include "log/log_file.h"
#include "log/recorder.h"
#include "log/traffic_line.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr std::uint16_t kGroup = 8;
constexpr std::size_t kTurn = 16;

/// Everything that this machine sends is logged and dropped.
ir::Ruleset logging_rules() {
  ir::Ruleset ruleset;
  ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  const auto origin = ruleset.add_origin("rule 1: drop any from any to any", "rules/rules.conf:1");
  const ir::ChainId chain = filter.chain_named("VRMR-OUTPUT");
  const std::string prefix = ir::with_identity("vrmr: DROP bench ", ir::identity_text(1));
  filter.append(filter.builtin(ir::Hook::Output), ir::Rule{.target = ir::JumpTarget{chain}, .origin = origin, .commented = false});
  filter.append(chain, ir::Rule{.target = ir::NflogTarget{.group = kGroup, .prefix = prefix}, .origin = origin});
  filter.append(chain, ir::Rule{.target = ir::DropTarget{}, .origin = origin});
  return ruleset;
}

/// Sends so many packets of UDP to nobody.
void send_packets(std::uint32_t packets) {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (std::uint32_t i = 0; i < packets; ++i) {
    to.sin_port = htons(static_cast<std::uint16_t>(i));
    static_cast<void>(::sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to));
  }
}

enum class Form { None, Text, Json };
constexpr std::array kForms{Form::None, Form::Text, Form::Json};
constexpr std::array<std::string_view, 3> kFormWords{"read only", "traffic.log", "traffic.json"};

struct Reading {
  std::uint64_t records = 0, lost = 0;
  Cost cost;
};

base::Result<Reading> read_all(std::uint32_t packets, Form form, const std::string& path) {
  auto socket = VM_TRY(apply::NflogSocket::open({.group = kGroup}));
  log::Recorder recorder([](std::uint32_t number) { return fmt::format("if{}", number); });
  recorder.use(nullptr, std::make_shared<log::RuleTable>(std::vector{
                            log::RuleName{ir::identity_text(1), "rule 1: drop any from any to any", "rules/rules.conf:1"}}));
  log::LogFile file(path, {.bytes = 64u << 20, .kept = 1});
  log::TrafficLine line;
  std::string text;
  const pid_t sender = ::fork();
  if (sender < 0) return base::system_error("fork", errno);
  if (sender == 0) {
    send_packets(packets);
    ::_exit(0);
  }
  Reading reading;
  Meter meter;
  base::Result<void> failed;
  for (bool is_sending = true;;) {
    pollfd ready{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
    constexpr int kQuiet = 200;
    if (::poll(&ready, 1, kQuiet) == 0 && !is_sending) break;
    if (is_sending && ::waitpid(sender, nullptr, WNOHANG) == sender) is_sending = false;
    const log::Time now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto taken = socket.read(kTurn, [&](std::span<const std::uint8_t> message) {
      const log::Entry* entry = recorder.take(message, now);
      if (entry == nullptr) return;
      ++reading.records;
      if (form == Form::None) return;
      text.clear();
      if (form == Form::Text) {
        line.append(text, *entry);
      } else {
        log::append_json(text, *entry);
        text += '\n';
      }
      file.add(text);
    });
    if (!taken) failed = std::unexpected(taken.error());
    if (failed) failed = file.flush();
    if (!failed) break;
  }
  reading.cost = meter.lap();
  reading.lost = recorder.take_lost();
  if (!failed) return std::unexpected(failed.error());
  return reading;
}

base::Result<void> measure(std::uint32_t packets, unsigned runs) {
  VM_TRY_VOID(enter_namespaces_as_root());
  VM_TRY_VOID(use_all_processors());
  VM_TRY_VOID(fresh_network());
  lab::ip("link set lo up\n");
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.state_directory = "/run/state";
  VM_TRY(apply::apply(*kernel, logging_rules(), options));
  std::filesystem::create_directories("/run/log");
  for (const Form form : kForms) {
    Samples per_second, micros;
    std::uint64_t lost = 0, records = 0;
    for (unsigned i = 0; i < runs; ++i) {
      const Reading reading = VM_TRY(read_all(packets, form, "/run/log/traffic.log"));
      if (reading.records == 0) return base::failure("no record came");
      const double each = reading.cost.processor_ms * 1000 / static_cast<double>(reading.records);
      micros.add(each);
      per_second.add(1e6 / each);
      lost += reading.lost;
      records += reading.records;
    }
    print_row({std::to_string(packets), std::string(kFormWords[static_cast<std::size_t>(form)]), std::to_string(records),
               std::to_string(lost), micros.to_string(), per_second.to_string(), fmt::format("{:.0f}", peak_megabytes())});
  }
  return {};
}

}  // namespace

base::Result<void> run_log(const Settings& settings) {
  print_header({"packets", "into", "records", "lost", "processor, µs a record", "records a second of one core", "memory, MB"});
  bool good = true;
  for (const std::uint32_t packets : settings.sizes)
    good = in_child("log", [&] { return measure(packets, settings.runs_or(5)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
