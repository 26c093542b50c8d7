// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;

TEST_CASE("a form has what its action can have") {
  Driver driver;
  driver.press("r j j j j e");
  expect_screen(driver, "rule-form-nfqueue", true);
  driver.press("F5");
  expect_screen(driver.resize({.rows = 40, .columns = 100}), "rule-form-nfqueue-advanced");
}

TEST_CASE("another action brings other fields, and what has no effect any more is told of") {
  Driver driver;
  driver.press("r j j j j e Enter").type("reject").press("Enter");
  expect_screen(driver, "rule-form-reject");
}

TEST_CASE("a value is typed, and the rule is kept in the draft") {
  Driver driver;
  driver.press("r j j e Down Ctrl-u").type("http").press("F2");
  CHECK(driver.model().workspace.now().rules[2].text == "accept service http from firewall to world.inet");
  CHECK(driver.line(23) == " rule 3 is changed");
}

TEST_CASE("a mistyped name is told of while it is typed, and the rule is kept only when that is confirmed") {
  Driver driver;
  driver.press("r j j e Down Ctrl-u").type("htpt");
  CHECK(driver.shows("nothing is named 'htpt'; did you mean 'http'?"));
  driver.press("F2");
  CHECK(driver.shows("The rule has errors"));
  CHECK(driver.press("n").model().workspace.change_count() == 0);
  driver.press("Backspace Backspace").type("tp").press("F2");
  CHECK(driver.model().workspace.now().rules[2].text == "accept service http from firewall to world.inet");
}

TEST_CASE("names are picked by some of their letters") {
  Driver driver;
  driver.press("r j j e Down Down Enter").type("wbsrv");
  expect_screen(driver, "rule-form-picker");
  driver.press("Enter F2");
  CHECK(driver.model().workspace.now().rules[2].text == "accept service dns from web.servers.dmz to world.inet");
}

TEST_CASE(
    "a shipped service is found by another name or its kind, and comes into the configuration when it is chosen") {
  Driver driver;
  driver.app().model().machine.services = {
      {"tftp", "RANGE=\"17;69\"\nCATEGORY=\"files\"\nALIAS=\"netboot\"\nCOMMENT=\"Trivial\"\n"},
      {"http", "RANGE=\"6;1\"\nCATEGORY=\"files\"\n"}};
  driver.press("r j j e Down Enter").type("netboot");
  CHECK(driver.shows("tftp"));
  CHECK(driver.shows("udp 69  Trivial  (shipped)"));
  driver.press("Enter");
  CHECK_FALSE(driver.shows("nothing is named"));
  driver.press("F2");
  CHECK(driver.model().workspace.now().rules[2].text == "accept service tftp from firewall to world.inet");
  const auto& services = driver.model().workspace.policy().services;
  const auto taken = std::ranges::find_if(services, [](const auto& service) { return *service.name == "tftp"; });
  REQUIRE(taken != services.end());
  CHECK(taken->comment == "Trivial");
  // One that is there stays what it is.
  driver.press("e Down Enter").type("http").press("Enter F2");
  const auto kept = std::ranges::find_if(driver.model().workspace.policy().services,
                                         [](const auto& service) { return *service.name == "http"; });
  CHECK(kept->port_sets.front()->destination.first == 80);
}

TEST_CASE("what the language demands is demanded") {
  Driver driver;
  driver.press("r j j e Enter").type("redirect").press("Enter");
  CHECK(driver.shows("action 'redirect' needs the option 'redirectport'"));
}

TEST_CASE("leaving a changed form asks, an unchanged one does not") {
  Driver driver;
  driver.press("r j j e Esc");
  CHECK(driver.app().depth() == 2);
  driver.press("e Down").type("x").press("Esc");
  CHECK(driver.shows("Leave without keeping"));
  driver.press("n");
  CHECK(driver.app().depth() == 3);
  driver.press("Esc y");
  CHECK(driver.app().depth() == 2);
  CHECK(driver.model().workspace.change_count() == 0);
}

TEST_CASE("a new rule stands where it was asked for") {
  Driver driver;
  driver.press("r j i F2");
  CHECK(driver.model().workspace.now().rules[1].text == "accept service any from any to any");
  CHECK(driver.model().workspace.now().rules.size() == 9);
}

TEST_CASE("what a form does not know is kept") {
  auto files = screens_test::office();
  files["rules/rules.conf"] =
      "RULE=\"accept service http from lan to world.inet options log,future=\\\"a b\\\",comment=\\\"x "
      "\\\\\\\"y\\\\\\\"\\\"\"\n";
  Driver driver(files);
  driver.press("r e Down Ctrl-u").type("ssh").press("F2");
  CHECK(driver.rules() ==
        "accept service ssh from lan to world.inet options log,comment=\"x \\\"y\\\"\",future=\"a b\"\n");
}

TEST_CASE("a pasted text goes into the field and triggers nothing") {
  Driver driver;
  driver.press("r j j e Down Ctrl-u").happen(ui::Paste{.text = "dd\nqq"});
  CHECK(driver.shows("dd qq"));
  CHECK(driver.app().depth() == 3);
}

TEST_CASE("a rule is kept where it stands by then, and not over another one") {
  const auto with_rules = [](const std::string& rules) {
    auto files = std::make_shared<base::MemoryFileSystem>();
    for (const auto& [path, text] : screens_test::office()) files->files["/etc/vuurmuur/" + path] = text;
    files->files["/etc/vuurmuur/rules/rules.conf"] = rules;
    return app::TreeRead{.files = files};
  };
  const std::string old = screens_test::office().at("rules/rules.conf");
  Driver moved;
  moved.press("r j j e Down Ctrl-u").type("http");
  moved.happen(with_rules("RULE=\"drop service ssh from dmz to lan\"\n" + old)).press("F2");
  CHECK(moved.model().workspace.now().rules[3].text == "accept service http from firewall to world.inet");
  CHECK(moved.model().workspace.now().rules[2].text.starts_with("accept service ssh"));

  Driver gone;
  gone.press("r j j e Down Ctrl-u").type("http");
  gone.happen(with_rules("RULE=\"drop service ssh from dmz to lan\"\n")).press("F2");
  CHECK(gone.line(23) == " somebody else changed this rule meanwhile: leave the form and look at it");
  CHECK(gone.model().workspace.change_count() == 0);
}
