// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/service_matrix_report.h"

#include <fmt/format.h>

#include <optional>

#include "names/index.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string services_text(const prove::MatrixRow& row) {
  std::string text;
  for (const prove::ReachedService& each : row.services) text += (text.empty() ? "" : "; ") + each.text;
  return text;
}

}  // namespace

std::string text_of(const prove::ServiceMatrix& matrix) {
  std::string text;
  std::optional<prove::Hook> hook;
  for (std::size_t i = 0; i < matrix.rows.size();) {
    const prove::MatrixRow& row = matrix.rows[i];
    if (hook != row.hook) text += fmt::format("{}:\n", prove::to_string(row.hook));
    hook = row.hook;
    std::string outs = row.out;
    std::size_t next = i + 1;
    for (; next < matrix.rows.size() && matrix.rows[next].hook == row.hook && matrix.rows[next].in == row.in &&
           matrix.rows[next].services == row.services;
         ++next)
      outs += ", " + matrix.rows[next].out;
    const std::string ends = row.in.empty() ? "> " + outs : row.out.empty() ? row.in : row.in + " > " + outs;
    text += fmt::format("  {}: {}\n", ends, services_text(row));
    i = next;
  }
  for (const std::string& why : matrix.not_modelled) text += "not known: " + why + "\n";
  if (matrix.unfinished != 0) text += fmt::format("not finished: {} questions took too long\n", matrix.unfinished);
  if (text.empty()) text = "nothing gets through\n";
  return text;
}

Json json_of(const prove::ServiceMatrix& matrix, const SavedRules& rules) {
  const names::Index no_names = names::Index::build(model::Policy(), sema::Policy());
  Json rows = Json::array();
  for (const prove::MatrixRow& row : matrix.rows) {
    Json services = Json::array();
    for (const prove::ReachedService& each : row.services) {
      Json service{{"service", each.text}, {"place", nullptr}, {"rule", nullptr}};
      if (each.rule != nullptr) {
        service["place"] = rules.sources.place(each.rule->span);
        service["rule"] = rules.sources.text(each.rule->span);
      }
      service["packet"] = analyse::text_of(each.packet, no_names);
      services.push_back(std::move(service));
    }
    rows.push_back({{"chain", prove::to_string(row.hook)},
                    {"in", row.in.empty() ? Json() : Json(row.in)},
                    {"out", row.out.empty() ? Json() : Json(row.out)},
                    {"services", std::move(services)}});
  }
  return {{"rows", std::move(rows)}, {"not_modelled", matrix.not_modelled}, {"unfinished", matrix.unfinished}};
}

}  // namespace vuurmuur::cli
