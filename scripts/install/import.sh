# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# Takes over an installation of Vuurmuur 0.8, and gives it back. Part of scripts/install.sh.
#
# STATE/import/phase      how far it has come: saved, loaded, stopped, removed, taken-over
# STATE/import/engine     where the rules of 0.8 are: legacy or nft
# STATE/import/rules.N    the kernel's rules of before, of IPv4 and IPv6
# STATE/import/service    how its programs were started, a line each
# STATE/import/modes      owners and permissions of the configuration
# STATE/import/configuration.tar
#
# Its rules go only after ours are in force and confirmed and its programs have ended, so at no moment are neither of the two in
# force; while both are, the stricter one decides. Each step can be done twice: who was stopped goes on by running it again.

back=no old_engine='' old_root=${VUURMUUR_INSTALL_OLD_ROOT:-}

import_phase() { get "$state/import/phase"; }
set_phase() { put "$state/import/phase" "$1" || refuse "cannot write $state/import"; }

# tool KIND FAMILY: "save" or "restore" of the engine that the rules of 0.8 are in.
tool() { case $2 in 4) printf 'iptables-%s-%s' "$old_engine" "$1" ;; 6) printf 'ip6tables-%s-%s' "$old_engine" "$1" ;; esac; }

# saved_rules FAMILY: without comments, which have the time.
saved_rules() { "$(tool save "$1")" 2>/dev/null 9>&- | grep -v '^#'; }

has_old_rules() { saved_rules 4 | grep '^:NEWACCEPT ' >/dev/null || saved_rules 6 | grep '^:NEWACCEPT ' >/dev/null; }

# find_old_rules: sets old_engine to the one that has them, or to nothing.
find_old_rules() {
  local engine found=''
  for engine in legacy nft; do
    old_engine=$engine
    command -v "$(tool save 4)" >/dev/null && has_old_rules || continue
    [ -z "$found" ] || needs_person "both iptables-legacy and iptables-nft have rules of Vuurmuur 0.8: empty the one that is not in use; nothing was changed"
    found=$engine
  done
  old_engine=$found
}

# old_processes: numbers of the programs of 0.8 that run, by their files.
old_processes() {
  local name pid comm
  for name in vuurmuur vuurmuur_log; do
    read -r pid _ 2>/dev/null <"$old_root/run/$name.pid" || continue
    [[ $pid =~ ^[1-9][0-9]*$ ]] && read -r comm 2>/dev/null <"/proc/$pid/comm" && [ "$comm" = "$name" ] || continue
    # One that has ended may wait for somebody to ask how.
    ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null || continue
    case $(readlink -- "/proc/$pid/exe") in "$versions"/*) ;; *) printf '%s\n' "$pid" ;; esac
  done
}

# removal_of ENGINE: reads what iptables-save wrote; prints for iptables-restore --noflush what takes the rules of 0.8 out of
# it. In built-in chains these are all that lead to no chain of somebody else, for 0.8 emptied them at each of its loads.
removal_of() {
  awk -v engine="$1" '
    function is_old(chain) {
      return chain ~ /^(BLOCK|BLOCKLIST|ANTISPOOF|NEWACCEPT|NEWNFQUEUE|ESTRELNFQUEUE|NEWNFLOG|ESTRELNFLOG|NEWQUEUE|SYNLIMIT|UDPLIMIT|TCPRESET|DBCHECK|SHAPEIN|SHAPEOUT|SHAPEFW)$/ || chain ~ /^ACC-/
    }
    function target(   i) { for (i = 3; i < NF; i++) if ($i == "-j" || $i == "-g") return $(i + 1); return "" }
    function is_builtin(chain) { return policy[chain] != "-" }
    function finish(   i, text) {
      for (i = 1; i <= chains; i++) {
        chain = name[i]
        # A hook of the user stays, but for the jump when ours has one.
        if (is_old(chain) || (chain ~ /^PRE-VRMR-/ && !content[chain] && !wanted[chain])) gone[chain] = 1
      }
      if (table == "filter" && engine == "nft") for (i = 1; i <= chains; i++) if (is_builtin(name[i])) text = text ":" name[i] " ACCEPT [0:0]\n"
      for (i = 1; i <= rules; i++) {
        to = goal[i]; from = where[i]
        if (!is_builtin(from)) continue
        if (table == "raw") remove = rule[i] ~ /--invert/ && rule[i] ~ /-m rpfilter/ || to == "CT" && rule[i] ~ /--helper/
        else if (to ~ /^PRE-VRMR-/) remove = gone[to] || wanted[to]
        else remove = !(to in policy) || is_old(to)
        if (remove) text = text "-D" substr(rule[i], 3) "\n"
      }
      for (i = 1; i <= chains; i++) if (gone[name[i]]) text = text "-F " name[i] "\n"
      for (i = 1; i <= chains; i++) if (gone[name[i]]) text = text "-X " name[i] "\n"
      if (text != "") printf "*%s\n%sCOMMIT\n", table, text
      chains = rules = 0
      split("", policy); split("", content); split("", wanted); split("", gone)
    }
    /^\*/ { table = substr($0, 2) }
    /^:/ { chain = substr($1, 2); policy[chain] = $2; name[++chains] = chain }
    /^-A / {
      rule[++rules] = $0; where[rules] = $2; goal[rules] = target()
      content[$2] = 1
      if ($2 ~ /^VRMR-/) wanted[goal[rules]] = 1
    }
    /^COMMIT/ { finish() }'
}

# --- Looking ------------------------------------------------------------------------------------------------------------
# compare_with_old: what the kernel does now against what the new rules do; 1 when that is not the same, or not known.
compare_with_old() {
  local family equal=0
  mkdir -p -- "$work/home/state" && give_away "$work/home"
  compile_with "$(program)" "$work/live" "$work/rules.new" || { tail_of "$work/errors"; refuse "the configuration in $config cannot be compiled"; }
  : >"$work/proof"
  for family in 4 6; do
    "$(tool save "$family")" >"$work/kernel.$family" 2>/dev/null 9>&-
    chmod 0644 "$work/kernel.$family" "$work/rules.new/$family"
    printf 'IPv%s, what Vuurmuur 0.8 does and what is done from now on:\n' "$family" >>"$work/proof"
    staged "$(program)" diff --iptables-save "$work/kernel.$family" "$work/rules.new/$family" >>"$work/proof" 2>&1 || equal=1
  done
  return $equal
}

look_at_configuration() {
  local location
  has_policy "$config" || refuse "there is no configuration of Vuurmuur in $config: --config names it"
  location=$(sed -n 's/^[[:space:]]*LOCATION[[:space:]]*=[[:space:]]*"\{0,1\}\([^"]*\)"\{0,1\}[[:space:]]*$/\1/Ip' "$config/plugins/textdir.conf" 2>/dev/null | tail -n 1)
  while [ "${location%/}" != "$location" ] && [ "$location" != / ]; do location=${location%/}; done
  [ -z "$location" ] || [ "$location" -ef "$config" ] || refuse "the rules of Vuurmuur 0.8 are in $location (plugins/textdir.conf): --config=$location"
  mkdir -- "$work/live" && copy_configuration "$work/live" || { tail_of "$work/errors"; refuse "the configuration cannot be copied"; }
  mkdir -p -- "$work/home/state" && give_away "$work/home"
  staged "$(program)" check --state-dir="$work/home/state" "$work/live" >"$work/answer" 2>&1 || {
    head -n 60 "$work/answer" | cat -v | sed "s|$work/live|CONFIG|g; s/^/  /" >&2
    refuse "the configuration in $config has to be put right first: Vuurmuur 0.8 left such rules out in silence"
  }
}

# --- Taking over --------------------------------------------------------------------------------------------------------
save_old() {
  local family pid line text=''
  step import-save "keeping the rules, programs and files of Vuurmuur 0.8"
  rm -rf -- "$state/import" && mkdir -m 0700 -- "$state/import" || refuse "cannot make $state/import"
  for family in 4 6; do "$(tool save "$family")" -c >"$state/import/rules.$family" 2>/dev/null 9>&- || refuse "the kernel's rules cannot be kept"; done
  while IFS= read -r pid; do
    # By its file: the name that it was called by may be no path.
    line=$(tr '\0' ' ' <"/proc/$pid/cmdline")
    [[ $line != *' '* ]] || line=${line#* }
    text+=$(encoded "$(readlink -- "/proc/$pid/exe") ${line% }")$'\n'
  done < <(old_processes)
  put "$state/import/service" "$text" && put "$state/import/engine" "$old_engine" || refuse "no room in $state"
  (cd -- "$config" && find . -printf '%m %U:%G %p\0') >"$state/import/modes" && tar -C "$config" -cf "$state/import/configuration.tar" . || refuse "no room in $state"
  sync "$state"/import/* "$state/import"
  set_phase saved
}

load_ours() {
  local seconds=0 backend=nft connections=keep
  [ "$old_engine" = nft ] || backend=xtables
  # The marks of 0.8 mean nothing here: its queued connections are put back into their queues.
  ! grep -q -i '^[[:space:]]*RULE=.*\(nfqueue\|nflog\)' "$config/rules/rules.conf" || connections=enforce
  ! over_ssh || seconds=$confirm_time
  step import-load "loading the new rules beside those of Vuurmuur 0.8"
  generation=$(in_force)
  "$(program)" apply "--backend=$backend" "--connections=$connections" "--confirm=$seconds" --comment="taken over from Vuurmuur 0.8" "$config" >&2 9>&-
  case $? in
    0) ;;
    5) warn "the new rules are in force, but some live connections are as they were" ;;
    *) no_import "the new rules were refused" ;;
  esac
  [ "$seconds" -eq 0 ] || wait_for_confirmation "$seconds" || no_import "the new rules were not confirmed"
  set_phase loaded
}

no_import() { rm -rf -- "$state/import"; refuse "$1: Vuurmuur 0.8 and its rules are as they were"; }

stop_old() {
  local pid tries
  step import-stop "ending the programs of Vuurmuur 0.8"
  for pid in $(old_processes); do
    kill -INT "$pid" 2>/dev/null
    # Who started it may have made it deaf to that.
    for tries in $(seq 100); do
      old_processes | grep -qx "$pid" || break
      [ "$tries" -ne 50 ] || kill -TERM "$pid" 2>/dev/null
      sleep 0.1
    done
  done
  [ -z "$(old_processes)" ] || needs_person "a program of Vuurmuur 0.8 does not end: $(old_processes | tr '\n' ' '). Both rulesets are in force; run import again when it is gone"
  if [ -x "$old_root/etc/init.d/vuurmuur" ] && ! runs_systemd && command -v update-rc.d >/dev/null; then update-rc.d vuurmuur disable >/dev/null 2>&1; fi
  set_phase stopped
}

remove_old_rules() {
  local family
  step import-remove "taking the rules of Vuurmuur 0.8 out of the kernel"
  # Its last load may have emptied built-in chains, and our jumps with them: the new rules have to be whole first.
  ours_are_whole || "$(program)" restore >&2 9>&- || needs_person "the new rules are not whole: both rulesets stay in force"
  for family in 4 6; do
    saved_rules "$family" | removal_of "$old_engine" >"$work/removal.$family"
    [ ! -s "$work/removal.$family" ] || "$(tool restore "$family")" --noflush <"$work/removal.$family" >&2 9>&- ||
      needs_person "rules of Vuurmuur 0.8 could not be taken out: both rulesets stay in force"
    say "IPv$family: $(grep -c '^-D' "$work/removal.$family") rules and $(grep -c '^-X' "$work/removal.$family") chains were taken out"
  done
  set_phase removed
}

# ours_are_whole: as far as that can be told.
ours_are_whole() {
  if [ "$old_engine" = legacy ]; then
    saved_rules 4 | grep '^-A INPUT .*-j VRMR-INPUT$\|^-A INPUT -j VRMR-INPUT$' >/dev/null
  else
    ! command -v nft >/dev/null || nft list table ip vuurmuur >/dev/null 2>&1
  fi
}

# prove_running: what the kernel runs is what the policy says. 2 when that cannot be told.
prove_running() {
  step import-prove "holding the kernel against the policy"
  "$(program)" diff --help 2>/dev/null | grep -e '--running' >/dev/null || { say "this version cannot compare with the kernel's rules"; return 2; }
  "$(program)" diff --running "$config" >"$work/answer" 2>&1 9>&-
  case $? in
    0) say "the kernel runs exactly what the policy says" ;;
    1) head -n 40 "$work/answer" | cat -v | sed 's/^/  /' >&2; return 1 ;;
    *) tail_of "$work/answer"; return 2 ;;
  esac
}

# others_remain: whether built-in chains have rules that lead to no chain of ours.
others_remain() {
  local family
  for family in 4 6; do saved_rules "$family" | grep -e '^-A [A-Z]* ' | grep -v -e ' -[jg] VRMR-' >/dev/null && return 0; done
  return 1
}

start_ours() {
  step import-start
  if [ "$(id -u)" -eq 0 ] && getent group vuurmuur >/dev/null; then
    chgrp -R -h vuurmuur -- "$config" && chmod -R g+rX -- "$config" || warn "the daemon cannot read all of $config"
  fi
  [ "$start" = yes ] || return 0
  if [ -n "$restart_command" ]; then
    hook "$restart_command"
  elif runs_systemd; then
    systemctl daemon-reload && systemctl --quiet enable vuurmuur-restore.service && systemctl --quiet enable --now vuurmuur.socket vuurmuur.service
  fi 9>&- || warn "the service could not be started: the rules are in force without it"
}

main_import() {
  begin
  [ -n "$(current)" ] || refuse "nothing is installed in $prefix: install does it"
  [ "$(id -u)" -eq 0 ] || refuse "this needs root"
  [ "$back" = no ] || give_back
  old_engine=$(get "$state/import/engine")
  case $(import_phase) in
    loaded | stopped | removed) say "going on where it was stopped" ;;
    *)
      find_old_rules
      [ -n "$old_engine" ] || refuse "the kernel has no rules of Vuurmuur 0.8: there is nothing to take over"
      choose_build_user
      step import-look "holding the configuration in $config against the kernel"
      look_at_configuration
      rules_differ=no
      compare_with_old || { rules_differ=yes; head -n 80 "$work/proof" | cat -v | sed "s|$work/||g; s/^/  /" >&2; }
      [ "$rules_differ" = yes ] || say "the new rules filter the same: proven for every packet"
      [ "$dry_run" = no ] || { say "Vuurmuur 0.8 would be taken over; nothing was changed"; leave 0; }
      accept_difference
      trap : HUP INT TERM PIPE
      save_old
      load_ours
      ;;
  esac
  [ "$dry_run" = no ] || { say "it would go on behind '$(import_phase)'"; leave 0; }
  trap : HUP INT TERM PIPE
  [ "$(import_phase)" != loaded ] || stop_old
  [ "$(import_phase)" != stopped ] || remove_old_rules
  if [ "$(import_phase)" = removed ]; then
    prove_running
    if [ $? -eq 1 ]; then
      others_remain || { say "that is not what was meant"; return_to_old; stop 4 "Vuurmuur 0.8 and its rules are back"; }
      warn "rules of others, which stay, may be why: look at what is shown above"
    fi
    start_ours
    step import-done
    set_phase taken-over
  fi
  say "Vuurmuur 0.8 is taken over. 'import --back' brings it back"
  leave 0
}

# --- The way back -------------------------------------------------------------------------------------------------------
# return_to_old: rules first, so that ours never go before its own are there.
return_to_old() {
  local family mode owner file line
  old_engine=$(get "$state/import/engine")
  step back-stop "ending our service"
  ! runs_systemd || [ "$start" = no ] || systemctl --quiet disable --now vuurmuur.socket vuurmuur.service vuurmuur-restore.service 2>/dev/null 9>&- || true
  step back-rules "loading the rules of Vuurmuur 0.8 as they were"
  load_old_rules
  "$(program)" clear --yes >&2 9>&- || warn "our rules could not be taken out: both rulesets are in force"
  # What they share in one engine, policies and jumps, is theirs again.
  load_old_rules
  step back-files
  while IFS= read -r -d '' line; do
    mode=${line%% *} line=${line#* } owner=${line%% *} file=${line#* }
    [ ! -e "$config/$file" ] || [ -L "$config/$file" ] || { chown -- "$owner" "$config/$file" && chmod -- "$mode" "$config/$file"; }
  done <"$state/import/modes"
  step back-start
  start_old
  rm -rf -- "$state/import"
}

load_old_rules() {
  local family
  for family in 4 6; do
    "$(tool restore "$family")" --counters <"$state/import/rules.$family" >&2 9>&- || needs_person "the rules of Vuurmuur 0.8 cannot be loaded: they are in $state/import/rules.$family, and ours stay in force"
  done
}

start_old() {
  local line words
  [ "$start" = yes ] || return 0
  while IFS= read -r line; do
    read -r -a words <<<"$(decoded "$line")"
    [ ${#words[@]} -gt 0 ] || continue
    if command -v -- "${words[0]}" >/dev/null; then setsid -f "${words[@]}" </dev/null >>"$state/service.log" 2>&1 9>&-; else warn "'$(decoded "$line")' is not there any more"; fi
  done <"$state/import/service"
}

give_back() {
  [ -f "$state/import/engine" ] || refuse "nothing was taken over here"
  [ "$dry_run" = no ] || { say "the rules and programs of Vuurmuur 0.8 would be brought back; nothing was changed"; leave 0; }
  ask "bring back the rules of Vuurmuur 0.8, and take ours out?"
  case $? in
    0) ;;
    1) refuse "not wanted" ;;
    *) needs_person "--yes, or an answer on a terminal, says that it shall come back; nothing was changed" ;;
  esac
  trap : HUP INT TERM PIPE
  return_to_old
  say "Vuurmuur 0.8 and its rules are back. Its configuration is as it is now; what it was is in no use any more"
  leave 0
}
