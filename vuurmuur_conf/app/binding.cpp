// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/binding.h"

#include "base/assert.h"
#include "base/strings.h"

namespace vuurmuur::app {

std::vector<ui::Key> keys_of(const Binding& binding) {
  std::vector<ui::Key> keys;
  for (const std::string_view name : base::split(binding.keys, ' ')) {
    if (name.empty()) continue;
    const auto key = ui::key_from(name);
    VM_ASSERT(key);
    keys.push_back(*key);
  }
  return keys;
}

Why why_not(const Binding& binding, const Screen& screen, const Model& model) {
  if (binding.needs == Needs::Writing)
    if (auto why = why_not_write(model)) return why;
  if (binding.needs == Needs::Daemon)
    if (auto why = why_not_daemon(model)) return why;
  return binding.why_not == nullptr ? std::nullopt : binding.why_not(screen, model);
}

}  // namespace vuurmuur::app
