// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/connection_log.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::daemon;

namespace fs = std::filesystem;

namespace {

/// A log in a directory of its own, and one connection to tell it of.
struct Fixture {
  fs::path directory;
  model::Settings settings;
  names::Index names;
  ir::MarkLayout marks;
  apply::TrackedConnection tracked;
  ConnectionLog log;

  Fixture() {
    std::string name = (fs::temp_directory_path() / "vuurmuur-connections-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
    settings.log_directory = name;
    settings.log_new_connections = settings.log_connections = true;
    auto& original = tracked.connection.original;
    original = {.source = *net::Address::parse("192.0.2.2"),
                .destination = *net::Address::parse("192.0.2.1"),
                .source_port = 40000,
                .destination_port = 80};
    tracked.connection.reply = {
        .source = original.destination, .destination = original.source, .source_port = 80, .destination_port = 40000};
  }
  ~Fixture() { fs::remove_all(directory); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  void tell(control::ConnectionEvent::What what, int times = 1) {
    control::ConnectionNamer namer(names, marks);
    const control::NamedConnection named = namer.of(tracked);
    for (int i = 0; i < times; ++i) log.take({.what = what, .named = named});
    log.finish_turn();
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(directory / name).rdbuf();
    return text.str();
  }
};

using enum control::ConnectionEvent::What;

}  // namespace

TEST_CASE("each file gets what the settings say, and nothing of the other") {
  Fixture fixture;
  CHECK_FALSE(fixture.log.wants_events());
  fixture.settings.log_connections = false;
  fixture.log.follow(&fixture.settings);
  CHECK(fixture.log.wants_events());
  fixture.tell(Begun);
  fixture.tell(Ended);
  CHECK(fixture.read("connnew.log").find(": NEW service 40000->80(tcp) from 192.0.2.2 to 192.0.2.1 (") == 15);
  CHECK_FALSE(fs::exists(fixture.directory / "connections.log"));
  fixture.settings.log_new_connections = false;
  fixture.settings.log_connections = true;
  fixture.settings.log_format = model::LogFormat::Json;
  fixture.log.follow(&fixture.settings);
  fixture.tell(Begun);
  fixture.tell(Ended);
  CHECK_FALSE(fs::exists(fixture.directory / "connnew.json"));
  CHECK(
      fixture.read("connections.json").starts_with("{\"time\": \"1970-01-01T00:00:00.000000Z\", \"event\": \"end\", "));
  fixture.log.follow(nullptr);
  CHECK_FALSE(fixture.log.wants_events());
}

TEST_CASE("what is missing stands in both files") {
  Fixture fixture;
  fixture.log.follow(&fixture.settings);
  fixture.log.note("LOST 7 \x1b events");
  fixture.log.finish_turn();
  for (const char* name : {"connnew.log", "connections.log"})
    CHECK(fixture.read(name).find(": LOST 7 \\x1b events\n") == 15);
  fixture.settings.log_format = model::LogFormat::Json;
  fixture.log.follow(&fixture.settings);
  fixture.log.note("LOST 7 events");
  fixture.log.finish_turn();
  CHECK(fixture.read("connnew.json").ends_with("Z\", \"message\": \"LOST 7 events\"}\n"));
}

TEST_CASE("a flood of connections takes no more of the disk than the settings say") {
  Fixture fixture;
  fixture.settings.log_size = 1;
  fixture.settings.log_kept = 1;
  fixture.log.follow(&fixture.settings);
  for (int turn = 0; turn < 50; ++turn) fixture.tell(Begun, 1000);
  CHECK(fs::file_size(fixture.directory / "connnew.log") <= 1u << 20);
  CHECK(fs::file_size(fixture.directory / "connnew.log.1") <= 1u << 20);
  CHECK(fs::file_size(fixture.directory / "connnew.log.1") > 1u << 19);
  CHECK_FALSE(fs::exists(fixture.directory / "connnew.log.2"));
}

TEST_CASE("connections that could not be written are counted, and told when there is room again") {
  Fixture fixture;
  fixture.log.follow(&fixture.settings);
  fixture.tell(Begun);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 100;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  fixture.tell(Begun, 3);
  fixture.tell(Begun, 2);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  const std::string first = fixture.read("connnew.log");
  CHECK(std::count(first.begin(), first.end(), '\n') == 1);
  fixture.tell(Begun);
  const std::string text = fixture.read("connnew.log");
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.ends_with(": LOST 5 connections: they could not be written\n"));
}
