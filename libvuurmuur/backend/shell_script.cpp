// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/shell_script.h"

#include <string_view>

#include "backend/append_format.h"
#include "backend/ipset_save.h"
#include "backend/save_text.h"

namespace vuurmuur::backend {
namespace {

/// In front of the tables. `load` gives one table to a restore program, with what takes ours out of it in front of its
/// first rule: one commit, so that no packet meets a table half done. Chains are emptied before any is deleted, because
/// they jump to each other.
constexpr std::string_view kHead = R"(#!/bin/sh
# A ruleset of Vuurmuur. Running it again loads it again; rules and chains of others stay.
set -e
IPTABLES_RESTORE=${IPTABLES_RESTORE:-iptables-restore}
IP6TABLES_RESTORE=${IP6TABLES_RESTORE:-ip6tables-restore}
IPTABLES_SAVE=${IPTABLES_SAVE:-${IPTABLES_RESTORE%restore}save}
IP6TABLES_SAVE=${IP6TABLES_SAVE:-${IP6TABLES_RESTORE%restore}save}
IPSET=${IPSET:-ipset}

# remove_ours SAVE TABLE: the lines that take our chains and the jumps to them out of a table as it is now.
remove_ours() {
  "$1" -t "$2" | awk '
    /^:VRMR-/ { name = substr($1, 2); empty = empty "-F " name "\n"; del = del "-X " name "\n" }
    /^-A/ && $2 !~ /^VRMR-/ && / -[jg] VRMR-[^ ]*$/ { sub(/^-A/, "-D"); print }
    END { printf "%s%s", empty, del }'
}

# load RESTORE SAVE TABLE: loads the lines on standard input into a table.
load() {
  removal=$(remove_ours "$2" "$3")
  { printf '*%s\n%s\n' "$3" "$removal"; cat; echo COMMIT; } | "$1" --noflush
}

# add_chain RESTORE SAVE TABLE NAME: makes a chain when it is missing.
add_chain() {
  if "$2" -t "$3" | awk -v name=":$4" '$1 == name { found = 1 } END { exit !found }'; then return; fi
  printf '*%s\n-N %s\nCOMMIT\n' "$3" "$4" | "$1" --noflush
}

# clear RESTORE SAVE TABLE: takes ours out of a table that the ruleset does not use.
clear() {
  removal=$(remove_ours "$2" "$3" 2>/dev/null) || return 0
  if [ -z "$removal" ]; then return; fi
  printf '*%s\n%s\nCOMMIT\n' "$3" "$removal" | "$1" --noflush
}
)";

/// Behind the tables: the sets of an older run go when no rule asks them any more. `sets` has the names of those that
/// are wanted.
constexpr std::string_view kTail = R"(
if old=$("$IPSET" list -n 2>/dev/null); then
  for name in $old; do
    case "$name" in
      vrmr4-*|vrmr6-*) case " $sets " in *" $name "*) ;; *) "$IPSET" destroy "$name" || true ;; esac ;;
    esac
  done
fi
)";

/// Ends the lines of a table. No line of a table begins with it.
constexpr std::string_view kEndOfTable = "END_OF_TABLE";

/// A word of the shell that stands for any text.
std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  word += '\'';
  return word;
}

void append_sysctls(std::string& out, const ir::Ruleset& ruleset, bool after_rules) {
  for (const ir::Sysctl& sysctl : ruleset.sysctls)
    if (sysctl.after_rules == after_rules)
      append(out, "echo {} > {}\n", quoted(sysctl.value), quoted("/proc/sys/" + sysctl.path));
}

void append_table(std::string& out, const ir::Ruleset& ruleset, net::Family family, const ir::Table& table,
                  const TextOptions& options) {
  const std::string_view version = family == net::Family::Ipv4 ? "" : "6";
  const std::string programs = fmt::format("\"$IP{0}TABLES_RESTORE\" \"$IP{0}TABLES_SAVE\"", version);
  const std::string_view name = ir::to_string(table.name());
  if (table.is_empty()) {
    append(out, "clear {} {}\n", programs, name);
    return;
  }
  const auto chains = chains_in_order(table);
  for (const ir::Chain* chain : chains)
    if (chain->kind == ir::ChainKind::Foreign) append(out, "add_chain {} {} {}\n", programs, name, quoted(chain->name));
  append(out, "load {} {} <<'{}'\n", programs, name, kEndOfTable);
  // With --noflush a line for a chain empties it: none for foreign ones.
  for (const ir::Chain* chain : chains)
    if (chain->kind != ir::ChainKind::Foreign) append_chain_line(out, *chain);
  append_rule_lines(out, ruleset, family, table, chains, options);
  append(out, "{}\n", kEndOfTable);
}

/// Makes the sets that are not there yet: a name tells the content, so those that are there stay as they are.
void append_sets(std::string& out, const ir::Ruleset& ruleset, const TextOptions& options) {
  std::string names;
  for (const ir::Set& set : ruleset.sets) append(names, "{}{}", names.empty() ? "" : " ", set.name);
  append(out, "sets='{}'\n", names);
  if (ruleset.sets.empty()) return;
  append(out, "\"$IPSET\" -exist restore <<'{0}'\n{1}{0}\n", kEndOfTable, ipset_save(ruleset, net::kFamilies, options));
}

}  // namespace

std::string shell_script(const ir::Ruleset& ruleset, const TextOptions& options) {
  std::string out(kHead);
  out += '\n';
  append_sets(out, ruleset, options);
  append_sysctls(out, ruleset, /*after_rules=*/false);
  for (const net::Family family : net::kFamilies)
    for (const ir::Table& table : ruleset.rules(family).tables) append_table(out, ruleset, family, table, options);
  append_sysctls(out, ruleset, /*after_rules=*/true);
  out += kTail;
  return out;
}

}  // namespace vuurmuur::backend
