// SPDX-License-Identifier: GPL-2.0-or-later
#include "random_policy.h"

#include <fmt/format.h>

namespace vuurmuur::kernel_test {
namespace {

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}
  [[nodiscard]] bool in_hundred(unsigned percent) { return random_() % 100 < percent; }
  [[nodiscard]] unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  [[nodiscard]] std::string one_of(const std::vector<std::string>& words) { return words[random_() % words.size()]; }

 private:
  std::mt19937& random_;
};

const std::vector<std::string> kHosts{"pc.local.lan",     "nas.local.lan",     "printer.local.lan",
                                      "guest.local.lan",  "desk.office.lan",   "web.servers.dmz",
                                      "mail.servers.dmz", "friend.world.inet", "modern.office.lan"};
const std::vector<std::string> kGroups{"staff.local.lan", "farm.servers.dmz", "old.local.lan"};
const std::vector<std::string> kNetworks{"lan",        "dmz",         "inet",       "local.lan",
                                         "office.lan", "servers.dmz", "world.inet", "attic"};
const std::vector<std::string> kServices{"any",     "http",   "https", "ssh",  "dns",   "ports",  "ping",   "ftp",
                                         "netbios", "syslog", "gre",   "time", "ping6", "errors", "retired"};
const std::vector<std::string> kInterfaces{"lan", "office", "dmz", "inet", "spare"};

std::string peer(Dice& dice) {
  const unsigned kind = dice.below(10);
  if (kind < 5) return dice.one_of(kNetworks);
  return kind < 8 ? dice.one_of(kHosts) : dice.one_of(kGroups);
}

/// Each queue has one way of being used, because rules that share one must agree.
std::string queue_option(Dice& dice) {
  return dice.one_of({"nfqueuenum=\"1\"", "nfqueuenum=\"2\",bypass", "nfqueuenum=\"7\",nfmark=\"9\"",
                      "nfqueuenum=\"42\",dropurg", "nfqueuenum=\"100:107\"", "nfqueuenum=\"300\"",
                      "nfqueuenum=\"4096\",dropurg,nfmark=\"6\"", "nfqueuenum=\"65535\""});
}

std::string log_group_option(Dice& dice) {
  return dice.one_of({"nflognum=\"9\"", "nflognum=\"10\",nfmark=\"0x30/0xf0\"", "nflognum=\"12\""});
}

void add_common_options(Dice& dice, bool can_mark, std::vector<std::string>& options) {
  if (dice.in_hundred(12)) options.push_back("in_int=\"" + dice.one_of(kInterfaces) + "\"");
  if (dice.in_hundred(12)) options.push_back("out_int=\"" + dice.one_of(kInterfaces) + "\"");
  if (dice.in_hundred(15)) options.push_back("log,logprefix=\"" + dice.one_of({"alpha", "beta", "gamma"}) + "\"");
  if (dice.in_hundred(10)) options.push_back(fmt::format("limit=\"1/hour\",burst=\"{}\"", 1 + dice.below(6)));
  if (can_mark && dice.in_hundred(15))
    options.push_back(dice.one_of({"nfmark=\"5\"", "nfmark=\"0x100/0xf00\"", "nfmark=\"0xabcd0000\""}));
}

std::string write_rule(const std::string& action, const std::string& service, const std::string& from,
                       const std::string& to, const std::vector<std::string>& options) {
  std::string text = fmt::format("{} service {} from {} to {}", action, service, from, to);
  if (!options.empty()) text += fmt::format(" options {}", fmt::join(options, ","));
  return text;
}

std::string filter_rule(Dice& dice) {
  const std::string action = dice.one_of(
      {"accept", "accept", "accept", "accept", "drop", "reject", "log", "nfqueue", "nfqueue", "nflog", "chain"});
  std::string from = peer(dice), to = peer(dice);
  const unsigned shape = dice.below(10);
  if (shape < 2) from = "any";
  if (shape == 2) from = dice.one_of({"firewall", "firewall(any)"});
  if (shape == 3 || shape == 4) to = dice.one_of({"firewall", "firewall", "firewall(any)"});
  if (shape == 5 || shape == 0) to = "any";
  std::vector<std::string> options;
  if (action == "nfqueue") options.push_back(queue_option(dice));
  if (action == "nflog") options.push_back(log_group_option(dice));
  if (action == "chain") options.push_back("chain=\"" + dice.one_of({"my-empty", "my-accept", "my-drop"}) + "\"");
  if (action == "reject" && dice.in_hundred(50))
    options.push_back(
        "rejecttype=\"" +
        dice.one_of({"tcp-reset", "icmp-net-unreachable", "icmp-host-prohibited", "icmp-proto-unreachable"}) + "\"");
  add_common_options(dice, action == "accept", options);
  return write_rule(action, dice.one_of(kServices), from, to, options);
}

std::string nat_rule(Dice& dice) {
  const std::string action = dice.one_of({"portfw", "portfw", "dnat", "redirect", "masq", "snat", "bounce"});
  const std::string from =
      dice.in_hundred(15)
          ? "any"
          : dice.one_of({"lan", "inet", "local.lan", "world.inet", "dmz", "pc.local.lan", "friend.world.inet"});
  std::vector<std::string> options;
  if (action == "masq" || action == "snat")
    return write_rule(action, dice.one_of({"any", "any", "http", "dns"}), from == "any" ? "lan" : from,
                      dice.one_of({"inet", "world.inet", "dmz", "web.servers.dmz"}), {});
  if (action == "redirect") {
    options.push_back("redirectport=\"" + dice.one_of({"3128", "8080"}) + "\"");
    return write_rule(action, dice.one_of({"http", "https", "dns", "ports"}), from,
                      dice.one_of({"any", "inet", "firewall", "web.servers.dmz"}), options);
  }
  if (action == "bounce") options.push_back("via_int=\"" + dice.one_of({"lan", "office", "dmz"}) + "\"");
  if (dice.in_hundred(40)) options.push_back("remoteport=\"8080\"");
  if (dice.in_hundred(25)) options.push_back("listenport=\"" + dice.one_of({"80", "8005,9001", "2222"}) + "\"");
  if (options.size() >= 2 && options.back().find("8005,9001") != std::string::npos) options.pop_back();
  return write_rule(action, dice.one_of({"http", "https", "ssh", "dns", "ports"}), from, dice.one_of(kHosts), options);
}

}  // namespace

Files random_policy(std::mt19937& random) {
  Dice dice(random);
  std::vector<std::string> rules;
  const unsigned count = 3 + dice.below(20);
  for (unsigned i = 0; i < count; ++i) rules.push_back(dice.in_hundred(15) ? nat_rule(dice) : filter_rule(dice));
  Files files = with_rules(rules);
  if (dice.in_hundred(25))
    files["rules/blocklist.conf"] =
        "RULE=\"block " +
        dice.one_of({"198.51.100.7", "staff.local.lan", "10.2.0.8/29", "fd00:1::12", "web.servers.dmz"}) + "\"\n";
  if (dice.in_hundred(20))
    files["interfaces/" + dice.one_of({"lan", "office", "dmz", "inet"}) + ".conf"] +=
        "RULE=\"protect against rp-filter\"\n";
  // Devices by the beginning of their names; "lan+" is both of two.
  if (dice.in_hundred(25)) {
    std::string& file = files[dice.one_of(
        {"interfaces/lan.conf", "interfaces/office.conf", "interfaces/dmz.conf", "interfaces/inet.conf"})];
    const std::size_t end = file.find("0\"") != std::string::npos ? file.find("0\"") : file.find("1\"");
    file.replace(end, 1, "+");
  }
  if (dice.in_hundred(20))
    files["zones/inet/networks/world/network.config"] +=
        "RULE=\"protect against spoofing from " + dice.one_of({"class-a", "test-net", "class-c"}) + "\"\n";
  if (dice.in_hundred(10)) files["zones/lan/networks/local/network.config"] += "RULE=\"accept dhcp-server\"\n";
  if (dice.in_hundred(10)) files["config.conf"] += "DROP_INVALID=\"No\"\n";
  if (dice.in_hundred(10)) files["config.conf"] += "CONNMARK_MASK=\"0xffffc000\"\n";
  if (dice.in_hundred(10)) files["zones/lan/networks/local/network.config"] += "INTERFACE=\"office\"\n";
  return files;
}

}  // namespace vuurmuur::kernel_test
