# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# What is kept between two runs, each file whole or not there: written beside, synced, renamed, and the directory synced.
# Part of scripts/install.sh.
#
# STATE/settings        what was said once and holds from then on
# STATE/signers         who may sign
# STATE/previous        the version before
# STATE/pending         a change that is under way: see change.sh
# STATE/work            the directory of a run that stages something
# STATE/lock            held by the run that changes something
# STATE/defaults/       the defaults that the files of the configuration are made of
# STATE/offered/        the defaults that were laid beside them
# STATE/system-files    what was put outside of PREFIX, with its checksum

remembered=(config source channel system restart_command health_command)
work='' lock_taken=no

# put FILE TEXT: 1 when it cannot be written; the file is as it was then.
put() {
  local dir=${1%/*}
  { printf '%s' "$2" >"$1.tmp"; } 2>/dev/null && sync "$1.tmp" 2>/dev/null && mv -T -- "$1.tmp" "$1" && sync "$dir" && return
  rm -f -- "$1.tmp"
  return 1
}

# get FILE: prints what it has, without a newline at its end; nothing when it is not there.
get() { [ ! -f "$1" ] || cat -- "$1"; }

# Values are on a line each: what would end it is written as %0A, and % as %25.
encoded() { local text=${1//%/%25}; printf %s "${text//$'\n'/%0A}"; }
decoded() { local text=${1//%0A/$'\n'}; printf %s "${text//%25/%}"; }

# field NAME TEXT: the value behind NAME= on a line of TEXT.
field() {
  local line
  while IFS= read -r line; do
    [ "${line%%=*}" != "$1" ] || { decoded "${line#*=}"; return; }
  done <<<"$2"
}

# Fills in what the command line did not say.
read_settings() {
  local name text value
  text=$(get "$state/settings")
  for name in "${remembered[@]}"; do
    value=$(field "$name" "$text"; printf x)
    [ -n "${!name}" ] || printf -v "$name" %s "${value%x}"
  done
  [ -n "$signers" ] || [ ! -f "$state/signers" ] || signers=$state/signers
}

save_settings() {
  local name text=
  for name in "${remembered[@]}"; do text+="$name=$(encoded "${!name}")"$'\n'; done
  put "$state/settings" "$text" || return
  [ -z "$signers" ] || [ "$signers" = "$state/signers" ] || put "$state/signers" "$(cat -- "$signers")"$'\n'
}

# take_lock: one run at a time; a second one is refused.
take_lock() {
  if [ ! -d "$state" ]; then
    [ "$dry_run" = no ] || return 0
    mkdir -p -- "$prefix" "$versions" "$state" 2>/dev/null || refuse "cannot make $state"
    chmod 0755 -- "$prefix" "$versions" && chmod 0700 -- "$state" || refuse "cannot make $state"
  fi
  { exec 9>>"$state/lock"; } 2>/dev/null || refuse "cannot write $state/lock"
  flock -n 9 || refuse "another install.sh is at work on $prefix"
  lock_taken=yes
}

# make_work: a directory to stage in, which the user who builds can enter. Whoever comes after a kill finds it by its name.
make_work() {
  work=$(mktemp -d -- "${TMPDIR:-/var/tmp}/vuurmuur-install.XXXXXXXX" 2>/dev/null) || refuse "cannot make a directory in ${TMPDIR:-/var/tmp}"
  if [ "$lock_taken" = yes ] && [ "$dry_run" = no ]; then
    put "$state/work" "$work" || refuse "cannot write $state/work"
  fi
  chmod 0755 "$work" || refuse "cannot make $work readable"
}

remove_work() {
  [ -z "$work" ] || rm -rf -- "$work"
  [ -z "$work" ] || [ "$lock_taken" = no ] || [ "$dry_run" = yes ] || rm -f -- "$state/work"
  work=''
}

# Removes what a run that was killed left behind. Only with the lock.
remove_leftovers() {
  local left
  left=$(get "$state/work")
  case $left in
    */vuurmuur-install.????????) rm -rf -- "$left" ;;
  esac
  rm -rf -- "$state/work" "$state"/*.tmp "$versions"/*.part "$prefix"/.current.*
}

# A clock that cannot be set, in seconds.
uptime_seconds() {
  local since
  read -r since _ </proc/uptime
  printf %s "${since%.*}"
}

over_ssh() {
  local pid=$$ line
  # Set, also to nothing: that is the answer.
  [ -z "${SSH_CONNECTION+set}" ] || { [ -n "$SSH_CONNECTION" ]; return; }
  # sudo takes the variable away: the shell above it still has it.
  while [ "$pid" -gt 1 ]; do
    { tr '\0' '\n' <"/proc/$pid/environ" | grep -q '^SSH_CONNECTION=.'; } 2>/dev/null && return 0
    line=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
    pid=${line:-1}
  done
  return 1
}

has_terminal_bytes() { [[ $1 = *[[:cntrl:]]* ]]; }
