# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# The service, what it says of itself, the rules in force, and the files outside of PREFIX. Part of scripts/install.sh.

program() { printf %s "$prefix/current/sbin/vuurmuur"; }

runs_systemd() { [ -d /run/systemd/system ] && [ "$system" = / ] && command -v systemctl >/dev/null; }

# hook LINE: a command of the administrator. It holds neither our lock nor our input.
hook() { VUURMUUR_PREFIX=$prefix VUURMUUR_VERSION=$(current) sh -c "$1" </dev/null >>"$state/service.log" 2>&1 8>&- 9>&-; }

# has_service: whether there is anything to restart.
has_service() {
  [ "$start" = yes ] || return 1
  [ -n "$restart_command" ] || { runs_systemd && systemctl --quiet is-active vuurmuur.service; }
}

restart_service() {
  [ "$start" = yes ] || return 0
  if [ -n "$restart_command" ]; then
    hook "$restart_command"
  elif runs_systemd; then
    systemctl daemon-reload && systemctl try-restart vuurmuur.service
  fi 9>&-
}

# answers: whether the service is well just now.
answers() {
  if [ -n "$health_command" ]; then
    hook "$health_command"
  else
    "$(program)" --version >/dev/null 2>&1 9>&- || return
    if [ "$start" = yes ] && [ -z "$restart_command" ] && [ "$watched" = yes ]; then
      systemctl --quiet is-active vuurmuur.service && "$(program)" status >/dev/null 2>&1 9>&-
    fi
  fi
}

# is_healthy: five good answers in a row, a fifth of a second between them, before --health-time is over.
is_healthy() {
  local good=0 end
  [ "$start" = yes ] || return 0
  end=$(($(uptime_seconds) + health_time))
  while [ "$(uptime_seconds)" -le "$end" ]; do
    if answers; then good=$((good + 1)); else good=0; fi
    [ "$good" -lt 5 ] || return 0
    sleep "${VUURMUUR_INSTALL_PAUSE:-0.2}"
  done
  return 1
}

# --- Rules in force ----------------------------------------------------------------------------------------------------
# in_force: the confirmed generation, or nothing.
in_force() { [ "$start" = no ] || "$(program)" status --json 2>/dev/null 9>&- | sed -n 's/^  "confirmed": \([0-9][0-9]*\),*$/\1/p'; }

waits_for_confirmation() { "$(program)" status --json 2>/dev/null 9>&- | grep -q '^  "state": "awaiting confirmation"'; }

# load_rules ID: the new version loads what it makes of the configuration. Over SSH it goes back by itself unless somebody who
# can still reach this machine confirms.
load_rules() {
  local seconds=0
  ! over_ssh || seconds=$confirm_time
  "$(program)" apply --confirm="$seconds" --comment="update to $1" "$config" >&2 9>&- || return
  [ "$seconds" -eq 0 ] || wait_for_confirmation "$seconds"
}

wait_for_confirmation() {
  local end answer
  end=$(($(uptime_seconds) + $1 + 5))
  say "the new rules go back in $1 s, and the version with them, unless you confirm: $(program) confirm"
  while waits_for_confirmation && [ "$(uptime_seconds)" -lt "$end" ]; do
    if is_terminal; then
      printf 'does this still arrive? [y] ' >&2
      if read -r -t 5 answer && [[ $answer = [yY]* ]]; then "$(program)" confirm >&2 9>&-; fi
    else
      sleep 0.5
    fi
  done
  # Confirmed is what came in force after what was in force before.
  ! waits_for_confirmation && [ "$(in_force)" != "$generation" ]
}

# restore_rules GENERATION: the rules that were in force before the update, loaded by the version of before.
restore_rules() {
  [ -n "$1" ] && [ "$start" = yes ] || return 0
  ! waits_for_confirmation || "$(program)" rollback --confirm=0 --comment="update taken back" >&2 9>&- || return
  [ "$(in_force)" = "$1" ] || "$(program)" rollback --confirm=0 --comment="update taken back" "$1" >&2 9>&-
}

# --- Files outside of PREFIX -------------------------------------------------------------------------------------------
# place_system_files: units, and links to the programs, of the current version.
place_system_files() {
  local from=$prefix/current root=${system%/} list='' file
  [ "$system" != none ] || return 0
  place_links "$root" || return
  for file in "$from"/lib/systemd/system/*; do
    [ ! -f "$file" ] || place_file "$file" "$root/etc/systemd/system/${file##*/}" || return
  done
  for file in sysusers tmpfiles modules-load; do
    [ ! -f "$from/lib/$file.d/vuurmuur.conf" ] || place_file "$from/lib/$file.d/vuurmuur.conf" "$root/etc/$file.d/vuurmuur.conf" || return
  done
  [ ! -f "$from/etc/logrotate.d/vuurmuur" ] || place_file "$from/etc/logrotate.d/vuurmuur" "$root/etc/logrotate.d/vuurmuur" || return
  put "$state/system-files" "$list" || return
  ! runs_systemd || { systemd-sysusers /etc/sysusers.d/vuurmuur.conf && systemd-tmpfiles --create /etc/tmpfiles.d/vuurmuur.conf; systemctl daemon-reload; } 9>&-
}

# place_file FROM TO: with the programs where they are; adds to list. What a person put there or changed stays.
place_file() {
  local text sum
  text=$(sed "s#/usr/sbin/#$prefix/current/sbin/#g" -- "$1")$'\n'
  sum=$(printf %s "$text" | sha256sum | cut -c1-64)
  if [ -e "$2" ] && [ "$(sha256sum <"$2" | cut -c1-64)" != "$sum" ] && ! was_placed "$2"; then
    warn "$2 was changed here and stays"
    return
  fi
  mkdir -p -- "${2%/*}" && put "$2" "$text" && list+="$sum $2"$'\n'
}

# was_placed FILE: whether it is as we put it there.
was_placed() { get "$state/system-files" | grep -Fxq "$(sha256sum <"$1" | cut -c1-64) $1"; }

place_links() {
  local file link
  mkdir -p -- "$1/usr/local/sbin" || return
  for file in "$prefix"/current/sbin/*; do
    link=$1/usr/local/sbin/${file##*/}
    [ ! -L "$link" ] || [ "$(readlink -- "$link")" != "$file" ] || continue
    if [ -e "$link" ] || [ -L "$link" ]; then warn "$link was not made here and stays"; continue; fi
    ln -s -- "$file" "$link" || return
  done
}

remove_system_files() {
  local sum file link
  [ "$system" != none ] || return 0
  while read -r sum file; do
    [ -f "$file" ] || continue
    if was_placed "$file"; then rm -f -- "$file"; else say "$file was changed and stays"; fi
  done < <(get "$state/system-files")
  for link in "${system%/}"/usr/local/sbin/*; do
    [ ! -L "$link" ] || [[ $(readlink -- "$link") != "$prefix"/current/sbin/* ]] || rm -f -- "$link"
  done
}
