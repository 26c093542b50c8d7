// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/comparison_text.h"

#include <fmt/format.h>

namespace vuurmuur::cli {
namespace {

constexpr std::string_view kNoFile = "/dev/null";

class Writer {
 public:
  explicit Writer(diag::Style style) : is_coloured_(style == diag::Style::Colour) {}

  void add(std::string_view line, std::string_view colour) {
    if (is_coloured_ && !colour.empty())
      text_ += fmt::format("\033[{}m{}\033[0m\n", colour, line);
    else
      text_ += fmt::format("{}\n", line);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  bool is_coloured_;
  std::string text_;
};

std::string_view colour_of(const std::string& line) {
  switch (line.front()) {
    case '-': return "31";
    case '+': return "32";
    default: return "";
  }
}

}  // namespace

std::string text_of(const control::Comparison& comparison, diag::Style style) {
  using Kind = control::FileDifference::Kind;
  const std::string before = fmt::format("generation-{}", comparison.from);
  const std::string after = comparison.to ? fmt::format("generation-{}", *comparison.to) : comparison.directory;
  Writer writer(style);
  for (const control::FileDifference& difference : comparison.differences) {
    const auto name = [&](const std::string& side, Kind without) {
      return difference.kind == without ? std::string(kNoFile) : fmt::format("{}/{}", side, difference.path);
    };
    writer.add("--- " + name(before, Kind::Added), "1");
    writer.add("+++ " + name(after, Kind::Removed), "1");
    for (const base::Hunk& hunk : difference.hunks) {
      writer.add(header_of(hunk), "36");
      for (const std::string& line : hunk.lines) writer.add(line, colour_of(line));
    }
  }
  return writer.take();
}

}  // namespace vuurmuur::cli
