// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/finding.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

using namespace vuurmuur::doctor;

namespace {

const Finding kFinding{
    .severity = Severity::Error,
    .id = "an-id",
    .what = "it is wrong",
    .why = "and so it fails",
    .changes = {{.place = "file:3", .from = "a: 1", .to = "a: 2\nb: 3"}, {.place = "elsewhere", .to = "x"}}};

}  // namespace

TEST_CASE("a finding in lines") {
  CHECK(
      text_of(kFinding, false) ==
      "error: it is wrong\n  and so it fails\n  file:3:\n    - a: 1\n    + a: 2\n    + b: 3\n  elsewhere:\n    + x\n");
  CHECK(text_of(kFinding, true).starts_with("\033[1;31merror:\033[0m it is wrong\n"));
}

TEST_CASE("a finding for programs") {
  const auto document = json_of(kFinding);
  CHECK(document["severity"] == "error");
  CHECK(document["id"] == "an-id");
  CHECK(document["changes"][0]["to"] == "a: 2\nb: 3");
  CHECK(document["changes"][1]["from"] == "");
}

TEST_CASE("advice alone needs nobody") {
  Finding advice = kFinding;
  advice.severity = Severity::Advice;
  CHECK_FALSE(needs_person(std::vector{advice}));
  CHECK(needs_person(std::vector{advice, kFinding}));
}
