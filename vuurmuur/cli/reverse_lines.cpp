// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/reverse_lines.h"

#include <fmt/format.h>

#include <utility>

#include "cli/settings_of.h"
#include "control/ask_names.h"

namespace vuurmuur::cli {

void ReverseLines::add(std::string line, const net::Address* source, const net::Address* destination) {
  Line& added = lines_.emplace_back(Line{.text = std::move(line), .unresolved = {}});
  for (const auto& [key, address] : {std::pair{"source_dns", source}, {"destination_dns", destination}}) {
    if (address == nullptr) continue;
    names_.note(*address);
    added.unresolved.push_back({.key = key, .address = *address});
  }
  if (lines_.size() >= kAtOnce) flush();
}

void ReverseLines::append_names(Line& line) const {
  // What is asked for is a name of letters, digits, '-', '_' and dots (dns/read_answer.h): nothing has to be escaped.
  for (const Unresolved& end : line.unresolved) {
    const std::string name = names_.of(end.address);
    if (name.empty()) continue;
    if (!is_json_) {
      line.text += fmt::format("    {} is {}\n", end.address.to_string(), name);
    } else if (line.text.ends_with("}\n")) {
      line.text.resize(line.text.size() - 2);
      line.text += fmt::format(", \"{}\": \"{}\"}}\n", end.key, name);
    }
  }
}

void ReverseLines::flush() {
  names_.ask();
  for (Line& line : lines_) {
    append_names(line);
    out_(line.text);
  }
  lines_.clear();
}

dns::Options dns_options_of(const Context& context, const std::string& directory) {
  return control::dns_options(settings_of(context, directory));
}

}  // namespace vuurmuur::cli
