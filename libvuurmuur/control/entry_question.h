// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "analyse/question.h"
#include "log/entry.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// What a line of the log was about, as a question to a policy. The packet is one that filter saw: its destination is
/// not translated again.
[[nodiscard]] analyse::Question question_of(const log::Entry& entry, const sema::Policy& policy);

}  // namespace vuurmuur::control
