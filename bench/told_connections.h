// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vuurmuur::bench {

/// Which connections a program told of, to know whether it left one out or told one twice: a number for each, made of
/// its addresses and ports. Two that have the same number by chance look like one told twice, so a fault is never
/// hidden.
class ToldConnections {
 public:
  /// A line of 'vuurmuur connections --json', or of 'conntrack -L'. What tells of no connection is left alone.
  void add_json(std::string_view line);
  void add_conntrack(std::string_view line);

  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

  /// An error unless these are so many, all different, and those that the others are.
  [[nodiscard]] base::Result<void> expect(std::size_t connections, ToldConnections& others);

 private:
  void add(std::string_view source, std::string_view source_port, std::string_view destination,
           std::string_view destination_port);

  std::vector<std::uint64_t> numbers_;
  std::string key_;
};

}  // namespace vuurmuur::bench
