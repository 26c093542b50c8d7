// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <memory>

#include "analyse/sample.h"
#include "cli/saved_rules.h"
#include "sema/policy.h"

namespace vuurmuur::cli {

/// The rules that a policy becomes, as text read back, and the way of packets through them. Where the policy says that
/// a network is, there is the route to it.
class EmittedRules {
 public:
  explicit EmittedRules(const sema::Policy& policy);

  [[nodiscard]] saved::Answer walk(const analyse::Sample& sample) const;
  /// Of the family's text.
  [[nodiscard]] const diag::SourceMap& sources(net::Family family) const { return part(family).rules.sources; }

 private:
  struct Part {
    SavedRules rules;
    std::optional<saved::Walker> walker;
  };
  [[nodiscard]] const Part& part(net::Family family) const { return *parts_[static_cast<std::size_t>(family)]; }

  std::array<std::unique_ptr<Part>, net::kFamilies.size()> parts_;
};

}  // namespace vuurmuur::cli
