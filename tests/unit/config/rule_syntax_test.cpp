// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/rule_syntax.h"

#include <random>
#include <set>

#include "config/document.h"
#include "random_policy.h"
#include "support/catch.h"

namespace {

using namespace vuurmuur;
using config::parse_rule;
using config::rule_to_text;
using model::Action;
using model::Endpoint;

std::string canonical(std::string_view text) {
  const auto rule = parse_rule(text);
  return rule ? rule_to_text(*rule) : "(no rule)";
}

/// The words that the spans of a rule point at.
struct Placed {
  diag::SourceMap sources;
  diag::Sink sink;
  std::optional<model::Rule> rule;
  explicit Placed(const std::string& line) {
    const diag::FileId file = sources.add("rules.conf", line);
    const config::Document document(line);
    rule = parse_rule(document.value(document.lines().at(0), file), sink);
  }
  template <class T>
  std::string_view text(const model::Located<T>& located) const {
    return sources.text(located.span);
  }
};

}  // namespace

TEST_CASE("every action can be read and written") {
  for (const char* action : {"accept", "drop", "reject", "log", "portfw", "redirect", "snat", "masq", "dnat", "bounce",
                             "chain", "nfqueue", "nflog"}) {
    const std::string text = std::string(action) + " service http from lan to inet";
    CHECK(canonical(text) == text);
  }
  CHECK(canonical("separator") == "separator");
  CHECK(canonical("separator options comment=\"a b\"") == "separator options comment=\"a b\"");
}

TEST_CASE("the queue action of older trees is nfqueue") {
  const auto rule = parse_rule("queue service http from lan to inet");
  REQUIRE(rule);
  CHECK(*rule->action == Action::Nfqueue);
  CHECK_FALSE(rule->options.queue);
}

TEST_CASE("words of the language are read in any case, names are kept") {
  CHECK(canonical("ACCEPT Service ALL From FireWall(ANY) TO Lan OPTIONS LOG") ==
        "accept service any from firewall(any) to Lan options log");
}

TEST_CASE("a semicolon makes a rule inactive") {
  CHECK_FALSE(parse_rule(";accept service any from lan to inet")->active);
  CHECK_FALSE(parse_rule(" ; accept service any from lan to inet")->active);
  CHECK(canonical("; separator") == ";separator");
}

TEST_CASE("ends are told apart by their form") {
  const auto kind = [](const std::string& text) {
    return parse_rule("accept service any from any to " + text)->to->kind;
  };
  CHECK(kind("any") == Endpoint::Kind::Any);
  CHECK(kind("firewall") == Endpoint::Kind::Firewall);
  CHECK(kind("firewall(any)") == Endpoint::Kind::FirewallAny);
  CHECK(kind("lan") == Endpoint::Kind::Zone);
  CHECK(kind("local.lan") == Endpoint::Kind::Network);
  CHECK(kind("pc.local.lan") == Endpoint::Kind::Member);
  CHECK(kind("local.lan(broadcast)") == Endpoint::Kind::Broadcast);
  CHECK(parse_rule("accept service any from any to local.lan(broadcast)")->to->name == "local.lan");
}

TEST_CASE("every option is read and written back in the order of the table") {
  const std::string options =
      "in_int=\"a\",out_int=\"b\",via_int=\"c\",log,loglimit=\"5\",logprefix=\"p\",limit=\"4/min\",burst=\"8\","
      "rejecttype=\"tcp-reset\",redirectport=\"3128\",listenport=\"80,90:95\",remoteport=\"8080\",nfmark=\"7\","
      "chain=\"X\",nfqueuenum=\"1:8\",bypass,fanout,release=\"0x80/0xf0\",dropurg,nflognum=\"30\",random,"
      "in_max=\"2mbit\",in_min=\"200kbit\","
      "out_max=\"40kbps\",out_min=\"1mbps\",prio=\"1\",comment=\"c\"";
  const std::string text = "accept service any from lan to inet options " + options;
  CHECK(canonical(text) == text);
  std::set<std::string> missing;
  for (const auto& option : config::rule_options())
    if (options.find(option.name) == std::string::npos) missing.emplace(option.name);
  CHECK(missing.empty());
}

TEST_CASE("limits have a unit, in all its spellings") {
  const auto limit = [](const std::string& value) {
    return canonical("accept service any from lan to inet options limit=\"" + value + "\"");
  };
  const std::string start = "accept service any from lan to inet options limit=";
  CHECK(limit("4") == start + "\"4/sec\"");
  CHECK(limit("4/second") == start + "\"4/sec\"");
  CHECK(limit("4/MINUTES") == start + "\"4/min\"");
  CHECK(limit("4/h") == start + "\"4/hour\"");
  CHECK(limit(" 4 / days ") == start + "\"4/day\"");
  CHECK(limit("0") == start + "\"0/sec\"");
}

TEST_CASE("marks are decimal or hexadecimal, with a mask or without") {
  const auto mark = [](const std::string& value) {
    return parse_rule("accept service any from lan to inet options nfmark=\"" + value + "\"")->options.nfmark->value;
  };
  CHECK(mark("7") == model::PacketMark{7, 0xffffffff});
  CHECK(mark("0xff/0xf0") == model::PacketMark{0xff, 0xf0});
  CHECK(mark("4294967295/15") == model::PacketMark{0xffffffff, 15});
}

TEST_CASE("the old name of in_int is understood and replaced") {
  CHECK(canonical("accept service any from lan to inet options int=\"eth\"") ==
        "accept service any from lan to inet options in_int=\"eth\"");
}

TEST_CASE("options that nobody knows are kept") {
  const std::string text = "accept service any from lan to inet options log,foo,bar=\"x, \\\"y\\\"\",markiptstate";
  CHECK(canonical(text) == text);
}

TEST_CASE("places are exact, also behind protected quotes") {
  const Placed placed(
      R"(RULE=";nfqueue service http from pc.local.lan to any options comment=\"a \\\"b\\\"\",nfqueuenum=\"3:4\",log")");
  REQUIRE(placed.rule);
  CHECK(placed.text(placed.rule->action) == "nfqueue");
  CHECK(placed.text(placed.rule->service) == "http");
  CHECK(placed.text(placed.rule->from) == "pc.local.lan");
  CHECK(placed.text(placed.rule->to) == "any");
  CHECK(placed.text(*placed.rule->options.queue) == R"(nfqueuenum=\"3:4\")");
  CHECK(placed.text(*placed.rule->options.log) == "log");
  CHECK(placed.rule->options.comment->value == "a \"b\"");
  CHECK(placed.sources.text(placed.rule->span).starts_with(";nfqueue"));
  CHECK(placed.sources.text(placed.rule->span).ends_with(",log"));
}

TEST_CASE("nothing has a longest length") {
  const std::string name(100000, 'n');
  const std::string text = "accept service " + name + " from " + name + " to " + name + "." + name + "." + name +
                           " options logprefix=\"" + name + "\",comment=\"" + name + "\"";
  CHECK(canonical(text) == text);
}

TEST_CASE("reading a written rule gives the same rule, and writing that the same text") {
  const unsigned seed = test::seed();
  INFO("VUURMUUR_SEED=" << seed);
  test::RandomPolicy random(seed);
  for (int round = 0; round < 5000; ++round) {
    const model::Rule rule = random.rule(0);
    const std::string text = rule_to_text(rule);
    INFO(text);
    const auto read = parse_rule(text);
    REQUIRE(read);
    REQUIRE(*read == rule);
    REQUIRE(rule_to_text(*read) == text);
  }
}
