// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/field_looks.h"

#include <algorithm>
#include <array>

#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using config::FileType;
using ui::to_translate;
using enum Shape;

constexpr const char* kActive = to_translate("Active");
constexpr const char* kComment = to_translate("Comment");
constexpr const char* kShaping = to_translate("Shaping");
constexpr const char* kGeneral = to_translate("General");
constexpr const char* kConnections = to_translate("Connections");
constexpr const char* kInterfaces = to_translate("Interfaces");
constexpr const char* kProtection = to_translate("Protection");
constexpr const char* kConntrack = to_translate("Connection tracking");
constexpr const char* kLogging = to_translate("Logging");
constexpr const char* kMarks = to_translate("Marks");
constexpr const char* kDns = to_translate("DNS");
constexpr const char* kDhcp = to_translate("DHCP");
constexpr const char* kSpoofing = to_translate("Sources that are not let in");

// Sorted by type: looks_of() gives a run of it.
constexpr std::array kLooks{
    FieldLook{FileType::Settings, "BACKEND", Choice, to_translate("Rule engine"), kGeneral, false, "auto xtables nft"},
    FieldLook{FileType::Settings, "DRIFT", Choice, to_translate("Changes of others"), kGeneral, false, "repair warn"},
    FieldLook{FileType::Settings, "LOAD_MODULES", Toggle, to_translate("Load modules"), kGeneral},
    FieldLook{FileType::Settings, "MODULES_WAIT_TIME", Text, to_translate("Pause after loading"), kGeneral},
    FieldLook{FileType::Settings, "MAX_PERMISSION", Text, to_translate("Most permissions"), kGeneral},
    FieldLook{FileType::Settings, "USE_SYN_LIMIT", Toggle, to_translate("Limit TCP"), kConnections},
    FieldLook{FileType::Settings, "SYN_LIMIT", Text, to_translate("TCP a second"), kConnections},
    FieldLook{FileType::Settings, "SYN_LIMIT_BURST", Text, to_translate("TCP at once"), kConnections},
    FieldLook{FileType::Settings, "USE_UDP_LIMIT", Toggle, to_translate("Limit UDP"), kConnections},
    FieldLook{FileType::Settings, "UDP_LIMIT", Text, to_translate("UDP a second"), kConnections},
    FieldLook{FileType::Settings, "UDP_LIMIT_BURST", Text, to_translate("UDP at once"), kConnections},
    FieldLook{FileType::Settings, "DYN_INT_CHECK", Toggle, to_translate("Watch addresses"), kInterfaces},
    FieldLook{FileType::Settings, "DYN_INT_INTERVAL", Text, to_translate("Look every"), kInterfaces},
    FieldLook{FileType::Settings, "PROTECT_SYNCOOKIE", Toggle, to_translate("SYN cookies"), kProtection},
    FieldLook{FileType::Settings, "PROTECT_ECHOBROADCAST", Toggle, to_translate("No broadcast pings"), kProtection},
    FieldLook{FileType::Settings, "DROP_INVALID", Toggle, to_translate("Drop invalid"), kConntrack},
    FieldLook{FileType::Settings, "CONNTRACK_ACCOUNTING", Toggle, to_translate("Count bytes"), kConntrack},
    FieldLook{FileType::Settings, "NFGRP", Text, to_translate("NFLOG group"), kLogging},
    FieldLook{FileType::Settings, "LOG_TRAFFIC", Toggle, to_translate("Into a file"), kLogging},
    FieldLook{FileType::Settings, "LOG_NEW_CONNECTIONS", Toggle, to_translate("New connections"), kLogging},
    FieldLook{FileType::Settings, "LOG_CONNECTIONS", Toggle, to_translate("Ended connections"), kLogging},
    FieldLook{FileType::Settings, "LOGDIR", Text, to_translate("Directory"), kLogging},
    FieldLook{FileType::Settings, "LOG_FORMAT", Choice, to_translate("Form"), kLogging, false, "text json"},
    FieldLook{FileType::Settings, "LOG_SIZE", Text, to_translate("Megabytes of a file"), kLogging},
    FieldLook{FileType::Settings, "LOG_KEPT", Text, to_translate("Older files"), kLogging},
    FieldLook{FileType::Settings, "LOG_JOURNAL", Toggle, to_translate("Into the journal"), kLogging},
    FieldLook{FileType::Settings, "LOG_POLICY", Toggle, to_translate("Undecided"), kLogging},
    FieldLook{FileType::Settings, "LOG_POLICY_LIMIT", Text, to_translate("Undecided a second"), kLogging},
    FieldLook{FileType::Settings, "LOG_BLOCKLIST", Toggle, to_translate("Blocklist"), kLogging},
    FieldLook{FileType::Settings, "LOG_INVALID", Toggle, to_translate("Invalid"), kLogging},
    FieldLook{FileType::Settings, "LOG_NO_SYN", Toggle, to_translate("TCP without SYN"), kLogging},
    FieldLook{FileType::Settings, "LOG_PROBES", Toggle, to_translate("Probes"), kLogging},
    FieldLook{FileType::Settings, "LOG_FRAG", Toggle, to_translate("Fragments"), kLogging},
    FieldLook{FileType::Settings, "CONNMARK_MASK", Text, to_translate("Our bits"), kMarks},
    FieldLook{FileType::Settings, "CONNMARK_FOREIGN", List, to_translate("Bits of others"), kMarks},
    FieldLook{FileType::Settings, "BAIT", Elsewhere, ""},
    FieldLook{FileType::Settings, "DNS_SERVER", List, to_translate("Servers"), kDns},
    FieldLook{FileType::Settings, "DNS_TTL_MIN", Text, to_translate("Holds at least"), kDns},
    FieldLook{FileType::Settings, "DNS_TTL_MAX", Text, to_translate("Holds at most"), kDns},

    FieldLook{FileType::Interface, "ACTIVE", Toggle, kActive},
    FieldLook{FileType::Interface, "DEVICE", Text, to_translate("Device")},
    FieldLook{FileType::Interface, "INTERFACE", Elsewhere, ""},
    FieldLook{FileType::Interface, "IPADDRESS", List, to_translate("Addresses")},
    FieldLook{FileType::Interface, "IPV6ADDRESS", List, to_translate("IPv6 addresses")},
    FieldLook{FileType::Interface, "VIRTUAL", Toggle, to_translate("Virtual")},
    FieldLook{FileType::Interface, "TCPMSS", Toggle, to_translate("Clamp TCP MSS")},
    FieldLook{FileType::Interface, "COMMENT", Text, kComment},
    FieldLook{FileType::Interface, "RULE", Statements, to_translate("Other statements"), kProtection},
    FieldLook{FileType::Interface, "SHAPE", Toggle, to_translate("Shape traffic"), kShaping},
    FieldLook{FileType::Interface, "BW_IN", Text, to_translate("In"), kShaping},
    FieldLook{FileType::Interface, "BW_IN_UNIT", Choice, to_translate("In, unit"), kShaping, false, "- kbit mbit"},
    FieldLook{FileType::Interface, "BW_OUT", Text, to_translate("Out"), kShaping},
    FieldLook{FileType::Interface, "BW_OUT_UNIT", Choice, to_translate("Out, unit"), kShaping, false, "- kbit mbit"},

    FieldLook{FileType::Zone, "ACTIVE", Toggle, kActive},
    FieldLook{FileType::Zone, "COMMENT", Text, kComment},

    FieldLook{FileType::Network, "ACTIVE", Toggle, kActive},
    FieldLook{FileType::Network, "NETWORK", Networks, to_translate("Networks"), "", false, "", "NETMASK"},
    FieldLook{FileType::Network, "NETMASK", Elsewhere, ""},
    FieldLook{FileType::Network, "IPV6NETWORK", Networks, to_translate("IPv6 networks"), "", false, "", "IPV6CIDR"},
    FieldLook{FileType::Network, "IPV6CIDR", Elsewhere, ""},
    FieldLook{FileType::Network, "INTERFACE", Names, to_translate("Interfaces")},
    FieldLook{FileType::Network, "COMMENT", Text, kComment},
    FieldLook{FileType::Network, "RULE", Statements, to_translate("Other statements"), kSpoofing},

    FieldLook{FileType::Host, "ACTIVE", Toggle, kActive},
    FieldLook{FileType::Host, "IPADDRESS", List, to_translate("Addresses")},
    FieldLook{FileType::Host, "IPV6ADDRESS", List, to_translate("IPv6 addresses")},
    FieldLook{FileType::Host, "ADDRESS", List, to_translate("Of both families"), "", true},
    FieldLook{FileType::Host, "MAC", Text, to_translate("MAC address")},
    FieldLook{FileType::Host, "COMMENT", Text, kComment},

    FieldLook{FileType::Group, "ACTIVE", Toggle, kActive},
    FieldLook{FileType::Group, "MEMBER", Names, to_translate("Members")},
    FieldLook{FileType::Group, "COMMENT", Text, kComment},

    FieldLook{FileType::Service, "ACTIVE", Toggle, kActive},
    FieldLook{FileType::Service, "HELPER", Text, to_translate("Helper")},
    FieldLook{FileType::Service, "BROADCAST", Toggle, to_translate("Broadcast")},
    FieldLook{FileType::Service, "CATEGORY", List, to_translate("Categories")},
    FieldLook{FileType::Service, "ALIAS", List, to_translate("Also called"), "", true},
    FieldLook{FileType::Service, "COMMENT", Text, kComment},
    FieldLook{FileType::Service, "RANGE", Elsewhere, ""},
    FieldLook{FileType::Service, "TCP", Elsewhere, ""},
    FieldLook{FileType::Service, "UDP", Elsewhere, ""},
    FieldLook{FileType::Service, "ICMP", Elsewhere, ""},
    FieldLook{FileType::Service, "GRE", Elsewhere, ""},
    FieldLook{FileType::Service, "AH", Elsewhere, ""},
    FieldLook{FileType::Service, "ESP", Elsewhere, ""},
    FieldLook{FileType::Service, "PROTO_41", Elsewhere, ""},
};
static_assert(std::ranges::is_sorted(kLooks, {}, &FieldLook::type));

constexpr std::array kStatements{
    StatementLook{FileType::Interface, "protect against source-routed-packets", to_translate("Source routing"),
                  to_translate("packets that say which way they want to go are dropped"), kProtection},
    StatementLook{FileType::Interface, "protect against icmp-redirect", to_translate("ICMP redirects"),
                  to_translate("what others say about better ways is not believed"), kProtection},
    StatementLook{FileType::Interface, "protect against send-redirect", to_translate("Sent redirects"),
                  to_translate("others are not told about better ways"), kProtection},
    StatementLook{FileType::Interface, "protect against rp-filter", to_translate("Wrong way in"),
                  to_translate("packets whose answers would leave another way are dropped (rp_filter)"), kProtection},
    StatementLook{FileType::Interface, "protect against log-martians", to_translate("Log martians"),
                  to_translate("packets with impossible addresses are told of in the kernel's log"), kProtection},

    StatementLook{FileType::Network, "accept dhcp-client", to_translate("DHCP client"),
                  to_translate("this machine gets its address here by DHCP"), kDhcp},
    StatementLook{FileType::Network, "accept dhcp-server", to_translate("DHCP server"),
                  to_translate("this machine gives addresses here by DHCP"), kDhcp},
    StatementLook{FileType::Network, "protect against spoofing from loopback", "loopback",
                  to_translate("127.0.0.0/8 and ::1: this machine itself"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from class-a", "class-a",
                  to_translate("10.0.0.0/8 and fc00::/7: private"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from class-b", "class-b",
                  to_translate("172.16.0.0/12 and fc00::/7: private"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from class-c", "class-c",
                  to_translate("192.168.0.0/16 and fc00::/7: private"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from class-d", "class-d",
                  to_translate("224.0.0.0/4 and ff00::/8: multicast"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from class-e", "class-e",
                  to_translate("240.0.0.0/5: reserved"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from test-net", "test-net",
                  to_translate("192.0.2.0/24 and 2001:db8::/32: documentation"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from lnk-loc-net", "lnk-loc-net",
                  to_translate("169.254.0.0/16: link-local"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from iana-0/8", "iana-0/8",
                  to_translate("0.0.0.0/8: this network"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from brdcst-src", "brdcst-src",
                  to_translate("0.0.0.0: no source"), kSpoofing},
    StatementLook{FileType::Network, "protect against spoofing from brdcst-dst", "brdcst-dst",
                  to_translate("255.255.255.255: the broadcast address"), kSpoofing},
};
static_assert(std::ranges::is_sorted(kStatements, {}, &StatementLook::type));

}  // namespace

std::span<const FieldLook> looks_of(FileType type) {
  const auto run = std::ranges::equal_range(kLooks, type, {}, &FieldLook::type);
  return {run.begin(), run.end()};
}

std::span<const StatementLook> statements_of(FileType type) {
  const auto run = std::ranges::equal_range(kStatements, type, {}, &StatementLook::type);
  return {run.begin(), run.end()};
}

}  // namespace vuurmuur::screens
