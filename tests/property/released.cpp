// SPDX-License-Identifier: GPL-2.0-or-later
#include "property/released.h"

#include <fmt/format.h>

#include <string_view>

namespace vuurmuur::kernel_test {
namespace {

/// None of these has bits that the nfmark of its queue writes so.
const std::map<std::string_view, std::string_view> kMarks{
    {"1", "0x1"},           {"2", "0x80/0x80"},    {"7", "0x80/0x80"}, {"42", "0x80/0x80"},
    {"100:107", "0x2/0x3"}, {"4096", "0x80/0xc0"}, {"65535", "0x1"}};

}  // namespace

Files with_release(Files files) {
  constexpr std::string_view kOption = "nfqueuenum=";
  for (auto& [path, text] : files)
    for (std::size_t at = text.find(kOption); at != std::string::npos; at = text.find(kOption, at)) {
      at += kOption.size();
      const std::size_t first = text.find_first_of("0123456789", at),
                        last = text.find_first_not_of("0123456789:", first);
      const std::string quote = text.substr(at, first - at);
      const auto mark = kMarks.find(std::string_view(text).substr(first, last - first));
      if (mark != kMarks.end())
        text.insert(last + quote.size(), fmt::format(",release={}{}{}", quote, mark->second, quote));
    }
  return files;
}

}  // namespace vuurmuur::kernel_test
