// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

struct mnl_socket;
struct nlmsghdr;

namespace vuurmuur::apply {

/// A netlink socket for many small requests at once, in the network namespace of the thread that opens it.
class NetlinkTalk {
 public:
  /// `bus`: NETLINK_ROUTE, NETLINK_NETFILTER. `what` is for messages: "conntrack".
  [[nodiscard]] static base::Result<NetlinkTalk> open(int bus, const char* what);

  using Visit = std::function<void(const nlmsghdr*)>;

  /// Sends requests, one message behind the other, and calls `visit` with every answer, errors among them. The kernel
  /// works on requests before sending them returns, so what is not there by then does not come. ENOBUFS: there were
  /// more answers than fit; kBatch requests are few enough.
  [[nodiscard]] base::Result<void> ask(std::span<const char> requests, const Visit& visit);
  static constexpr std::size_t kBatch = 64;

  /// Sends a request that lists (NLM_F_DUMP) and calls `visit` with everything in the list. EINTR: it changed
  /// meanwhile.
  [[nodiscard]] base::Result<void> list(std::span<const char> request, const Visit& visit);
  /// The same until `take` gives false; what the kernel would still have told is left where it is, so that nothing else can
  /// be asked.
  using Take = std::function<bool(const nlmsghdr*)>;
  [[nodiscard]] base::Result<void> list_while(std::span<const char> request, const Take& take);

  /// The number of the next request.
  [[nodiscard]] std::uint32_t next_sequence() { return ++sequence_; }

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  NetlinkTalk(mnl_socket* socket, const char* what);
  [[nodiscard]] base::Result<void> send(std::span<const char> messages);

  std::unique_ptr<mnl_socket, Close> socket_;
  const char* what_;
  std::vector<char> received_;
  std::uint32_t sequence_ = 0;
};

}  // namespace vuurmuur::apply
