// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/engine.h"

#include <algorithm>

#include "apply/engine_support.h"

namespace vuurmuur::cli {

std::expected<std::optional<model::Backend>, std::string> read_backend_option(const Arguments& arguments) {
  const auto value = arguments.value(kBackendOption.name);
  if (!value) return std::nullopt;
  const auto word = std::ranges::find(model::kBackendWords, *value);
  if (word == model::kBackendWords.end())
    return std::unexpected("option '--backend': expected auto, xtables or nft, not '" + *value + "'" +
                           did_you_mean(*value, model::kBackendWords));
  return static_cast<model::Backend>(word - model::kBackendWords.begin());
}

apply::BackendWish backend_wish(model::Backend setting) {
  switch (setting) {
    case model::Backend::Auto: return std::nullopt;
    case model::Backend::Xtables: return apply::Backend::Xtables;
    case model::Backend::Nft: return apply::Backend::Nft;
  }
  return std::nullopt;
}

base::Result<apply::BackendChoice> choose_engine(apply::Kernel& kernel, model::Backend wish, const ir::Ruleset& ruleset,
                                                 bool force) {
  return apply::choose_backend(backend_wish(wish), VM_TRY(apply::look_around(kernel)), apply::needs_of(ruleset), force);
}

}  // namespace vuurmuur::cli
