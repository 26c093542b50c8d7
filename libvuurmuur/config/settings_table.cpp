// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/settings_table.h"

#include <array>

namespace vuurmuur::config {
namespace {

using model::Settings;
using BoolAt = bool& (*)(Settings&);

// xt_limit counts in units of 0.1 ms (linux/netfilter/xt_limit.h: XT_LIMIT_SCALE), hashlimit in millionths of a second.
constexpr std::uint32_t kMostPerSecond = 10000;
constexpr std::uint32_t kMostHashlimit = 1000000;
// A week: whoever needs an answer for longer writes the address.
constexpr std::uint32_t kMostTtl = 604'800;
// A terabyte, and files as many as anybody looks through.
constexpr std::uint32_t kMostMegabytes = 1u << 20;
constexpr std::uint32_t kMostKept = 1000;

BoolAt flag(BoolAt at) { return at; }

}  // namespace

std::span<const SettingRow> setting_rows() {
  static const std::array rows{
      SettingRow{"LOG_POLICY", flag([](Settings& s) -> bool& { return s.log_policy; })},
      SettingRow{"LOG_POLICY_LIMIT",
                 NumberSetting{[](Settings& s) -> std::uint32_t& { return s.log_policy_limit; }, 0, kMostPerSecond}},
      SettingRow{"LOG_BLOCKLIST", flag([](Settings& s) -> bool& { return s.log_blocklist; })},
      SettingRow{"LOG_INVALID", flag([](Settings& s) -> bool& { return s.log_invalid; })},
      SettingRow{"LOG_NO_SYN", flag([](Settings& s) -> bool& { return s.log_no_syn; })},
      SettingRow{"LOG_PROBES", flag([](Settings& s) -> bool& { return s.log_probes; })},
      SettingRow{"LOG_FRAG", flag([](Settings& s) -> bool& { return s.log_fragments; })},
      SettingRow{"LOG_TRAFFIC", flag([](Settings& s) -> bool& { return s.log_traffic; })},
      SettingRow{"LOG_JOURNAL", flag([](Settings& s) -> bool& { return s.log_journal; })},
      SettingRow{"LOG_NEW_CONNECTIONS", flag([](Settings& s) -> bool& { return s.log_new_connections; })},
      SettingRow{"LOG_CONNECTIONS", flag([](Settings& s) -> bool& { return s.log_connections; })},
      SettingRow{"LOG_SIZE", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.log_size; }, 0, kMostMegabytes}},
      SettingRow{"LOG_KEPT", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.log_kept; }, 0, kMostKept}},
      SettingRow{"DROP_INVALID", flag([](Settings& s) -> bool& { return s.drop_invalid; })},
      SettingRow{"CONNTRACK_ACCOUNTING", flag([](Settings& s) -> bool& { return s.conntrack_accounting; })},
      SettingRow{"USE_SYN_LIMIT", flag([](Settings& s) -> bool& { return s.syn_limit.enabled; })},
      SettingRow{"SYN_LIMIT", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.syn_limit.per_second; }, 1,
                                            kMostHashlimit}},
      SettingRow{"SYN_LIMIT_BURST",
                 NumberSetting{[](Settings& s) -> std::uint32_t& { return s.syn_limit.burst; }, 1, kMostHashlimit}},
      SettingRow{"USE_UDP_LIMIT", flag([](Settings& s) -> bool& { return s.udp_limit.enabled; })},
      SettingRow{"UDP_LIMIT", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.udp_limit.per_second; }, 1,
                                            kMostHashlimit}},
      SettingRow{"UDP_LIMIT_BURST",
                 NumberSetting{[](Settings& s) -> std::uint32_t& { return s.udp_limit.burst; }, 1, kMostHashlimit}},
      SettingRow{"PROTECT_SYNCOOKIE", flag([](Settings& s) -> bool& { return s.protect_syncookie; })},
      SettingRow{"PROTECT_ECHOBROADCAST", flag([](Settings& s) -> bool& { return s.protect_echo_broadcast; })},
      SettingRow{"DNS_TTL_MIN", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.dns_ttl_min; }, 1, kMostTtl}},
      SettingRow{"DNS_TTL_MAX", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.dns_ttl_max; }, 1, kMostTtl}},
      SettingRow{"MAX_PERMISSION",
                 NumberSetting{[](Settings& s) -> std::uint32_t& { return s.max_permission; }, 0, 0777, 8}},
      SettingRow{"DYN_INT_CHECK", flag([](Settings& s) -> bool& { return s.dynamic_interface_check; })},
      SettingRow{"DYN_INT_INTERVAL",
                 NumberSetting{[](Settings& s) -> std::uint32_t& { return s.dynamic_interface_interval; }, 1}},
      SettingRow{"LOAD_MODULES", flag([](Settings& s) -> bool& { return s.load_modules; })},
      SettingRow{"MODULES_WAIT_TIME", NumberSetting{[](Settings& s) -> std::uint32_t& { return s.modules_wait_time; }}},
  };
  return rows;
}

}  // namespace vuurmuur::config
