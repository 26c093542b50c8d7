# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# What a person sees: steps, messages, questions. Part of scripts/install.sh.

bold='' red='' plain=''
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
fi

# visible TEXT: without bytes that a terminal would obey.
visible() { printf %s "$1" | tr '\n\t' '  ' | cat -v; }

# log TEXT: into the log of the state directory, when there is one.
log() {
  [ "$dry_run" = no ] && [ -d "$state" ] || return 0
  { printf '%s %s\n' "$(date -u +%FT%TZ)" "$(visible "$1")" >>"$state/log"; } 2>/dev/null || true
}

say() { printf '%s\n' "$(visible "$*")" >&2; log "$*"; }
warn() { printf '%swarning:%s %s\n' "$bold" "$plain" "$(visible "$*")" >&2; log "warning: $*"; }

# step NAME [TEXT]: where the work has come to. A test ends the process here, as a power cut would.
step() {
  [ -z "${VUURMUUR_INSTALL_STOP_AT:-}" ] || { printf 'step %s\n' "$1" >&2; [ "$VUURMUUR_INSTALL_STOP_AT" != "$1" ] || kill -KILL $$; }
  [ $# -lt 2 ] || { printf '%s==%s %s\n' "$bold" "$plain" "$(visible "$2")" >&2; log "$2"; }
}

# stop STATUS TEXT: ends with a message; what is staged goes.
stop() {
  printf '%serror:%s %s\n' "$red" "$plain" "$(visible "$2")" >&2
  log "error ($1): $2"
  leave "$1"
}

leave() {
  remove_work
  exit "$1"
}

refuse() { stop 3 "$*; nothing was changed"; }
needs_person() { stop 5 "$*"; }

is_terminal() { [ -t 0 ] && [ -t 2 ]; }

# ask QUESTION: 0 for yes. Without --yes and without a terminal nobody can answer, which is status 2.
ask() {
  local answer=
  [ "$yes" = no ] || return 0
  is_terminal || return 2
  printf '%s [y/N] ' "$(visible "$1")" >&2
  read -r answer || return 1
  [[ $answer = [yY]* ]]
}

# tail_of FILE: its last lines, for a person.
tail_of() { tail -n 15 -- "$1" 2>/dev/null | cat -v | sed 's/^/  /' >&2; }
