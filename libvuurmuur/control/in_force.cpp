// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/in_force.h"

#include "control/comparison.h"
#include "control/manager.h"

namespace vuurmuur::control {

std::vector<names::OwnAddress> own_addresses(apply::Kernel& kernel) {
  std::vector<names::OwnAddress> own;
  const auto facts = kernel.routing_facts();
  if (!facts) return own;
  for (const apply::OwnedAddress& owned : facts->addresses)
    if (const auto device = facts->devices.find(owned.device); device != facts->devices.end())
      own.push_back({.device = device->second, .address = owned.address});
  return own;
}

base::Result<InForce> read_in_force(const history::Store& store, apply::Kernel& kernel, const NameSource& known) {
  const history::Journal journal = VM_TRY(store.read_journal());
  InForce found;
  found.own = own_addresses(kernel);
  const auto number = journal.is_cleared ? std::nullopt : in_force(journal);
  const history::Generation* generation = number ? journal.find(*number) : nullptr;
  if (generation == nullptr) {
    found.names = names::Index::build({}, {}, found.own);
    return found;
  }
  found.generation = number;
  found.engine = generation->backend;
  found.checked = VM_TRY(read_generation(store, *generation, known));
  const CheckedPolicy& checked = *found.checked;
  const model::Policy& model = checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy;
  found.names = names::Index::build(model, checked.policy, found.own);
  found.marks = ir::MarkLayout::create(*model.settings.connmark_mask).value_or(ir::MarkLayout());
  return found;
}

filter::KnownWords known_words(const InForce& in_force) {
  filter::KnownWords words;
  if (!in_force.checked) return words;
  const model::Policy& policy = in_force.checked->tree.policy;
  for (const model::Zone& zone : policy.zones) words.ends.push_back(*zone.name);
  for (const model::Network& network : policy.networks) words.ends.push_back(network.full_name());
  for (const model::Group& group : policy.groups) words.ends.push_back(group.full_name());
  for (const model::Host& host : policy.hosts) words.ends.push_back(host.full_name());
  for (const model::Service& service : policy.services) words.services.push_back(*service.name);
  return words;
}

}  // namespace vuurmuur::control
