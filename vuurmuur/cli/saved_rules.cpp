// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/saved_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <vector>

#include "net/ports.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;
using saved::Outcome;

std::string_view word(Outcome::Verdict verdict) {
  switch (verdict) {
    case Outcome::Verdict::Accept: return "accepted";
    case Outcome::Verdict::Drop: return "dropped";
    case Outcome::Verdict::Reject: return "rejected";
    case Outcome::Verdict::Queue: return "queued";
    case Outcome::Verdict::Unknown: break;
  }
  return "unknown";
}

std::string text_of(const saved::Step& step, const diag::SourceMap& sources) {
  if (step.chain == nullptr) return "no table filter";
  if (step.rule == nullptr)
    return fmt::format("the policy of {} in table {}: {}", step.chain->name, step.table->name, step.chain->policy);
  return fmt::format("{}: {}", sources.place(step.rule->span), sources.text(step.rule->span));
}

/// Outcomes that end alike by the same rule.
struct End {
  const Outcome* first;
  std::vector<saved::Assumption> common;  ///< what all of them assume
};

std::vector<End> ends_of(const saved::Answer& answer) {
  std::vector<End> ends;
  for (const Outcome& outcome : answer.outcomes) {
    const auto same = std::ranges::find_if(ends, [&](const End& end) {
      return end.first->verdict == outcome.verdict && end.first->queue == outcome.queue &&
             end.first->decided.rule == outcome.decided.rule && end.first->decided.chain == outcome.decided.chain;
    });
    if (same == ends.end())
      ends.push_back({.first = &outcome, .common = outcome.assumed});
    else
      std::erase_if(same->common, [&](const saved::Assumption& assumption) {
        return std::ranges::find(outcome.assumed, assumption) == outcome.assumed.end();
      });
  }
  return ends;
}

std::string with_port(const net::Address& address, std::uint16_t port, bool has_ports) {
  const bool is_v6 = address.family == net::Family::Ipv6;
  if (!has_ports) return address.to_string();
  return is_v6 ? fmt::format("[{}]:{}", address.to_string(), port) : fmt::format("{}:{}", address.to_string(), port);
}

Json json_of(const saved::Step& step, const diag::SourceMap& sources) {
  if (step.chain == nullptr) return nullptr;
  Json json{{"table", step.table->name}, {"chain", step.chain->name}, {"place", nullptr}, {"text", nullptr}};
  if (step.rule != nullptr) {
    json["place"] = sources.place(step.rule->span);
    json["text"] = sources.text(step.rule->span);
  }
  return json;
}

}  // namespace

void SavedRules::read(std::string rules_name, std::string rules, std::string sets_name, std::string set_text) {
  ruleset = saved::read(sources.add(std::move(rules_name), std::move(rules)), sources, sink);
  sets = saved::Sets::read(sources.add(std::move(sets_name), std::move(set_text)), sources, sink);
}

base::Result<void> read_saved_rules(const base::FileSystem& files, const std::string& rules,
                                    const std::optional<std::string>& sets, SavedRules& to) {
  std::string text;
  if (rules == "-")
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  else
    text = VM_TRY(files.read_file(rules));
  to.read(rules == "-" ? "standard input" : rules, std::move(text), sets.value_or(""),
          sets ? VM_TRY(files.read_file(*sets)) : std::string());
  return {};
}

std::string text_of(const saved::Packet& packet) {
  const auto protocol = static_cast<net::Protocol>(packet.protocol);
  const bool has_ports = net::has_ports(protocol);
  std::string text =
      fmt::format("{} {} > {}", net::to_string(protocol), with_port(packet.source, packet.source_port, has_ports),
                  with_port(packet.destination, packet.destination_port, has_ports));
  if (protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6)
    text += fmt::format(" type {} code {}", packet.icmp_type, packet.icmp_code);
  if (packet.in && !packet.in->empty()) text += fmt::format(", in by {}", *packet.in);
  if (packet.out && !packet.out->empty()) text += fmt::format(", out by {}", *packet.out);
  return text;
}

std::string text_of(const saved::Answer& answer, const diag::SourceMap& sources, std::string_view indent) {
  std::string text;
  const std::vector<End> ends = ends_of(answer);
  for (const End& end : ends) {
    const Outcome& outcome = *end.first;
    text += fmt::format("{}{}", indent, word(outcome.verdict));
    if (outcome.queue && outcome.verdict == Outcome::Verdict::Queue)
      text += fmt::format(" into queue {}", *outcome.queue);
    if (ends.size() > 1)
      for (std::size_t i = 0; i < end.common.size(); ++i)
        text += fmt::format("{} {} '{}'", i == 0 ? "," : " and", end.common[i].holds ? "if" : "unless",
                            end.common[i].condition);
    text += fmt::format("\n{}  by {}\n", indent, text_of(outcome.decided, sources));
    for (const saved::Step& step : outcome.path)
      if (step.rule != outcome.decided.rule || step.chain != outcome.decided.chain)
        text += fmt::format("{}  past {}\n", indent, text_of(step, sources));
  }
  if (!answer.is_finished) text += fmt::format("{}(this depends on too much to be told to its end)\n", indent);
  return text;
}

Json json_of(const saved::Answer& answer, const diag::SourceMap& sources) {
  Json json{{"finished", answer.is_finished}, {"outcomes", Json::array()}};
  for (const Outcome& outcome : answer.outcomes) {
    Json told{{"verdict", word(outcome.verdict)}, {"queue", nullptr}, {"decided", json_of(outcome.decided, sources)}};
    if (outcome.queue) told["queue"] = *outcome.queue;
    Json& assumed = told["assumed"] = Json::array();
    for (const saved::Assumption& assumption : outcome.assumed)
      assumed.push_back({{"condition", assumption.condition}, {"holds", assumption.holds}});
    Json& path = told["path"] = Json::array();
    for (const saved::Step& step : outcome.path) path.push_back(json_of(step, sources));
    told["source"] = outcome.packet.source.to_string();
    told["source_port"] = outcome.packet.source_port;
    told["destination"] = outcome.packet.destination.to_string();
    told["destination_port"] = outcome.packet.destination_port;
    told["mark"] = outcome.packet.mark;
    told["connection_mark"] = outcome.packet.connection_mark;
    json["outcomes"].push_back(std::move(told));
  }
  return json;
}

}  // namespace vuurmuur::cli
