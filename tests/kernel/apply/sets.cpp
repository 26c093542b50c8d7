// SPDX-License-Identifier: GPL-2.0-or-later
// Sets in the real kernel: every type that it has, many elements, and what others do to ours.
#include <cerrno>
#include <chrono>

#include "apply/apply.h"
#include "apply/kernel.h"
#include "backend/set_type.h"
#include "base/strings.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

net::Prefix prefix(const std::string& text) { return *net::Prefix::parse(text); }

std::optional<ir::ProtocolPort> tcp(std::uint16_t port) {
  return ir::ProtocolPort{.protocol = net::Protocol::Tcp, .port = port};
}

ir::Set finished(ir::Set set) {
  set.name = ir::set_name(set, "test");
  return set;
}

/// The lines of "ipset save NAME" that begin with a word.
std::vector<std::string> saved_set(const std::string& name, std::string_view word) {
  std::vector<std::string> lines;
  const std::string text = lab::run_ok({"ipset", "save", name, "-sorted"});
  for (const std::string_view line : base::split(text, '\n'))
    if (line.starts_with(word)) lines.emplace_back(line);
  return lines;
}

/// One set of each type; those with an absent type are to be refused in plain words.
std::vector<ir::Set> sets_of_all_types() {
  std::vector<ir::Set> sets;
  for (const bool is_ipv4 : {true, false}) {
    const auto family = is_ipv4 ? net::Family::Ipv4 : net::Family::Ipv6;
    const net::Prefix host = prefix(is_ipv4 ? "192.0.2.1" : "2001:db8::1");
    const net::Prefix other = prefix(is_ipv4 ? "192.0.2.200" : "2001:db8::2");
    const net::Prefix network = prefix(is_ipv4 ? "198.51.100.0/24" : "2001:db8:1::/48");
    for (const bool is_counted : {true, false}) {
      const auto add = [&](ir::SetKey key, std::vector<ir::SetElement> elements) {
        sets.push_back(
            finished({.family = family, .key = key, .is_counted = is_counted, .elements = std::move(elements)}));
      };
      add(ir::SetKey::Source, {{.source = host}, {.source = other}});
      add(ir::SetKey::Destination, {{.destination = host}, {.destination = network}});
      add(ir::SetKey::SourcePort, {{.source = host, .port = tcp(80)}, {.source = host, .port = tcp(81)}});
      add(ir::SetKey::DestinationPort, {{.destination = network, .port = tcp(80)}});
      add(ir::SetKey::SourceDestination, {{.source = host, .destination = network}});
      add(ir::SetKey::SourcePortDestination, {{.source = host, .destination = other, .port = tcp(443)}});
      add(ir::SetKey::SourcePortDestination, {{.source = host, .destination = network, .port = tcp(443)}});
      add(ir::SetKey::SourcePortDestination, {{.source = network, .destination = network, .port = tcp(443)}});
    }
  }
  return sets;
}

ir::Set many_sources(std::uint32_t count, bool is_counted) {
  ir::Set set{.is_counted = is_counted};
  set.elements.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    set.elements.push_back({.source = net::Prefix::host(net::Address::ipv4(0x0a000000 + i * 3))});
  return finished(std::move(set));
}

}  // namespace

TEST_CASE("a set of every type comes back from the kernel as it was made") {
  const Machine machine;
  const auto kernel = make_kernel();
  const std::vector<std::string> comments{"rule 1: accept any"};
  std::size_t made = 0;
  for (const ir::Set& set : sets_of_all_types()) {
    INFO(backend::set_type(set).name);
    const auto index = kernel->create_set(set, {.comments = comments});
    if (!index) {  // a type that this kernel was built without
      CHECK(index.error().error.message ==
            "find the set type " + std::string(backend::set_type(set).name) + ": this kernel has not got the type");
      CHECK((backend::set_type(set).name == "hash:net,net" || backend::set_type(set).name == "hash:net,port,net"));
      continue;
    }
    ++made;
    const auto members = kernel->read_set(set.name);
    REQUIRE(members);
    REQUIRE(members->size() == set.elements.size());
    for (const ir::SetElement& element : set.elements) {
      const auto found = std::ranges::find_if(
          *members, [&](const SetMember& member) { return member.element.has_same_key(by_place(element)); });
      REQUIRE(found != members->end());
      CHECK(found->comment == (set.is_counted ? comments[0] : ""));
    }
    const auto sets = kernel->sets();
    REQUIRE(sets);
    const auto listed = std::ranges::find(*sets, set.name, &KernelSet::name);
    REQUIRE(listed != sets->end());
    CHECK(listed->index == *index);
    CHECK(listed->type == backend::set_type(set).name);
    CHECK(listed->references == 0);
  }
  CHECK(made >= 24);
}

TEST_CASE("a network of all addresses is loaded as its halves") {
  const Machine machine;
  const auto kernel = make_kernel();
  const ir::Set set = backend::in_kernel_form(finished({.elements = {{.source = prefix("0.0.0.0/0")}}}));
  REQUIRE(kernel->create_set(set, {}));
  const auto lines = saved_set(set.name, "add");
  CHECK(lines == std::vector<std::string>{"add " + set.name + " 0.0.0.0/1", "add " + set.name + " 128.0.0.0/1"});
}

TEST_CASE("counters and comments are given with a set and changed later") {
  const Machine machine;
  const auto kernel = make_kernel();
  const ir::Set set = finished({.is_counted = true, .elements = {{.source = prefix("192.0.2.1")}}});
  const std::vector<std::string> comments{"rule 1: accept \"any\""};
  const std::vector<Counters> counters{{.packets = 1234567890123, .bytes = 9876543210987}};
  REQUIRE(kernel->create_set(set, {.comments = comments, .counters = counters}));
  auto members = *kernel->read_set(set.name);
  CHECK(members.at(0).counters == counters[0]);
  CHECK(members.at(0).comment == comments[0]);
  members[0].comment = "rule 2";
  members[0].counters = {};
  REQUIRE(kernel->update_set(set.name, members, /*with_counters=*/false));
  CHECK(kernel->read_set(set.name)->at(0).counters == counters[0]);
  CHECK(kernel->read_set(set.name)->at(0).comment == "rule 2");
  members[0].counters = {.packets = 7, .bytes = 8};
  REQUIRE(kernel->update_set(set.name, members, /*with_counters=*/true));
  CHECK(kernel->read_set(set.name)->at(0).counters == Counters{.packets = 7, .bytes = 8});
}

TEST_CASE("what was left half made by one that was killed is in nobody's way") {
  const Machine machine;
  lab::run_ok({"ipset", "create", "vrmr4-unfinished", "hash:ip"});
  const auto kernel = make_kernel();
  const ir::Set set = many_sources(10, false);
  REQUIRE(kernel->create_set(set, {}));
  CHECK(lab::run_ok({"ipset", "list", "-n"}) == set.name + "\n");
}

TEST_CASE(
    "a rule of somebody else that asks for a set under the name of unfinished ones is told, and nothing has changed") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, accepting_sources({"192.0.2.0/24"})));
  lab::run_ok({"ipset", "create", "vrmr4-unfinished", "hash:ip"});
  lab::run_ok({"iptables-legacy", "-A", "OUTPUT", "-m", "set", "--match-set", "vrmr4-unfinished", "dst"});
  const std::string before = saved();
  const ir::Ruleset next = accepting_sources({"198.51.100.0/24"});
  const auto report = apply::apply(*kernel, next);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "load set " + next.sets[0].name +
                                      " of rule 1: accept any from list (rules/rules.conf:1): remove the set "
                                      "vrmr4-unfinished, under whose name sets are filled: a rule uses it");
  CHECK(saved() == before);
  CHECK(lab::run_ok({"ipset", "list", "-n"}).find(next.sets[0].name) == std::string::npos);
}

TEST_CASE("an element that is refused is told, and no set is left") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Set set = many_sources(5000, false);
  // Only a set that is not in the kernel's form can have it.
  set.elements[4321].source = prefix("0.0.0.0/0");
  const auto made = kernel->create_set(set, {});
  REQUIRE_FALSE(made);
  CHECK(made.error().element == 4321);
  CHECK(made.error().error.message == "add 0.0.0.0/0: the type cannot hold a prefix of that length");
  CHECK(lab::run_ok({"ipset", "list", "-n"}).empty());
}

TEST_CASE("many elements are loaded fast and all of them are there") {
  const Machine machine;
  const auto kernel = make_kernel();
  for (const bool is_counted : {false, true}) {
    const ir::Set set = many_sources(200'000, is_counted);
    const std::vector<std::string> comments{"rule 1: accept any from list"};
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(kernel->create_set(set, {.comments = comments}));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    WARN(set.elements.size() << (is_counted ? " counted" : "") << " elements made in " << took.count() << " ms");
    const auto members = kernel->read_set(set.name);
    REQUIRE(members);
    CHECK(members->size() == set.elements.size());
    CHECK(took.count() < 20'000);
    REQUIRE(kernel->destroy_set(set.name));
  }
}

TEST_CASE("an apply loads sets with the rules that ask them, and clear takes both") {
  const Machine machine;
  const auto kernel = make_kernel();
  const ir::Ruleset first = accepting_sources({"192.0.2.0/24"}),
                    second = accepting_sources({"192.0.2.0/24", "198.51.100.7"});
  REQUIRE(apply::apply(*kernel, first));
  CHECK(saved_ipv4("filter").find("-A VRMR-INPUT -m set --match-set " + first.sets[0].name + " src -j ACCEPT") !=
        std::string::npos);
  const auto report = apply::apply(*kernel, second);
  REQUIRE(report);
  CHECK(report->warnings.empty());
  CHECK(lab::run_ok({"ipset", "list", "-n"}) == second.sets[0].name + "\n");
  lab::run_ok({"ipset", "create", "mine", "hash:ip"});
  REQUIRE(apply::clear(*kernel));
  CHECK(lab::run_ok({"ipset", "list", "-n"}) == "mine\n");
}

TEST_CASE("a set that a rule of somebody else asks stays with a warning") {
  const Machine machine;
  const auto kernel = make_kernel();
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24"});
  const std::string name = ruleset.sets[0].name;
  REQUIRE(apply::apply(*kernel, ruleset));
  lab::run_ok({"iptables-legacy", "-A", "OUTPUT", "-m", "set", "--match-set", name, "dst", "-j", "ACCEPT"});
  const auto report = apply::apply(*kernel, accepting_ports({22}));
  REQUIRE(report);
  CHECK(report->warnings ==
        std::vector<std::string>{"set " + name +
                                 " is not used any more, but a rule or set that is not Vuurmuur's asks it; it stays"});
  const auto destroyed = kernel->destroy_set(name);
  REQUIRE_FALSE(destroyed);
  CHECK(destroyed.error().code == EBUSY);
}

TEST_CASE("a refused ruleset leaves no set behind, and the rule that asks one can be named") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24"});
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "rule 2: reject any");
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(report.error().message.find("the kernel refused rule 2: reject any") != std::string::npos);
  CHECK(lab::run_ok({"ipset", "list", "-n"}).empty());
}
