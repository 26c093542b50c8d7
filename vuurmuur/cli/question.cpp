// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/question.h"

#include <iostream>
#include <string>

#include "base/strings.h"

namespace vuurmuur::cli {

bool ask(Context& context, std::string_view question) {
  context.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  const std::string word = base::to_lower(base::trim(answer));
  return word == "y" || word == "yes";
}

}  // namespace vuurmuur::cli
