// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/metrics.h"

#include "control/volume_readings.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

constexpr const char* kExpected = R"text(# HELP vuurmuur_info 1, with the version
# TYPE vuurmuur_info gauge
vuurmuur_info{version="1.2"} 1
# HELP vuurmuur_state 1 for the state that it is in
# TYPE vuurmuur_state gauge
vuurmuur_state{state="idle"} 0
vuurmuur_state{state="confirmed"} 1
vuurmuur_state{state="applying"} 0
vuurmuur_state{state="awaiting confirmation"} 0
vuurmuur_state{state="cleared"} 0
# HELP vuurmuur_generation number of the generation in force, 0 without one
# TYPE vuurmuur_generation gauge
vuurmuur_generation 1
# HELP vuurmuur_last_apply_timestamp_seconds when the generation in force was applied, 0 without one
# TYPE vuurmuur_last_apply_timestamp_seconds gauge
vuurmuur_last_apply_timestamp_seconds 1000
# HELP vuurmuur_drifted 1 while another program's changes to our rules are not repaired
# TYPE vuurmuur_drifted gauge
vuurmuur_drifted 0
# HELP vuurmuur_configuration_refused 1 when a configuration was refused and none was applied since
# TYPE vuurmuur_configuration_refused gauge
vuurmuur_configuration_refused 1
# HELP vuurmuur_volumes_fault 1 while what is counted cannot be written
# TYPE vuurmuur_volumes_fault gauge
vuurmuur_volumes_fault 0
# HELP vuurmuur_connections connections that the kernel tracks
# TYPE vuurmuur_connections gauge
vuurmuur_connections 7
# HELP vuurmuur_connections_limit connections that the kernel can track
# TYPE vuurmuur_connections_limit gauge
vuurmuur_connections_limit 262144
# HELP vuurmuur_rule_packets_total packets taken by a rule of the policy or a protection: first packets of connections
# TYPE vuurmuur_rule_packets_total counter
vuurmuur_rule_packets_total{rule="accept http from web.world.inet to firewall(any)",action="accept",from="inet",to="firewall"} 3
vuurmuur_rule_packets_total{rule="nfqueue any from lan to inet",action="nfqueue",from="lan",to="inet"} 3
vuurmuur_rule_packets_total{rule="protection: invalid packets"} 4
# HELP vuurmuur_rule_bytes_total bytes taken by a rule of the policy or a protection: first packets of connections
# TYPE vuurmuur_rule_bytes_total counter
vuurmuur_rule_bytes_total{rule="accept http from web.world.inet to firewall(any)",action="accept",from="inet",to="firewall"} 220
vuurmuur_rule_bytes_total{rule="nfqueue any from lan to inet",action="nfqueue",from="lan",to="inet"} 180
vuurmuur_rule_bytes_total{rule="protection: invalid packets"} 400
# HELP vuurmuur_zone_packets_total packets taken by rules from one zone to another: first packets of connections
# TYPE vuurmuur_zone_packets_total counter
vuurmuur_zone_packets_total{from="inet",to="firewall"} 3
vuurmuur_zone_packets_total{from="lan",to="inet"} 3
# HELP vuurmuur_zone_bytes_total bytes taken by rules from one zone to another: first packets of connections
# TYPE vuurmuur_zone_bytes_total counter
vuurmuur_zone_bytes_total{from="inet",to="firewall"} 220
vuurmuur_zone_bytes_total{from="lan",to="inet"} 180
# HELP vuurmuur_queue_packets_total packets sent to a queue by rules: first packets of connections
# TYPE vuurmuur_queue_packets_total counter
vuurmuur_queue_packets_total{queue="5"} 3
# HELP vuurmuur_queue_bytes_total bytes sent to a queue by rules: first packets of connections
# TYPE vuurmuur_queue_bytes_total counter
vuurmuur_queue_bytes_total{queue="5"} 180
# HELP vuurmuur_interface_packets_total packets received and sent by a device
# TYPE vuurmuur_interface_packets_total counter
vuurmuur_interface_packets_total{interface="eth0",direction="in"} 10
vuurmuur_interface_packets_total{interface="eth0",direction="out"} 20
# HELP vuurmuur_interface_bytes_total bytes received and sent by a device
# TYPE vuurmuur_interface_bytes_total counter
vuurmuur_interface_bytes_total{interface="eth0",direction="in"} 1000
vuurmuur_interface_bytes_total{interface="eth0",direction="out"} 2000
# HELP vuurmuur_nfqueue_waiting packets that wait for a verdict of the program that listens
# TYPE vuurmuur_nfqueue_waiting gauge
vuurmuur_nfqueue_waiting{queue="5"} 2
vuurmuur_nfqueue_waiting{queue="65535"} 0
# HELP vuurmuur_nfqueue_packets_total packets since a program listens
# TYPE vuurmuur_nfqueue_packets_total counter
vuurmuur_nfqueue_packets_total{queue="5"} 900
vuurmuur_nfqueue_packets_total{queue="65535"} 0
# HELP vuurmuur_nfqueue_full_total packets dropped because the queue was full
# TYPE vuurmuur_nfqueue_full_total counter
vuurmuur_nfqueue_full_total{queue="5"} 3
vuurmuur_nfqueue_full_total{queue="65535"} 0
# HELP vuurmuur_nfqueue_socket_full_total packets dropped because the socket of the program was full
# TYPE vuurmuur_nfqueue_socket_full_total counter
vuurmuur_nfqueue_socket_full_total{queue="5"} 4
vuurmuur_nfqueue_socket_full_total{queue="65535"} 0
)text";

}  // namespace

TEST_CASE("metrics are what was counted and what is in force, each family with its head") {
  history::Journal journal;
  history::begin(journal, "/etc/vuurmuur", "nft", {.time = 1000, .who = {}, .detail = {}});
  history::applied(journal, {}, {.time = 1001, .who = {}, .detail = {}});
  volumes::Accumulator counted;
  const std::vector<apply::RuleCounters> gone{{.origin = "rule 1: drop any from lan to dmz", .ipv4 = {9, 900}, .ipv6 = {}}},
      rules{{.origin = "rule 2: accept http from web.world.inet to firewall(any)", .ipv4 = {1, 60}, .ipv6 = {2, 160}},
            {.origin = "rule 3: nfqueue any from lan to inet", .ipv4 = {3, 180}, .ipv6 = {}},
            {.origin = "protection: invalid packets", .ipv4 = {}, .ipv6 = {4, 400}}};
  counted.take(readings_of(gone, {}), 1);
  auto readings = readings_of(rules, {{"rule 3: nfqueue any from lan to inet", "5"}});
  for (volumes::Reading& device : readings_of({{.name = "eth0", .received = {10, 1000}, .sent = {20, 2000}}}))
    readings.push_back(std::move(device));
  counted.take(readings, 2);
  const SystemClock clock;
  const std::vector<apply::QueueStatistics> queues{
      {.number = 5, .port_id = 1, .waiting = 2, .dropped = 3, .user_dropped = 4, .last_id = 900}, {.number = 65535}};
  CHECK(metrics_text({.version = "1.2",
                      .counted = counted,
                      .journal = journal,
                      .clock = clock,
                      .connections = ConnectionUse{.count = 7, .most = 262144},
                      .queues = queues,
                      .is_refused = true}) == kExpected);
}

TEST_CASE("values of labels are escaped, and nothing harmful is left in them") {
  MetricsText text;
  text.begin("x_total", MetricsText::Type::Counter, "help");
  const std::pair<std::string_view, std::string_view> labels[]{{"a", "q\"b\\s\nn"}, {"b", "e\x1b[2J\xff\xc3\xa9"}};
  text.add(labels, 18446744073709551615ULL);
  CHECK(text.take() ==
        "# HELP x_total help\n# TYPE x_total counter\n"
        "x_total{a=\"q\\\"b\\\\s\\nn\",b=\"e\\\\x1b[2J\\\\xff\xc3\xa9\"} 18446744073709551615\n");
}
