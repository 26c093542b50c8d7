// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// Kernel settings, written by an apply and given back by clear, or by an apply that does not want them any more. What
/// a setting was before the first apply stands in STATE_DIRECTORY/sysctl.saved, a line "path=value" each.
class Settings {
 public:
  Settings(Kernel& kernel, std::string state_directory);

  /// Writes those that differ, of the ones flagged so, after their old values were saved. One that this kernel does not
  /// have is a warning.
  [[nodiscard]] base::Result<void> write(std::span<const ir::Sysctl> settings, bool after_rules,
                                         std::vector<std::string>& warnings);

  /// Takes back what this object has written, and what it saved; the problems met.
  [[nodiscard]] std::vector<std::string> undo();

  /// Gives the saved settings back and forgets them, except those that are still wanted. One that cannot be given back
  /// stays saved and is a warning.
  void give_back(std::span<const ir::Sysctl> still_wanted, std::vector<std::string>& warnings);

 private:
  struct Written {
    std::string path, before;
  };

  [[nodiscard]] base::Result<std::map<std::string, std::string>> load() const;
  [[nodiscard]] base::Result<void> save(const std::map<std::string, std::string>& saved);

  Kernel& kernel_;
  std::string directory_, file_;
  std::vector<Written> written_;
  std::vector<std::string> newly_saved_;
};

}  // namespace vuurmuur::apply
