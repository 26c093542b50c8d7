// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/objects.h"

#include "diag/render.h"
#include "small_tree.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::edit;
using test::kRoot;
using test::SmallTree;

namespace {

using Why = Refusal::Why;

const Object kWeb{Kind::Host, "web.world.inet"};

Wish<void> modify(Draft& draft, const Object& object, std::string_view variable, const std::string& value,
                  How how = How::Overwrite) {
  const std::string values[] = {value};
  return modify_object(draft, object, variable, values, how);
}

}  // namespace

TEST_CASE("a new object is inactive, has all of its variables empty, and is good") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(create_object(draft, {Kind::Host, "new.world.inet"}));
  const auto outcome = tree.save(draft);
  REQUIRE(outcome);
  CHECK(outcome->is_saved());
  CHECK(outcome->verdict.found.all().empty());
  CHECK(tree.text("zones/inet/networks/world/hosts/new.host") ==
        "ACTIVE=\"No\"\nIPADDRESS=\"\"\nMAC=\"\"\nIPV6ADDRESS=\"\"\nCOMMENT=\"\"\n");
}

TEST_CASE("what cannot be made says why") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  const auto refused = [&](const Object& object) { return create_object(draft, object).error(); };
  CHECK(refused(kWeb).message == "there is a host 'web.world.inet' already");
  CHECK(refused(kWeb).why == Why::Exists);
  CHECK(refused({Kind::Host, "new.wrld.inet"}).message ==
        "there is no network 'wrld.inet'; did you mean 'world.inet'?");
  CHECK(refused({Kind::Host, "new.wrld.inet"}).why == Why::NotFound);
  CHECK(refused({Kind::Host, "new.inet"}).message ==
        "the full name of a host is written host.network.zone, not 'new.inet'");
  CHECK(refused({Kind::Zone, "../etc"}).why == Why::Wrong);
  CHECK(refused({Kind::Service, "a/b"}).message == "a name has letters, digits, '_' and '-', not 'a/b'");
  CHECK(draft.changes().is_empty());
}

TEST_CASE("a changed variable leaves everything else of its file as it was") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(modify(draft, {Kind::Host, "mail.world.inet"}, "IPADDRESS", "192.0.2.26"));
  REQUIRE(modify(draft, {Kind::Group, "servers.world.inet"}, "comment", "both"));
  REQUIRE(tree.save(draft)->is_saved());
  CHECK(tree.text("zones/inet/networks/world/hosts/mail.host") == "# by the door\nIPADDRESS=\"192.0.2.26\"\n");
  CHECK(tree.text("zones/inet/networks/world/groups/servers.group") ==
        "MEMBER=\"web\"\n  # the old one\nMEMBER = \"mail\"\nCOMMENT=\"both\"\n");
}

TEST_CASE("a value that is wrong is told with its place in the file as it would be, and nothing is written") {
  SmallTree tree;
  const auto before = tree.files.files;
  Draft draft(tree.files, kRoot);
  REQUIRE(modify(draft, {Kind::Group, "servers.world.inet"}, "MEMBER", "wbe", How::Append));
  const auto outcome = tree.save(draft);
  REQUIRE(outcome);
  CHECK_FALSE(outcome->is_saved());
  CHECK(diag::render(outcome->verdict.found, outcome->verdict.sources, diag::Style::Plain) ==
        "zones/inet/networks/world/groups/servers.group:4:9: error: network 'world.inet' has no host 'wbe'; did you "
        "mean 'web'?\n"
        "  MEMBER=\"wbe\"\n"
        "          ^~~\n"
        "1 error\n");
  CHECK(tree.files.files == before);
}

TEST_CASE("an error that was there does not keep others from being made right") {
  SmallTree tree;
  tree.put("services/broken", "RANGE=\"6;80000\"\n");
  Draft draft(tree.files, kRoot);
  REQUIRE(modify(draft, kWeb, "COMMENT", "x"));
  CHECK(tree.save(draft)->is_saved());
}

TEST_CASE("what is only not complete yet is a warning") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(create_object(draft, {Kind::Interface, "dsl"}));
  REQUIRE(create_object(draft, {Kind::Network, "lan.inet"}));
  REQUIRE(modify(draft, {Kind::Network, "lan.inet"}, "NETWORK", "198.51.100.0"));
  const auto outcome = tree.save(draft);
  REQUIRE(outcome->is_saved());
  CHECK(outcome->verdict.found.error_count() == 0);
  CHECK(outcome->verdict.found.warning_count() == 2);
}

TEST_CASE("a list is appended to or overwritten; one value is not appended to") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  const Object group{Kind::Group, "servers.world.inet"};
  REQUIRE(modify(draft, group, "MEMBER", "web", How::Append));
  CHECK(draft.changes().is_empty());
  REQUIRE(modify(draft, group, "MEMBER", "mail"));
  CHECK(draft.changes().files.at(0).after == "  # the old one\nMEMBER = \"mail\"\n");
  CHECK(modify(draft, group, "COMMENT", "x", How::Append).error().message ==
        "COMMENT has one value: nothing can be appended to it");
  CHECK(modify(draft, group, "MEMBRE", "x").error().message ==
        "a group has no variable 'MEMBRE'; did you mean 'MEMBER'?");
}

TEST_CASE("a service keeps one way to say its ports") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(modify(draft, {Kind::Service, "dns"}, "TCP", "853", How::Append));
  CHECK(draft.find("services/dns")->to_text() == "RANGE=\"6;53\"\nRANGE=\"17;53\"\nRANGE=\"6;853*0\"\n");
  REQUIRE(modify(draft, {Kind::Service, "dns"}, "TCP", "5353"));
  CHECK(draft.find("services/dns")->to_text() == "RANGE=\"17;53\"\nRANGE=\"6;5353*0\"\n");
  REQUIRE(modify(draft, {Kind::Service, "http"}, "RANGE", "6;8080", How::Append));
  CHECK(draft.find("services/http")->to_text() ==
        "# the web\nTCP=\"\"\nX-MINE=\"kept\"\nRANGE=\"6;80*1024:65535\"\nRANGE=\"6;8080\"\n");
  REQUIRE(tree.save(draft)->is_saved());
}

TEST_CASE("an object that others speak of, or that is not empty, is not deleted") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  const auto why = [&](const Object& object) { return remove_object(draft, tree.files, object).error().message; };
  CHECK(why(kWeb) ==
        "host 'web.world.inet' is used by rule 2 (drop any from web.world.inet to firewall), group "
        "'servers.world.inet'");
  CHECK(why({Kind::Host, "mail.world.inet"}) ==
        "host 'mail.world.inet' is used by the blocklist, group 'servers.world.inet'");
  CHECK(why({Kind::Group, "servers.world.inet"}) ==
        "group 'servers.world.inet' is used by rule 3 (accept dns from servers.world.inet to inet)");
  CHECK(why({Kind::Service, "http"}) == "service 'http' is used by rule 1 (accept http from world.inet to firewall)");
  CHECK(why({Kind::Interface, "nic"}) ==
        "interface 'nic' is used by rule 1 (accept http from world.inet to firewall), network 'world.inet'");
  CHECK(why({Kind::Host, "wbe.world.inet"}) == "there is no host 'wbe.world.inet'; did you mean 'web.world.inet'?");
  REQUIRE(modify(draft, {Kind::Rules, "rules"}, "RULE", ""));
  REQUIRE(modify(draft, {Kind::Blocklist, "blocklist"}, "RULE", ""));
  REQUIRE(tree.save(draft)->is_saved());
  Draft second(tree.files, kRoot);
  CHECK(remove_object(second, tree.files, {Kind::Zone, "inet"}).error().message ==
        "zone 'inet' is not empty: network 'world.inet', host 'mail.world.inet', host 'web.world.inet', group "
        "'servers.world.inet'");
}

TEST_CASE("a zone is deleted with its directories, but never with files of others") {
  SmallTree tree;
  tree.put("zones/dmz/zone.config", "");
  {
    Draft draft(tree.files, kRoot);
    tree.put("zones/dmz/todo.txt", "mine");
    CHECK(remove_object(draft, tree.files, {Kind::Zone, "dmz"}).error().message ==
          "zone 'dmz' has other files in its directory: zones/dmz/todo.txt");
    tree.files.files.erase(std::string(kRoot) + "/zones/dmz/todo.txt");
  }
  Draft draft(tree.files, kRoot);
  REQUIRE(remove_object(draft, tree.files, {Kind::Zone, "dmz"}));
  const auto outcome = tree.save(draft);
  REQUIRE(outcome->is_saved());
  CHECK(outcome->verdict.found.all().empty());
  CHECK(tree.text("zones/dmz/zone.config") == "(no file)");
}

TEST_CASE("everything that speaks of a host follows its new name, and nothing else changes") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(rename_object(draft, tree.files, kWeb, "www"));
  REQUIRE(tree.save(draft)->is_saved());
  CHECK(tree.text("zones/inet/networks/world/hosts/web.host") == "(no file)");
  CHECK(tree.text("zones/inet/networks/world/hosts/www.host") == "IPADDRESS=\"192.0.2.80\"\n");
  CHECK(tree.text("zones/inet/networks/world/groups/servers.group") ==
        "MEMBER=\"www\"\n  # the old one\nMEMBER = \"mail\"\n");
  CHECK(tree.text("rules/rules.conf") ==
        "# the web\nRULE=\"accept service http from world.inet to firewall options in_int=\\\"nic\\\"\"\n"
        "RULE=\"Drop  service any from   www.world.inet to firewall\"   # for now\n"
        "RULE=\";accept service dns from servers.world.inet to inet\"\n");
}

TEST_CASE("a bait follows the name of its host, and keeps it from being deleted") {
  SmallTree tree;
  tree.put("config.conf", "BAIT=\"web.world.inet:2222\"\n");
  Draft draft(tree.files, kRoot);
  REQUIRE(rename_object(draft, tree.files, kWeb, "www"));
  REQUIRE(tree.save(draft)->is_saved());
  CHECK(tree.text("config.conf") == "BAIT=\"www.world.inet:2222\"\n");
  Draft second(tree.files, kRoot);
  CHECK(remove_object(second, tree.files, {Kind::Host, "www.world.inet"})
            .error()
            .message.contains("is used by rule 2 (drop any from www.world.inet to firewall), BAIT of config.conf"));
}

TEST_CASE("a zone takes everything inside it along") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(rename_object(draft, tree.files, {Kind::Zone, "inet"}, "out"));
  const auto outcome = tree.save(draft);
  REQUIRE(outcome->is_saved());
  CHECK(outcome->verdict.found.all().empty());
  CHECK(tree.text("rules/rules.conf") ==
        "# the web\nRULE=\"accept service http from world.out to firewall options in_int=\\\"nic\\\"\"\n"
        "RULE=\"Drop  service any from   web.world.out to firewall\"   # for now\n"
        "RULE=\";accept service dns from servers.world.out to out\"\n");
  CHECK(tree.text("rules/blocklist.conf") == "RULE=\"block mail.world.out\"\n");
  for (const auto& [path, text] : tree.files.files) CHECK(path.find("/zones/inet") == std::string::npos);
  CHECK(tree.text("zones/out/networks/world/hosts/mail.host") == "# by the door\nIPADDRESS=\"192.0.2.25\"\n");
}

TEST_CASE("networks, groups, services and interfaces are renamed as well") {
  SmallTree tree;
  const auto rename = [&](const Object& object, const std::string& name) {
    Draft draft(tree.files, kRoot);
    REQUIRE(rename_object(draft, tree.files, object, name));
    const auto outcome = tree.save(draft);
    REQUIRE(outcome);
    INFO(diag::render(outcome->verdict.found, outcome->verdict.sources, diag::Style::Plain));
    REQUIRE(outcome->is_saved());
  };
  rename({Kind::Network, "world.inet"}, "earth.inet");
  rename({Kind::Group, "servers.earth.inet"}, "machines");
  rename({Kind::Service, "http"}, "web");
  rename({Kind::Interface, "nic"}, "dsl");
  CHECK(tree.text("rules/rules.conf") ==
        "# the web\nRULE=\"accept service web from earth.inet to firewall options in_int=\\\"dsl\\\"\"\n"
        "RULE=\"Drop  service any from   web.earth.inet to firewall\"   # for now\n"
        "RULE=\";accept service dns from machines.earth.inet to inet\"\n");
  CHECK(tree.text("zones/inet/networks/earth/network.config") ==
        "NETWORK=\"192.0.2.0\"\nNETMASK=\"255.255.255.0\"\nINTERFACE=\"dsl\"\n");
  CHECK(tree.text("services/web") == "# the web\nTCP=\"80*1024:65535\"\nX-MINE=\"kept\"\n");
}

TEST_CASE("a new name that is taken, or somewhere else, is refused") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  CHECK(rename_object(draft, tree.files, kWeb, "mail").error().message == "there is a host 'mail.world.inet' already");
  CHECK(rename_object(draft, tree.files, kWeb, "web.other.inet").error().message ==
        "host 'web.world.inet' stays in 'world.inet': a new name cannot move it");
  CHECK(rename_object(draft, tree.files, kWeb, "a b").error().why == Why::Wrong);
  // The rule language could not tell a host from a group of the same name.
  REQUIRE(rename_object(draft, tree.files, kWeb, "servers"));
  CHECK(tree.save(draft)->verdict.is_refused());
}

TEST_CASE("what DNS or a provider tells only later is nothing to warn of") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(modify(draft, kWeb, "IPADDRESS", ""));
  REQUIRE(modify(draft, kWeb, "ADDRESS", "www.example.org"));
  REQUIRE(modify(draft, {Kind::Host, "mail.world.inet"}, "IPADDRESS", ""));
  REQUIRE(modify(draft, {Kind::Host, "mail.world.inet"}, "IPV6ADDRESS", "::25/suffix"));
  const auto outcome = tree.save(draft);
  REQUIRE(outcome->is_saved());
  CHECK(outcome->verdict.found.all().empty());
  CHECK(print_object(*Draft(tree.files, kRoot).find(path_of(kWeb)), Kind::Host) ==
        "ACTIVE=\"Yes\"\nADDRESS=\"www.example.org\"\nIPADDRESS=\"\"\nMAC=\"\"\nIPV6ADDRESS=\"\"\nCOMMENT=\"\"\n");
}
