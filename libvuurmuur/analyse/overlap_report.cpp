// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/overlap_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "analyse/overlaps.h"
#include "analyse/rule_names.h"
#include "analyse/traffic_names.h"
#include "analyse/verdict_text.h"

namespace vuurmuur::analyse {
namespace {

/// Rules that are told with Overlaps::Some; earlier rules that are shown below one; boxes of what these decide.
constexpr std::size_t kSome = 10, kMostNotes = 5, kMostBoxes = 3;

class OverlapReport {
 public:
  OverlapReport(const model::Policy& model, const sema::Policy& policy, diag::Sink& sink)
      : model_(model), policy_(policy), sink_(sink), search_(policy) {}

  void run(const DeepOptions& options) {
    using enum DeepOptions::Overlaps;
    const bool is_finished = search_.find(options.limit);
    std::vector<std::span<const Overlap>> later;  // by the later rule
    const std::vector<Overlap>& found = search_.found();
    for (std::size_t at = 0, end = 0; at < found.size(); at = end) {
      while (end < found.size() && found[end].second == found[at].second) ++end;
      if (options.overlaps == All || !lets_through(policy_.rules[found[at].second]))
        later.push_back(std::span(found).subspan(at, end - at));
    }
    if (options.overlaps == Counted) return count(later);
    const std::size_t told = options.overlaps == All ? later.size() : std::min(later.size(), kSome);
    for (std::size_t i = 0; i < told; ++i) tell(later[i]);
    if (told < later.size())
      sink_.warning(
          "overlap", span_of(later[told].front().second),
          fmt::format("{} more {} what rules before them let through: 'vuurmuur check --overlaps' tells of all",
                      later.size() - told, later.size() - told == 1 ? "rule refuses" : "rules refuse"));
    if (!is_finished && !options.limit.is_over())
      sink_.warning("not-finished", std::nullopt,
                    "not all overlaps of rules were found: there are too many rules of opposite action that overlap");
  }

 private:
  [[nodiscard]] diag::Span span_of(std::size_t rule) const { return policy_.rules[rule].source->span; }

  void count(const std::vector<std::span<const Overlap>>& later) {
    std::vector<std::size_t> rules;
    for (const auto& group : later) rules.push_back(group.front().second);
    if (rules.empty()) return;
    sink_.warning(
        "overlap", span_of(rules.front()),
        fmt::format("{} what rules before {} let through: 'vuurmuur check --deep' tells which packets that is",
                    numbers_of(policy_, rules) + (rules.size() == 1 ? " refuses" : " refuse"),
                    rules.size() == 1 ? "it" : "them"));
  }

  void tell(std::span<const Overlap> group) {
    const std::size_t second = group.front().second;
    const bool admits = lets_through(policy_.rules[second]);
    std::vector<std::size_t> firsts;
    for (const Overlap& overlap : group) firsts.push_back(overlap.first);
    const bool is_one = firsts.size() == 1;
    diag::Diagnostic& told = sink_.warning(
        "overlap", span_of(second),
        fmt::format("rule {} {} what {} before it {}, and {} of it", policy_.rules[second].source->number,
                    admits ? "lets through" : "refuses", numbers_of(policy_, firsts), verb(!admits, is_one),
                    is_one ? "that is no special case" : "these are no special cases"));
    for (const Overlap& overlap : group.first(std::min(group.size(), kMostNotes))) {
      const OverlapTraffic traffic = search_.traffic_of(overlap);
      told.notes.push_back(
          {span_of(overlap.first), fmt::format("rule {} takes {}{}", policy_.rules[overlap.first].source->number,
                                               traffic.is_outline ? "some of " : "", text_of(traffic))});
      told.notes.push_back({std::nullopt, "for example " + names().packet(traffic.example)});
    }
  }

  static std::string_view verb(bool admits, bool is_one) {
    if (admits) return is_one ? "lets through" : "let through";
    return is_one ? "refuses" : "refuse";
  }

  [[nodiscard]] std::string text_of(const OverlapTraffic& traffic) {
    std::string text;
    for (std::size_t i = 0; i < std::min(traffic.traffic.size(), kMostBoxes); ++i)
      text += (i == 0 ? "" : "; ") + names().text(traffic.traffic[i]);
    if (traffic.traffic.size() > kMostBoxes) text += fmt::format("; and {} more", traffic.traffic.size() - kMostBoxes);
    return text;
  }

  const TrafficNames& names() {
    const NamedPolicy named{.model = model_, .policy = policy_};
    if (!names_) names_.emplace(named, named);
    return *names_;
  }

  const model::Policy& model_;
  const sema::Policy& policy_;
  diag::Sink& sink_;
  OverlapSearch search_;
  std::optional<TrafficNames> names_;
};

}  // namespace

void tell_overlaps(const model::Policy& model, const sema::Policy& policy, const DeepOptions& options,
                   diag::Sink& sink) {
  OverlapReport(model, policy, sink).run(options);
}

}  // namespace vuurmuur::analyse
