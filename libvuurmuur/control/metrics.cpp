// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "base/file_system.h"
#include "base/strings.h"
#include "control/generation_json.h"
#include "control/rule_label.h"
#include "log/escape.h"

namespace vuurmuur::control {
namespace {

using Label = std::pair<std::string_view, std::string_view>;
using enum MetricsText::Type;

/// A backslash, a quote and the end of a line are escaped as the format has it; what else could do harm where metrics are
/// shown (names of devices are bytes) as in the log.
void append_value(std::string& text, std::string_view value) {
  const auto append_run = [&](std::string_view run) {
    for (const char c : log::escaped(run)) {
      if (c == '\\') text += '\\';
      text += c;
    }
  };
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of("\\\"\n"), value.size());
    append_run(value.substr(0, end));
    value.remove_prefix(end);
    if (value.empty()) return;
    text += '\\';
    text += value.front() == '\n' ? 'n' : value.front();
    value.remove_prefix(1);
  }
}

/// What a sample of a subject is told apart by.
using Describe = void (*)(const volumes::Entry& entry, std::vector<Label>& labels, RuleLabel& parts, std::string& room);

struct Family {
  volumes::Kind kind;
  const char *packets, *bytes, *help;
  Describe describe;
  bool has_ways = false;
};

/// "accept http from lan to inet #2" in its parts.
void describe_rule(const volumes::Entry& entry, std::vector<Label>& labels, RuleLabel& parts, std::string& room) {
  labels.push_back({"rule", entry.subject.name});
  room = fmt::format("rule 0: {}", std::string_view(entry.subject.name).substr(0, entry.subject.name.find(" #")));
  if (const auto label = entry.number == 0 ? std::nullopt : read_rule_label(room)) {
    parts = *label;
    labels.push_back({"action", parts.action});
    labels.push_back({"from", parts.from});
    labels.push_back({"to", parts.to});
  }
}

void describe_zones(const volumes::Entry& entry, std::vector<Label>& labels, RuleLabel&, std::string&) {
  const std::string_view name = entry.subject.name;
  const std::size_t middle = name.find(" to ");
  labels.push_back({"from", name.substr(0, middle)});
  labels.push_back({"to", middle == std::string_view::npos ? std::string_view() : name.substr(middle + 4)});
}

void describe_interface(const volumes::Entry& entry, std::vector<Label>& labels, RuleLabel&, std::string&) {
  labels.push_back({"interface", entry.subject.name});
}

void describe_queue(const volumes::Entry& entry, std::vector<Label>& labels, RuleLabel&, std::string&) {
  labels.push_back({"queue", entry.subject.name});
}

constexpr std::array kFamilies{
    Family{volumes::Kind::Rule, "vuurmuur_rule_packets_total", "vuurmuur_rule_bytes_total",
           "taken by a rule of the policy or a protection: first packets of connections", describe_rule},
    Family{volumes::Kind::Zone, "vuurmuur_zone_packets_total", "vuurmuur_zone_bytes_total",
           "taken by rules from one zone to another: first packets of connections", describe_zones},
    Family{volumes::Kind::Queue, "vuurmuur_queue_packets_total", "vuurmuur_queue_bytes_total",
           "sent to a queue by rules: first packets of connections", describe_queue},
    Family{volumes::Kind::Interface, "vuurmuur_interface_packets_total", "vuurmuur_interface_bytes_total",
           "received and sent by a device", describe_interface, /*has_ways=*/true},
};

void add_family(MetricsText& text, const volumes::Accumulator& counted, const Family& family, const char* name,
                std::string_view what, std::uint64_t volumes::Counts::*of) {
  text.begin(name, Counter, fmt::format("{} {}", what, family.help));
  std::vector<Label> labels;
  RuleLabel parts;
  std::string room;
  for (const volumes::Entry& entry : counted.entries()) {
    // A rule that is no longer in force would be told for ever.
    if (entry.subject.kind != family.kind || !counted.is_there(entry)) continue;
    labels.clear();
    family.describe(entry, labels, parts, room);
    if (!family.has_ways) {
      text.add(labels, entry.total.sum().*of);
      continue;
    }
    labels.push_back({"direction", "in"});
    text.add(labels, entry.total.first.*of);
    labels.back().second = "out";
    text.add(labels, entry.total.second.*of);
  }
}

void add_state(MetricsText& text, const MetricsOf& of) {
  const Status status = status_of(of.journal, of.clock);
  const auto gauge = [&](const char* name, const char* help, std::uint64_t value) {
    text.begin(name, Gauge, help);
    text.add(value);
  };
  text.begin("vuurmuur_state", Gauge, "1 for the state that it is in");
  for (const char* state : {"idle", "confirmed", "applying", "awaiting confirmation", "cleared"}) {
    const std::array labels{Label{"state", state}};
    text.add(labels, std::string_view(status.state) == state ? 1 : 0);
  }
  const bool is_in_force = status.in_force != nullptr && !of.journal.is_cleared;
  gauge("vuurmuur_generation", "number of the generation in force, 0 without one",
        is_in_force ? status.in_force->number : 0);
  gauge("vuurmuur_last_apply_timestamp_seconds", "when the generation in force was applied, 0 without one",
        is_in_force ? static_cast<std::uint64_t>(status.in_force->events.front().time) : 0);
  gauge("vuurmuur_drifted", "1 while another program's changes to our rules are not repaired", status.drift != nullptr);
  gauge("vuurmuur_configuration_refused", "1 when a configuration was refused and none was applied since", of.is_refused);
  gauge("vuurmuur_volumes_fault", "1 while what is counted cannot be written", of.has_fault);
  if (!of.connections) return;
  gauge("vuurmuur_connections", "connections that the kernel tracks", of.connections->count);
  gauge("vuurmuur_connections_limit", "connections that the kernel can track", of.connections->most);
}

/// What the kernel says of queues that programs listen to; its counters begin when they do.
void add_queues(MetricsText& text, std::span<const apply::QueueStatistics> queues) {
  if (queues.empty()) return;
  const auto add = [&](const char* name, MetricsText::Type type, const char* help, std::uint32_t apply::QueueStatistics::*of) {
    text.begin(name, type, help);
    for (const apply::QueueStatistics& queue : queues) {
      const std::string number = fmt::format("{}", queue.number);
      const std::array labels{Label{"queue", number}};
      text.add(labels, queue.*of);
    }
  };
  using Queue = apply::QueueStatistics;
  add("vuurmuur_nfqueue_waiting", Gauge, "packets that wait for a verdict of the program that listens", &Queue::waiting);
  add("vuurmuur_nfqueue_packets_total", Counter, "packets since a program listens", &Queue::last_id);
  add("vuurmuur_nfqueue_full_total", Counter, "packets dropped because the queue was full", &Queue::dropped);
  add("vuurmuur_nfqueue_socket_full_total", Counter, "packets dropped because the socket of the program was full",
      &Queue::user_dropped);
}

std::optional<std::uint64_t> number_in(const char* path) {
  const auto text = base::RealFileSystem().read_file(path);
  return text ? base::parse_number<std::uint64_t>(base::trim(std::string_view(*text).substr(0, text->find('\n'))))
              : std::nullopt;
}

}  // namespace

void MetricsText::begin(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                 type == Counter ? "counter" : "gauge");
}

void MetricsText::add(Labels labels, std::uint64_t value) {
  text_ += name_;
  char before = '{';
  for (const auto& [label, is] : labels) {
    text_ += std::exchange(before, ',');
    (text_ += label) += "=\"";
    append_value(text_, is);
    text_ += '"';
  }
  if (!labels.empty()) text_ += '}';
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

std::optional<ConnectionUse> connection_use() {
  const auto count = number_in("/proc/sys/net/netfilter/nf_conntrack_count"),
             most = number_in("/proc/sys/net/netfilter/nf_conntrack_max");
  if (!count || !most) return std::nullopt;
  return ConnectionUse{.count = *count, .most = *most};
}

std::string metrics_text(const MetricsOf& of) {
  MetricsText text;
  text.begin("vuurmuur_info", Gauge, "1, with the version");
  const std::array version{Label{"version", of.version}};
  text.add(version, 1);
  add_state(text, of);
  for (const Family& family : kFamilies) {
    add_family(text, of.counted, family, family.packets, "packets", &volumes::Counts::packets);
    add_family(text, of.counted, family, family.bytes, "bytes", &volumes::Counts::bytes);
  }
  add_queues(text, of.queues);
  return text.take();
}

}  // namespace vuurmuur::control
