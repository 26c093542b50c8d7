#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# Names that are meant to do harm, odd paths, masks of any kind, and a reader who looks at the link while it is switched.
. "$(dirname -- "$0")/helpers.sh"
new_key "$area/key" t
signers "$area/signers" "$area/key" t@example.org
new_git
commit one
new_machine
git_url=git:file://$area/git

# --- What is asked for -------------------------------------------------------------------------------------------------
refused_name() { check "refused: $(printf '%q ' "$@")" expect 1 install --signers="$area/signers" "$@"; }
refused_name --source="git:ext::sh -c 'touch $area/harm'"
refused_name --source="git:--upload-pack=touch $area/harm"
refused_name --source="git:ssh://-oProxyCommand=touch$area/harm/x"
refused_name --source="git:ssh://x@-oProxyCommand=touch$area/harm/x"
refused_name --source="svn:svn+ssh://-oProxyCommand=touch$area/harm/x"
refused_name --source="svn:svn+harm://host/x"
refused_name --source="svn:file://host/../x"
refused_name --source=$'git:file:///a\nb'
refused_name --source=$'git:https://host/\e[2J'
refused_name --source="cvs:here"
refused_name --source="here"
refused_name
for revision in '--upload-pack=x' '../../etc' 'a..b' 'a b' 'a;b' '$(touch x)' '`x`' 'x@{1}' 'refs/heads/' 'a.lock' $'a\nb' $'\e[2J' 'a:b' '^a' 'a~1' "$(printf 'a%.0s' $(seq 200))"; do
  refused_name --source="$git_url" --revision="$revision"
  refused_name --source="$git_url" --channel="$revision"
  refused_name --source="svn:file://$area/svn" --revision="$revision"
done
refused_name --source="svn:file://$area/svn" --channel='../../x'
refused_name --source="svn:file://$area/svn" --revision=HEAD
refused_name --source="$git_url" --health-time=soon
refused_name --source="$git_url" --no-such-option
check "refused: --prefix=/" bash -c '"$@" >"$0" 2>&1; [ $? -eq 1 ]' "$out" "$installer" check --source="$git_url" --prefix=/
check "a .run file is refused with the reason" expect 3 install --source=run:x.run
check "  which is told" grep -q 'not made yet' "$out"
check "no terminal sees an escape sequence of all this" eval '! grep -q $'"'\\e'"' "$out"'
check "nothing was made" eval '! [ -e "$prefix/current" ] && ! [ -e "$area/harm" ]'

# --- What answers ------------------------------------------------------------------------------------------------------
# A server that says what it wants to: git and svn are replaced by programs that print that.
mkdir "$area/liars"
liar() { printf '#!/bin/sh\nprintf "%%b" '"'%s'"'\n' "$2" >"$area/liars/$1"; chmod +x "$area/liars/$1"; }
for answer in '../../../etc\tHEAD\n' '$(touch harm)\tHEAD\n' '0123\tHEAD\n' '\tHEAD\n' '0000000000000000000000000000000000000000;x\tHEAD\n' 'g\n' ''; do
  liar git "$answer"
  check "a commit that is none is refused: $answer" env PATH="$area/liars:$PATH" bash -c '"$@"; [ $? -eq 3 ]' - "$installer" install --source="$git_url" --signers="$area/signers" --prefix="$prefix" --config="$config" --system=none >"$out" 2>&1
done
for answer in '../..\n' '1 2x\n' '-1\n' 'HEAD\n' '99999999999\n' ''; do
  liar svn "$answer"
  check "a revision that is none is refused: $answer" env PATH="$area/liars:$PATH" bash -c '"$@"; [ $? -eq 3 ]' - "$installer" install --source="svn:file://$area/svn" --signers="$area/signers" --prefix="$prefix" --config="$config" --system=none >"$out" 2>&1
done
check "nothing was made" eval '! [ -e "$prefix/current" ] && ! [ -e "$area/harm" ]'

# --- Signatures of git -------------------------------------------------------------------------------------------------
check "a signed commit is installed" expect 0 install --source="$git_url" --signers="$area/signers"
check "  and runs" is one
project "$area/git" two; git_in add -A; git_in commit -q -m "$(printf 'two \033[2J\033]0;title\007 end')"
check "a commit that nobody signed is refused" expect 3 update
check "check shows its message without what a terminal obeys" expect 0 check
check "  as text" eval 'grep -q "end" "$out" && ! grep -q $'"'\\e'"' "$out"'
new_key "$area/other" o
project "$area/git" three; git_in add -A; git_in -c user.signingkey="$area/other" commit -q -S -m three
check "a commit that a stranger signed is refused" expect 3 update
check "  for that reason" grep -q 'signature of g[0-9a-f]* is not good' "$out"
check "--unsigned takes it" expect 0 update --unsigned
check "  and runs" is three
check "  and is not remembered" expect 0 rollback
project "$area/git" four; git_in add -A; git_in commit -q -m four
check "  for the next one" expect 3 update
check "what was built without a signature is not used when one is asked for" expect 3 update --revision="$(git_in rev-parse HEAD^)"
commit five
check "the next one that is signed is taken" expect 0 update
check "  and runs" is five
git_in branch old "$(git_in rev-list --max-parents=0 HEAD)"
GIT_COMMITTER_DATE='2001-01-01T00:00:00Z' git_in commit -q --amend -S -m 'five, from the past'
check "an older one that is served as the newest is refused" expect 3 update
check "  for that reason" grep -q 'is older than' "$out"
check "  unless a person names it" expect 0 update --revision=old
check "  and it runs" is one
commit six
git_in tag v6
check "a tag" expect 0 update --revision=v6
check "  runs" is six
git_in branch stable HEAD
commit seven
check "a channel" expect 0 update --channel=stable
check "  says that all is well" grep -q 'up to date' "$out"
check "  and is remembered" expect 0 update
check "  and runs" is six

# --- Odd places --------------------------------------------------------------------------------------------------------
project "$area/tree" here
for mask in 000 077 777; do
  stop_daemon
  prefix=$area/mask.$mask
  [ "$mask" != 777 ] || continue
  ( umask "$mask"; install_sh install --source="dir:$area/tree" --unsigned )
  check "umask $mask: runs" is here
  check "  and only root may write there" eval '[ -z "$(find "$prefix" ! -type l -perm /022 -print -quit)" ]'
  check "  and everybody may read the programs" eval '[ -z "$(find "$prefix/versions" -type f ! -perm -444 -print -quit)" ] && [ -z "$(find "$prefix/versions" -type d ! -perm -555 -print -quit)" ]'
  check "  and nobody the state" [ "$(stat -c %a "$prefix/state")" = 700 ]
done
for name in "with blanks" $'with a\nline end' "with 'quotes\" and \$dollars" "-begins" $'\xffnot text'; do
  stop_daemon
  prefix="$area/$name/opt" config="$area/$name/etc"
  mkdir -p "$area/$name"
  cp -r "$area/etc" "$config"; rm -f "$config/.lock"
  cp -r "$area/tree" "$area/$name/tree"
  default services/http 'PORT="80"\n'
  project "$area/$name/tree" placed
  check "$(printf '%q' "$name"): an install" expect 0 install --source="dir:$area/$name/tree" --unsigned
  check "  runs" is placed
  check "  and tar has nothing to say" eval '! grep -q "^tar:" "$out"'
  load_policy
  default services/http 'PORT="81"\n'
  project "$area/$name/tree" moved
  check "  an update, whose settings are remembered" expect 0 update --unsigned --yes
  check "  runs" is moved
  check "  with its default" grep -q 81 "$config/services/http"
  check "  and back" expect 0 rollback --yes
  check "  runs" is placed
  check "  and nothing is left behind" nothing_left
  check "  and an uninstall" expect 0 uninstall --yes
  check "  removes it" eval '! [ -e "$prefix" ]'
done

# --- A reader who looks all the time -----------------------------------------------------------------------------------
# It counts the times when there is no program; the control is a switch that is not made by a rename.
prefix=$area/reader
mkdir -p "$prefix/versions/ra/sbin" "$prefix/versions/rb/sbin"
cp "$(type -P true)" "$prefix/versions/ra/sbin/vuurmuur"; cp "$(type -P true)" "$prefix/versions/rb/sbin/vuurmuur"
read_until_told() {
  local runs=0 misses=0
  while [ ! -e "$area/enough" ]; do
    [ -x "$prefix/current/sbin/vuurmuur" ] && [ -s "$prefix/current/sbin/vuurmuur" ] || misses=$((misses + 1))
    runs=$((runs + 1))
  done
  printf '%d %d\n' "$misses" "$runs" >"$area/reader.says"
}
switch_many_times() { # COMMAND
  rm -f "$area/enough"
  "$1" ra
  read_until_told & local reader=$!
  for _ in $(seq 200); do "$1" ra; "$1" rb; done
  touch "$area/enough"
  wait "$reader"
  read -r misses runs <"$area/reader.says"
}
with_gap() { rm -f "$prefix/current"; ln -s "versions/$1" "$prefix/current"; }
# The function itself, out of the script.
eval "$(sed -n '/^switch_to() {$/,/^}$/p' "${installer%.sh}/change.sh")"
switch_many_times switch_to
check "a reader looked often enough ($runs times)" [ "$runs" -gt 400 ]
check "  and never missed a program" [ "$misses" -eq 0 ]
switch_many_times with_gap
check "the control, which removes and links, is seen ($misses of $runs)" [ "$misses" -gt 0 ]
finished
