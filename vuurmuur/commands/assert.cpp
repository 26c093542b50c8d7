// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "analyse/assertion.h"
#include "base/heap.h"
#include "cli/explanation_json.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "commands/commands.h"
#include "diag/render.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption, kJsonOption};

/// For scripts that ask whether all of it is true.
constexpr ExitCode kDoesNotHold{1}, kNotAsked{2};

/// Tree and file, as they were named.
struct Named {
  std::string directory = VUURMUUR_CONFIG_DIR;
  std::optional<std::string> file;
};

Named named_in(const Context& context, const Arguments& arguments) {
  Named named;
  const auto& words = arguments.positional();
  const auto is_file = [&](const std::string& path) {
    const auto status = context.files.status(path);
    return status && status->kind != base::FileKind::Directory;
  };
  if (words.size() == 1 && is_file(words[0])) {
    named.file = words[0];
  } else if (!words.empty()) {
    named.directory = words[0];
    if (words.size() == 2) named.file = words[1];
  }
  return named;
}

nlohmann::ordered_json json_of(const analyse::CheckedAssertions& told, const CheckedPolicy& checked,
                               const names::Index& names) {
  constexpr std::array kKinds{"holds", "fails", "not-finished", "about-nothing", "unreadable"};
  nlohmann::ordered_json statements = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < told.assertions.size(); ++i) {
    const analyse::Finding& finding = told.findings[i];
    const diag::Span& span = told.assertions[i].span;
    statements.push_back(
        {{"text", checked.tree.sources.text(span)},
         {"place", checked.tree.sources.place(span)},
         {"result", kKinds[static_cast<std::size_t>(finding.kind)]},
         {"example", finding.packet ? sample_json(*finding.packet, names) : nlohmann::ordered_json()},
         {"rule", finding.packet && finding.rule != analyse::kNoRule ? rule_json(checked.policy.rules[finding.rule])
                                                                     : nlohmann::ordered_json()}});
  }
  return statements;
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  const Named named = named_in(context, arguments);
  if (!config::may_be_tree(context.files, named.directory))
    return usage_error(context, kAssertCommand, fmt::format("there is no configuration tree '{}'", named.directory));
  const auto checked = check_tree(context.files, named.directory, known_names(context, arguments));
  if (checked->sink.has_errors()) {
    print_diagnostics(context, *checked);
    return report_failure(context, "the configuration has errors", kNotAsked);
  }
  std::optional<diag::FileId> file = checked->tree.assertions;
  if (named.file) {
    auto text = context.files.read_file(*named.file);
    if (!text) return report_failure(context, text.error().message, kNotAsked);
    file = checked->tree.sources.add(*named.file, std::move(*text));
  }
  if (!file)
    return report_failure(
        context,
        fmt::format("{}: there is no {}, and no other file was named", named.directory, config::kAssertionsFile),
        kNotAsked);
  const model::Policy& model = checked->in_surroundings ? *checked->in_surroundings : checked->tree.policy;
  diag::Sink sink;
  const analyse::CheckedAssertions told =
      analyse::check_assertions(checked->tree.sources.file(*file).text(), *file,
                                {.model = model, .objects = checked->objects, .policy = checked->policy}, sink);
  using Kind = analyse::Finding::Kind;
  const auto count = [&](Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(told.findings, kind, &analyse::Finding::kind));
  };
  const std::size_t holding = count(Kind::Holds) + count(Kind::AboutNothing);
  const bool is_readable = sink.error_count() == count(Kind::Fails) + count(Kind::NotFinished);
  const ExitCode code = !is_readable ? kNotAsked : holding == told.findings.size() ? ExitCode::Done : kDoesNotHold;
  if (context.json) {
    nlohmann::ordered_json document = nlohmann::ordered_json::parse(diag::render_json(sink, checked->tree.sources));
    document["statements"] = json_of(told, *checked, names::Index::build(model, checked->policy));
    context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace)
                << '\n';
    return code;
  }
  if (!sink.all().empty())
    context.err << diag::render(sink, checked->tree.sources, style_for(context.colour, STDERR_FILENO));
  context.out << fmt::format("{} of {} statements hold\n", holding, told.findings.size());
  return code;
}

}  // namespace

constinit const Command kAssertCommand{
    .name = "assert",
    .summary = "check statements about the rules, for all packets",
    .arguments = "[DIR] [FILE]",
    .usage =
        "Reads statements from FILE, by default rules/assertions.conf of the configuration tree DIR "
        "(default " VUURMUUR_CONFIG_DIR
        "),\n"
        "one a line, and tells of each that is not true of the rules, with a packet that shows it and the rule that "
        "decides it:\n"
        "  lan can reach web.servers.dmz service http, https\n"
        "  inet never reaches lan\n"
        "  only admins.local.lan reaches firewall service ssh\n"
        "  any from guests to inet is queued to 7\n"
        "'check', and each 'apply', do so with those in the tree. Ends with 1 when one does not hold, and with 2 when "
        "that could\n"
        "not be asked.",
    .options = kOptions,
    .max_positional = 2,
    .run = run,
    .misuse = kNotAsked,
};

}  // namespace vuurmuur::cli
