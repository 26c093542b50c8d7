// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/choose_backend.h"

#include <algorithm>
#include <array>
#include <variant>

namespace vuurmuur::apply {
namespace {

constexpr std::size_t kMostNamed = 4;

/// In the order of preference.
constexpr std::array kBackends{Backend::Xtables, Backend::Nft};

Backend other_than(Backend backend) { return backend == Backend::Xtables ? Backend::Nft : Backend::Xtables; }

/// Why an engine cannot hold a ruleset; nothing when it can.
std::optional<std::string> inability(Backend backend, const EngineSupport& support, const EngineNeeds& needs) {
  if (backend == Backend::Xtables) {
    if (support.has_xtables) return std::nullopt;
    return "this kernel has no xtables (" + support.xtables_reason + ")";
  }
  if (!support.has_nft) return "this kernel has no nf_tables (" + support.nft_reason + ")";
  if (needs.queues && !support.has_nft_queue)
    return "this kernel's nf_tables has no queue expression (NFT_QUEUE), which the policy's nfqueue rules need";
  return std::nullopt;
}

std::string describe(const ForeignChain& chain) {
  std::string text = chain.place;
  if (!chain.program.empty()) text += " (" + chain.program + ")";
  if (chain.has_drop_policy)
    text += " has policy drop";
  else if (chain.refuses)
    text += " drops or rejects packets";
  else
    text += " translates addresses";
  return text;
}

std::string describe(const std::vector<ForeignChain>& chains) {
  std::string text;
  for (std::size_t i = 0; i < chains.size() && i < kMostNamed; ++i) text += (i == 0 ? "" : "; ") + describe(chains[i]);
  if (chains.size() > kMostNamed) text += "; and " + std::to_string(chains.size() - kMostNamed) + " more";
  return text;
}

/// How the user gets out of it.
std::string advice(Backend chosen, bool other_is_possible) {
  const std::string other(to_string(other_than(chosen)));
  std::string text = "; both engines would see every packet, and the stricter one would win: move those rules";
  if (other_is_possible) text += ", or load ours there too (--backend=" + other + ")";
  return text + ", or accept it with --force";
}

struct Candidate {
  Backend backend;
  std::vector<ForeignChain> conflicts;
};

}  // namespace

EngineNeeds needs_of(const ir::Ruleset& ruleset) {
  EngineNeeds needs;
  for (const net::Family family : net::kFamilies) {
    const ir::FamilyRules& rules = ruleset.rules(family);
    needs.nat |= !rules.table(ir::TableName::Nat).is_empty();
    for (const ir::Chain& chain : rules.table(ir::TableName::Filter).chains())
      for (const ir::Rule& rule : chain.rules) needs.queues |= std::holds_alternative<ir::NfqueueTarget>(rule.target);
  }
  return needs;
}

std::vector<ForeignChain> conflicts(Backend chosen, const ForeignRules& others, const EngineNeeds& needs) {
  std::vector<ForeignChain> found;
  for (const ForeignChain& chain : others.chains)
    if (chain.engine != chosen && (chain.can_refuse() || (needs.nat && chain.translates))) found.push_back(chain);
  return found;
}

base::Result<BackendChoice> choose_backend(BackendWish wish, const Circumstances& circumstances,
                                           const EngineNeeds& needs, bool force) {
  std::vector<Candidate> candidates;
  std::string reasons;
  for (const Backend backend : kBackends) {
    if (wish && *wish != backend) continue;
    if (const auto reason = inability(backend, circumstances.support, needs)) {
      reasons += (reasons.empty() ? "" : "; ") + *reason;
      continue;
    }
    candidates.push_back({backend, conflicts(backend, circumstances.others, needs)});
  }
  if (candidates.empty()) {
    const bool other_helps = wish && !inability(other_than(*wish), circumstances.support, needs);
    if (other_helps) reasons += "; --backend=" + std::string(to_string(other_than(*wish))) + " can hold it";
    return base::failure("no rule engine can hold this policy: " + reasons);
  }
  const auto worse = [&](const Candidate& a, const Candidate& b) {
    if (a.conflicts.empty() != b.conflicts.empty()) return b.conflicts.empty();
    return circumstances.loaded == b.backend && circumstances.loaded != a.backend;
  };
  Candidate best = candidates.front();
  for (const Candidate& candidate : candidates)
    if (worse(best, candidate)) best = candidate;
  if (best.conflicts.empty()) return BackendChoice{.backend = best.backend};
  const std::string what = "rules of others in " + std::string(to_string(other_than(best.backend))) +
                           " would decide packets as well: " + describe(best.conflicts);
  if (force) return BackendChoice{.backend = best.backend, .warnings = {what}};
  const bool other_is_possible = !inability(other_than(best.backend), circumstances.support, needs) &&
                                 conflicts(other_than(best.backend), circumstances.others, needs).empty();
  return base::failure(what + advice(best.backend, other_is_possible));
}

}  // namespace vuurmuur::apply
