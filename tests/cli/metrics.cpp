// SPDX-License-Identifier: GPL-2.0-or-later
// Metrics line by line: they agree with the volumes and with the kernel, through the daemon and without one.
#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/strings.h"
#include "helpers/daemon_fixture.h"
#include "helpers/exact_traffic.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kRule = "accept any from world.inet to firewall";

Outcome run(const DaemonFixture& fixture, const std::string& socket, std::vector<std::string> words) {
  return vuurmuur::test::vuurmuur(
      {.arguments = std::move(words),
       .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}, {"VUURMUUR_SOCKET", socket}}});
}

/// A text of metrics as whoever collects it reads it: each line has to be one of the format. Samples by name and labels,
/// the labels in their order.
class Metrics {
 public:
  explicit Metrics(const std::string& text) {
    REQUIRE(text.ends_with('\n'));
    for (std::string_view line : base::split(std::string_view(text).substr(0, text.size() - 1), '\n')) read(line);
  }
  [[nodiscard]] std::uint64_t at(const std::string& sample) const {
    const auto found = samples_.find(sample);
    if (found == samples_.end()) UNSCOPED_INFO("there is no " << sample);
    REQUIRE(found != samples_.end());
    return found->second;
  }
  [[nodiscard]] bool contains(const std::string& sample) const { return samples_.contains(sample); }

 private:
  void read(std::string_view line) {
    CAPTURE(line);
    const auto words = base::split(line, ' ');
    if (line.starts_with("# HELP ")) {
      REQUIRE(words.size() >= 4);
      // Each family once, and as one piece.
      REQUIRE(families_.insert(std::string(words[2])).second);
      family_ = words[2];
      type_.clear();
      return;
    }
    if (line.starts_with("# TYPE ")) {
      REQUIRE(words.size() == 4);
      REQUIRE(words[2] == family_);
      REQUIRE((words[3] == "counter" || words[3] == "gauge"));
      REQUIRE(type_.empty());
      type_ = words[3];
      REQUIRE((type_ == "counter") == family_.ends_with("_total"));
      return;
    }
    REQUIRE_FALSE(type_.empty());
    REQUIRE(line.starts_with(family_));
    const auto value = base::parse_number<std::uint64_t>(words.back());
    REQUIRE(value);
    const std::string_view sample = line.substr(0, line.size() - words.back().size() - 1),
                           labels = sample.substr(family_.size());
    if (!labels.empty()) check_labels(labels);
    REQUIRE(samples_.emplace(sample, *value).second);
  }

  static void check_labels(std::string_view labels) {
    REQUIRE(labels.starts_with('{'));
    REQUIRE(labels.ends_with('}'));
    labels = labels.substr(1, labels.size() - 2);
    while (!labels.empty()) {
      const std::size_t equals = labels.find("=\"");
      REQUIRE(equals != std::string_view::npos);
      REQUIRE(labels.substr(0, equals).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
      labels.remove_prefix(equals + 2);
      while (!labels.starts_with('"')) {
        REQUIRE_FALSE(labels.empty());
        labels.remove_prefix(labels.starts_with('\\') ? 2 : 1);
      }
      labels.remove_prefix(1);
      if (labels.empty()) break;
      REQUIRE(labels.starts_with(','));
      labels.remove_prefix(1);
    }
  }

  std::string family_, type_;
  std::set<std::string, std::less<>> families_;
  std::map<std::string, std::uint64_t, std::less<>> samples_;
};

Metrics metrics(const DaemonFixture& fixture, const std::string& socket) {
  const Outcome outcome = run(fixture, socket, {"metrics"});
  REQUIRE(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  return Metrics(outcome.out);
}

/// Packets that eth0 has received, by proc(5).
std::uint64_t received() {
  std::ifstream file("/proc/thread-self/net/dev");
  std::string word;
  std::uint64_t bytes = 0, packets = 0;
  while (file >> word && word != "eth0:") {
  }
  file >> bytes >> packets;
  return packets;
}

const std::string kPackets = fmt::format("vuurmuur_rule_packets_total{{rule=\"{}\",action=\"accept\",from=\"inet\",to=\"firewall\"}}", kRule),
                  kBytes = fmt::format("vuurmuur_rule_bytes_total{{rule=\"{}\",action=\"accept\",from=\"inet\",to=\"firewall\"}}", kRule),
                  kZone = "vuurmuur_zone_packets_total{from=\"inet\",to=\"firewall\"}";

}  // namespace

TEST_CASE("metrics agree with volumes and with what was sent, over reloads and a daemon that starts again") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules("accept service any from world.inet to firewall");
  fixture.start();
  CHECK(metrics(fixture, fixture.socket).at("vuurmuur_generation") == 0);
  REQUIRE(fixture.call("Apply").error.empty());
  warm_up(fixture.firewall);
  std::uint64_t base = 0;
  REQUIRE(eventually([&] {
    const Metrics now = metrics(fixture, fixture.socket);
    base = now.contains(kPackets) ? now.at(kPackets) : 0;
    return base > 0;
  }));
  std::uint64_t sent = 0;
  for (int reload = 0; reload < 4; ++reload) {
    send_exactly(fixture.firewall, 3);
    fixture.firewall.tree.rules(reload % 2 == 0 ? "drop service http from world.inet to firewall\naccept service any from world.inet to firewall"
                                                : "accept service any from world.inet to firewall");
    REQUIRE(fixture.call("Apply").error.empty());
    sent += 3;
  }
  REQUIRE(fixture.daemon->end(SIGTERM) == 0);
  send_exactly(fixture.firewall, 2);
  sent += 2;
  // Without a daemon there is what it has written, and what the kernel has counted since.
  CHECK(metrics(fixture, "none").at(kPackets) == base + sent);
  fixture.start();
  REQUIRE(eventually([&] { return metrics(fixture, fixture.socket).at(kPackets) == base + sent; }));
  const Metrics now = metrics(fixture, fixture.socket);
  CHECK(now.at(kBytes) == (base + sent) * kDatagram);
  CHECK(now.at(kZone) == base + sent);
  CHECK(now.at("vuurmuur_generation") == 5);
  CHECK(now.at("vuurmuur_state{state=\"confirmed\"}") == 1);
  CHECK(now.at("vuurmuur_state{state=\"cleared\"}") == 0);
  CHECK(now.at("vuurmuur_last_apply_timestamp_seconds") > 1'700'000'000);
  CHECK(now.at("vuurmuur_configuration_refused") == 0);
  CHECK(now.at("vuurmuur_volumes_fault") == 0);
  CHECK(now.at("vuurmuur_connections") > 0);
  // The rule that is gone is not told any more.
  CHECK_FALSE(now.contains("vuurmuur_rule_packets_total{rule=\"drop http from world.inet to firewall\",action=\"drop\",from=\"inet\",to=\"firewall\"}"));
  std::uint64_t volume = 0;
  const Json answer = Json::parse(run(fixture, fixture.socket, {"volume", "--by=rule", "--json", "--period=month"}).out);
  for (const Json& each : answer.at("volumes"))
    if (each.at("name") == kRule) volume += each.at("packets").get<std::uint64_t>();
  CHECK(volume == base + sent);
  CHECK(eventually([&] {
    const std::uint64_t before = received();
    const std::uint64_t told =
        metrics(fixture, fixture.socket).at("vuurmuur_interface_packets_total{interface=\"eth0\",direction=\"in\"}");
    return told == before && received() == before;
  }));
}

TEST_CASE("metrics go into a file as a whole, and say when a configuration was refused") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  fixture.firewall.tree.rules("accept service htpp from world.inet to firewall");
  REQUIRE_FALSE(fixture.call("Apply").error.empty());
  const std::string path = (fixture.run.path() / "vuurmuur.prom").string();
  const Outcome outcome = run(fixture, fixture.socket, {"metrics", "-o", path});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.empty());
  std::ifstream file(path);
  const Metrics written(std::string(std::istreambuf_iterator<char>(file), {}));
  CHECK(written.at("vuurmuur_configuration_refused") == 1);
  CHECK(written.at("vuurmuur_generation") == 1);
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms(0644));
  CHECK(run(fixture, fixture.socket, {"metrics", "--output=/nowhere/x"}).status != 0);
}
