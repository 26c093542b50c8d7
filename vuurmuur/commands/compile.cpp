// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/compile.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <expected>
#include <nlohmann/json.hpp>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "backend/nft_text.h"
#include "backend/shell_script.h"
#include "base/heap.h"
#include "cli/policy.h"
#include "commands/commands.h"
#include "control/proof.h"
#include "control/shape.h"
#include "diag/render.h"
#include "names/index.h"

namespace vuurmuur::cli {
namespace {

constexpr std::string_view kDumpPrefix = "after:";

constexpr std::array kOptions{
    Option{
        .name = "format", .argument = "FORMAT", .help = "iptables-save (default), ipset (sets), nft or script (shell)"},
    Option{.name = "family", .argument = "4|6", .help = "one family only; default both"},
    Option{.name = "no-comments", .argument = "", .help = "rules without their origin as a comment"},
    Option{.name = "list-passes", .argument = "", .help = "print the steps of the compile and do nothing"},
    Option{.name = "disable-pass", .argument = "NAME", .help = "leave a step out", .repeatable = true},
    Option{.name = "dump-ir",
           .argument = "after:NAME",
           .help = "print the ruleset as it is after a step (default the last)",
           .implied = "last"},
    Option{.name = "prove",
           .argument = "",
           .help =
               "prove, from the text of the rules alone, that they do with every packet what the configuration says, "
               "and print that instead of them"},
    Option{.name = "timings", .argument = "", .help = "print to stderr what each step took"},
    Option{.name = "output",
           .argument = "FILE",
           .help = "write FILE (replaced as a whole) instead of stdout",
           .letter = 'o'},
    kStateDirOption,
    kJsonOption,
};

enum class Format { IptablesSave, Ipset, Nft, Script };

struct Wishes {
  Format format = Format::IptablesSave;
  std::vector<net::Family> families{net::kFamilies.begin(), net::kFamilies.end()};
  backend::TextOptions text;
  compile::Options compile;
};

std::expected<std::string, std::string> pass_named(const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& pass : compile::list_passes()) {
    if (pass.name == name) return name;
    names.push_back(pass.name);
  }
  return std::unexpected("no pass is named '" + name + "'" + did_you_mean(name, names));
}

std::expected<std::string, std::string> dump_pass(const std::string& value) {
  if (value == "last") return std::string(compile::list_passes().back().name);
  if (!value.starts_with(kDumpPrefix))
    return std::unexpected("option '--dump-ir': expected after:NAME, found '" + value + "'");
  return pass_named(value.substr(kDumpPrefix.size()));
}

std::expected<Wishes, std::string> read_wishes(const Arguments& arguments, bool json) {
  Wishes wishes;
  if (const auto format = arguments.value("format")) {
    if (*format == "script") {
      wishes.format = Format::Script;
    } else if (*format == "ipset") {
      wishes.format = Format::Ipset;
    } else if (*format == "nft") {
      wishes.format = Format::Nft;
      wishes.compile.shape = control::shape_for(apply::Backend::Nft);
    } else if (*format != "iptables-save") {
      constexpr std::string_view kFormats[] = {"iptables-save", "ipset", "nft", "script"};
      return std::unexpected("no format is named '" + *format + "'" + did_you_mean(*format, kFormats));
    }
    if (json) return std::unexpected("--format and --json exclude each other");
  }
  if (arguments.has("prove"))
    for (const char* other : {"format", "family", "no-comments", "dump-ir", "output"})
      if (arguments.has(other)) return std::unexpected(fmt::format("--prove and --{} exclude each other", other));
  if (const auto family = arguments.value("family")) {
    if (*family != "4" && *family != "6")
      return std::unexpected("option '--family': '" + *family + "' is neither 4 nor 6");
    if (wishes.format == Format::Script) return std::unexpected("a script always holds both families");
    wishes.families = {*family == "4" ? net::Family::Ipv4 : net::Family::Ipv6};
  }
  wishes.text.comments = !arguments.has("no-comments");
  for (const auto& name : arguments.values("disable-pass")) {
    auto known = pass_named(name);
    if (!known) return std::unexpected(known.error());
    wishes.compile.disabled_passes.push_back(*known);
  }
  if (const auto dump = arguments.value("dump-ir")) {
    auto pass = dump_pass(*dump);
    if (!pass) return std::unexpected(pass.error());
    if (std::ranges::find(wishes.compile.disabled_passes, *pass) != wishes.compile.disabled_passes.end()) {
      return std::unexpected("pass '" + *pass + "' is left out: there is nothing after it to show");
    }
    wishes.compile.dump_after = *pass;
  }
#ifndef NDEBUG
  wishes.compile.verify = true;
#endif
  return wishes;
}

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void print_passes(Context& context) {
  if (!context.json) {
    for (const auto& pass : compile::list_passes()) context.out << fmt::format("{:<24} {}\n", pass.name, pass.what);
    return;
  }
  nlohmann::json passes = nlohmann::json::array();
  for (const auto& pass : compile::list_passes()) passes.push_back({{"name", pass.name}, {"what", pass.what}});
  context.out << passes.dump(2) << '\n';
}

void print_timings(std::ostream& out, const compile::Output& output) {
  std::chrono::nanoseconds total{};
  out << fmt::format("{:<24} {:>10}  {:>8}\n", "pass", "ms", "rules");
  for (const auto& timing : output.timings) {
    out << fmt::format("{:<24} {:>10.3f}  {:>8}\n", timing.name, milliseconds(timing.duration), timing.rules_after);
    total += timing.duration;
  }
  out << fmt::format("{:<24} {:>10.3f}  {:>8}\n", "together", milliseconds(total), output.ruleset.rule_count());
}

nlohmann::ordered_json chain_json(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                                  const ir::Chain& chain, const backend::TextOptions& text) {
  nlohmann::ordered_json result{{"name", chain.name}};
  if (chain.kind == ir::ChainKind::Builtin) result["policy"] = chain.policy_drop ? "DROP" : "ACCEPT";
  result["foreign"] = chain.kind == ir::ChainKind::Foreign;
  auto& rules = result["rules"] = nlohmann::ordered_json::array();
  for (const ir::Rule& rule : chain.rules) {
    const ir::Origin& origin = ruleset.origin(rule.origin);
    rules.push_back({{"text", backend::rule_text(ruleset, table, family, rule, text)},
                     {"origin", origin.label},
                     {"place", origin.place}});
  }
  return result;
}

std::string as_json(const compile::Output& output, const Wishes& wishes) {
  nlohmann::ordered_json document{{"rules", output.ruleset.rule_count()}};
  auto& tables = document["tables"] = nlohmann::ordered_json::array();
  for (const net::Family family : wishes.families) {
    for (const ir::Table& table : output.ruleset.rules(family).tables) {
      if (table.is_empty()) continue;
      nlohmann::ordered_json chains = nlohmann::ordered_json::array();
      for (const ir::Chain& chain : table.chains()) {
        chains.push_back(chain_json(output.ruleset, table, family, chain, wishes.text));
      }
      tables.push_back({{"family", family == net::Family::Ipv4 ? 4 : 6},
                        {"table", ir::to_string(table.name())},
                        {"chains", std::move(chains)}});
    }
  }
  auto& settings = document["kernel_settings"] = nlohmann::ordered_json::array();
  for (const auto& setting : output.ruleset.sysctls)
    settings.push_back({{"path", setting.path}, {"value", setting.value}});
  auto& timings = document["timings"] = nlohmann::ordered_json::array();
  for (const auto& timing : output.timings) {
    timings.push_back(
        {{"pass", timing.name}, {"milliseconds", milliseconds(timing.duration)}, {"rules_after", timing.rules_after}});
  }
  return document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string as_text(const compile::Output& output, const Wishes& wishes) {
  if (wishes.format == Format::Script) return backend::shell_script(output.ruleset, wishes.text);
  if (wishes.format == Format::Ipset) return backend::ipset_save(output.ruleset, wishes.families, wishes.text);
  std::string text;
  if (wishes.format == Format::Nft) {
    for (const net::Family family : wishes.families)
      text +=
          backend::nft::text(backend::nft::make_program(output.ruleset, family, {.comments = wishes.text.comments}));
    return text;
  }
  for (const net::Family family : wishes.families) {
    const auto sets = std::ranges::count(output.ruleset.sets, family, &ir::Set::family);
    if (sets != 0)
      text +=
          fmt::format("# needs {} set{}: --format=ipset prints them for ipset restore\n", sets, sets == 1 ? "" : "s");
    text += family == net::Family::Ipv4 ? "# IPv4: for iptables-restore\n" : "# IPv6: for ip6tables-restore\n";
    text += backend::iptables_save(output.ruleset, family, wishes.text);
  }
  return text;
}

/// Tells whether what was compiled is what the configuration says.
ExitCode print_proof(Context& context, CheckedPolicy& checked, const compile::Output& output) {
  const auto begin = std::chrono::steady_clock::now();
  const prove::Proof proof = control::prove_ruleset(checked.policy, output.ruleset);
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
  diag::Sink told;
  prove::tell(proof, names::Index::build(checked.tree.policy, checked.policy), told);
  const ExitCode code = proof.is_proven() ? ExitCode::Done : ExitCode::Configuration;
  if (context.json) {
    nlohmann::ordered_json document{{"proven", proof.is_proven()},
                                    {"milliseconds", milliseconds(took)},
                                    {"regions", {{"configuration", proof.meant}, {"rules", proof.emitted}}},
                                    {"pairs", proof.pairs},
                                    {"searched", proof.searched}};
    document["diagnostics"] = nlohmann::ordered_json::parse(diag::render_json(told, checked.tree.sources));
    context.out << document.dump(2) << '\n';
    return code;
  }
  context.err << diag::render(told, checked.tree.sources, style_for(context.colour, STDERR_FILENO));
  if (proof.is_proven())
    context.out << fmt::format(
        "proven: {} compiled rules do with every packet what the configuration says ({:.0f} ms)\n"
        "  {} regions of the configuration against {} of the rules, {} pairs that do otherwise in something, {} "
        "searched\n",
        output.ruleset.rule_count(), milliseconds(took), proof.meant, proof.emitted, proof.pairs, proof.searched);
  return code;
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  if (arguments.has("list-passes")) {
    print_passes(context);
    return ExitCode::Done;
  }
  const auto wishes = read_wishes(arguments, context.json);
  if (!wishes) return usage_error(context, kCompileCommand, wishes.error());
  if (const auto mistyped = mistyped_directory(context, arguments))
    return usage_error(context, kCompileCommand, *mistyped);
  const auto checked = check_tree(context.files, directory_of(arguments), known_names(context, arguments));
  print_diagnostics(context, *checked);
  if (checked->sink.has_errors()) return ExitCode::Configuration;

  const compile::Output output = compile::compile(checked->policy, wishes->compile);
  if (arguments.has("timings")) print_timings(context.err, output);
  if (arguments.has("prove")) return print_proof(context, *checked, output);
  const std::string text = !wishes->compile.dump_after.empty() ? output.dump
                           : context.json                      ? as_json(output, *wishes)
                                                               : as_text(output, *wishes);
  const auto file = arguments.value("output");
  if (!file) {
    context.out << text;
    return ExitCode::Done;
  }
  if (const auto written = context.files.replace_file(*file, text); !written) {
    tell(context, "error", written.error().message);
    return ExitCode::Refused;
  }
  return ExitCode::Done;
}

}  // namespace

constinit const Command kCompileCommand{
    .name = "compile",
    .summary = "print the netfilter rules that a configuration becomes",
    .arguments = "[DIR]",
    .usage = "Compiles the configuration tree DIR (default " VUURMUUR_CONFIG_DIR
             ") and prints the result. Changes\n"
             "nothing and needs no privileges; the same configuration gives the same bytes each time, as long as the "
             "same is\n"
             "known of names.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
