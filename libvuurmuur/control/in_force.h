// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "control/checked_policy.h"
#include "control/known_names.h"
#include "filter/filter.h"
#include "history/store.h"
#include "ir/marks.h"
#include "names/index.h"

namespace vuurmuur::control {

/// The policy in force, for whoever speaks of addresses, ports and marks in its words.
struct InForce {
  std::optional<history::Number>
      generation;                          ///< nothing: none is in force, and only this machine's addresses have names
  std::string engine;                      ///< that it was loaded into
  std::unique_ptr<CheckedPolicy> checked;  ///< null without a generation
  std::vector<names::OwnAddress> own;
  names::Index names;
  ir::MarkLayout marks;
};

/// Addresses of this machine's devices as they are now; none when the kernel does not tell.
[[nodiscard]] std::vector<names::OwnAddress> own_addresses(apply::Kernel& kernel);

/// Reads the generation in force from the store. `known`: what DNS told; without it, what the store's directory has.
[[nodiscard]] base::Result<InForce> read_in_force(const history::Store& store, apply::Kernel& kernel,
                                                  const NameSource& known = {});

/// What a filter can name in it.
[[nodiscard]] filter::KnownWords known_words(const InForce& in_force);

}  // namespace vuurmuur::control
