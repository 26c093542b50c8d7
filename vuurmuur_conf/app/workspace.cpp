// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/workspace.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

#include "analyse/deep_check.h"
#include "base/strings.h"
#include "edit/lines.h"
#include "edit/object.h"
#include "edit/overlay.h"
#include "sema/resolve.h"

namespace vuurmuur::app {
namespace {

/// Where the lines of the rules end in their file, in the order of their numbers.
std::vector<std::uint32_t> ends_of_rules(const config::Document& document) {
  std::vector<std::uint32_t> ends;
  for (const config::Line& line : document.lines()) {
    if (document.has_key(line, "RULE") && !base::trim(document.raw_value(line)).empty()) ends.push_back(line.end);
  }
  return ends;
}

void note_problems(const Reading& reading, const config::Document& document, std::vector<RuleLine>& lines) {
  const std::vector<std::uint32_t> ends = ends_of_rules(document);
  const diag::FileId file = reading.tree->policy.rules_file.file;
  for (const diag::Diagnostic& problem : reading.problems.all()) {
    if (!problem.span || problem.span->file != file) continue;
    const auto line = static_cast<std::size_t>(std::ranges::upper_bound(ends, problem.span->begin) - ends.begin());
    if (line < lines.size()) lines[line].problems.push_back(&problem);
  }
}

std::vector<RuleLine> rule_lines(const Reading& reading) {
  const config::Tree& tree = *reading.tree;
  const auto document = tree.documents.find(edit::path_of({edit::Kind::Rules, "rules"}));
  if (document == tree.documents.end()) return {};
  std::vector<RuleLine> lines;
  for (std::string& text : edit::lines_of(document->second)) lines.push_back({.text = std::move(text)});
  for (const model::Rule& rule : tree.policy.rules) {
    if (rule.number >= 1 && rule.number <= lines.size()) lines[rule.number - 1].rule = &rule;
  }
  note_problems(reading, document->second, lines);
  return lines;
}

void hold_against_each_other(Reading& reading) {
  reading.is_judged = true;
  if (reading.problems.has_errors()) return;
  const config::Tree& tree = *reading.tree;
  analyse::DeepOptions options;
  if (tree.assertions) options.assertions = tree.sources.file(*tree.assertions).text();
  analyse::check_deep(tree.policy, reading.policy, options, reading.problems);
}

}  // namespace

std::shared_ptr<const Reading> read(const base::FileSystem& files, const std::string& root) {
  auto reading = std::make_shared<Reading>();
  reading->tree = std::make_shared<const config::Tree>(config::read_tree(files, root, reading->problems));
  reading->policy = sema::resolve(reading->tree->policy, reading->tree->sources, reading->problems);
  if (reading->policy.rules.size() <= kMostRulesJudgedAtOnce) hold_against_each_other(*reading);
  reading->rules = rule_lines(*reading);
  return reading;
}

std::shared_ptr<const Reading> judge(const Reading& reading) {
  auto judged = std::make_shared<Reading>(reading);
  hold_against_each_other(*judged);
  // The lines speak of the problems of the reading that they are in.
  judged->rules = rule_lines(*judged);
  return judged;
}

Workspace::Workspace(std::shared_ptr<const base::MemoryFileSystem> files, std::string root)
    : files_(std::move(files)), root_(std::move(root)), reading_(read(*files_, root_)) {}

void Workspace::read_again() { reading_ = read(edit::Overlay(*files_, root_, changes_), root_); }

edit::Wish<void> Workspace::edit(std::string what, const Step& step) {
  edit::Draft draft(reading_->tree);
  const edit::Overlay files(*files_, root_, changes_);
  if (auto made = step(draft, files); !made) return made;
  const edit::Changes step_changes = draft.changes();
  if (step_changes.is_empty()) return {};
  edit::Changes after = edit::then(changes_, step_changes);
  done_.push_back({.what = std::move(what), .before = std::move(changes_), .after = after});
  undone_.clear();
  changes_ = std::move(after);
  read_again();
  return {};
}

void Workspace::undo() {
  if (done_.empty()) return;
  changes_ = done_.back().before;
  undone_.push_back(std::move(done_.back()));
  done_.pop_back();
  read_again();
}

void Workspace::redo() {
  if (undone_.empty()) return;
  changes_ = undone_.back().after;
  done_.push_back(std::move(undone_.back()));
  undone_.pop_back();
  read_again();
}

void Workspace::take(const std::shared_ptr<const Reading>& asked, std::shared_ptr<const Reading> found) {
  if (asked == reading_) reading_ = std::move(found);
}

std::vector<std::string> Workspace::steps() const {
  std::vector<std::string> steps;
  for (const Done& step : done_) steps.push_back(step.what);
  return steps;
}

void Workspace::settle() {
  auto files = std::make_shared<base::MemoryFileSystem>(*files_);
  for (const edit::FileChange& file : changes_.files) {
    const std::string path = root_ + "/" + file.path;
    if (file.after) {
      files->files[path] = *file.after;
    } else {
      files->files.erase(path);
      files->statuses.erase(path);
    }
  }
  *this = Workspace(std::move(files), root_);
}

void Workspace::rebase(std::shared_ptr<const base::MemoryFileSystem> files, edit::Changes draft, std::string what) {
  Workspace other(std::move(files), root_);
  if (!draft.is_empty()) {
    other.done_.push_back({.what = std::move(what), .before = {}, .after = draft});
    other.changes_ = std::move(draft);
    other.read_again();
  }
  *this = std::move(other);
}

std::vector<std::string> Workspace::differing(const base::MemoryFileSystem& files) const {
  std::set<std::string> paths;
  const auto note = [&](const std::map<std::string, std::string>& some,
                        const std::map<std::string, std::string>& others) {
    for (const auto& [path, text] : some) {
      const auto other = others.find(path);
      if (path.starts_with(root_ + "/") && (other == others.end() || other->second != text))
        paths.insert(path.substr(root_.size() + 1));
    }
  };
  note(files_->files, files.files);
  note(files.files, files_->files);
  return {paths.begin(), paths.end()};
}

}  // namespace vuurmuur::app
