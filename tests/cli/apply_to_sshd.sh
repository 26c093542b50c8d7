#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# apply --to by the real ssh: a machine behind a wire, with sshd. A policy that lets SSH in is confirmed; one that does not goes back by itself.
#   apply_to_sshd.sh PROGRAM CONFIG_SOURCES
set -uo pipefail
sshd=/usr/sbin/sshd
left_out() {
  printf '%s: left out\n' "$1" >&2
  [ "${VUURMUUR_TEST_ALL:-}" != 1 ] || exit 1
  exit 77
}
[ -x $sshd ] && command -v ssh ssh-keygen >/dev/null || left_out "no sshd"
[ "$(id -u)" -eq 0 ] || left_out "not root"
if [ "${VUURMUUR_SSHD_TEST_INSIDE:-}" != yes ]; then
  VUURMUUR_SSHD_TEST_INSIDE=yes exec unshare --net --mount -- bash "$0" "$@"
fi
program=$1 config=$2
area=$(mktemp -d "${TMPDIR:-/tmp}/vuurmuur-sshd.XXXXXX")
gateway=''
clean_up() {
  [ ! -s "$area/sshd.pid" ] || kill "$(cat "$area/sshd.pid")" 2>/dev/null
  # The guard of a generation that waits ends with its deadline; nothing here waits for longer than it.
  [ -z "$gateway" ] || kill "$gateway" 2>/dev/null
  rm -rf -- "$area"
}
trap clean_up EXIT
failures=0
check() { if "${@:2}"; then printf 'ok %s\n' "$1"; else failures=$((failures + 1)); printf 'not ok %s\n' "$1"; sed 's/^/    | /' "$area/out"; fi; }

# --- The machine behind the wire ---
mount -t tmpfs none /run && mkdir -m 0755 /run/sshd
ip link set lo up
unshare --net sleep 600 &
gateway=$!
until [ "$(readlink /proc/$gateway/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
there() { nsenter --net=/proc/$gateway/ns/net "$@"; }
ip link add wire type veth peer name eth0 netns $gateway
ip addr add 192.0.2.2/24 dev wire
ip link set wire up
there ip link set lo up
there ip addr add 192.0.2.1/24 dev eth0
there ip link set eth0 up

mkdir "$area/bin" "$area/state" "$area/live"
ln -s "$program" "$area/bin/vuurmuur"
ssh-keygen -q -t ed25519 -N '' -f "$area/host"
ssh-keygen -q -t ed25519 -N '' -f "$area/key"
cat >"$area/sshd_config" <<END
Port 2222
ListenAddress 192.0.2.1
HostKey $area/host
AuthorizedKeysFile $area/key.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile $area/sshd.pid
SetEnv PATH=$area/bin:/usr/sbin:/usr/bin:/sbin:/bin VUURMUUR_STATE_DIR=$area/state
END
there $sshd -E "$area/sshd.log" -f "$area/sshd_config"
printf 'gateway %s\n' "$(cut -d' ' -f1,2 "$area/host.pub")" >"$area/known"
cat >"$area/ssh_config" <<END
Host gateway
  HostName 192.0.2.1
  HostKeyAlias gateway
  Port 2222
  User root
  IdentityFile $area/key
  IdentitiesOnly yes
  BatchMode yes
  UserKnownHostsFile $area/known
  StrictHostKeyChecking yes
END
# The configuration of ssh is in a home that is not this test's.
printf '#!/bin/sh\nexec /usr/bin/ssh -F %s "$@"\n' "$area/ssh_config" >"$area/bin/ssh"
chmod +x "$area/bin/ssh"
export PATH=$area/bin:$PATH VUURMUUR_SOCKET=none
until ssh -- gateway true 2>"$area/out"; do
  kill -0 "$(cat "$area/sshd.pid" 2>/dev/null || echo 0)" 2>/dev/null || { cat "$area/sshd.log"; exit 1; }
  sleep 0.1
done

# --- Policies ---
make_tree() { # DIRECTORY RULE…
  local tree=$1
  shift
  mkdir -p "$tree"/{interfaces,services,rules,zones/inet/networks/world}
  : >"$tree/config.conf"
  printf 'ACTIVE="Yes"\nDEVICE="eth0"\nIPADDRESS="192.0.2.1"\n' >"$tree/interfaces/nic.conf"
  printf 'ACTIVE="Yes"\nRANGE="6;2222"\n' >"$tree/services/ssh"
  cp "$config/services/http" "$tree/services/http"
  printf 'ACTIVE="Yes"\n' >"$tree/zones/inet/zone.config"
  printf 'ACTIVE="Yes"\nNETWORK="0.0.0.0"\nNETMASK="0.0.0.0"\nINTERFACE="nic"\n' >"$tree/zones/inet/networks/world/network.config"
  : >"$tree/rules/blocklist.conf"
  printf 'RULE="%s"\n' "$@" >"$tree/rules/rules.conf"
}
make_tree "$area/live" "accept service ssh from any to firewall"
make_tree "$area/good" "accept service ssh from any to firewall" "accept service http from any to firewall"
make_tree "$area/closed" "accept service http from any to firewall"
there env VUURMUUR_STATE_DIR="$area/state" "$program" apply --confirm=0 --force "$area/live" >"$area/out" 2>&1 || { cat "$area/out"; exit 1; }
to() { vuurmuur apply --to=gateway --to-dir="$area/live" "$@" >"$area/out" 2>&1; }
ends() { local wanted=$1 status; shift; "$@"; status=$?; [ $status -eq "$wanted" ] || { echo "status $status, not $wanted" >>"$area/out"; return 1; }; }
status() { there env VUURMUUR_STATE_DIR="$area/state" "$program" status --json | grep -q "\"state\": \"$1\""; }
live_is() { diff -r --exclude=.lock "$area/live" "$area/$1" >>"$area/out" 2>&1; }
admits() { there iptables-legacy-save | grep "accept $1 from" >/dev/null; }

check "a policy that lets SSH in is applied and confirmed" ends 0 to "$area/good"
check "  in the kernel" admits http
check "  and in its files" live_is good
check "  by somebody who came from here" grep -q '"from": "192.0.2.2"' <(there env VUURMUUR_STATE_DIR="$area/state" "$program" history --json)

check "one that locks SSH out needs a person, who cannot get there" ends 5 to --confirm=20 "$area/closed"
check "  since new connections do not" grep -q 'by a new connection' "$area/out"
for _ in $(seq 300); do ! status "awaiting confirmation" || { sleep 0.1; continue; }; break; done
check "  and goes back by itself" status confirmed
check "  to the rules of before" admits ssh
check "  by which SSH gets there again" ssh -- gateway true
check "and its files on demand" ssh -- gateway vuurmuur receive --back
check "  as they were" live_is good
[ $failures -eq 0 ]
