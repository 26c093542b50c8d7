// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/engine.h"

#include <algorithm>

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

}  // namespace vuurmuur::cli
