// SPDX-License-Identifier: GPL-2.0-or-later
// Services found by what one knows of them, and the shipped ones, each of them.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/strings.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;
using vuurmuur::test::TemporaryDirectory;

const std::string kShipped = VM_CONFIG_SOURCES "/services";

/// A configuration of two services, and three shipped ones, one of which it has.
class Places {
 public:
  Places() {
    directory_.write("tree/services/web", "RANGE=\"6;80\"\nCATEGORY=\"x-ours\"\nCOMMENT=\"Our shop\"\n");
    directory_.write("tree/services/dns", "ACTIVE=\"No\"\nRANGE=\"17;53\"\nCOMMENT=\"Names\"\n");
    directory_.write("shipped/dns", "RANGE=\"17;53\"\nRANGE=\"6;53\"\nCATEGORY=\"names\"\nCOMMENT=\"shipped\"\n");
    directory_.write("shipped/mdns",
                     "RANGE=\"17;5353\"\nCATEGORY=\"names\"\nALIAS=\"bonjour\"\nCOMMENT=\"Local names\"\n");
    directory_.write("shipped/many",
                     "RANGE=\"6;1:10000\"\nRANGE=\"1;8*0\"\nRANGE=\"47;0\"\nHELPER=\"ftp\"\nCOMMENT=\"Wide\"\n");
  }

  [[nodiscard]] Outcome services(std::vector<std::string> words) const {
    std::vector<std::string> all{"services", "--config=" + (directory_.path() / "tree").string(),
                                 "--shipped=" + (directory_.path() / "shipped").string()};
    all.insert(all.end(), words.begin(), words.end());
    return vuurmuur::test::vuurmuur(all);
  }

  /// The names that are found, in their order.
  [[nodiscard]] std::vector<std::string> names(std::vector<std::string> words) const {
    words.push_back("--json");
    std::vector<std::string> result;
    for (const json& one : json::parse(services(std::move(words)).out)) result.push_back(one.at("name"));
    return result;
  }
  [[nodiscard]] std::string shipped() const { return (directory_.path() / "shipped").string(); }

 private:
  TemporaryDirectory directory_;
};

using Found = std::vector<std::string>;

/// The address of the host that a service is tried with.
std::string address_of(int number) {
  return "198.18." + std::to_string(number / 250) + "." + std::to_string(1 + number % 250);
}

}  // namespace

TEST_CASE("services are found by name, another name, description, category, helper and port") {
  const Places places;
  CHECK(places.names({}) == Found{"dns", "many", "mdns", "web"});
  CHECK(places.names({"DNS"}) == Found{"dns", "mdns"});
  CHECK(places.names({"bonjour"}) == Found{"mdns"});
  CHECK(places.names({"shop"}) == Found{"web"});
  CHECK(places.names({"local", "dns"}) == Found{"mdns"});
  CHECK(places.names({"x-our"}) == Found{"web"});
  CHECK(places.names({"ftp"}) == Found{"many"});
  CHECK(places.names({"gre"}) == Found{"many"});
  CHECK(places.names({"53"}) == Found{"dns", "many"});
  CHECK(places.names({"53/udp"}) == Found{"dns"});
  CHECK(places.names({"53/TCP"}) == Found{"many"});
  CHECK(places.names({"80", "wide"}) == Found{"many"});
  CHECK(places.names({"--category=names"}) == Found{"mdns"});
  CHECK(places.names({"--category=X-Ours"}) == Found{"web"});
  CHECK(places.names({"--category=names", "--category=web"}) == Found{});
}

TEST_CASE("a service of the configuration hides the shipped one of its name") {
  const Places places;
  const Outcome text = places.services({"5"});
  CHECK(text.status == 0);
  CHECK(text.out ==
        "  name  ports                       category  description\n"
        "  many  tcp 1:10000, icmp 8/0, gre            Wide\n"
        "* in the configuration; to use another, copy it from " +
            places.shipped() + " into its services/\n");
  CHECK(places.services({"dns"}).out ==
        "  name  ports     category  description\n"
        "- dns   udp 53              Names\n"
        "  mdns  udp 5353  names     Local names (also bonjour)\n"
        "* in the configuration; to use another, copy it from " +
            places.shipped() + " into its services/\n");
  CHECK(places.services({"shop"}).out ==
        "  name  ports   category  description\n"
        "* web   tcp 80  x-ours    Our shop\n");
}

TEST_CASE("programs get a service whole") {
  const Places places;
  const json found = json::parse(places.services({"many", "--json"}).out);
  CHECK(found == json::parse(R"([{"name": "many", "configured": false, "active": true, "comment": "Wide",
    "categories": [], "aliases": [], "helper": "ftp", "broadcast": false,
    "ports": [{"protocol": "tcp", "destination": [1, 10000], "source": [0, 65535]},
              {"protocol": "icmp", "type": 8, "code": 0}, {"protocol": "gre"}]}])"));
  const json categories = json::parse(places.services({"--categories", "--json"}).out);
  const auto names = std::ranges::find_if(categories, [](const json& one) { return one.at("name") == "names"; });
  REQUIRE(names != categories.end());
  CHECK(names->at("services") == 1);
}

TEST_CASE("a search ends as grep does") {
  const Places places;
  CHECK(places.services({"web"}).status == 0);
  const Outcome none = places.services({"xyzzy"});
  CHECK(none.status == 1);
  CHECK(none.out == "");
  CHECK(none.err == "vuurmuur: note: no service is found\n");
  CHECK(places.services({"xyzzy", "--json"}).out == "[]\n");
  const Outcome category = places.services({"--category=nmaes"});
  CHECK(category.status == 2);
  CHECK(category.err.starts_with("vuurmuur: error: no category is named 'nmaes'; did you mean 'names'?\n"));
  for (const char* wrong : {"0", "65536", "53/sctp", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(places.services({wrong}).status == 2);
  }
  // Without any configuration there are the shipped ones, and the other way round.
  CHECK(vuurmuur::test::vuurmuur({"services", "--config=/nowhere", "--shipped=" + kShipped, "ssh"}).status == 0);
  CHECK(vuurmuur::test::vuurmuur({"services", "--config=/nowhere", "--shipped=/nowhere"}).status == 1);
}

TEST_CASE("another name of a service is told where a rule has it") {
  const SmallTree tree;
  tree.write("services/dns", "RANGE=\"17;53\"\nALIAS=\"domain\"\n");
  tree.rules("accept service domain from firewall to world.inet");
  const Outcome check = vuurmuur::test::vuurmuur({"check", tree.path().string()});
  CHECK(check.status == 2);
  CHECK(check.err.find("no service is named 'domain'; did you mean 'dns'?") != std::string::npos);
}

TEST_CASE("the shipped services are many, each with a comment, categories and sane ports") {
  const Outcome outcome =
      vuurmuur::test::vuurmuur({"services", "--config=/nowhere", "--shipped=" + kShipped, "--json"});
  REQUIRE(outcome.status == 0);
  const json services = json::parse(outcome.out);
  std::set<std::string> categories;
  for (const json& one : json::parse(vuurmuur::test::vuurmuur({"services", "--categories", "--json"}).out))
    categories.insert(one.at("name"));
  std::map<std::string, std::string> names;
  const auto count = [](const json& list) { return list.size(); };
  CHECK(count(services) >= 300);
  CHECK(services.size() == static_cast<std::size_t>(std::distance(fs::directory_iterator(kShipped), {})));
  for (const json& one : services) {
    const std::string name = one.at("name");
    CAPTURE(name);
    CHECK(name == vuurmuur::base::to_lower(name));
    const std::string comment = one.at("comment");
    CHECK(comment.size() >= 3);
    CHECK(comment.size() <= 72);
    CHECK(!comment.ends_with('.'));
    CHECK(!one.at("categories").empty());
    std::set<std::string> own;
    for (const json& category : one.at("categories")) {
      CHECK(categories.contains(category));
      CHECK(own.insert(category).second);
    }
    CHECK(one.at("active") == true);
    // What a newcomer looks for leads to one service only.
    std::vector<std::string> calls{name};
    for (const json& alias : one.at("aliases")) calls.push_back(alias);
    for (const std::string& call : calls) {
      const auto [other, is_new] = names.emplace(vuurmuur::base::to_lower(call), name);
      INFO(call << " is " << other->second << " as well");
      CHECK(is_new);
    }
    CHECK(!one.at("ports").empty());
    std::set<json> ports;
    for (const json& set : one.at("ports")) {
      CHECK(ports.insert(set).second);
      if (!set.contains("destination")) continue;
      const int first = set.at("destination").at(0), last = set.at("destination").at(1);
      CHECK(first >= 1);
      CHECK(first <= last);
      // No service is to open most ports by its name.
      CHECK(last - first <= 16384);
    }
  }
  // Every category that there is has some.
  for (const std::string& category : categories) {
    CAPTURE(category);
    CHECK(vuurmuur::test::vuurmuur({"services", "--config=/nowhere", "--shipped=" + kShipped, "--category=" + category})
              .status == 0);
  }
}

TEST_CASE("each shipped service is without a warning, and becomes rules on both engines") {
  const SmallTree tree;
  std::string rules;
  int number = 0;
  for (const auto& file : fs::directory_iterator(kShipped)) {
    const std::string name = file.path().filename().string();
    tree.copy_file(file.path(), "services/" + name);
    // A host of its own, so that no rule is about the packets of another.
    const std::string host = "h" + std::to_string(++number);
    tree.write("zones/inet/networks/world/hosts/" + host + ".host", "IPADDRESS=\"" + address_of(number) + "\"\n");
    rules += "accept service " + name + " from firewall to " + host + ".world.inet\n";
  }
  tree.rules(rules);
  const Outcome check = vuurmuur::test::vuurmuur({"check", tree.path().string()});
  CHECK(check.status == 0);
  CHECK(check.err == "");
  const auto compiled_as = [&](const std::string& format) {
    const Outcome compiled =
        vuurmuur::test::vuurmuur({"compile", "--format=" + format, "--family=4", tree.path().string()});
    CHECK(compiled.status == 0);
    CHECK(compiled.err == "");
    return compiled.out;
  };
  for (const std::string& text : {compiled_as("iptables-save") + compiled_as("ipset"), compiled_as("nft")}) {
    // Rules of one kind may be one with a set of hosts: what tells of each is the address of its host.
    for (int host = 1; host <= number; ++host) {
      const std::string address = address_of(host);
      CAPTURE(address);
      std::size_t at = text.find(address);
      while (at != std::string::npos && std::isdigit(static_cast<unsigned char>(text[at + address.size()])) != 0)
        at = text.find(address, at + 1);
      CHECK(at != std::string::npos);
    }
  }
}
