// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/saved_diff_report.h"

#include <fmt/format.h>

#include "names/index.h"
#include "prove/prove.h"

namespace vuurmuur::cli {
namespace {

std::string side_text(const std::string& what, const saved::Rule* rule, const SavedRules& rules) {
  if (rule == nullptr) return what + " by the policy of the chain";
  return fmt::format("{} by {}: {}", what, rules.sources.place(rule->span), rules.sources.text(rule->span));
}

std::string packet_text(const prove::SavedDifference& row) {
  static const names::Index kNoNames = names::Index::build(model::Policy(), sema::Policy());
  return example_text(row, kNoNames);
}

}  // namespace

std::string example_text(const prove::SavedDifference& row, const names::Index& names) {
  prove::Situation when = row.when;
  when.kinds = 1;
  std::string text = analyse::text_of(row.packet, names) + ", " + prove::text_of(when);
  if (row.connection_mark != 0) text += fmt::format(", connection mark {:#x}", row.connection_mark);
  if (row.packet_mark != 0) text += fmt::format(", packet mark {:#x}", row.packet_mark);
  return text;
}

std::string text_of(const prove::SavedDiff& diff, const SavedRules& before, const SavedRules& after) {
  std::string text;
  for (const prove::SavedDifference& row : diff.rows)
    text += fmt::format("{}:\n  before   {}\n  after    {}\n  example  {}\n", prove::name_of(row.hook),
                        side_text(row.before, row.before_rule, before), side_text(row.after, row.after_rule, after),
                        packet_text(row));
  for (const std::string& why : diff.not_modelled) text += "not compared: " + why + "\n";
  if (diff.unfinished != 0) text += fmt::format("not finished: {} questions took too long\n", diff.unfinished);
  if (diff.is_equal()) text += "both treat every packet the same\n";
  return text;
}

nlohmann::ordered_json json_of(const prove::SavedDiff& diff, const SavedRules& before, const SavedRules& after) {
  const auto side = [](const std::string& what, const saved::Rule* rule, const SavedRules& rules) {
    nlohmann::ordered_json json{{"verdict", what}, {"place", nullptr}, {"rule", nullptr}};
    if (rule != nullptr) {
      json["place"] = rules.sources.place(rule->span);
      json["rule"] = rules.sources.text(rule->span);
    }
    return json;
  };
  nlohmann::ordered_json document{{"equal", diff.is_equal()}};
  auto& rows = document["rows"] = nlohmann::ordered_json::array();
  for (const prove::SavedDifference& row : diff.rows)
    rows.push_back({{"chain", prove::to_string(row.hook)},
                    {"packet", packet_text(row)},
                    {"before", side(row.before, row.before_rule, before)},
                    {"after", side(row.after, row.after_rule, after)}});
  document["not_modelled"] = diff.not_modelled;
  document["unfinished"] = diff.unfinished;
  return document;
}

}  // namespace vuurmuur::cli
