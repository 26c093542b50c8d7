// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/traffic_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "analyse/traffic_names.h"

namespace vuurmuur::cli {
namespace {

using analyse::Change;
using analyse::DiffRow;
using analyse::NotCompared;
using analyse::OtherwiseSet;
using Json = nlohmann::ordered_json;

/// By Change.
struct ChangeRow {
  std::string_view word, heading, colour;
};
constexpr std::array<ChangeRow, analyse::kChanges> kChangeRows{
    ChangeRow{"allowed", "newly allowed", "32"},
    ChangeRow{"blocked", "newly blocked", "31"},
    ChangeRow{"refused", "refused otherwise", "33"},
    ChangeRow{"queued", "queued otherwise", "33"},
    ChangeRow{"handled", "marked otherwise, or with another helper", "33"},
    ChangeRow{"logged", "logged otherwise", "36"},
    ChangeRow{"log-added", "logged as well", "36"},
    ChangeRow{"log-removed", "no longer logged", "36"},
};
constexpr std::array<std::string_view, 3> kWhys{"only-before", "only-after", "order"};
constexpr std::array<std::string_view, 3> kWhyTexts{"is only in the one before", "is only in the one after",
                                                    "stands elsewhere among rules that take the same packets"};
constexpr std::array<std::string_view, 4> kSetWords{"setting", "blocklist", "interface", "network"};

/// Boxes of a row that are told; JSON has all.
constexpr std::size_t kMostTold = 12;

const ChangeRow& row_of(Change change) { return kChangeRows[static_cast<std::size_t>(change)]; }

std::string text_of(const sema::Rule& rule) { return fmt::format("{}: {}", rule.place, model::summary(*rule.source)); }

class Writer {
 public:
  Writer(const ComparedPolicies& policies, diag::Style style)
      : before_(*policies.before.checked),
        after_(*policies.after.checked),
        names_({before_.tree.policy, before_.policy}, {after_.tree.policy, after_.policy}),
        is_coloured_(style == diag::Style::Colour) {}

  void add(const DiffRow& row) {
    const ChangeRow& change = row_of(row.change);
    add_line(fmt::format("{}:", change.heading), change.colour);
    if (row.change != Change::LogAdded || row.from)
      add_line(fmt::format("  before   {}", rule_text(before_, row.from, row.change == Change::LogAdded)), "");
    if (row.change != Change::LogRemoved || row.to)
      add_line(fmt::format("  after    {}", rule_text(after_, row.to, row.change == Change::LogRemoved)), "");
    for (std::size_t i = 0; i < std::min(row.traffic.size(), kMostTold); ++i)
      add_line(fmt::format("  {:8} {}",
                           i != 0           ? ""
                           : row.is_outline ? "within"
                                            : "packets",
                           names_.text(row.traffic[i])),
               "");
    if (row.traffic.size() > kMostTold)
      add_line(fmt::format("           and {} more; --json has them all", row.traffic.size() - kMostTold), "");
    add_line(fmt::format("  example  {}", names_.packet(row.witness)), "");
  }

  void add(const NotCompared& each) {
    const sema::Rule& rule = each.to ? after_.policy.rules[*each.to] : before_.policy.rules[*each.from];
    add_line(fmt::format("not compared: {}: {}", text_of(rule), kWhyTexts[static_cast<std::size_t>(each.why)]), "33");
  }

  void add(const OtherwiseSet& each) {
    std::string text;
    switch (each.what) {
      case OtherwiseSet::What::Setting: text = fmt::format("{} is set otherwise", each.name); break;
      case OtherwiseSet::What::Blocklist: text = "the blocklist has other addresses"; break;
      case OtherwiseSet::What::Interface: text = fmt::format("interface {} is protected otherwise", each.name); break;
      case OtherwiseSet::What::Network: text = fmt::format("network {} is protected otherwise", each.name); break;
    }
    add_line("not compared: " + text, "33");
  }

  void add_line(std::string_view line, std::string_view colour) {
    text_ +=
        is_coloured_ && !colour.empty() ? fmt::format("\033[{}m{}\033[0m\n", colour, line) : fmt::format("{}\n", line);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  static std::string rule_text(const CheckedPolicy& policy, const std::optional<std::size_t>& rule, bool is_taker) {
    if (!rule) return "no rule: the policy of the chain drops it";
    return (is_taker ? "first taken by " : "") + text_of(policy.policy.rules[*rule]);
  }

  const CheckedPolicy &before_, &after_;
  analyse::TrafficNames names_;
  bool is_coloured_;
  std::string text_;
};

Json json_of_rule(const CheckedPolicy& policy, const std::optional<std::size_t>& place) {
  if (!place) return nullptr;
  const sema::Rule& rule = policy.policy.rules[*place];
  return {{"number", rule.source->number}, {"place", rule.place}, {"text", model::summary(*rule.source)}};
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json list_or_null(const std::vector<std::string>& list) { return list.empty() ? Json() : Json(list); }

std::string_view word_of(net::Family family) { return family == net::Family::Ipv4 ? "ipv4" : "ipv6"; }

Json json_of_traffic(const analyse::TrafficNames& names, const analyse::Traffic& traffic) {
  const analyse::TrafficWords words = names.words(traffic);
  return {{"family", word_of(traffic.family)},
          {"chain", text_or_null(words.chain)},
          {"in", list_or_null(words.in)},
          {"out", list_or_null(words.out)},
          {"source", text_or_null(words.source)},
          {"source_name", text_or_null(words.source_name)},
          {"destination", text_or_null(words.destination)},
          {"destination_name", text_or_null(words.destination_name)},
          {"protocol", text_or_null(words.protocol)},
          {"source_ports", text_or_null(words.source_ports)},
          {"destination_ports", text_or_null(words.destination_ports)},
          {"service", text_or_null(words.service)},
          {"source_mac", text_or_null(words.mac)},
          {"own_address_of", text_or_null(words.own_address_of)},
          {"text", names.text(traffic)}};
}

}  // namespace

std::string text_of(const ComparedPolicies& policies, const analyse::PolicyDiff& diff, diag::Style style) {
  Writer writer(policies, style);
  writer.add_line("--- " + policies.before.title, "1");
  writer.add_line("+++ " + policies.after.title, "1");
  for (const DiffRow& row : diff.rows) writer.add(row);
  for (const NotCompared& each : diff.not_compared) writer.add(each);
  for (const OtherwiseSet& each : diff.otherwise_set) writer.add(each);
  if (diff.unfinished != 0)
    writer.add_line(fmt::format("not finished: of {} {} it was not found out whether packets are treated otherwise",
                                diff.unfinished, diff.unfinished == 1 ? "pair of rules" : "pairs of rules"),
                    "33");
  if (diff.is_equal()) writer.add_line("every first packet is treated the same", "32");
  return writer.take();
}

Json json_of(const ComparedPolicies& policies, const analyse::PolicyDiff& diff) {
  const CheckedPolicy &before = *policies.before.checked, &after = *policies.after.checked;
  const analyse::TrafficNames names({before.tree.policy, before.policy}, {after.tree.policy, after.policy});
  Json document{{"before", policies.before.title}, {"after", policies.after.title}, {"equal", diff.is_equal()}};
  document["rows"] = Json::array();
  for (const DiffRow& row : diff.rows) {
    Json traffic = Json::array();
    for (const analyse::Traffic& each : row.traffic) traffic.push_back(json_of_traffic(names, each));
    document["rows"].push_back(
        {{"change", row_of(row.change).word},
         {"before", json_of_rule(before, row.from)},
         {"after", json_of_rule(after, row.to)},
         {"outline", row.is_outline},
         {"traffic", std::move(traffic)},
         {"example", {{"family", word_of(row.witness.family)}, {"text", names.packet(row.witness)}}}});
  }
  document["not_compared"] = Json::array();
  for (const NotCompared& each : diff.not_compared)
    document["not_compared"].push_back({{"why", kWhys[static_cast<std::size_t>(each.why)]},
                                        {"before", json_of_rule(before, each.from)},
                                        {"after", json_of_rule(after, each.to)}});
  document["otherwise_set"] = Json::array();
  for (const OtherwiseSet& each : diff.otherwise_set)
    document["otherwise_set"].push_back(
        {{"what", kSetWords[static_cast<std::size_t>(each.what)]}, {"name", text_or_null(each.name)}});
  document["unfinished"] = diff.unfinished;
  return document;
}

}  // namespace vuurmuur::cli
