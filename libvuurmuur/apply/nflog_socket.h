// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

struct mnl_socket;

namespace vuurmuur::apply {

/// Reads what NFLOG rules log, in the network namespace of the thread that opens it (linux/netfilter/nfnetlink_log.h).
class NflogSocket {
 public:
  struct Wishes {
    std::uint16_t group = 0;
    std::uint32_t copied = 128;  ///< bytes of each packet: the headers, extension headers among them
    /// Records that the kernel puts into one message; it sends it after kTimeout at the latest.
    std::uint32_t gathered = 64;
    int receive_buffer = 32 << 20;  ///< bytes; less where the kernel does not let us have it
  };
  /// Hundredths of a second.
  static constexpr std::uint32_t kTimeout = 2;

  /// Error code EBUSY: another program reads the group. EPERM: needs CAP_NET_ADMIN.
  [[nodiscard]] static base::Result<NflogSocket> open(const Wishes& wishes);

  /// Readable when there is something to read(). Never blocks.
  [[nodiscard]] int descriptor() const;

  /// A message behind its netlink header, as log::read_record() takes it.
  using Visit = std::function<void(std::span<const std::uint8_t> message)>;
  struct Taken {
    std::size_t messages = 0;
    bool was_lost = false;  ///< more came than the buffer holds: numbers are missing
    bool is_empty = false;  ///< nothing is left to be read
  };
  /// Takes up what is there, so many datagrams at most: others have their turn in between.
  [[nodiscard]] base::Result<Taken> read(std::size_t datagrams, const Visit& visit);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit NflogSocket(mnl_socket* socket);

  std::unique_ptr<mnl_socket, Close> socket_;
  std::vector<char> received_;
};

}  // namespace vuurmuur::apply
