// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/translations.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "analyse/rule_search.h"
#include "analyse/verdict_text.h"
#include "support/catch.h"
#include "unit/analyse/named_world.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;
using model::Action;
using test::NamedWorld;
using Kind = Translation::Kind;

namespace {

std::vector<Kind> kinds(NamedWorld& world) {
  std::vector<Kind> all;
  for (const Translation& each : translations_of_rules(world.resolve())) all.push_back(each.kind);
  return all;
}

model::Rule& redirect(NamedWorld& world, const char* service, const char* from, std::uint16_t port) {
  model::Rule& rule = world.rule(Action::Redirect, service, from, "any");
  rule.options.redirect_port = port;
  return rule;
}

bool hold(const std::vector<Box>& boxes, const Point& point) {
  return std::ranges::any_of(boxes, [&](const Box& box) { return contains(box, point); });
}

/// TCP packets in a box, one of each piece that other boxes cut its fields into. A device that is none in a chain is
/// not told apart.
std::vector<Point> points_of(const Ranks& ranks, Box box) {
  box[Field::Protocol] = Interval::one(6);
  const RankBox all = ranks.of(box);
  std::vector<RankPoint> points{all.first};
  for (std::size_t f = 0; f < kFields; ++f) {
    const std::size_t count = points.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t chain = ranks.point(points[i])[static_cast<std::size_t>(Field::Chain)].low;
      if ((f == static_cast<std::size_t>(Field::Out) && chain == 0) ||
          (f == static_cast<std::size_t>(Field::In) && chain == 2))
        continue;
      for (std::uint32_t rank = all.first[f] + 1; rank <= all.last[f]; ++rank) {
        points.push_back(points[i]);
        points.back()[f] = rank;
      }
    }
  }
  std::vector<Point> result;
  for (const RankPoint& point : points) result.push_back(ranks.point(point));
  return result;
}

Box box_at(const Point& point) {
  Box box;
  for (std::size_t f = 0; f < kFields; ++f) box.fields[f] = {.first = point[f], .last = point[f]};
  return box;
}

}  // namespace

TEST_CASE("translation that earlier rules do already is told, one that is left something is not") {
  NamedWorld world;
  world.add_host("web", "dmz", "10.2.0.80");
  world.add_host("old", "dmz", "10.2.0.81");
  world.rule(Action::Portfw, "http", "inet", "web.net.dmz");
  world.rule(Action::Portfw, "http", "inet", "old.net.dmz");
  world.rule(Action::Portfw, "https", "inet", "old.net.dmz");
  world.rule(Action::Masq, "any", "lan", "inet");
  world.rule(Action::Snat, "http", "lan", "inet");
  world.rule(Action::Accept, "any", "lan", "any");
  CHECK(kinds(world) ==
        std::vector{Kind::Works, Kind::TakenFirst, Kind::Works, Kind::Works, Kind::TakenFirst, Kind::None});
  CHECK(translations_of_rules(world.policy)[4].by == std::vector<std::size_t>{3});
  CHECK(world.findings() ==
        std::vector<std::string>{"translation-taken: rule 2 translates nothing: rule 1 translates all that it would",
                                 "translation-taken: rule 5 translates nothing: rule 4 translates all that it would"});
}

TEST_CASE("two rules may take together what a third would translate") {
  NamedWorld world;
  world.add_network("lan", "10.7.0.0/24", "10.7.0.1", "second");
  redirect(world, "http", "net.lan", 3128);
  redirect(world, "http", "second.lan", 3128);
  redirect(world, "http", "lan", 3129);
  CHECK(kinds(world) == std::vector{Kind::Works, Kind::Works, Kind::TakenFirst});
  CHECK(translations_of_rules(world.policy).back().by == std::vector<std::size_t>{0, 1});
  redirect(world, "https", "lan", 3129);
  CHECK(kinds(world).back() == Kind::Works);
}

TEST_CASE("translation of what no rule lets through has no effect") {
  NamedWorld world;
  world.add_host("web", "dmz", "10.2.0.80");
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  world.rule(Action::Dnat, "http", "inet", "web.net.dmz");
  world.rule(Action::Masq, "any", "dmz", "inet");
  CHECK(kinds(world) == std::vector{Kind::None, Kind::Refused, Kind::Refused});
  CHECK(world.findings() ==
        std::vector<std::string>{
            "translation-refused: rule 2 translates in vain: no rule lets through what becomes of it",
            "translation-refused: rule 3 translates in vain: no rule lets through what becomes of it"});
  SECTION("one that does") {
    world.rule(Action::Accept, "http", "inet", "web.net.dmz");
    world.rule(Action::Accept, "https", "dmz", "inet");
    CHECK(kinds(world) == std::vector{Kind::None, Kind::Works, Kind::Works, Kind::None, Kind::None});
  }
  SECTION("a chain of the user's, which may") {
    world.rule(Action::Chain, "any", "any", "any").options.chain = std::string("mine");
    CHECK(kinds(world) == std::vector{Kind::None, Kind::Works, Kind::Works, Kind::None});
  }
  SECTION("a log rule, which does not") {
    world.rule(Action::Log, "any", "any", "any");
    CHECK(kinds(world) == std::vector{Kind::None, Kind::Refused, Kind::Refused, Kind::None});
  }
}

TEST_CASE("a rule before that refuses what a port is forwarded to is told") {
  NamedWorld world;
  world.add_host("web", "dmz", "10.2.0.80");
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  world.rule(Action::Drop, "any", "inet", "dmz");
  model::Rule& rule = world.rule(Action::Portfw, "http", "inet", "web.net.dmz");
  rule.options.listen_ports = std::vector{net::PortRange::one(8080)};
  rule.options.remote_ports = std::vector{net::PortRange::one(80)};
  CHECK(kinds(world) == std::vector{Kind::None, Kind::None, Kind::Refused});
  CHECK(world.findings() ==
        std::vector<std::string>{"translation-refused: rule 3 translates in vain: rule 2 refuses what becomes of it"});
  CHECK(world.told.all().front().notes.size() == 1);
  // What the other one refuses is not where it goes.
  world.model.rules[1].service = std::string("https");
  CHECK(kinds(world) == std::vector{Kind::None, Kind::None, Kind::Works});
}

TEST_CASE("a rule whose ends have no family in common translates nothing") {
  NamedWorld world;
  world.add_host("six", "dmz", "10.2.0.9").addresses = {*net::Address::parse("2001:db8::9")};
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  world.rule(Action::Dnat, "http", "inet", "six.net.dmz");
  CHECK(kinds(world) == std::vector{Kind::None, Kind::Nothing});
  CHECK(world.findings() ==
        std::vector<std::string>{
            "matches-nothing: rule 2 matches nothing: 'inet' has only IPv4 addresses, and 'six.net.dmz' only IPv6"});
}

TEST_CASE("what small policies translate is what looking at every packet says") {
  std::mt19937 random(9);
  constexpr std::array kZones{"lan", "dmz", "inet"};
  constexpr std::array kServices{"http", "https", "ssh", "any"};
  constexpr std::array kHosts{"a.net.lan", "b.net.dmz", "c.net.dmz"};
  unsigned works = 0, taken = 0, refused = 0;
  for (int round = 0; round < 60; ++round) {
    NamedWorld world;
    world.add_host("a", "lan", "10.1.0.7");
    world.add_host("b", "dmz", "10.2.0.7");
    world.add_host("c", "dmz", "10.2.0.8");
    const auto any_of = [&](const auto& words) { return words[random() % words.size()]; };
    for (std::size_t count = 4 + random() % 7; count != 0; --count) {
      const char* service = any_of(kServices);
      const char* from = any_of(kZones);
      switch (random() % 8) {
        case 0: world.rule(Action::Dnat, service, from, any_of(kHosts)); break;
        case 1: world.rule(Action::Portfw, service, from, any_of(kHosts)); break;
        case 2: world.rule(Action::Masq, service, from, any_of(kZones)); break;
        case 3: world.rule(Action::Snat, service, from, any_of(kZones)); break;
        case 4:
          redirect(world, service == std::string_view("any") ? "http" : service, from, random() % 2 ? 80 : 443);
          break;
        case 6:
          world.rule(Action::Bounce, service, from, any_of(kHosts)).options.via_interface = std::string(any_of(kZones));
          break;
        case 5: world.rule(Action::Accept, service, from, random() % 2 ? any_of(kZones) : any_of(kHosts)); break;
        default: world.rule(Action::Drop, service, from, random() % 2 ? "any" : any_of(kZones)); break;
      }
    }
    const sema::Policy& policy = world.resolve();
    const FilterBoxes boxes_of(policy, net::Family::Ipv4);
    const std::size_t count = policy.rules.size();
    std::vector<std::vector<Redirection>> redirections;
    std::vector<std::vector<Box>> masks, takers;
    std::vector<Box> all{boxes_of.plain().everything()};
    for (const sema::Rule& rule : policy.rules) {
      redirections.push_back(boxes_of.redirected_by(rule));
      masks.push_back(boxes_of.masked_by(rule));
      takers.push_back(boxes_of.taken_by(rule).boxes);
      for (const Redirection& to : redirections.back()) {
        all.push_back(to.box);
        const std::vector<Box> there = boxes_of.redirected(to.box, to);
        all.insert(all.end(), there.begin(), there.end());
      }
      all.insert(all.end(), masks.back().begin(), masks.back().end());
      all.insert(all.end(), takers.back().begin(), takers.back().end());
    }
    // The cut of TCP too.
    all.push_back(all.front());
    all.back()[Field::Protocol] = Interval::one(6);
    const Ranks ranks(all);
    const auto passes = [&](const Point& point) {
      for (std::size_t i = 0; i < count; ++i)
        if (way_of(policy.rules[i]) == Way::Takes && hold(takers[i], point)) return lets_through(policy.rules[i]);
      return false;
    };
    std::vector<bool> translates(count), is_first(count), is_passed(count);
    for (const Point& point : points_of(ranks, boxes_of.plain().everything())) {
      bool is_redirected = false, is_masked = false;
      for (std::size_t i = 0; i < count; ++i) {
        for (const Redirection& to : redirections[i]) {
          if (!contains(to.box, point)) continue;
          translates[i] = true;
          if (std::exchange(is_redirected, true)) continue;
          is_first[i] = true;
          if (is_passed[i]) continue;
          for (const Box& there : boxes_of.redirected(box_at(point), to))
            is_passed[i] = is_passed[i] || std::ranges::any_of(points_of(ranks, there), passes);
        }
        if (!hold(masks[i], point)) continue;
        translates[i] = true;
        if (std::exchange(is_masked, true)) continue;
        is_first[i] = true;
        if (passes(point)) is_passed[i] = true;
      }
    }
    const std::vector<Translation> found = translations_of_rules(policy);
    for (std::size_t i = 0; i < count; ++i) {
      INFO("round " << round << ", rule " << i + 1 << ": " << model::summary(*policy.rules[i].source));
      const Kind expected = found[i].kind == Kind::None ? Kind::None
                            : is_passed[i]              ? Kind::Works
                            : is_first[i]               ? Kind::Refused
                            : translates[i]             ? Kind::TakenFirst
                                                        : Kind::Nothing;
      CHECK(found[i].kind == expected);
      works += expected == Kind::Works;
      taken += expected == Kind::TakenFirst;
      refused += expected == Kind::Refused;
    }
  }
  CHECK(works > 100);
  CHECK(taken > 20);
  CHECK(refused > 30);
}
