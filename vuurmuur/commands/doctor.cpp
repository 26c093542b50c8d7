// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "apply/choose_backend.h"
#include "apply/foreign_rules.h"
#include "apply/mark_doctor.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "commands/commands.h"
#include "ir/marks.h"

namespace vuurmuur::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::array kOptions{kJsonOption};

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
  apply::ForeignRules others;
  apply::MarkDiagnosis marks;

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

void print_text(Context& context, const Findings& findings) {
  auto& out = context.out;
  out << (findings.others.chains.empty() ? "no rules of others\n" : "rules of others:\n");
  for (const apply::ForeignChain& chain : findings.others.chains)
    out << fmt::format("  {}: {}\n", whose(chain.place, chain.program), what_it_does(chain));
  const std::uint32_t mask = findings.layout.mask();
  if (findings.marks.collisions.empty()) {
    out << fmt::format("connection marks: nobody else uses ours, {:#010x}\n", mask);
    return;
  }
  out << fmt::format("connection marks: others use bits of ours, {:#010x}:\n", mask);
  for (const apply::ForeignMark& mark : findings.marks.collisions)
    out << fmt::format("  {} {}\n", whose(mark.place, mark.program), what_it_does(mark, mask));
  if (!findings.marks.proposal) {
    out << "no other field would keep clear of them\n";
    return;
  }
  out << fmt::format(
      "free would be CONNMARK_MASK=\"{:#010x}\", with numbers up to {}{}\n", findings.marks.proposal->mask,
      findings.marks.proposal->highest,
      findings.proposal_fits() ? "" : fmt::format("; the policy uses {}, which does not fit", findings.highest));
}

ordered_json json_of(const Findings& findings) {
  ordered_json chains = ordered_json::array(), marks = ordered_json::array();
  for (const apply::ForeignChain& chain : findings.others.chains)
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
  ordered_json document{{"connmark_mask", findings.layout.mask()},
                        {"rules_of_others", std::move(chains)},
                        {"mark_collisions", std::move(marks)},
                        {"proposed_mask", nullptr}};
  if (findings.marks.proposal)
    document["proposed_mask"] = {{"mask", findings.marks.proposal->mask},
                                 {"highest", findings.marks.proposal->highest},
                                 {"fits_policy", findings.proposal_fits()}};
  return document;
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto checked = check_tree(context.files, directory_of(arguments));
  print_diagnostics(context, *checked);
  if (checked->sink.has_errors())
    return report_failure(context, "the configuration has errors", ExitCode::Configuration);
  const auto kernel = apply::make_kernel();
  auto others = apply::rules_of_others(*kernel);
  if (!others) return report_refusal(context, others.error());
  Findings findings{.layout = *ir::MarkLayout::create(*checked->policy.settings->connmark_mask),
                    .highest = highest_number(checked->policy),
                    .others = std::move(*others),
                    .marks = {}};
  findings.marks = apply::diagnose_marks(findings.others.marks, findings.layout);
  if (context.json)
    context.out << json_of(findings).dump(2, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace)
                << '\n';
  else
    print_text(context, findings);
  return findings.marks.collisions.empty() ? ExitCode::Done : ExitCode::NeedsPerson;
}

}  // namespace

constinit const Command kDoctorCommand{
    .name = "doctor",
    .summary = "tell what other programs' rules get in the way of ours",
    .arguments = "[DIR]",
    .usage =
        "Reads the rules of others in xtables and nf_tables (docker, tailscale, wg-quick and their like) and tells\n"
        "which of them decide packets, and which change or copy bits of the connection mark that CONNMARK_MASK of the\n"
        "configuration tree DIR (default " VUURMUUR_CONFIG_DIR
        ") says are ours. When some do, a mask is\n"
        "proposed that keeps clear of them, and the exit status is 5. Changes nothing.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
