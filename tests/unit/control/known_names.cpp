// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/known_names.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

std::vector<net::Address> addresses(std::initializer_list<const char*> texts) {
  std::vector<net::Address> result;
  for (const char* text : texts) result.push_back(*net::Address::parse(text));
  return result;
}

/// A tree with the hosts a (ADDRESS), b (IPADDRESS) and c (IPV6ADDRESS), all of the name "name.example".
base::MemoryFileSystem tree() {
  base::MemoryFileSystem files;
  const std::string network = "/etc/v/zones/inet/networks/world/";
  files.files = {{"/etc/v/config.conf", ""},
                 {"/etc/v/interfaces/nic.conf", "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"192.0.2.1\"\nIPV6ADDRESS=\"2001:db8::1\"\n"},
                 {"/etc/v/services/http", "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n"},
                 {"/etc/v/zones/inet/zone.config", "ACTIVE=\"Yes\"\n"},
                 {network + "network.config", "NETWORK=\"0.0.0.0/0\"\nIPV6NETWORK=\"::/0\"\nINTERFACE=\"nic\"\n"},
                 {network + "hosts/a.host", "ADDRESS=\"Name.example.\"\n"},
                 {network + "hosts/b.host", "IPADDRESS=\"name.example\"\n"},
                 {network + "hosts/c.host", "IPV6ADDRESS=\"name.example\"\n"},
                 {"/etc/v/rules/rules.conf",
                  "RULE=\"accept service http from a.world.inet to firewall\"\n"
                  "RULE=\"accept service http from b.world.inet to firewall\"\n"
                  "RULE=\"accept service http from c.world.inet to firewall\"\n"},
                 {"/etc/v/rules/blocklist.conf", "RULE=\"block a.world.inet\"\n"}};
  return files;
}

struct StateDirectory {
  StateDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-names-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~StateDirectory() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

TEST_CASE("a host that is written by name has the addresses of the families that its key means") {
  const KnownNames known{{"name.example", {.ipv4 = addresses({"198.51.100.1", "198.51.100.2"}), .ipv6 = addresses({"2001:db8::7"})}}};
  const auto checked = check_tree(tree(), "/etc/v", [&](const model::Policy&) { return known; });
  CHECK(checked->sink.all().empty());
  REQUIRE(checked->policy.rules.size() == 3);
  const auto texts = [&](std::size_t rule) {
    std::string text;
    for (const sema::Peer& peer : checked->policy.rules[rule].from.peers)
      for (const net::Prefix& prefix : peer.prefixes) text += prefix.to_string() + " ";
    return text;
  };
  CHECK(texts(0) == "198.51.100.1/32 198.51.100.2/32 2001:db8::7/128 ");
  CHECK(texts(1) == "198.51.100.1/32 198.51.100.2/32 ");
  CHECK(texts(2) == "2001:db8::7/128 ");
  CHECK(checked->policy.blocked.size() == 3);
}

TEST_CASE("names of which nothing is known match nothing, and that is said") {
  const auto checked = check_tree(tree(), "/etc/v", {});
  CHECK(checked->sink.error_count() == 0);
  CHECK(checked->sink.all().size() == 3);
  for (const auto& problem : checked->sink.all()) CHECK(problem.code == "host-without-answer");
  for (const sema::Rule& rule : checked->policy.rules)
    for (const sema::Peer& peer : rule.from.peers) CHECK(peer.prefixes.empty());
  CHECK(checked->policy.blocked.empty());
}

TEST_CASE("what is asked for is what active hosts need") {
  base::MemoryFileSystem files = tree();
  const auto ask = [&] { return questions_of(check_tree(files, "/etc/v")->tree.policy); };
  using Questions = std::vector<NameQuestion>;
  CHECK(ask() == Questions{{"name.example", net::Family::Ipv4}, {"name.example", net::Family::Ipv6}});
  for (const char* host : {"a", "c"})
    files.files["/etc/v/zones/inet/networks/world/hosts/" + std::string(host) + ".host"] += "ACTIVE=\"No\"\n";
  CHECK(ask() == Questions{{"name.example", net::Family::Ipv4}});
}

TEST_CASE("another answer matters to a policy with the name, one of another name does not") {
  const auto checked = check_tree(tree(), "/etc/v");
  const auto text = [&](KnownNames names) { return what_matters(checked->tree.policy, {.devices = {}, .names = std::move(names)}); };
  const KnownNames before{{"name.example", {.ipv4 = addresses({"198.51.100.1"}), .ipv6 = {}}}};
  KnownNames after = before;
  after["other.example"].ipv4 = addresses({"198.51.100.9"});
  CHECK(text(before) == text(after));
  after["name.example"].ipv4 = addresses({"198.51.100.2"});
  CHECK(text(before) != text(after));
}

TEST_CASE("what is known is read as it was written") {
  const KnownNames names{{"name.example", {.ipv4 = addresses({"192.0.2.1", "192.0.2.2"}), .ipv6 = addresses({})}},
                         {"only6.example", {.ipv4 = {}, .ipv6 = addresses({"2001:db8::1"})}},
                         {"printer", {.ipv4 = addresses({"192.0.2.9"}), .ipv6 = {}}}};
  CHECK(names_to_text(names) ==
        "name.example 4 192.0.2.1 192.0.2.2\nname.example 6\nonly6.example 6 2001:db8::1\nprinter. 4 192.0.2.9\n");
  CHECK(names_from_text(names_to_text(names)) == names);
}

TEST_CASE("lines that say nothing, half lines too, count for nothing") {
  const KnownNames names =
      names_from_text("garbage\na.example\na.example 5 192.0.2.1\na.example 4 2001:db8::1\nb.example 4 192.0.2.1\n\n"
                      "192.0.2.1 4 192.0.2.1\nc.example 6 2001:db8::1 2001:d");
  CHECK(names == KnownNames{{"b.example", {.ipv4 = addresses({"192.0.2.1"}), .ipv6 = {}}}});
}

TEST_CASE("whatever the file of names holds, it is read, and what was read is written the same") {
  std::mt19937 random(20261125);
  const std::string good = "name.example 4 192.0.2.1 192.0.2.2\nname.example 6\nonly6.example 6 2001:db8::1\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (unsigned changes = 1 + random() % 8; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.insert(at, 1, static_cast<char>(random())); break;
        default: text.erase(at, 1 + random() % 4);
      }
      if (text.empty()) text = " ";
    }
    const KnownNames names = names_from_text(text);
    REQUIRE(names_from_text(names_to_text(names)) == names);
  }
}

TEST_CASE("answers are written over those that were there, and others stay") {
  const StateDirectory state;
  base::RealFileSystem files;
  REQUIRE(read_known_names(files, state.path) == KnownNames{});
  REQUIRE(write_known_names(files, state.path, {{"a.example", {.ipv4 = addresses({"192.0.2.1"}), .ipv6 = addresses({})}},
                                                {"b.example", {.ipv4 = addresses({"192.0.2.2"}), .ipv6 = {}}}}));
  const auto all = write_known_names(files, state.path, {{"a.example", {.ipv4 = addresses({"192.0.2.9"}), .ipv6 = {}}}});
  REQUIRE(all);
  const KnownNames expected{{"a.example", {.ipv4 = addresses({"192.0.2.9"}), .ipv6 = addresses({})}},
                            {"b.example", {.ipv4 = addresses({"192.0.2.2"}), .ipv6 = {}}}};
  CHECK(*all == expected);
  CHECK(read_known_names(files, state.path) == expected);
}

TEST_CASE("what a policy does not ask for is forgotten, family by family, and the rest stays as it was") {
  const StateDirectory state;
  base::RealFileSystem files;
  base::MemoryFileSystem written = tree();
  for (const char* host : {"a", "c"})
    written.files["/etc/v/zones/inet/networks/world/hosts/" + std::string(host) + ".host"] += "ACTIVE=\"No\"\n";
  const auto checked = check_tree(written, "/etc/v");
  const model::Policy& policy = checked->tree.policy;
  REQUIRE(forget_other_names(files, state.path, policy));
  CHECK_FALSE(files.status(state.path + "/names"));
  const KnownNames known{{"gone.example", {.ipv4 = addresses({"192.0.2.1"}), .ipv6 = addresses({})}},
                         {"name.example", {.ipv4 = addresses({"192.0.2.2"}), .ipv6 = addresses({"2001:db8::2"})}}};
  REQUIRE(write_known_names(files, state.path, known));
  REQUIRE(forget_other_names(files, state.path, policy));
  CHECK(read_known_names(files, state.path) ==
        KnownNames{{"name.example", {.ipv4 = addresses({"192.0.2.2"}), .ipv6 = {}}}});
  const auto before = std::filesystem::last_write_time(state.path + "/names");
  REQUIRE(forget_other_names(files, state.path, policy));
  CHECK(std::filesystem::last_write_time(state.path + "/names") == before);
}

TEST_CASE("a disk that is full keeps the answers that were there") {
  const StateDirectory state;
  base::MemoryFileSystem files;
  const KnownNames first{{"a.example", {.ipv4 = addresses({"192.0.2.1"}), .ipv6 = {}}}};
  REQUIRE(write_known_names(files, state.path, first));
  files.fail_next_replace = ENOSPC;
  CHECK_FALSE(write_known_names(files, state.path, {{"a.example", {.ipv4 = addresses({"192.0.2.2"}), .ipv6 = {}}}}));
  CHECK(read_known_names(files, state.path) == first);
  // A file that cannot be read is not taken for one without answers.
  files.failing[state.path + "/names"] = EIO;
  CHECK_FALSE(write_known_names(files, state.path, first));
  CHECK(known_names_in(files, state.path)({}).empty());
}
