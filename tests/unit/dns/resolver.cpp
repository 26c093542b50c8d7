// SPDX-License-Identifier: GPL-2.0-or-later
// The resolver against a small server, both in a network namespace of their own.
#include "dns/resolver.h"

#include <fmt/format.h>
#include <sys/mount.h>

#include <fstream>

#include "dns/read_answer.h"
#include "dns/usable.h"
#include "lab/dns_server.h"
#include "lab/namespace.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace std::chrono_literals;
using Kind = dns::Answer::Kind;
using lab::DnsReply;

namespace {

using Texts = std::vector<std::string>;

/// A namespace with nothing but loopback, and a server in it.
struct Setup {
  Setup() : space(made()), inside(space) {}
  static lab::NetNamespace made() {
    lab::enter_laboratory();
    return {};
  }
  [[nodiscard]] dns::Options options() const {
    return {.servers = {{.address = *net::Address::parse("127.0.0.1"), .port = server.port()}}, .timeout = 100ms, .tries = 2};
  }
  dns::Answer ask(const std::string& name, net::Family family = net::Family::Ipv4) {
    base::PollLoop loop;
    dns::Resolver resolver(loop, options());
    std::optional<dns::Answer> answer;
    resolver.ask(name, family, [&](const dns::Answer& given) {
      REQUIRE_FALSE(answer);
      answer = given;
    });
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (resolver.waiting() != 0 && std::chrono::steady_clock::now() < deadline) REQUIRE(loop.run_once(1000ms));
    REQUIRE(answer);
    return *answer;
  }
  std::string name_of(const std::string& address) {
    base::PollLoop loop;
    dns::Resolver resolver(loop, options());
    std::optional<std::string> name;
    resolver.ask_name(*net::Address::parse(address), [&](const std::string& given) { name = given; });
    while (resolver.waiting() != 0) REQUIRE(loop.run_once(10000ms));
    return name.value();
  }
  lab::NetNamespace space;
  lab::Inside inside;
  lab::DnsServer server;
};

Texts texts(const std::vector<net::Address>& addresses) {
  Texts result;
  for (const net::Address& address : addresses) result.push_back(address.to_string());
  return result;
}

}  // namespace

TEST_CASE("a name has all the addresses that the server tells, of the family that was asked for") {
  Setup setup;
  setup.server.set("name.example", {"198.51.100.2", "198.51.100.1", "198.51.100.2"}, 77);
  setup.server.set("name.example", {"2001:db8::2"}, 99);
  const dns::Answer ipv4 = setup.ask("name.example"), ipv6 = setup.ask("name.example", net::Family::Ipv6);
  CHECK(ipv4.kind == Kind::Addresses);
  CHECK(texts(ipv4.addresses) == Texts{"198.51.100.1", "198.51.100.2"});
  CHECK(ipv4.ttl == 77s);
  CHECK(texts(ipv6.addresses) == Texts{"2001:db8::2"});
  CHECK(ipv6.ttl == 99s);
}

TEST_CASE("an address has the name that the server tells, in both families") {
  Setup setup;
  setup.server.set_name("198.51.100.7", "www.Example.com");
  setup.server.set_name("2001:db8::a7", "v6_host.example");
  CHECK(setup.name_of("198.51.100.7") == "www.Example.com");
  CHECK(setup.name_of("2001:db8::a7") == "v6_host.example");
  CHECK(setup.name_of("198.51.100.8").empty());
}

TEST_CASE("a name that would be more than a name is none") {
  Setup setup;
  setup.server.set_name("198.51.100.7", "evil\x1b[2J.example");
  setup.server.set_name("198.51.100.8", "two words.example");
  setup.server.set_name("198.51.100.9", std::string("nul\0l.example", 13));
  setup.server.set_name("198.51.100.10", "b\xc3\xbc" "cher.example");
  for (const char* address : {"198.51.100.7", "198.51.100.8", "198.51.100.9", "198.51.100.10"}) {
    CAPTURE(address);
    CHECK(setup.name_of(address).empty());
  }
}

TEST_CASE("addresses are asked for as RFC 1035 and RFC 3596 say") {
  CHECK(dns::reverse_name(*net::Address::parse("192.0.2.7")) == "7.2.0.192.in-addr.arpa");
  CHECK(dns::reverse_name(*net::Address::parse("2001:db8::567:89ab")) ==
        "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST_CASE("an alias is followed") {
  Setup setup;
  for (const char* address : {"198.51.100.7", "2001:db8::7"}) {
    const net::Address told = *net::Address::parse(address);
    setup.server.set("alias.example", told.family, {.addresses = {told}, .ttl = 5, .alias_of = "real.example"});
    const dns::Answer answer = setup.ask("alias.example", told.family);
    CHECK(texts(answer.addresses) == Texts{address});
    CHECK(answer.ttl == 5s);
  }
}

TEST_CASE("that there is no such name, or no such address, is an answer; a server that fails or is silent is none") {
  Setup setup;
  setup.server.set("only4.example", {"198.51.100.1"});
  setup.server.set("failing.example", net::Family::Ipv4, {.kind = DnsReply::Kind::ServerFailure});
  setup.server.set("silent.example", net::Family::Ipv4, {.kind = DnsReply::Kind::Silence});
  setup.server.set("other.example", net::Family::Ipv4,
                   {.kind = DnsReply::Kind::WrongQuestion, .addresses = {*net::Address::parse("198.51.100.66")}});
  CHECK(setup.ask("nothing.example").kind == Kind::None);
  CHECK(setup.ask("only4.example", net::Family::Ipv6).kind == Kind::None);
  CHECK(setup.ask("failing.example").kind == Kind::Failure);
  CHECK(setup.ask("silent.example").kind == Kind::Failure);
  CHECK(setup.server.asked("silent.example", net::Family::Ipv4) == 2);
  CHECK(setup.ask("other.example").kind == Kind::Failure);
}

TEST_CASE("no server at all is a failure soon") {
  Setup setup;
  base::PollLoop loop;
  dns::Options options = setup.options();
  options.servers = {{.address = *net::Address::parse("127.0.0.1"), .port = 1}};
  dns::Resolver resolver(loop, options);
  Kind kind = Kind::Addresses;
  resolver.ask("name.example", net::Family::Ipv4, [&](const dns::Answer& answer) { kind = answer.kind; });
  const auto begin = std::chrono::steady_clock::now();
  while (resolver.waiting() != 0) REQUIRE(loop.run_once(1000ms));
  CHECK(kind == Kind::Failure);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("the second server is asked when the first is silent") {
  Setup setup;
  setup.server.set("name.example", net::Family::Ipv4, {.kind = DnsReply::Kind::Silence});
  lab::DnsServer second("127.0.0.2");
  second.set("name.example", {"198.51.100.1"});
  base::PollLoop loop;
  dns::Options options = setup.options();
  options.servers.push_back({.address = *net::Address::parse("127.0.0.2"), .port = second.port()});
  dns::Resolver resolver(loop, options);
  Texts told;
  resolver.ask("name.example", net::Family::Ipv4, [&](const dns::Answer& answer) { told = texts(answer.addresses); });
  while (resolver.waiting() != 0) REQUIRE(loop.run_once(1000ms));
  CHECK(told == Texts{"198.51.100.1"});
}

TEST_CASE("an answer that does not fit is asked for again by TCP; of very many addresses some are enough") {
  Setup setup;
  DnsReply reply{.kind = DnsReply::Kind::OnlyByTcp};
  for (std::uint32_t i = 0; i < 200; ++i) reply.addresses.push_back(net::Address::ipv4(0xC6336400 + i));
  setup.server.set("large.example", net::Family::Ipv4, reply);
  reply.addresses.resize(3);
  setup.server.set("small.example", net::Family::Ipv4, reply);
  CHECK(setup.ask("small.example").addresses.size() == 3);
  CHECK(setup.ask("large.example").addresses.size() == dns::kMostAddresses);
}

TEST_CASE("addresses that speak of this machine or of everybody are not taken") {
  Setup setup;
  setup.server.set("rebind.example", {"127.0.0.1", "198.51.100.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "169.254.1.1"});
  setup.server.set("rebind.example", {"::", "::1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1", "ff02::1", "::192.0.2.1"});
  const dns::Answer ipv4 = setup.ask("rebind.example"), ipv6 = setup.ask("rebind.example", net::Family::Ipv6);
  CHECK(texts(ipv4.addresses) == Texts{"198.51.100.1"});
  CHECK(ipv4.refused.size() == 5);
  CHECK(texts(ipv6.addresses) == Texts{"2001:db8::1"});
  CHECK(ipv6.refused.size() == 6);
  // A home network's own names stay possible.
  for (const char* own : {"10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"}) CHECK(dns::is_usable(*net::Address::parse(own)));
}

TEST_CASE("garbage is no answer, or one with usable addresses; it harms nothing") {
  Setup setup;
  const std::vector<net::Address> own{*net::Address::parse("198.51.100.1"), *net::Address::parse("198.51.100.2")};
  constexpr int kNames = 1500;
  for (int i = 0; i < kNames; ++i)
    setup.server.set(fmt::format("g{}.example", i), net::Family::Ipv4,
                     {.kind = DnsReply::Kind::Garbage, .addresses = own, .ttl = 60, .alias_of = i % 2 == 0 ? "" : "x.example"});
  base::PollLoop loop;
  dns::Options options = setup.options();
  options.timeout = 20ms;
  dns::Resolver resolver(loop, options);
  int answered = 0;
  for (int i = 0; i < kNames; ++i)
    resolver.ask(fmt::format("g{}.example", i), net::Family::Ipv4, [&](const dns::Answer& answer) {
      ++answered;
      if (answer.kind != Kind::Addresses) CHECK(answer.addresses.empty());
      for (const net::Address& address : answer.addresses)
        if (!dns::is_usable(address)) FAIL(address.to_string());
    });
  const auto deadline = std::chrono::steady_clock::now() + 120s;
  while (resolver.waiting() != 0 && std::chrono::steady_clock::now() < deadline) REQUIRE(loop.run_once(1000ms));
  CHECK(answered == kNames);
}

TEST_CASE("a thousand names are asked for side by side, but not all at once") {
  Setup setup;
  setup.server.delay(20ms);
  constexpr int kNames = 1000;
  for (int i = 0; i < kNames; ++i) setup.server.set(fmt::format("n{}.example", i), {fmt::format("10.0.{}.{}", i / 250, i % 250)});
  base::PollLoop loop;
  dns::Options options = setup.options();
  options.timeout = 2000ms;
  dns::Resolver resolver(loop, options);
  int right = 0;
  for (int i = 0; i < kNames; ++i)
    resolver.ask(fmt::format("n{}.example", i), net::Family::Ipv4, [&, i](const dns::Answer& answer) {
      right += static_cast<int>(texts(answer.addresses) == Texts{fmt::format("10.0.{}.{}", i / 250, i % 250)});
    });
  const auto begin = std::chrono::steady_clock::now();
  while (resolver.waiting() != 0) REQUIRE(loop.run_once(1000ms));
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("1,000 names of 20 ms each: %.2f s, at most %zu at once\n", took, setup.server.most_at_once());
  CHECK(right == kNames);
  CHECK(setup.server.most_at_once() <= options.at_once);
  CHECK(setup.server.most_at_once() >= 10);
}

TEST_CASE("without servers of its own it asks those of resolv.conf, and others when that changes") {
  Setup setup;
  // The laboratory has mounts of its own.
  REQUIRE(::mount("tmpfs", "/etc", "tmpfs", 0, nullptr) == 0);
  const auto write = [](const std::string& text) { std::ofstream("/etc/resolv.conf") << text; };
  write("nameserver 127.0.0.1\nsearch example\n");
  lab::DnsServer first("127.0.0.1", 53), second("127.0.0.2", 53);
  first.set("name.example", {"198.51.100.1"});
  first.set("silent.example", net::Family::Ipv4, {.kind = DnsReply::Kind::Silence});
  second.set("name.example", {"198.51.100.2"});
  second.set("silent.example", {"198.51.100.3"});
  base::PollLoop loop;
  dns::Resolver resolver(loop, {});
  const auto ask = [&](const std::string& name) {
    Texts told;
    bool is_answered = false;
    resolver.ask(name, net::Family::Ipv4, [&](const dns::Answer& answer) {
      told = texts(answer.addresses);
      is_answered = true;
    });
    while (!is_answered) REQUIRE(loop.run_once(1000ms));
    return told;
  };
  CHECK(ask("name.example") == Texts{"198.51.100.1"});
  // No search list: this is not name.example.
  CHECK(ask("name.").empty());
  Texts late;
  resolver.ask("silent.example", net::Family::Ipv4, [&](const dns::Answer& answer) { late = texts(answer.addresses); });
  REQUIRE(loop.run_once(10ms));
  write("nameserver 127.0.0.2\n");
  CHECK(ask("name.example") == Texts{"198.51.100.2"});
  while (resolver.waiting() != 0) REQUIRE(loop.run_once(1000ms));
  CHECK(late == Texts{"198.51.100.3"});
  CHECK(::umount2("/etc", MNT_DETACH) == 0);
}

TEST_CASE("who goes away while he waits is not called any more") {
  Setup setup;
  setup.server.set("silent.example", net::Family::Ipv4, {.kind = DnsReply::Kind::Silence});
  base::PollLoop loop;
  {
    dns::Resolver resolver(loop, setup.options());
    resolver.ask("silent.example", net::Family::Ipv4, [](const dns::Answer&) { FAIL("called"); });
    REQUIRE(loop.run_once(10ms));
    CHECK(resolver.waiting() == 1);
  }
  for (int i = 0; i < 5; ++i) REQUIRE(loop.run_once(100ms));
}

TEST_CASE("one who is answered may ask again at once") {
  Setup setup;
  setup.server.set("name.example", {"198.51.100.1"});
  base::PollLoop loop;
  dns::Resolver resolver(loop, setup.options());
  int left = 20;
  std::function<void(const dns::Answer&)> again = [&](const dns::Answer& answer) {
    CHECK(answer.kind == Kind::Addresses);
    if (--left > 0) resolver.ask("name.example", net::Family::Ipv4, again);
  };
  resolver.ask("name.example", net::Family::Ipv4, again);
  while (resolver.waiting() != 0) REQUIRE(loop.run_once(1000ms));
  CHECK(left == 0);
}
