// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <memory>
#include <string>

#include "apply/apply.h"
#include "compile/compile.h"
#include "config/tree.h"
#include "ir/ruleset.h"
#include "lab/gateway.h"
#include "reference/world.h"
#include "sema/policy.h"

namespace vuurmuur::kernel_test {

/// The files of a configuration tree by their paths in it.
using Files = std::map<std::string, std::string>;

/// The files of a directory below tests/trees.
[[nodiscard]] Files read_files(const std::string& tree);

/// tests/trees/base with other files laid over it.
[[nodiscard]] Files on_base(const Files& over);

/// The base with these lines as its rules; each is the text of one rule: "accept service http from lan to inet".
[[nodiscard]] Files with_rules(const std::vector<std::string>& rules);

/// A policy from its files to its ruleset, with the sets that this kernel can hold in the engine under test
/// (engine.h). Throws lab::LabError with the messages when it has errors.
struct Policy {
  explicit Policy(const Files& files, compile::Options options = {});
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  config::Tree tree;
  sema::Policy resolved;
  ir::Ruleset ruleset;

  [[nodiscard]] const model::Policy& model() const { return tree.policy; }
  [[nodiscard]] const ir::MarkLayout layout() const;
  /// Rules and ruleset as text, for messages.
  [[nodiscard]] std::string explain(net::Family family) const;
};

/// Loads it into the firewall of a gateway, into the engine under test; throws when that fails.
apply::Report load(const lab::Gateway& gateway, const Policy& policy);

/// What the reference interpreter has to know about a gateway and the user's chains that policies of the matrix call.
[[nodiscard]] reference::World gateway_world();

}  // namespace vuurmuur::kernel_test
