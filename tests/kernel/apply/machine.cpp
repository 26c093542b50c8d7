// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.h"

#include "base/strings.h"
#include "lab/run.h"

namespace vuurmuur::apply::test {
namespace {

std::string without_comments(std::string_view save) {
  std::string kept;
  for (const std::string_view line : base::split(save, '\n'))
    if (!line.empty() && line.front() != '#') kept.append(line) += '\n';
  return kept;
}

}  // namespace

Machine::Laboratory::Laboratory() { lab::enter_laboratory(); }

Machine::Machine() : inside_(namespace_) {}

std::string saved_ipv4() { return without_comments(lab::run_ok({"iptables-legacy-save", "-c"})); }
std::string saved_ipv4(const std::string& table) {
  return without_comments(lab::run_ok({"iptables-legacy-save", "-c", "-t", table}));
}
std::string saved_ipv6() { return without_comments(lab::run_ok({"ip6tables-legacy-save", "-c"})); }
std::string saved() { return saved_ipv4() + saved_ipv6(); }

void restore_ipv4(std::string_view text) { lab::run_ok({"iptables-legacy-restore", "-c"}, text); }

}  // namespace vuurmuur::apply::test
