// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <string>

#include "base/file_system.h"
#include "control/known_names.h"
#include "dns/resolver.h"
#include "model/policy.h"

namespace vuurmuur::control {

/// How a policy wants DNS to be asked.
[[nodiscard]] dns::Options dns_options(const model::Settings& settings);

/// Takes an answer up in what is known. A failure changes nothing: what was heard last holds.
void take_answer(KnownNames& names, const NameQuestion& question, const dns::Answer& answer);

/// How long whoever applies a policy by himself waits for names that nobody ever asked for.
inline constexpr std::chrono::milliseconds kLongestAsking{2000};

/// The known answers of a state directory, as known_names_in(); what was never heard is asked for, all at once and at most
/// so long in all, and written down.
[[nodiscard]] NameSource ask_names_in(base::FileSystem& files, std::string directory, std::chrono::milliseconds at_most);

}  // namespace vuurmuur::control
