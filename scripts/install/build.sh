# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015,SC2016 # variables of install.sh; refuse and its kind do not return
# From fetched files to a version that was tried. Part of scripts/install.sh.
#
# What was fetched runs as nobody until it is in use: run by root, it is built and tried by a user id that no account and no
# process has, in a network namespace without a network. Only data is taken over from there, as root's.

build_uid='' namespaces=()

# choose_build_user: sets build_uid to one that nobody has (systemd keeps this range free of accounts).
choose_build_user() {
  local uid try
  mkdir -p -- "$work/home" || refuse "no room in $work"
  [ "$(id -u)" -eq 0 ] && [ -z "$build_uid" ] || return 0
  command -v setpriv >/dev/null || refuse "there is no setpriv to give rights away with: install util-linux"
  for ((try = 0; try < 100; ++try)); do
    uid=$((61184 + RANDOM % 4000))
    getent passwd "$uid" >/dev/null && continue
    [ -z "$(find /proc -mindepth 1 -maxdepth 1 -uid "$uid" -print -quit 2>/dev/null)" ] || continue
    build_uid=$uid
    break
  done
  [ -n "$build_uid" ] || refuse "no user id is free to build with"
  if ! setpriv --reuid "$build_uid" true 2>/dev/null; then
    # Root of a user namespace has no other users, and is not root either.
    grep -q '^ *0 *0 *4294967295$' /proc/self/uid_map && refuse "rights cannot be given away here"
    build_uid=''
    return
  fi
  namespaces=(unshare --net --pid --fork --kill-child --)
  give_away "$work/home"
  "${namespaces[@]}" true 2>/dev/null || { namespaces=(); warn "no namespaces here: what is built could use the network"; }
}

# staged COMMAND…: runs it without rights and without what is in our environment.
staged() {
  local clean=(env -i "PATH=$PATH" "HOME=$work/home" "TMPDIR=$work/home" LC_ALL=C "VUURMUUR_SOCKET=none")
  if [ -n "$build_uid" ]; then
    # A process that is the first one of a namespace could not be ended by its own signals: a shell is.
    "${namespaces[@]}" setpriv --reuid "$build_uid" --regid "$build_uid" --clear-groups --no-new-privs --bounding-set=-all \
      "${clean[@]}" sh -c '"$@"; exit $?' sh "$@" </dev/null 9>&-
  else
    "${clean[@]}" "$@" </dev/null 9>&-
  fi
}

# give_away PATH…: to the user who builds.
give_away() { [ -z "$build_uid" ] || chown -R -h -- "$build_uid:$build_uid" "$@"; }

# build: $work/src to $work/out, which has sbin, share and lib.
build() {
  local define=(-DCMAKE_BUILD_TYPE=RelWithDebInfo -DVUURMUUR_TESTS=OFF -DVUURMUUR_BENCH=OFF)
  # What the programs have built in. A path that CMake would read as more than a path is left out; options say it then.
  [[ $prefix = *[!A-Za-z0-9._/+-]* ]] || define+=("-DCMAKE_INSTALL_PREFIX=$prefix/current")
  [[ $config = *[!A-Za-z0-9._/+-]* ]] || define+=("-DVUURMUUR_CONFIG_DIR=$config")
  command -v cmake >/dev/null || refuse "there is no cmake: doc/update.md tells what a build needs"
  mkdir -- "$work/build" "$work/out" && give_away "$work/src" "$work/build" "$work/out" || refuse "no room in $work"
  staged test -r "$work/src/CMakeLists.txt" || refuse "the user who builds cannot enter $work, or $newest has no CMakeLists.txt: TMPDIR names another place"
  { staged cmake -S "$work/src" -B "$work/build" "${define[@]}" -Wno-dev &&
    staged cmake --build "$work/build" --parallel "$(nproc)" &&
    staged cmake --install "$work/build" --prefix "$work/out" --strip; } >"$work/build.log" 2>&1 ||
    { keep_build_log; tail_of "$work/build.log"; refuse "$newest does not build"; }
  keep_build_log
}

keep_build_log() { [ "$dry_run" = yes ] || cp -- "$work/build.log" "$state/build.log" 2>/dev/null || true; }

# check_result: what was built is only files, directories and links within it, and gives nobody rights.
check_result() {
  local link
  [ -x "$work/out/sbin/vuurmuur" ] || refuse "$newest installs no sbin/vuurmuur"
  [ -z "$(find "$work/out" ! -type f ! -type d ! -type l -print -quit)" ] || refuse "$newest installs something that is no file"
  [ -z "$(find "$work/out" -type f -perm /6000 -print -quit)" ] || refuse "$newest installs a program with rights of its owner"
  while IFS= read -r -d '' link; do
    case $(readlink -- "$link") in /* | *..*) refuse "$newest installs a link that leads elsewhere" ;; esac
  done < <(find "$work/out" -type l -print0)
}

# self_test PROGRAM-DIRECTORY: the new version says who it is, and proves what it makes of the samples it comes with.
self_test() {
  local program=$1/sbin/vuurmuur sample
  staged "$program" --version >"$work/errors" 2>&1 || { tail_of "$work/errors"; refuse "the self-test of $newest failed: it does not start"; }
  version_text=$(head -n 1 "$work/errors" | cat -v)
  for sample in "$1"/share/vuurmuur/samples/*/; do
    [ -d "$sample" ] || continue
    staged "$program" compile --prove --state-dir="$work/home" "$sample" >"$work/errors" 2>&1 ||
      { tail_of "$work/errors"; refuse "the self-test of $newest failed with the sample ${sample%/}"; }
  done
}

# take_over: $work/out becomes $versions/$newest, whole and on the disk, or is not there.
take_over() {
  local part=$versions/$newest.part
  rm -rf -- "$part"
  cp -R --no-dereference --preserve=mode,timestamps -- "$work/out" "$part" 2>"$work/errors" &&
    chmod -R u+rwX,go+rX,go-w -- "$part" &&
    printf 'id=%s\nsource=%s\nfull=%s\nsigned=%s\nserial=%s\nsays=%s\nbuilt=%s\n' "$newest" "$(encoded "$source")" "$newest_full" \
      "$signed" "$serial" "$version_text" "$(date -u +%FT%TZ)" 2>>"$work/errors" >"$part/version" &&
    find "$part" \( -type f -o -type d \) -exec sync -- {} + 2>>"$work/errors" &&
    { rm -rf -- "${versions:?}/$newest"; mv -T -- "$part" "$versions/$newest"; } && sync "$versions" && return
  tail_of "$work/errors"
  rm -rf -- "$part"
  refuse "$newest could not be put into $versions"
}

# version_field VERSION NAME: what its file says.
version_field() { [ -z "$1" ] || [ ! -f "$versions/$1/version" ] || field "$2" "$(cat -- "$versions/$1/version")"; }

# use_what_is_here: whether the newest version was built before, and may be used as it is.
use_what_is_here() {
  [ -f "$versions/$newest/version" ] || return 1
  if [ "$unsigned" = no ] && [ "$(version_field "$newest" signed)" != yes ]; then
    rm -rf -- "${versions:?}/$newest"
    return 1
  fi
  signed=$(version_field "$newest" signed) serial=$(version_field "$newest" serial)
}
