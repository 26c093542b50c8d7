// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/block_targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "cli/policy.h"
#include "control/blocks.h"
#include "control/named_prefixes.h"
#include "control/surroundings.h"

namespace vuurmuur::cli {

TargetFinder::TargetFinder(Context& context, const Arguments& arguments, const std::string& configuration)
    : context_(context),
      arguments_(arguments),
      directory_(arguments.value(kConfigOption.name).value_or(configuration)) {}

const model::Policy& TargetFinder::policy() {
  if (!tree_) {
    // What else may be wrong with it is no matter here.
    diag::Sink sink;
    tree_ = config::read_tree(context_.files, directory_, sink);
    tree_->policy =
        control::in_surroundings(tree_->policy, control::look_around(known_names(context_, arguments_)(tree_->policy)));
  }
  return tree_->policy;
}

std::expected<std::vector<net::Prefix>, std::string> TargetFinder::find(const std::string& word) {
  if (const auto prefix = net::Prefix::parse(word)) return std::vector{prefix->network()};
  return control::prefixes_named(policy(), word, directory_);
}

std::expected<sema::Bait, std::string> TargetFinder::find_bait(const std::string& word) {
  return control::bait_named(policy(), word, directory_);
}

std::expected<std::vector<net::Prefix>, std::string> block_targets(Context& context, const Arguments& arguments,
                                                                   const std::string& configuration) {
  if (arguments.positional().empty()) return std::unexpected("an address, a network or a name is missing");
  TargetFinder finder(context, arguments, configuration);
  std::vector<net::Prefix> targets;
  for (const std::string& word : arguments.positional()) {
    const auto found = finder.find(word);
    if (!found) return std::unexpected(found.error());
    targets.insert(targets.end(), found->begin(), found->end());
  }
  std::ranges::sort(targets);
  targets.erase(std::ranges::unique(targets).begin(), targets.end());
  for (const net::Prefix& target : targets)
    if (target.is_any())
      return std::unexpected(
          fmt::format("'{}' is everybody: that would block this machine from all others", target.to_string()));
  return targets;
}

std::expected<std::optional<std::chrono::seconds>, std::string> block_time(const Arguments& arguments) {
  const auto word = arguments.value("for");
  if (!word) return std::nullopt;
  const auto time = base::parse_duration(*word);
  if (!time || *time > control::kLongestBlock)
    return std::unexpected(
        fmt::format("option '--for': expected a time up to 49 days like 90s, 10m, 2h or 7d, not '{}'", *word));
  return time;
}

}  // namespace vuurmuur::cli
