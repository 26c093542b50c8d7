// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/nft_tables.h"
#include "apply/settings.h"
#include "backend/nft_prints.h"
#include "backend/nft_program.h"

namespace vuurmuur::apply {

/// Brings our tables of nf_tables and the kernel settings from what they are to what a ruleset says, or leaves
/// everything as it was. The caller holds the lock.
///
/// Everything but the settings is one transaction of the kernel (doc/decisions/0014-nft.md), so there is no state
/// between two rulesets. A change of nf_tables by somebody else between reading and committing is noticed by the
/// kernel's generation, and all is read and made again. With Options::nft_memory nothing is read when nobody changed
/// anything since the last load, and chains that stay the same are not written.
///
/// Settings that are to be written after the rules, like forwarding, are written before them when rules of ours are in
/// force already: then a setting that is refused can be taken back with nothing else changed.
class NftTransaction {
 public:
  /// `is_guarded`: rules of ours are in force, in whichever engine.
  NftTransaction(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, bool is_guarded);

  /// Once.
  [[nodiscard]] base::Result<void> run();

  /// After run(): takes everything back when nf_tables had no rules of ours before it, and says in the error what was
  /// not possible.
  void undo(base::Error& error);

  /// After run().
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  [[nodiscard]] base::Result<void> write_rules();
  [[nodiscard]] base::Result<void> load();
  /// Our tables as they are, and the generation of nf_tables in which they are so.
  struct Now {
    std::uint32_t generation = 0;
    std::vector<NftTable> tables;  ///< of programs_
    bool is_remembered = false;
    std::map<net::Family, NftTable> others{};  ///< of families that are not loaded, as they are remembered
  };
  [[nodiscard]] base::Result<Now> look();
  void remember(Now before, bool is_changed);

  Kernel& kernel_;
  const ir::Ruleset& ruleset_;
  const Options& options_;
  bool is_guarded_;
  Settings settings_;
  std::vector<backend::nft::Program> programs_;  ///< of the families that are loaded, IPv6 first, when the kernel has it
  std::vector<backend::nft::Prints> prints_;     ///< of programs_, where what is loaded is remembered
  bool had_rules_ = false;  ///< nf_tables, before the load
  bool is_loaded_ = false;
  std::vector<std::string> warnings_;
};

/// Takes all rules of ours out of nf_tables; nothing is done when there are none. Base chains can only go with the
/// packets that wait in queues (doc/decisions/0014-nft.md): while some do, and as long as the user's own chains have
/// rules, the tables stay, with base chains that let everything pass.
[[nodiscard]] base::Result<void> clear_nft(Kernel& kernel, std::vector<std::string>& warnings);

}  // namespace vuurmuur::apply
