# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # variables of scripts/package
# Trying packages of a release, in a chroot that has seen nothing of them.

# test_release RELEASE: those in $output/RELEASE.
test_release() {
  local chroot=$chroots/try-$1 began=$SECONDS new=("$output/$1"/*.deb) log=$output/$1/test.log
  [ -e "${new[0]}" ] || { say "$1: there are no packages in $output/$1"; return 1; }
  fresh "$1" try || return
  mkdir -p -- "$chroot/packages/new" "$chroot/packages/previous"
  cp -- "${new[@]}" "$chroot/packages/new/"
  [ -z "$previous" ] || cp -- "$previous/$1"/*.deb "$chroot/packages/previous/" || return
  cp -- "$parts/try" "$chroot/packages/try"

  say "$1: what the packages need"
  quietly "$chroots/try-depends-$1.log" inside host "$chroot" bash /packages/try prepare || return
  say "$1: install, load, upgrade, remove, purge"
  if ! quietly "$log" inside none "$chroot" bash /packages/try run; then return 1; fi
  rm -rf --one-file-system -- "$chroot"
  say "$1: $(grep -c '^ok' "$log") tests passed in $((SECONDS - began)) s ($log)"
}
