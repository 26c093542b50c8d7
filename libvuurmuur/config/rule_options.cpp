// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/rule_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"
#include "config/ranges.h"

namespace vuurmuur::config {
namespace {

using model::Located;
using model::Options;
using model::RateLimit;
using Text = const OptionText&;

template <class T>
using Member = std::optional<Located<T>> Options::*;

// xt_limit's finest step is 0.1 ms and its bucket has 32 bits (linux/netfilter/xt_limit.h); iptables admits no more.
constexpr std::uint32_t kMostPerSecond = 10000;
constexpr std::uint32_t kMostBurst = 10000;

/// Whether a text that is no number of the wanted range is at least a number.
bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <class T>
std::optional<T> number(Text text, std::string_view part, std::uint64_t least, std::uint64_t most,
                        std::string_view expected) {
  const auto value = base::parse_number<std::uint64_t>(part);
  if (value && *value >= least && *value <= most) return static_cast<T>(*value);
  text.expect(expected, is_digits(part) ? "number-out-of-range" : "bad-option-value");
  return std::nullopt;
}

// --- kinds of values ------------------------------------------------------------------------------------------------

template <Member<bool> At>
void read_flag(Text text, Options& options) {
  options.*At = Located<bool>(true, text.whole);
}

template <Member<bool> At>
std::optional<std::string> write_flag(const Options& options) {
  return options.*At ? std::optional(std::string()) : std::nullopt;
}

template <auto At, std::uint64_t Least, std::uint64_t Most>
void read_integer(Text text, Options& options) {
  using T = std::remove_cvref_t<decltype((options.*At)->value)>;
  if (const auto value = number<T>(text, text.value, Least, Most, fmt::format("a number from {} to {}", Least, Most)))
    options.*At = Located<T>(*value, text.whole);
}

template <auto At>
std::optional<std::string> write_integer(const Options& options) {
  if (!(options.*At)) return std::nullopt;
  return fmt::format("{}", +(options.*At)->value);
}

template <Member<std::string> At>
void read_text(Text text, Options& options) {
  options.*At = Located<std::string>(text.value, text.whole);
}

template <Member<std::string> At>
void read_name(Text text, Options& options) {
  if (is_name(text.value)) return read_text<At>(text, options);
  text.expect("a name of letters, digits, '_' and '-'");
}

template <Member<std::string> At>
std::optional<std::string> write_text(const Options& options) {
  if (!(options.*At)) return std::nullopt;
  return (options.*At)->value;
}

void read_chain(Text text, Options& options) {
  const bool has_bad_byte = std::ranges::any_of(
      text.value, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == 0x7f; });
  if (text.value.empty() || has_bad_byte || text.value[0] == '-' || text.value[0] == '!')
    return text.expect("a chain's name without blanks, not beginning with '-' or '!'");
  read_text<&Options::chain>(text, options);
}

using PortList = std::vector<net::PortRange>;

template <Member<PortList> At>
void read_port_list(Text text, Options& options) {
  // Ports hold no character that needs a backslash: the raw text serves, because it knows its place.
  PortList ports;
  const std::size_t errors = text.sink.error_count();
  for (const std::string_view part : base::split(text.raw, ',')) {
    const std::string_view wanted = base::trim(part);
    if (wanted.empty()) return text.expect("ports like 80,90:95");
    if (const auto range = read_ports(text.rule, wanted, text.sink)) ports.push_back(*range);
  }
  if (text.sink.error_count() == errors) options.*At = Located<PortList>(std::move(ports), text.whole);
}

template <Member<PortList> At>
std::optional<std::string> write_port_list(const Options& options) {
  if (!(options.*At)) return std::nullopt;
  std::vector<std::string> parts;
  for (const net::PortRange& range : (options.*At)->value) parts.push_back(ports_to_text(range));
  return base::join(parts, ",");
}

// --- options with a form of their own -------------------------------------------------------------------------------

struct UnitRow {
  std::string_view name;
  RateLimit::Unit unit;
  std::uint32_t seconds;
};

// The first name of a unit is the one that is written.
constexpr std::array kUnits{
    UnitRow{"sec", RateLimit::Unit::Second, 1},      UnitRow{"s", RateLimit::Unit::Second, 1},
    UnitRow{"second", RateLimit::Unit::Second, 1},   UnitRow{"seconds", RateLimit::Unit::Second, 1},
    UnitRow{"secs", RateLimit::Unit::Second, 1},     UnitRow{"min", RateLimit::Unit::Minute, 60},
    UnitRow{"m", RateLimit::Unit::Minute, 60},       UnitRow{"minute", RateLimit::Unit::Minute, 60},
    UnitRow{"minutes", RateLimit::Unit::Minute, 60}, UnitRow{"mins", RateLimit::Unit::Minute, 60},
    UnitRow{"hour", RateLimit::Unit::Hour, 3600},    UnitRow{"h", RateLimit::Unit::Hour, 3600},
    UnitRow{"hours", RateLimit::Unit::Hour, 3600},   UnitRow{"day", RateLimit::Unit::Day, 86400},
    UnitRow{"d", RateLimit::Unit::Day, 86400},       UnitRow{"days", RateLimit::Unit::Day, 86400},
};

void read_limit(Text text, Options& options) {
  constexpr std::string_view kExpected = "a number, or one like 4/sec, 4/min, 4/hour or 4/day";
  const std::string_view value = text.value;
  const std::size_t slash = value.find('/');
  const UnitRow* unit = &kUnits[0];
  if (slash != std::string_view::npos) {
    const std::string_view name = base::trim(value.substr(slash + 1));
    const auto found =
        std::ranges::find_if(kUnits, [&](const UnitRow& row) { return base::equals_ignoring_case(row.name, name); });
    if (found == kUnits.end()) return text.expect(kExpected);
    unit = found;
  }
  const std::uint64_t most = std::uint64_t{kMostPerSecond} * unit->seconds;
  const std::string_view count_text = base::trim(value.substr(0, slash));
  if (!is_digits(count_text)) return text.expect(kExpected);
  const auto count = number<std::uint32_t>(text, count_text, 0, most, fmt::format("at most {}/{}", most, unit->name));
  if (count) options.limit = Located<RateLimit>({*count, unit->unit}, text.whole);
}

std::optional<std::string> write_limit(const Options& options) {
  if (!options.limit) return std::nullopt;
  const auto row = std::ranges::find(kUnits, (*options.limit)->unit, &UnitRow::unit);
  return fmt::format("{}/{}", (*options.limit)->count, row->name);
}

constexpr std::array kRejectTypes{
    model::RejectType::NetUnreachable,  model::RejectType::HostUnreachable, model::RejectType::ProtoUnreachable,
    model::RejectType::PortUnreachable, model::RejectType::NetProhibited,   model::RejectType::HostProhibited,
    model::RejectType::AdminProhibited, model::RejectType::TcpReset,
};

void read_reject_type(Text text, Options& options) {
  std::vector<std::string_view> names;
  for (const model::RejectType type : kRejectTypes) {
    names.push_back(to_string(type));
    if (!base::equals_ignoring_case(to_string(type), text.value)) continue;
    options.reject_type = Located<model::RejectType>(type, text.whole);
    return;
  }
  text.sink
      .error("unknown-reject-type", text.rule.span(text.raw), fmt::format("unknown reject type {}", quoted(text.value)))
      .suggestion = base::nearest(text.value, names);
}

std::optional<std::string> write_reject_type(const Options& options) {
  if (!options.reject_type) return std::nullopt;
  return std::string(to_string(options.reject_type->value));
}

template <Member<model::PacketMark> At>
void read_mark(Text text, Options& options) {
  constexpr std::string_view kExpected = "a number of 32 bits, decimal or 0x…, with a /mask or without";
  const std::string_view value = text.value;
  const std::size_t slash = value.find('/');
  const auto mark = base::parse_unsigned(base::trim(value.substr(0, slash)));
  const auto mask = slash == std::string_view::npos ? std::optional(0xffffffffULL)
                                                    : base::parse_unsigned(base::trim(value.substr(slash + 1)));
  if (!mark || !mask || *mark > 0xffffffff || *mask > 0xffffffff) return text.expect(kExpected);
  options.*At =
      Located<model::PacketMark>({static_cast<std::uint32_t>(*mark), static_cast<std::uint32_t>(*mask)}, text.whole);
}

template <Member<model::PacketMark> At>
std::optional<std::string> write_mark(const Options& options) {
  if (!(options.*At)) return std::nullopt;
  const model::PacketMark& mark = (options.*At)->value;
  return mark.mask == 0xffffffff ? fmt::format("{}", mark.value) : fmt::format("{:#x}/{:#x}", mark.value, mark.mask);
}

void read_queue(Text text, Options& options) {
  constexpr std::string_view kExpected = "a number from 0 to 65535 or a range N:M of them";
  const std::string_view value = text.value;
  const std::size_t colon = value.find(':');
  const auto first = number<std::uint16_t>(text, base::trim(value.substr(0, colon)), 0, 65535, kExpected);
  if (!first) return;
  std::uint16_t last = *first;
  if (colon != std::string_view::npos) {
    const auto end = number<std::uint16_t>(text, base::trim(value.substr(colon + 1)), 0, 65535, kExpected);
    if (!end) return;
    last = *end;
  }
  if (last < *first) return text.expect("a range N:M whose M is not below N", "reversed-range");
  options.queue = Located<model::QueueRange>({*first, last}, text.whole);
}

std::optional<std::string> write_queue(const Options& options) {
  if (!options.queue) return std::nullopt;
  const auto [first, last] = options.queue->value;
  return first == last ? fmt::format("{}", first) : fmt::format("{}:{}", first, last);
}

template <Member<model::Rate> At>
void read_rate(Text text, Options& options) {
  constexpr std::array<std::string_view, 4> kRateUnits{"kbit", "mbit", "kbps", "mbps"};
  const std::string_view value = text.value;
  const std::size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
  const auto amount = base::parse_number<std::uint64_t>(value.substr(0, digits));
  const std::string unit = base::to_lower(value.substr(digits));
  if (!amount || std::ranges::find(kRateUnits, unit) == kRateUnits.end())
    return text.expect("a rate like 200kbit, 2mbit, 40kbps or 1mbps");
  options.*At = Located<model::Rate>({*amount, unit}, text.whole);
}

template <Member<model::Rate> At>
std::optional<std::string> write_rate(const Options& options) {
  if (!(options.*At)) return std::nullopt;
  return fmt::format("{}{}", (options.*At)->value.value, (options.*At)->value.unit);
}

// The order is the one in which options are written.
constexpr std::array kRows{
    OptionRow{{"in_int", "INTERFACE", "only what comes in by this interface"},
              read_name<&Options::in_interface>,
              write_text<&Options::in_interface>},
    OptionRow{{"out_int", "INTERFACE", "only what leaves by this interface"},
              read_name<&Options::out_interface>,
              write_text<&Options::out_interface>},
    OptionRow{{"via_int", "INTERFACE", "the interface whose address a bounce rule takes over"},
              read_name<&Options::via_interface>,
              write_text<&Options::via_interface>},
    OptionRow{{"log", "", "log before the verdict"}, read_flag<&Options::log>, write_flag<&Options::log>},
    OptionRow{{"loglimit", "N", "log records a second, 0 for no limit"},
              read_integer<&Options::log_limit, 0, kMostPerSecond>,
              write_integer<&Options::log_limit>},
    OptionRow{{"logprefix", "TEXT", "begins the log record"},
              read_text<&Options::log_prefix>,
              write_text<&Options::log_prefix>},
    OptionRow{{"limit", "N[/sec|/min|/hour|/day]", "how often the verdict is given"}, read_limit, write_limit},
    OptionRow{{"burst", "N", "how often at once, with limit"},
              read_integer<&Options::burst, 1, kMostBurst>,
              write_integer<&Options::burst>},
    OptionRow{{"rejecttype", "TYPE", "how a reject rule answers"}, read_reject_type, write_reject_type},
    OptionRow{{"redirectport", "PORT", "local port of a redirect rule"},
              read_integer<&Options::redirect_port, 1, 65535>,
              write_integer<&Options::redirect_port>},
    OptionRow{{"listenport", "PORTS", "ports to listen on instead of the service's"},
              read_port_list<&Options::listen_ports>,
              write_port_list<&Options::listen_ports>},
    OptionRow{{"remoteport", "PORTS", "ports of the host that is forwarded to"},
              read_port_list<&Options::remote_ports>,
              write_port_list<&Options::remote_ports>},
    OptionRow{{"nfmark", "MARK[/MASK]", "packet mark of every packet of the connection"},
              read_mark<&Options::nfmark>,
              write_mark<&Options::nfmark>},
    OptionRow{{"chain", "NAME", "the chain of a chain rule"}, read_chain, write_text<&Options::chain>},
    OptionRow{{"nfqueuenum", "N[:M]", "queue, or queues to balance over"}, read_queue, write_queue},
    OptionRow{{"bypass", "", "accept when nobody listens on the queue"},
              read_flag<&Options::queue_bypass>,
              write_flag<&Options::queue_bypass>},
    OptionRow{{"fanout", "", "spread over the queues by CPU"},
              read_flag<&Options::queue_fanout>,
              write_flag<&Options::queue_fanout>},
    OptionRow{{"release", "MARK[/MASK]", "packet mark with which the program gives a connection back"},
              read_mark<&Options::queue_release>,
              write_mark<&Options::queue_release>},
    OptionRow{{"dropurg", "", "drop TCP packets with URG instead of queueing them"},
              read_flag<&Options::queue_drop_urgent>,
              write_flag<&Options::queue_drop_urgent>},
    OptionRow{{"nflognum", "N", "log group of an nflog rule"},
              read_integer<&Options::log_group, 0, 65535>,
              write_integer<&Options::log_group>},
    OptionRow{{"random", "", "random source ports for NAT"}, read_flag<&Options::random>, write_flag<&Options::random>},
    OptionRow{{"in_max", "RATE", "most incoming bandwidth"}, read_rate<&Options::in_max>, write_rate<&Options::in_max>},
    OptionRow{
        {"in_min", "RATE", "guaranteed incoming bandwidth"}, read_rate<&Options::in_min>, write_rate<&Options::in_min>},
    OptionRow{
        {"out_max", "RATE", "most outgoing bandwidth"}, read_rate<&Options::out_max>, write_rate<&Options::out_max>},
    OptionRow{{"out_min", "RATE", "guaranteed outgoing bandwidth"},
              read_rate<&Options::out_min>,
              write_rate<&Options::out_min>},
    OptionRow{{"prio", "1-255", "priority of shaping"},
              read_integer<&Options::priority, 1, 255>,
              write_integer<&Options::priority>},
    OptionRow{{"comment", "TEXT", "a remark"}, read_text<&Options::comment>, write_text<&Options::comment>},
};

constexpr std::string_view kOldInInterface = "int";
constexpr std::array<std::string_view, 2> kObsolete{"markiptstate", "queue"};

}  // namespace

void OptionText::expect(std::string_view what, std::string_view code) const {
  sink.error(std::string(code), rule.span(raw),
             fmt::format("option '{}' expects {}, not {}", name, what, quoted(value)));
}

std::span<const OptionRow> option_rows() { return kRows; }

const OptionRow* find_option(std::string_view name) {
  if (base::equals_ignoring_case(name, kOldInInterface)) name = "in_int";
  const auto found = std::ranges::find_if(
      kRows, [&](const OptionRow& row) { return base::equals_ignoring_case(row.help.name, name); });
  return found == kRows.end() ? nullptr : &*found;
}

bool is_obsolete_option(std::string_view name) {
  return std::ranges::any_of(kObsolete, [&](std::string_view old) { return base::equals_ignoring_case(old, name); });
}

std::span<const OptionHelp> rule_options() {
  static const auto help = [] {
    std::array<OptionHelp, kRows.size()> result;
    std::ranges::transform(kRows, result.begin(), &OptionRow::help);
    return result;
  }();
  return help;
}

}  // namespace vuurmuur::config
