// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/comparison.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "control/checked_policy.h"
#include "control/manager.h"
#include "control/tree_recorder.h"

namespace vuurmuur::control {
namespace {

using Kind = FileDifference::Kind;
using Json = nlohmann::ordered_json;

/// By FileDifference::Kind.
constexpr std::array<std::string_view, 3> kKinds{"changed", "added", "removed"};

base::Result<history::Files> files_of(const base::FileSystem& files, const history::Store& store,
                                      const Comparison& wanted, std::optional<history::Number> generation) {
  if (generation) return store.read_configuration(*generation);
  // Also with errors in it: what was changed may be what is wrong.
  const TreeRecorder recorder(files);
  static_cast<void>(check_tree(recorder, wanted.directory));
  return recorder.below(wanted.directory);
}

base::Result<std::string> rules_on_disk(const base::FileSystem& files, apply::Kernel& kernel,
                                        const std::string& directory, const history::Generation& like,
                                        const NameSource& names) {
  const auto checked = check_tree(files, directory, names);
  if (checked->sink.has_errors())
    return base::failure(fmt::format("{}: the configuration has errors; 'vuurmuur check' tells which", directory));
  const auto engine = engine_named(like.backend);
  const DryPlan plan = VM_TRY(make_dry_plan(kernel, checked->policy, {.backend = engine, .force = true}));
  return text_of(plan.ruleset, like.backend);
}

base::Result<std::string> rules_of(const history::Store& store, history::Number generation) {
  auto rules = store.read_rules(generation);
  if (!rules && rules.error().code == ENOENT)
    return base::failure(fmt::format("generation {} was never in force, so it has no ruleset", generation));
  return rules;
}

base::Result<const history::Generation*> find(const history::Journal& journal, history::Number number) {
  if (const history::Generation* generation = journal.find(number)) return generation;
  return base::failure(fmt::format("there is no generation {}", number));
}

}  // namespace

std::vector<FileDifference> compare_files(const history::Files& before, const history::Files& after) {
  std::vector<FileDifference> differences;
  auto old_file = before.begin();
  auto new_file = after.begin();
  while (old_file != before.end() || new_file != after.end()) {
    if (new_file == after.end() || (old_file != before.end() && old_file->first < new_file->first)) {
      differences.push_back({Kind::Removed, old_file->first, base::diff_lines(old_file->second, "")});
      ++old_file;
    } else if (old_file == before.end() || new_file->first < old_file->first) {
      differences.push_back({Kind::Added, new_file->first, base::diff_lines("", new_file->second)});
      ++new_file;
    } else {
      auto hunks = base::diff_lines(old_file->second, new_file->second);
      if (!hunks.empty()) differences.push_back({Kind::Changed, old_file->first, std::move(hunks)});
      ++old_file;
      ++new_file;
    }
  }
  return differences;
}

base::Result<Comparison> compare(const base::FileSystem& files, const history::Store& store, apply::Kernel& kernel,
                                 const Comparison& wanted, Compare what) {
  const history::Journal journal = VM_TRY(store.read_journal());
  const history::Generation* from = VM_TRY(find(journal, wanted.from));
  if (wanted.to) static_cast<void>(VM_TRY(find(journal, *wanted.to)));
  Comparison result{.from = wanted.from,
                    .to = wanted.to,
                    .directory = wanted.directory.empty() ? from->directory : wanted.directory,
                    .differences = {}};
  if (what == Compare::Configuration) {
    result.differences = compare_files(VM_TRY(files_of(files, store, result, result.from)),
                                       VM_TRY(files_of(files, store, result, result.to)));
    return result;
  }
  const std::string before = VM_TRY(rules_of(store, result.from));
  const std::string after =
      result.to ? VM_TRY(rules_of(store, *result.to)) : VM_TRY(rules_on_disk(files, kernel, result.directory, *from, known_names_in(store.files(), store.directory())));
  result.differences = compare_files({{std::string(kRulesetName), before}}, {{std::string(kRulesetName), after}});
  return result;
}

Json json_of(const Comparison& comparison) {
  Json document{{"generation", comparison.from}, {"with", nullptr}, {"directory", comparison.directory}};
  if (comparison.to) document["with"] = *comparison.to;
  document["differences"] = Json::array();
  for (const FileDifference& difference : comparison.differences) {
    Json hunks = Json::array();
    for (const base::Hunk& hunk : difference.hunks)
      hunks.push_back({{"before_line", hunk.before_line},
                       {"before_count", hunk.before_count},
                       {"after_line", hunk.after_line},
                       {"after_count", hunk.after_count},
                       {"lines", hunk.lines}});
    document["differences"].push_back({{"path", difference.path},
                                       {"kind", kKinds[static_cast<std::size_t>(difference.kind)]},
                                       {"hunks", std::move(hunks)}});
  }
  return document;
}

std::optional<Comparison> comparison_from(const Json& document) {
  try {
    Comparison comparison{.from = document.at("generation").get<history::Number>(),
                          .to = {},
                          .directory = document.at("directory").get<std::string>(),
                          .differences = {}};
    if (!document.at("with").is_null()) comparison.to = document.at("with").get<history::Number>();
    for (const Json& entry : document.at("differences")) {
      const auto kind = std::ranges::find(kKinds, entry.at("kind").get<std::string>());
      if (kind == kKinds.end()) return std::nullopt;
      FileDifference& difference = comparison.differences.emplace_back(
          FileDifference{static_cast<Kind>(kind - kKinds.begin()), entry.at("path").get<std::string>(), {}});
      for (const Json& hunk : entry.at("hunks"))
        difference.hunks.push_back({.before_line = hunk.at("before_line").get<std::size_t>(),
                                    .before_count = hunk.at("before_count").get<std::size_t>(),
                                    .after_line = hunk.at("after_line").get<std::size_t>(),
                                    .after_count = hunk.at("after_count").get<std::size_t>(),
                                    .lines = hunk.at("lines").get<std::vector<std::string>>()});
    }
    return comparison;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<history::Number> in_force(const history::Journal& journal) {
  return journal.pending ? std::optional(journal.pending->generation) : journal.confirmed;
}

}  // namespace vuurmuur::control
