// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/changes.h"

#include "support/catch.h"

using namespace vuurmuur;
using edit::Changes;

TEST_CASE("changes one after the other are one change of each file") {
  const Changes first{.files = {{"a", "1", "2"}, {"b", {}, "new"}}, .removed_directories = {}};
  const Changes second{.files = {{"a", "2", "3"}, {"c", "x", {}}}, .removed_directories = {}};
  CHECK(edit::then(first, second) ==
        Changes{.files = {{"a", "1", "3"}, {"b", {}, "new"}, {"c", "x", {}}}, .removed_directories = {}});
}

TEST_CASE("what is undone again is no change") {
  const Changes there{.files = {{"a", "1", "2"}, {"b", {}, "new"}}, .removed_directories = {}};
  const Changes back{.files = {{"a", "2", "1"}, {"b", "new", {}}}, .removed_directories = {}};
  CHECK(edit::then(there, back).is_empty());
}

TEST_CASE("a directory that a file came into again does not go") {
  const Changes removed{.files = {{"zones/dmz/zone.config", "1", {}}},
                        .removed_directories = {"zones/dmz/networks", "zones/dmz"}};
  const Changes made{.files = {{"zones/dmz/zone.config", {}, "2"}}, .removed_directories = {}};
  CHECK(edit::then(removed, made) == Changes{.files = {{"zones/dmz/zone.config", "1", "2"}},
                                             .removed_directories = {"zones/dmz/networks"}});
  CHECK(edit::then(removed, removed).removed_directories.size() == 2);
}
