// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analyse/diff.h"

namespace vuurmuur::app {

struct Reading;

/// What is in the files of a configuration, by path.
using ConfigurationFiles = std::map<std::string, std::string>;

/// Which packets a policy treats otherwise than another one, in words.
struct TrafficChange {
  struct Row {
    analyse::Change change{};
    /// "rules/rules.conf:4: accept https from lan to inet"; empty: no rule takes them, or none logs them.
    std::string before{}, after{};
    std::vector<std::string> packets{};
    bool is_outline = false;  ///< not all of what is in `packets`
    std::size_t more = 0;     ///< that are not in `packets`
    std::string example{};
  };
  struct Rule {
    analyse::NotCompared::Why why{};
    std::string text{};
  };
  std::vector<Row> rows;
  std::vector<Rule> not_compared;
  std::vector<analyse::OtherwiseSet> otherwise_set;
  bool is_finished = true;  ///< false: it took too long, and there may be more
  bool is_equal = false;    ///< it is proven that there are none
  bool is_readable = true;  ///< false: the files before have errors, so nothing was compared
};

/// Up to a second for 10,000 rules.
[[nodiscard]] std::shared_ptr<const TrafficChange> traffic_change(const ConfigurationFiles& before,
                                                                  const Reading& after);

}  // namespace vuurmuur::app
