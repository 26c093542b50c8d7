#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The shipped file, with another path, rotates a log: the old lines are kept, and the log is gone until somebody writes again.
set -euo pipefail
PATH=$PATH:/usr/sbin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 700 "$work"
# The directory of the traffic log is another user's on a machine where it is installed.
sed "s#/var/lib/vuurmuur#$work#; s#/var/log/vuurmuur#$work#g; /^\tsu /d; s#systemctl .*#touch $work/signalled#" "$1" >"$work/config"
chmod 644 "$work/config"
echo '{"what":"a change"}' >"$work/audit.log"
echo 'Nov 23 22:51:07: DROP' >"$work/traffic.log"
echo 'Nov 23 22:51:07: NEW' >"$work/connnew.log"
echo '{"event": "end"}' >"$work/connections.json"
logrotate --state "$work/state" --force "$work/config"
grep -qx 'Nov 23 22:51:07: DROP' "$work/traffic.log.1"
[ ! -e "$work/traffic.log" ]
grep -qx 'Nov 23 22:51:07: NEW' "$work/connnew.log.1"
grep -qx '{"event": "end"}' "$work/connections.json.1"
[ -e "$work/signalled" ]
[ ! -e "$work/audit.log" ]
zcat "$work/audit.log.1.gz" | grep -qx '{"what":"a change"}'
logrotate --state "$work/state" --force "$work/config" # without a log it is silent
