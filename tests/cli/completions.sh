#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Both completions know every command and every option that the program tells of. completions.sh PROGRAM DIRECTORY
set -uo pipefail
program=$1 failures=0
fail() { printf 'not ok: %s\n' "$1"; failures=$((failures + 1)); }
# shellcheck source=vuurmuur/completions/vuurmuur.bash
. "$2/vuurmuur.bash"
compopt() { :; }
# words TYPED…: what bash would offer behind these words, the last of which is not finished.
words() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _vuurmuur; printf '%s\n' "${COMPREPLY[@]}"; }

commands=$("$program" help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
[ "$(wc -l <<<"$commands")" -gt 20 ] || fail "the commands are not found"
for command in $commands; do
  grep -qx -e "$command" <<<"$(words vuurmuur "")" || fail "bash: $command"
  grep -q -e "[ (]$command\\\\:" "$2/_vuurmuur" || fail "zsh: $command"
  line=$(sed -n "/^  $command) /,/;;/p;/^  $command)\$/,/;;/p" "$2/_vuurmuur")
  for option in $("$program" "$command" --help | sed -n 's/^ *\(-[a-z], \)\{0,1\}\(--[a-z-]\{1,\}\).*/\2/p'); do
    # Behind help come commands; and these two are the same everywhere.
    case $command:$option in help:* | *:--colour | *:--help) continue ;; esac
    grep -qx -e "$option" <<<"$(words vuurmuur "$command" --)" || fail "bash: $command $option"
    grep -q -e "${option}[=[ ']" <<<"$line" || grep -q -e "$option}" <<<"$line" || fail "zsh: $command $option"
  done
done
[ $failures -eq 0 ]
