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
    static_cast<void>(checked->put_in(look_around(has_names ? names(written) : KnownNames{})));
  }
  checked->policy = sema::resolve(checked->in_surroundings ? *checked->in_surroundings : written, checked->tree.sources,
                                  checked->sink, checked->objects);
  compile::check_marks(checked->policy, checked->sink);
  return checked;
}

sema::Readdressed CheckedPolicy::put_in(const Surroundings& around) {
  if (!in_surroundings) in_surroundings = tree.policy;
  sema::Readdressed changed;
  Followers followers = followers_in(tree.policy, around);
  for (auto& [place, network] : followers.networks) {
    auto& prefixes = in_surroundings->networks[place].prefixes;
    if (prefixes == network.prefixes) continue;
    prefixes = std::move(network.prefixes);
    changed.networks.push_back(place);
  }
  for (auto& [place, host] : followers.hosts) {
    auto& addresses = in_surroundings->hosts[place].addresses;
    if (addresses == host.addresses) continue;
    addresses = std::move(host.addresses);
    changed.hosts.push_back(place);
  }
  return changed;
}

base::Result<void> CheckedPolicy::resolve_in(const Surroundings& around) {
  // Of others only the devices matter that are there, which no rule speaks of.
  if (!in_surroundings) return {};
  const sema::Readdressed changed = put_in(around);
  diag::Sink problems;
  sema::readdress(*in_surroundings, objects, changed, policy, problems);
  for (const diag::Diagnostic& problem : problems.all())
    if (problem.severity == diag::Severity::Error) return base::failure(problem.message);
  return {};
}

}  // namespace vuurmuur::control
