// SPDX-License-Identifier: GPL-2.0-or-later
// The laboratory itself: what the other kernel tests rest on.
#include "lab/gateway.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::lab;

namespace {

struct InLaboratory {
  InLaboratory() { enter_laboratory(); }
};

struct Bench : InLaboratory {
  Gateway gateway;
  void rules(const char* program, std::string_view text) {
    const Inside there(gateway.firewall());
    run_ok({program}, text);
  }
};

Packet udp(const char* from, const char* to, std::uint16_t port) {
  Packet packet;
  packet.source = *net::Address::parse(from);
  packet.destination = *net::Address::parse(to);
  packet.source_port = 40000;
  packet.destination_port = port;
  packet.payload = {'x'};
  return packet;
}

}  // namespace

TEST_CASE_METHOD(Bench, "the gateway forwards between its networks, and each packet is seen once") {
  const auto [from, to, out] = GENERATE(table<const char*, const char*, const char*>({
      {"10.1.0.10", "10.3.0.11", "dmz0"},
      {"10.1.0.10", "198.51.100.7", "inet0"},
      {"fd00:1::10", "fd00:2::15", "lan1"},
      {"fd00:1::10", "2001:db8:1234::5", "inet0"},
  }));
  gateway.wire.send("lan0", udp(from, to, 53));
  const auto seen = gateway.wire.settle();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].device == out);
  CHECK(seen[0].packet.to_string() == udp(from, to, 53).to_string());
  CHECK(gateway.wire.settle().empty());
}

TEST_CASE_METHOD(Bench, "the firewall's own end sees what is delivered and sends what it is told") {
  Packet echo = udp("10.1.0.10", "10.1.0.1", 0);
  echo.protocol = net::Protocol::Icmp;
  echo.icmp_type = 8;
  echo.icmp_id = 99;
  gateway.wire.send("lan0", echo);
  const auto answers = gateway.wire.settle();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].packet.icmp_type == 0);
  const auto received = gateway.stack.received();
  REQUIRE(received.size() == 1);
  CHECK(received[0].icmp_id == 99);

  gateway.stack.send(udp("10.3.0.1", "10.3.0.10", 514));
  gateway.stack.send(udp("fd00:2::1", "fd00:2::12", 514));
  gateway.stack.send(udp("10.2.0.1", "10.2.0.255", 137), "lan1");
  const auto sent = gateway.wire.settle();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].device == "dmz0");
  CHECK(sent[1].device == "lan1");
  CHECK(sent[2].packet.to_string() == "udp 10.2.0.1:40000 > 10.2.0.255:137");
}

TEST_CASE_METHOD(Bench, "a listener answers, a closed port resets") {
  gateway.stack.listen(22);
  Packet syn = udp("fd00:1::10", "fd00:1::1", 22);
  syn.protocol = net::Protocol::Tcp;
  syn.tcp_flags = 2;
  syn.payload.clear();
  gateway.wire.send("lan0", syn);
  syn.destination_port = 23;
  gateway.wire.send("lan0", syn);
  const auto seen = gateway.wire.settle();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].packet.tcp_flags == 0x12);
  CHECK((seen[1].packet.tcp_flags & 4) == 4);
}

TEST_CASE_METHOD(Bench, "queues, log groups and connection marks are seen") {
  rules("iptables-legacy-restore",
        "*filter\n-A FORWARD -p udp --dport 53 -j CONNMARK --set-xmark 0x12345/0xfffff\n"
        "-A FORWARD -p udp --dport 53 -j NFLOG --nflog-group 5 --nflog-prefix \"hello \"\n"
        "-A FORWARD -p udp --dport 53 -j NFQUEUE --queue-num 7\n-A FORWARD -p udp --dport 54 -j DROP\nCOMMIT\n");
  gateway.queues.bind(7);
  gateway.logs.bind(5);
  const Packet packet = udp("10.1.0.10", "10.3.0.11", 53);
  gateway.wire.send("lan0", packet);
  CHECK(gateway.wire.settle().empty());
  const auto waiting = gateway.queues.pending();
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].queue == 7);
  CHECK(waiting[0].packet.to_string() == packet.to_string());
  CHECK(!gateway.conntrack.find(packet));
  gateway.queues.accept(waiting[0]);
  CHECK(gateway.wire.settle().size() == 1);

  const auto records = gateway.logs.records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].group == 5);
  CHECK(records[0].prefix == "hello ");
  CHECK(records[0].packet.to_string() == packet.to_string());

  auto connection = gateway.conntrack.find(packet);
  REQUIRE(connection);
  CHECK(connection->mark == 0x12345);
  CHECK(connection->reply.to_string() == packet.reversed().to_string());
  gateway.conntrack.set_mark(packet, 0xf0000000, 0xf0000000);
  connection = gateway.conntrack.find(packet);
  REQUIRE(connection);
  CHECK(connection->mark == 0xf0012345);
  gateway.conntrack.remove(packet);
  CHECK(!gateway.conntrack.find(packet));

  gateway.wire.send("lan0", udp("10.1.0.10", "10.3.0.11", 54));
  CHECK(gateway.wire.settle().empty());
  gateway.conntrack.flush();
}
