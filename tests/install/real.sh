#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# The real program, in force in a namespace of its own: installed, updated, with its daemon, and back.
#   real.sh PROGRAM   takes a vuurmuur that was built; the rest comes out of this source tree
#   real.sh           builds this source tree, twice, so only with VUURMUUR_INSTALL_REAL=1
[ $# -eq 1 ] || [ "${VUURMUUR_INSTALL_REAL:-}" = 1 ] || { echo "VUURMUUR_INSTALL_REAL=1 is not set: left out"; exit 77; }
. "$(dirname -- "$0")/helpers.sh"
[ "$(id -u)" -eq 0 ] || left_out "not root"
root=${here%/tests/install}
unset VUURMUUR_INSTALL_PAUSE
export VUURMUUR_SOCKET=$area/socket
cp -r "$root/config/samples/gateway" "$config"
mkdir -p "$VUURMUUR_STATE_DIR"
cat >"$area/restart" <<'END'
#!/bin/sh
# A second daemon is refused as long as the first one is there.
pid=$(cat "$VUURMUUR_STATE_DIR/pid" 2>/dev/null) && kill "$pid" 2>/dev/null &&
  for _ in $(seq 200); do grep -q '^State:[[:space:]]*[A-Y]' "/proc/$pid/status" 2>/dev/null || break; sleep 0.05; done
"$VUURMUUR_PREFIX/current/sbin/vuurmuur" daemon --detach --socket="$VUURMUUR_SOCKET" --pid-file="$VUURMUUR_STATE_DIR/pid" --state-dir="$VUURMUUR_STATE_DIR" "$(dirname "$0")/etc"
END
cat >"$area/health" <<'END'
#!/bin/sh
pid=$(cat "$VUURMUUR_STATE_DIR/pid") && [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$VUURMUUR_PREFIX/current/sbin/vuurmuur")" ] && "$VUURMUUR_PREFIX/current/sbin/vuurmuur" status
END
chmod +x "$area/restart" "$area/health"
stop_daemon() { [ ! -s "$VUURMUUR_STATE_DIR/pid" ] || kill "$(cat "$VUURMUUR_STATE_DIR/pid")" 2>/dev/null; }
real() { "$installer" "$@" --prefix="$prefix" --config="$config" --system="$area/system" --health-time=10 \
  --restart-command="$area/restart" --health-command="$area/health" >"$out" 2>&1 </dev/null; }
mkdir "$area/tree" "$area/system"
if [ $# -eq 1 ]; then
  make_real_tree "$area/tree" "$1"
  differs() { echo '# A tree that differs.' >>"$area/tree/CMakeLists.txt"; }
else
  git -C "$root" -c safe.directory='*' ls-files -z | tar -C "$root" --null -T - -c | tar -x -C "$area/tree"
  differs() { printf '\n// A tree that differs.\n' >>"$area/tree/vuurmuur/main.cpp"; }
fi

seconds=$SECONDS
check "the real program is installed" real install --source="dir:$area/tree" --unsigned
printf 'took %d s\n' $((SECONDS - seconds))
check "  and proves its samples" grep -q 'trying' "$out"
check "  and is linked" "$area/system/usr/local/sbin/vuurmuur" --version
check "  and its unit names it" grep -q "ExecStart=$prefix/current/sbin/vuurmuur daemon" "$area/system/etc/systemd/system/vuurmuur.service"
check "  and itself" eval '"$area/system/usr/local/sbin/vuurmuur-install" --help >/dev/null'
check "its rules are loaded" eval '"$prefix/current/sbin/vuurmuur" apply --confirm=0 --force "$config" >"$out" 2>&1'
first=$(readlink "$prefix/current")
rules() { iptables-legacy-save | sed '/^#/d; s/\[[0-9:]*\]//' | sha256sum; }
before=$(rules)
check "  into the kernel" eval 'iptables-legacy-save | grep VRMR-FORWARD >/dev/null'
differs
seconds=$SECONDS
check "an update by the installed script, which remembers all of it" bash -c '"$1" update --unsigned >"$2" 2>&1' - "$area/system/usr/local/sbin/vuurmuur-install" "$out"
printf 'took %d s\n' $((SECONDS - seconds))
check "  makes the same rules" grep -q 'the same rules' "$out"
check "  is another version" [ "$(readlink "$prefix/current")" != "$first" ]
check "  which runs" env VUURMUUR_PREFIX="$prefix" "$area/health"
check "  and the rules in force are the same" [ "$(rules)" = "$before" ]
echo 'RULE="accept service nonsense from lan to inet"' >>"$config/rules/rules.conf"
refused() { real rollback; [ $? -eq 3 ]; }
check "a configuration with an error is no ground to change versions on" refused
check "  for that reason" grep -q nonsense "$out"
sed -i '$d' "$config/rules/rules.conf"
check "back" real rollback
check "  to the first one" [ "$(readlink "$prefix/current")" = "$first" ]
check "  which runs" env VUURMUUR_PREFIX="$prefix" "$area/health"
check "  and the rules in force are the same" [ "$(rules)" = "$before" ]
stop_daemon
check "an uninstall removes it" real uninstall --yes
check "  with its links and units" eval '[ -z "$(find "$area/system" ! -type d)" ]'
finished
