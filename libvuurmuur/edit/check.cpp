// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "config/tree.h"
#include "edit/overlay.h"
#include "sema/resolve.h"

namespace vuurmuur::edit {
namespace {

/// Errors of an object that is not complete yet.
constexpr std::array<std::string_view, 3> kIncomplete{"missing-key", "missing-length", "length-without-network"};

/// What depends on the machine at the moment of an apply, and is not known here.
constexpr std::array<std::string_view, 2> kOfTheMoment{"host-without-prefix", "host-without-answer"};

struct CheckedTree {
  CheckedTree(const base::FileSystem& files, const std::string& root) : tree(config::read_tree(files, root, sink)) {
    static_cast<void>(sema::resolve(tree.policy, tree.sources, sink));
  }
  diag::Sink sink;
  config::Tree tree;
};

/// The same problem has the same text, wherever in its file it stands.
std::string key_of(const diag::Diagnostic& diagnostic, const diag::SourceMap& sources) {
  return fmt::format("{}\n{}\n{}", diagnostic.span ? sources.file(diagnostic.span->file).path() : "", diagnostic.code,
                     diagnostic.message);
}

std::vector<diag::Diagnostic> added_problems(const CheckedTree& after, const CheckedTree& before) {
  std::map<std::string, std::size_t> known;
  for (const diag::Diagnostic& diagnostic : before.sink.all()) ++known[key_of(diagnostic, before.tree.sources)];
  std::vector<diag::Diagnostic> added;
  for (const diag::Diagnostic& diagnostic : after.sink.all()) {
    const auto old = known.find(key_of(diagnostic, after.tree.sources));
    if (old != known.end() && old->second > 0)
      --old->second;
    else if (std::ranges::find(kOfTheMoment, diagnostic.code) == kOfTheMoment.end())
      added.push_back(diagnostic);
  }
  return added;
}

bool is_refusal(const diag::Diagnostic& diagnostic) {
  return diagnostic.severity == diag::Severity::Error &&
         std::ranges::find(kIncomplete, diagnostic.code) == kIncomplete.end();
}

}  // namespace

Verdict check_changes(const base::FileSystem& files, const std::string& root, const Changes& changes) {
  const Overlay overlay(files, root, changes);
  CheckedTree after(overlay, root);
  Verdict verdict;
  const std::vector<diag::Diagnostic> added =
      after.sink.all().empty() ? std::vector<diag::Diagnostic>{} : added_problems(after, CheckedTree(files, root));
  const bool is_refused = std::ranges::any_of(added, is_refusal);
  for (const diag::Diagnostic& diagnostic : added) {
    // What follows from a value that is wrong would only distract from it.
    if (is_refused && !is_refusal(diagnostic)) continue;
    auto& found = is_refused ? verdict.found.error(diagnostic.code, diagnostic.span, diagnostic.message)
                             : verdict.found.warning(diagnostic.code, diagnostic.span, diagnostic.message);
    found.notes = diagnostic.notes;
    found.suggestion = diagnostic.suggestion;
  }
  verdict.sources = std::move(after.tree.sources);
  return verdict;
}

}  // namespace vuurmuur::edit
