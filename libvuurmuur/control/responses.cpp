// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/responses.h"

#include "control/named_prefixes.h"

namespace vuurmuur::control {

ResponsePolicy read_response_policy(const diag::SourceMap& sources, diag::FileId file, const FindPrefixes& find,
                                    diag::Sink& sink) {
  const std::size_t errors = sink.error_count();
  ResponsePolicy policy{.responses = respond::read_responses(sources.file(file).text(), file, sink), .never = {}};
  for (const auto& word : policy.responses.never) {
    const auto prefixes = find(*word);
    if (!prefixes)
      sink.error("unknown-name", word.span, prefixes.error());
    else
      policy.never.insert(policy.never.end(), prefixes->begin(), prefixes->end());
  }
  if (sink.error_count() == errors && policy.responses.responses.empty())
    sink.warning("no-response", std::nullopt, "no statement says what to do: nothing will be done");
  return policy;
}

void check_responses(CheckedPolicy& checked) {
  if (!checked.tree.responses) return;
  const model::Policy& model = checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy;
  const auto find = [&](const std::string& word) { return prefixes_named(model, word, checked.tree.root); };
  static_cast<void>(read_response_policy(checked.tree.sources, *checked.tree.responses, find, checked.sink));
}

}  // namespace vuurmuur::control
