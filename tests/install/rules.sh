#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC1091,SC2034,SC2317 # helpers.sh and rules.sh of the installer, what they use and what they set
# Whether an update asks a person: what compare_rules of scripts/install/rules.sh says of a version that writes rules
# otherwise, with the real program as both versions and its output changed in the second.
#   rules.sh PROGRAM
. "$(dirname -- "$0")/helpers.sh"
stop_daemon() { :; }
root=${here%/tests/install}
program=$1 work=$area/work newest=new
mkdir "$work" "$work/home" "$work/home/state"
. "$root/scripts/install/rules.sh"
staged() { "$@" </dev/null; }
has_policy() { [ -f "$1/rules/rules.conf" ]; }
say() { printf '%s\n' "$*" >>"$out"; }
refuse() { printf 'refused: %s\n' "$*" >>"$out"; finished; }
tail_of() { tail -n 5 "$1" >>"$out"; }

# A queue for each kind of rule, an own mark, translation.
cp -r "$root/config/samples/gateway" "$work/live"
cat >>"$work/live/rules/rules.conf" <<'END'
RULE="nfqueue service any from lan to inet options nfqueuenum=\"7\""
RULE="nfqueue service http from inet to lan options nfqueuenum=\"8\",limit=\"3\""
END
cp -r "$work/live" "$work/candidate"

# version NAME SED-EXPRESSION: a version whose compiled rules are changed.
version() {
  mkdir -p "$area/$1/sbin"
  cat >"$area/$1/sbin/vuurmuur" <<END
#!/bin/sh
[ "\$1" = compile ] || exec '$program' "\$@"
'$program' "\$@" | sed '$2'
END
  chmod +x "$area/$1/sbin/vuurmuur"
}
# says VERDICT NAME: of the version NAME, in place of the one without a change.
says() {
  : >"$out"
  rm -rf "$work/rules.old" "$work/rules.new"
  policy=yes
  compare_rules "$area/old" "$area/$2" 2>>"$out"
  [ "$rules_differ" = "$1" ]
}
version old ''
version same ''
version chains 's/\(^:\|^-A \|-[jg] \)VRMR-/\1VRMR-NEW-/g'
version queue 's/--queue-num 7\b/--queue-num 9/'
version mark 's/--set-xmark 0x10007000/--set-xmark 0x10009000/'
version mangle '/^\*mangle/,/^COMMIT/ { /^-A VRMR-[^ ]* .*-j CONNMARK/ s/-j CONNMARK.*/-j ACCEPT/ }'
version nat '/^\*nat/,/^COMMIT/ s/-j MASQUERADE/-j ACCEPT/'
check "the same rules" says no same
check "  go without saying" grep -q 'the same rules' "$out"
check "rules with queues in chains of other names, in all tables, ask nobody" says text chains
check "  and that is proven" grep -q 'proven for every packet' "$out"
check "  with their queues" grep -q -e '-j NFQUEUE --queue-num 7' "$work/rules.new/4"
check "  in tables besides filter as well" grep -q VRMR-NEW- <(sed '/^\*filter/,/^COMMIT/d' "$work/rules.new/4")
check "another queue is told" says yes queue
check "  with both" grep -q 'to queue 9' "$out"
check "another mark of a queue is told" says yes mark
check "translation that is missing is told" says yes nat
check "  as such" grep -q 'of table nat' "$out"
finished
