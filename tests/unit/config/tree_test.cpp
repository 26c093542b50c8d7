// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/tree.h"

#include <unistd.h>

#include <filesystem>

#include "config/read.h"
#include "config/schema.h"
#include "config/settings_table.h"
#include "config/write.h"
#include "diag/render.h"
#include "support/catch.h"
#include "support/tree_blob.h"

namespace {

using namespace vuurmuur;
using Texts = std::vector<std::string>;

struct Read {
  diag::Sink sink;
  config::Tree tree;
  Read(const base::FileSystem& files, const std::string& root) : tree(config::read_tree(files, root, sink)) {}
  [[nodiscard]] std::string problems() const { return diag::render(sink, tree.sources, diag::Style::Plain); }
};

Read read_blob(std::string_view blob) { return Read(test::files_of_blob(blob), test::kBlobRoot); }

const std::string kFull = std::string(VM_TEST_DIR) + "/trees/full";

template <class T>
const T& named(const std::vector<T>& objects, std::string_view name) {
  for (const T& object : objects)
    if (object.name.value == name) return object;
  FAIL("no object " << name);
  return objects.front();
}

Texts texts(const auto& located) {
  Texts result;
  for (const auto& one : located) result.push_back(one->to_string());
  return result;
}

Texts ranges(const model::Service& service) {
  Texts result;
  for (const auto& ports : service.port_sets) {
    const auto number = [](const std::optional<std::uint8_t>& n) { return n ? std::to_string(*n) : std::string("-"); };
    result.push_back(to_string(ports->protocol) + " " + ports->destination.to_string() + " " +
                     ports->source.to_string() + " " + number(ports->icmp_type) + "/" + number(ports->icmp_code));
  }
  return result;
}

/// A copy of the full tree, to be damaged.
class Copy {
 public:
  Copy() {
    std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-tree-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    std::filesystem::copy(kFull, root, std::filesystem::copy_options::recursive);
    std::filesystem::permissions(root, std::filesystem::perms::owner_all);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      std::filesystem::permissions(entry.path(), entry.is_directory() ? std::filesystem::perms::owner_all
                                                                      : std::filesystem::perms::owner_read |
                                                                            std::filesystem::perms::owner_write);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() { std::filesystem::remove_all(root); }
  std::string root;
};

}  // namespace

TEST_CASE("a tree with every key, action and option is read without a word") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  CHECK(read.problems().empty());
  const model::Policy& policy = read.tree.policy;
  CHECK(policy.interfaces.size() == 5);
  CHECK(policy.services.size() == 13);
  CHECK(policy.zones.size() == 4);
  CHECK(policy.networks.size() == 3);
  CHECK(policy.hosts.size() == 6);
  CHECK(policy.groups.size() == 2);
  CHECK(policy.blocklist.size() == 6);
  CHECK(policy.rules.size() == 42);
  CHECK(policy.rules.back().number == 42);
}

TEST_CASE("interfaces have addresses of both families, several or dynamic") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  const auto& wan = named(read.tree.policy.interfaces, "wan");
  CHECK(wan.dynamic_ipv4);
  CHECK(wan.dynamic_ipv6);
  CHECK(wan.addresses.empty());
  CHECK(wan.protections == model::InterfaceProtections{true, true, true, true, true});
  CHECK(wan.shaping == model::InterfaceShaping{true, 100, 20000, "mbit", "kbit"});
  CHECK(wan.clamp_mss);
  CHECK(wan.comment == "towards the world");
  const auto& lan = named(read.tree.policy.interfaces, "lan");
  CHECK(texts(lan.addresses) == Texts{"192.168.1.1", "192.168.3.1", "2001:db8:1::1", "fd00:1::1"});
  CHECK(*named(read.tree.policy.interfaces, "dmz").device == "eth2");
  CHECK(named(read.tree.policy.interfaces, "alias").is_virtual);
  CHECK_FALSE(named(read.tree.policy.interfaces, "spare").active);
}

TEST_CASE("networks have prefixes of both families in every form") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  CHECK(texts(named(read.tree.policy.networks, "clients").prefixes) ==
        Texts{"192.168.1.0/24", "192.168.3.0/24", "2001:db8:1::/64", "fd00:1::/64"});
  CHECK(texts(named(read.tree.policy.networks, "inet").prefixes) == Texts{"0.0.0.0/0", "::/0"});
  CHECK(texts(named(read.tree.policy.networks, "public").prefixes) == Texts{"192.168.2.0/24", "2001:db8:2::/64"});
  CHECK(named(read.tree.policy.networks, "inet").spoof_protections.size() == 11);
  CHECK(named(read.tree.policy.networks, "inet").dhcp_client);
  CHECK(named(read.tree.policy.networks, "clients").dhcp_server);
  CHECK(named(read.tree.policy.networks, "clients").full_name() == "clients.lan");
}

TEST_CASE("hosts and groups belong to their network") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  const auto& partner = named(read.tree.policy.hosts, "partner");
  CHECK(partner.full_name() == "partner.inet.world");
  CHECK(texts(partner.addresses) == Texts{"198.51.100.7", "198.51.100.8", "2001:db8:ffff::7"});
  CHECK_FALSE(partner.mac);
  CHECK(named(read.tree.policy.hosts, "admin").mac->to_string() == "00:11:22:aa:bb:cc");
  CHECK_FALSE(named(read.tree.policy.hosts, "printer").mac);
  CHECK(texts(named(read.tree.policy.hosts, "mail").addresses) == Texts{"192.168.2.25", "2001:db8:2::25"});
  const auto& staff = named(read.tree.policy.groups, "staff");
  CHECK(staff.full_name() == "staff.clients.lan");
  CHECK(staff.members == std::vector<model::Located<std::string>>{{"admin"}, {"printer"}, {"old"}});
}

TEST_CASE("services are read from both encodings") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  const auto of = [&](const char* name) { return ranges(named(read.tree.policy.services, name)); };
  CHECK(of("http") == Texts{"tcp 80 1024:65535 -/-"});
  CHECK(of("https") == Texts{"tcp 443 1024:65535 -/-", "udp 443 1024:65535 -/-"});
  CHECK(of("dns") == Texts{"tcp 53 1024:65535 -/-", "tcp 53 53 -/-", "udp 53 1024:65535 -/-", "udp 53 53 -/-"});
  CHECK(of("ssh") == Texts{"tcp 22 0:65535 -/-"});
  CHECK(of("ping") == Texts{"icmp 0:65535 0:65535 8/0"});
  CHECK(of("unreachable") == Texts{"icmp 0:65535 0:65535 3/-", "icmp 0:65535 0:65535 11/-"});
  CHECK(of("nd") == Texts{"ipv6-icmp 0:65535 0:65535 135/0", "ipv6-icmp 0:65535 0:65535 136/0"});
  CHECK(of("tunnels") == Texts{"gre 0:65535 0:65535 -/-", "ah 0:65535 0:65535 -/-", "esp 0:65535 0:65535 -/-",
                               "ipv6 0:65535 0:65535 -/-"});
  CHECK(of("sctp") == Texts{"132 0:65535 0:65535 -/-"});
  CHECK(*named(read.tree.policy.services, "ftp").helper == "ftp");
  CHECK(named(read.tree.policy.services, "samba").broadcast);
  CHECK_FALSE(named(read.tree.policy.services, "off").active);
}

TEST_CASE("the blocklist has addresses, networks and names") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  const auto& list = read.tree.policy.blocklist;
  CHECK(list[0].prefix->to_string() == "198.51.100.66/32");
  CHECK(list[2].prefix->to_string() == "2001:db8:bad::/48");
  CHECK_FALSE(list[3].prefix);
  CHECK(*list[3].text == "partner.inet.world");
  CHECK_FALSE(list[5].active);
}

TEST_CASE("every setting of the full tree differs from its default") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  model::Settings settings = read.tree.policy.settings;
  model::Settings defaults;
  for (const auto& row : config::setting_rows()) {
    INFO(row.key);
    if (const auto* flag = std::get_if<bool& (*)(model::Settings&)>(&row.place)) {
      CHECK((*flag)(settings) != (*flag)(defaults));
    } else {
      const auto& number = std::get<config::NumberSetting>(row.place);
      CHECK(number.at(settings) != number.at(defaults));
    }
  }
  CHECK(settings.log_group == 9);
  CHECK(*settings.connmark_mask == 0x0ffffe00);
  CHECK(settings.foreign_connmarks == std::vector<model::Located<std::uint32_t>>{{0xff}, {0x80000000}});
  CHECK(settings.log_directory == "/var/log/firewall");
  CHECK(settings.baits ==
        std::vector<model::Located<model::BaitHost>>{model::BaitHost{.host = "web.public.dmz", .port = 8080},
                                                     model::BaitHost{.host = "mail.public.dmz"}});
  CHECK(read.tree.sources.place(settings.connmark_mask.span) == "config.conf:49");
}

TEST_CASE("the defaults of the schema are those of the model") {
  std::string text;
  for (const auto& row : config::keys_of(config::FileType::Settings))
    if (row.count == config::Count::One) text += std::string(row.name) + "=\"" + std::string(row.fallback) + "\"\n";
  const config::Document document(text, config::KeyCase::Significant);
  diag::Sink sink;
  CHECK(config::read_settings({document, {}, sink}) == model::Settings{});
  CHECK(sink.all().empty());
}

TEST_CASE("every setting of the schema that is read has a row, and the other way round") {
  Texts rows{"BACKEND", "DRIFT", "LOG_FORMAT", "NFGRP", "CONNMARK_MASK", "LOGDIR"};
  for (const auto& row : config::setting_rows()) rows.emplace_back(row.key);
  Texts schema;
  for (const auto& row : config::keys_of(config::FileType::Settings))
    if (row.count == config::Count::One) schema.emplace_back(row.name);
  std::ranges::sort(rows);
  std::ranges::sort(schema);
  CHECK(rows == schema);
}

TEST_CASE("what is missing has its default, an empty value too") {
  const Read read = read_blob("=== services/a\n=== zones/lan/zone.config\nACTIVE=\"\"\n");
  CHECK(read.problems().empty());
  CHECK(read.tree.policy.services.at(0).active);
  CHECK(read.tree.policy.zones.at(0).active);
  CHECK(read.tree.policy.settings == model::Settings{});
}

TEST_CASE("files with CRLF say the same") {
  const Read read = read_blob(
      "=== services/web\r\nACTIVE=\"No\"\r\nRANGE=\"6;80*0\"\r\n=== rules/rules.conf\nRULE=\"drop service any from any "
      "to any\"\r\n");
  CHECK(read.problems().empty());
  CHECK(read.tree.policy.rules.size() == 1);
}

TEST_CASE("rules are numbered over all lines, broken ones included") {
  const Read read = read_blob(
      "=== rules/rules.conf\nRULE=\"separator\"\nRULE=\"\"\nRULE=\"nonsense\"\nRULE=\";drop service any from any to "
      "any\"\n");
  REQUIRE(read.tree.policy.rules.size() == 2);
  CHECK(read.tree.policy.rules[0].number == 1);
  CHECK(read.tree.policy.rules[1].number == 3);
  CHECK(read.tree.sources.text(read.tree.policy.rules_file).starts_with("RULE=\"separator\""));
}

TEST_CASE("a tree is moved with everything that points into it") {
  Read read = read_blob("=== rules/rules.conf\nRULE=\"drop service any from any to any\"\n");
  const config::Tree moved = std::move(read.tree);
  CHECK(moved.sources.text(moved.policy.rules.at(0).span) == "drop service any from any to any");
  CHECK(moved.root == "/tree");
  CHECK(moved.documents.at("rules/rules.conf").values("RULE").size() == 1);
}

TEST_CASE("links on a real disk: loops, nowhere, and good ones") {
  const Copy copy;
  const auto at = [&](const char* name) { return copy.root + "/" + name; };
  REQUIRE(::symlink("loop", at("services/loop").c_str()) == 0);
  REQUIRE(::symlink("nowhere", at("services/dangling").c_str()) == 0);
  REQUIRE(::symlink("http", at("services/alias").c_str()) == 0);
  REQUIRE(::symlink("..", at("zones/up").c_str()) == 0);
  REQUIRE(::symlink("round", at("zones/round").c_str()) == 0);
  std::filesystem::remove(at("rules/rules.conf"));
  REQUIRE(::symlink("rules.conf", at("rules/rules.conf").c_str()) == 0);
  const Read read(base::RealFileSystem(), copy.root + "/");
  CHECK(read.problems() ==
        "error: services/dangling is a symbolic link that leads nowhere\n"
        "error: services/loop is a symbolic link that leads back to itself\n"
        "error: zones/round is a symbolic link that leads back to itself\n"
        "error: there is no zones/up/zone.config\n"
        "error: rules/rules.conf is a symbolic link that leads back to itself\n"
        "5 errors\n");
  CHECK(ranges(named(read.tree.policy.services, "alias")) == Texts{"tcp 80 1024:65535 -/-"});
}

TEST_CASE("what has nothing of a tree was not meant as one") {
  std::string directory = "/tmp/vuurmuur-tree.XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  const base::RealFileSystem files;
  CHECK(config::may_be_tree(files, kFull));
  CHECK_FALSE(config::may_be_tree(files, kFull + "/rules/rules.conf"));
  CHECK_FALSE(config::may_be_tree(files, kFull + "/rules"));
  CHECK_FALSE(config::may_be_tree(files, kFull + "/nothing"));
  CHECK_FALSE(config::may_be_tree(files, kFull + "/config.conf/below"));
  CHECK_FALSE(config::may_be_tree(files, directory));
  std::filesystem::create_directory(directory + "/zones");
  CHECK(config::may_be_tree(files, directory));
  // It may be one: reading it says what is wrong.
  std::filesystem::create_symlink("loop", directory + "/loop");
  CHECK(config::may_be_tree(files, directory + "/loop"));
  std::filesystem::remove_all(directory);
}

TEST_CASE("a configuration that others can write is warned about") {
  const Copy copy;
  std::filesystem::permissions(copy.root + "/config.conf", std::filesystem::perms(0664));
  std::filesystem::permissions(copy.root + "/services", std::filesystem::perms(0777));
  CHECK(Read(base::RealFileSystem(), copy.root).problems() ==
        "warning: config.conf can be changed by other users (mode 0664)\n"
        "warning: services can be changed by other users (mode 0777)\n"
        "2 warnings\n");
}

TEST_CASE("the full tree is written back without a change") {
  const Copy copy;
  const Read read(base::RealFileSystem(), copy.root);
  for (const auto& [path, document] : config::write_policy(read.tree, read.tree.policy)) {
    INFO(path);
    CHECK(document.to_text() == read.tree.documents.at(path).to_text());
  }
}
