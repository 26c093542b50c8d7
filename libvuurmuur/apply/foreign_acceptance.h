// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "apply/kernel.h"
#include "apply/rule_engine.h"
#include "ir/evaluate.h"

namespace vuurmuur::apply {

/// What rules that are not ours may do in table filter, with conditions of which nothing is known.
class ForeignAcceptance {
 public:
  /// Reads what others have in filter of the engine, of both families: of xtables as far as it is loaded, of nf_tables
  /// whether the user's chains in our table have rules at all, which then may do anything.
  [[nodiscard]] static base::Result<ForeignAcceptance> of(Kernel& kernel, Backend backend);
  /// Others have nothing there.
  [[nodiscard]] static ForeignAcceptance nothing() { return {}; }
  void set(net::Family family, std::string_view chain, ir::ForeignChain what);

  /// Of a chain, with those that it leads to. One that is not there yet is made empty.
  [[nodiscard]] ir::ForeignChain chain(net::Family family, std::string_view name) const;
  /// Whether rules of others beside the jumps to ours in a built-in chain may accept.
  [[nodiscard]] bool may_accept(net::Family family, ir::Hook hook) const;

 private:
  struct OfFamily {
    bool is_known = true;  ///< else every chain may do anything
    std::map<std::string, ir::ForeignChain, std::less<>> chains;
    std::array<bool, 5> accepts{};  ///< by hook
  };
  [[nodiscard]] static base::Result<ForeignAcceptance> of_xtables(Kernel& kernel);
  [[nodiscard]] static base::Result<ForeignAcceptance> of_nft(Kernel& kernel);

  std::array<OfFamily, 2> families_;
};

}  // namespace vuurmuur::apply
