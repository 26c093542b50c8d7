# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016 # apt's and dpkg's formats have dollars
# Stock Debian kernels, out of Debian's packages; to be sourced after lib.sh by scripts/vmtest.
#
# Packages are looked up and fetched with an apt configuration of our own below build/vm, so that the lists, the cache and
# the sources of this machine's apt stay as they are, and no root is needed. What apt checks (signatures of the lists, sums
# of the packages) it checks here too.

# Debian release number -> the name that its archive has it under.
declare -A codename=([12]=bookworm [13]=trixie)

# debian_sites: prints "main URL" and "security URL", where this machine gets Debian from. Elsewhere than on Debian, or when
# its sources name no Debian release, Debian's own.
debian_sites() {
  local url release main='' security=''
  while IFS='|' read -r url release; do
    case $release in
      oldstable | stable | testing | unstable | sid | bookworm | trixie | forky) main=${main:-$url} ;;
      *-security) security=${security:-$url} ;;
    esac
  done < <(apt-get indextargets --format '$(REPO_URI)|$(RELEASE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null)
  printf 'main %s\nsecurity %s\n' "${main:-http://deb.debian.org/debian/}" \
    "${security:-http://deb.debian.org/debian-security/}"
}

# private_apt DIR RELEASE: writes DIR/apt.conf and all that it names, for the archive of one Debian release.
private_apt() {
  local dir=$1 name=${codename[$2]} keyring=/usr/share/keyrings/debian-archive-keyring.gpg kind url
  [ -r "$keyring" ] || die "there is no $keyring to check Debian's packages with: install debian-archive-keyring"
  mkdir -p "$dir"/{lists/partial,archives/partial,trusted}
  : >"$dir/status"
  while read -r kind url; do
    printf 'deb [arch=amd64 signed-by=%s] %s %s main\n' "$keyring" "$url" \
      "$(if [ "$kind" = main ]; then echo "$name"; else echo "$name-security"; fi)"
  done < <(debian_sites) >"$dir/sources.list"
  # What the machine runs after its own updates is not run after ours.
  cat >"$dir/apt.conf" <<END
Dir::State "$dir";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir";
Dir::Cache::archives "$dir/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# kernel_fault RELEASE LOG: ends the program, with what apt said.
kernel_fault() {
  sed 's/^/  /' "$2" >&2
  die "the kernel of Debian $1 cannot be had (see above); 'scripts/vmtest --help' says where it is looked for"
}

# fetch_kernel RELEASE DIR: puts the newest stock kernel of the release, unpacked, into DIR:
#   DIR/vmlinuz, DIR/modules (the folder with modules.dep), DIR/version (of the kernel), DIR/package (name and version)
fetch_kernel() {
  local release=$1 dir=$2 apt=$2.apt log=$2.log package line image modules
  say "looking for the kernel of Debian $release"
  rm -rf "$apt" "$dir.new"
  private_apt "$apt" "$release"
  apt-get -c "$apt/apt.conf" -q -y --error-on=any update >"$log" 2>&1 || kernel_fault "$release" "$log"
  # The package linux-image-amd64 only depends on the newest kernel's package.
  line=$(apt-cache -c "$apt/apt.conf" show --no-all-versions linux-image-amd64 2>>"$log" | sed -n 's/^Depends: *//p')
  package=${line%%[ ,]*}
  case $package in
    linux-image-[0-9]*-amd64) ;;
    *)
      printf 'linux-image-amd64 depends on "%s", which is no kernel\n' "$line" >>"$log"
      kernel_fault "$release" "$log"
      ;;
  esac
  say "fetching $package"
  mkdir -p "$dir.new/root"
  (cd "$dir.new" && apt-get -c "$apt/apt.conf" -q download "$package") >>"$log" 2>&1 || kernel_fault "$release" "$log"
  dpkg-deb --showformat='${Package} ${Version}\n' -W "$dir.new"/*.deb >"$dir.new/package"
  dpkg-deb -x "$dir.new"/*.deb "$dir.new/root" 2>>"$log" || kernel_fault "$release" "$log"
  image=$(find "$dir.new/root/boot" -name 'vmlinuz-*' -print -quit)
  modules=$(find "$dir.new/root" -path '*/lib/modules/*' -prune -print -quit)
  if [ ! -f "$image" ] || [ ! -d "$modules" ]; then
    echo "$package holds no kernel or no modules" >>"$log"
    kernel_fault "$release" "$log"
  fi
  basename "$modules" >"$dir.new/version"
  as_depmod "${modules%/lib/modules/*}" "$(basename "$modules")" 2>>"$log" || kernel_fault "$release" "$log"
  ln -s "${image#"$dir.new/"}" "$dir.new/vmlinuz"
  ln -s "${modules#"$dir.new/"}" "$dir.new/modules"
  rm -rf "$dir" "$dir.new"/*.deb "$apt"
  mv "$dir.new" "$dir"
}

# kmod's programs stand where only root looks.
as_depmod() { PATH=$PATH:/usr/sbin:/sbin depmod -b "$1" "$2"; }

# modules_for DIR NAME…: the files of the modules of the kernel in DIR, with those that they need, in the order to load them.
modules_for() {
  local dir=$1 name modules
  shift
  modules=$(realpath "$dir/modules")
  for name in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin modprobe -C /dev/null -d "${modules%/lib/modules/*}" -S "$(cat "$dir/version")" --show-depends "$name" ||
      die "the kernel in $dir has no module $name"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}
