// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/proof.h"

#include <array>
#include <utility>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "names/index.h"

namespace vuurmuur::control {

namespace {

/// Rules of which both families are looked at side by side.
constexpr std::size_t kMostAtOnce = 40'000;

}  // namespace

prove::Proof prove_ruleset(const sema::Policy& policy, const ir::Ruleset& ruleset,
                           std::span<const ir::NfqueueTarget> live_queues, std::size_t steps) {
  prove::Emitter emitter{.text =
                             [&](net::Family family) {
                               return prove::Emitter::Text{.rules = backend::iptables_save(ruleset, family),
                                                           .sets = backend::ipset_save(ruleset, std::array{family})};
                             },
                         .one_by_one = ruleset.rule_count() > kMostAtOnce};
  for (const ir::NfqueueTarget& queue : live_queues)
    emitter.kept_queues.push_back({.range = {.first = queue.first, .last = queue.last},
                                   .bypass = queue.bypass,
                                   .fanout = queue.cpu_fanout,
                                   .nfmark = {}});
  return prove::prove(policy, emitter, steps);
}

std::size_t proof_size(const ir::Ruleset& ruleset) {
  std::size_t size = ruleset.rule_count();
  for (const ir::Set& set : ruleset.sets) size += set.elements.size();
  return size;
}

diag::Sink check_compiled(const CheckedPolicy& checked, const ir::Ruleset& ruleset,
                          std::span<const ir::NfqueueTarget> live_queues) {
  diag::Sink wrong;
  if (proof_size(ruleset) > kMostProvenSize) return wrong;
  prove::Proof proof = prove_ruleset(checked.policy, ruleset, live_queues);
  if (proof.doubts.empty()) return wrong;
  // What was not proven is no reason to refuse; `compile --prove` tells of it.
  proof.not_modelled.clear();
  proof.unfinished = 0;
  const model::Policy& model = checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy;
  prove::tell(proof, names::Index::build(model, checked.policy), wrong);
  return wrong;
}

}  // namespace vuurmuur::control
