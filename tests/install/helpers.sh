# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is used by the scripts that source it
# What the tests of scripts/install.sh share; to be sourced by bash as the first thing, with the arguments of the test. Runs
# the test again in a network namespace of its own, with a loopback device, so that servers can listen there.
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
installer=${here%/tests/install}/scripts/install.sh

left_out() {
  printf '%s: left out\n' "$1" >&2
  [ "${VUURMUUR_TEST_ALL:-}" != 1 ] || exit 1
  exit 77
}

if [ "${VUURMUUR_INSTALL_TEST_INSIDE:-}" != yes ]; then
  if [ "$(id -u)" -eq 0 ]; then own=(unshare --net); else own=(unshare --user --map-root-user --net); fi
  "${own[@]}" true 2>/dev/null || left_out "no network namespaces"
  VUURMUUR_INSTALL_TEST_INSIDE=yes exec "${own[@]}" -- bash "$0" "$@"
fi
ip link set lo up

# Where everything is. Nobody's user has to reach it.
area=$(mktemp -d "${TMPDIR:-/tmp}/install-test.XXXXXX")
chmod 0755 "$area"
export TMPDIR=$area/tmp VUURMUUR_STATE_DIR=$area/kernel NO_COLOR=1 VUURMUUR_INSTALL_PAUSE=0.05
mkdir -m 1777 "$TMPDIR"
prefix=$area/opt config=$area/etc out=$area/out
# Set and empty: whoever runs the tests over SSH is not asked either.
export SSH_CONNECTION=
# Subversion would wait for the next second after each commit.
export SVN_I_LOVE_CORRUPTED_WORKING_COPIES_SO_DISABLE_SLEEP_FOR_TIMESTAMPS=yes
tests=0 failures=0 servers=()

clean_up() {
  stop_daemon
  [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null
  umount "$area"/disk 2>/dev/null
  rm -rf -- "$area"
}
trap clean_up EXIT

ok() { tests=$((tests + 1)); printf 'ok %s\n' "$1"; }
not_ok() {
  tests=$((tests + 1)) failures=$((failures + 1))
  printf 'not ok %s\n' "$1"
  sed 's/^/    | /' "$out" 2>/dev/null
}
# check TEXT COMMAND…
check() { local text=$1; shift; if "$@"; then ok "$text"; else not_ok "$text: $*"; fi; }
finished() { printf '%d tests, %d failed\n' "$tests" "$failures"; [ "$failures" -eq 0 ]; exit; }

# --- The firewall ------------------------------------------------------------------------------------------------------
# The service as a machine without systemd has it. Its path has no blanks, whatever the prefix has.
write_hooks() {
  cat >"$area/restart" <<'END'
#!/bin/sh
read -r pid _ <"$VUURMUUR_STATE_DIR/running" 2>/dev/null && kill "$pid" 2>/dev/null
rm -f "$VUURMUUR_STATE_DIR/running"
[ -e "$VUURMUUR_PREFIX/current" ] || exit 0
"$VUURMUUR_PREFIX/current/sbin/vuurmuur" daemon &
END
  cat >"$area/health" <<'END'
#!/bin/sh
read -r pid name <"$VUURMUUR_STATE_DIR/running" 2>/dev/null && grep -q "^State:[[:space:]]*[A-Y]" "/proc/$pid/status" 2>/dev/null && [ "$name" = "$("$VUURMUUR_PREFIX/current/sbin/vuurmuur" --version)" ]
END
  chmod +x "$area/restart" "$area/health"
}

stop_daemon() { local pid; read -r pid _ 2>/dev/null <"$VUURMUUR_STATE_DIR/running" && kill "$pid" 2>/dev/null; rm -f "$VUURMUUR_STATE_DIR/running"; }
daemon_pid() { local pid; read -r pid _ <"$VUURMUUR_STATE_DIR/running" && printf %s "$pid"; }
runs() { local name; read -r _ name <"$VUURMUUR_STATE_DIR/running" && [ "$name" = "$1" ] && lives "$(daemon_pid)"; }
# lives PID: and is not only waiting for somebody to ask how it ended.
lives() { grep -q '^State:[[:space:]]*[A-Y]' "/proc/$1/status" 2>/dev/null; }
version() { "$prefix/current/sbin/vuurmuur" --version; }
is() { [ "$(version 2>&1)" = "$1" ] && runs "$1"; }
in_force() { cat "$VUURMUUR_STATE_DIR/generations/$(cat "$VUURMUUR_STATE_DIR/confirmed")"; }

# A machine with a policy in force, and nothing installed.
new_machine() {
  stop_daemon
  rm -rf -- "$prefix" "$config" "$VUURMUUR_STATE_DIR"
  mkdir -p "$config/rules" "$config/services" "$VUURMUUR_STATE_DIR/generations"
  echo 'RULE="accept service http from lan to inet"' >"$config/rules/rules.conf"
  cp "$here/stand-in/defaults/config.conf" "$config"
  cp "$here"/stand-in/defaults/services/* "$config/services"
  write_hooks
}

# load_policy: the installed version puts its rules in force.
load_policy() { "$prefix/current/sbin/vuurmuur" apply "$config"; }

# install_sh COMMAND [OPTION…]
install_sh() {
  "$installer" "$@" --prefix="$prefix" --config="$config" --system=none --health-time=2 \
    --restart-command="$area/restart" --health-command="$area/health" >"$out" 2>&1 </dev/null
}

# expect STATUS COMMAND [OPTION…]: install.sh ends so.
expect() {
  local wanted=$1 status
  shift
  install_sh "$@"
  status=$?
  [ "$status" -eq "$wanted" ] || { echo "status $status, not $wanted" >>"$out"; return 1; }
}

# nothing_left: no trace of a run that is over.
nothing_left() {
  local left
  left=$(find "$prefix" "$config" "$TMPDIR" \( -name '*.part' -o -name '*.tmp' -o -name '.current.*' -o -name .update -o -name pending -o -name work -o -name 'vuurmuur-install.*' \) -print)
  [ -z "$left" ] || { printf 'left over: %s\n' "$left" >>"$out"; return 1; }
}

# --- Sources -----------------------------------------------------------------------------------------------------------
# project DIRECTORY NAME [KEY=VALUE…]: the project there becomes the one of that name, with that behaviour, and with the defaults
# that `default` named.
project() {
  local dir=$1 name=$2
  shift 2
  mkdir -p "$dir"
  cp -r "$here"/stand-in/. "$dir"
  [ ! -d "$area/defaults" ] || cp -r "$area"/defaults/. "$dir/defaults"
  printf '%s\n' "name=$name" "rules=one" "$@" >"$dir/behaviour"
}

# default FILE TEXT: what the projects from here on have there.
default() { mkdir -p "$(dirname "$area/defaults/$1")"; printf '%b' "$2" >"$area/defaults/$1"; }

new_key() { ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1"; }
# signers FILE KEY WHO
signers() { printf '%s %s\n' "$3" "$(cut -d' ' -f1,2 "$2.pub")" >>"$1"; }

git_in() { git -C "$area/git" -c user.name=t -c user.email=t@example.org -c gpg.format=ssh -c user.signingkey="$area/key" "$@"; }
new_git() { git init -q -b main "$area/git"; }
# commit NAME [KEY=VALUE…]: signed.
commit() { project "$area/git" "$@"; git_in add -A; git_in commit -q --allow-empty -S -m "version $1"; }

new_svn() {
  svnadmin create "$area/svn"
  printf '[general]\nanon-access = read\n' >"$area/svn/conf/svnserve.conf"
  svnserve --daemon --foreground -r "$area" --listen-host 127.0.0.1 --listen-port 3690 &
  servers+=($!)
  svn -q mkdir --parents -m layout "file://$area/svn/trunk" "file://$area/svn/branches"
  svn -q co "file://$area/svn" "$area/copy"
  until svn info svn://127.0.0.1/svn >/dev/null 2>&1; do sleep 0.05; done
}
# check_in NAME [KEY=VALUE…]: signed.
check_in() { project "$area/copy/trunk" "$@"; "${here%/tests/install}/scripts/sign-tree" "$area/key" "$area/copy/trunk" >/dev/null; svn_commit "version $1"; }
svn_commit() { svn -q add --force "$area/copy/trunk"; svn -q commit -m "$1" "$area/copy"; }

# make_real_tree DIRECTORY PROGRAM: a source tree that "builds" a vuurmuur that was built before.
make_real_tree() {
  local root=${here%/tests/install}
  mkdir -p "$1/scripts"
  cp -r "$root/config" "$1"
  cp -r "$root/scripts/install" "$root/scripts/install.sh" "$1/scripts"
  strip -o "$1/vuurmuur" "$2"
  cat >"$1/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(built LANGUAGES NONE)
install(PROGRAMS vuurmuur DESTINATION sbin)
install(PROGRAMS scripts/install.sh DESTINATION sbin RENAME vuurmuur-install)
install(DIRECTORY scripts/install config/services config/samples DESTINATION share/vuurmuur)
install(FILES config/config.conf DESTINATION share/vuurmuur)
install(DIRECTORY config/systemd/ DESTINATION lib/systemd/system FILES_MATCHING PATTERN *.service PATTERN *.socket PATTERN *.timer)
END
}
