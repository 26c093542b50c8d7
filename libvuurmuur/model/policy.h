// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/located.h"
#include "model/objects.h"
#include "model/rule.h"

namespace vuurmuur::model {

/// A token bucket of config.conf: SYN_LIMIT and UDP_LIMIT.
struct ConnectionLimit {
  bool enabled = true;
  std::uint32_t per_second = 0;
  std::uint32_t burst = 0;
  bool operator==(const ConnectionLimit&) const = default;
};

/// BACKEND: the kernel's rule engine that the rules are loaded into.
enum class Backend : std::uint8_t {
  Auto,     ///< whichever fits
  Xtables,  ///< ip_tables and ip6_tables
  Nft,      ///< nf_tables
};
/// "auto", "xtables", "nft": the words of BACKEND, in the order of the enumerators.
inline constexpr std::array<std::string_view, 3> kBackendWords{"auto", "xtables", "nft"};

/// DRIFT: what the daemon does when another program changed rules of ours.
enum class Drift : std::uint8_t {
  Repair,  ///< tells, and loads the generation in force again
  Warn,    ///< tells
};
/// "repair", "warn": the words of DRIFT, in the order of the enumerators.
inline constexpr std::array<std::string_view, 2> kDriftWords{"repair", "warn"};

/// LOG_FORMAT: how the daemon writes what rules log.
enum class LogFormat : std::uint8_t {
  Text,  ///< traffic.log, lines as those of Vuurmuur 0.8
  Json,  ///< traffic.json, an object a line
};
/// "text", "json": the words of LOG_FORMAT, in the order of the enumerators.
inline constexpr std::array<std::string_view, 2> kLogFormatWords{"text", "json"};

/// DNS_SERVER: a server that is asked for the addresses of names.
struct DnsServer {
  net::Address address;
  std::uint16_t port = 53;
  bool operator==(const DnsServer&) const = default;
};

/// BAIT: a host that those who are baited are led to, at the ports that they ask for or at one port.
struct BaitHost {
  std::string host;  ///< full name
  std::optional<std::uint16_t> port{};
  bool operator==(const BaitHost&) const = default;
};

/// "honeypot.net.dmz", "honeypot.net.dmz:2222": how a bait is named by whoever leads somebody there.
[[nodiscard]] inline std::string to_string(const BaitHost& bait) {
  return bait.port ? bait.host + ":" + std::to_string(*bait.port) : bait.host;
}

/// config.conf. The defaults are those of a missing key.
struct Settings {
  bool log_policy = true;
  std::uint32_t log_policy_limit = 30;  ///< records a second, 0 for no limit
  bool log_blocklist = true;
  bool log_invalid = true;
  bool log_no_syn = true;
  bool log_probes = true;
  bool log_fragments = true;  ///< LOG_FRAG
  bool drop_invalid = true;
  bool conntrack_accounting = true;
  ConnectionLimit syn_limit{true, 10, 20};
  ConnectionLimit udp_limit{true, 15, 45};
  bool protect_syncookie = true;
  bool protect_echo_broadcast = true;
  std::uint16_t log_group = 8;  ///< NFGRP, the NFLOG group of all log rules
  /// Where the daemon writes what rules log: LOG_TRAFFIC into a file of LOGDIR, LOG_JOURNAL into the journal of
  /// systemd.
  bool log_traffic = true, log_journal = false;
  /// LOG_NEW_CONNECTIONS, LOG_CONNECTIONS: whether it writes connections that begin, and such that end.
  bool log_new_connections = false, log_connections = false;
  std::string log_directory = "/var/log/vuurmuur";
  LogFormat log_format = LogFormat::Text;
  std::uint32_t log_size = 64;  ///< LOG_SIZE: megabytes of one file, 0 for no limit
  std::uint32_t log_kept = 4;   ///< LOG_KEPT: older files beside it
  /// CONNMARK_MASK: the bits of the connection mark that are ours; the place is kept for messages.
  Located<std::uint32_t> connmark_mask{0x3ffff000};
  /// CONNMARK_FOREIGN (list): bits of the connection mark that other programs use.
  std::vector<Located<std::uint32_t>> foreign_connmarks;

  /// BAIT (list): the hosts that somebody can be led to.
  std::vector<Located<BaitHost>> baits;

  Backend backend = Backend::Auto;
  Drift drift = Drift::Repair;

  /// DNS_SERVER (list), in the order in which they are asked; empty: those of resolv.conf(5).
  std::vector<Located<DnsServer>> dns_servers;
  /// DNS_TTL_MIN and DNS_TTL_MAX: seconds; an answer's time to live counts as no less and no more.
  std::uint32_t dns_ttl_min = 30, dns_ttl_max = 3600;

  // Read and kept for the original's programs and for later parts of ours.
  std::uint32_t max_permission = 0700;  ///< MAX_PERMISSION, octal
  bool dynamic_interface_check = false;
  std::uint32_t dynamic_interface_interval = 30;  ///< seconds
  bool load_modules = true;
  std::uint32_t modules_wait_time = 0;  ///< tenths of a second
  bool operator==(const Settings&) const = default;
};

/// Everything the user wrote, names not yet resolved. Objects stand in the order of their files' names, rules in file
/// order.
struct Policy {
  Settings settings;
  std::vector<Interface> interfaces;
  std::vector<Service> services;
  std::vector<Zone> zones;
  std::vector<Network> networks;
  std::vector<Host> hosts;
  std::vector<Group> groups;
  std::vector<BlockEntry> blocklist;
  std::vector<Rule> rules;
  /// rules/rules.conf as a whole, for messages about the rules as a list.
  diag::Span rules_file;
  friend bool operator==(const Policy& a, const Policy& b) {
    return a.settings == b.settings && a.interfaces == b.interfaces && a.services == b.services && a.zones == b.zones &&
           a.networks == b.networks && a.hosts == b.hosts && a.groups == b.groups && a.blocklist == b.blocklist &&
           a.rules == b.rules;
  }
};

}  // namespace vuurmuur::model
