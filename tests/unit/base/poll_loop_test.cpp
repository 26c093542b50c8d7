// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/poll_loop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "support/catch.h"

using namespace vuurmuur::base;
using namespace std::chrono_literals;

namespace {

struct Pipe {
  UniqueFd read, write;
  Pipe() {
    int fds[2];
    REQUIRE(::pipe(fds) == 0);
    read.reset(fds[0]);
    write.reset(fds[1]);
  }
};

}  // namespace

TEST_CASE("who has something to read is called, until he is forgotten") {
  PollLoop loop;
  Pipe pipe;
  int calls = 0;
  loop.watch(pipe.read.get(), POLLIN, [&](short events) {
    CHECK((events & POLLIN) != 0);
    ++calls;
  });
  REQUIRE(loop.run_once(0ms));
  CHECK(calls == 0);
  REQUIRE(::write(pipe.write.get(), "x", 1) == 1);
  REQUIRE(loop.run_once(1000ms));
  CHECK(calls == 1);
  loop.forget(pipe.read.get());
  REQUIRE(loop.run_once(0ms));
  CHECK(calls == 1);
}

TEST_CASE("a callback may forget itself and others that are ready in the same round") {
  PollLoop loop;
  Pipe first, second;
  std::string called;
  for (Pipe* pipe : {&first, &second}) {
    REQUIRE(::write(pipe->write.get(), "x", 1) == 1);
    loop.watch(pipe->read.get(), POLLIN, [&, pipe](short) {
      called += pipe == &first ? '1' : '2';
      loop.forget(first.read.get());
      loop.forget(second.read.get());
    });
  }
  REQUIRE(loop.run_once(1000ms));
  CHECK(called.size() == 1);
}

TEST_CASE("timers are called in their order, once, and not when they were cancelled") {
  PollLoop loop;
  std::string called;
  loop.call_after(20ms, [&] { called += 'b'; });
  loop.call_after(1ms, [&] {
    called += 'a';
    // One for now waits for the next round.
    loop.call_after(0ms, [&] { called += 'x'; });
  });
  const auto cancelled = loop.call_after(5ms, [&] { called += 'c'; });
  loop.cancel(cancelled);
  loop.call_after(40ms, [&] { loop.stop(); });
  const auto begin = boottime();
  REQUIRE(loop.run());
  CHECK(called == "axb");
  CHECK(boottime() - begin >= 40'000'000);
}

TEST_CASE("signals arrive as calls") {
  PollLoop loop;
  int seen = 0;
  REQUIRE(loop.take_signals({SIGUSR1}, [&](int signal) {
    seen = signal;
    loop.stop();
  }));
  ::kill(::getpid(), SIGUSR1);
  REQUIRE(loop.run());
  CHECK(seen == SIGUSR1);
}
