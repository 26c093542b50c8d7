#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# From a first install to an uninstall, with what each step must leave alone; from a signed git repository.
. "$(dirname -- "$0")/helpers.sh"
new_git
new_key "$area/key" t
signers "$area/signers" "$area/key" t@example.org
from=(--source="git:file://$area/git" --signers="$area/signers")
commit one
new_machine

check "an update of nothing is refused" expect 3 update "${from[@]}"
check "a first install is in use and runs" expect 0 install "${from[@]}"
check "  from current" is one
check "  and leaves nothing behind" nothing_left
load_policy
check "the same again does nothing" expect 0 install
check "  and says so" grep -q 'up to date' "$out"
check "an update without anything new does nothing" expect 0 update
check "  and says so" grep -q 'up to date' "$out"
check "what is installed was built by nobody's user" [ "$(head -n 1 "$prefix/current/built-by")" != 0 ] || [ "$(id -u)" -ne 0 ]

commit two
check "check tells what is new" expect 0 check
check "  with its message" grep -q 'version two' "$out"
check "  and changes nothing" is one
check "a dry run says what it would do" expect 0 update --dry-run
check "  in words" grep -q 'would be put in place' "$out"
check "  and changes nothing" is one
check "  and leaves nothing behind" nothing_left
pid=$(daemon_pid)
check "an update brings the newest one" expect 0 update
check "  in use and running" is two
check "  and the former process is gone" eval '! lives $pid'
# HUP, PIPE and TERM are bits of the mask.
check "  and the service can be ended: these signals are not ignored" eval '[ $((0x$(sed -n "s/^SigIgn:.//p" "/proc/$(daemon_pid)/status") & 0x5001)) -eq 0 ]'
check "a rollback goes back" expect 0 rollback
check "  to the one before" is one
check "  and back again" expect 0 rollback
check "  to the newer one" is two

# --- Configuration -----------------------------------------------------------------------------------------------------
default services/http 'PORT="8080"\n'
commit three
check "another default that changes the rules needs a person" expect 5 update
check "  and the difference is shown" grep -q 8080 "$out"
check "  and nothing was changed" is two
check "  nor in the configuration" grep -q '"80"' "$config/services/http"
check "with --yes it is loaded" expect 0 update --yes
check "  and runs" is three
check "  and the file that nobody had changed follows" grep -q 8080 "$config/services/http"
check "  and the rules in force have it" eval 'in_force | grep -q 8080'
check "a rollback takes the default back as well" expect 0 rollback --yes
check "  in the file" grep -q '"80"' "$config/services/http"
check "  and in the rules in force" eval '! in_force | grep -q 8080'
check "  with the program" is two
check "and forward again" expect 0 update --yes

sed -i 's/LOG="Yes"/LOG="No"/' "$config/config.conf"
rm "$config/services/ssh"
default config.conf '# defaults\nLOG="Yes"\n\n\n\n\nDEPTH="2"\n'
commit four
check "an update leaves what was changed" expect 0 update --yes
check "  as it was changed" grep -q 'LOG="No"' "$config/config.conf"
check "  and lays the new default beside it" cmp "$config/config.conf.new" "$area/defaults/config.conf"
check "  and what was removed stays away" eval '! [ -e "$config/services/ssh" ]'
rm "$config/config.conf.new"
commit five
check "a default that was offered" expect 0 update
check "  is not offered again" eval '! [ -e "$config/config.conf.new" ]'
default config.conf '# defaults\nLOG="Yes"\n\n\n\n\nDEPTH="3"\n'
commit six
check "--merge takes both changes" expect 0 update --merge --yes
check "  of this machine" grep -q 'LOG="No"' "$config/config.conf"
check "  and of the default" grep -q 'DEPTH="3"' "$config/config.conf"
check "  and lays nothing beside" eval '! [ -e "$config/config.conf.new" ]'
check "all of this left nothing behind" nothing_left

# --- Rules -------------------------------------------------------------------------------------------------------------
generations() { find "$VUURMUUR_STATE_DIR/generations" -type f | wc -l; }
before=$(generations)
commit seven rules=reworded
check "rules that are written otherwise and do the same need nobody" expect 0 update
check "  and that is said" grep -q 'proven for every packet' "$out"
check "  and nothing is loaded for it" [ "$(generations)" -eq "$before" ]

# confirm_meanwhile: as a person would, who still reaches the machine.
confirm_meanwhile() {
  for _ in $(seq 400); do [ ! -f "$VUURMUUR_STATE_DIR/waiting" ] || break; sleep 0.05; done
  "$prefix/current/sbin/vuurmuur" confirm
}
export SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22"
commit eight rules=other
check "over SSH other rules that nobody confirms are taken back" expect 4 update --yes --confirm-time=1
check "  with the version" is seven
check "  and the rules of before are in force" eval '! in_force | grep -q other'
check "  and nothing waits" eval '! [ -e "$VUURMUUR_STATE_DIR/waiting" ]'
confirm_meanwhile &
check "and those that somebody confirms stay" expect 0 update --yes --confirm-time=20
wait $!
check "  in use" is eight
check "  and in force" eval 'in_force | grep -q other'
export SSH_CONNECTION=
commit nine rules=more apply=refused
check "a version whose rules the kernel refuses is taken back" expect 4 update --yes
check "  to the one before" is eight
check "  with its rules" eval 'in_force | grep -q other'

# Somebody edits while the new version looks at a copy.
mkdir "$area/late"
printf '#!/bin/sh\ncase $* in *exclude=./.update*) %s "$@"; echo "# late" >>"%s";; *) exec %s "$@";; esac\n' "$(type -P tar)" "$config/rules/rules.conf" "$(type -P tar)" >"$area/late/tar"
chmod +x "$area/late/tar"
commit ten rules=other
check "a configuration that is edited meanwhile" env PATH="$area/late:$PATH" bash -c '"$@" >"$0" 2>&1 </dev/null; [ $? -eq 3 ]' "$out" "$installer" update --prefix="$prefix"
check "  is the reason" grep -q 'changed meanwhile' "$out"
check "  and changes nothing" is eight
check "  nor leaves anything behind" nothing_left

# --- The end -----------------------------------------------------------------------------------------------------------
check "only some versions are kept" [ "$(find "$prefix/versions" -mindepth 1 -maxdepth 1 | wc -l)" -le 3 ]
check "an uninstall without an answer needs a person" expect 5 uninstall
check "  and changes nothing" is eight
stop_daemon
check "an uninstall removes the programs" expect 0 uninstall --yes
check "  all of them" eval '! [ -e "$prefix" ]'
check "  and leaves the configuration" [ -f "$config/rules/rules.conf" ]
before=$(cd "$config" && find . -type f -exec sha256sum {} + | sort)
check "a first install over a configuration" expect 0 install "${from[@]}" --no-start
check "  leaves it alone" [ "$(cd "$config" && find . -type f ! -name .lock -exec sha256sum {} + | sort)" = "$(printf '%s' "$before" | grep -v '/.lock$')" ]
check "an uninstall with --purge" expect 0 uninstall --yes --purge
check "  removes it" eval '! [ -e "$config" ]'
check "a first install without a configuration" expect 0 install "${from[@]}" --no-start
check "  brings the defaults" cmp "$config/config.conf" "$area/defaults/config.conf"
check "  for nobody else to read" [ "$(stat -c %a "$config/config.conf" "$config" | tr '\n' ' ')" = "640 750 " ]
finished
