#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/inline.md step by step, with a real Suricata behind a queue, in namespaces of its own. Nothing is written outside a tmpfs.
#   walk.sh VUURMUUR
# VUURMUUR_SURICATA_ROOT: the root of a Debian that has Suricata (debootstrap); else it is this machine's.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
vuurmuur=$1
lower=${VUURMUUR_SURICATA_ROOT:-/}

left_out() {
  printf '%s: the walk with Suricata is left out\n' "$1" >&2
  [ "${VUURMUUR_TEST_ALL:-}" != 1 ] || exit 1
  exit 77
}

if [ "${2:-}" != inside ]; then
  [ "$(id -u)" -eq 0 ] || left_out "not root"
  [ -x "$lower/usr/bin/suricata" ] || left_out "no Suricata below $lower"
  exec unshare --mount --net --propagation private -- bash "$0" "$vuurmuur" inside
fi

failures=0
ok() { printf 'ok %s\n' "$*"; }
fail() { printf 'not ok %s\n' "$*"; failures=$((failures + 1)); }
check() { local what=$1; shift; if "$@"; then ok "$what"; else fail "$what"; fi; }
# Waits until a command succeeds, for some seconds.
eventually() { local tries=0; while [ $((++tries)) -le 150 ]; do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done; return 1; }

work=$(mktemp -d)
clean_up() {
  jobs -p | xargs -r kill -9 2>/dev/null || true
  [ ! -s "$work/disk/pids" ] || xargs -r kill -9 <"$work/disk/pids" 2>/dev/null || true
  ip netns pids client 2>/dev/null | xargs -r kill -9 2>/dev/null || true
  ip netns pids server 2>/dev/null | xargs -r kill -9 2>/dev/null || true
  ip netns del client 2>/dev/null || true
  ip netns del server 2>/dev/null || true
  umount --lazy "$work/root" "$work/disk" 2>/dev/null || true
  rmdir "$work/root" "$work/disk" "$work" 2>/dev/null || true
}
trap clean_up EXIT
mkdir "$work/disk" "$work/root"
mount -t tmpfs tmpfs "$work/disk"
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
mkdir "$work/disk/upper" "$work/disk/over"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/disk/upper,workdir=$work/disk/over" "$work/root" || left_out "no overlay file system"
root=$work/root
mount -t proc proc "$root/proc"
export VUURMUUR_STATE_DIR=$work/disk/state
policy=$work/disk/policy
log=$root/var/log/suricata
yaml=$root/etc/suricata/suricata.yaml

# --- Three machines ---------------------------------------------------------------------------------------------------
ip link set lo up
for side in client server; do ip netns add "$side"; ip -n "$side" link set lo up; done
ip link add lan0 type veth peer name eth0 netns client
ip link add wan0 type veth peer name eth0 netns server
ip addr add 192.0.2.1/24 dev lan0 && ip link set lan0 up
ip addr add 198.51.100.1/24 dev wan0 && ip link set wan0 up
ip -n client addr add 192.0.2.2/24 dev eth0 && ip -n client link set eth0 up && ip -n client route add default via 192.0.2.1
ip -n server addr add 198.51.100.2/24 dev eth0 && ip -n server link set eth0 up && ip -n server route add default via 198.51.100.1
echo 1 >/proc/sys/net/ipv4/ip_forward
# Sends back all that it gets, on every connection.
ip netns exec server perl "$here/echo.pl" &

cp -r "$here/policy" "$policy"
chmod -R go-w "$policy"
version=$(chroot "$root" suricata -V 2>&1 | grep -o 'version [0-9.]*')
printf '# Suricata %s\n' "$version"

# --- 1. The rule, and what doctor says of it ---------------------------------------------------------------------------
cp "$here/before.rules" "$policy/rules/rules.conf"
"$vuurmuur" check "$policy" || fail "the policy is right"
"$vuurmuur" doctor --suricata="$yaml" "$policy" >"$work/disk/first" && fail "doctor finds what the package's configuration lacks"
check "nobody listens yet" grep -q '^warning: queue 3: nobody listens' "$work/disk/first"
check "a start of it would end connections" grep -q 'ends all connections in its queues' "$work/disk/first"
check "urgent data" grep -q '^warning: Suricata: a byte that is sent as urgent data' "$work/disk/first"

# --- 2. The rule as it shall be, Suricata told of it --------------------------------------------------------------------
cp "$here/after.rules" "$policy/rules/rules.conf"
"$vuurmuur" doctor --write-suricata "$policy" >"$root/etc/suricata/vuurmuur.yaml"
printf 'include: vuurmuur.yaml\n' >>"$yaml"
cp "$here/signatures.rules" "$root/etc/suricata/vuurmuur.rules"
chroot "$root" suricata -T -c /etc/suricata/suricata.yaml -S /etc/suricata/vuurmuur.rules -q 3 >"$work/disk/tested" 2>&1 \
  && ok "Suricata takes what was written" || { fail "Suricata takes what was written"; cat "$work/disk/tested"; }
# What doctor believes that Suricata takes is what Suricata takes.
chroot "$root" suricata -c /etc/suricata/suricata.yaml --dump-config 2>/dev/null | grep -E '^(nfq|stream)\.' >"$work/disk/dumped" || true
for line in 'nfq.mode = accept' 'nfq.fail-open = no' 'nfq.bypass-mark = 0x1' 'nfq.bypass-mask = 0x1' 'stream.midstream = true' \
            'stream.midstream-policy = ignore' 'stream.bypass = yes' 'stream.inline = auto'; do
  check "in Suricata: $line" grep -qx "$line" "$work/disk/dumped"
done

start_suricata() {
  rm -f "$root/run/suricata.pid"
  mkdir -p "$log" "$root/run/suricata"
  chroot "$root" suricata -c /etc/suricata/suricata.yaml -S /etc/suricata/vuurmuur.rules -q 3 -l /var/log/suricata \
    --set runmode=workers --pidfile /run/suricata.pid >"$work/disk/started" 2>&1 &
  suricata=$!
  eventually grep -q '^ *3 ' /proc/net/netfilter/nfnetlink_queue || { cat "$work/disk/started"; fail "Suricata listens"; }
  eventually grep -qs 'ngine started' "$work/disk/started" "$log/suricata.log"
}
start_suricata
"$vuurmuur" apply "$policy" >"$work/disk/applied" 2>&1 && ok "applied" || { fail "applied"; cat "$work/disk/applied"; }
"$vuurmuur" doctor --suricata="$yaml" "$policy" >"$work/disk/second" && ok "doctor says that nothing is wrong" || { fail "doctor says that nothing is wrong"; cat "$work/disk/second"; }
check "in so many words" grep -qx 'nothing wrong' "$work/disk/second"

# --- 3. What passes and what does not ----------------------------------------------------------------------------------
ask() { ip netns exec client timeout 30 perl "$here/ask.pl" 198.51.100.2 80 "$@"; }
packets() { awk '$1 == 3 { print $8 }' /proc/net/netfilter/nfnetlink_queue; }
before=$(packets)
check "what is harmless passes" ask whole "nothing to see here"
check "through the queue" [ "$(packets)" -gt "$((before + 4))" ]
is_stopped() { ! ask "$@" 2>"$work/disk/stopped" && grep -q 'nothing comes back' "$work/disk/stopped"; }
check "a signature is stopped" is_stopped whole 'an ATTACK-SIGNATURE in one piece'
check "and in pieces of one byte" is_stopped bytes 'an ATTACK-SIGNATURE in pieces'
check "it is told in eve.json" eventually grep -q '"signature":"walk: attack"' "$log/eve.json"

# --- Who was caught is blocked (doc/blocking.md) -------------------------------------------------------------------------
printf 'never block 198.51.100.0/24\nblock source for 1h when signature 9100001\n' >"$policy/rules/responses.conf"
"$vuurmuur" respond --config="$policy" --input=regular:"$log/eve.json" >"$work/disk/responses" 2>&1 &
responding=$!
sleep 1
check "a signature is stopped again" is_stopped whole 'an ATTACK-SIGNATURE that is answered'
check "and its sender is blocked" eventually grep -q '^blocked 192.0.2.2 for 1h: 9100001 .walk: attack. ' "$work/disk/responses"
is_kept_out() { ! ip netns exec client timeout 3 perl "$here/ask.pl" 198.51.100.2 80 whole "nothing to see here" 2>/dev/null; }
check "so that nothing else of him passes" is_kept_out
"$vuurmuur" unblock 192.0.2.2 >"$work/disk/unblocked" || fail "the block is taken back"
check "until that is taken back" ask whole "nothing to see here"
kill "$responding"

# --- 4. Suricata dies and comes back, and connections live on ------------------------------------------------------------
mkfifo "$work/disk/word"
ask long "$work/disk/word" >"$work/disk/lived" &
asking=$!
exec 5>"$work/disk/word"
printf 'one\n' >&5
eventually grep -q one "$work/disk/lived" || fail "the connection is there"
kill -9 "$suricata"
wait "$suricata" 2>/dev/null || true
eventually bash -c '! grep -q "^ *3 " /proc/net/netfilter/nfnetlink_queue'
"$vuurmuur" doctor --suricata=none "$policy" >"$work/disk/dead" && fail "doctor tells that nobody listens"
check "that nobody listens is an error now" grep -q '^error: queue 3: nobody listens' "$work/disk/dead"
check "and what comes of it" grep -q 'what is sent there is dropped' "$work/disk/dead"
start_suricata
printf 'two\n' >&5
check "a connection of before goes on" eventually grep -q two "$work/disk/lived"
printf 'an ATTACK-SIGNATURE behind the restart\n' >&5
sleep 1
check "and is inspected" bash -c "! grep -q ATTACK '$work/disk/lived'"
exec 5>&-
kill "$asking" 2>/dev/null || true

# --- 5. Release -------------------------------------------------------------------------------------------------------
check "three megabytes and more pass" ask bulk 4194304
before=$(packets)
check "and again" ask bulk 33554432
through=$(($(packets) - before))
[ "$through" -gt 0 ] || fail "the beginning goes through the queue"
printf '# %s packets of 33 MB each way went through the queue\n' "$through"
# 33 MB both ways are 46,000 segments of 1,448 bytes. At the depth of 1 MB the rest is handed back.
check "most of it beside the queue" [ "$through" -lt 12000 ]

exit "$failures"
