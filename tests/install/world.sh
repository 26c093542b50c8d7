#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# A world that is no good: two at once, no server, no network, no room. What is in use stays in use.
. "$(dirname -- "$0")/helpers.sh"
new_key "$area/key" t
signers "$area/signers" "$area/key" t@example.org
new_git
git daemon --export-all --base-path="$area" --listen=127.0.0.1 --port=9418 --reuseaddr "$area" 2>/dev/null &
servers+=($!)
commit news
for _ in $(seq 100); do ! git ls-remote git://127.0.0.1/git >/dev/null 2>&1 || break; sleep 0.05; done
new_machine
check "a first install from git://" expect 0 install --source=git:git://127.0.0.1/git --signers="$area/signers"
check "  runs" is news

commit ten
slow=$area/slow
mkdir "$slow"
printf '#!/bin/sh\ncase $* in *--build*) touch "%s/begun"; sleep 1;; esac\nexec %s "$@"\n' "$slow" "$(command -v cmake)" >"$slow/cmake"
chmod -R a+rwX "$slow"; chmod +x "$slow/cmake"
( PATH=$slow:$PATH; out=$area/first; expect 0 update ) & first=$!
for _ in $(seq 200); do [ ! -e "$slow/begun" ] || break; sleep 0.05; done
check "two at once: the second one is refused" expect 3 update
check "  for that reason" grep -q 'another install.sh' "$out"
check "  and check answers meanwhile" expect 0 check
check "  and the first one is done" wait "$first"
check "  and runs" is ten

kill "${servers[@]}"; wait "${servers[@]}" 2>/dev/null; servers=()
check "without a repository an update is refused" expect 3 update
check "  and check says so" expect 3 check
check "  and the version before runs" is ten
ip link set lo down
# What leads nowhere is not waited for for ever.
export VUURMUUR_INSTALL_NET_TIME=2
check "without a network as well" expect 3 update
check "  and a rollback needs none" expect 0 rollback
check "  and runs" is news
ip link set lo up

# A disk that has room for the state and not for a version; then for nothing at all.
project "$area/tree" big
head -c 3000000 /dev/zero >"$area/tree/defaults/big"
if mkdir "$area/disk" && mount -t tmpfs -o size=2m tmpfs "$area/disk" 2>/dev/null; then
  stop_daemon
  prefix=$area/disk/opt
  check "a first install on a disk that is full is refused" expect 3 install --source="dir:$area/tree" --unsigned
  check "  for that reason" grep -Eq 'No space|could not be put' "$out"
  check "  and nothing is in use" eval '! [ -e "$prefix/current" ]'
  check "  nor left behind" nothing_left
  rm "$area/tree/defaults/big"
  check "a smaller one has room" expect 0 install --source="dir:$area/tree" --unsigned
  check "  and runs" is big
  cat /dev/zero >"$area/disk/full" 2>/dev/null
  project "$area/tree" bigger
  check "an update of a full disk is refused" expect 3 update --unsigned
  check "  and the version before runs" is big
  rm "$area/disk/full"
  # The configuration's disk is another one, and full.
  config=$area/disk/etc prefix=$area/opt2
  cp -r "$area/etc" "$config"; rm -f "$config"/.lock
  default services/http 'PORT="8080"\n'
  project "$area/tree" first
  stop_daemon
  cp "$area/defaults/services/http" "$config/services/http"
  check "a version with its configuration elsewhere" expect 0 install --source="dir:$area/tree" --unsigned
  default services/http 'PORT="8081"\n'
  project "$area/tree" second
  cat /dev/zero >"$area/disk/full" 2>/dev/null
  check "a new default that has no room is refused" expect 3 update --unsigned --yes
  check "  and the version before runs" is first
  check "  and the file is as it was" grep -q 8080 "$config/services/http"
  rm "$area/disk/full"
  check "  and with room it is taken" expect 0 update --unsigned --yes
  check "  into the file" grep -q 8081 "$config/services/http"
  stop_daemon
else
  printf 'no tmpfs: a disk that is full is left out\n'
fi
finished
