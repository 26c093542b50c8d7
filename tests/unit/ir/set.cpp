// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/set.h"

#include "ir/print.h"
#include "ir/ruleset.h"
#include "ir/verify.h"
#include "support/catch.h"

namespace vuurmuur::ir {
namespace {

net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }

SetElement from(std::string_view source) { return {.source = prefix(source)}; }

SetElement pair(std::string_view source, std::uint16_t port, std::string_view destination) {
  return {.source = prefix(source), .destination = prefix(destination), .port = ProtocolPort{net::Protocol::Tcp, port}};
}

Set made(SetKey key, std::vector<SetElement> elements) {
  Set set{.key = key, .elements = std::move(elements)};
  set.name = set_name(set, "blocklist");
  return set;
}

/// A ruleset with one rule that asks the set.
Ruleset asking(const Set& set, SetKey key) {
  Ruleset ruleset;
  const OriginId origin = ruleset.add_origin("rule 1");
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  const ChainId chain = filter.chain_named("VRMR-X");
  filter.append(filter.builtin(Hook::Input), Rule{.target = JumpTarget{chain}, .origin = origin});
  filter.append(chain, Rule{.matches = {SetMatch{.set = set.name, .key = key}}, .target = DropTarget{}});
  ruleset.sets.push_back(set);
  return ruleset;
}

std::vector<std::string> problems(const Set& set) { return verify(asking(set, set.key), 0x3ffff000); }

}  // namespace

TEST_CASE("a set's name tells its purpose and its content, and fits") {
  const Set one = made(SetKey::Source, {from("192.0.2.1/32")});
  Set other = made(SetKey::Source, {from("192.0.2.2/32")});
  CHECK(one.name.size() == kMaxSetName);
  CHECK(one.name != other.name);
  CHECK(purpose_of(one.name) == purpose_of(other.name));
  CHECK(set_name(one, "another purpose").substr(6, 8) != one.name.substr(6, 8));
  other.elements = one.elements;
  other.elements[0].origin = OriginId{7};
  CHECK(set_name(other, "blocklist") == one.name);
}

TEST_CASE("sets whose elements are apart are well formed") {
  CHECK(problems(made(SetKey::Source, {from("192.0.2.0/24"), from("198.51.100.7/32")})).empty());
  CHECK(problems(made(SetKey::SourcePortDestination,
                      {pair("10.0.0.1/32", 80, "10.1.0.1/32"), pair("10.0.0.1/32", 81, "10.1.0.1/32")}))
            .empty());
}

TEST_CASE("a set that a kernel could read in two ways is told") {
  const auto only = [](const std::vector<std::string>& all) { return all.size() == 1 ? all.front() : std::string(); };
  const Set nested = made(SetKey::Source, {from("192.0.2.0/24"), from("192.0.2.7/32")});
  CHECK(only(problems(nested)) == "set " + nested.name + ": 192.0.2.0/24 holds 192.0.2.7/32");
  const Set twice = made(SetKey::Source, {from("192.0.2.1/32"), from("192.0.2.1/32")});
  CHECK(only(problems(twice)) == "set " + twice.name + ": an element is in it twice");
  const Set crossing =
      made(SetKey::SourceDestination, {{.source = prefix("10.0.0.0/8"), .destination = prefix("10.1.0.1/32")},
                                       {.source = prefix("10.2.0.1/32"), .destination = prefix("10.0.0.0/8")}});
  CHECK(only(problems(crossing)) == "set " + crossing.name + ": two elements overlap");
  const Set short_of = made(SetKey::SourcePort, {from("192.0.2.1/32")});
  CHECK(only(problems(short_of)) == "set " + short_of.name + ": an element has other parts than the key");
  const Set everything = made(SetKey::Source, {from("0.0.0.0/0")});
  CHECK(only(problems(everything)) == "set " + everything.name + ": a prefix of length 0 is no element");
  CHECK(only(problems(made(SetKey::Source, {}))).ends_with(": it is empty"));
}

TEST_CASE("a rule asks a set that exists, by its key, in its last match") {
  const Set set = made(SetKey::Source, {from("192.0.2.1/32")});
  CHECK(verify(asking(set, SetKey::Destination), 0x3ffff000) ==
        std::vector<std::string>{"ipv4 filter VRMR-X rule 1: it asks a set of another family or key"});
  Ruleset gone = asking(set, SetKey::Source);
  gone.sets.clear();
  CHECK(verify(gone, 0x3ffff000) ==
        std::vector<std::string>{"ipv4 filter VRMR-X rule 1: set " + set.name + " does not exist"});
  Ruleset early = asking(set, SetKey::Source);
  early.ipv4.table(TableName::Filter)
      .chain(*early.ipv4.table(TableName::Filter).find("VRMR-X"))
      .rules[0]
      .matches.emplace_back(ConntrackMatch{kCtNew});
  CHECK(verify(early, 0x3ffff000) ==
        std::vector<std::string>{"ipv4 filter VRMR-X rule 1: the set match is not the last match"});
}

TEST_CASE("sets are printed with their elements and origins") {
  const Set set = made(SetKey::SourcePortDestination, {pair("10.0.0.1/32", 80, "10.1.0.1/32")});
  const std::string text = print(asking(set, set.key));
  CHECK(text.find("    set( \"" + set.name + "\" )") != std::string::npos);
  CHECK(text.find("ipv4 set \"" + set.name +
                  "\" source,port,destination\n    from=10.0.0.1/32 to=10.1.0.1/32 tcp=80  ; 0 \"rule 1\"\n") !=
        std::string::npos);
}

}  // namespace vuurmuur::ir
