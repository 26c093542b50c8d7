# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# The commands, the switch from one version to another, and the way back. Part of scripts/install.sh.
#
# STATE/pending is there while a change is under way: which version it comes from and goes to, the generation of rules that
# was in force, whether the version was made for it, and the phase:
#   prepared  all is staged; the link may be switched or not
#   undo      the way back has begun
#   good      the new version is well; what is left is bookkeeping
# A process can be killed anywhere: who comes next goes back from `prepared` and `undo`, and on from `good`. Each of these
# steps can be done twice.

versions='' watched=no fresh=no generation='' version_text=''

current() { local link; link=$(readlink -- "$prefix/current" 2>/dev/null) || return 0; printf %s "${link##*/}"; }

# switch_to VERSION: who looks sees the old or the new one, never none.
switch_to() {
  rm -f -- "$prefix/.current.new"
  ln -s -- "versions/$1" "$prefix/.current.new" && mv -T -- "$prefix/.current.new" "$prefix/current" && sync "$prefix"
}

put_pending() { put "$state/pending" "phase=$1"$'\n'"from=$2"$'\n'"to=$3"$'\n'"generation=$generation"$'\n'"fresh=$fresh"$'\n'"service=$watched"$'\n'; }

# begin_change FROM TO: what can fail for want of room fails here, before anything is changed.
begin_change() {
  step stage-configuration
  stage_configuration || { tail_of "$work/errors"; abandon "$2"; refuse "the new defaults cannot be staged in $config"; }
  [ "$(checksum_of_configuration "$config")" = "$before" ] || { abandon "$2"; refuse "the configuration was changed meanwhile: run it again"; }
  generation=''
  [ -z "$1" ] || generation=$(in_force)
  watched=no
  ! has_service || watched=yes
  step pending
  put_pending prepared "$1" "$2" || { abandon "$2"; refuse "cannot write $state/pending"; }
  # From here on the end of a terminal is no reason to stop half way. (Ignored signals would stay ignored in a service that is started.)
  trap : HUP INT TERM PIPE
}

# abandon VERSION: what was made for a change that does not take place.
abandon() {
  [ ! -d "$config/.update" ] || rm -rf -- "$config/.update"
  [ "$fresh" = no ] || rm -rf -- "${versions:?}/$1"
}

# change_version FROM TO: the switch, and everything behind it; ends the process unless all is well.
change_version() {
  begin_change "$1" "$2"
  step switch "switching from ${1:-nothing} to $2"
  if carry_out "$2"; then
    step good
    put_pending good "$1" "$2" && finish "$1" "$2" && return
    stop 5 "$2 is in use, but $state cannot be written: the next run finishes it"
  fi
  undo "$1" "$2"
  leave 4
}

carry_out() {
  switch_to "$1" || { why="the link could not be switched"; return 1; }
  step configuration
  with_editors_waiting place_configuration || { why="the new defaults could not be put in place"; return 1; }
  step system-files
  place_system_files || { why="units or links could not be put in place"; return 1; }
  step restart
  if [ "$watched" = yes ]; then
    say "restarting the service"
    restart_service || { why="the service does not start"; return 1; }
  fi
  step health
  is_healthy || { why="it was not well five times in a row within $health_time s"; return 1; }
  step load-rules
  [ "$rules_differ" != yes ] || [ -z "$generation" ] || { say "loading the rules of $1"; load_rules "$1"; } || { why="its rules were refused, or not confirmed"; return 1; }
  step loaded
}

# undo FROM TO: programs, configuration, service and rules as they were. Ends with 5 when the old version is not well either.
undo() {
  say "$2 is taken back: ${why:-the update was cut short}"
  step undo
  put_pending undo "$1" "$2" || warn "cannot write $state/pending"
  step undo-switch
  if [ -n "$1" ]; then
    [ "$(current)" = "$1" ] || switch_to "$1" || stop 5 "the link cannot be switched back to $1: $prefix/current"
  else
    rm -f -- "$prefix/current" && sync "$prefix"
  fi
  step undo-configuration
  with_editors_waiting restore_configuration
  step undo-system-files
  if [ -n "$1" ]; then place_system_files || warn "units or links could not be put back"; else remove_system_files; fi
  step undo-restart
  if [ -n "$1" ]; then
    [ "$watched" = no ] || restart_service || warn "the service of $1 does not start"
    step undo-rules
    restore_rules "$generation" || warn "the rules of before could not be loaded"
    step undo-health
    is_healthy || stop 5 "$1 is back, and is not well either: see $state/service.log"
  fi
  step undo-clear
  clear_pending "$2"
  say "${1:-nothing} is in use, as before"
}

# clear_pending VERSION: a change that did not take place leaves nothing.
clear_pending() {
  rm -rf -- "$config/.update"
  [ "$fresh" = no ] || rm -rf -- "${versions:?}/$1"
  rm -f -- "$state/pending"
  sync "$state"
}

# finish FROM TO: bookkeeping after a change that is good.
finish() {
  step finish-defaults
  lay_defaults "$versions/$2" || return
  step finish-settings
  save_settings || return
  step finish-previous
  [ -z "$1" ] || put "$state/previous" "$1" || return
  step finish-clear
  rm -rf -- "$config/.update"
  step finish-pending
  rm -f -- "$state/pending"
  sync "$state"
  step prune
  prune
  say "$2 is in use${1:+, and $1 was before}"
}

# prune: the newest --keep versions, with the current one and the one before.
prune() {
  local version now back count=0
  now=$(current) back=$(get "$state/previous")
  while IFS= read -r version; do
    [ "$version" != "$now" ] && [ "$version" != "$back" ] || continue
    count=$((count + 1))
    [ $((count + 2)) -le "$keep" ] || rm -rf -- "${versions:?}/$version"
  done < <(cd -- "$versions" && ls -1t)
}

# recover: what a run that was cut short left is taken back or finished. Only with the lock.
recover() {
  local text phase from to
  remove_leftovers
  if [ ! -f "$state/pending" ]; then
    [ ! -d "$config/.update" ] || rm -rf -- "$config/.update"
    return
  fi
  text=$(get "$state/pending")
  phase=$(field phase "$text") from=$(field from "$text") to=$(field to "$text")
  generation=$(field generation "$text") fresh=$(field fresh "$text") watched=$(field service "$text")
  [[ $to =~ ^[rgd][0-9a-f]{1,12}$ && $from =~ ^([rgd][0-9a-f]{1,12})?$ ]] || needs_person "$state/pending is damaged: see doc/update.md"
  say "an update from ${from:-nothing} to $to was cut short"
  trap : HUP INT TERM PIPE
  case $phase:$(current) in
    good:"$to") finish "$from" "$to" || stop 5 "$to is in use, but $state cannot be written" ;;
    prepared:"$from") clear_pending "$to" ;;
    *) undo "$from" "$to" ;;
  esac
  trap - HUP INT TERM PIPE
  fresh=no generation='' watched=no
}

# --- Commands ----------------------------------------------------------------------------------------------------------
begin() {
  take_lock
  if [ "$dry_run" = yes ]; then
    [ ! -f "$state/pending" ] || needs_person "an update was cut short: run it without --dry-run, which takes it back first"
  else
    recover
  fi
  make_work
  trap 'refuse interrupted' HUP INT TERM
}

# try_and_change VERSION DIRECTORY: what all changes have in common between having the programs and the switch.
try_and_change() {
  local old
  old=$(current)
  step check-configuration "holding $1 against the configuration"
  before=$(checksum_of_configuration "$config")
  prepare_candidate "$2"
  check_configuration "$2"
  step compare-rules
  compare_rules "${old:+$versions/$old}" "$2"
  if [ "$dry_run" = yes ]; then
    say "$1 would be put in place of ${old:-nothing}; it was only tried"
    return
  fi
  accept_difference
  change_version "$old" "$1"
}

main_install() {
  settle_source
  begin
  find_newest
  [ -z "$(current)" ] || [ "$(current)" = "$newest" ] || refuse "$(current) is installed: update brings $newest"
  bring_newest
}

main_update() {
  settle_source
  begin
  [ -n "$(current)" ] || refuse "nothing is installed in $prefix: install does it"
  step find-newest "asking $source for the newest revision"
  find_newest
  bring_newest
}

# bring_newest: from a name to a version in use.
bring_newest() {
  local from
  if [ "$newest" = "$(current)" ]; then
    say "up to date: $newest"
    [ "$dry_run" = yes ] || save_settings || warn "cannot write $state/settings"
    leave 0
  fi
  choose_build_user
  if use_what_is_here; then
    say "$newest is here already"
    from=$versions/$newest
  else
    make_version
    from=$work/out
    [ "$dry_run" = yes ] || { step take-over; fresh=yes; take_over; from=$versions/$newest; }
  fi
  step built
  try_and_change "$newest" "$from"
  leave 0
}

make_version() {
  step fetch "fetching $newest"
  fetch
  step verify "looking at its signature"
  verify_source
  step build "building $newest"
  build
  step self-test "trying $newest"
  check_result
  self_test "$work/out"
}

main_check() {
  local here
  settle_source
  # Whoever may not write, or looks while another one is at work, only looks.
  if [ -w "$state" ] && flock -n "$state/lock" true 2>/dev/null; then begin; else dry_run=yes; make_work; fi
  find_newest
  here=$(current)
  if [ "$newest" = "$here" ]; then
    printf 'up to date: %s\n' "$newest"
  else
    printf 'new: %s of %s; here: %s\n' "$newest" "$(visible "$source")" "${here:-nothing}"
    tell_what_is_new "$here"
  fi
  leave 0
}

main_rollback() {
  begin
  newest=$(get "$state/previous")
  [ -n "$newest" ] && [ -d "$versions/$newest" ] || refuse "there is no version to go back to"
  choose_build_user
  try_and_change "$newest" "$versions/$newest"
  leave 0
}

main_uninstall() {
  [ -d "$state" ] || refuse "nothing is installed in $prefix"
  begin
  [ "$dry_run" = no ] || { say "would remove $versions, $state and what is in $state/system-files"; leave 0; }
  [ "$purge" = no ] || may_purge
  ask "remove the programs in $prefix$([ "$purge" = no ] || printf ' and the configuration in %s' "$config")?"
  case $? in
    0) ;;
    1) refuse "not wanted" ;;
    *) needs_person "--yes, or an answer on a terminal, says that it shall be removed; nothing was changed" ;;
  esac
  step stop-service
  ! runs_systemd || systemctl --quiet disable --now vuurmuur.socket vuurmuur.service vuurmuur-restore.service vuurmuur-update.timer 2>/dev/null 9>&- || true
  step remove-system-files
  remove_system_files
  step remove-current
  rm -f -- "$prefix/current"
  step remove-versions
  rm -rf -- "$versions"
  step purge
  [ "$purge" = no ] || rm -rf -- "$config"
  step remove-state
  remove_work
  rm -rf -- "$state"
  rmdir -- "$prefix" 2>/dev/null
  printf 'removed. Rules in force stay until the next boot%s\n' "$([ "$purge" = yes ] || printf ', and the configuration stays in %s' "$(visible "$config")")" >&2
  exit 0
}

# may_purge: only what is surely a configuration, and nothing else.
may_purge() {
  case $config in / | /etc | /usr | /var | /home | /root | "${HOME:-/}") needs_person "$config is not removed: it is no directory of ours" ;; esac
  [ ! -e "$config" ] || [ -f "$config/config.conf" ] || needs_person "$config is not removed: it has no config.conf"
}
