// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/saved_check.h"

#include <fmt/format.h>

#include <array>
#include <random>
#include <set>

#include "diag/render.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

struct Checked {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  explicit Checked(std::string text, net::Family family = net::Family::Ipv4) {
    ruleset = saved::read(sources.add("r", std::move(text)), sources, sink);
    analyse::check_deep(ruleset, family, sink);
  }
  [[nodiscard]] std::string said() const { return diag::render(sink, sources, diag::Style::Plain); }
  [[nodiscard]] bool says(std::string_view text) const { return said().find(text) != std::string::npos; }
};

std::string filter(const std::string& lines) { return "*filter\n:INPUT DROP [0:0]\n" + lines + "COMMIT\n"; }

}  // namespace

TEST_CASE("rules that those before them leave nothing are told, with those that take it") {
  const Checked together(
      filter("-A INPUT -p tcp -m tcp --dport 1:100 -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 101:65535 -j DROP\n"
             "-A INPUT -p tcp -m tcp --dport 0 -j ACCEPT\n-A INPUT -p tcp -s 10.0.0.0/8 -j REJECT\n"));
  CHECK(
      together.says("r:6:1: warning: this rule can never match: the rules below together take all that it would take"));
  CHECK(together.says("r:4:1: note: rule 2 of INPUT"));
  CHECK(together.sink.warning_count() == 1);
  CHECK(Checked(filter("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 10.1.0.0/16 -i eth0 -j ACCEPT\n"))
            .says("r:4:1: warning: this rule makes no difference: the rule below takes"));
  // Behind RETURN, a goto, and a chain that keeps all that goes into it.
  CHECK(Checked(filter(":a - [0:0]\n-A INPUT -p udp -j RETURN\n-A INPUT -p udp -j ACCEPT\n-A INPUT -j a\n"))
            .says("r:5:1: warning: this rule can never match"));
  CHECK(Checked(filter(":a - [0:0]\n-A INPUT -p udp -g a\n-A INPUT -p udp -j ACCEPT\n"))
            .says("r:5:1: warning: this rule can never match"));
  CHECK(Checked(filter(":a - [0:0]\n-A INPUT -p udp -j a\n-A INPUT -p udp -j ACCEPT\n-A a -j DROP\n"))
            .says("r:5:1: warning: this rule can never match"));
}

TEST_CASE("what may let packets go on takes nothing from others") {
  for (const char* first :
       {"-A INPUT -p tcp -m limit --limit 1/sec -j ACCEPT\n", "-A INPUT -p tcp -m mark --mark 1 -j ACCEPT\n",
        "-A INPUT -p tcp -m tcp --tcp-flags SYN SYN -j ACCEPT\n", "-A INPUT -p tcp -j LOG\n", "-A INPUT -p tcp -j a\n",
        "-A INPUT -p tcp -m set --match-set x src -j ACCEPT\n",
        "-A INPUT -p tcp -m conntrack --ctstate NEW -j ACCEPT\n", "-A INPUT ! -i eth0 -p tcp -j ACCEPT\n"}) {
    INFO(first);
    CHECK(Checked(filter(std::string(":a - [0:0]\n-A a -p tcp --dport 5 -j DROP\n") + first +
                         "-A INPUT -p tcp -j ACCEPT\n-A INPUT -j a\n"))
              .said()
              .empty());
  }
}

TEST_CASE("chains that nothing leads to, and targets that are not known, are told") {
  const Checked checked(filter(":a - [0:0]\n:b - [0:0]\n:c - [0:0]\n-A INPUT -j a\n-A b -j c\n-A a -j FUNNY\n"));
  CHECK(checked.says("r:4:2: warning: no rule of table filter leads to chain 'b'"));
  CHECK(checked.says("no rule of table filter leads to chain 'c'"));
  CHECK(checked.says("what target 'FUNNY' does is not known here"));
  CHECK(checked.sink.warning_count() == 3);
}

TEST_CASE("in a small world each rule that is said never to match takes no packet, and each other one takes one") {
  std::mt19937 random(1);
  const auto one_of = [&](std::initializer_list<const char*> choices) {
    return std::string(choices.begin()[random() % choices.size()]);
  };
  unsigned never = 0, reached = 0;
  for (int round = 0; round < 300; ++round) {
    std::string lines;
    const auto count = static_cast<unsigned>(4 + random() % 12);
    for (unsigned i = 0; i < count; ++i)
      lines += "-A INPUT" + one_of({"", "", " -i eth0", " ! -i eth0", " -i eth+"}) +
               one_of({"", " -s 10.0.0.0/31", " ! -s 10.0.0.1", " -s 10.0.0.2", " -s 10.0.0.0/8"}) +
               one_of({"", " -p tcp", " ! -p tcp", " -p tcp --dport 1:2", " -p tcp ! --dport 2",
                       " -p tcp -m multiport --dports 1,3:65535", " -p tcp -m multiport ! --ports 2:3"}) +
               one_of({"", "", " -m conntrack --ctstate NEW", " -m conntrack ! --ctstate NEW,INVALID"}) + " -j " +
               one_of({"ACCEPT", "DROP", "LOG", "RETURN"}) + "\n";
    const Checked checked(filter(lines));
    std::set<std::uint32_t> told, hit;
    for (const diag::Diagnostic& each : checked.sink.all()) told.insert(each.span->begin);
    diag::Sink ignored;
    const saved::Walker walker(checked.ruleset, net::Family::Ipv4, ignored);
    for (const char* device : {"eth0", "eth1", "wan"})
      for (const char* source : {"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "192.0.2.1"})
        for (const std::uint8_t protocol : std::array<std::uint8_t, 3>{6, 17, 47})
          for (const std::uint16_t from : std::array<std::uint16_t, 2>{0, 2})
            for (const std::uint16_t to : std::array<std::uint16_t, 5>{0, 1, 2, 3, 4})
              for (const std::uint8_t state :
                   {saved::State::kNew, saved::State::kEstablished, saved::State::kInvalid}) {
                const saved::Packet packet{.way = saved::Way::In,
                                           .in = device,
                                           .out = "",
                                           .source = *net::Address::parse(source),
                                           .destination = *net::Address::parse("192.0.2.2"),
                                           .protocol = protocol,
                                           .source_port = from,
                                           .destination_port = to,
                                           .states = state};
                const saved::Answer answer = walker.walk(packet);
                for (const saved::Step& step : answer.outcomes.front().path)
                  if (step.rule != nullptr) hit.insert(step.rule->span.begin);
              }
    for (const saved::Rule& rule : checked.ruleset.tables[0].chains[0].rules) {
      INFO(lines << "\n" << checked.sources.text(rule.span) << "\n" << checked.said());
      const bool is_never = told.contains(rule.span.begin);
      CHECK(is_never != hit.contains(rule.span.begin));
      ++(is_never ? never : reached);
    }
  }
  CHECK(never > 100);
  CHECK(reached > 100);
}
