// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/varlink.h"

#include <random>

#include "support/catch.h"

using namespace vuurmuur::ipc;

namespace {

std::string without_nul(std::string message) {
  REQUIRE(message.ends_with('\0'));
  message.pop_back();
  return message;
}

}  // namespace

TEST_CASE("calls and replies are read as they were written") {
  for (const Call& call : {Call{.method = "a.b.C"},
                           Call{.method = "a.b.C", .parameters = {{"x", 1}, {"y", {1, 2}}}, .oneway = true},
                           Call{.method = "a.b.C", .more = true}})
    CHECK(*call_from(without_nul(to_wire(call))) == call);
  for (const Reply& reply : {Reply{}, Reply{.parameters = {{"x", "\u0000"}}, .continues = true},
                             Reply{.parameters = {{"why", "no"}}, .error = "a.b.No"}})
    CHECK(*reply_from(without_nul(to_wire(reply))) == reply);
}

TEST_CASE("what is not UTF-8 still makes a message") {
  const std::string message = without_nul(to_wire(Reply{.parameters = {{"x", "a\xff\x80z"}}}));
  REQUIRE(reply_from(message));
}

TEST_CASE("a message that is no call is refused with a reason") {
  struct Row {
    const char* message;
    const char* reason;
  };
  for (const Row& row : {Row{"", "the message is not JSON"}, Row{"{", "the message is not JSON"},
                         Row{"[]", "the message is not an object"}, Row{"{}", "'method' is missing"},
                         Row{R"({"method":1})", "'method' is not a string"},
                         Row{R"({"method":"m","parameters":[]})", "'parameters' is not an object"},
                         Row{R"({"method":"m","more":1})", "'more' is not true or false"}})
    CHECK(call_from(row.message).error() == row.reason);
  const std::string deep = R"({"method":"m","parameters":{"x":)" + std::string(100'000, '[');
  CHECK(call_from(deep).error() == "the message is nested too deeply");
}

TEST_CASE("messages come out of a stream however it is cut") {
  const std::string stream{"one\0two\0\0three\0fo", 17};
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    MessageReader reader(10);
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 6, stream.size() - at);
      REQUIRE(reader.add(std::string_view(stream).substr(at, size)));
      at += size;
      while (random() % 3 != 0) {
        const auto message = reader.next();
        if (!message) break;
        messages.push_back(*message);
      }
    }
    while (const auto message = reader.next()) messages.push_back(*message);
    CHECK(messages == std::vector<std::string>{"one", "two", "", "three"});
    CHECK(reader.is_in_message());
  }
}

TEST_CASE("a message may be as long as allowed and no longer") {
  MessageReader reader(4);
  CHECK(reader.add(std::string_view("abcd\0", 5)));
  CHECK(reader.next() == "abcd");
  CHECK(reader.add("efgh"));
  CHECK_FALSE(reader.add("i"));
  MessageReader whole(4);
  CHECK_FALSE(whole.add(std::string_view("abcde\0", 6)));
}
