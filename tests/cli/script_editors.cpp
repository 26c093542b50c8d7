// SPDX-License-Identifier: GPL-2.0-or-later
// Two editors at once, and what is written down of them.
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "edit/lines.h"
#include "edit/objects.h"
#include "edit/save.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "history/archive.h"
#include "support/catch.h"

using namespace vuurmuur;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;
using vuurmuur::test::TemporaryDirectory;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

}  // namespace

TEST_CASE("eight writers at once lose no change of 200") {
  const SmallTree tree;
  constexpr std::size_t kWriters = 8, kEach = 25;
  std::vector<std::thread> writers;
  std::vector<std::size_t> failures(kWriters);
  for (std::size_t writer = 0; writer < kWriters; ++writer)
    writers.emplace_back([&, writer] {
      for (std::size_t i = 0; i < kEach; ++i)
        failures[writer] +=
            test::vuurmuur_script(tree.path().string(), {"-M", "-r", "rules", "-V", "RULE", "-A", "-S",
                                                         fmt::format("separator options comment=\"{} {}\"", writer, i)})
                .status != 0;
    });
  for (std::thread& writer : writers) writer.join();
  CHECK(failures == std::vector<std::size_t>(kWriters));
  std::set<std::string> comments;
  std::istringstream rules(text_of(tree.path() / "rules/rules.conf"));
  std::size_t lines = 0;
  for (std::string line; std::getline(rules, line); ++lines) comments.insert(line);
  CHECK(lines == 1 + kWriters * kEach);
  CHECK(comments.size() == lines);
  WARN(fmt::format("{} writers made {} changes: {} are there", kWriters, kWriters * kEach, lines - 1));
}

TEST_CASE("who reads while names change finds one name everywhere, or refuses") {
  const SmallTree tree;
  tree.rules("accept service http from web.world.inet to firewall");
  std::atomic<bool> is_over = false;
  std::thread writer([&] {
    const std::string names[] = {"web", "www"};
    for (std::size_t i = 0; i < 20; ++i)
      static_cast<void>(test::vuurmuur_script(tree.path().string(),
                                              {"-R", "-o", names[i % 2] + ".world.inet", "-S", names[(i + 1) % 2]}));
    is_over = true;
  });
  unsigned good = 0, refused = 0;
  while (!is_over) {
    const Outcome checked = test::vuurmuur({"check", tree.path().string()});
    INFO(checked.err);
    // Two names at once would be an error as well: whatever is read, half a change is never good.
    CHECK((checked.status == 0 || checked.status == 2));
    ++(checked.status == 0 ? good : refused);
  }
  writer.join();
  WARN(fmt::format("while a host got 20 new names it was read {} times whole and {} times not at all", good, refused));
  CHECK(good > 0);
  CHECK(test::vuurmuur_script(tree.path().string(), {"-L", "-o", "any"}).out == "mail.world.inet\nweb.world.inet\n");
}

TEST_CASE("an editor that reads before the script writes gets a conflict with what it wrote") {
  const SmallTree tree;
  base::RealFileSystem files;
  edit::Draft draft(files, tree.path().string());
  const std::string mine[] = {"drop service any from any to any"};
  REQUIRE(edit::modify_object(draft, {edit::Kind::Rules, "rules"}, "RULE", mine, edit::How::Append));
  REQUIRE(test::vuurmuur_script(tree.path().string(), {"--insert", "1", "-S", "separator"}).status == 0);
  const std::string written = text_of(tree.path() / "rules/rules.conf");
  const auto turn = edit::Turn::take(files, tree.path().string());
  REQUIRE(turn);
  const auto outcome = edit::save(files, *turn, draft.changes());
  REQUIRE(outcome);
  REQUIRE(outcome->conflicts.size() == 1);
  CHECK(edit::text_of(outcome->conflicts[0]) ==
        "--- rules/rules.conf as it was read\n"
        "+++ rules/rules.conf as it is now\n"
        "@@ -1 +1,2 @@\n"
        "+RULE=\"separator\"\n"
        " RULE=\"accept service http from world.inet to firewall\"\n");
  CHECK(text_of(tree.path() / "rules/rules.conf") == written);
}

TEST_CASE("a script that says what it read is told what changed since, with status 6") {
  const SmallTree tree;
  const TemporaryDirectory room;
  const std::string seen = (room.path() / "seen").string();
  room.write("seen", test::vuurmuur_script(tree.path().string(), {"-P", "-r", "rules"}).out);
  CHECK(test::vuurmuur_script(tree.path().string(), {"--insert", "1", "-S", "separator", "--if-unchanged", seen})
            .status == 0);
  const Outcome late = test::vuurmuur_script(tree.path().string(), {"--delete-rule", "1", "--if-unchanged", seen});
  CHECK(late.status == 6);
  CHECK(late.err == "vuurmuur_script: error: the rules changed since " + seen +
                        " was written; nothing is done\n"
                        "--- the rules as it was read\n"
                        "+++ the rules as it is now\n"
                        "@@ -1 +1,2 @@\n"
                        "+RULE=\"separator\"\n"
                        " RULE=\"accept service http from world.inet to firewall\"\n");
  CHECK(test::vuurmuur_script(tree.path().string(), {"-P", "-r", "rules"}).out.starts_with("RULE=\"separator\"\n"));
}

TEST_CASE("what a killed editor left is no configuration until the next script has put it in order") {
  const SmallTree tree;
  const auto archive = history::pack({{"before/rules/rules.conf", "RULE=\"separator\"\n"},
                                      {"after/rules/rules.conf", text_of(tree.path() / "rules/rules.conf")}});
  REQUIRE(archive);
  tree.write(".unfinished-edit", *archive);
  const Outcome checked = test::vuurmuur({"check", tree.path().string()});
  CHECK(checked.status == 2);
  CHECK(checked.err.starts_with("error: a change of several files is not finished"));
  const Outcome printed = test::vuurmuur_script(tree.path().string(), {"-P", "-r", "rules"});
  CHECK(printed.status == 2);
  CHECK(printed.err.find("a change of several files is not finished") != std::string::npos);
  CHECK(test::vuurmuur_script(tree.path().string(), {"-C", "-z", "dmz"}).status == 0);
  CHECK(test::vuurmuur_script(tree.path().string(), {"-P", "-r", "rules"}).out == "RULE=\"separator\"\n");
  CHECK_FALSE(std::filesystem::exists(tree.path() / ".unfinished-edit"));
}

TEST_CASE("every change is written down with who made it") {
  const SmallTree tree;
  const TemporaryDirectory state;
  const auto run = [&](std::vector<std::string> words) {
    return test::vuurmuur_script(
               tree.path().string(), std::move(words),
               {{"VUURMUUR_STATE_DIR", state.path().string()}, {"SSH_CONNECTION", "192.0.2.7 51234 198.51.100.1 22"}})
        .status;
  };
  CHECK(run({"-C", "-z", "dmz"}) == 0);
  CHECK(run({"-C", "-z", "dmz"}) == 4);
  CHECK(run({"-M", "-z", "dmz", "-V", "COMMENT", "-S", "servers"}) == 0);
  CHECK(run({"--block", "198.51.100.7", "--no-apply"}) == 0);
  std::istringstream log(text_of(state.path() / "audit.log"));
  std::vector<std::string> what;
  for (std::string line; std::getline(log, line);) {
    const auto entry = nlohmann::json::parse(line);
    CHECK(entry.at("directory") == tree.path().string());
    CHECK(entry.at("program") == "vuurmuur_script");
    CHECK(entry.at("from") == "192.0.2.7");
    CHECK_FALSE(entry.at("user").get<std::string>().empty());
    what.push_back(entry.at("what").get<std::string>());
  }
  CHECK(what == std::vector<std::string>{"zone 'dmz' created", "for zone 'dmz' variable 'COMMENT' set to 'servers'",
                                         "'198.51.100.7' put on the blocklist"});
  const Outcome told = test::vuurmuur({"history", "--edits", "--state-dir=" + state.path().string()});
  CHECK(told.status == 0);
  CHECK(told.out.find(" from 192.0.2.7  " + tree.path().string() + ": '198.51.100.7' put on the blocklist\n") <
        told.out.find(": zone 'dmz' created\n"));
  const auto json = nlohmann::json::parse(
      test::vuurmuur({"history", "--edits", "--json", "--state-dir=" + state.path().string()}).out);
  CHECK(json.size() == 3);
  CHECK(json.at(2).at("what") == "zone 'dmz' created");
}
