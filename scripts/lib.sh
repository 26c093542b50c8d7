# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is used by the scripts that source it
# What the scripts share; to be sourced by bash. Sets `root` to the top of the source tree.
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# All that building, testing and the demo need, as Debian 12 and 13 name it.
build_packages=(
  g++ cmake ninja-build pkgconf gettext
  libfmt-dev nlohmann-json3-dev libboost-program-options-dev libarchive-dev libsqlite3-dev libsystemd-dev libc-ares-dev libyaml-dev libncurses-dev libvterm-dev
  libip4tc-dev libip6tc-dev libiptc-dev libxtables-dev
  libnetfilter-conntrack-dev libnetfilter-queue-dev libnetfilter-log-dev libnfnetlink-dev libmnl-dev libnftnl-dev libnftables-dev
)
run_packages=(iproute2 iptables util-linux)
test_packages=(
  ansible-core catch2 conntrack conntrackd dpkg-dev fail2ban git ipset keepalived libbdd-dev libz3-dev locales logrotate nftables openssh-client openssh-server patch shellcheck subversion systemd systemd-container
)
# scripts/vmtest: stock kernels in a virtual machine.
vm_packages=(qemu-system-x86 busybox-static cpio kmod xz-utils debian-archive-keyring)

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo: run as root: $*"
  fi
}

# install_missing PACKAGE…: installs those that are not there; does nothing, and needs no root, when all are.
install_missing() {
  local package missing=()
  command -v apt-get >/dev/null || { say "no apt-get here: make sure that you have: $*"; return 0; }
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  as_root "${apt[@]}" update
  as_root "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

# build PRESET [TARGET…]: configures and builds into build/PRESET.
build() {
  local preset=$1
  shift
  say "configuring (preset $preset)"
  (cd "$root" && cmake --preset "$preset" >/dev/null) || die "configuring failed"
  say "building"
  cmake --build "$root/build/$preset" ${@:+--target "$@"}
}
