// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/background.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <utility>

namespace vuurmuur::conf {

Background::~Background() {
  if (running_.valid()) running_.wait();
  if (done_) loop_.forget(done_.get());
}

void Background::start(Work work) {
  if (running_.valid()) {
    next_ = std::move(work);
    return;
  }
  if (!done_) {
    done_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    // Without a descriptor it is done at once, and the screen waits.
    if (!done_) return work()();
    loop_.watch(done_.get(), POLLIN, [this](short) { on_done(); });
  }
  begin(std::move(work));
}

void Background::begin(Work work) {
  running_ = std::async(std::launch::async, [work = std::move(work), done = done_.get()] {
    Then then = work();
    static_cast<void>(::eventfd_write(done, 1));
    return then;
  });
}

void Background::on_done() {
  eventfd_t count = 0;
  static_cast<void>(::eventfd_read(done_.get(), &count));
  const Then then = running_.get();
  if (next_) begin(std::exchange(next_, nullptr));
  then();
}

}  // namespace vuurmuur::conf
