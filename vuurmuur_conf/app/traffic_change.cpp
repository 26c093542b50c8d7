// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/traffic_change.h"

#include <algorithm>

#include "analyse/traffic_names.h"
#include "app/workspace.h"
#include "base/memory_file_system.h"
#include "config/tree.h"
#include "sema/resolve.h"

namespace vuurmuur::app {
namespace {

/// Boxes of a row that a person looks through.
constexpr std::size_t kMostShown = 6;

std::string text_of(const sema::Policy& policy, const std::optional<std::size_t>& place) {
  if (!place) return {};
  const sema::Rule& rule = policy.rules[*place];
  return rule.place + ": " + model::summary(*rule.source);
}

}  // namespace

std::shared_ptr<const TrafficChange> traffic_change(const ConfigurationFiles& before, const Reading& after) {
  auto change = std::make_shared<TrafficChange>();
  const std::string root = "/in-force";
  base::MemoryFileSystem files;
  for (const auto& [path, content] : before) files.files[root + "/" + path] = content;
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, root, sink);
  const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
  change->is_readable = !sink.has_errors();
  if (!change->is_readable) return change;
  const analyse::PolicyDiff diff = analyse::diff(policy, after.policy);
  const analyse::TrafficNames names({tree.policy, policy}, {after.tree->policy, after.policy});
  for (const analyse::DiffRow& row : diff.rows) {
    TrafficChange::Row& told = change->rows.emplace_back();
    told = {.change = row.change, .before = text_of(policy, row.from), .after = text_of(after.policy, row.to)};
    told.is_outline = row.is_outline;
    for (std::size_t i = 0; i < std::min(row.traffic.size(), kMostShown); ++i)
      told.packets.push_back(names.text(row.traffic[i]));
    told.more = row.traffic.size() - told.packets.size();
    told.example = names.packet(row.witness);
  }
  for (const analyse::NotCompared& each : diff.not_compared)
    change->not_compared.push_back({each.why, each.to ? text_of(after.policy, each.to) : text_of(policy, each.from)});
  change->otherwise_set = diff.otherwise_set;
  change->is_finished = diff.unfinished == 0;
  change->is_equal = diff.is_equal();
  return change;
}

}  // namespace vuurmuur::app
