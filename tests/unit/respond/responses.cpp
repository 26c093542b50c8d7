// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/responses.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace std::chrono_literals;
using respond::Responses;
using Action = respond::Response::Action;

namespace {

struct Told {
  Responses responses;
  std::vector<std::string> messages;
};

Told read(std::string_view text) {
  diag::SourceMap sources;
  const diag::FileId file = sources.add("responses.conf", std::string(text));
  diag::Sink sink;
  Told told{.responses = respond::read_responses(text, file, sink), .messages = {}};
  for (const diag::Diagnostic& finding : sink.all())
    told.messages.push_back(std::string(sources.text(*finding.span)) + ": " + finding.message +
                            (finding.suggestion ? " ?" + *finding.suggestion : ""));
  return told;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("all statements are read") {
  const Told told = read(
      "# who is ours\n"
      "never block lan.local, 192.0.2.0/24 and 2001:db8::/32\n"
      "At Most 1000 blocked\r\n"
      "at most 20 a second\n\n"
      "ignore when signature 2100498   # a test of the inspector\n"
      "block source for 1h when severity 1:2 and category \"A Network Trojan was detected\"\n"
      "block destination for 90s when signatures 7, 8 or 9\n"
      "block source for 49d when any");
  CHECK(told.messages == Texts{});
  const Responses& responses = told.responses;
  REQUIRE(responses.never.size() == 3);
  CHECK(*responses.never[2] == "2001:db8::/32");
  CHECK(responses.most_blocked == 1000);
  CHECK(responses.most_a_second == 20);
  REQUIRE(responses.responses.size() == 4);
  CHECK(responses.responses[0].action == Action::Ignore);
  CHECK(responses.responses[0].when.signatures == std::vector<std::uint32_t>{2100498});
  CHECK(responses.responses[1].action == Action::BlockSource);
  CHECK(responses.responses[1].time == 1h);
  CHECK(responses.responses[1].when.worst == 1);
  CHECK(responses.responses[1].when.mildest == 2);
  CHECK(responses.responses[1].when.category == "A Network Trojan was detected");
  CHECK(responses.responses[2].action == Action::BlockDestination);
  CHECK(responses.responses[2].when.signatures == std::vector<std::uint32_t>{7, 8, 9});
  CHECK(responses.responses[3].time == 49 * 24h);
}

TEST_CASE("a mistake is told where it is, with what was expected, and the other lines count") {
  CHECK(read("blok source for 1h when any").messages ==
        Texts{"blok: expected 'never' or 'at' or 'block' or 'bait' or 'ignore', not 'blok' ?block"});
  CHECK(read("block sorce for 1h when any").messages ==
        Texts{"sorce: expected 'source' or 'destination', not 'sorce' ?source"});
  CHECK(read("block source for 50d when any").messages ==
        Texts{"50d: expected a time up to 49 days like 90s, 10m, 2h or 7d, not '50d'"});
  CHECK(read("block source for 1h").messages == Texts{": expected 'when' behind '1h'"});
  CHECK(read("block source for").messages == Texts{": expected a time like 90s, 10m, 2h or 7d behind 'for'"});
  CHECK(read("block source for 1h when any more").messages == Texts{"more: the statement ended before 'more'"});
  CHECK(read("block source for 1h when severity 2:1").messages ==
        Texts{"2:1: expected a severity, of which 1 is the worst, or N:M, not '2:1'"});
  CHECK(read("block source for 1h when category trojan").messages ==
        Texts{"trojan: expected the name of a category in quotes, not 'trojan'"});
  CHECK(read("block source for 1h when category \"trojan").messages ==
        Texts{"\"trojan: expected '\"' at the end of this text"});
  CHECK(read("ignore when signature 0").messages ==
        Texts{"0: expected the number of a signature from 1 to 4294967295, not '0'"});
  CHECK(read("at most 1000001 blocked").messages ==
        Texts{"1000001: expected a number from 1 to 1000000, not '1000001'"});
  CHECK(read("at most 5").messages == Texts{": expected 'blocked' or 'a second' behind '5'"});
  CHECK(read("never block").messages == Texts{": expected an address, a network or a name behind 'block'"});
  CHECK(read("ignore when severity").messages == Texts{": expected a severity behind 'severity'"});
  const Told told = read("nonsense\nblock source for 1h when any\n");
  CHECK(told.messages.size() == 1);
  CHECK(told.responses.responses.size() == 1);
}

TEST_CASE("where somebody is led to is a name, and the rest as of a block") {
  const Told told = read(
      "bait source to honeypot.net.dmz:2222 for 1h when any\nbait destination to trap.net.dmz for 5m when severity "
      "1\n");
  CHECK(told.messages.empty());
  REQUIRE(told.responses.responses.size() == 2);
  CHECK(told.responses.responses[0].action == Action::BaitSource);
  CHECK(*told.responses.responses[0].bait == "honeypot.net.dmz:2222");
  CHECK(told.responses.responses[0].time == 1h);
  CHECK(told.responses.responses[1].action == Action::BaitDestination);
  CHECK(read("bait source for 1h when any").messages == Texts{"for: expected 'to', not 'for' ?to"});
  CHECK(read("bait source to").messages == Texts{": expected a host that BAIT of config.conf names behind 'to'"});
}
