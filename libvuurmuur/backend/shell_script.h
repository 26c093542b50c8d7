// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// The ruleset as a POSIX shell script that loads it on a machine without Vuurmuur: the same text given to
/// iptables-restore and ip6tables-restore with --noflush, each table in one commit that first takes out our own chains
/// and the jumps to them that are there; foreign chains, made when missing, and all else stay. `set -e`; the
/// sets are made first, and those of ours that no rule asks any more go last; kernel settings (sysctls) before and
/// after as their flag says. The programs can be set through IPSET, IPTABLES_RESTORE and IP6TABLES_RESTORE; the ones
/// that print the tables, IPTABLES_SAVE and IP6TABLES_SAVE, are named after them unless set.
[[nodiscard]] std::string shell_script(const ir::Ruleset& ruleset, const TextOptions& options = {});

}  // namespace vuurmuur::backend
