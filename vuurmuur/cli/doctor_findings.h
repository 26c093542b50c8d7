// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "apply/choose_backend.h"
#include "apply/kernel.h"
#include "apply/mark_doctor.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "control/checked_policy.h"
#include "doctor/finding.h"
#include "ir/marks.h"

namespace vuurmuur::cli {

/// What doctor knows before it looks for what is wrong.
struct DoctorSubject {
  const control::CheckedPolicy& checked;
  apply::Kernel& kernel;
  const apply::Circumstances& around;
  bool is_in_nft = false;  ///< where our rules are, or would be
  ir::MarkLayout layout;
  const apply::MarkDiagnosis& marks;
  bool proposal_fits = false;
};

/// All that is wrong, errors first. An error: a file that the command line names cannot be read.
[[nodiscard]] base::Result<std::vector<doctor::Finding>> doctor_findings(Context& context, const Arguments& arguments,
                                                                         const DoctorSubject& subject);

}  // namespace vuurmuur::cli
