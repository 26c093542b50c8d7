// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "apply/engine_support.h"
#include "apply/mark_doctor.h"
#include "apply/queue_statistics.h"
#include "cli/doctor_findings.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/terminal.h"
#include "commands/commands.h"
#include "compile/compile.h"
#include "control/plan.h"
#include "doctor/consumer_text.h"
#include "doctor/queue_need.h"
#include "ir/marks.h"

namespace vuurmuur::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::array kOptions{
    Option{
        .name = "suricata",
        .argument = "FILE",
        .help = "Suricata's configuration (default /etc/suricata/suricata.yaml where there is one); 'none' for none"},
    Option{.name = "suricata-unit",
           .argument = "FILE",
           .help = "the unit or file of variables that tells how Suricata is started",
           .repeatable = true},
    Option{
        .name = "iptables-save",
        .argument = "FILE",
        .help = "also which published ports go around the policy by what iptables-save wrote; '-' is standard input"},
    Option{.name = "write-suricata", .argument = "", .help = "print a file for Suricata to include, and nothing else"},
    Option{.name = "write-consumer",
           .argument = "",
           .help = "print what any program behind the queues has to do, and nothing else"},
    kStateDirOption,
    kJsonOption,
};

/// The numbers that the policy's rules put into the field.
std::uint16_t highest_number(const sema::Policy& policy) {
  std::uint16_t highest = 0;
  for (const sema::QueueUse& use : policy.queues) highest = std::max(highest, use.range.first);
  for (const sema::LogGroupUse& use : policy.log_groups) highest = std::max(highest, use.group);
  for (const model::PacketMark& mark : policy.packet_marks)
    highest = std::max(highest, ir::packet_mark_number(mark.value, mark.mask));
  return highest;
}

struct Findings {
  ir::MarkLayout layout;
  std::uint16_t highest = 0;
  apply::Circumstances around;
  base::Result<apply::BackendChoice> choice{};  ///< what apply would do without --backend and --force
  apply::MarkDiagnosis marks{};
  std::vector<doctor::Finding> all = {};  ///< what is wrong

  [[nodiscard]] bool proposal_fits() const { return marks.proposal && highest <= marks.proposal->highest; }
};

std::string whose(const std::string& place, const std::string& program) {
  return program.empty() ? place : fmt::format("{} ({})", place, program);
}

std::string what_it_does(const apply::ForeignChain& chain) {
  std::string text = fmt::format("{} {}", chain.rules, chain.rules == 1 ? "rule" : "rules");
  if (chain.has_drop_policy) text += ", policy drop";
  if (chain.refuses) text += ", drops or rejects";
  if (chain.translates) text += ", translates addresses";
  return text;
}

std::string what_it_does(const apply::ForeignMark& mark, std::uint32_t ours) {
  return fmt::format("{} bits {:#010x} of the connection mark{}; {:#010x} of them are ours",
                     mark.use == apply::ForeignMark::Use::Write ? "changes" : "copies", mark.bits,
                     mark.use == apply::ForeignMark::Use::Write ? "" : " into the packet mark", mark.bits & ours);
}

std::string what_it_can(apply::Backend engine, const apply::Circumstances& around) {
  const apply::EngineSupport& support = around.support;
  const bool is_xtables = engine == apply::Backend::Xtables;
  std::string text;
  if (!support.untried.empty())
    text = "could not be tried (" + support.untried + ")";
  else if (is_xtables ? !support.has_xtables : !support.has_nft)
    text = "not in this kernel (" + (is_xtables ? support.xtables_reason : support.nft_reason) + ")";
  else if (!is_xtables && !support.has_nft_queue)
    text = "can hold rules, but none that queue packets (the kernel has no NFT_QUEUE)";
  else
    text = "can hold all rules";
  if (around.loaded == engine) text += "; ours are in it";
  return text;
}

void print_engines(Context& context, const Findings& findings) {
  for (const apply::Backend engine : {apply::Backend::Xtables, apply::Backend::Nft})
    context.out << fmt::format("{}: {}\n", apply::to_string(engine), what_it_can(engine, findings.around));
  if (!findings.choice)
    context.out << fmt::format("apply would refuse: {}\n", findings.choice.error().message);
  else
    context.out << fmt::format("apply would take {}\n", apply::to_string(findings.choice->backend));
}

void print_findings(Context& context, const std::vector<doctor::Finding>& findings) {
  if (findings.empty()) context.out << "nothing wrong\n";
  const bool with_colour = style_for(context.colour, STDOUT_FILENO) == diag::Style::Colour;
  for (const doctor::Finding& finding : findings) context.out << doctor::text_of(finding, with_colour);
}

void print_text(Context& context, const Findings& findings) {
  auto& out = context.out;
  print_engines(context, findings);
  out << (findings.around.others.chains.empty() ? "no rules of others\n" : "rules of others:\n");
  for (const apply::ForeignChain& chain : findings.around.others.chains)
    out << fmt::format("  {}: {}\n", whose(chain.place, chain.program), what_it_does(chain));
  const std::uint32_t mask = findings.layout.mask();
  if (findings.marks.collisions.empty()) {
    out << fmt::format("connection marks: nobody else uses ours, {:#010x}\n", mask);
    return print_findings(context, findings.all);
  }
  out << fmt::format("connection marks: others use bits of ours, {:#010x}:\n", mask);
  for (const apply::ForeignMark& mark : findings.marks.collisions)
    out << fmt::format("  {} {}\n", whose(mark.place, mark.program), what_it_does(mark, mask));
  if (!findings.marks.proposal) {
    out << "no other field would keep clear of them\n";
    return print_findings(context, findings.all);
  }
  out << fmt::format(
      "free would be CONNMARK_MASK=\"{:#010x}\", with numbers up to {}{}\n", findings.marks.proposal->mask,
      findings.marks.proposal->highest,
      findings.proposal_fits() ? "" : fmt::format("; the policy uses {}, which does not fit", findings.highest));
  print_findings(context, findings.all);
}

ordered_json engines_json(const Findings& findings) {
  const apply::EngineSupport& support = findings.around.support;
  ordered_json engines{
      {"tried", support.untried.empty()},
      {"xtables", {{"rules", support.has_xtables}, {"queues", support.has_xtables}}},
      {"nft", {{"rules", support.has_nft}, {"queues", support.has_nft_queue}}},
      {"loaded", nullptr},
      {"chosen", nullptr},
      {"refusal", nullptr},
  };
  if (findings.around.loaded) engines["loaded"] = apply::to_string(*findings.around.loaded);
  if (findings.choice)
    engines["chosen"] = apply::to_string(findings.choice->backend);
  else
    engines["refusal"] = findings.choice.error().message;
  return engines;
}

ordered_json json_of(const Findings& findings) {
  ordered_json chains = ordered_json::array(), marks = ordered_json::array();
  for (const apply::ForeignChain& chain : findings.around.others.chains)
    chains.push_back({{"engine", apply::to_string(chain.engine)},
                      {"place", chain.place},
                      {"program", chain.program},
                      {"rules", chain.rules},
                      {"drop_policy", chain.has_drop_policy},
                      {"refuses", chain.refuses},
                      {"translates", chain.translates}});
  for (const apply::ForeignMark& mark : findings.marks.collisions)
    marks.push_back({{"engine", apply::to_string(mark.engine)},
                     {"place", mark.place},
                     {"program", mark.program},
                     {"use", mark.use == apply::ForeignMark::Use::Write ? "write" : "restore"},
                     {"bits", mark.bits},
                     {"ours", mark.bits & findings.layout.mask()}});
  ordered_json document{{"engines", engines_json(findings)},
                        {"connmark_mask", findings.layout.mask()},
                        {"rules_of_others", std::move(chains)},
                        {"mark_collisions", std::move(marks)},
                        {"proposed_mask", nullptr}};
  if (findings.marks.proposal)
    document["proposed_mask"] = {{"mask", findings.marks.proposal->mask},
                                 {"highest", findings.marks.proposal->highest},
                                 {"fits_policy", findings.proposal_fits()}};
  document["findings"] = ordered_json::array();
  for (const doctor::Finding& finding : findings.all) document["findings"].push_back(doctor::json_of(finding));
  return document;
}

/// Prints what an inspector is to be told; nothing is looked at but the policy.
ExitCode write(Context& context, const Arguments& arguments, const CheckedPolicy& checked) {
  const auto needs = doctor::queue_needs(checked.policy, checked.tree.sources);
  const auto layout = *ir::MarkLayout::create(*checked.policy.settings->connmark_mask);
  context.out << (arguments.has("write-suricata") ? doctor::suricata_include(needs, layout)
                                                  : doctor::consumer_contract(needs, layout));
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.has("write-suricata") && arguments.has("write-consumer"))
    return usage_error(context, kDoctorCommand, "options '--write-suricata' and '--write-consumer' do not go together");
  const auto checked = check_tree(context.files, directory_of(arguments), known_names(context, arguments));
  print_diagnostics(context, *checked);
  if (checked->sink.has_errors())
    return report_failure(context, "the configuration has errors", ExitCode::Configuration);
  if (arguments.has("write-suricata") || arguments.has("write-consumer")) return write(context, arguments, *checked);
  const auto kernel = apply::make_kernel();
  auto around = apply::look_around(*kernel);
  if (!around) return report_refusal(context, around.error());
  Findings findings{.layout = *ir::MarkLayout::create(*checked->policy.settings->connmark_mask),
                    .highest = highest_number(checked->policy),
                    .around = std::move(*around)};
  findings.choice = apply::choose_backend(control::backend_wish(checked->policy.settings->backend), findings.around,
                                          apply::needs_of(compile::compile(checked->policy, {}).ruleset),
                                          /*force=*/false);
  findings.marks = apply::diagnose_marks(findings.around.others.marks, findings.layout);
  auto all = doctor_findings(
      context, arguments,
      {.checked = *checked,
       .kernel = *kernel,
       .around = findings.around,
       .is_in_nft = findings.around.loaded.value_or(findings.choice ? findings.choice->backend
                                                                    : apply::Backend::Xtables) == apply::Backend::Nft,
       .layout = findings.layout,
       .marks = findings.marks,
       .proposal_fits = findings.proposal_fits()});
  if (!all) return report_refusal(context, all.error());
  findings.all = std::move(*all);
  if (context.json)
    context.out << json_of(findings).dump(2, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace)
                << '\n';
  else
    print_text(context, findings);
  return doctor::needs_person(findings.all) ? ExitCode::NeedsPerson : ExitCode::Done;
}

}  // namespace

constinit const Command kDoctorCommand{
    .name = "doctor",
    .summary = "tell what is wrong between the policy, the kernel and the programs around them",
    .arguments = "[DIR]",
    .usage =
        "Tries what the kernel's rule engines, xtables and nf_tables, can do, and tells which of them apply would "
        "take.\n"
        "Reads the rules of others in xtables and nf_tables (docker, tailscale, wg-quick and their like) and tells\n"
        "which of them decide packets, and which change or copy bits of the connection mark that CONNMARK_MASK of the\n"
        "configuration tree DIR (default " VUURMUUR_CONFIG_DIR
        ") says are ours. When some do, a mask is\n"
        "proposed that keeps clear of them.\n"
        "Then it tells what is wrong, with the lines to change: of the kernel, of the queues that rules send to and "
        "who\n"
        "listens there, of Suricata's configuration, of published ports that go around the policy. Says \"nothing "
        "wrong\"\n"
        "otherwise. The exit status is 5 when something is, 0 when there is advice at most. Changes nothing.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
