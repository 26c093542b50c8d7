// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/settings_of.h"

#include "config/read.h"

namespace vuurmuur::cli {

model::Settings settings_of(const Context& context, const std::string& directory) {
  const auto text = context.files.read_file(directory + "/config.conf");
  const config::Document document(text ? *text : std::string(), config::KeyCase::Significant);
  diag::Sink ignored;
  return config::read_settings({document, {}, ignored});
}

}  // namespace vuurmuur::cli
