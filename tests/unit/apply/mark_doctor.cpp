// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/mark_doctor.h"

#include "support/catch.h"

namespace vuurmuur::apply {
namespace {

using enum ForeignMark::Use;

ForeignMark write(std::uint32_t bits) { return {.place = "iptables mangle PREROUTING", .use = Write, .bits = bits}; }
ForeignMark restore(std::uint32_t bits) { return {.place = "iptables mangle OUTPUT", .use = Restore, .bits = bits}; }

constexpr ir::MarkLayout kDefault;

}  // namespace

TEST_CASE("marks of others beside our field are no collision") {
  const MarkDiagnosis diagnosis = diagnose_marks({write(0xfff), restore(0x80), write(0xc0000000)}, kDefault);
  CHECK(diagnosis.collisions.empty());
  CHECK(diagnosis.taken == 0xc0000fff);
  CHECK_FALSE(diagnosis.proposal);
}

TEST_CASE("a program that uses bits 16 to 23 moves our field to the widest run that is left") {
  const MarkDiagnosis diagnosis = diagnose_marks({write(0xff0000)}, kDefault);
  CHECK(diagnosis.collisions == std::vector{write(0xff0000)});
  // Sixteen bits below, eight above.
  CHECK(diagnosis.proposal == MaskProposal{.mask = 0x0000ffff, .highest = 0x3fff});
}

TEST_CASE("a program in the low bits of our field moves it up") {
  const MarkDiagnosis diagnosis = diagnose_marks({write(0x3f00), restore(0xff00)}, kDefault);
  CHECK(diagnosis.collisions.size() == 2);
  CHECK(diagnosis.proposal == MaskProposal{.mask = 0xffff0000, .highest = 0x3fff});
}

TEST_CASE("a rule that overwrites the whole mark is told, but no other field would help") {
  const MarkDiagnosis diagnosis = diagnose_marks({write(0xffffffff)}, kDefault);
  CHECK(diagnosis.collisions.size() == 1);
  CHECK(diagnosis.taken == 0);
  CHECK_FALSE(diagnosis.proposal);
}

TEST_CASE("a copy of our bits into packet marks is told") {
  CHECK(diagnose_marks({restore(0x10000000)}, kDefault).collisions.size() == 1);
}

TEST_CASE("when everything is taken nothing is proposed") {
  const MarkDiagnosis diagnosis = diagnose_marks({write(0x7fffffff), write(0xfffffffe)}, kDefault);
  CHECK(diagnosis.collisions.size() == 2);
  CHECK_FALSE(diagnosis.proposal);
}

TEST_CASE("names tell whose rules they are") {
  CHECK(program_of("DOCKER-USER") == "docker");
  CHECK(program_of("ts-forward") == "tailscale");
  CHECK(program_of("wg-quick-wg0") == "wg-quick");
  CHECK(program_of("mwan3_hook") == "mwan3");
  CHECK(program_of("FORWARD").empty());
}

}  // namespace vuurmuur::apply
