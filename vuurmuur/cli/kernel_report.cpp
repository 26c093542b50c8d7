// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/kernel_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/connection_report.h"
#include "cli/state_directory.h"
#include "control/plan.h"

namespace vuurmuur::cli {
namespace {

// What is done faster than this needs no progress shown.
constexpr std::chrono::seconds kPatience{1};

/// The value of --wait.
std::expected<apply::Patience, std::string> read_patience(std::string_view value) {
  if (value == kWaitOption.implied) return std::nullopt;
  const auto seconds = base::parse_number<std::uint32_t>(value);
  if (!seconds) {
    return std::unexpected(fmt::format(
        "option '--wait': expected a whole number of seconds, or no value to wait for ever, not '{}'", value));
  }
  return std::chrono::seconds(*seconds);
}

std::string dump(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

std::expected<apply::Options, std::string> kernel_options(Context& context, const Arguments& arguments) {
  apply::Options options;
  if (const auto wait = arguments.value(kWaitOption.name)) {
    const auto patience = read_patience(*wait);
    if (!patience) return std::unexpected(patience.error());
    options.lock_patience = *patience;
  }
  if (arguments.has(kCommentsOption.name) && arguments.has(kNoCommentsOption.name))
    return std::unexpected("options '--comments' and '--no-comments' exclude each other");
  if (arguments.has(kCommentsOption.name)) options.comments = true;
  if (arguments.has(kNoCommentsOption.name)) options.comments = false;
  if (const auto directory = named_state_directory(arguments)) options.state_directory = *directory;
  if (is_terminal(STDERR_FILENO)) {
    options.progress = [&err = context.err, begin = std::chrono::steady_clock::now()](std::string_view what) {
      if (std::chrono::steady_clock::now() - begin < kPatience && !what.starts_with("wait")) return;
      err << "vuurmuur: " << what << "…" << std::endl;
    };
  }
  return options;
}

ExitCode report_failure(Context& context, std::string_view message, ExitCode code) {
  if (context.json) context.out << dump({{"applied", false}, {"error", message}});
  tell(context, "error", message);
  return code;
}

ExitCode report_refusal(Context& context, const base::Error& error) {
  std::string message = error.message;
  if (control::is_missing_privilege(error)) message += "; this needs root or the capability CAP_NET_ADMIN";
  if (error.code == ETIMEDOUT) message += "; nothing was changed, and --wait=SECONDS waits longer";
  return report_failure(context, message, ExitCode::Refused);
}

void print_report(Context& context, const apply::Report& report, std::string_view done, const ReportDetails& details) {
  if (context.json) {
    nlohmann::ordered_json document{{"applied", true}};
    if (details.backend) document["backend"] = apply::to_string(*details.backend);
    if (details.generation) {
      document["generation"] = *details.generation;
      document["confirm_seconds"] = details.confirm ? details.confirm->count() : 0;
      document["goes_back_to"] = nullptr;
      if (details.confirm && details.goes_back_to) document["goes_back_to"] = *details.goes_back_to;
    }
    document.update(
        {{"rules", report.rules}, {"ended_connections", report.ended_connections}, {"warnings", report.warnings}});
    if (details.connections != nullptr) document["connections"] = *details.connections;
    context.out << dump(document);
    return;
  }
  for (const std::string& warning : report.warnings) tell(context, "warning", warning);
  context.out << done;
  if (report.ended_connections != 0) {
    context.out << fmt::format(", {} {} of blocked addresses ended", report.ended_connections,
                               report.ended_connections == 1 ? "connection" : "connections");
  }
  context.out << '\n';
  if (details.connections != nullptr) print_connections(context, *details.connections);
}

}  // namespace vuurmuur::cli
