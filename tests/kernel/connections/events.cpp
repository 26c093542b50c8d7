// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel tells of connections as they come and go, and how much of it is lost where nobody reads.
#include "apply/conntrack_events.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

/// An empty namespace that the test is in.
struct Space {
  struct Laboratory {
    Laboratory() { lab::enter_laboratory(); }
  } laboratory;
  lab::NetNamespace space;
  lab::Inside inside{space};
};

std::string file_name() { return fmt::format("/tmp/vuurmuur-events-{}", ::getpid()); }

/// Entries for "conntrack -R", from port 1 on.
void insert(int count) {
  const std::string name = file_name();
  {
    std::ofstream file(name);
    for (int i = 1; i <= count; ++i)
      file << fmt::format("-A -p udp --timeout 600 -s 10.0.0.1 -d 10.0.0.2 --sport {} --dport 53 -m {}\n", i, i);
  }
  const lab::Finished output = lab::run({"conntrack", "-R", name});
  std::filesystem::remove(name);
  REQUIRE(output.status == 0);
}

struct Told {
  std::vector<TrackedConnection> begun, ended;
  std::uint64_t events = 0, lost = 0;
};

/// All that is there. Events are there when what makes them is done.
void read_all(ConntrackEvents& events, Told& told) {
  for (;;) {
    const auto news = events.read(100, [&](ConntrackEvents::What what, const TrackedConnection& connection) {
      (what == ConntrackEvents::What::Begun ? told.begun : told.ended).push_back(connection);
    });
    REQUIRE(news);
    told.events += news->events;
    told.lost += news->lost;
    if (news->is_all) return;
  }
}

}  // namespace

TEST_CASE("beginnings and ends are told, to each who listens, in the order in which they come") {
  const Space space;
  auto events = ConntrackEvents::open({}), others = ConntrackEvents::open({.begun = false, .ended = true});
  REQUIRE(events);
  REQUIRE(others);
  insert(3);
  lab::run_ok({"conntrack", "-D", "-p", "udp", "--orig-port-src", "2"});
  Told told, others_told;
  read_all(*events, told);
  read_all(*others, others_told);
  REQUIRE(told.begun.size() == 3);
  REQUIRE(told.ended.size() == 1);
  CHECK(told.begun[1].connection.original.source_port == 2);
  CHECK(told.begun[1].connection.mark == 2);
  CHECK(told.begun[1].seconds_left > 590);
  CHECK(told.ended[0].connection.id == told.begun[1].connection.id);
  CHECK(told.lost == 0);
  CHECK(others_told.begun.empty());
  CHECK(others_told.ended.size() == 1);
}

TEST_CASE("what a socket had no room for is counted, to the event") {
  const Space space;
  auto events = ConntrackEvents::open({}, /*receive_buffer=*/1);
  REQUIRE(events);
  constexpr int kMany = 2000;
  Told told;
  for (int round = 0; round < 2; ++round) {
    insert(kMany / 2);
    read_all(*events, told);
    lab::run_ok({"conntrack", "-F"});
    read_all(*events, told);
  }
  CHECK(told.lost > 0);
  CHECK(told.events > 0);
  CHECK(told.events + told.lost == 2 * kMany);
}

TEST_CASE("all connections are listed in pieces while others come") {
  const Space space;
  insert(1000);
  auto listing = ConntrackListing::begin();
  REQUIRE(listing);
  std::set<std::uint16_t> ports;
  int pieces = 0;
  for (bool goes_on = true; goes_on; ++pieces) {
    pollfd ready{.fd = listing->descriptor(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&ready, 1, 10'000) == 1);
    const auto read = listing->read(
        [&](const TrackedConnection& connection) { ports.insert(connection.connection.original.source_port); });
    REQUIRE(read);
    goes_on = *read;
    if (pieces == 0)
      lab::run_ok({"conntrack", "-I", "-p", "udp", "-t", "60", "-s", "10.0.0.9", "-d", "10.0.0.2", "--sport", "9999",
                   "--dport", "1"});
  }
  ports.erase(9999);
  CHECK(ports.size() == 1000);
  CHECK(pieces > 2);
}
