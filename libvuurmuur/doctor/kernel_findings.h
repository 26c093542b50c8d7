// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "apply/mark_doctor.h"
#include "doctor/finding.h"
#include "ir/marks.h"

namespace vuurmuur::doctor {

/// What the kernel was found to do.
struct KernelFacts {
  std::string untried = {};      ///< why queues could not be tried; empty: they were
  bool has_queue_target = true;  ///< a rule can queue
  bool has_queue_socket = true;  ///< a program can listen (nfnetlink_queue)
  std::optional<std::uint64_t> connections = {}, most_connections = {};
  std::optional<bool> counts_connections = {};  ///< nf_conntrack_acct
  bool assigns_helpers = false;                 ///< nf_conntrack_helper, which Linux 6.0 took away
  bool operator==(const KernelFacts&) const = default;
};

/// What the policy has to do with them.
struct KernelNeeds {
  bool has_queues = false;   ///< some rule queues
  bool is_in_nft = false;    ///< our rules are or would be in nf_tables
  bool is_in_force = false;  ///< they are in the kernel
  bool accounting = true;    ///< CONNTRACK_ACCOUNTING
};

/// Tries queues in a namespace that is thrown away, and reads settings. `nft_queue`: whether nf_tables can queue, which
/// is known from elsewhere.
[[nodiscard]] KernelFacts read_kernel_facts(apply::Kernel& kernel, bool is_in_nft, bool nft_queue);

[[nodiscard]] std::vector<Finding> kernel_findings(const KernelFacts& facts, const KernelNeeds& needs);

/// Rules of others that use bits of our field of the connection mark. `place`: of CONNMARK_MASK; `fits`: the numbers of
/// the policy fit what is proposed.
[[nodiscard]] std::vector<Finding> mark_findings(const apply::MarkDiagnosis& marks, const ir::MarkLayout& layout,
                                                 const std::string& place, bool fits);

}  // namespace vuurmuur::doctor
