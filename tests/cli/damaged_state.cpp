// SPDX-License-Identifier: GPL-2.0-or-later
// A state directory that a bad disk, an editor or a newer program has been at: told, and nothing made worse.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "helpers/daemon_fixture.h"
#include "support/catch.h"

using namespace vuurmuur::test;

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every file of the state directory but those that are only locked, and what a daemon has counted.
std::map<std::string, std::string> contents(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && entry.file_size() > 0 && !entry.path().filename().string().starts_with("volumes.db"))
      files[entry.path().string()] = read(entry.path());
  return files;
}

}  // namespace

TEST_CASE("with a damaged journal every command says where and what to do, and changes nothing") {
  DaemonFixture fixture;
  fixture.firewall.tree.closed_to_ssh();
  REQUIRE(fixture.firewall.apply().status == 0);
  const auto journal = fixture.firewall.state() / "journal.json";
  std::string text = read(journal);
  text.resize(text.rfind("\"what\""));
  std::ofstream(journal) << text;
  const auto files = contents(fixture.firewall.state());
  const std::string rules = xtables_rules();
  const std::string tree = fixture.firewall.tree.path().string();
  const std::string complaint =
      "vuurmuur: error: the journal '" + journal.string() +
      "' cannot be used: line 19, column 6: the file ends in the middle; nothing was changed, and the rules in force stay. "
      "Put a copy that was saved in its place, or mend that line; or move journal.json and generations out of '" +
      fixture.firewall.state().string() + "' and apply anew\n";
  const auto check_all = [&](const std::string& socket) {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"status"}, {"history"}, {"show", "1"}, {"diff", "1"}, {"rollback", "1"}, {"confirm"}, {"apply", tree}}) {
      INFO(words.front() << (socket.empty() ? " without" : " with") << " the daemon");
      const Outcome outcome = vuurmuur::test::vuurmuur(
          {.arguments = words,
           .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}, {"VUURMUUR_SOCKET", socket}}});
      // As with diff(1), 1 would be a difference.
      CHECK(outcome.status == (words.front() == "diff" ? 2 : 3));
      CHECK(outcome.out.empty());
      CHECK(outcome.err == complaint);
    }
    CHECK(contents(fixture.firewall.state()) == files);
    CHECK(xtables_rules() == rules);
  };
  check_all("none");
  fixture.start();
  check_all(fixture.socket);

  // What it advises works: nothing is lost, and the machine can be managed again.
  const TemporaryDirectory aside;
  for (const char* name : {"journal.json", "generations"})
    std::filesystem::rename(fixture.firewall.state() / name, aside.path() / name);
  CHECK(fixture.firewall.apply().status == 0);
  CHECK(fixture.firewall.json({"status"}).at("confirmed") == 1);
}
