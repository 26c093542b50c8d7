// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "apply/queue_statistics.h"
#include "control/clock.h"
#include "history/journal.h"
#include "volumes/accumulator.h"

namespace vuurmuur::control {

/// Metrics in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/): each family with its HELP and TYPE before its samples.
class MetricsText {
 public:
  enum class Type : std::uint8_t { Counter, Gauge };
  using Labels = std::span<const std::pair<std::string_view, std::string_view>>;

  /// A family, to which the samples that follow belong. Nothing of the help has to be escaped.
  void begin(std::string_view name, Type type, std::string_view help);
  void add(Labels labels, std::uint64_t value);
  void add(std::uint64_t value) { add({}, value); }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

/// How many connections the kernel tracks, and how many it can.
struct ConnectionUse {
  std::uint64_t count = 0, most = 0;
};
/// nf_conntrack_count and nf_conntrack_max of /proc/sys/net/netfilter (nf_conntrack-sysctl); nothing when the kernel tracks
/// none.
[[nodiscard]] std::optional<ConnectionUse> connection_use();

struct MetricsOf {
  std::string_view version;
  const volumes::Accumulator& counted;  ///< behind a reading
  const history::Journal& journal;
  const Clock& clock;
  std::optional<ConnectionUse> connections;
  std::span<const apply::QueueStatistics> queues{};  ///< that programs listen to
  bool is_refused = false;   ///< a configuration was, and none was applied since
  bool has_fault = false;    ///< what is counted cannot be written
};

/// All that Vuurmuur has to measure; the names are in doc/metrics.md and stay.
[[nodiscard]] std::string metrics_text(const MetricsOf& of);

}  // namespace vuurmuur::control
