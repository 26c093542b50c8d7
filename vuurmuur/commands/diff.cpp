// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "analyse/diff.h"
#include "base/heap.h"
#include "cli/compared_policies.h"
#include "cli/comparison_text.h"
#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/running_diff.h"
#include "cli/saved_diff_report.h"
#include "cli/saved_rules.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/traffic_report.h"
#include "commands/commands.h"
#include "control/comparison.h"
#include "diag/render.h"
#include "prove/saved_diff.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "rules", .argument = "", .help = "of the compiled rules instead of the configuration"},
    Option{.name = "traffic", .argument = "", .help = "which packets are treated otherwise; also of directories"},
    Option{.name = "iptables-save",
           .argument = "",
           .help = "which packets two files of iptables-save or ip6tables-save treat otherwise; '-' is standard input"},
    Option{.name = "running",
           .argument = "",
           .help = "which packets the kernel treats otherwise than a generation or directory says; as root"},
    kStateDirOption,
    kJsonOption,
};

ExitCode fail(Context& context, const base::Error& error) {
  report_refusal(context, error);
  return kDiffFailed;
}

/// What the words on the command line mean; the error is a message for the user.
std::expected<control::Comparison, std::string> wanted(const Arguments& arguments, const history::Journal& journal) {
  control::Comparison comparison;
  const auto& words = arguments.positional();
  if (words.empty()) {
    const auto current = control::in_force(journal);
    if (!current) return std::unexpected("no generation is in force");
    comparison.from = *current;
    return comparison;
  }
  const auto from = read_number(words[0], journal);
  if (!from) return std::unexpected(from.error());
  comparison.from = *from;
  if (words.size() == 1) return comparison;
  const auto to = read_number(words[1], journal);
  if (!to) return std::unexpected(to.error());
  comparison.to = *to;
  return comparison;
}

/// Which packets are treated otherwise.
ExitCode compare_traffic(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  const auto policies = policies_to_compare(context, arguments);
  if (!policies) return report_failure(context, policies.error(), kDiffFailed);
  const analyse::PolicyDiff diff = analyse::diff(policies->before.checked->policy, policies->after.checked->policy);
  if (context.json)
    context.out
        << json_of(*policies, diff).dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
        << '\n';
  else
    context.out << text_of(*policies, diff, style_for(context.colour, STDOUT_FILENO));
  if (diff.is_equal()) return ExitCode::Done;
  const bool is_known = !diff.rows.empty() || !diff.not_compared.empty() || !diff.otherwise_set.empty();
  return is_known ? kDiffers : kDiffFailed;
}

/// Which packets the kernel treats otherwise than a policy says.
ExitCode compare_running(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  if (arguments.positional().size() > 1 || arguments.has("rules") || arguments.has("traffic") ||
      arguments.has("iptables-save"))
    return usage_error(context, kDiffCommand,
                       "--running is of one generation or directory, and goes with --json alone");
  const auto policy = policy_to_compare(context, arguments);
  if (!policy) return report_failure(context, policy.error(), kDiffFailed);
  const auto kernel = apply::make_kernel();
  const auto diff = diff_with_kernel(*kernel, runtime_directory(arguments), *policy->checked);
  if (!diff) return fail(context, diff.error());
  if (context.json)
    context.out
        << json_of(*diff, *policy).dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
        << '\n';
  else
    context.out << text_of(*diff, *policy);
  if (diff->is_equal()) return ExitCode::Done;
  return diff->has_rows() ? kDiffers : kDiffFailed;
}

/// Which packets two files of iptables-save treat otherwise.
ExitCode compare_saved(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  const auto& words = arguments.positional();
  if (words.size() != 2 || arguments.has("rules") || arguments.has("traffic"))
    return usage_error(context, kDiffCommand, "--iptables-save is of two files, and goes with --json alone");
  if (words[0] == "-" && words[1] == "-")
    return usage_error(context, kDiffCommand, "only one of the files can be standard input");
  SavedRules before, after;
  for (const auto& [file, rules] : {std::pair{words[0], &before}, std::pair{words[1], &after}}) {
    if (const auto read = read_saved_rules(context.files, file, std::nullopt, *rules); !read)
      return report_failure(context, read.error().message, kDiffFailed);
    context.err << diag::render(rules->sink, rules->sources, style_for(context.colour, STDERR_FILENO));
    if (rules->sink.has_errors()) return kDiffFailed;
  }
  const net::Family family = before.ruleset.family();
  if (family != after.ruleset.family())
    return report_failure(context, "one file is of IPv4 and the other one of IPv6", kDiffFailed);
  diag::Sink sink;
  const prove::SavedDiff diff = prove::diff(before.ruleset, after.ruleset, family, sink);
  if (context.json)
    context.out
        << json_of(diff, before, after).dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
        << '\n';
  else
    context.out << text_of(diff, before, after);
  if (sink.has_errors()) return kDiffFailed;
  if (diff.is_equal()) return ExitCode::Done;
  return diff.rows.empty() ? kDiffFailed : kDiffers;
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.has("running")) return compare_running(context, arguments);
  if (arguments.has("iptables-save")) return compare_saved(context, arguments);
  const bool has_directory = std::ranges::any_of(arguments.positional(), is_directory_word);
  if (arguments.has("rules") && (arguments.has("traffic") || has_directory))
    return usage_error(context, kDiffCommand, "--rules is of generations, and without --traffic");
  if (arguments.has("traffic") || has_directory) return compare_traffic(context, arguments);
  Service service = Service::find(context, arguments);
  const auto journal = service.journal();
  if (!journal) return fail(context, journal.error());
  const auto what = wanted(arguments, *journal);
  if (!what) return report_failure(context, what.error(), kDiffFailed);
  ipc::Json parameters{{"generation", what->from}, {"rules", arguments.has("rules")}};
  if (what->to) parameters["with"] = *what->to;
  const auto answer = service.call("Compare", parameters);
  if (!answer) return fail(context, answer.error());
  const auto comparison = control::comparison_from(*answer);
  if (!comparison) return fail(context, strange_answer().error());
  if (context.json)
    context.out
        << control::json_of(*comparison).dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
        << '\n';
  else
    context.out << text_of(*comparison, style_for(context.colour, STDOUT_FILENO));
  return comparison->differences.empty() ? ExitCode::Done : kDiffers;
}

}  // namespace

constinit const Command kDiffCommand{
    .name = "diff",
    .summary = "show how generations and the configuration differ",
    .arguments = "[GENERATION|DIR|FILE [GENERATION|DIR|FILE]]",
    .usage =
        "Prints what differs between two generations, between one and the configuration directory that it was made\n"
        "of, or, without a number, between the generation in force and that directory. Ends with status 0 when\n"
        "nothing differs, 1 when something does, and 2 when that cannot be told.\n"
        "With --traffic, or when a configuration directory is named (with a slash, or a dot at its beginning), it\n"
        "tells which packets that begin a connection are treated otherwise, by which rules, with an example of each.\n"
        "Status 0 then is a proof that there are none.\n"
        "With --iptables-save it does so of two files, whoever wrote them, and with --running of what the kernel runs\n"
        "now, whoever loaded it, and a generation (the one in force) or directory.",
    .options = kOptions,
    .max_positional = 2,
    .run = run,
    .misuse = kDiffFailed,
};

}  // namespace vuurmuur::cli
