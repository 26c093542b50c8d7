#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots this very system, with what was built and its units installed over it, twice in systemd-nspawn, while a neighbour
# knocks all the time:
#   1. without a generation: the baseline, then the daemon, then the network; then the daemon is killed, hung and stopped;
#      at last an apply that nobody confirms, and the machine is cut off
#   2. what was confirmed is in force before any link is up
# Nothing is written outside a tmpfs, and all of it happens in mount and network namespaces of its own.
#   boot.sh BUILD-DIRECTORY
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
build=$1

left_out() {
  printf '%s: the boot of the units is left out\n' "$1" >&2
  [ "${VUURMUUR_TEST_ALL:-}" != 1 ] || exit 1
  exit 0
}

if [ "${2:-}" != inside ]; then
  [ "$(id -u)" -eq 0 ] || left_out "not root"
  command -v systemd-nspawn >/dev/null || left_out "no systemd-nspawn"
  exec unshare --mount --net --propagation private -- bash "$0" "$build" inside
fi

fail() { printf 'not ok %s\n' "$*"; failures=$((failures + 1)); }
failures=0

work=$(mktemp -d)
clean_up() {
  jobs -p | xargs -r kill -9 2>/dev/null || true
  umount --lazy "$work/root" "$work/disk" 2>/dev/null || true
  rmdir "$work/root" "$work/disk" "$work"
}
trap clean_up EXIT
mkdir "$work/disk" "$work/root"
mount -t tmpfs tmpfs "$work/disk"
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
mkdir "$work/disk/upper" "$work/disk/work"
root=$work/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/disk/upper,workdir=$work/disk/work" "$root" || left_out "no overlay file system"

# --- The machine: only the units of systemd and ours -------------------------------------------------------------------
rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/rc?.d "$root"/etc/vuurmuur "$root"/var/lib/vuurmuur "$root"/etc/systemd/network
DESTDIR=$root cmake --install "$build" --prefix /usr >/dev/null
cp "$here"/machine/*.service "$here"/machine/*.socket "$root"/etc/systemd/system/
cp "$here"/machine/checks.sh "$root"/usr/local/sbin/boot-checks
mkdir -p "$root"/etc/sysusers.d "$root"/etc/systemd/network "$root"/etc/systemd/system/vuurmuur.service.d "$root"/etc/systemd/system/vuurmuur-restore.service.d
cp "$here"/machine/10-host0.network "$root"/etc/systemd/network/
cp "$here"/machine/people.conf "$root"/etc/sysusers.d/
# The sanitizers of a build for tests look for leaks by tracing, which the units forbid. And nobody waits here for the watchdog of the unit.
printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' >"$root"/etc/systemd/system/vuurmuur-restore.service.d/test.conf
printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\nWatchdogSec=4\n' >"$root"/etc/systemd/system/vuurmuur.service.d/test.conf
printf 'VUURMUUR_MANAGEMENT=192.0.2.2\n' >"$root"/etc/default/vuurmuur
: >"$root"/etc/machine-id
cp -r "$here"/machine/policy "$root"/etc/vuurmuur
systemd-sysusers --root="$root" 2>/dev/null
chgrp -R --reference="$root"/etc/vuurmuur "$root"/etc/vuurmuur
chroot "$root" chgrp -R vuurmuur /etc/vuurmuur
systemctl --root="$root" set-default multi-user.target >/dev/null 2>&1
systemctl --root="$root" enable vuurmuur-restore.service vuurmuur.service vuurmuur.socket systemd-networkd.service \
  open.socket forbidden.socket early.service checks.service >/dev/null 2>&1
systemctl --root="$root" mask systemd-networkd-wait-online.service console-getty.service >/dev/null 2>&1

# --- The neighbour -----------------------------------------------------------------------------------------------------
# knock FROM PORT: whether the machine answers there.
knock() {
  perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "192.0.2.1", PeerPort => $ARGV[1], LocalAddr => $ARGV[0], Timeout => 0.1)' "$@" 2>/dev/null
}

# Knocks, until it is ended, at what no rule admits and at what the confirmed rules admit, and writes down where it was let in.
knock_for_ever() {
  : >"$work/disk/knocks"
  local port
  while :; do
    for port in 4242 8080; do
      if knock 192.0.2.3 $port; then echo "$port admitted"; else echo "$port refused"; fi >>"$work/disk/knocks"
    done
  done
}

# boot NAME: runs the machine until it powers itself off.
boot() {
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_LOG_LEVEL=warning timeout --kill-after=10 120 \
    systemd-nspawn --quiet --directory="$root" --boot --network-veth --machine="vm$$" --register=no --keep-unit --link-journal=no \
    --console=pipe --setenv=BOOT="$1" </dev/null >"$work/disk/console" 2>&1 &
  local machine=$!
  until ip link show "ve-vm$$" >/dev/null 2>&1 || ! kill -0 $machine 2>/dev/null; do sleep 0.01; done
  ip link set lo up
  ip addr add 192.0.2.2/24 dev "ve-vm$$" && ip addr add 192.0.2.3/24 dev "ve-vm$$" && ip link set "ve-vm$$" up
  knock_for_ever &
  local knocking=$!
  wait $machine || true
  kill $knocking
  wait $knocking 2>/dev/null || true
  if [ -f "$root/var/lib/boot-checks/$1" ]; then
    sed "s/^/$1 boot: /" "$root/var/lib/boot-checks/$1"
    failures=$((failures + $(grep -c '^not ok' "$root/var/lib/boot-checks/$1" || true)))
    grep -q '^done' "$root/var/lib/boot-checks/$1" || fail "$1 boot: the checks did not come to their end"
  else
    fail "$1 boot: the machine did not come to its checks"
  fi
  local knocks admitted served
  knocks=$(grep -c ^4242 "$work/disk/knocks" || true) admitted=$(grep -c '^4242 admitted' "$work/disk/knocks" || true)
  served=$(grep -c '^8080 admitted' "$work/disk/knocks" || true)
  printf '%s boot: a neighbour was let in %s of %s times where it is forbidden, %s times where it is not\n' "$1" "$admitted" "$knocks" "$served"
  [ "$admitted" -eq 0 ] || fail "$1 boot: the neighbour was let in"
  [ "$served" -gt 0 ] || fail "$1 boot: the neighbour got no service: its knocks tell nothing"
}

boot first
boot second
if [ "$failures" -gt 0 ]; then
  printf '%s failures; the console of the last boot:\n' "$failures"
  tail -40 "$work/disk/console"
  journalctl --no-pager -q -D "$root/var/log/journal" -u 'vuurmuur*' 2>/dev/null | tail -60 || true
  exit 1
fi
