# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2016 # variables of scripts/package; what a shell in the chroot expands
# Building packages of a release.

# build_release RELEASE: into $output/RELEASE.
build_release() {
  local chroot=$chroots/build-$1 began=$SECONDS
  [ -e "$chroot/.complete" ] || fresh "$1" build || return
  rm -rf --one-file-system -- "$chroot/build"
  mkdir -p -- "$chroot/build/vuurmuur"
  copy_sources "$chroot/build/vuurmuur" || return

  say "$1: what the build needs"
  quietly "$chroots/depends-$1.log" inside host "$chroot" sh -ec '
    apt-get update -q
    apt-get install -qy --no-install-recommends dpkg-dev ccache fakeroot $1
    cd /build/vuurmuur
    apt-get build-dep -qy --no-install-recommends ./
    id builder >/dev/null 2>&1 || useradd --create-home --uid 1234 builder
    chown -R builder:builder /build /ccache' sh "$([ "$lintian" = no ] || echo lintian)" || return

  say "$1: building, as a user of its own and without a network"
  quietly "$chroots/build-$1.log" inside none "$chroot" sh -ec '
    cd /build/vuurmuur
    exec setpriv --reuid=1234 --regid=1234 --clear-groups env HOME=/home/builder DEB_BUILD_OPTIONS="parallel=$1" DEB_CXXFLAGS_APPEND="$2" \
      dpkg-buildpackage -us -uc' sh "$jobs" "$flags" || return

  say "$1: a program of somebody else's with the library"
  quietly "$chroots/library-$1.log" inside none "$chroot" sh -e /build/vuurmuur/scripts/package-parts/try-library || return

  rm -rf -- "${output:?}/$1"
  mkdir -p -- "$output/$1"
  find "$chroot/build" -mindepth 1 -maxdepth 1 -type f -exec cp -t "$output/$1" -- {} +
  if [ "$lintian" = yes ]; then
    say "$1: lintian"
      quietly "$chroots/lintian-$1.log" inside none "$chroot" setpriv --reuid=1234 --regid=1234 --clear-groups env HOME=/home/builder \
      sh -c 'exec lintian --fail-on error,warning --info --profile debian /build/*.changes' || return
  fi
  say "$1: built in $((SECONDS - began)) s:"
  (cd -- "$output/$1" && ls -sh -- *.deb) >&2
}

# build_rpm RELEASE: into $output/rpm, in its chroot and from its objects: only where files are is another matter.
build_rpm() {
  local chroot=$chroots/build-$1
  compgen -G "$chroot/build/vuurmuur/obj-*" > /dev/null || { say "rpm: nothing was built for $1"; return 1; }
  say "rpm: building"
  quietly "$chroots/depends-rpm.log" inside host "$chroot" apt-get install -qy --no-install-recommends rpm || return
  quietly "$chroots/build-rpm.log" inside none "$chroot" sh -ec '
    cd /build/vuurmuur
    exec setpriv --reuid=1234 --regid=1234 --clear-groups env HOME=/home/builder rpmbuild -bb --build-in-place --nodeps \
      --define "_topdir /build/rpm" --define "_libdir /usr/lib64" --define "vuurmuur_builddir $(echo obj-*)" --define "_smp_mflags -j'"$jobs"'" rpm/vuurmuur.spec' || return
  # What can be said of them without a distribution: whole, and with the files and scripts that they are meant to have.
  quietly "$chroots/check-rpm.log" inside none "$chroot" sh -ec '
    cd /build/rpm/RPMS/*
    for file in *.rpm; do rpm -K --nosignature "$file"; rpm -qp --info --requires --configfiles --scripts "$file"; done
    rpm -qpl vuurmuur-0*.rpm | grep -qx /usr/sbin/vuurmuur
    rpm -qp --configfiles vuurmuur-0*.rpm | grep -qx /etc/logrotate.d/vuurmuur' || return
  rm -rf -- "${output:?}/rpm"
  mkdir -p -- "$output/rpm"
  cp -- "$chroot"/build/rpm/RPMS/*/*.rpm "$output/rpm/"
  (cd -- "$output/rpm" && ls -sh -- *.rpm) >&2
}

# copy_sources DIRECTORY: what belongs to the source tree, as it is now.
copy_sources() {
  if [ -e "$root/.git" ]; then
    git -c safe.directory='*' -C "$root" ls-files -z --cached --others --exclude-standard
  else
    (cd -- "$root" && find . \( -path ./build -o -path './build-*' \) -prune -o -type f -print0)
  fi | (cd -- "$root" && tar -c --exclude=.git --ignore-failed-read --owner=0 --group=0 --null --files-from=-) | tar -x --no-same-owner -C "$1"
}
