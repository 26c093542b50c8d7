// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/schema.h"

#include <array>

namespace vuurmuur::config {
namespace {

using enum Count;

constexpr KeyRow kActive{"ACTIVE", One, "Yes", "whether it takes part"};
constexpr KeyRow kComment{"COMMENT", One, "", "a remark"};

constexpr std::array kSettings{
    KeyRow{"LOG_POLICY", One, "Yes", "log what no rule decides"},
    KeyRow{"LOG_POLICY_LIMIT", One, "30", "records a second of LOG_POLICY, 0 for no limit"},
    KeyRow{"LOG_BLOCKLIST", One, "Yes", "log what the blocklist drops"},
    KeyRow{"LOG_INVALID", One, "Yes", "log packets in state INVALID"},
    KeyRow{"LOG_NO_SYN", One, "Yes", "log new TCP connections without SYN"},
    KeyRow{"LOG_PROBES", One, "Yes", "log TCP packets with impossible flags"},
    KeyRow{"LOG_FRAG", One, "Yes", "log fragments"},
    KeyRow{"DROP_INVALID", One, "Yes", "drop packets in state INVALID"},
    KeyRow{"CONNTRACK_ACCOUNTING", One, "Yes", "count packets and bytes of each connection"},
    KeyRow{"USE_SYN_LIMIT", One, "Yes", "limit new TCP connections of a source"},
    KeyRow{"SYN_LIMIT", One, "10", "new TCP connections a second"},
    KeyRow{"SYN_LIMIT_BURST", One, "20", "new TCP connections at once"},
    KeyRow{"USE_UDP_LIMIT", One, "Yes", "limit new UDP flows of a source"},
    KeyRow{"UDP_LIMIT", One, "15", "new UDP flows a second"},
    KeyRow{"UDP_LIMIT_BURST", One, "45", "new UDP flows at once"},
    KeyRow{"PROTECT_SYNCOOKIE", One, "Yes", "answer SYN floods with cookies"},
    KeyRow{"PROTECT_ECHOBROADCAST", One, "Yes", "do not answer pings to broadcast addresses"},
    KeyRow{"NFGRP", One, "8", "NFLOG group of all log rules"},
    KeyRow{"LOG_TRAFFIC", One, "Yes", "the daemon writes what rules log into a file of LOGDIR"},
    KeyRow{"LOG_NEW_CONNECTIONS", One, "No", "the daemon writes connections that begin into a file of LOGDIR"},
    KeyRow{"LOG_CONNECTIONS", One, "No", "the daemon writes connections that end into a file of LOGDIR"},
    KeyRow{"LOGDIR", One, "/var/log/vuurmuur", "directory of the logs"},
    KeyRow{"LOG_FORMAT", One, "text", "form of the logs: text (traffic.log) or json (traffic.json)"},
    KeyRow{"LOG_SIZE", One, "64", "megabytes of one file of the log, 0 for no limit"},
    KeyRow{"LOG_KEPT", One, "4", "older files of the log that are kept"},
    KeyRow{"LOG_JOURNAL", One, "No", "the daemon tells the journal of systemd what rules log"},
    KeyRow{"CONNMARK_MASK", One, "0x3ffff000", "bits of the connection mark that are ours"},
    KeyRow{"CONNMARK_FOREIGN", Many, "", "bits of the connection mark that other programs use"},
    KeyRow{"BACKEND", One, "auto", "rule engine of the kernel: auto, xtables or nft"},
    KeyRow{"DRIFT", One, "repair", "rules that another program changed: repair or warn"},
    KeyRow{"BAIT", Many, "", "hosts that attackers can be led to: HOST.NETWORK.ZONE or HOST.NETWORK.ZONE:PORT"},
    KeyRow{"DNS_SERVER", Many, "", "servers that are asked for names; none: those of /etc/resolv.conf"},
    KeyRow{"DNS_TTL_MIN", One, "30", "seconds that an answer of DNS holds at least"},
    KeyRow{"DNS_TTL_MAX", One, "3600", "seconds that an answer of DNS holds at most"},
    KeyRow{"MAX_PERMISSION", One, "700", "most permissions of files that are made, octal"},
    KeyRow{"DYN_INT_CHECK", One, "No", "look for changed addresses of dynamic interfaces"},
    KeyRow{"DYN_INT_INTERVAL", One, "30", "seconds between two looks"},
    KeyRow{"LOAD_MODULES", One, "Yes", "load kernel modules that are needed"},
    KeyRow{"MODULES_WAIT_TIME", One, "0", "pause after loading a module, in tenths of a second"},
    KeyRow{"SERVICES_BACKEND", Kept, "", "of the original"},
    KeyRow{"ZONES_BACKEND", Kept, "", "of the original"},
    KeyRow{"INTERFACES_BACKEND", Kept, "", "of the original"},
    KeyRow{"RULES_BACKEND", Kept, "", "of the original"},
    KeyRow{"SYSCTL", Kept, "", "of the original"},
    KeyRow{"IPTABLES", Kept, "", "of the original"},
    KeyRow{"IPTABLES_RESTORE", Kept, "", "of the original"},
    KeyRow{"IP6TABLES", Kept, "", "of the original"},
    KeyRow{"IP6TABLES_RESTORE", Kept, "", "of the original"},
    KeyRow{"TC", Kept, "", "of the original"},
    KeyRow{"CONNTRACK", Kept, "", "of the original"},
    KeyRow{"MODPROBE", Kept, "", "of the original"},
    KeyRow{"LOG_TCP_OPTIONS", Kept, "", "of the original"},
};

constexpr std::array kInterface{
    kActive,
    KeyRow{"IPADDRESS", Many, "", "addresses, or 'dynamic'"},
    KeyRow{"DEVICE", One, "", "network device"},
    KeyRow{"INTERFACE", One, "", "old name of DEVICE"},
    KeyRow{"VIRTUAL", One, "No", "whether the device is an alias of another"},
    KeyRow{"IPV6ADDRESS", Many, "", "IPv6 addresses, or 'dynamic'"},
    KeyRow{"RULE", Many, "", "protections: protect against source-routed-packets, …"},
    KeyRow{"SHAPE", One, "No", "whether traffic is shaped"},
    KeyRow{"BW_IN", One, "", "incoming bandwidth"},
    KeyRow{"BW_IN_UNIT", One, "", "kbit or mbit"},
    KeyRow{"BW_OUT", One, "", "outgoing bandwidth"},
    KeyRow{"BW_OUT_UNIT", One, "", "kbit or mbit"},
    KeyRow{"TCPMSS", One, "No", "clamp the segment size of TCP to the path's"},
    kComment,
};

constexpr std::array kZone{kActive, kComment};

constexpr std::array kNetwork{
    kActive,
    KeyRow{"NETWORK", Many, "", "IPv4 network, or 'dynamic'; with a prefix length any network"},
    KeyRow{"NETMASK", Many, "", "its netmask, the nth of the nth NETWORK"},
    KeyRow{"IPV6NETWORK", Many, "", "IPv6 network, or 'dynamic'"},
    KeyRow{"IPV6CIDR", Many, "", "its prefix length, the nth of the nth IPV6NETWORK"},
    KeyRow{"INTERFACE", Many, "", "interfaces it is reached by"},
    KeyRow{"RULE", Many, "", "accept dhcp-client, accept dhcp-server, protect against spoofing from …"},
    kComment,
};

constexpr std::array kHost{
    kActive,
    KeyRow{"ADDRESS", Many, "", "addresses, or names of which DNS tells them"},
    KeyRow{"IPADDRESS", Many, "", "addresses, or names of which DNS tells the IPv4 addresses"},
    KeyRow{"MAC", One, "", "Ethernet address, or 'none'"},
    KeyRow{"IPV6ADDRESS", Many, "", "IPv6 addresses, or names of which DNS tells them"},
    kComment,
};

constexpr std::array kGroup{
    kActive,
    KeyRow{"MEMBER", Many, "", "hosts of the same network"},
    kComment,
};

constexpr std::array kService{
    kActive,
    KeyRow{"RANGE", Many, "", "protocol;destination ports*source ports"},
    KeyRow{"TCP", Many, "", "old form of RANGE: destination ports*source ports"},
    KeyRow{"UDP", Many, "", "old form of RANGE: destination ports*source ports"},
    KeyRow{"ICMP", Many, "", "old form of RANGE: type:code"},
    KeyRow{"GRE", Many, "", "old form of RANGE: anything for protocol 47"},
    KeyRow{"AH", Many, "", "old form of RANGE: anything for protocol 51"},
    KeyRow{"ESP", Many, "", "old form of RANGE: anything for protocol 50"},
    KeyRow{"PROTO_41", Many, "", "old form of RANGE: anything for protocol 41"},
    KeyRow{"HELPER", One, "", "conntrack helper"},
    KeyRow{"BROADCAST", One, "No", "whether it also goes to broadcast addresses"},
    KeyRow{"CATEGORY", Many, "", "what kind of service it is: mail, web, …"},
    KeyRow{"ALIAS", Many, "", "another usual name, by which it is found"},
    kComment,
};

constexpr std::array kRules{KeyRow{"RULE", Many, "", "a rule"}};
constexpr std::array kBlocklist{KeyRow{"RULE", Many, "", "block ADDRESS, block HOST, block GROUP"}};

}  // namespace

std::span<const KeyRow> keys_of(FileType type) {
  switch (type) {
    case FileType::Settings: return kSettings;
    case FileType::Interface: return kInterface;
    case FileType::Zone: return kZone;
    case FileType::Network: return kNetwork;
    case FileType::Host: return kHost;
    case FileType::Group: return kGroup;
    case FileType::Service: return kService;
    case FileType::Rules: return kRules;
    case FileType::Blocklist: return kBlocklist;
  }
  return {};
}

KeyCase key_case(FileType type) { return type == FileType::Settings ? KeyCase::Significant : KeyCase::Ignored; }

}  // namespace vuurmuur::config
