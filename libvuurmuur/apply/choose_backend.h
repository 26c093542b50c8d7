// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "apply/foreign_rules.h"
#include "apply/kernel.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// What a kernel's rule engines can do, found by trying in a network namespace of its own.
struct EngineSupport {
  bool has_xtables = false;
  bool has_nft = false;
  bool has_nft_queue = false;  ///< the expression "queue" (CONFIG_NFT_QUEUE)
  std::string xtables_reason;  ///< why there is no xtables; empty when there is
  std::string nft_reason;      ///< the same for nft
  /// Why nothing could be tried; both are then taken for able to do everything. Empty when all was tried.
  std::string untried{};
  bool operator==(const EngineSupport&) const = default;
};

/// What a ruleset needs of an engine.
struct EngineNeeds {
  bool queues = false;
  bool nat = false;
};
[[nodiscard]] EngineNeeds needs_of(const ir::Ruleset& ruleset);

/// Which engine somebody wishes; nothing: whichever fits.
using BackendWish = std::optional<Backend>;

/// What is known when an engine is chosen.
struct Circumstances {
  EngineSupport support;
  ForeignRules others;
  /// The engine that holds rules of ours now; stays when it fits as well as the other.
  std::optional<Backend> loaded;
};

struct BackendChoice {
  Backend backend = Backend::Xtables;
  /// What the user should know of it: rules of the other engine that were overlooked with `force`.
  std::vector<std::string> warnings;
  bool operator==(const BackendChoice&) const = default;
};

/// The places where rules of others in the other engine would decide packets differently from the policy: both engines
/// see every packet, an accept of one is not final in the other, and of two NATs the first to see a connection wins.
[[nodiscard]] std::vector<ForeignChain> conflicts(Backend chosen, const ForeignRules& others, const EngineNeeds& needs);

/// The engine to load a ruleset into. Without a wish: the one that can hold it and meets no conflict; of two such, the
/// one that is loaded, else xtables, which is the faster one to load. The error says why there is none, and what would
/// help; `force` accepts conflicts (never an engine that cannot hold the ruleset) and turns them into warnings.
[[nodiscard]] base::Result<BackendChoice> choose_backend(BackendWish wish, const Circumstances& circumstances,
                                                         const EngineNeeds& needs, bool force);

}  // namespace vuurmuur::apply
