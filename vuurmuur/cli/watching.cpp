// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/watching.h"

#include <poll.h>
#include <signal.h>

namespace vuurmuur::cli {
namespace {

/// Everything that came; false at the end of all replies.
base::Result<bool> take_replies(ipc::Client& client, const std::function<base::Result<void>(const ipc::Json&)>& take) {
  for (;;) {
    const auto reply = VM_TRY(client.next(std::chrono::milliseconds(0)));
    if (!reply) return true;
    if (!reply->error.empty()) return std::unexpected(error_of(*reply));
    VM_TRY_VOID(take(reply->parameters));
    if (!reply->continues) return false;
  }
}

}  // namespace

base::Result<std::unique_ptr<Watching>> Watching::begin() {
  std::unique_ptr<Watching> watching(new Watching);
  VM_TRY_VOID(
      watching->loop_.take_signals({SIGINT, SIGTERM, SIGHUP}, [loop = &watching->loop_](int) { loop->stop(); }));
  return watching;
}

void Watching::end(base::Result<void> how) {
  ended_ = std::move(how);
  loop_.stop();
}

base::Result<void> Watching::run() {
  // What ended before it ran has ended.
  if (!ended_) return ended_;
  VM_TRY_VOID(loop_.run());
  return ended_;
}

base::Result<void> watch_daemon(Service& service, const std::string& method, ipc::Json parameters,
                                const std::function<base::Result<void>(const ipc::Json&)>& take) {
  const auto watching = VM_TRY(Watching::begin());
  ipc::Client& client = VM_TRY(service.watch(method, std::move(parameters))).get();
  watching->loop().watch(client.descriptor(), POLLIN, [&](short) {
    const auto goes_on = take_replies(client, take);
    if (!goes_on) return watching->end(std::unexpected(goes_on.error()));
    if (!*goes_on) watching->end({});
  });
  return watching->run();
}

}  // namespace vuurmuur::cli
