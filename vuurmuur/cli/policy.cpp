// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/policy.h"

#include <fmt/format.h>
#include <unistd.h>

#include "config/tree.h"
#include "diag/render.h"

namespace vuurmuur::cli {

std::string directory_of(const Arguments& arguments) {
  return arguments.positional().empty() ? VUURMUUR_CONFIG_DIR : arguments.positional().front();
}

std::optional<std::string> mistyped_directory(const Context& context, const Arguments& arguments) {
  if (arguments.positional().empty()) return std::nullopt;
  const std::string& directory = arguments.positional().front();
  if (config::may_be_tree(context.files, directory)) return std::nullopt;
  return fmt::format("there is no configuration tree '{}'", directory);
}

control::NameSource known_names(Context& context, const Arguments& arguments) {
  return control::known_names_in(context.files, state_directory(arguments));
}

void print_diagnostics(Context& context, const CheckedPolicy& checked) {
  if (checked.sink.all().empty()) return;
  context.err << diag::render(checked.sink, checked.tree.sources, style_for(context.colour, STDERR_FILENO));
}

}  // namespace vuurmuur::cli
