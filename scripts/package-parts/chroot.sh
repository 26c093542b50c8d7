# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # variables of scripts/package
# Chroots. What is mounted for a command is mounted in a namespace of its own, with its processes in another one: it ends with
# the command, however that or this script ends, and nothing is ever mounted where others see it.

# open_chroots: makes the folder, and sees to it that it goes when it is ours alone.
open_chroots() {
  keep=yes child=''
  if [ -z "$chroots" ]; then
    keep=no
    chroots=$(mktemp -d /var/tmp/vuurmuur-package.XXXXXX)
  fi
  mkdir -p -- "$chroots/ccache"
  trap close_chroots EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

close_chroots() {
  [ -z "$child" ] || { kill -KILL "$child" 2>/dev/null && wait "$child" 2>/dev/null; } || true
  rm -rf --one-file-system -- "$chroots"/try-*
  [ "$keep" = yes ] || rm -rf --one-file-system -- "$chroots"
}

# quietly LOG COMMAND…: its output goes into LOG, of which the end is shown when it fails.
quietly() {
  local log=$1
  shift
  # In the background, so that a signal is heard at once.
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  if wait "$child"; then child=''; else
    child=''
    tail -n 40 -- "$log" >&2
    say "failed: $log"
    return 1
  fi
}

# inside NET DIRECTORY COMMAND…: NET is host, or none for a network of its own without any link.
inside() {
  local net=() directory=$2
  [ "$1" = host ] || net=(--net)
  shift 2
  # shellcheck disable=SC2016 # for the shell in there
  exec setpriv --pdeathsig=KILL nice -n 10 unshare --mount --propagation=private --pid --fork --kill-child "${net[@]}" bash -c '
    set -e
    directory=$1 cache=$2
    shift 2
    # Without /proc there are no /dev/stdin and /dev/fd.
    mount -t proc proc "$directory/proc"
    mount -t sysfs -o ro sys "$directory/sys"
    mkdir -p "$directory/dev/pts" "$directory/ccache"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$directory/dev/pts"
    mount --bind "$cache" "$directory/ccache"
    status=0
    # This shell stays, as the first process in there: the sign that its parent ended would be lost by one that becomes another user,
    # and all others end with the first.
    chroot "$directory" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      CCACHE_DIR=/ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache "$@" || status=$?
    exit "$status"' inside "$directory" "$chroots/ccache" "$@"
}

# base RELEASE: a minimal chroot of it in $chroots/base-RELEASE.
base() {
  local directory=$chroots/base-$1
  [ ! -e "$directory/.complete" ] || return 0
  say "$1: a chroot, by debootstrap"
  rm -rf --one-file-system -- "$directory"
  quietly "$chroots/debootstrap-$1.log" nice -n 10 debootstrap --variant=minbase "$1" "$directory" "$mirror" || return
  # Nothing is started in there.
  printf '#!/bin/sh\nexit 101\n' >"$directory/usr/sbin/policy-rc.d"
  chmod 0755 "$directory/usr/sbin/policy-rc.d"
  rm -f -- "$directory/etc/resolv.conf"
  : >"$directory/.complete"
}

# fresh RELEASE NAME: a copy of it in $chroots/NAME-RELEASE.
fresh() {
  base "$1" || return
  rm -rf --one-file-system -- "$chroots/$2-$1"
  cp -a --reflink=auto -- "$chroots/base-$1" "$chroots/$2-$1"
  cp -L -- /etc/resolv.conf "$chroots/$2-$1/etc/resolv.conf"
}
