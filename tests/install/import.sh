#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2016,SC1091,SC2034,SC2317,SC2030,SC2031 # helpers.sh; what eval reads and runs; runs with an output of their own
# Vuurmuur 0.8 is taken over and given back, with its rules in the kernel of a namespace and a program that stands in for its daemon.
#   import.sh PROGRAM legacy|nft
. "$(dirname -- "$0")/helpers.sh"
[ $# -eq 2 ] || { echo "usage: import.sh PROGRAM legacy|nft"; exit 1; }
[ "$(id -u)" -eq 0 ] || left_out "not root"
engine=$2
command -v "iptables-$engine-restore" >/dev/null || left_out "no iptables-$engine"
unset VUURMUUR_INSTALL_PAUSE
export VUURMUUR_SOCKET=none VUURMUUR_INSTALL_OLD_ROOT=$area/old
make_real_tree "$area/tree" "$1"
real() { "$installer" "$@" --prefix="$prefix" --config="$config" --system=none >"$out" 2>&1 </dev/null; }
status() { local wanted=$1 is; shift; real "$@"; is=$?; [ $is -eq "$wanted" ] || { echo "status $is, not $wanted" >>"$out"; return 1; }; }
vuurmuur() { "$prefix/current/sbin/vuurmuur" "$@"; }
kernel() { local family; for family in iptables ip6tables; do "$family-$engine-save" | sed '/^#/d; s/\[[0-9:]*\]//'; done; }
ours() { if [ "$engine" = legacy ]; then iptables-legacy-save | grep -e '-A INPUT.* -j VRMR-INPUT'; else nft list table ip vuurmuur; fi >/dev/null 2>&1; }
# as_before: the kernel has the rules that it had, and no others.
as_before() { diff <(printf '%s\n' "$before") <(kernel) >>"$out"; }
theirs() { iptables-"$engine"-save | grep '^:NEWACCEPT' >/dev/null; }

# --- A machine with 0.8: its rules as it writes them, a chain of fail2ban, and one by hand ------------------------------
old_rules() { # FAMILY
  cat <<'END'
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -i inet0 -m rpfilter --invert -m limit --limit 1/sec -j NFLOG --nflog-prefix "vrmr: DROP rpfilter " --nflog-group 9
-A PREROUTING -i inet0 -m rpfilter --invert -j DROP
-A PREROUTING -i inet0 -m rpfilter --invert -j DROP
-A PREROUTING -i lan0 -p udp -m udp --dport 9 -j NOTRACK
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:PRE-VRMR-POSTROUTING - [0:0]
-A POSTROUTING -j PRE-VRMR-POSTROUTING
-A POSTROUTING -o inet0 -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:PRE-VRMR-INPUT - [0:0]
:PRE-VRMR-FORWARD - [0:0]
:SHAPEIN - [0:0]
-A INPUT -j PRE-VRMR-INPUT
-A INPUT -j SHAPEIN
-A FORWARD -j PRE-VRMR-FORWARD
-A INPUT -i lan0 -p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW,RELATED -m connmark --mark 0x0 -j CONNMARK --set-xmark 0x1/0xffffffff
-A PRE-VRMR-FORWARD -p tcp -m tcp --dport 8 -j MARK --set-xmark 0x8/0xffffffff
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
:ACC-lan0 - [0:0]
:ANTISPOOF - [0:0]
:BLOCK - [0:0]
:BLOCKLIST - [0:0]
:ESTRELNFQUEUE - [0:0]
:NEWACCEPT - [0:0]
:PRE-VRMR-INPUT - [0:0]
:SYNLIMIT - [0:0]
:f2b-sshd - [0:0]
-A INPUT -j f2b-sshd
-A INPUT -j PRE-VRMR-INPUT
-A INPUT -i lo -j ACCEPT
-A INPUT -i lan0 -j ACC-lan0
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -m connmark ! --mark 0x0 -j ESTRELNFQUEUE
-A INPUT -m connmark --mark 0x1 -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -j BLOCKLIST
-A INPUT -i lan0 -p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j NEWACCEPT
-A INPUT -m limit --limit 20/sec --limit-burst 40 -j NFLOG --nflog-prefix "vrmr: DROP in policy " --nflog-group 9
-A OUTPUT -o lo -j ACCEPT
-A ACC-lan0 -i lan0 -j RETURN
-A BLOCK -j DROP
-A NEWACCEPT -p tcp -m connmark --mark 0x1 -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j SYNLIMIT
-A NEWACCEPT -m connmark --mark 0x1 -j ACCEPT
-A SYNLIMIT -m limit --limit 10/sec --limit-burst 20 -j RETURN
-A SYNLIMIT -j DROP
-A f2b-sshd -j RETURN
COMMIT
END
}
mkdir -p "$area/old/run"
# A program of that name, as a process has it.
cp "$(type -P bash)" "$area/old/vuurmuur"
cat >"$area/old/daemon" <<'END'
trap 'exit 0' INT TERM
echo "$$ 4711" >"$VUURMUUR_INSTALL_OLD_ROOT/run/vuurmuur.pid"
while :; do sleep 0.05; done
END
old_pid() { local pid; read -r pid _ <"$area/old/run/vuurmuur.pid" && printf %s "$pid"; }
old_runs() { local comm; read -r comm <"/proc/$(old_pid)/comm" && [ "$comm" = vuurmuur ] && lives "$(old_pid)"; } 2>/dev/null
stop_daemon() { [ ! -s "$area/old/run/vuurmuur.pid" ] || kill "$(old_pid)" 2>/dev/null; }
start_old_daemon() { "$area/old/vuurmuur" "$area/old/daemon" -D & disown; until [ -s "$area/old/run/vuurmuur.pid" ] && old_runs; do sleep 0.02; done; }
# Some kernels have no queues in nf_tables: what is tried there needs none.
sample=gateway
[ "$engine" = legacy ] || sample=server
cp -r "$here/../../config/samples/$sample" "$config"
mkdir -p "$config/plugins"
printf 'LOCATION="%s/"\n' "$config" >"$config/plugins/textdir.conf"
old_rules | "iptables-$engine-restore" && old_rules | "ip6tables-$engine-restore" || exit 1
start_old_daemon
before=$(kernel)

# --- What is refused ----------------------------------------------------------------------------------------------------
check "without an installed version it is refused" status 3 import
check "the program is installed beside it" real install --source="dir:$area/tree" --unsigned --no-start
printf 'LOCATION="/etc/elsewhere"\n' >"$config/plugins/textdir.conf"
check "a configuration that 0.8 reads elsewhere is refused" status 3 import --yes
check "  for that reason" grep -q '/etc/elsewhere' "$out"
printf 'LOCATION="%s/"\n' "$config" >"$config/plugins/textdir.conf"
echo 'RULE="accept service nonsense from lan to inet"' >>"$config/rules/rules.conf"
check "a configuration with an error is refused" status 3 import --yes
check "  for that reason" grep -q nonsense "$out"
sed -i '$d' "$config/rules/rules.conf"
check "other rules need a person" status 5 import
check "  and what is done otherwise is shown" grep -q 'what Vuurmuur 0.8 does' "$out"
check "a dry run" status 0 import --dry-run
check "all of that changed nothing in the kernel" as_before
check "  nor in what runs" old_runs
check "there is nothing to bring back" status 3 import --back --yes

# --- Over, and back -----------------------------------------------------------------------------------------------------
tree_before=$(cd "$config" && find . -type f ! -name .lock -exec sha256sum {} + | sort)
check "it is taken over" status 0 import --yes
check "  and the kernel was held against the policy" grep -q "holding the kernel against the policy" "$out"
check "  ours are in force" ours
check "  and confirmed" eval 'vuurmuur status --json | grep -q "\"state\": \"confirmed\""'
check "  its chains are gone" eval '! theirs'
check "  and its rules" eval '! kernel | grep -e "NEWACCEPT\|-A SYNLIMIT\|ACC-lan0\|CONNMARK --set-xmark 0x1/0xffffffff\|SHAPEIN\|^-A PREROUTING.*rpfilter\|^-A [IFO][A-Z]* .*DROP in policy\|^-A POSTROUTING .*MASQUERADE" >/dev/null'
check "  those of fail2ban are there" eval 'kernel | grep -e "-A INPUT -j f2b-sshd" >/dev/null'
check "  and one of table raw that is not its" eval 'kernel | grep NOTRACK >/dev/null || kernel | grep -e "--notrack" >/dev/null'
check "  and hooks with content" eval 'kernel | grep -e "-A PRE-VRMR-FORWARD -p tcp" >/dev/null'
check "  the empty ones are not" eval '! iptables-$engine-save -t mangle | grep "PRE-VRMR-INPUT" >/dev/null'
check "  its program has ended" eval '! old_runs'
check "  the configuration is as it was" [ "$(cd "$config" && find . -type f ! -name .lock -exec sha256sum {} + | sort)" = "$tree_before" ]
[ "$engine" = legacy ] || check "  and nothing of it drops any more" eval 'iptables-nft-save -t filter | grep "^:INPUT ACCEPT" >/dev/null'
check "there is nothing more to take over" status 3 import --yes
check "and it is brought back" status 0 import --back --yes
check "  with its rules, as they were" as_before
check "  and none of ours" eval '! ours'
for _ in $(seq 100); do ! old_runs || break; sleep 0.05; done
check "  and its program" old_runs

# --- Killed at each step ------------------------------------------------------------------------------------------------
steps=$(sed -n 's/^ *step \(import-[a-z]*\).*/\1/p' "$here/../../scripts/install/import.sh")
# What differs between the engines is where rules are taken out.
[ "$engine" = legacy ] || steps="import-stop import-remove"
for at in $steps; do
  VUURMUUR_INSTALL_STOP_AT=$at real import --yes
  check "killed at $at, one of both is in force" eval 'ours || theirs'
  check "  and run again it is taken over" status 0 import --yes
  check "  by ours alone" eval 'ours && ! theirs'
  check "  and comes back" status 0 import --back --yes
  check "  whole" as_before
  for _ in $(seq 100); do ! old_runs || break; sleep 0.05; done
done
finished
