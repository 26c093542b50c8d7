// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// The ruleset as a POSIX shell script that loads it on a machine without Vuurmuur: the same text given to
/// iptables-restore and ip6tables-restore with --noflush, after emptying our own chains there; foreign chains and their
/// jumps stay. `set -e`; kernel settings (sysctls) before and after as their flag says; the restore programs can be set
/// through IPTABLES_RESTORE and IP6TABLES_RESTORE.
[[nodiscard]] std::string shell_script(const ir::Ruleset& ruleset, const TextOptions& options = {});

}  // namespace vuurmuur::backend
