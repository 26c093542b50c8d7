// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/when.h"

#include <ctime>
#include <vector>

#include "base/strings.h"

namespace vuurmuur::log {
namespace {

using std::chrono::seconds;

std::optional<Time> time_ago(std::string_view text, Time now) {
  if (text.size() < 2) return std::nullopt;
  const auto count = base::parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
  if (!count) return std::nullopt;
  switch (text.back()) {
    case 's': return now - seconds(*count);
    case 'm': return now - std::chrono::minutes(*count);
    case 'h': return now - std::chrono::hours(*count);
    case 'd': return now - std::chrono::days(*count);
    case 'w': return now - std::chrono::weeks(*count);
    default: return std::nullopt;
  }
}

std::tm local(Time time) {
  const std::time_t number = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::localtime_r(&number, &parts);
  return parts;
}

std::optional<Time> moment_of(std::tm parts, bool is_utc) {
  parts.tm_isdst = -1;
  const std::time_t number = is_utc ? ::timegm(&parts) : std::mktime(&parts);
  if (number == -1) return std::nullopt;
  return Time(seconds(number));
}

/// "22:51" or "22:51:07" into the parts.
bool read_clock(std::string_view text, std::tm& parts) {
  const auto pieces = base::split(text, ':');
  if (pieces.size() != 2 && pieces.size() != 3) return false;
  parts.tm_sec = 0;
  int* const places[] = {&parts.tm_hour, &parts.tm_min, &parts.tm_sec};
  constexpr int kMost[] = {23, 59, 60};
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto number = base::parse_number<int>(pieces[i]);
    if (!number || *number < 0 || *number > kMost[i] || pieces[i].size() > 2) return false;
    *places[i] = *number;
  }
  return true;
}

bool read_date(std::string_view text, std::tm& parts) {
  const auto pieces = base::split(text, '-');
  if (pieces.size() != 3) return false;
  const auto year = base::parse_number<int>(pieces[0]);
  const auto month = base::parse_number<unsigned>(pieces[1]), day = base::parse_number<unsigned>(pieces[2]);
  if (!year || !month || !day) return false;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
  if (*year < 1970 || *year > 9999 || !date.ok()) return false;
  parts.tm_year = *year - 1900;
  parts.tm_mon = static_cast<int>(*month) - 1;
  parts.tm_mday = static_cast<int>(*day);
  return true;
}

}  // namespace

std::optional<Time> read_moment(std::string_view text, Time now) {
  text = base::trim(text);
  if (text == "now") return now;
  if (const auto ago = time_ago(text, now)) return ago;
  std::tm parts = local(now);
  if (read_clock(text, parts)) return moment_of(parts, /*is_utc=*/false);
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  if (text == "today") return moment_of(parts, /*is_utc=*/false);
  if (text == "yesterday") {
    --parts.tm_mday;
    return moment_of(parts, /*is_utc=*/false);
  }
  const bool is_utc = text.ends_with('Z');
  if (is_utc) text.remove_suffix(1);
  const std::size_t between = text.find_first_of(" T");
  if (!read_date(text.substr(0, between), parts)) return std::nullopt;
  if (between != std::string_view::npos) {
    std::string_view clock = text.substr(between + 1);
    // Parts of a second are not asked for.
    clock = clock.substr(0, clock.find('.'));
    if (!read_clock(clock, parts)) return std::nullopt;
  }
  return moment_of(parts, is_utc);
}

}  // namespace vuurmuur::log
