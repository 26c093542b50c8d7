#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs inside the machine that boots. "early": before any link is up; else: when all has started. BOOT tells which boot it is.
# Each line of the report is "ok …" or "not ok …"; the machine is off when it has come to its end.
set -u
mkdir -p /var/lib/boot-checks
exec >>"/var/lib/boot-checks/$BOOT" 2>&1

check() {
  local what=$1
  shift
  if "$@"; then echo "ok $what"; else echo "not ok $what"; fi
}
same() { [ "$1" = "$2" ] || { echo "  '$1' is not '$2'"; false; }; }
# The rules, without comments and counters; "iptables-save" alone prints the tables as they were made.
rules() {
  local table program
  for program in iptables-legacy-save ip6tables-legacy-save; do
    for table in raw mangle nat filter; do $program -t $table; done
  done | sed -e '/^#/d' -e 's/ \[.*//'
}
drops() { iptables-legacy -S INPUT | grep -qx -- '-P INPUT DROP' && iptables-legacy -S FORWARD | grep -qx -- '-P FORWARD DROP'; }
admits() { iptables-legacy-save | grep -q "accept $1 from"; }
link_is_down() { ! ip -o link show host0 | grep -q 'state UP'; }
# since_boot UNIT PROPERTY: microseconds of the monotonic clock.
since_boot() { systemctl show --value --property="$2" "$1"; }
before() { [ "$1" -gt 0 ] && [ "$1" -le "$2" ] || { echo "  $1 is not before $2"; false; }; }
# within SECONDS COMMAND…: how long it took until the command was true.
within() {
  local begin=${EPOCHREALTIME/./} limit=$(($1 * 1000000))
  shift
  until "$@"; do
    [ $((${EPOCHREALTIME/./} - begin)) -lt $limit ] || return 1
    sleep 0.05
  done
  echo "  after $(((${EPOCHREALTIME/./} - begin) / 1000)) ms"
}
main_pid() { systemctl show --value --property=MainPID vuurmuur.service; }
is_another() { local now; now=$(main_pid); [ "$now" != 0 ] && [ "$now" != "$1" ] && vuurmuur status >/dev/null; }
# as USER WORDS…: the command line through the socket.
as() {
  local user=$1
  shift
  VUURMUUR_SOCKET=/run/vuurmuur-control setpriv --reuid="$user" --regid="$user" --init-groups vuurmuur "$@"
}
refused_for() { ! as "$@" >/dev/null; }
of_process() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$(main_pid)/status"; }

if [ "${1:-}" = early ]; then
  check "before any link is up the rules drop what they do not name" drops
  check "no link is up" link_is_down
  if [ "$BOOT" = first ]; then
    check "the baseline lets the management in" eval "iptables-legacy-save | grep -q -- '-s 192.0.2.2/32'"
  else
    check "the confirmed generation is in force" admits open
    check "the one that nobody confirmed is not" eval '! admits forbidden'
  fi
  exit
fi

# A number that grows with what was counted.
volume() { vuurmuur volume --by=zone --period=month --json | grep -o '"packets": [0-9]*' | awk '{ sum += $2 } END { print sum + 0 }'; }

restored=$(since_boot vuurmuur-restore.service ExecMainExitTimestampMonotonic)
ready=$(since_boot vuurmuur.service ActiveEnterTimestampMonotonic)
network=$(since_boot systemd-networkd.service ExecMainStartTimestampMonotonic)
check "first the rules, then the daemon" before "$restored" "$ready"
check "first the daemon, then the network" before "$ready" "$network"
echo "  rules $((restored / 1000)) ms, daemon $((ready / 1000)) ms, network $((network / 1000)) ms after the kernel's start of time"

if [ "$BOOT" = second ]; then
  check "status tells the confirmed generation" same "$(vuurmuur status --json | tr -d ' \n' | grep -o '"confirmed":[0-9]*')" '"confirmed":2'
  check "the rules are those that were confirmed" same "$(rules)" "$(cat /var/lib/boot-checks/confirmed)"
  check "what was counted before the machine started is there" test "$(volume)" -ge "$(cat /var/lib/boot-checks/volume)"
  sleep 2 # the neighbour comes to know the link
  echo done
  systemctl poweroff --force
  exit
fi

check "an apply of root" vuurmuur apply --confirm=0
# Before rules() asks for all tables itself.
check "the daemon brings no table into use that no rule needs" eval '! grep -q nat /proc/net/ip_tables_names'
rules >/var/lib/boot-checks/confirmed
confirmed=$(rules)
check "the service is admitted" admits open

pid=$(main_pid)
check "the daemon is not root" same "$(of_process Uid | cut -f1)" "$(id -u vuurmuur)"
check "it has CAP_NET_ADMIN and CAP_NET_RAW, no more" same "$(of_process CapEff)" 0000000000003000
check "it cannot get more" same "$(of_process NoNewPrivs)" 1
check "its system calls are filtered" same "$(of_process Seccomp)" 2
check "one of the group applies through the socket" as operator apply --confirm=0
check "the daemon lives on" same "$(main_pid)" "$pid"
check "somebody else may not" refused_for stranger apply --confirm=0
check "the rules are the same" same "$(rules)" "$confirmed"
check "it may see who listens to queues" as operator queues

kill -9 "$pid"
check "one who asks while the daemon is dead waits in the socket and is answered" within 20 as operator status
check "a killed daemon comes back" within 20 is_another "$pid"
check "its rules stayed" same "$(rules)" "$confirmed"
pid=$(main_pid)
kill -STOP "$pid"
check "a hung daemon is replaced" within 30 is_another "$pid"
check "its rules stayed" same "$(rules)" "$confirmed"
check "what is counted can be kept" eval "as operator metrics | grep -qx 'vuurmuur_volumes_fault 0'"
systemctl stop vuurmuur.service vuurmuur-restore.service
VUURMUUR_SOCKET=none volume >/var/lib/boot-checks/volume
check "what was counted is kept by a daemon that is stopped" test "$(cat /var/lib/boot-checks/volume)" -gt 0
check "rules stay when the services are stopped" same "$(rules)" "$confirmed"
systemctl start vuurmuur.service
check "the daemon starts again" within 10 as operator status

sed -i 's/service open/service forbidden/' /etc/vuurmuur/rules/rules.conf
# What comes next would let the neighbour in, rightly: who knocks is told to stay away by the rules that others put first.
iptables-legacy -t raw -I PREROUTING -p tcp --dport 4242 -j DROP
check "an apply that waits for its confirmation" vuurmuur apply --confirm=600 /etc/vuurmuur
check "it is in force" admits forbidden
echo done
sync
systemctl poweroff --force --force
