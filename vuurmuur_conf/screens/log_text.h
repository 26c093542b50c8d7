// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of the log for people, and as what a filter or a rule asks.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/log_entry.h"
#include "filter/filter.h"
#include "model/policy.h"
#include "screens/reader.h"

namespace vuurmuur::screens {

/// "06:31:02" in the time of this place; what cannot be read stays as it is.
[[nodiscard]] std::string clock_time(const std::string& time);
/// The same with the day: "11-26 07:31:02".
[[nodiscard]] std::string day_and_time(const std::string& time);
/// "192.0.2.7:4711", "[2001:db8::7]:22".
[[nodiscard]] std::string with_port(const std::string& address, const std::optional<std::int64_t>& port);
/// "192.0.2.7:4711 -> 192.0.2.1:22 TCP ****S* in wan len 40 ttl 64".
[[nodiscard]] std::string packet_text(const app::LogEntry& entry);
/// Everything that is known of an entry, with the rule that spoke first.
[[nodiscard]] std::vector<TextLine> log_details(const app::LogEntry& entry);

[[nodiscard]] bool lets_through(const filter::Filter& filter, const app::LogEntry& entry);

/// N of "rule N: …"; nothing for what is no rule of the policy.
[[nodiscard]] std::optional<std::uint32_t> rule_number(const std::string& rule);

/// A rule that does the opposite with traffic like this: "accept service ssh from admin.lan to firewall". Fails with
/// the reason when there are no names for it.
[[nodiscard]] base::Result<std::string> opposite_rule(const app::LogEntry& entry);

}  // namespace vuurmuur::screens
