// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace vuurmuur::apply::test {

/// The steps of a fake kernel that begin with one of some words.
inline std::vector<std::string> only(const std::vector<std::string>& steps, const std::vector<std::string>& words) {
  std::vector<std::string> found;
  std::ranges::copy_if(steps, std::back_inserter(found), [&](const std::string& step) {
    return std::ranges::any_of(words, [&](const std::string& word) { return step.starts_with(word); });
  });
  return found;
}

}  // namespace vuurmuur::apply::test
