// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "apply/tracked_connection.h"
#include "base/result.h"

struct mnl_socket;

namespace vuurmuur::apply {

struct CloseNetlink {
  void operator()(mnl_socket* socket) const;
};
using NetlinkSocket = std::unique_ptr<mnl_socket, CloseNetlink>;

/// What the kernel tells of connections as they come and go (NFNLGRP_CONNTRACK_NEW and _DESTROY,
/// linux/netfilter/nfnetlink_compat.h), of the network namespace of the thread that opens it.
class ConntrackEvents {
 public:
  struct Wanted {
    bool begun = true, ended = true;
  };
  /// Holds so many bytes until they are read, or as many as a process without CAP_NET_ADMIN over the machine may have.
  static constexpr int kReceiveBuffer = 16 << 20;
  [[nodiscard]] static base::Result<ConntrackEvents> open(Wanted wanted, int receive_buffer = kReceiveBuffer);

  /// Readable when there is something to read().
  [[nodiscard]] int descriptor() const;

  enum class What : std::uint8_t { Begun, Ended };
  using Visit = std::function<void(What what, const TrackedConnection& connection)>;
  struct News {
    std::size_t events = 0;
    std::uint32_t lost =
        0;               ///< so many there were beside those, more than the socket holds; what they were, nobody knows
    bool is_all = true;  ///< nothing is left to read
  };
  /// What is there, up to about so many events; does not wait.
  [[nodiscard]] base::Result<News> read(std::size_t at_most, const Visit& visit);

 private:
  explicit ConntrackEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}
  NetlinkSocket socket_;
  std::uint32_t dropped_ = 0;  ///< by the kernel, as it counts
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
};

/// Whether the kernel is told to say nothing of connections to anybody (net.netfilter.nf_conntrack_events).
[[nodiscard]] bool conntrack_events_are_off();

/// All live connections as list_connections() tells them, piece by piece, for who has other things to do in between.
class ConntrackListing {
 public:
  [[nodiscard]] static base::Result<ConntrackListing> begin(const ConnectionSelection& selection = {});

  /// Readable when there is something to read().
  [[nodiscard]] int descriptor() const;
  /// The next piece, some hundred connections; does not wait. False at the end.
  [[nodiscard]] base::Result<bool> read(const std::function<void(const TrackedConnection&)>& visit);

 private:
  explicit ConntrackListing(NetlinkSocket socket) : socket_(std::move(socket)) {}
  NetlinkSocket socket_;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
};

}  // namespace vuurmuur::apply
