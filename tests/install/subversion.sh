#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# From Subversion by svnserve: versions that are no good, and signatures that are none. What is in use stays in use.
. "$(dirname -- "$0")/helpers.sh"
command -v svnserve >/dev/null || left_out "no svnserve"
new_key "$area/key" t
signers "$area/signers" "$area/key" release@example.org
new_svn
url=svn://127.0.0.1/svn
check_in one
new_machine
check "a first install from svn://" expect 0 install --source="svn:$url" --channel=trunk --signers="$area/signers"
check "  runs" is one
load_policy
check_in two
check "an update from svn://" expect 0 update
check "  runs" is two
check "the same again does nothing" expect 0 update
check "  and says so" grep -q 'up to date: r' "$out"
check_in news
check "check tells of the revision" expect 0 check
check "  with its message" grep -q 'version news' "$out"
check "the revision by its number" expect 0 update --revision="$(svn info --show-item last-changed-revision "$url/trunk")"
check "  runs" is news

# refused TEXT STATUS WHAT: the newest version is not taken, and the one before is as it was.
refused() {
  check "$1" expect "$2" update
  check "  for that reason" grep -q "$3" "$out"
  check "  and the version before runs" is news
  check "  and nothing is left behind" nothing_left
}
check_in broken build=broken; refused "a version that does not build is refused" 3 'does not build'
check_in crashes version=crashes; refused "a version that crashes at once is refused" 3 'does not start'
check_in unproven prove=fails; refused "a version that cannot prove its sample is refused" 3 'self-test'
check_in links build=link; refused "a version with a link out of it is refused" 3 'leads elsewhere'
echo 'removed_option="1"' >>"$config/config.conf"
check_in stricter refuses=removed_option; refused "a version that does not accept the configuration is refused" 3 'removed_option'
check "  and what it says names the configuration, not a copy" eval '! grep -q vuurmuur-install "$out"'
sed -i /removed_option/d "$config/config.conf"
check "  and is taken when it does" expect 0 update
check "  and runs" is stricter
check "  back" expect 0 rollback
check_in dies daemon=dies; refused "a version whose daemon dies at once is rolled back" 4 'not well five times'
# Five answers take longer than the daemon lives.
VUURMUUR_INSTALL_PAUSE=0.2
check_in dies-late daemon=dies-late; refused "a version whose daemon dies late is rolled back" 4 'not well five times'
VUURMUUR_INSTALL_PAUSE=0.05
check_in refuses-rules rules=more apply=refused
check "a version whose rules the kernel refuses is rolled back" expect 4 update --yes
check "  and the version before runs" is news

# --- Signatures of Subversion --------------------------------------------------------------------------------------------
project "$area/copy/trunk" altered; svn_commit altered
refused "a file that was changed after it was signed is refused" 3 'not as it was signed'
check_in extra; echo extra >"$area/copy/trunk/extra"; svn_commit extra
refused "a file that is not in the list is refused" 3 'not those of its MANIFEST'
svn -q rm --force "$area/copy/trunk/extra" "$area/copy/trunk/behaviour"; svn_commit less
refused "a file that is missing is refused" 3 'not those of its MANIFEST'
check_in linked; ln -s behaviour "$area/copy/trunk/link"; svn_commit link
refused "a link is refused" 3 'no file'
svn -q rm --force "$area/copy/trunk/link"
new_key "$area/other" o
mv "$area/key" "$area/right"; cp "$area/other" "$area/key"; check_in stranger; mv "$area/right" "$area/key"
refused "a signature of a stranger is refused" 3 'MANIFEST.sha256 of r[0-9]* is not good'
svn -q rm --force "$area/copy/trunk/MANIFEST.sha256.sig"; svn_commit unsigned
refused "a revision without a signature is refused" 3 'no signed MANIFEST'
check "  unless that is said" expect 0 update --unsigned
check "  and runs" is stranger
check "back to one that is signed" expect 0 rollback
svn -q export --force -r 2 "$url/trunk" "$area/old"
cp -r "$area/old/." "$area/copy/trunk"; svn -q rm --force "$area/copy/trunk/samples" 2>/dev/null; cp -r "$area/old/." "$area/copy/trunk"
svn_commit "an old tree again"
refused "an old tree that is served as a new revision is refused" 3 'is older than'
check "without who may sign, nothing is installed" eval '! expect 0 install --source="svn:$url/trunk" --state="$area/none"'

finished
