// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/response_policy.h"

#include <unistd.h>

#include "cli/block_targets.h"
#include "cli/terminal.h"
#include "diag/render.h"

namespace vuurmuur::cli {
namespace {

/// The prefixes behind words; words that are nobody's are told.
std::vector<net::Prefix> prefixes_of(Context& context, const Arguments& arguments, const std::string& configuration,
                                     const std::vector<model::Located<std::string>>& words, diag::Sink& sink) {
  std::vector<std::string> texts;
  for (const auto& word : words) texts.push_back(*word);
  if (auto all = prefixes_named(context, arguments, texts, configuration)) return std::move(*all);
  // One by one, for the places of those that are wrong.
  for (const auto& word : words)
    if (const auto one = prefixes_named(context, arguments, std::span(&word.value, 1), configuration); !one)
      sink.error("unknown-name", word.span, one.error());
  return {};
}

}  // namespace

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
  ResponsePolicy policy;
  policy.responses = respond::read_responses(sources.file(id).text(), id, sink);
  policy.never = prefixes_of(context, arguments, configuration, policy.responses.never, sink);
  if (!sink.has_errors() && policy.responses.responses.empty())
    sink.warning("no-response", std::nullopt, "no statement says what to do: nothing will be done");
  context.err << diag::render(sink, sources, style_for(context.colour, STDERR_FILENO));
  if (sink.has_errors()) return std::nullopt;
  return policy;
}

}  // namespace vuurmuur::cli
