// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/assertions.h"

#include <algorithm>

#include "analyse/assertion.h"
#include "control/responses.h"

namespace vuurmuur::control {

namespace {

void hold_assertions(CheckedPolicy& checked) {
  if (!checked.tree.assertions || checked.sink.has_errors()) return;
  const model::Policy& model = checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy;
  static_cast<void>(
      analyse::check_assertions(checked.tree.sources.file(*checked.tree.assertions).text(), *checked.tree.assertions,
                                {.model = model, .objects = checked.objects, .policy = checked.policy}, checked.sink));
}

}  // namespace

void check_assertions(CheckedPolicy& checked) {
  hold_assertions(checked);
  check_responses(checked);
}

bool fails_only_assertions(const CheckedPolicy& checked) {
  return checked.sink.has_errors() && std::ranges::all_of(checked.sink.all(), [](const diag::Diagnostic& diagnostic) {
           return diagnostic.severity != diag::Severity::Error || diagnostic.code == "assertion-failed" ||
                  diagnostic.code == "assertion-not-finished";
         });
}

}  // namespace vuurmuur::control
