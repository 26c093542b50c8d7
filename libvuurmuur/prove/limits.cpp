// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/limits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/strings.h"
#include "prove/behaviour.h"

namespace vuurmuur::prove {
namespace {

/// Bursts that iptables-extensions(8) does not print.
constexpr std::uint64_t kUsualBurst = 5;

struct Rate {
  std::uint64_t count = 0, seconds = 0;
};

/// "4/min", "10/sec", "1/day".
std::optional<Rate> rate_named(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kUnits{
      {{"sec", 1}, {"min", 60}, {"hour", 3600}, {"day", 86400}}};
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = base::parse_number<std::uint64_t>(text.substr(0, slash));
  const std::string_view unit = text.substr(slash + 1);
  for (const auto& [name, seconds] : kUnits)
    if (count && unit.starts_with(name)) return Rate{.count = *count, .seconds = seconds};
  return std::nullopt;
}

/// The words behind the name of a match: options with one value each.
class Options {
 public:
  explicit Options(std::string_view text) {
    for (const std::string_view word : base::split(text, ' '))
      if (!word.empty()) words_.push_back(word);
  }
  [[nodiscard]] std::string_view match() const { return words_.empty() ? std::string_view() : words_.front(); }
  [[nodiscard]] bool has_only(const std::vector<std::string_view>& known) const {
    if (words_.size() % 2 == 0) return false;
    for (std::size_t i = 1; i < words_.size(); i += 2)
      if (std::ranges::find(known, words_[i]) == known.end()) return false;
    return true;
  }
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const {
    for (std::size_t i = 1; i + 1 < words_.size(); i += 2)
      if (words_[i] == name) return words_[i + 1];
    return std::nullopt;
  }
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise) const {
    const auto text = value(name);
    return text ? base::parse_number<std::uint64_t>(*text).value_or(otherwise) : otherwise;
  }

 private:
  std::vector<std::string_view> words_;
};

}  // namespace

std::optional<std::string> limit_named(std::string_view text, unsigned rule, net::Family family) {
  if (text == "rpfilter --invert") return reverse_path_text();
  const Options options(text);
  if (options.match() == "limit") {
    if (!options.has_only({"--limit", "--limit-burst"})) return std::nullopt;
    const auto rate = rate_named(options.value("--limit").value_or("3/hour"));
    if (!rate) return std::nullopt;
    return limit_text(rate->count, rate->seconds, options.number("--limit-burst", kUsualBurst), rule);
  }
  if (options.match() != "hashlimit") return std::nullopt;
  if (!options.has_only(
          {"--hashlimit-above", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-name", "--hashlimit-srcmask"}))
    return std::nullopt;
  const auto rate = rate_named(options.value("--hashlimit-above").value_or(""));
  if (!rate || options.value("--hashlimit-mode") != "srcip") return std::nullopt;
  return source_limit_text(rate->count, rate->seconds, options.number("--hashlimit-burst", kUsualBurst),
                           static_cast<unsigned>(options.number("--hashlimit-srcmask", net::address_bits(family))));
}

}  // namespace vuurmuur::prove
