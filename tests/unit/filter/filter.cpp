// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/filter.h"

#include "diag/render.h"
#include "diag/source.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::filter;

namespace {

net::Address at(std::string_view text) { return *net::Address::parse(text); }

Filter read(std::string_view text, Of of = Of::Connections) {
  diag::Sink sink;
  Filter filter = parse(text, diag::FileId{}, of, sink);
  INFO(text);
  CHECK_FALSE(sink.has_errors());
  return filter;
}

/// What is said of a text that is wrong, as people see it.
std::string complaint(const std::string& text, Of of = Of::Connections, const KnownWords* known = nullptr) {
  diag::SourceMap sources;
  diag::Sink sink;
  const Filter filter = parse(text, sources.add("filter", text), of, sink);
  if (known != nullptr) check_words(filter, *known, sink);
  std::string said;
  for (const auto& problem : sink.all()) said += diag::render(problem, sources, diag::Style::Plain);
  return said;
}

/// tcp printer.wired.lan (192.168.3.4) 40000 > web.srv.dmz 80, which is 10.7.0.9 behind NAT, established, service http,
/// queue 5, 1,500 bytes.
struct Example {
  std::vector<std::string_view> groups{"office.wired.lan"};
  std::vector<End> sources{{.address = at("192.168.3.4"),
                            .port = 40000,
                            .name = "printer.wired.lan",
                            .network = "wired.lan",
                            .zone = "lan",
                            .groups = groups}};
  std::vector<End> destinations{
      {.address = at("203.0.113.1"), .port = 8080, .name = "firewall(outside)", .zone = "firewall"},
      {.address = at("10.7.0.9"), .port = 80, .name = "web.srv.dmz", .network = "srv.dmz", .zone = "dmz"}};

  [[nodiscard]] Subject subject() const {
    return {.sources = sources,
            .destinations = destinations,
            .protocol = 6,
            .service = "http",
            .states = {"established", "assured"},
            .queue = 5,
            .mark = 0x10005001,
            .rule = "rule 3: accept http from lan to dmz",
            .helper = "",
            .bytes = 1500,
            .packets = 12};
  }
  [[nodiscard]] bool has(std::string_view text) const { return read(text).lets_through(subject()); }
};

}  // namespace

TEST_CASE("an empty filter lets everything through") {
  CHECK(read("").is_empty());
  CHECK(read(" \t ").is_empty());
  CHECK(Example().has(""));
}

TEST_CASE("every key asks what it is called") {
  const Example example;
  for (const char* text : {"src:lan",
                           "src:wired.lan",
                           "src:printer.wired.lan",
                           "src:192.168.3.4",
                           "src:192.168.0.0/16",
                           "src:office.wired.lan",
                           "dst:dmz",
                           "dst:web.srv.dmz",
                           "dst:10.7.0.9",
                           "dst:203.0.113.1",
                           "dst:firewall",
                           "host:printer.wired.lan",
                           "host:web.srv.dmz",
                           "host:office.wired.lan",
                           "host:10.7.0.9",
                           "net:srv.dmz",
                           "network:wired.lan",
                           "zone:lan",
                           "zone:dmz",
                           "zone:firewall",
                           "service:http",
                           "proto:tcp",
                           "proto:TCP",
                           "proto:6",
                           "port:80",
                           "port:40000",
                           "port:79-81",
                           "sport:40000",
                           "dport:80",
                           "dport:8080",
                           "state:established",
                           "state:ASSURED",
                           "queue:5",
                           "queue:1-10",
                           "mark:0x10005001",
                           "mark:0x10000000/0x30000000",
                           "rule:3",
                           "rule:accept",
                           "family:4",
                           "family:ipv4",
                           "bytes:>1k",
                           "bytes:1500",
                           "bytes:1k-2k",
                           "packets:<13"}) {
    INFO(text);
    CHECK(example.has(text));
    CHECK_FALSE(example.has("!" + std::string(text)));
  }
  for (const char* text :
       {"src:dmz",     "src:10.7.0.9", "dst:lan",         "host:lan",  "net:lan",     "zone:wired.lan",
        "service:htt", "proto:udp",    "port:81",         "sport:80",  "dport:40000", "state:unreplied",
        "queue:6",     "group:5",      "mark:0x10005000", "rule:2",    "rule:33",     "rule:reject",
        "family:6",    "bytes:>1500",  "packets:<12",     "helper:ftp"}) {
    INFO(text);
    CHECK_FALSE(example.has(text));
    CHECK(example.has("!" + std::string(text)));
  }
}

TEST_CASE("terms have to be met all, values of one are alternatives") {
  const Example example;
  CHECK(example.has("src:lan dst:dmz port:22,80 !proto:udp,icmp"));
  CHECK_FALSE(example.has("src:lan dst:lan"));
  CHECK_FALSE(example.has("!proto:udp,tcp"));
  CHECK(example.has("!!proto:tcp"));
}

TEST_CASE("a word without a key is looked for everywhere") {
  const Example example;
  for (const char* text :
       {"lan", "http", "tcp", "established", "80", "79-80", "192.168.3.4", "10.0.0.0/8", "web.srv.dmz"}) {
    INFO(text);
    CHECK(example.has(text));
    CHECK_FALSE(example.has("!" + std::string(text)));
  }
  CHECK(example.has("!dns"));
  CHECK_FALSE(example.has("3"));
}

TEST_CASE("a star stands for any run of characters") {
  const Example example;
  CHECK(example.has("src:*.lan"));
  CHECK(example.has("host:web.*"));
  CHECK_FALSE(example.has("host:web*b"));
  CHECK(fits("*", ""));
  CHECK(fits("a*b*c", "a-b-b-c"));
  CHECK_FALSE(fits("a*b", "a-b-c"));
  CHECK(fits("", ""));
  CHECK_FALSE(fits("", "a"));
}

TEST_CASE("IPv6 addresses are no keys") {
  Example example;
  example.sources.front().address = at("dead:beef::1");
  CHECK(example.has("dead:beef::1"));
  CHECK(example.has("src:dead:beef::/32"));
  CHECK(example.has("\"dead:beef::1\",::2"));
  CHECK(example.has("::2,dead:beef::1"));
}

TEST_CASE("the log has keys that connections have not, and its actions have no case") {
  const Subject line{.service = "ssh", .in_device = "eth0", .action = "DROP", .prefix = "in policy "};
  for (const char* text : {"action:drop", "action:DROP", "in:eth0", "prefix:policy", "prefix:\"in policy\"", "drop"}) {
    INFO(text);
    CHECK(read(text, Of::Log).lets_through(line));
  }
  CHECK_FALSE(read("out:eth0", Of::Log).lets_through(line));
}

TEST_CASE("what is wrong is said with its place") {
  CHECK(complaint("src:lan prot:tcp") ==
        "filter:1:9: error: filters have no key 'prot'; did you mean 'proto'?\n"
        "  src:lan prot:tcp\n"
        "          ^~~~\n");
  CHECK(complaint("action:drop") ==
        "filter:1:1: error: key 'action' is of the log: connections have not got it\n"
        "  action:drop\n"
        "  ^~~~~~\n");
  CHECK(complaint("state:established", Of::Log) ==
        "filter:1:1: error: key 'state' is of live connections: the log has not got it\n"
        "  state:established\n"
        "  ^~~~~\n");
  CHECK(complaint("port:22,x80 state:establishd") ==
        "filter:1:9: error: key 'port' expects a number up to 65535 or a range like 1024-2047, not 'x80'\n"
        "  port:22,x80 state:establishd\n"
        "          ^~~\n"
        "filter:1:19: error: no connection has the state 'establishd'; did you mean 'established'?\n"
        "  port:22,x80 state:establishd\n"
        "                    ^~~~~~~~~~\n");
  CHECK(complaint("src:").find("key 'src' has no value: who opened it, before or behind NAT") != std::string::npos);
  CHECK(complaint("rule:\"x").find("the quote has no end") != std::string::npos);
  CHECK(complaint("a\"b\"").find("a blank or a comma is missing here") != std::string::npos);
  CHECK(complaint("lan !").find("nothing stands behind '!'") != std::string::npos);
  CHECK(complaint("port:65536").find("expects a number up to 65535") != std::string::npos);
  CHECK(complaint("port:9-8").find("expects a number up to 65535") != std::string::npos);
  CHECK(complaint("mark:0x100000000").find("expects a mark") != std::string::npos);
  CHECK(complaint("bytes:5x").find("expects an amount") != std::string::npos);
  CHECK(complaint("bytes:99999999999T").find("expects an amount") != std::string::npos);
  CHECK(complaint("family:5").find("expects 4 or 6") != std::string::npos);
  CHECK(complaint("proto:tpc").find("expects a protocol") != std::string::npos);
  CHECK(complaint(std::string(5000, 'a')).find("a filter has at most 4096 characters") != std::string::npos);
}

TEST_CASE("names that nothing has are told, when they are to be known") {
  const KnownWords known{.ends = {"lan", "wired.lan", "web.srv.dmz"}, .services = {"http", "ssh"}};
  const auto said = [&](const std::string& text) { return complaint(text, Of::Connections, &known); };
  CHECK(said("src:lan dst:web.srv.dmz service:http tcp established http firewall zone:firewall 80 src:*.x").empty());
  CHECK(said("src:lam") ==
        "filter:1:5: error: the configuration has nothing of the name 'lam'; did you mean 'lan'?\n"
        "  src:lam\n"
        "      ^~~\n");
  CHECK(said("service:sssh").find("the configuration has no service 'sssh'; did you mean 'ssh'?") != std::string::npos);
  CHECK(said("!dns").find("nothing is called 'dns'") != std::string::npos);
}

TEST_CASE("what a filter needs is no more than what it asks") {
  CHECK_FALSE(read("proto:tcp port:80 src:10.0.0.0/8 state:established queue:5").asks_for().names);
  CHECK(read("zone:lan").asks_for().names);
  CHECK_FALSE(read("zone:lan").asks_for().groups);
  CHECK(read("host:a").asks_for().groups);
  CHECK(read("service:http").asks_for().service);
  CHECK_FALSE(read("lan").asks_for().rule);
  CHECK(read("lan").asks_for().service);
  CHECK(read("rule:3").asks_for().rule);
}

TEST_CASE("a filter is written as it is read") {
  CHECK(read("src:lan  !port:80,443 \"in policy\" mark:5 bytes:>1k dead:beef::1").to_string() ==
        "src:lan !port:80,443 \"in policy\" mark:0x5/0xffffffff bytes:1001-18446744073709551615 \"dead:beef::1/128\"");
}

TEST_CASE("keys have one row each, and no two a name") {
  for (const KeyRow& row : keys()) {
    CHECK(find_key(row.name) == &row);
    CHECK(&row_of(row.key) == &row);
    if (!row.other.empty()) CHECK(find_key(row.other) == &row);
  }
}
