// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/alert.h"

#include <string>

#include "support/catch.h"

using namespace vuurmuur;
using respond::read_alert;

namespace {

constexpr const char* kLine =
    R"({"timestamp":"2026-11-27T00:00:00.000001+0000","flow_id":7,"in_iface":"eth0","event_type":"alert",)"
    R"("src_ip":"203.0.113.9","src_port":4711,"dest_ip":"192.0.2.5","dest_port":80,"proto":"TCP",)"
    R"("metadata":{"flowbits":["alert"]},"alert":{"action":"blocked","gid":1,"signature_id":2019401,"rev":3,)"
    R"("signature":"Guess \"1\"","category":"Attempted Access","severity":1,"metadata":{"severity":["9"],"signature_id":1}},)"
    R"("flow":{"src_ip":"198.51.100.1","severity":4},"payload":"YWxlcnQ="})";

}  // namespace

TEST_CASE("an alert is taken from a line of EVE, whatever else is in it") {
  const auto read = read_alert(kLine);
  REQUIRE(read);
  REQUIRE(read->has_value());
  const respond::Alert& alert = **read;
  CHECK(alert.source.to_string() == "203.0.113.9");
  CHECK(alert.destination.to_string() == "192.0.2.5");
  CHECK(alert.signature == 2019401);
  CHECK(alert.severity == 1);
  CHECK(alert.message == "Guess \"1\"");
  CHECK(alert.category == "Attempted Access");
}

TEST_CASE("IPv6 ends, in the long form that EVE writes") {
  const auto read = read_alert(
      R"({"event_type": "alert", "alert": {"signature_id": 5}, "src_ip": "2001:0db8:0000:0000:0000:0000:0000:0009", "dest_ip": "2001:db8::1"})");
  REQUIRE(read);
  REQUIRE(read->has_value());
  CHECK((*read)->source.to_string() == "2001:db8::9");
  CHECK((*read)->severity == 0);
}

TEST_CASE("other events are none") {
  for (const char* line : {R"({"event_type":"flow","src_ip":"192.0.2.1"})", R"({"event_type":"dns","alert":"alert"})",
                           R"({"event_type":"drop","alert":{"signature_id":1},"src_ip":"192.0.2.1"})", "{}"}) {
    INFO(line);
    const auto read = read_alert(line);
    REQUIRE(read);
    CHECK_FALSE(read->has_value());
  }
}

TEST_CASE("what is no alert in JSON is an error") {
  for (const std::string& line :
       {std::string(), std::string("alert"), std::string("[\"alert\"]"), std::string(R"("alert")"),
        std::string(R"({"event_type":"alert","alert":{"signature_id":1},"src_ip":"192.0.2.1")"),
        std::string(R"({"event_type":"alert","alert":{"signature_id":1},"src_ip":"192.0.2.1"})"),
        std::string(R"({"event_type":"alert","alert":{"signature_id":1},"src_ip":"192.0.2.1","dest_ip":"lan"})"),
        std::string(R"({"event_type":"alert","alert":{"signature_id":-1},"src_ip":"192.0.2.1","dest_ip":"192.0.2.2"})"),
        std::string(
            R"({"event_type":"alert","alert":{"a":{"signature_id":1}},"src_ip":"192.0.2.1","dest_ip":"192.0.2.2"})"),
        std::string(
            R"({"event_type":"alert","alert":[{"signature_id":1}],"src_ip":"192.0.2.1","dest_ip":"192.0.2.2"})"),
        R"({"event_type":"alert","x":")" + std::string(1000, '\xff') + "\"}",
        R"({"alert":)" + std::string(500'000, '[') + std::string(500'000, ']') + "}x"}) {
    INFO(line.substr(0, 200));
    CHECK_FALSE(read_alert(line));
  }
}

TEST_CASE("a line that is nested very deep is read") {
  const auto read =
      read_alert(R"({"alert":)" + std::string(400'000, '[') + std::string(400'000, ']') +
                 R"(,"event_type":"alert","alert":{"signature_id":1},"src_ip":"192.0.2.1","dest_ip":"192.0.2.2"})");
  REQUIRE(read);
  CHECK(read->has_value());
}
