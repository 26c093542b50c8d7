# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of vuurmuur_conf for bash.
_vuurmuur_conf() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $previous in
    --theme) mapfile -t COMPREPLY < <(compgen -W "dark light high-contrast mono" -f -- "$word"); return ;;
    --screen)
      mapfile -t COMPREPLY < <(compgen -W "$(vuurmuur_conf --help 2>/dev/null | sed -n 's/^screens: //p')" -- "$word")
      return ;;
    --state-dir) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--help --version --offline --read-only --wizard --demo --screen --theme --no-mouse \
      --no-colour --print-screen --keys --state-dir" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -d -- "$word")
  fi
}
complete -o filenames -F _vuurmuur_conf vuurmuur_conf
