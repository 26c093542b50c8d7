# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of vuurmuur_script(8) for bash.
_vuurmuur_script() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $before in
    -o | --host | -g | --group | -n | --network | -z | --zone | -s | --service | -i | --interface)
      mapfile -t COMPREPLY < <(compgen -W "$(vuurmuur_script -L "$before" any 2>/dev/null)" -- "$word"); return ;;
    -r | --rule) mapfile -t COMPREPLY < <(compgen -W "rules blocklist" -- "$word"); return ;;
    -V | --variable)
      mapfile -t COMPREPLY < <(compgen -W "ACTIVE COMMENT IPADDRESS IPV6ADDRESS MAC MEMBER NETWORK NETMASK IPV6NETWORK IPV6CIDR INTERFACE RULE DEVICE VIRTUAL SHAPE BW_IN BW_IN_UNIT BW_OUT BW_OUT_UNIT TCPMSS RANGE TCP UDP ICMP GRE AH ESP PROTO_41 HELPER BROADCAST CATEGORY ALIAS" -- "$word")
      return ;;
    --unblock) mapfile -t COMPREPLY < <(compgen -W "$(vuurmuur_script --list-blocked 2>/dev/null)" -- "$word"); return ;;
    -c | --config | --if-unchanged | --state-dir) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    -S | --set | --insert | --replace | --delete-rule | --move | --to | --block) return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "--create --delete --rename --modify --list --print --insert --replace --delete-rule --move --to --block --unblock --list-blocked --reload --list-devices --list-paths --version --help --host --group --network --zone --service --interface --rule --variable --set --append --overwrite --rule-numbers --if-unchanged --apply --no-apply --config --state-dir --verbose --debug" -- "$word")
}
complete -o filenames -F _vuurmuur_script vuurmuur_script
