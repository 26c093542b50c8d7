# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# The configuration and the defaults that a version brings. Part of scripts/install.sh.
#
# A file that is as the last default was follows the new one. One that a person changed stays, and the new default is laid
# beside it as FILE.new, or merged into it when that is wished and has no conflict. One that a person removed stays away.
# All of that is done in a copy, which the new version has to accept; what changes goes into CONFIG/.update/next then, with
# what was there before in CONFIG/.update/before, so that a way back needs no room on the disk.

adopted=no follow=()

# default_files VERSION-DIRECTORY: the names, relative to the configuration, with a 0 byte behind each.
default_files() {
  local share=$1/share/vuurmuur
  [ ! -f "$share/config.conf" ] || printf 'config.conf\0'
  [ ! -d "$share/services" ] || (cd -- "$share" && find services -type f -print0 | sort -z)
}

default_of() { printf %s "$1/share/vuurmuur/$2"; }

same() { [ -f "$1" ] && [ -f "$2" ] && cmp -s -- "$1" "$2"; }

# has_policy DIRECTORY: whether there is anything to check and compile.
has_policy() { [ -f "$1/rules/rules.conf" ]; }

# prepare_candidate VERSION-DIRECTORY: $work/live, the configuration as it is, and $work/candidate, as it will be; sets follow.
prepare_candidate() {
  local file
  follow=()
  adopted=no
  mkdir -- "$work/live" "$work/candidate" || refuse "no room in $work"
  if [ -d "$config" ]; then
    [ -d "$state/defaults" ] || [ -z "$(ls -A -- "$config")" ] || adopted=yes
    copy_configuration "$work/live" && copy_configuration "$work/candidate" || { tail_of "$work/errors"; refuse "the configuration cannot be copied"; }
  fi
  while IFS= read -r -d '' file; do place_default "$1" "$file"; done < <(default_files "$1")
  give_away "$work/live" "$work/candidate"
}

copy_configuration() { (cd -- "$config" && tar -c --exclude=./.update --exclude=./.lock .) 2>"$work/errors" | tar -x --no-same-owner -C "$1" 2>>"$work/errors"; }

# place_default VERSION-DIRECTORY FILE: into the candidate, when it follows or is merged.
place_default() {
  local new live base
  new=$(default_of "$1" "$2") live=$config/$2 base=$state/defaults/$2
  [ ! -L "$live" ] || return 0
  if [ ! -e "$live" ]; then
    # Removed, or never wished for by who has a configuration of his own.
    [ ! -e "$base" ] && [ "$adopted" = no ] || return 0
  elif same "$live" "$new"; then
    return 0
  elif ! same "$live" "$base"; then
    same "$new" "$base" || try_merge "$new" "$live" "$base" "$2"
    return 0
  fi
  take_into_candidate "$new" "$2"
}

take_into_candidate() {
  [[ $2 != */* ]] || mkdir -p -- "$work/candidate/${2%/*}"
  cp --remove-destination -- "$1" "$work/candidate/$2" 2>"$work/errors" || refuse "no room in $work"
  follow+=("$2")
}

# try_merge NEW LIVE BASE FILE: both changes in one file, when a person wants that and there is no conflict.
try_merge() {
  [ -f "$3" ] && { command -v git >/dev/null || command -v diff3 >/dev/null; } || return 0
  if command -v git >/dev/null; then git merge-file -p -- "$2" "$3" "$1" >"$work/merged" 2>/dev/null; else diff3 -m -- "$2" "$3" "$1" >"$work/merged"; fi || return 0
  if [ "$merge" = no ]; then
    [ "$yes" = no ] && is_terminal || return 0
    diff -u --label "$4" --label "$4 (merged)" -- "$2" "$work/merged" | cat -v >&2
    ask "$4 was changed here, and its default as well. Take this merge of both?" || return 0
  fi
  take_into_candidate "$work/merged" "$4"
}

# checksum_of_configuration: of names and content, so that a change meanwhile is found.
checksum_of_configuration() {
  { [ ! -d "$1" ] || (cd -- "$1" && find . \( -path ./.update -o -path ./.lock \) -prune -o \( -type f -o -type l \) -print0 | sort -z | xargs -0 -r sha256sum -- 2>/dev/null); } | sha256sum
}

# stage_configuration: what will be put in place, beside it on the same disk.
stage_configuration() {
  local file
  [ ${#follow[@]} -gt 0 ] || return 0
  make_configuration || return
  rm -rf -- "$config/.update"
  mkdir -m 0700 -- "$config/.update" "$config/.update/next" "$config/.update/before" 2>"$work/errors" || return
  for file in "${follow[@]}"; do
    [[ $file != */* ]] || mkdir -p -- "$config/.update/next/${file%/*}" "$config/.update/before/${file%/*}" 2>"$work/errors" || return
    cp -- "$work/candidate/$file" "$config/.update/next/$file" 2>"$work/errors" || return
    if [ -e "$config/$file" ]; then
      cp -p -- "$config/$file" "$config/.update/before/$file" 2>"$work/errors" || return
      chmod --reference="$config/$file" -- "$config/.update/next/$file" && chown --reference="$config/$file" -- "$config/.update/next/$file" || return
    else
      chmod 0640 -- "$config/.update/next/$file" && chown --reference="$config" -- "$config/.update/next/$file" || return
    fi
  done
  find "$config/.update" -exec sync -- {} + 2>"$work/errors"
}

# A configuration that is made here: for root and the group of the daemon, where that is known.
make_configuration() {
  [ -d "$config" ] || { mkdir -p -- "$config" && chmod 0750 -- "$config" && { [ "$(id -u)" -ne 0 ] || chgrp vuurmuur -- "$config" 2>/dev/null || true; }; } 2>"$work/errors"
}

# put_in_place FROM TO: a second name of the file, renamed, so that FROM stays.
put_in_place() {
  rm -f -- "$2.update.tmp"
  ln -- "$1" "$2.update.tmp" 2>/dev/null || cp -p -- "$1" "$2.update.tmp" || return
  mv -T -- "$2.update.tmp" "$2" || return
  # mv leaves both names when they are one file already.
  rm -f -- "$2.update.tmp"
  sync "${2%/*}"
}

# with_editors_waiting COMMAND…: while it runs, vuurmuur_script and vuurmuur_conf wait.
with_editors_waiting() {
  local status
  { exec 8>>"$config/.lock"; } 2>/dev/null || { "$@"; return; }
  [ -s "$config/.lock" ] || chmod 0660 -- "$config/.lock" 2>/dev/null
  flock -w 10 8
  "$@"
  status=$?
  exec 8>&-
  return $status
}

staged_files() { [ ! -d "$config/.update/$1" ] || (cd -- "$config/.update/$1" && find . -type f -printf '%P\0' | sort -z); }

place_configuration() {
  local file
  while IFS= read -r -d '' file; do
    step place-file
    [[ $file != */* ]] || [ -d "$config/${file%/*}" ] || { mkdir -m 0750 -- "$config/${file%/*}" && chown --reference="$config" -- "$config/${file%/*}"; } || return
    put_in_place "$config/.update/next/$file" "$config/$file" || return
  done < <(staged_files next)
}

# restore_configuration: what was placed is taken back, unless somebody changed it meanwhile.
restore_configuration() {
  local file
  while IFS= read -r -d '' file; do
    same "$config/$file" "$config/.update/next/$file" || { [ ! -e "$config/$file" ] || same "$config/$file" "$config/.update/before/$file" || say "$config/$file was changed meanwhile: it stays"; continue; }
    if [ -f "$config/.update/before/$file" ]; then
      put_in_place "$config/.update/before/$file" "$config/$file"
    else
      rm -f -- "$config/$file"
    fi
  done < <(staged_files next)
  rm -f -- "$config"/*.update.tmp "$config"/*/*.update.tmp
}

# lay_defaults VERSION-DIRECTORY: writes down which default each file is made of, and lays new ones beside files that were changed.
lay_defaults() {
  local file new live base defaults=$state/defaults first=no
  # The first ones are there as a whole or not at all: without them, what is missing in the configuration was never wished for.
  [ -d "$defaults" ] || { first=yes defaults=$state/defaults.part; rm -rf -- "$defaults" && mkdir -- "$defaults" || return; }
  while IFS= read -r -d '' file; do
    new=$(default_of "$1" "$file") live=$config/$file base=$defaults/$file
    if [ "$first" = yes ] || [ -f "$config/.update/next/$file" ] || same "$live" "$new"; then
      keep_default "$new" "$base" && keep_default "$new" "$state/offered/$file" || return
      [ ! -f "$live.new" ] || ! same "$live.new" "$new" || rm -f -- "$live.new"
    elif [ -e "$live" ] && ! same "$new" "$base" && ! same "$new" "$state/offered/$file"; then
      step lay-beside
      cp -- "$new" "$live.new.update.tmp" && chmod --reference="$live" -- "$live.new.update.tmp" && chown --reference="$live" -- "$live.new.update.tmp" &&
        mv -T -- "$live.new.update.tmp" "$live.new" && keep_default "$new" "$state/offered/$file" || return
      say "$file was changed here and stays; the new default is beside it as $file.new"
    fi
  done < <(default_files "$1")
  [ "$first" = no ] || mv -T -- "$defaults" "$state/defaults" && sync "$state"
}

keep_default() {
  mkdir -p -- "${2%/*}" && cp -- "$1" "$2.tmp" && mv -T -- "$2.tmp" "$2"
}
