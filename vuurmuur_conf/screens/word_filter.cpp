// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/word_filter.h"

#include <string>

#include "base/strings.h"

namespace vuurmuur::screens {

bool has_words(std::string_view text, std::string_view filter) {
  if (filter.empty()) return true;
  const std::string there = base::to_lower(text), wanted = base::to_lower(filter);
  for (std::string_view word : base::split(wanted, ' ')) {
    const bool is_inverse = word.size() > 1 && word.starts_with('!');
    if (is_inverse) word.remove_prefix(1);
    if (!word.empty() && (there.find(word) != std::string::npos) == is_inverse) return false;
  }
  return true;
}

}  // namespace vuurmuur::screens
