// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

struct mnl_socket;

namespace vuurmuur::apply {

/// What the kernel answered to a request: 0, an errno, or a number of enum ipset_errno
/// (linux/netfilter/ipset/ip_set.h).
struct IpsetAnswer {
  int code = 0;
  /// The "line" of the element that was refused, as it was given with it; 0 when none was.
  std::uint32_t line = 0;
};

/// One request to ip_set: the command, its set's name unless empty, and the attributes that the caller adds.
class IpsetRequest {
 public:
  IpsetRequest(ipset_cmd command, std::string_view set, std::uint16_t flags = 0);

  void put_u8(int attribute, std::uint8_t value);
  void put_u16(int attribute, std::uint16_t value);  ///< in network order, as ip_set wants numbers
  void put_u32(int attribute, std::uint32_t value);
  void put_u64(int attribute, std::uint64_t value);
  /// In host order: lines alone.
  void put_line(int attribute, std::uint32_t value);
  void put_text(int attribute, std::string_view text);
  void put_bytes(int attribute, const void* bytes, std::size_t size);

  /// Between the two calls attributes go into a container. Containers nest.
  [[nodiscard]] nlattr* open(int attribute);
  void close(nlattr* container);

  /// Whether there is room for another element with the longest comment.
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(buffer_.get()); }

 private:
  std::unique_ptr<char[]> buffer_;  ///< not cleared: most requests are small
};

/// A netlink socket of the namespace that the thread was in when it was opened.
class IpsetSocket {
 public:
  [[nodiscard]] static base::Result<IpsetSocket> open();

  /// Sends a request and waits for its acknowledgement. `reply` is called with messages that come before.
  [[nodiscard]] IpsetAnswer ask(IpsetRequest& request, const std::function<void(const nlmsghdr*)>& reply = {});
  /// Sends a request for a list and calls `each` with every message of it.
  [[nodiscard]] IpsetAnswer dump(IpsetRequest& request, const std::function<void(const nlmsghdr*)>& each);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit IpsetSocket(mnl_socket* socket);
  [[nodiscard]] IpsetAnswer converse(IpsetRequest& request, const std::function<void(const nlmsghdr*)>& each);

  std::unique_ptr<mnl_socket, Close> socket_;
  std::unique_ptr<char[]> received_;
  std::uint32_t sequence_ = 0;
};

/// Whether the kernel has ip_set loaded; does not make it load the module.
[[nodiscard]] bool has_ip_set();

}  // namespace vuurmuur::apply
