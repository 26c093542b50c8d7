#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh SOURCE_DIR: the template is what the sources say, and each catalogue is whole: every text translated, none that
# is not sure, with as many "{}" as the text has.
set -euo pipefail
cd "$1"
scripts/update-po --check
status=0
while read -r language; do
  file=po/$language.po
  msgfmt --check -o /dev/null "$file"
  gaps=$(msgattrib --untranslated "$file" | grep -c '^msgid "..*"' || true)
  unsure=$(msgattrib --only-fuzzy "$file" | grep -c '^msgid "..*"' || true)
  lost=$(comm -23 <(msgattrib --no-obsolete --no-wrap po/vuurmuur.pot | grep '^msgid' | sort) \
                  <(msgattrib --no-obsolete --no-wrap "$file" | grep '^msgid' | sort) | wc -l)
  if [ "$gaps$unsure$lost" != 000 ]; then
    echo "$file: $gaps not translated, $unsure not sure, $lost missing" >&2
    status=1
  fi
  # Fields by entry: what a person says and what the program fills in must fit.
  msgattrib --no-obsolete --no-wrap "$file" | awk -v file="$file" '
    function fields(text) { return gsub(/\{[0-9]*\}/, "", text) }
    /^msgid /        { wanted = fields($0); id = $0; next }
    /^msgid_plural / { plural = fields($0); if (plural > wanted) wanted = plural; next }
    /^msgstr/        { if (fields($0) != wanted) { print file ": other fields than in " id; bad = 1 } }
    END              { exit bad }' >&2 || status=1
done < po/LINGUAS
exit $status
