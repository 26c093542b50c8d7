#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# install.sh killed (-9) at every step that its source has: what is in use is whole each time, and whoever comes next brings
# programs, configuration, service and rules back together. One of five ways to be killed, or all of them:
#   killed.sh [update|way-back|dying|rollback|uninstall]
. "$(dirname -- "$0")/helpers.sh"
which=${1:-all}
new_key "$area/key" t
signers "$area/signers" "$area/key" t@example.org
new_git
commit one
new_machine
export VUURMUUR_INSTALL_PAUSE=0.02
check "a first install" expect 0 install --source="git:file://$area/git" --signers="$area/signers"
load_policy
sed -i 's/LOG="Yes"/LOG="No"/' "$config/config.conf"
default services/http 'PORT="8080"\n'
default services/new 'PORT="1"\n'
default config.conf '# defaults\nLOG="Yes"\n\n\n\n\nDEPTH="2"\n'
commit two
stop_daemon
cp -a "$prefix" "$area/prefix.one"; cp -a "$config" "$area/config.one"; cp -a "$VUURMUUR_STATE_DIR" "$area/kernel.one"

# as_it_was NUMBER: the machine as it was then, with its service.
as_it_was() {
  was=$1
  stop_daemon
  rm -rf -- "$prefix" "$config" "$VUURMUUR_STATE_DIR" "${TMPDIR:?}"/*
  cp -a "$area/prefix.$1" "$prefix"; cp -a "$area/config.$1" "$config"; cp -a "$area/kernel.$1" "$VUURMUUR_STATE_DIR"
  VUURMUUR_PREFIX=$prefix "$area/restart" >/dev/null 2>&1 9>&-
  for _ in $(seq 100); do [ ! -s "$VUURMUUR_STATE_DIR/running" ] || break; sleep 0.02; done
}

# A default that only the newer version has stays after a rollback: rules may name it.
was=one
# together: the version in use, the one that runs, the defaults and the rules in force are of the same revision.
together() {
  local name
  name=$(version) || return
  runs "$name" || { echo "$name does not run" >>"$out"; return 1; }
  grep -q 'LOG="No"' "$config/config.conf" || { echo "the changed file was lost" >>"$out"; return 1; }
  case $name in
    one) grep -q '"80"' "$config/services/http" && { [ "$was" = two ] || [ ! -e "$config/services/new" ]; } && ! in_force | grep -q 8080 ;;
    two) grep -q '"8080"' "$config/services/http" && [ -e "$config/services/new" ] && in_force | grep -q 8080 && [ -e "$config/config.conf.new" ] ;;
    *) false ;;
  esac || { echo "programs, configuration and rules are not of one revision" >>"$out"; return 1; }
}

all_steps() { grep -ohE '\bstep [a-z][a-z-]+' "${installer%.sh}"/*.sh "$installer" | cut -d' ' -f2 | sort -u; }
# steps_of COMMAND…: those that it comes to.
steps_of() { VUURMUUR_INSTALL_STOP_AT=none install_sh "$@"; sed -n 's/^step //p' "$out" | awk '!seen[$0]++'; }

# killed_at STEP COMMAND…: the process ends there as by a power cut.
killed_at() {
  local step=$1 status
  shift
  VUURMUUR_INSTALL_STOP_AT=$step install_sh "$@" 2>/dev/null
  status=$?
  [ "$status" -eq 137 ] || { echo "ended with $status at $step" >>"$out"; return 1; }
}
whole() { case $(version) in one | two | three) ;; *) return 1 ;; esac; }

# killed_at_each TEXT MACHINE STEPS COMMAND…: at each of these steps of the command that it comes to, from that machine.
killed_at_each() {
  local text=$1 machine=$2 steps=$3 step count=0 before=$failures
  shift 3
  as_it_was "$machine"
  for step in $(steps_of "$@" | tee -a "$area/seen" | grep -E "$steps"); do
    as_it_was "$machine"
    killed_at "$step" "$@" || { not_ok "$text: killed at $step"; continue; }
    whole || { not_ok "$text: killed at $step: the version in use is whole"; continue; }
    install_sh check
    { together && nothing_left; } || { not_ok "$text: killed at $step: all of one revision after the next run"; continue; }
    count=$((count + 1))
  done
  check "$text: killed at each of $count steps" eval "[ $failures -eq $before ] && [ $count -gt 5 ]"
}

# killed_on_the_way_back TEXT MACHINE COMMAND…: killed when its rules are loaded, and who takes it back at each of his steps.
killed_on_the_way_back() {
  local text=$1 machine=$2 step steps count=0 before=$failures
  shift 2
  mapfile -t steps < <(grep -oE '\bstep undo[a-z-]*' "${installer%.sh}/change.sh" | cut -d' ' -f2)
  as_it_was "$machine"
  for step in "${steps[@]}"; do
    killed_at loaded "$@" || { not_ok "$text: $step: killed before"; break; }
    killed_at "$step" check || { not_ok "$text: killed at $step of the way back"; break; }
    whole || { not_ok "$text: killed at $step of the way back: the version in use is whole"; break; }
    install_sh check
    { together && nothing_left; } || { not_ok "$text: killed at $step of the way back: all of one revision after that"; break; }
    count=$((count + 1))
  done
  check "$text: killed at each of $count steps of the way back" eval "[ $failures -eq $before ] && [ $count -gt 5 ]"
}

wanted() { [ "$which" = "$1" ] || [ "$which" = all ]; }

if wanted update; then
  killed_at_each "an update" one . update --yes
  check "and it comes to its end at last" expect 0 update --yes
  check "  with the newest version" is two
fi
if wanted way-back; then
  killed_on_the_way_back "an update" one update --yes
  check "and it comes to its end at last" expect 0 update --yes
  check "  with the newest version" is two
fi

as_it_was one
install_sh update --yes
stop_daemon
cp -a "$prefix" "$area/prefix.two"; cp -a "$config" "$area/config.two"; cp -a "$VUURMUUR_STATE_DIR" "$area/kernel.two"

if wanted rollback; then
  killed_at_each "a rollback" two . rollback --yes
  check "and it comes to its end at last" expect 0 rollback --yes
  check "  with the version before" is one
fi

if wanted dying; then
  commit three daemon=dies
  # Before it dies, its steps are those of any update.
  killed_at_each "an update to a version that dies" two "$([ "$which" = all ] && printf . || printf undo)" update --yes --health-time=1
  check "and it is rolled back" expect 4 update --yes --health-time=1
  check "  to the version before" is two
fi

if wanted uninstall; then
  as_it_was two
  for step in $(steps_of uninstall --yes); do
    echo "$step" >>"$area/seen"
    as_it_was two
    check "an uninstall that is killed at $step" killed_at "$step" uninstall --yes
    stop_daemon
    install_sh uninstall --yes
    check "  is done by the next one" eval '! [ -e "$prefix" ] && [ -f "$config/rules/rules.conf" ]'
  done
fi

if [ "$which" = all ]; then
  # Those of a first install are those of an update.
  printf 'purge\n' >>"$area/seen"
  check "every step that the source has was one of these" eval '[ -z "$(comm -23 <(all_steps) <(sort -u "$area/seen") | tee -a "$out")" ]'
fi
finished
