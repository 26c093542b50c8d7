// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vuurmuur::bench {

/// What the caller asked of the sections that run.
struct Settings {
  std::vector<std::uint32_t> sizes;  ///< never empty: a section's own when none were given
  unsigned runs = 0;                 ///< repetitions of each figure; 0 leaves it to the section

  /// The repetitions of a figure for which a section would take `usual`.
  [[nodiscard]] unsigned runs_or(unsigned usual) const { return runs > 0 ? runs : usual; }
};

/// A subject that is measured and printed by itself, as Markdown.
struct Section {
  std::string_view name;  ///< "load"
  std::string_view what;  ///< one line for --list
  std::vector<std::uint32_t> sizes;
  /// Measures and prints. Runs in a process of its own, which it may move into namespaces.
  base::Result<void> (*run)(const Settings& settings);
};

/// All of them, in the order in which they run.
[[nodiscard]] std::span<const Section> sections();

// The sections; what each measures stands at its definition.
[[nodiscard]] base::Result<void> run_compile(const Settings& settings);
[[nodiscard]] base::Result<void> run_event(const Settings& settings);
[[nodiscard]] base::Result<void> run_prove(const Settings& settings);
[[nodiscard]] base::Result<void> run_reach(const Settings& settings);
[[nodiscard]] base::Result<void> run_deep(const Settings& settings);
[[nodiscard]] base::Result<void> run_diff(const Settings& settings);
[[nodiscard]] base::Result<void> run_assert(const Settings& settings);
[[nodiscard]] base::Result<void> run_explain(const Settings& settings);
[[nodiscard]] base::Result<void> run_saved(const Settings& settings);
[[nodiscard]] base::Result<void> run_load(const Settings& settings);
[[nodiscard]] base::Result<void> run_live(const Settings& settings);
[[nodiscard]] base::Result<void> run_host_pairs(const Settings& settings);
[[nodiscard]] base::Result<void> run_queues(const Settings& settings);
[[nodiscard]] base::Result<void> run_nft_batch(const Settings& settings);
[[nodiscard]] base::Result<void> run_peers(const Settings& settings);
[[nodiscard]] base::Result<void> run_counters(const Settings& settings);
[[nodiscard]] base::Result<void> run_connections(const Settings& settings);
[[nodiscard]] base::Result<void> run_connection_list(const Settings& settings);
[[nodiscard]] base::Result<void> run_names(const Settings& settings);
[[nodiscard]] base::Result<void> run_packets(const Settings& settings);
[[nodiscard]] base::Result<void> run_queue_packets(const Settings& settings);
[[nodiscard]] base::Result<void> run_log(const Settings& settings);
[[nodiscard]] base::Result<void> run_screen(const Settings& settings);

}  // namespace vuurmuur::bench
