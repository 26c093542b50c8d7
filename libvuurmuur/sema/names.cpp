// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/names.h"

#include <fmt/format.h>

#include "base/nearest.h"
#include "base/strings.h"

namespace vuurmuur::sema {
namespace {

bool is_reserved(std::string_view name) {
  for (std::string_view word : {"any", "all", "firewall"})
    if (base::equals_ignoring_case(name, word)) return true;
  return false;
}

void check_reserved(const model::Located<std::string>& name, std::string_view kind, diag::Sink& sink) {
  if (!is_reserved(*name)) return;
  sink.error("reserved-name", name.span,
             fmt::format("a {} cannot be named '{}': the rule language uses that word", kind, *name));
}

}  // namespace

bool NameIndex::add(std::string name, std::size_t index) {
  const bool is_new = by_name_.emplace(name, index).second;
  if (is_new) names_.push_back(std::move(name));
  return is_new;
}

std::optional<std::size_t> NameIndex::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> NameIndex::nearest(std::string_view name) const {
  const std::vector<std::string_view> candidates(names_.begin(), names_.end());
  return base::nearest(name, candidates);
}

std::optional<std::string> Names::nearest_end(std::string_view name) const {
  std::vector<std::string_view> candidates{"any", "firewall"};
  for (const NameIndex* index : {&zones, &networks, &hosts, &groups})
    candidates.insert(candidates.end(), index->all().begin(), index->all().end());
  return base::nearest(name, candidates);
}

Names index_names(const model::Policy& policy, diag::Sink& sink) {
  Names names;
  for (std::size_t i = 0; i < policy.interfaces.size(); ++i) names.interfaces.add(*policy.interfaces[i].name, i);
  for (std::size_t i = 0; i < policy.services.size(); ++i) {
    check_reserved(policy.services[i].name, "service", sink);
    names.services.add(*policy.services[i].name, i);
  }
  for (std::size_t i = 0; i < policy.zones.size(); ++i) {
    check_reserved(policy.zones[i].name, "zone", sink);
    names.zones.add(*policy.zones[i].name, i);
  }
  for (std::size_t i = 0; i < policy.networks.size(); ++i) names.networks.add(policy.networks[i].full_name(), i);
  for (std::size_t i = 0; i < policy.hosts.size(); ++i) names.hosts.add(policy.hosts[i].full_name(), i);
  for (std::size_t i = 0; i < policy.groups.size(); ++i) {
    const model::Group& group = policy.groups[i];
    names.groups.add(group.full_name(), i);
    const auto host = names.hosts.find(group.full_name());
    if (!host) continue;
    sink.error(
            "overlapping-names", group.name.span,
            fmt::format("group {} has the name of a host: a rule could not tell them apart", quoted(group.full_name())))
        .notes.push_back({policy.hosts[*host].name.span, "the host of that name"});
  }
  return names;
}

std::string quoted(std::string_view name) {
  constexpr std::size_t kMost = 80;
  if (name.size() <= kMost) return fmt::format("'{}'", name);
  return fmt::format("'{}…'", name.substr(0, kMost));
}

}  // namespace vuurmuur::sema
