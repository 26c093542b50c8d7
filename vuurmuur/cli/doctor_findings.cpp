// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor_findings.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "apply/queue_statistics.h"
#include "cli/policy.h"
#include "cli/saved_rules.h"
#include "control/queue_report.h"
#include "doctor/kernel_findings.h"
#include "doctor/published_ports.h"
#include "doctor/queue_findings.h"
#include "doctor/queue_need.h"
#include "doctor/suricata_findings.h"
#include "doctor/suricata_start.h"

namespace vuurmuur::cli {
namespace {

using doctor::Finding;

constexpr const char* kSuricata = "/etc/suricata/suricata.yaml";

void append(std::vector<Finding>& all, std::vector<Finding> some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

std::vector<Finding> of_queues(const DoctorSubject& subject) {
  const auto rules = control::queue_rules(subject.checked.policy);
  const auto statistics = apply::read_queue_statistics();
  if (!statistics) {
    if (rules.empty()) return {};
    return {{.severity = doctor::Severity::Advice,
             .id = "queues-unread",
             .what = "who listens to queues could not be read: " + statistics.error().message,
             .why = "as root it can"}};
  }
  return doctor::queue_findings(control::queue_report(rules, *statistics), subject.around.loaded.has_value());
}

/// Bits of packet marks that rules of others put into our field. Which of them copy a packet mark, and which write a
/// number, is not known: all that write.
std::uint32_t saved_marks(const DoctorSubject& subject) {
  std::uint32_t bits = 0;
  for (const apply::ForeignMark& mark : subject.marks.collisions)
    if (mark.use == apply::ForeignMark::Use::Write) bits |= mark.bits;
  return bits;
}

base::Result<std::vector<Finding>> of_suricata(Context& context, const Arguments& arguments,
                                               const DoctorSubject& subject) {
  const auto file = arguments.value("suricata");
  if (file == "none") return std::vector<Finding>();
  auto config = doctor::SuricataConfig::read(context.files, file.value_or(kSuricata));
  if (!config) {
    // Where nobody named one there may be none, or none that we may read.
    if (!file && (config.error().code == ENOENT || config.error().code == EACCES || config.error().code == ENOTDIR))
      return std::vector<Finding>();
    if (config.error().code != 0) return std::unexpected(config.error());
    return std::vector<Finding>{{.severity = doctor::Severity::Error,
                                 .id = "suricata-yaml",
                                 .what = "Suricata: the configuration cannot be read: " + config.error().message,
                                 .why = "Suricata would not start"}};
  }
  auto units = arguments.values("suricata-unit");
  for (const std::string& unit : units) VM_TRY(context.files.read_file(unit));
  if (units.empty() && !file) units = doctor::suricata_start_files(context.files);
  const auto needs = doctor::queue_needs(subject.checked.policy, subject.checked.tree.sources);
  return doctor::suricata_findings({.config = *config,
                                    .needs = needs,
                                    .start = doctor::read_suricata_start(context.files, units),
                                    .layout = subject.layout,
                                    .saved_marks = saved_marks(subject)});
}

base::Result<std::vector<Finding>> of_published_ports(Context& context, const Arguments& arguments,
                                                      const DoctorSubject& subject) {
  std::vector<Finding> findings;
  const auto look = [&](const SavedRules& saved) {
    append(findings, doctor::published_port_findings(saved.ruleset, subject.checked.policy,
                                                     doctor::services_of(subject.checked.tree.policy)));
  };
  if (const auto file = arguments.value("iptables-save")) {
    SavedRules saved;
    VM_TRY_VOID(read_saved_rules(context.files, *file, std::nullopt, saved));
    look(saved);
    return findings;
  }
  const bool has_translation = std::ranges::any_of(subject.around.others.chains, [](const apply::ForeignChain& chain) {
    return chain.engine == apply::Backend::Xtables && chain.translates;
  });
  if (!has_translation) return findings;
  for (auto& [name, text] : VM_TRY(doctor::live_rules(subject.kernel))) {
    SavedRules saved;
    saved.read(name, text, {}, {});
    look(saved);
  }
  return findings;
}

}  // namespace

base::Result<std::vector<Finding>> doctor_findings(Context& context, const Arguments& arguments,
                                                   const DoctorSubject& subject) {
  const sema::Policy& policy = subject.checked.policy;
  std::vector<Finding> all;
  const auto facts = doctor::read_kernel_facts(subject.kernel, subject.is_in_nft, subject.around.support.has_nft_queue);
  append(all, doctor::kernel_findings(facts, {.has_queues = !policy.queues.empty(),
                                              .is_in_nft = subject.is_in_nft,
                                              .is_in_force = subject.around.loaded.has_value(),
                                              .accounting = policy.settings->conntrack_accounting}));
  append(all, doctor::mark_findings(subject.marks, subject.layout, directory_of(arguments) + "/config.conf",
                                    subject.proposal_fits));
  append(all, of_queues(subject));
  append(all, VM_TRY(of_suricata(context, arguments, subject)));
  append(all, VM_TRY(of_published_ports(context, arguments, subject)));
  std::ranges::stable_sort(all, {}, &Finding::severity);
  return all;
}

}  // namespace vuurmuur::cli
