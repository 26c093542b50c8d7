// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vuurmuur::doctor {

struct YamlMember;

/// A value of a YAML document, with aliases put in their places.
struct YamlNode {
  enum class Kind : std::uint8_t { Scalar, Map, List };
  Kind kind = Kind::Scalar;
  std::string scalar = {};  ///< empty also for a value that is not written
  std::string tag = {};     ///< "!include"; those of YAML itself are left out
  std::size_t line = 0;     ///< where it begins, from 1
  std::vector<YamlMember> members = {};
  std::vector<YamlNode> items = {};
};

/// A member of a map; a key may come several times.
struct YamlMember {
  std::string key;
  std::size_t line = 0;  ///< of the key, from 1
  YamlNode value;
};

/// The first document of a text, by libyaml. An empty text is an empty map. Refused is what is not YAML, is nested
/// deeper than 64 levels, or has more than a million values when its aliases are put in their places.
[[nodiscard]] base::Result<YamlNode> parse_yaml(std::string_view text);

}  // namespace vuurmuur::doctor
