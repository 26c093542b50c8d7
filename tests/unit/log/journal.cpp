// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/journal.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/unique_fd.h"
#include "builder.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

/// A socket in place of the journal's.
struct FakeJournal {
  std::filesystem::path directory;
  std::string path;
  base::UniqueFd socket;

  FakeJournal() {
    std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-journal-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
    path = name + "/socket";
    socket.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~FakeJournal() { std::filesystem::remove_all(directory); }
  FakeJournal(const FakeJournal&) = delete;
  FakeJournal& operator=(const FakeJournal&) = delete;

  /// The next datagram; empty: there is none.
  [[nodiscard]] std::string next() const {
    std::string text(4096, '\0');
    const ssize_t got = ::recv(socket.get(), text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
};

}  // namespace

TEST_CASE("the journal gets a datagram for each entry, each message, and lines of others with their fields") {
  const FakeJournal there;
  log::Journal journal(there.path);
  journal.add(test::ssh_entry());
  const std::string entry = there.next();
  CHECK(entry.starts_with("MESSAGE=DROP service ssh from "));
  CHECK(entry.find("\nSYSLOG_IDENTIFIER=vuurmuur\nVUURMUUR_ACTION=DROP\n") != std::string::npos);
  std::string fields;
  log::append_journal_field(fields, "VUURMUUR_RULE", "two\nlines");
  log::append_journal_field(fields, "VUURMUUR_HELPER", "");
  log::append_journal_field(fields, "VUURMUUR_BYTES", 168);
  journal.add("NEW service http", fields);
  CHECK(there.next() ==
        "MESSAGE=NEW service http\nPRIORITY=6\nSYSLOG_IDENTIFIER=vuurmuur\nVUURMUUR_RULE=two\\x0alines\n"
        "VUURMUUR_BYTES=168\n");
  journal.add_message("a\x1b");
  CHECK(there.next() == "MESSAGE=a\\x1b\nPRIORITY=6\nSYSLOG_IDENTIFIER=vuurmuur\n");
  CHECK(journal.take_left_out() == 0);
}

TEST_CASE("what a journal does not take is counted, and nobody waits for it") {
  log::Journal nowhere("/nothing/here");
  nowhere.add("NEW service http", "");
  nowhere.add_message("x");
  CHECK(nowhere.take_left_out() == 2);
  CHECK(nowhere.take_left_out() == 0);
  // One that is there and reads nothing.
  const FakeJournal there;
  log::Journal full(there.path);
  for (int i = 0; i < 10'000; ++i) full.add("NEW service http", "");
  CHECK(full.take_left_out() > 0);
}
