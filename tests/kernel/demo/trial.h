// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <optional>
#include <string>

#include "lab/log_consumer.h"
#include "lab/queue_consumer.h"
#include "network.h"
#include "reference/interpreter.h"

namespace vuurmuur::demo {

/// Somebody tries to reach something.
struct Trial {
  std::string from, to;  ///< hosts as Network::address takes them
  std::string service;   ///< shown: "http", "ping"
  net::Protocol protocol = net::Protocol::Tcp;
  std::uint16_t port = 0;
  net::Family family = net::Family::Ipv4;
};

/// What came of it.
struct Result {
  enum class Kind { Answered, Rejected, Silent };
  Kind kind = Kind::Silent;
  std::optional<net::Address> client_seen;                    ///< by the server, TCP and UDP
  std::optional<net::Address> server_seen;                    ///< the address the client's packets arrived at
  std::map<std::uint16_t, unsigned> queued_out, queued_back;  ///< packets a queue's consumer saw, by direction
  unsigned copied = 0;                                        ///< packets that came to a log group
};

/// What the policy says of a trial.
[[nodiscard]] reference::Answer expectation(const Trial& trial, const Network& network, reference::Interpreter& policy);

/// Carries it out with real sockets. Packets that are queued get the verdict ACCEPT.
[[nodiscard]] Result carry_out(const Trial& trial, Network& network, lab::QueueConsumer& queues,
                               lab::LogConsumer& logs);

}  // namespace vuurmuur::demo
