// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon under all that befalls it, for VUURMUUR_SOAK_SECONDS (default 120; 1800 is the whole proof): its memory does not
// grow and its descriptors are those of the beginning.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "helpers/daemon_fixture.h"
#include "helpers/process_size.h"
#include "lab/run.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using Clock = std::chrono::steady_clock;

namespace {

std::chrono::seconds duration() { return std::chrono::seconds(number_from("VUURMUUR_SOAK_SECONDS", 120)); }

void write_rules(const DaemonFixture& fixture, unsigned count, bool is_whole) {
  std::string text = "accept service http from world.inet to firewall\n";
  for (unsigned i = 0; i < count; ++i)
    text += fmt::format("accept service http from {}.world.inet to firewall options comment=\"{}\"\n",
                        i % 2 == 0 ? "web" : "mail", i);
  fixture.firewall.tree.rules(text + (is_whole ? "" : "accept service nothing from world.inet to firewall\n"));
}

/// Calls, again as long as another has the turn just then, and expects no error.
void expect_done(const DaemonFixture& fixture, const std::string& method, const ipc::Json& parameters = ipc::Json::object()) {
  ipc::Reply reply = fixture.call(method, parameters);
  for (int tries = 0; tries < 20 && reply.error == "org.vuurmuur.Manager.Busy"; ++tries) {
    ::usleep(20'000);
    reply = fixture.call(method, parameters);
  }
  INFO(method << ": " << reply.parameters.dump());
  CHECK(reply.error == "");
}

/// One of everything: loads, one that is refused and one that is taken back, questions, blocks, devices and addresses that come
/// and go, a client that leaves in the middle, and another program at our rules.
void live(const DaemonFixture& fixture, unsigned turn) {
  write_rules(fixture, 100, /*is_whole=*/true);
  expect_done(fixture, "Apply");
  write_rules(fixture, 100, /*is_whole=*/false);
  CHECK_FALSE(fixture.call("Apply").error.empty());
  write_rules(fixture, 80, /*is_whole=*/true);
  expect_done(fixture, "Apply", {{"confirm_seconds", 600}});
  expect_done(fixture, "TakeBack");
  for (const char* question : {"Status", "History", "Counters"}) expect_done(fixture, question);
  CHECK(fixture.firewall.run({"block", "198.51.100.9", "--for=1h"}).status == 0);
  CHECK(fixture.firewall.run({"unblock", "198.51.100.9"}).status == 0);
  lab::ip("link add plug7 type veth peer name plug8\naddr add 10.7.0.1/24 dev plug7\nlink set plug7 up\nlink del plug7\n");
  static_cast<void>(ipc::Client::connect(fixture.socket));
  if (turn % 5 == 0) lab::run_ok({"iptables-legacy", "-I", "INPUT", "-j", "ACCEPT"});
}

/// So long rounds follow each other without a rest; then the daemon is looked at when it has given back what its work needed.
constexpr std::chrono::milliseconds kBetweenRests{3000}, kRest{1500};

struct Sample {
  Clock::time_point when;
  long kilobytes = 0;
};

/// The middle one of a part of the time, in hundredths.
long median(const std::vector<Sample>& samples, Clock::time_point begin, std::chrono::seconds whole, int from, int to) {
  std::vector<long> sizes;
  for (const Sample& sample : samples)
    if (sample.when - begin >= whole * from / 100 && sample.when - begin <= whole * to / 100) sizes.push_back(sample.kilobytes);
  REQUIRE(sizes.size() > 2);
  std::ranges::nth_element(sizes, sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2));
  return sizes[sizes.size() / 2];
}

}  // namespace

TEST_CASE("the daemon's memory and descriptors stay as they are, whatever befalls it") {
  DaemonFixture fixture;
  count_what_is_freed_as_free();
  fixture.start();
  const pid_t pid = fixture.daemon->pid();
  // The history grows until it has its fifty generations, and the heap until a load finds room in it.
  for (unsigned turn = 0; turn < 60; ++turn) live(fixture, turn);
  std::this_thread::sleep_for(kRest);
  const std::ptrdiff_t descriptors = process_size(pid).descriptors;

  std::vector<Sample> samples;
  const auto begin = Clock::now();
  auto last_rest = begin;
  unsigned turns = 0;
  std::ptrdiff_t most = 0;
  for (; Clock::now() - begin < duration(); ++turns) {
    live(fixture, turns);
    if (Clock::now() - last_rest < kBetweenRests) continue;
    std::this_thread::sleep_for(kRest);
    last_rest = Clock::now();
    const ProcessSize size = process_size(pid);
    samples.push_back({.when = Clock::now(), .kilobytes = size.resident_kilobytes});
    most = std::max(most, size.descriptors);
  }
  const long before = median(samples, begin, duration(), 20, 40), after = median(samples, begin, duration(), 80, 100);
  // Who was just called may not have been closed yet.
  const bool are_constant = eventually([&] { return process_size(pid).descriptors == descriptors; });
  WARN(fmt::format("{} s, {} rounds: {} kB, then {} kB ({:+.2f} %); descriptors {}, at most {}", duration().count(), turns,
                   before, after, 100.0 * static_cast<double>(after - before) / static_cast<double>(before), descriptors, most));
  CHECK(after * 100 < before * 101);
  CHECK(are_constant);
  CHECK(fixture.firewall.json({"status"}).at("state") == "confirmed");
}
