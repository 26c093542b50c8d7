// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/when.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "ui/translate.h"

namespace vuurmuur::screens {

std::string date_time(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm local{};
  if (seconds == 0 || ::localtime_r(&time, &local) == nullptr) return {};
  return fmt::format("{:%Y-%m-%d %H:%M}", local);
}

std::string who_of(const app::EventEntry& event) {
  return event.from.empty() ? event.user : ui::fill(ui::tr("{} from {}"), event.user, event.from);
}

std::string state_name(const std::string& state) {
  static constexpr std::array kStates{ui::to_translate("applying"),  ui::to_translate("applied"),
                                      ui::to_translate("confirmed"), ui::to_translate("rolled back"),
                                      ui::to_translate("refused"),   ui::to_translate("drifted"),
                                      ui::to_translate("repaired"),  ui::to_translate("cleared"),
                                      ui::to_translate("idle"),      ui::to_translate("awaiting confirmation"),
                                      ui::to_translate("compiling"), ui::to_translate("checking")};
  const auto known = std::ranges::find(kStates, state, [](const char* one) { return std::string_view(one); });
  return known == kStates.end() ? state : std::string(ui::tr(*known));
}

const app::EventEntry* state_event(const app::Generation& generation) {
  const auto& events = generation.events;
  const auto found = std::ranges::find(events.rbegin(), events.rend(), generation.state, &app::EventEntry::what);
  return found == events.rend() ? (events.empty() ? nullptr : &events.back()) : &*found;
}

}  // namespace vuurmuur::screens
