# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of vuurmuur(8) for bash.
_vuurmuur() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  # bash splits words at '=': the value of --option=value is a word of its own.
  [ "$word" = "=" ] && word=
  [ "$before" = "=" ] && before=${COMP_WORDS[COMP_CWORD - 2]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "check explain assert compile apply confirm rollback status history show diff list counters volume metrics log connections kill queues block unblock bait unbait respond clear restore guard receive daemon doctor services help --help --version" -- "$word")
    return
  fi
  case $before in
    --colour) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$word"); return ;;
    --connections) mapfile -t COMPREPLY < <(compgen -W "keep enforce list" -- "$word"); return ;;
    --backend) mapfile -t COMPREPLY < <(compgen -W "auto xtables nft" -- "$word"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "iptables-save ipset nft script" -- "$word"); return ;;
    --family) mapfile -t COMPREPLY < <(compgen -W "4 6" -- "$word"); return ;;
    --category) mapfile -t COMPREPLY < <(compgen -W "$(vuurmuur services --categories 2>/dev/null | cut -d' ' -f1)" -- "$word"); return ;;
    --proto) mapfile -t COMPREPLY < <(compgen -W "tcp udp icmp icmpv6 gre esp" -- "$word"); return ;;
    --table) mapfile -t COMPREPLY < <(compgen -W "raw mangle nat filter" -- "$word"); return ;;
    --disable-pass)
      mapfile -t COMPREPLY < <(compgen -W "$(vuurmuur compile --list-passes 2>/dev/null | cut -d' ' -f1)" -- "$word")
      return ;;
    --suricata | --suricata-unit) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    -o | --output) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --watch) mapfile -t COMPREPLY < <(compgen -W "1 2 5 10 60" -- "$word"); return ;;
    --sort) mapfile -t COMPREPLY < <(compgen -W "bytes packets age left source destination service" -- "$word"); return ;;
    --by) mapfile -t COMPREPLY < <(compgen -W "interface zone rule queue host" -- "$word"); return ;;
    --period) mapfile -t COMPREPLY < <(compgen -W "minute hour day month" -- "$word"); return ;;
    --for) mapfile -t COMPREPLY < <(compgen -W "10m 1h 1d 7d" -- "$word"); return ;;
    --to) mapfile -t COMPREPLY < <(compgen -W "here $(sed -n 's/^[Hh]ost[[:space:]]\{1,\}\([^*?!]*\)$/\1/p' ~/.ssh/config 2>/dev/null)" -A hostname -- "$word"); return ;;
    --state-dir | --to-dir | --extract | --config | --shipped) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
  esac
  local options="--colour --help"
  case $command in
    check) options="$options --deep --overlaps --iptables-save --services --state-dir --json" ;;
    assert) options="$options --state-dir --json" ;;
    explain) options="$options --src --dst --service --proto --dport --sport --icmp-type --in --out --log-line --why-not --rules --iptables-save --ipset-save --state-dir --json" ;;
    doctor) options="$options --suricata --suricata-unit --iptables-save --write-suricata --write-consumer --state-dir --json" ;;
    compile) options="$options --format --family --no-comments --list-passes --disable-pass --dump-ir --prove --timings --output --state-dir --json" ;;
    apply) options="$options --backend --connections --confirm --comment --force --dry-run --comments --no-comments --to --to-dir --state-dir --wait --json" ;;
    rollback) options="$options --confirm --comment --state-dir --wait --json" ;;
    confirm) options="$options --state-dir --json" ;;
    history) options="$options --edits --state-dir --json" ;;
    status) options="$options --watch --state-dir --json" ;;
    restore) options="$options --baseline --state-dir --json" ;;
    show) options="$options --rules --counters --extract --state-dir --json" ;;
    diff) options="$options --rules --traffic --iptables-save --running --state-dir --json" ;;
    guard) options="$options --state-dir" ;;
    receive) options="$options --back --dry-run --backend --connections --confirm --comment --force --comments --no-comments --state-dir --wait --json" ;;
    daemon) options="$options --socket --group --read-for-all --detach --pid-file --state-dir" ;;
    list) options="$options --table --family --all --blocked --baited --state-dir --json" ;;
    block) options="$options --for --kill --force --config --state-dir --json" ;;
    unblock) options="$options --config --state-dir --json" ;;
    bait) options="$options --to --for --force --config --state-dir --json" ;;
    unbait) options="$options --config --state-dir --json" ;;
    respond) options="$options --input --responses --check --dry-run --config --state-dir --json" ;;
    log) options="$options --since --until --follow --why --resolve --file --state-dir --json" ;;
    counters) options="$options --family --hits --unused --watch --state-dir --json" ;;
    volume) options="$options --by --period --since --until --limit --state-dir --json" ;;
    metrics) options="$options --output --state-dir" ;;
    connections) options="$options --sort --group --limit --rules --watch --resolve --family --state-dir --json" ;;
    kill) options="$options --all --dry-run --force --yes --family --state-dir --json" ;;
    queues) options="$options --watch --state-dir --json" ;;
    services) options="$options --category --categories --config --shipped --json" ;;
    clear) options="$options --yes --state-dir --wait --json" ;;
    help) mapfile -t COMPREPLY < <(compgen -W "check explain assert compile apply confirm rollback status history show diff list counters volume metrics log connections kill queues block unblock bait unbait respond clear restore guard receive daemon doctor services help" -- "$word"); return ;;
  esac
  case $command in
    connections | kill)
      if [[ $command == connections && $before == --group ]]; then
        mapfile -t COMPREPLY < <(compgen -W "source destination zone service rule queue" -- "$word")
        return
      elif [[ $word != -* ]]; then
        compopt -o nospace
        mapfile -t COMPREPLY < <(compgen -W "src: dst: host: net: zone: service: proto: port: sport: dport: state: queue: group: mark: rule: helper: family: bytes: packets:" -- "$word")
        return
      fi ;;
    show | diff | rollback)
      if [[ $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(vuurmuur history 2>/dev/null | sed -n 's/^ *\([0-9]\{1,\}\)  .*/\1/p')" -- "$word")
        [[ $command == diff ]] && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word")
        return
      fi ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -d -- "$word")
  fi
}
complete -o filenames -F _vuurmuur vuurmuur
