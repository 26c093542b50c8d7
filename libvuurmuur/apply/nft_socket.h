// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

struct mnl_socket;
struct nlmsghdr;

namespace vuurmuur::apply {

/// One message of a transaction that the kernel refused.
struct NftFault {
  std::uint32_t sequence = 0;  ///< of the message; the transaction's first one when it is about the whole
  int code = 0;                ///< errno
  std::string explanation;     ///< what the kernel says besides (NLMSGERR_ATTR_MSG); mostly empty
  bool operator==(const NftFault&) const = default;
};

/// Why the kernel took no transaction; it has changed nothing.
struct NftRefusal {
  /// ERESTART: somebody else changed nf_tables since the generation that the transaction names. EMSGSIZE: it is larger
  /// than this process may send at once, and a transaction cannot be split.
  base::Error error;
  std::vector<NftFault> faults;  ///< in the order of the messages; empty when the kernel did not look at them
};

/// A netlink socket of nf_tables in the network namespace of the thread that opens it.
class NftSocket {
 public:
  [[nodiscard]] static base::Result<NftSocket> open();

  /// Sends a transaction: a message NFNL_MSG_BATCH_BEGIN, any number of others and NFNL_MSG_BATCH_END, none of which
  /// asks for an acknowledgement. The kernel takes all of it or nothing; nothing, with ERESTART, when the ruleset in
  /// force is not that of the generation in the first message any more.
  [[nodiscard]] std::expected<void, NftRefusal> commit(std::span<const std::byte> transaction);

  /// The number of the ruleset in force, which every change by whomever makes another one (NFT_MSG_GETGEN).
  [[nodiscard]] base::Result<std::uint32_t> generation();

  using Visit = std::function<void(const nlmsghdr*)>;
  /// Sends a request that lists (NLM_F_DUMP), and calls `visit` for what it lists. EINTR: something changed meanwhile,
  /// so that what was visited is no state that ever was. EOPNOTSUPP, EINVAL, EPROTONOSUPPORT: no nf_tables; ENOENT: no
  /// such table.
  [[nodiscard]] base::Result<void> list(nlmsghdr* request, const Visit& visit);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit NftSocket(mnl_socket* socket) : socket_(socket) {}
  void make_room(std::size_t size);
  [[nodiscard]] std::expected<void, NftRefusal> answers();

  std::unique_ptr<mnl_socket, Close> socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace vuurmuur::apply
