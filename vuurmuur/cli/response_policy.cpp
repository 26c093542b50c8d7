// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/response_policy.h"

#include <unistd.h>

#include "cli/block_targets.h"
#include "cli/terminal.h"
#include "diag/render.h"

namespace vuurmuur::cli {

std::optional<ResponsePolicy> read_response_policy(Context& context, const Arguments& arguments,
                                                   const std::string& file, const std::string& configuration) {
  auto text = context.files.read_file(file);
  if (!text) {
    tell(context, "error", text.error().message);
    return std::nullopt;
  }
  diag::SourceMap sources;
  const diag::FileId id = sources.add(file, std::move(*text));
  diag::Sink sink;
  TargetFinder finder(context, arguments, configuration);
  ResponsePolicy policy = control::read_response_policy(
      sources, id, [&](const std::string& word) { return finder.find(word); },
      [&](const std::string& word) { return finder.find_bait(word); }, sink);
  context.err << diag::render(sink, sources, style_for(context.colour, STDERR_FILENO));
  if (sink.has_errors()) return std::nullopt;
  return policy;
}

}  // namespace vuurmuur::cli
