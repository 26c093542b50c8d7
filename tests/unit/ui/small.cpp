// SPDX-License-Identifier: GPL-2.0-or-later
// Forms and lists in a canvas that is smaller than what they have to show.
#include "support/catch.h"
#include "ui/form.h"
#include "ui/list.h"

using namespace vuurmuur;

TEST_CASE("a problem that is longer than the canvas leaves the form standing, with the row it is of") {
  ui::Form form;
  form.set_rows({{.id = "a", .label = "A"}, {.id = "b", .label = "B"}});
  form.set_problems({{.id = "b", .text = std::string(1 << 20, 'd')}});
  form.focus("b");
  for (const int rows : {0, 1, 3, 4, 24}) {
    ui::Frame frame({.rows = rows, .columns = 40});
    form.view(ui::Canvas(frame));
    if (rows > 3) CHECK(frame.to_text().find("› B") != std::string::npos);
  }
}

TEST_CASE("a list without rows shows nothing") {
  ui::List list;
  list.select(5, 10);
  for (const int rows : {0, 1}) {
    ui::Frame frame({.rows = rows, .columns = 10});
    list.view(ui::Canvas(frame), 10, [](ui::Canvas row, int item) { row.put(0, 0, std::to_string(item)); });
    CHECK(frame.to_text() == (rows == 0 ? "" : "5        █\n"));
  }
}
