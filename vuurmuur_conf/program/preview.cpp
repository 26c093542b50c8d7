// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/preview.h"

#include <fmt/format.h>

#include "backend/iptables_save.h"
#include "compile/compile.h"
#include "ui/translate.h"

namespace vuurmuur::conf {

std::vector<std::string> kernel_rules_of(const app::Reading& reading, std::uint32_t rule) {
  const compile::Output output = compile::compile(reading.policy);
  const std::string label = fmt::format("rule {}:", rule);
  std::vector<std::string> lines;
  for (const net::Family family : net::kFamilies) {
    for (const ir::Table& table : output.ruleset.rules(family).tables) {
      bool has_heading = false;
      for (const ir::Chain& chain : table.chains()) {
        for (const ir::Rule& kernel_rule : chain.rules) {
          if (!output.ruleset.origin(kernel_rule.origin).label.starts_with(label)) continue;
          if (!has_heading)
            lines.push_back(
                fmt::format("# {}, {}", family == net::Family::Ipv4 ? "IPv4" : "IPv6", to_string(table.name())));
          has_heading = true;
          lines.push_back(
              fmt::format("-A {} {}", chain.name,
                          backend::rule_text(output.ruleset, table, family, kernel_rule, {.comments = false})));
        }
      }
    }
  }
  if (lines.empty())
    lines.emplace_back(
        ui::tr("# none of its own: it is part of a set, or another rule before it takes all of its traffic"));
  return lines;
}

}  // namespace vuurmuur::conf
