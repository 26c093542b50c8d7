// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/session.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/kernel_report.h"

namespace vuurmuur::cli {

base::Result<std::unique_ptr<Session>> open_session(Context& context, const Arguments& arguments, history::Wait wait) {
  auto load = kernel_options(context, arguments);
  if (!load) return base::failure(load.error());
  return Session::open(context.files, state_directory(arguments), std::move(*load), wait);
}

void print_went_back(Context& context, const control::WentBack& back) {
  if (context.json) {
    nlohmann::ordered_json document{{"taken_back", nullptr}, {"in_force", nullptr}};
    if (back.from) document["taken_back"] = *back.from;
    if (back.to) document["in_force"] = *back.to;
    if (!back.reason.empty()) document["reason"] = back.reason;
    document["warnings"] = back.report.warnings;
    context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
    return;
  }
  for (const std::string& warning : back.report.warnings) tell(context, "warning", warning);
  if (back.from) context.out << fmt::format("generation {} was taken back: {}\n", *back.from, back.reason);
  context.out << name_of(back.to) << " is in force\n";
}

}  // namespace vuurmuur::cli
