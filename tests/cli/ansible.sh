#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The role of scripts/ansible on a machine that is a namespace: applied, applied again, refused, taken back.
#   ansible.sh PROGRAM SOURCE_TREE
set -uo pipefail
left_out() {
  printf '%s: left out\n' "$1" >&2
  [ "${VUURMUUR_TEST_ALL:-}" != 1 ] || exit 1
  exit 77
}
command -v ansible-playbook >/dev/null || left_out "no ansible-playbook"
if [ "${VUURMUUR_ANSIBLE_TEST_INSIDE:-}" != yes ]; then
  if [ "$(id -u)" -eq 0 ]; then own=(unshare --net); else own=(unshare --user --map-root-user --net); fi
  "${own[@]}" true 2>/dev/null || left_out "no network namespaces"
  VUURMUUR_ANSIBLE_TEST_INSIDE=yes exec "${own[@]}" -- bash "$0" "$@"
fi
program=$1 root=$2
area=$(mktemp -d "${TMPDIR:-/tmp}/vuurmuur-ansible.XXXXXX")
trap 'rm -rf -- "$area"' EXIT
ip link set lo up
export HOME=$area ANSIBLE_PIPELINING=1 ANSIBLE_LOCAL_TEMP=$area/local ANSIBLE_ROLES_PATH=$root/scripts/ansible/roles ANSIBLE_NOCOLOR=1 ANSIBLE_RETRY_FILES_ENABLED=0
export VUURMUUR_STATE_DIR=$area/state VUURMUUR_SOCKET=none SSH_CONNECTION=
failures=0
check() { if "${@:2}"; then printf 'ok %s\n' "$1"; else failures=$((failures + 1)); printf 'not ok %s\n' "$1"; sed 's/^/    | /' "$area/out"; fi; }

mkdir -p "$area/configurations" "$area/live"
cp -r "$root/config/samples/gateway" "$area/configurations/all"
printf '[firewalls]\nmachine ansible_connection=local ansible_python_interpreter=%s ansible_remote_tmp=%s\n' "$(command -v python3)" "$area/remote" >"$area/inventory"
cp "$root/scripts/ansible/site.yml" "$area/site.yml"
sed -i '/become/d' "$area/site.yml"
play() { (cd "$area" && ansible-playbook -i inventory site.yml -e vuurmuur_install=none -e vuurmuur_service=false \
  -e "vuurmuur_program=${vuurmuur:-$program}" -e "vuurmuur_directory=$area/live" -e vuurmuur_confirm_seconds=20 "$@") >"$area/out" 2>&1 </dev/null; }
fails() { ! "$@"; }
state() { "$program" status --json | grep -q "\"state\": \"$1\""; }
generations() { "$program" history --json | grep -c '^    "generation":'; }
is_there() { diff -r --exclude=.lock "$area/configurations/all" "$area/live" >>"$area/out"; }
says() { grep -q -- "$1" "$area/out"; }

check "the playbook is well formed" play --syntax-check
check "--check tells what would become of a machine that has nothing" play --check
check "  and changes nothing" eval '[ -z "$(ls -A "$area/live")" ]'
check "  but tells" says '+++ rules/rules.conf'
check "the first run applies" play
check "  and confirms" state confirmed
check "  with the files as they are here" is_there
check "  once" [ "$(generations)" -eq 1 ]
check "the second run" play
check "  changes nothing" says 'changed=0'
check "  and loads nothing" [ "$(generations)" -eq 1 ]

echo 'RULE="accept service htpp from lan to inet"' >>"$area/configurations/all/rules/rules.conf"
check "an error ends the run" fails play
check "  and is told" says "did you mean 'http'"
check "  and nothing was changed" [ "$(generations)" -eq 1 ]
sed -i '$d' "$area/configurations/all/rules/rules.conf"
check "as it was" is_there

cp -r "$area/configurations/all" "$area/before"
sed -i '/service imaps/d' "$area/configurations/all/rules/rules.conf"
printf '#!/bin/sh\n[ "$1" != confirm ] || exit 3\nexec %s "$@"\n' "$program" >"$area/unconfirmed"
chmod +x "$area/unconfirmed"
vuurmuur=$area/unconfirmed check "what cannot be confirmed" fails play
check "  is taken back" says 'were taken back'
check "  so that nothing waits" state confirmed
check "  and the rules of before are in force" eval 'iptables-legacy-save | grep "accept imaps from" >/dev/null'
check "  and the files are those of before" diff -r --exclude=.lock "$area/before" "$area/live"
check "and then it can be applied" play
check "  with the files as they are here" is_there
check "  and its rules" eval '! iptables-legacy-save | grep "accept imaps from" >/dev/null'
check "nothing is left over" eval '[ -z "$(ls -d /tmp/ansible.*.vuurmuur.tar.gz "$area"/remote/*.vuurmuur* 2>/dev/null)" ]'
[ $failures -eq 0 ]
