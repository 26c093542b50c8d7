// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/event_feed.h"

namespace vuurmuur::daemon {

ipc::Reply EventFeed::add(ipc::ClientId client, const history::Journal& journal) {
  // The others are told first: what is known is known to all.
  take(journal);
  clients_.push_back(client);
  return {.parameters = control::json_of(control::current_state(journal, control::SystemClock())), .continues = true};
}

void EventFeed::take(const history::Journal& journal) {
  if (has_clients())
    for (const control::StateEvent& event : control::events_between(known_, journal)) tell(event);
  known_ = journal;
}

void EventFeed::tell(const control::StateEvent& event) {
  const std::string reply = to_wire(ipc::Reply{.parameters = control::json_of(event), .continues = true});
  std::erase_if(clients_, [&](ipc::ClientId client) { return !server_.tell(client, reply, /*continues=*/true); });
}

bool EventFeed::has_clients() {
  std::erase_if(clients_, [this](ipc::ClientId client) { return !server_.is_there(client); });
  return !clients_.empty();
}

}  // namespace vuurmuur::daemon
