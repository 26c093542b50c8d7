// SPDX-License-Identifier: GPL-2.0-or-later
#include "routers.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace vuurmuur::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kSpell = 40ms, kWarmUp = 10ms;

base::Result<void> measure(Subject& subject) {
  // The first packets bring the rules into the caches that the others emptied.
  (void)subject.path->send(subject.frames, kWarmUp);
  const Spell spell = subject.path->send(subject.frames, kSpell);
  if (spell.delivered != (subject.is_delivered ? spell.sent : 0))
    return base::failure(
        fmt::format("{}: {} of {} packets came through", base::join(subject.cells, " "), spell.delivered, spell.sent));
  subject.cost.add(spell.ns_per_packet);
  return {};
}

}  // namespace

PacketPath& Routers::add_bare() {
  paths_.push_back(std::make_unique<PacketPath>(hosts_, static_cast<unsigned>(paths_.size())));
  return *paths_.back();
}

base::Result<PacketPath*> Routers::add(const ir::Ruleset& ruleset, apply::Backend backend) {
  PacketPath& path = add_bare();
  const lab::Inside there(path.router());
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.backend = backend;
  // Each router has its own settings of before.
  options.state_directory = fmt::format("/run/router{}", paths_.size());
  VM_TRY(apply::apply(*kernel, ruleset, options));
  return &path;
}

base::Result<void> take_turns(std::vector<Subject>& subjects, unsigned runs) {
  for (unsigned run = 0; run < runs; ++run)
    for (Subject& subject : subjects) VM_TRY_VOID(measure(subject));
  return {};
}

}  // namespace vuurmuur::bench
