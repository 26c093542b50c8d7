#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: check.sh SOURCE VERSION. What the packages are told to contain against what is installed, and what their control files
# say against the project. The programs are empty files here, so nothing is compiled.
set -uo pipefail
source=$1 version=$2
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failed=0
fail() { printf 'FAILED: %s\n' "$*"; failed=1; }
for program in dpkg-parsechangelog make pkg-config; do
  command -v "$program" >/dev/null || { printf 'skipped: no %s\n' "$program"; exit 77; }
done

# --- What is installed, as debian/rules has it ------------------------------------------------------------------------
cp -r -- "$source/debian" "$work/debian"
# debhelper turns rpaths off in the same way.
cmake -G Ninja -S "$source" -B "$work/build" -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SYSCONFDIR=/etc -DCMAKE_INSTALL_LIBDIR=lib/any-linux-gnu \
  -DCMAKE_SKIP_RPATH=ON -DVUURMUUR_SHARED=ON -DVUURMUUR_TESTS=OFF -DVUURMUUR_BENCH=OFF >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
built=(libvuurmuur/libvuurmuur.so."$version" libvuurmuur/libvuurmuur.so."${version%%.*}" libvuurmuur/libvuurmuur.so
  vuurmuur/vuurmuur vuurmuur_script/vuurmuur_script vuurmuur_conf/vuurmuur_conf)
while read -r language; do built+=("po/$language/LC_MESSAGES/vuurmuur.mo"); done <"$source/po/LINGUAS"
for file in "${built[@]}"; do : >"$work/build/$file"; done
DESTDIR=$work/debian/tmp cmake --install "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
rules() { make -s -C "$work" -f debian/rules "$1" >"$work/log" 2>&1 || { cat "$work/log"; fail "debian/rules $1"; }; }
rules execute_after_dh_auto_install
rules execute_before_dh_install

# --- Each file in one package, and each line of a list some files ------------------------------------------------------
# compare_lists: prints what does not fit.
compare_lists() {
  (
    cd "$work/debian/tmp" || exit
    shopt -s nullglob
    for list in ../*.install; do
      while read -r pattern; do
        # shellcheck disable=SC2206 # a pattern
        matches=(./${pattern#/})
        if [ ${#matches[@]} -eq 0 ] || [ ! -e "${matches[0]}" ]; then
          printf '%s: nothing is %s\n' "${list##*/}" "$pattern"
        else
          find "${matches[@]}" ! -type d
        fi
      done <"$list"
    done | sort >"$work/packed"
    grep ': nothing is ' "$work/packed"
    grep '^\./' "$work/packed" | uniq -d | sed 's/^/in two packages: /'
    find . ! -type d | sort | comm -13 <(grep '^\./' "$work/packed" | uniq) - | sed 's/^/in no package: /'
  )
}
found=$(compare_lists)
[ -z "$found" ] || fail "$found"
[ "$(grep -c '^\./' "$work/packed")" -gt 700 ] || fail "only $(wc -l <"$work/packed") files are packed"
# It would notice: a file more, and one less.
: >"$work/debian/tmp/usr/sbin/vuurmuur_more"
mv "$work/debian/tmp/usr/sbin/vuurmuur_script" "$work/script"
[ "$(compare_lists)" = "vuurmuur.install: nothing is usr/sbin/vuurmuur_script
in no package: ./usr/sbin/vuurmuur_more" ] || fail "a file more and one less are not noticed"
rm "$work/debian/tmp/usr/sbin/vuurmuur_more"
mv "$work/script" "$work/debian/tmp/usr/sbin/vuurmuur_script"

for program in "$work"/debian/tmp/usr/sbin/*; do
  program=${program##*/}
  for file in "share/man/man8/$program.8" "share/bash-completion/completions/$program" "share/zsh/vendor-completions/_$program"; do
    [ -f "$work/debian/tmp/usr/$file" ] || fail "$program has no $file"
  done
done
[ ! -e "$work/debian/tmp/etc/vuurmuur" ] || fail "something is installed into the configuration"
for file in "$source"/debian/*.docs; do
  while read -r doc; do [ -f "$source/$doc" ] || fail "${file##*/}: there is no $doc"; done <"$file"
done

# --- Control files -----------------------------------------------------------------------------------------------------
[ "$(dpkg-parsechangelog -l "$source/debian/changelog" -S Version)" = "$version" ] || fail "debian/changelog is not of version $version"
while read -r package; do
  case $package in
    libvuurmuur"${version%%.*}" | libvuurmuur-dev | vuurmuur | vuurmuur-conf) ;;
    *) fail "unexpected package $package" ;;
  esac
done < <(sed -n 's/^Package: //p' "$source/debian/control")
# What scripts/test installs to build with is what the packages are built with.
wanted=$(. "$source/scripts/lib.sh" && printf '%s\n' "${build_packages[@]}")
while read -r package; do
  grep -Fxq -e "$package" <<<"$wanted" || fail "Build-Depends: $package is not in scripts/lib.sh"
done < <(sed -n '/^Build-Depends:/,/^[A-Z][a-z-]*:/p' "$source/debian/control" | grep -oE '\blib[a-z0-9+.-]*-dev\b|nlohmann-json3-dev|gettext' | sort -u)
while read -r unit; do
  [ -f "$source/config/systemd/$unit" ] || fail "debian/rules: there is no $unit"
done < <(grep -oE 'vuurmuur[a-z-]*\.(service|socket)' "$source/debian/rules")
user=$(sed -n 's/^u \([a-z]*\) .*/\1/p' "$source/config/systemd/vuurmuur.sysusers")
grep -q "chown root:$user /etc/vuurmuur" "$source/debian/vuurmuur.postinst" || fail "debian/vuurmuur.postinst does not know the user $user"
for script in postinst prerm postrm; do
  grep -qx '#DEBHELPER#' "$source/debian/vuurmuur.$script" || fail "debian/vuurmuur.$script has no place for debhelper"
done

# --- rpm, where it is: rpmbuild holds its lists against what is installed ----------------------------------------------
if command -v rpmbuild >/dev/null; then
  mkdir "$work/rpm"
  cp "$source/COPYING" "$source/rpm/vuurmuur.spec" "$work/rpm/"
  (cd "$work/rpm" && rpmbuild -bi --short-circuit --build-in-place --nodeps --define "_topdir $work/rpm/top" --define "_libdir /usr/lib/any-linux-gnu" \
    --define "_unitdir /usr/lib/systemd/system" --define "__os_install_post %{nil}" --define "vuurmuur_builddir $work/build" vuurmuur.spec) >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log"; fail "rpm/vuurmuur.spec"; }
fi
grep -qx "Version: $version" "$source/rpm/vuurmuur.spec" || fail "rpm/vuurmuur.spec is not of version $version"

# --- The scripts -------------------------------------------------------------------------------------------------------
if command -v shellcheck >/dev/null; then
  (cd "$source" && shellcheck -x scripts/package scripts/package-parts/* tests/package/check.sh debian/vuurmuur.postinst debian/vuurmuur.prerm debian/vuurmuur.postrm) || failed=1
fi
"$source/scripts/package" --help | grep -q '^usage: scripts/package' || fail "scripts/package --help"
for wrong in --what --release=../etc --jobs=0 --output=; do
  "$source/scripts/package" "$wrong" >/dev/null 2>"$work/log"
  [ $? -eq 2 ] || fail "scripts/package $wrong does not end with 2"
done
exit "$failed"
