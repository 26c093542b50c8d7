#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034 # what is set here is used by the parts
# Installs, updates, rolls back and removes Vuurmuur, and takes over Vuurmuur 0.8: `install.sh --help`, doc/update.md, vuurmuur-install(8).
#
# Each version is a directory of its own, and one symbolic link that is renamed says which is in use. What the parts in
# install/ do is told at the top of each; they are read before anything is done, so a switch does not pull them away.
set -u
export LC_ALL=C
umask 022

# What the command line and the remembered settings say; `remember` in state.sh lists those that are kept.
command='' prefix='' config='' state='' source='' revision='' channel='' signers='' system='' restart_command='' health_command=''
unsigned=no yes=no merge=no dry_run=no start=yes purge=no
health_time=30 confirm_time=60 keep=3

script=$(readlink -f -- "${BASH_SOURCE[0]}" && printf x) && script=${script%??}
for parts in "${script%/*}/install" "${script%/*}/../share/vuurmuur/install"; do
  [ ! -f "$parts/output.sh" ] || break
done
if [ ! -f "$parts/output.sh" ]; then
  printf 'error: install.sh needs the folder install beside it: take the whole source tree, or an installed version\n' >&2
  exit 1
fi
for part in output state source signature build configuration rules service change import; do
  # shellcheck source=/dev/null # all of them are checked by themselves
  . "$parts/$part.sh" || exit 1
done

usage() {
  cat <<'END'
install.sh - install, update, roll back and remove Vuurmuur

usage: install.sh COMMAND [OPTIONS]

commands:
  install      fetch, verify, build, try and put in place the first version
  update       the same with the newest revision; does nothing when it is here already
  check        tell whether there is a newer revision, and what is in it; changes nothing
  rollback     go back to the version before
  uninstall    remove the programs; configuration and rules in force stay
  import       take over an installation of Vuurmuur 0.8: its configuration in place, its rules, its service

Before anything else, each of them takes back an update that was cut short.

what is installed:
  --source=WHERE           svn:URL, git:URL, dir:PATH or run:FILE; remembered
  --revision=REVISION      this one instead of the newest (svn: a number; git: a branch, tag or whole commit)
  --channel=NAME           svn: trunk, or the branch of that name below branches/; git: the branch; remembered
  --signers=FILE           who may sign (ALLOWED SIGNERS in ssh-keygen(1)); remembered
  --unsigned               install without a signature; has to be said each time

where:
  --prefix=DIR             versions and the link to the current one (/opt/vuurmuur)
  --config=DIR             the configuration (/etc/vuurmuur); remembered
  --state=DIR              what an update has to know (PREFIX/state)
  --system=DIR|none        root of the tree that gets units and links in usr/local/sbin; remembered
                           (/ for root with the default prefix, else none)

how:
  --yes                    answer yes: also to rules that become others
  --merge                  merge new defaults into files that were changed, where that is without conflict
  --dry-run                do all but the switch, and change nothing
  --no-start               restart nothing and load no rules
  --restart-command=LINE   restarts the service, by sh -c; remembered (systemctl, where vuurmuur.service runs)
  --health-command=LINE    says by its status whether the service is well; remembered
  --health-time=SECONDS    for how long to wait until it is well five times in a row (30)
  --confirm-time=SECONDS   over SSH: for how long other rules wait for their confirmation (60)
  --keep=N                 versions that are kept (3, at least the current one and the one before)
  --back                   import: bring Vuurmuur 0.8 and its rules back
  --purge                  uninstall: remove the configuration as well
  --help                   print this and do nothing

exit status: 0 done, 1 wrong usage, 3 refused and nothing changed, 4 rolled back, 5 needs a person.
END
}

usage_error() {
  printf "%s\ntry 'install.sh --help'\n" "install.sh: error: $(visible "$*")" >&2
  exit 1
}

# set_option NAME VALUE
set_option() {
  case $1 in
    prefix | config | state | source | revision | channel | signers | system | restart-command | health-command)
      [ -n "$2" ] || usage_error "--$1 needs a value"
      printf -v "${1//-/_}" %s "$2"
      ;;
    health-time | confirm-time | keep)
      [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "--$1 is a number, not '$2'"
      printf -v "${1//-/_}" %s "$2"
      ;;
    *) usage_error "no option is named '--$1'" ;;
  esac
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --help) usage; exit 0 ;;
      --unsigned) unsigned=yes ;;
      --yes) yes=yes ;;
      --merge) merge=yes ;;
      --dry-run) dry_run=yes ;;
      --no-start) start=no ;;
      --purge) purge=yes ;;
      --back) back=yes ;;
      --*=*) set_option "$(option_name "$1")" "${1#*=}" ;;
      --*)
        [ $# -ge 2 ] || usage_error "no option is named '$1', or it needs a value"
        set_option "${1#--}" "$2"
        shift
        ;;
      install | update | check | rollback | uninstall | import)
        [ -z "$command" ] || usage_error "one command at a time, not '$command' and '$1'"
        command=$1
        ;;
      *) usage_error "no command is named '$1'" ;;
    esac
    shift
  done
  [ -n "$command" ] || usage_error "a command is needed: install, update, check, rollback, uninstall or import"
}

option_name() { local name=${1#--}; printf %s "${name%%=*}"; }

# absolute NAME: makes the path in that variable absolute, without a slash at the end.
absolute() {
  local path=${!1}
  [[ $path = /* ]] || path=$PWD/$path
  while [ "${path%/}" != "$path" ] && [ "$path" != / ]; do path=${path%/}; done
  printf -v "$1" %s "$path"
}

# The prefix that this script was installed below, or the usual one.
default_prefix() {
  case $script in
    */versions/*/share/vuurmuur/install.sh | */versions/*/sbin/vuurmuur-install) printf '%s' "${script%/versions/*}" ;;
    *) printf /opt/vuurmuur ;;
  esac
}

settle_paths() {
  [ -n "$prefix" ] || prefix=$(default_prefix)
  absolute prefix
  [ "$prefix" != / ] || usage_error "--prefix is a directory of its own, not /"
  [ -n "$state" ] || state=$prefix/state
  absolute state
  versions=$prefix/versions
  read_settings
  [ -n "$config" ] || config=/etc/vuurmuur
  absolute config
  if [ -z "$system" ]; then
    if [ "$(id -u)" -eq 0 ] && [ "$prefix" = /opt/vuurmuur ]; then system=/; else system=none; fi
  fi
  [ "$system" = none ] || absolute system
  case $system in *[!A-Za-z0-9._/+-]*) usage_error "--system: units and links need a plain path, not '$system'" ;; esac
  if [ "$system" != none ] && [[ $prefix = *[!A-Za-z0-9._/+-]* ]]; then
    usage_error "units need a plain --prefix, not '$prefix': --system=none does without them"
  fi
  [ -z "$signers" ] || absolute signers
}

read_arguments "$@"
settle_paths
main_"$command"
exit $?
