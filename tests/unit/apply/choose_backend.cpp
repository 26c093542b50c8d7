// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/choose_backend.h"

#include "rulesets.h"
#include "support/catch.h"

namespace vuurmuur::apply {
namespace {

const EngineSupport kBoth{.has_xtables = true, .has_nft = true, .has_nft_queue = true};
const EngineSupport kNftOnly{.has_nft = true, .has_nft_queue = true, .xtables_reason = "protocol not available"};
const EngineSupport kNoNftQueue{.has_xtables = true, .has_nft = true};

const ForeignChain kDockerNft{
    .engine = Backend::Nft, .place = "nft ip filter FORWARD", .program = "docker", .rules = 9, .has_drop_policy = true};
const ForeignChain kDockerXtables{
    .engine = Backend::Xtables, .place = "iptables filter FORWARD", .program = "docker", .rules = 9, .refuses = true};
const ForeignChain kNatNft{.engine = Backend::Nft, .place = "nft ip nat POSTROUTING", .rules = 1, .translates = true};
const ForeignChain kCountingNft{.engine = Backend::Nft, .place = "nft inet count input", .rules = 3};

Circumstances with(EngineSupport support, std::vector<ForeignChain> chains = {},
                   std::optional<Backend> loaded = std::nullopt) {
  return {.support = std::move(support), .others = {.chains = std::move(chains), .marks = {}}, .loaded = loaded};
}

/// What is chosen without a wish, or why nothing is.
std::string automatic(const Circumstances& circumstances, const EngineNeeds& needs = {}, bool force = false) {
  const auto choice = choose_backend(std::nullopt, circumstances, needs, force);
  if (!choice) return choice.error().message;
  std::string text(to_string(choice->backend));
  for (const std::string& warning : choice->warnings) text += " | " + warning;
  return text;
}

}  // namespace

TEST_CASE("without a wish xtables is taken, or what is loaded, or what the kernel has") {
  CHECK(automatic(with(kBoth)) == "xtables");
  CHECK(automatic(with(kBoth, {}, Backend::Nft)) == "nft");
  CHECK(automatic(with(kNftOnly)) == "nft");
  CHECK(automatic(with(kNoNftQueue, {}, Backend::Nft), {.queues = true}) == "xtables");
  CHECK(automatic(with({.xtables_reason = "protocol not available", .nft_reason = "operation not supported"})) ==
        "no rule engine can hold this policy: this kernel has no xtables (protocol not available); this kernel has no "
        "nf_tables (operation not supported)");
}

TEST_CASE("rules of others that only count or translate what we do not are no conflict") {
  CHECK(automatic(with(kBoth, {kCountingNft, kNatNft})) == "xtables");
  CHECK(automatic(with(kBoth, {kNatNft}), {.nat = true}) == "nft");
}

TEST_CASE("without a wish the engine is taken in which others' rules do not contradict from the other side") {
  CHECK(automatic(with(kBoth, {kDockerNft})) == "nft");
  CHECK(automatic(with(kBoth, {kDockerXtables}, Backend::Nft)) == "xtables");
}

TEST_CASE("two engines that both decide are refused with the reason, or forced") {
  CHECK(automatic(with(kNoNftQueue, {kDockerNft}), {.queues = true}) ==
        "rules of others in nft would decide packets as well: nft ip filter FORWARD (docker) has policy drop; both "
        "engines would see every packet, and the stricter one would win: move those rules, or accept it with --force");
  CHECK(
      automatic(with(kNoNftQueue, {kDockerNft}), {.queues = true}, /*force=*/true) ==
      "xtables | rules of others in nft would decide packets as well: nft ip filter FORWARD (docker) has policy drop");
}

TEST_CASE("a wish is followed, refused with what would help, or impossible") {
  CHECK(choose_backend(Backend::Nft, with(kBoth), {}, false)->backend == Backend::Nft);
  CHECK(choose_backend(Backend::Xtables, with(kBoth, {kDockerNft}), {}, false).error().message ==
        "rules of others in nft would decide packets as well: nft ip filter FORWARD (docker) has policy drop; both "
        "engines would see every packet, and the stricter one would win: move those rules, or load ours there too "
        "(--backend=nft), or accept it with --force");
  CHECK(choose_backend(Backend::Nft, with(kNoNftQueue), {.queues = true}, true).error().message ==
        "no rule engine can hold this policy: this kernel's nf_tables has no queue expression (NFT_QUEUE), which the "
        "policy's nfqueue rules need; --backend=xtables can hold it");
}

TEST_CASE("what a ruleset needs is seen in its tables") {
  ir::Ruleset ruleset = test::accepting_ports({22});
  CHECK_FALSE(needs_of(ruleset).nat);
  CHECK_FALSE(needs_of(ruleset).queues);
  test::add_prerouting_port(ruleset, ir::TableName::Nat, 80);
  ir::Table& filter = ruleset.ipv6.table(ir::TableName::Filter);
  filter.append(filter.chain_named("VRMR-Q"), ir::Rule{.target = ir::NfqueueTarget{}});
  CHECK(needs_of(ruleset).nat);
  CHECK(needs_of(ruleset).queues);
}

}  // namespace vuurmuur::apply
