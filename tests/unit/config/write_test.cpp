// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/write.h"

#include <cerrno>
#include <random>

#include "base/memory_file_system.h"
#include "config/read.h"
#include "diag/render.h"
#include "random_policy.h"
#include "support/catch.h"

namespace {

using namespace vuurmuur;
using config::Document;

constexpr const char* kRoot = "/etc/vuurmuur";

struct Read {
  diag::Sink sink;
  config::Tree tree;
  explicit Read(const base::FileSystem& files) : tree(config::read_tree(files, kRoot, sink)) {}
};

void save_all(base::FileSystem& files, const std::map<std::string, Document>& documents) {
  for (const auto& [path, document] : documents) REQUIRE(config::save_document(files, kRoot, path, document));
}

/// Remarks, unknown keys and odd spacing, as people and other programs leave them.
void scribble(std::map<std::string, std::string>& files, test::RandomPolicy& random) {
  for (auto& [path, text] : files) {
    std::string changed = random.chance(30) ? "# begin of file\n\n" : "";
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      changed += text.substr(at, end - at);
      at = end;
      if (random.chance(20)) changed += "  # a remark\n";
      if (random.chance(10)) changed += "X-MINE = \"kept\"\n";
      if (random.chance(10)) changed += "\n";
    }
    text = changed + (random.chance(30) ? "# end of file" : "");
  }
}

}  // namespace

TEST_CASE("a written policy is read as the same policy, whatever else stands in its files") {
  const unsigned seed = test::seed();
  INFO("VUURMUUR_SEED=" << seed);
  test::RandomPolicy random(seed);
  for (int round = 0; round < 60; ++round) {
    base::MemoryFileSystem files;
    const model::Policy policy = random.policy();
    save_all(files, config::write_policy({}, policy));
    const Read first(files);
    INFO(diag::render(first.sink, first.tree.sources, diag::Style::Plain));
    REQUIRE(first.sink.error_count() == 0);
    REQUIRE(first.tree.policy == policy);

    // Write, read, write: not a byte changes.
    scribble(files.files, random);
    const Read second(files);
    REQUIRE(second.tree.policy == policy);
    base::MemoryFileSystem again;
    save_all(again, config::write_policy(second.tree, second.tree.policy));
    REQUIRE(again.files == files.files);

    // Another policy written into the same files is read as that, and every remark is still there.
    const model::Policy other = random.policy();
    base::MemoryFileSystem changed;
    config::Tree tree;
    model::Policy target = other;
    for (const char* path : {"config.conf", "rules/rules.conf", "rules/blocklist.conf"})
      if (const auto found = second.tree.documents.find(path); found != second.tree.documents.end())
        tree.documents.insert(*found);
    save_all(changed, config::write_policy(tree, target));
    REQUIRE(Read(changed).tree.policy == target);
    const auto remarks = [](const std::string& text) {
      std::size_t count = 0;
      for (std::size_t at = text.find("# a remark"); at != std::string::npos; at = text.find("# a remark", at + 1))
        ++count;
      return count;
    };
    for (const auto& [path, document] : tree.documents)
      REQUIRE(remarks(document.to_text()) == remarks(changed.files.at(std::string(kRoot) + "/" + path)));
  }
}

TEST_CASE("any object can be put into the document of any other") {
  const unsigned seed = test::seed();
  INFO("VUURMUUR_SEED=" << seed);
  test::RandomPolicy random(seed);
  const auto check = [&](auto make, auto set, auto read) {
    Document document;
    for (int step = 0; step < 8; ++step) {
      const auto object = make();
      set(document, object);
      const Document again(document.to_text());
      diag::Sink sink;
      const auto seen = read(config::Input{again, {}, sink}, object);
      INFO(document.to_text());
      REQUIRE(sink.error_count() == 0);
      REQUIRE(seen == object);
    }
  };
  for (int round = 0; round < 100; ++round) {
    check([&] { return random.interface(); }, config::set_interface,
          [](config::Input in, const auto& o) { return config::read_interface(in, *o.name); });
    const model::Network network = random.network("z");
    check([&] { return random.network("z"); }, config::set_network,
          [](config::Input in, const auto& o) { return config::read_network(in, *o.name, o.zone); });
    check([&] { return random.host(network); }, config::set_host,
          [](config::Input in, const auto& o) { return config::read_host(in, *o.name, o.network, o.zone); });
    check([&] { return random.group(network); }, config::set_group,
          [](config::Input in, const auto& o) { return config::read_group(in, *o.name, o.network, o.zone); });
    check([&] { return random.service(); }, config::set_service,
          [](config::Input in, const auto& o) { return config::read_service(in, *o.name); });
  }
}

TEST_CASE("changing one rule changes one line") {
  const std::string text =
      "# my rules\nRULE=\"Accept  service http from lan to inet\"\n\n# second\n"
      "RULE=\"drop service any from any to any options comment=\\\"x\\\",log\"\nRULE=\"what is this\"\nX-A=\"1\"\n";
  Document document(text);
  diag::Sink sink;
  auto rules = config::read_rules({document, {}, sink});
  REQUIRE(rules.size() == 2);
  config::set_rules(document, rules);
  CHECK(document.to_text() == text);

  rules[1].active = false;
  config::set_rules(document, rules);
  CHECK(document.to_text() ==
        "# my rules\nRULE=\"Accept  service http from lan to inet\"\n\n# second\n"
        "RULE=\";drop service any from any to any options log,comment=\\\"x\\\"\"\nRULE=\"what is this\"\nX-A=\"1\"\n");
}

TEST_CASE("a service that is changed gives up the old encoding") {
  Document document("ACTIVE=\"Yes\"\nTCP=\"80*0\"\nTCP=\"443*0\"\nUDP=\"\"\nCOMMENT=\"web\"\n");
  diag::Sink sink;
  model::Service service = config::read_service({document, {}, sink}, "web");
  config::set_service(document, service);
  CHECK(document.to_text() == "ACTIVE=\"Yes\"\nTCP=\"80*0\"\nTCP=\"443*0\"\nUDP=\"\"\nCOMMENT=\"web\"\n");
  service.port_sets.pop_back();
  config::set_service(document, service);
  CHECK(document.to_text() == "ACTIVE=\"Yes\"\nTCP=\"\"\nUDP=\"\"\nCOMMENT=\"web\"\nRANGE=\"6;80*0\"\n");
}

TEST_CASE("the old key of a device is kept where it is the only one") {
  Document document("INTERFACE=\"eth0\"\n");
  diag::Sink sink;
  model::Interface interface = config::read_interface({document, {}, sink}, "lan");
  interface.device = std::string("eth1");
  config::set_interface(document, interface);
  CHECK(document.to_text() == "INTERFACE=\"eth1\"\n");
}

TEST_CASE("a save that fails leaves the old file whole") {
  base::MemoryFileSystem files;
  REQUIRE(config::save_document(files, "/t", "rules/rules.conf", Document("old\n")));
  files.fail_next_replace = ENOSPC;
  const auto saved = config::save_document(files, "/t", "rules/rules.conf", Document("new\n"));
  REQUIRE_FALSE(saved);
  CHECK(saved.error().message == "write '/t/rules/rules.conf': no space left on device");
  CHECK(files.files.at("/t/rules/rules.conf") == "old\n");
}
