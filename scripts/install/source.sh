# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# Where versions come from: the newest revision, its name here, and its files. Part of scripts/install.sh.
#
# A name is r123 of Subversion, g and 12 digits of git, d and 12 digits of a directory's checksum. What a server says is
# looked at before it becomes a name or an argument.

kind='' url='' newest='' newest_full='' newest_date=0
net_time=${VUURMUUR_INSTALL_NET_TIME:-300}

# remote COMMAND…: asks a server, without questions to a person, and not for ever.
remote() {
  GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=file:git:ssh:http:https GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh -oBatchMode=yes}" \
    timeout "$net_time" "$@" </dev/null 9>&-
}
plain_git() { git -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@" 9>&-; }

# settle_source: takes --source, --channel and --revision apart, and refuses what is not what it seems.
settle_source() {
  [ -n "$source" ] || usage_error "--source is needed: svn:URL, git:URL or dir:PATH"
  kind=${source%%:*} url=${source#*:}
  case $kind in
    dir)
      [ -z "$channel$revision" ] || usage_error "a directory has neither --channel nor --revision"
      absolute url
      source=dir:$url
      return
      ;;
    svn | git) ;;
    run) refuse "run: files are not made yet; take svn:, git: or dir:" ;;
    *) usage_error "--source is svn:URL, git:URL, dir:PATH or run:FILE, not '$source'" ;;
  esac
  has_terminal_bytes "$url" && usage_error "a URL has no control characters: '$url'"
  case $url in *://-* | -* | *@-*) usage_error "a host or path cannot begin with '-': '$url'" ;; esac
  case $kind:$url in
    svn:file:///* | svn:svn://?* | svn:svn+ssh://?* | svn:http://?* | svn:https://?*) ;;
    git:file:///* | git:git://?* | git:ssh://?* | git:http://?* | git:https://?*) ;;
    *) usage_error "$kind: needs a URL with file, $([ "$kind" = svn ] && echo 'svn, svn+ssh' || echo 'git, ssh'), http or https, not '$url'" ;;
  esac
  settle_revision
  case $kind in
    svn) command -v svn >/dev/null || refuse "there is no svn: install subversion" ;;
    git) command -v git >/dev/null || refuse "there is no git" ;;
  esac
}

settle_revision() {
  [ -z "$channel" ] || is_reference "$channel" || usage_error "no channel can be named '$channel'"
  [ -n "$revision" ] || return 0
  if [ "$kind" = svn ]; then
    [[ $revision =~ ^[0-9]{1,9}$ ]] || usage_error "a revision of Subversion is a number, not '$revision'"
  else
    is_reference "$revision" || usage_error "no revision can be named '$revision'"
    [ -z "$channel" ] || usage_error "--channel and --revision: one of them"
  fi
}

# is_reference NAME: what a branch or tag may be named here; git allows more.
is_reference() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$ && $1 != *..* && $1 != *//* && $1 != */ && $1 != *.lock ]]; }

# find_newest: sets newest (the name here), newest_full (the name there).
find_newest() {
  case $kind in
    svn) newest_of_svn ;;
    git) newest_of_git ;;
    dir) newest_of_directory ;;
  esac
  [[ $newest =~ ^[rgd][0-9a-f]{1,12}$ ]] || refuse "the source answered with a revision that is none: '$newest'"
}

svn_url() {
  case $channel in
    '') printf %s "$url" ;;
    trunk) printf %s "${url%/}/trunk" ;;
    *) printf %s "${url%/}/branches/$channel" ;;
  esac
}

newest_of_svn() {
  local at
  at=$(svn_url)
  newest_full=$(remote svn info --non-interactive --show-item last-changed-revision -r "${revision:-HEAD}" -- "$at@${revision:-HEAD}" 2>"$work/errors") ||
    { tail_of "$work/errors"; refuse "the repository cannot be read: $at"; }
  newest_full=${newest_full//[[:space:]]/}
  [[ $newest_full =~ ^[0-9]{1,9}$ ]] || refuse "the repository answered with a revision that is none: '$newest_full'"
  newest=r$newest_full
}

newest_of_git() {
  local answer name=${revision:-HEAD}
  [ -z "$channel" ] || name=refs/heads/$channel
  if [[ $revision =~ ^[0-9a-f]{40}$ ]]; then
    newest_full=$revision
  else
    answer=$(remote git ls-remote -- "$url" "$name" "$name^{}" 2>"$work/errors") ||
      { tail_of "$work/errors"; refuse "the repository cannot be read: $url"; }
    # A tag with a message is listed twice; what it points to comes last.
    newest_full=$(printf '%s\n' "$answer" | awk -v name="$name" '{ n = $2; sub(/\^\{\}$/, "", n) }
      n == name || n == "refs/heads/" name || n == "refs/tags/" name { found = $1 } END { print found }')
    [ -n "$newest_full" ] || refuse "the repository has no '$name'"
  fi
  [[ $newest_full =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || refuse "the repository answered with a commit that is none: '$newest_full'"
  newest=g${newest_full:0:12}
}

# The files of a source tree that count: not what version control and builds keep in it.
list_directory() {
  (cd -- "$1" && find . -mindepth 1 \( -name .git -o -name .svn -o -path './build' -o -path './build-*' \) -prune -o \( -type f -o -type l \) -print0) | sort -z
}

checksum_of_directory() {
  local names
  names=$(mktemp -- "$work/names.XXXXXX") && list_directory "$1" >"$names" || return
  # What a link leads to is in the archive; the rest of it is the same each time.
  tar -C "$1" --no-recursion --format=gnu --owner=0 --group=0 --mtime=@0 --mode=a=rwX --null -T "$names" -c | sha256sum | cut -c1-12
}

newest_of_directory() {
  [ -f "$url/CMakeLists.txt" ] || refuse "there is no source tree in $url"
  newest_full=$(checksum_of_directory "$url") || refuse "cannot read $url"
  newest=d$newest_full
}

# fetch: the files of `newest` into $work/src; of git also the commit, whose signature is looked at before.
fetch() {
  mkdir -- "$work/src" || refuse "no room in $work"
  case $kind in
    svn)
      remote svn export -q --force --non-interactive --ignore-externals -r "$newest_full" -- "$(svn_url)@$newest_full" "$work/src" 2>"$work/errors"
      ;;
    git)
      fetch_commit 1 && plain_git -C "$work/git" archive --format=tar -o "$work/src.tar" "$newest_full" 2>"$work/errors" &&
        tar -x --no-same-owner -C "$work/src" -f "$work/src.tar" 2>"$work/errors" && rm -f "$work/src.tar"
      ;;
    dir)
      list_directory "$url" | tar -C "$url" --no-recursion --null -T - -c 2>"$work/errors" | tar -x --no-same-owner -C "$work/src" 2>>"$work/errors" &&
        [ "$(checksum_of_directory "$work/src")" = "$newest_full" ]
      ;;
  esac || { tail_of "$work/errors"; refuse "revision $newest could not be fetched"; }
}

# fetch_commit DEPTH: newest_full and so many before it, into a repository of our own.
fetch_commit() {
  local name=$newest_full
  plain_git init -q --bare "$work/git" 2>"$work/errors" || return
  [ -n "$revision" ] && ! [[ $revision =~ ^[0-9a-f]{40}$ ]] && name=$revision
  [ -z "$channel" ] || name=refs/heads/$channel
  [ -n "$revision$channel" ] || name=HEAD
  remote git -c core.hooksPath=/dev/null -C "$work/git" fetch -q --no-tags --depth "$1" -- "$url" "$name" 2>"$work/errors" || return
  [ "$(plain_git -C "$work/git" rev-parse --verify -q 'FETCH_HEAD^{commit}')" = "$newest_full" ] ||
    { echo "the branch was changed meanwhile: try again" >"$work/errors"; return 1; }
  newest_date=$(plain_git -C "$work/git" show -s --format=%ct "$newest_full" 2>/dev/null)
  [[ $newest_date =~ ^[0-9]{1,12}$ ]] || newest_date=0
}

# tell_what_is_new CURRENT: the first lines of the messages since then, as far as that can be told.
tell_what_is_new() {
  case $kind$1 in
    svnr*) remote svn log --non-interactive -l 20 -r "$newest_full:$((${1#r} + 1))" -- "$(svn_url)@$newest_full" ;;
    gitg*)
      fetch_commit 20 && plain_git -C "$work/git" log --no-decorate --no-color --format='%H %cs %s' "$newest_full" |
        awk -v here="${1#g}" 'substr($1, 1, 12) == here { exit } { $1 = substr($1, 1, 12); print }'
      ;;
  esac 2>/dev/null | cat -v | sed 's/^/  /'
}
