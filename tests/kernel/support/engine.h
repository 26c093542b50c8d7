// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/rule_engine.h"
#include "support/policy_files.h"

namespace vuurmuur::kernel_test {

/// The rule engine that the tests of this executable load policies into: xtables, or nft where engine_nft.cpp is among
/// its sources.
[[nodiscard]] apply::Backend engine_under_test();
/// Before the first test.
void set_engine_under_test(apply::Backend engine);

/// Whether this kernel can queue packets in an engine; nf_tables needs NFT_QUEUE for it. Says what is left out when it
/// cannot (lab::kernel_has).
[[nodiscard]] bool can_queue(apply::Backend engine);

/// The files without the rules that the engine under test cannot hold here: those that queue.
[[nodiscard]] Files for_engine_under_test(Files files);

}  // namespace vuurmuur::kernel_test
