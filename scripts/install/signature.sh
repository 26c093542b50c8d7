# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015 # variables of install.sh; refuse and its kind do not return
# Who made what was fetched. Part of scripts/install.sh.
#
# git: the commit is signed by SSH. Subversion and directories: MANIFEST.sha256 lists every file and is signed, with
# MANIFEST.serial among them, a number that only grows, so that nobody serves an old tree as a new revision
# (scripts/sign-tree makes all three).

namespace=vuurmuur
signed=no serial=0

# verify_source: refuses what is not signed, unless --unsigned; sets signed and serial.
verify_source() {
  if [ "$unsigned" = yes ]; then
    warn "--unsigned: nobody vouches for $newest; it is built and tried without rights, and is the firewall after that"
    return
  fi
  [ -n "$signers" ] || refuse "$newest: --signers names the file of those who may sign; --unsigned does without"
  [ -r "$signers" ] || refuse "cannot read the signers in $signers"
  command -v ssh-keygen >/dev/null || refuse "there is no ssh-keygen to check signatures with: install openssh-client"
  if [ "$kind" = git ]; then verify_commit; else verify_manifest; fi
  signed=yes
  is_not_older
}

verify_commit() {
  plain_git -C "$work/git" -c gpg.format=ssh -c gpg.ssh.program=ssh-keygen -c gpg.ssh.allowedSignersFile="$signers" \
    verify-commit "$newest_full" 2>"$work/errors" || { tail_of "$work/errors"; refuse "the signature of $newest is not good"; }
  serial=$newest_date
}

verify_manifest() {
  local list=$work/src/MANIFEST.sha256 who
  [ -f "$list" ] && [ ! -L "$list" ] && [ -f "$list.sig" ] && [ ! -L "$list.sig" ] || refuse "$newest has no signed MANIFEST.sha256"
  # Whose key it is says the file of signers, not the tree.
  who=$(ssh-keygen -Y find-principals -s "$list.sig" -f "$signers" 2>"$work/errors" | head -n 1) && [ -n "$who" ] &&
    ssh-keygen -Y verify -f "$signers" -I "$who" -n "$namespace" -s "$list.sig" <"$list" >"$work/errors" 2>&1 ||
    { tail_of "$work/errors"; refuse "the signature of MANIFEST.sha256 of $newest is not good"; }
  [ -z "$(find "$work/src" -mindepth 1 ! -type f ! -type d -print -quit)" ] || refuse "$newest has something that is no file"
  ! grep -Evq '^[0-9a-f]{64}  [^/[:cntrl:]][^[:cntrl:]]*$' "$list" || refuse "MANIFEST.sha256 of $newest has a line that is none"
  cmp -s <(cut -c67- "$list" | sort) <(cd "$work/src" && find . -type f ! -path ./MANIFEST.sha256 ! -path ./MANIFEST.sha256.sig -printf '%P\n' | sort) ||
    refuse "the files of $newest are not those of its MANIFEST.sha256"
  (cd "$work/src" && sha256sum --check --strict --quiet MANIFEST.sha256) >"$work/errors" 2>&1 ||
    { tail_of "$work/errors"; refuse "a file of $newest is not as it was signed"; }
  serial=$(get "$work/src/MANIFEST.serial")
  [[ $serial =~ ^[0-9]{1,12}$ ]] || refuse "MANIFEST.serial of $newest is no number"
}

# A signature stays good for ever: what is older than what is here needs --revision, from a person.
is_not_older() {
  local here
  here=$(version_field "$(current)" serial)
  [[ $here =~ ^[0-9]+$ ]] || return 0
  [ "$serial" -ge "$here" ] || [ -n "$revision" ] ||
    refuse "$newest is older than $(current), which is here: --revision says that it is meant so"
}
