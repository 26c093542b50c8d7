// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/counter_display.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/generation_text.h"
#include "cli/terminal.h"

namespace vuurmuur::cli {
namespace {

using control::CounterSample;
using control::Rate;
using control::TwoWayRate;

/// Of a screen, before rules have their room.
constexpr std::size_t kMostOfAKind = 8;

/// A number in at most six characters: "12.3", "1235", "1.2M".
std::string short_rate(double value) {
  constexpr std::string_view kUnits = "KMGTPE";
  if (value < 0.05) return "0";
  if (value < 1000) return fmt::format("{:.1f}", value);
  if (value < 10'000) return fmt::format("{:.0f}", value);
  std::size_t unit = 0;
  value /= 1000;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f}{}", value, kUnits[unit]);
}

std::string columns_of(const Rate& rate) {
  return fmt::format("{:>9} {:>8}", short_rate(rate.packets_per_second), short_rate(rate.bytes_per_second));
}

std::string in_words(const Rate& rate) {
  return fmt::format("{:.1f} packets/s {:.0f} bytes/s", rate.packets_per_second, rate.bytes_per_second);
}

bool has_moved(const Rate& rate) { return rate.packets_per_second > 0 || rate.bytes_per_second > 0; }

/// Lines of a screen.
class Screen {
 public:
  explicit Screen(const ScreenSize& size) : size_(size) {}

  [[nodiscard]] bool has_room(std::size_t lines = 1) const { return used_ + lines <= size_.rows; }
  void add(std::string_view line) {
    if (!has_room()) return;
    if (used_++ != 0) text_ += '\n';
    text_ += line.substr(0, size_.columns);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  ScreenSize size_;
  std::size_t used_ = 0;
  std::string text_;
};

void add_two_ways(Screen& screen, const std::vector<TwoWayRate>& rates, std::string_view what, std::string_view in,
                  std::string_view out) {
  if (rates.empty()) return;
  screen.add("");
  screen.add(fmt::format("{:>9} {:>8}  {:>9} {:>8}", in, "", out, ""));
  screen.add(fmt::format("packets/s  bytes/s  packets/s  bytes/s  {}", what));
  for (std::size_t i = 0; i < std::min(rates.size(), kMostOfAKind); ++i)
    screen.add(fmt::format("{}  {}  {}", columns_of(rates[i].in), columns_of(rates[i].out), rates[i].name));
}

void add_lines(std::string& text, const std::string& time, const std::vector<TwoWayRate>& rates, std::string_view kind,
               std::string_view in, std::string_view out) {
  for (const TwoWayRate& rate : rates)
    if (has_moved(rate.in) || has_moved(rate.out))
      text += fmt::format("{}  {} {}: {} {}, {} {}\n", time, kind, rate.name, in, in_words(rate.in), out,
                          in_words(rate.out));
}

ScreenSize size_of_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {.rows = size.ws_row, .columns = size.ws_col};
}

}  // namespace

std::string screen_of(const CounterSample& sample, std::chrono::seconds interval, const ScreenSize& size) {
  Screen screen(size);
  screen.add(fmt::format("{}, every {} s; Ctrl-C ends", text_of_time(sample.time), interval.count()));
  add_two_ways(screen, sample.interfaces, "interface", "in", "out");
  add_two_ways(screen, sample.zones, "zone, by the connections that rules take", "from", "to");
  screen.add("");
  screen.add("packets/s  bytes/s    packets  rule");
  for (const control::RuleRate& rule : sample.rules) {
    if (!screen.has_room()) break;
    screen.add(fmt::format("{}  {:>9}  {}", columns_of(rule.rate), rule.rate.total.packets, rule.rule));
  }
  return screen.take();
}

std::string lines_of(const CounterSample& sample) {
  std::string text;
  const std::string time = text_of_time(sample.time);
  add_lines(text, time, sample.interfaces, "interface", "in", "out");
  add_lines(text, time, sample.zones, "zone", "from", "to");
  for (const control::RuleRate& rule : sample.rules)
    if (has_moved(rule.rate)) text += fmt::format("{}  {}: {}\n", time, rule.rule, in_words(rule.rate));
  return text;
}

void show_sample(Context& context, const CounterSample& sample, std::chrono::seconds interval) {
  if (context.json) {
    context.out << json_of(sample).dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
                << '\n';
  } else if (is_terminal(STDOUT_FILENO)) {
    // The upper left corner, the text, and nothing behind each line and below.
    std::string text = screen_of(sample, interval, size_of_terminal());
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 4) text.insert(at, "\033[K");
    context.out << "\033[H" << text << "\033[K\033[J";
  } else {
    context.out << lines_of(sample);
  }
  context.out.flush();
}

}  // namespace vuurmuur::cli
