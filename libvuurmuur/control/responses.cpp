// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/responses.h"

#include "control/named_prefixes.h"

namespace vuurmuur::control {

ResponsePolicy read_response_policy(const diag::SourceMap& sources, diag::FileId file, const FindPrefixes& find,
                                    const FindBait& find_bait, diag::Sink& sink) {
  const std::size_t errors = sink.error_count();
  ResponsePolicy policy{
      .responses = respond::read_responses(sources.file(file).text(), file, sink), .never = {}, .baits = {}};
  for (const auto& word : policy.responses.never) {
    const auto prefixes = find(*word);
    if (!prefixes)
      sink.error("unknown-name", word.span, prefixes.error());
    else
      policy.never.insert(policy.never.end(), prefixes->begin(), prefixes->end());
  }
  for (respond::Response& response : policy.responses.responses) {
    if (response.bait->empty()) continue;
    auto bait = find_bait(*response.bait);
    if (!bait) {
      sink.error("unknown-bait", response.bait.span, bait.error());
      continue;
    }
    response.bait.value = bait->name;
    policy.baits.push_back(std::move(*bait));
  }
  if (sink.error_count() == errors && policy.responses.responses.empty())
    sink.warning("no-response", std::nullopt, "no statement says what to do: nothing will be done");
  return policy;
}

void check_responses(CheckedPolicy& checked) {
  if (!checked.tree.responses) return;
  const model::Policy& model = checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy;
  const auto find = [&](const std::string& word) { return prefixes_named(model, word, checked.tree.root); };
  const auto find_bait = [&](const std::string& word) { return bait_named(model, word, checked.tree.root); };
  static_cast<void>(read_response_policy(checked.tree.sources, *checked.tree.responses, find, find_bait, checked.sink));
}

}  // namespace vuurmuur::control
