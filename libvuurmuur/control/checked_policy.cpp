// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/checked_policy.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "compile/check_marks.h"
#include "sema/resolve.h"

namespace vuurmuur::control {

namespace {

/// As long as a change of several files may take, but not so long that the daemon's other callers would notice.
constexpr std::chrono::milliseconds kPatience{300};

/// Waits for an editor that is just writing. What is left of one that was killed is an error that reading tells of.
void wait_for_editor(const base::FileSystem& files, const std::string& directory) {
  const std::string note = fmt::format("{}/{}", directory, config::kUnfinishedEdit);
  for (const auto end = std::chrono::steady_clock::now() + kPatience;
       files.status(note) && std::chrono::steady_clock::now() < end;)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace

std::unique_ptr<CheckedPolicy> check_tree(const base::FileSystem& files, const std::string& directory,
                                          const NameSource& names) {
  wait_for_editor(files, directory);
  auto checked = std::make_unique<CheckedPolicy>();
  checked->tree = config::read_tree(files, directory, checked->sink);
  const model::Policy& written = checked->tree.policy;
  if (has_followers(written)) {
    const bool has_names = names && !questions_of(written).empty();
    checked->put_in(look_around(has_names ? names(written) : KnownNames{}));
  }
  checked->policy = sema::resolve(checked->in_surroundings ? *checked->in_surroundings : written, checked->tree.sources,
                                  checked->sink);
  compile::check_marks(checked->policy, checked->sink);
  return checked;
}

void CheckedPolicy::put_in(const Surroundings& around) {
  if (!in_surroundings) in_surroundings = tree.policy;
  Followers followers = followers_in(tree.policy, around);
  in_surroundings->networks = std::move(followers.networks);
  in_surroundings->hosts = std::move(followers.hosts);
}

base::Result<void> CheckedPolicy::resolve_in(const Surroundings& around) {
  put_in(around);
  diag::Sink problems;
  policy = sema::resolve(*in_surroundings, tree.sources, problems);
  for (const diag::Diagnostic& problem : problems.all())
    if (problem.severity == diag::Severity::Error) return base::failure(problem.message);
  return {};
}

}  // namespace vuurmuur::control
