// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory_file_system.h"
#include "base/result.h"
#include "samples.h"

namespace vuurmuur::bench {

/// Does the work in a child process, so that its memory and its namespaces are its own. An error ends up on standard
/// error, with `name` in front; whether there was none.
[[nodiscard]] bool in_child(const std::string& name, const std::function<base::Result<void>()>& work);

/// Puts the process into user, network and mount namespaces of its own, with an empty /run, as tests/lab does. Once,
/// while it has one thread.
[[nodiscard]] base::Result<void> enter_namespaces();
/// All processors instead of the one: for what does more than one thing at once. After entering.
[[nodiscard]] base::Result<void> use_all_processors();

/// The same, but a process of root stays in its user namespace: for programs that need root's rights over the kernel's
/// limits, as nft does for the size of a request.
[[nodiscard]] base::Result<void> enter_namespaces_as_root();

/// Moves the process into a new, empty network namespace.
[[nodiscard]] base::Result<void> fresh_network();

/// What a program, or a piece of this one, cost.
struct Cost {
  double wall_ms = 0;
  double processor_ms = 0;    ///< its own and the kernel's for it
  double peak_megabytes = 0;  ///< of memory, of a program; at least that of this process when it started the program
};
inline Cost operator+(const Cost& a, const Cost& b) {
  return {a.wall_ms + b.wall_ms, a.processor_ms + b.processor_ms, std::max(a.peak_megabytes, b.peak_megabytes)};
}

/// Measures pieces of this process.
class Meter {
 public:
  /// Since the last call, or since it was made.
  Cost lap();

 private:
  Stopwatch watch_{};
  double processor_ms_ = processor_now();
  static double processor_now();
};

/// The repetitions of a cost.
struct Costs {
  Samples milliseconds{}, processor{}, megabytes{};
  void add(const Cost& cost);
};

/// Runs a program with a file (or nothing) as its standard input and its output thrown away, and waits. A failure has
/// the end of what it wrote to standard error.
[[nodiscard]] base::Result<Cost> run_program(const std::vector<std::string>& command, const std::string& input = {});

/// Runs a program with no input, hands on each line that it writes, without its end, and waits.
[[nodiscard]] base::Result<void> read_program(const std::vector<std::string>& command,
                                              const std::function<void(std::string_view)>& take);

/// Where a program is, along PATH and the sbin directories.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

[[nodiscard]] base::Result<void> write_file(const std::string& path, const std::string& text);

/// The files of the tree at "/tree", below another directory of the real file system.
[[nodiscard]] base::Result<void> write_tree(const base::MemoryFileSystem& tree, const std::string& directory);

/// Most memory that this process has had at once, in MB.
[[nodiscard]] double peak_megabytes();

}  // namespace vuurmuur::bench
