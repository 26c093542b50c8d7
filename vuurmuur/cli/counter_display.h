// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <string>

#include "cli/command.h"
#include "control/counter_rates.h"

namespace vuurmuur::cli {

/// Room of a screen.
struct ScreenSize {
  std::size_t rows = 24, columns = 80;
};

/// A sample as a screen full of text, without an end of line behind the last one: interfaces and zones, and rules as
/// far as there is room.
[[nodiscard]] std::string screen_of(const control::CounterSample& sample, std::chrono::seconds interval,
                                    const ScreenSize& size);

/// A sample as lines that begin with its time, one for each interface, zone and rule that took something.
[[nodiscard]] std::string lines_of(const control::CounterSample& sample);

/// Shows samples as they come: each as a line of JSON when that was asked for, on a terminal as a screen that is
/// written anew, else as lines.
void show_sample(Context& context, const control::CounterSample& sample, std::chrono::seconds interval);

}  // namespace vuurmuur::cli
