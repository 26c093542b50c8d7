#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How exposed the services are by systemd's own account: at most 2.0 (the threshold is ten times that). And the watchdog
# leaves the daemon the 30 s that a load may wait for another program's xtables lock (kLongestWait of
# vuurmuur/daemon/replies.h).
set -euo pipefail
for unit in vuurmuur.service vuurmuur-restore.service; do
  systemd-analyze security --no-pager --offline=true --threshold=20 "$1/$unit" | tail -1
done
watchdog=$(sed -n 's/^WatchdogSec=\([0-9]*\)$/\1/p' "$1/vuurmuur.service")
# A sign of life comes each half of it.
[ $((watchdog - watchdog / 2)) -gt 35 ] || { echo "WatchdogSec=$watchdog ends a daemon that waits for a lock"; exit 1; }
