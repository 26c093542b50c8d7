#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How exposed the services are by systemd's own account: at most 2.0 (the threshold is ten times that).
set -euo pipefail
for unit in vuurmuur.service vuurmuur-restore.service vuurmuur-respond.service; do
  systemd-analyze security --no-pager --offline=true --threshold=20 "$1/$unit" | tail -1
done
