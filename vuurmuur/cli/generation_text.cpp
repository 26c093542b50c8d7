// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/generation_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace vuurmuur::cli {

std::string text_of(const history::Actor& who) {
  return who.from.empty() ? who.user : fmt::format("{} from {}", who.user, who.from);
}

std::string text_of_time(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm local{};
  if (::localtime_r(&time, &local) == nullptr) return "?";
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local);
}

std::string state_text(const history::Generation& generation, const history::Journal& journal) {
  std::string text(to_string(generation.state()));
  if (generation.number == journal.confirmed && !journal.pending) text += ", in force";
  if (journal.pending && generation.number == journal.pending->generation) text += ", waits to be confirmed";
  return text;
}

std::expected<history::Number, std::string> read_number(const std::string& word, const history::Journal& journal) {
  history::Number number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size())
    return std::unexpected(fmt::format("'{}' is no number of a generation", word));
  if (journal.find(number) == nullptr)
    return std::unexpected(fmt::format("there is no generation {}; 'vuurmuur history' lists those that are kept", number));
  return number;
}

}  // namespace vuurmuur::cli
