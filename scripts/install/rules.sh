# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# Whether the new version accepts the configuration, and whether it makes the same rules of it. Part of scripts/install.sh.
#
# Both versions compile as nobody, without network and without what is known of names, so that they differ in nothing
# but themselves and in defaults that follow.

rules_differ=no policy=no

# check_configuration VERSION-DIRECTORY: the new version reads the configuration as it will be.
check_configuration() {
  policy=no
  has_policy "$work/candidate" || { say "there are no rules in $config yet: nothing to check"; return; }
  policy=yes
  mkdir -p -- "$work/home/state" && give_away "$work/home"
  staged "$1/sbin/vuurmuur" check --state-dir="$work/home/state" "$work/candidate" >"$work/answer" 2>&1 || {
    head -n 60 "$work/answer" | cat -v | sed "s|$work/candidate|CONFIG|g; s/^/  /" >&2
    refuse "$newest does not accept the configuration in $config"
  }
}

# compile_with PROGRAM DIRECTORY OUT: rules of both families, and sets.
compile_with() {
  local what
  mkdir -p -- "$3" || return
  for what in --family=4 --family=6 --format=ipset; do
    staged "$1" compile --no-comments "$what" --state-dir="$work/home/state" "$2" >"$3/${what#--*=}" 2>"$work/errors" || return
  done
}

# compare_rules OLD NEW: sets rules_differ, and shows how.
compare_rules() {
  rules_differ=no
  [ "$policy" = yes ] || return 0
  compile_with "$2/sbin/vuurmuur" "$work/candidate" "$work/rules.new" || { tail_of "$work/errors"; refuse "$newest cannot compile the configuration in $config"; }
  [ -n "$1" ] || return 0
  if ! has_policy "$work/live" || ! compile_with "$1/sbin/vuurmuur" "$work/live" "$work/rules.old"; then
    rules_differ=yes
    say "the version that is here does not compile the configuration: nothing to compare with"
  elif diff -r -q "$work/rules.old" "$work/rules.new" >/dev/null; then
    say "both versions make the same rules of the configuration"
  elif is_proven_equal "$2"; then
    say "the rules are written otherwise, and filter the same: proven for every packet"
    rules_differ=text
  else
    rules_differ=yes
    show_difference
  fi
}

# is_proven_equal NEW: all tables do the same with every packet. The files of the compiler are read by the new version, which
# knows both ways of writing.
is_proven_equal() {
  local family equal=yes
  : >"$work/proof"
  cmp -s "$work/rules.old/ipset" "$work/rules.new/ipset" || equal=no
  for family in 4 6; do
    chmod 0644 "$work/rules.old/$family" "$work/rules.new/$family"
    staged "$1/sbin/vuurmuur" diff --iptables-save "$work/rules.old/$family" "$work/rules.new/$family" >>"$work/proof" 2>&1 || equal=no
  done
  [ "$equal" = yes ]
}

show_difference() {
  {
    printf 'what the rules of the new version do otherwise:\n'
    head -n 40 "$work/proof" | cat -v | sed 's/^/  /'
    (cd -- "$work" && diff -r -U 1 rules.old rules.new) | grep -v '^diff ' | head -n 40 | cat -v | sed 's/^/  /'
  } >&2
}

# accept_difference: a person says whether other rules are wanted.
accept_difference() {
  [ "$rules_differ" = yes ] || return 0
  ask "the rules become others. Go on?"
  case $? in
    0) ;;
    1) refuse "not wanted" ;;
    *) needs_person "the rules become others: --yes, or an answer on a terminal, says that they shall; nothing was changed" ;;
  esac
}
