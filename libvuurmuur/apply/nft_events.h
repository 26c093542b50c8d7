// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/address.h"

struct mnl_socket;
struct nlattr;
struct nlmsghdr;

namespace vuurmuur::apply {

/// A transaction by whomever that changed something of ours in nf_tables.
struct NftChange {
  std::uint32_t pid = 0;      ///< of the process, in its own pid namespace as the kernel counts it in the first one
  std::string program;        ///< its name, at most 15 characters
  std::string what;           ///< for people: "2 rules added, 1 chain removed"
  bool has_elements = false;  ///< elements of sets are among it
  bool has_rules = false;     ///< rules are
  std::vector<net::Family> families{};  ///< whose tables it changed
};

/// What the kernel tells of changes of nf_tables (NFNLGRP_NFTABLES, linux/netfilter/nfnetlink.h).
class NftEvents {
 public:
  [[nodiscard]] static base::Result<NftEvents> open();

  /// Readable when there is something to read().
  [[nodiscard]] int descriptor() const;

  struct News {
    std::vector<NftChange> changes;
    bool was_lost = false;  ///< there was more than the socket holds
  };
  /// All that is there; does not wait.
  [[nodiscard]] base::Result<News> read();

  /// Of a message, by their types.
  using Attributes = std::array<const nlattr*, 4>;

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  /// What a transaction did, by the kind of message; its last message says who it was.
  struct Counts {
    std::size_t rules_added = 0, rules_removed = 0, elements_added = 0, elements_removed = 0, others_added = 0,
                others_removed = 0;
    std::vector<net::Family> families;
    [[nodiscard]] std::string text() const;
    bool operator==(const Counts&) const = default;
  };
  explicit NftEvents(mnl_socket* socket) : socket_(socket) {}
  void take(const nlmsghdr* message, News& news);
  [[nodiscard]] std::size_t* count_of(int type, const Attributes& attributes);

  std::unique_ptr<mnl_socket, Close> socket_;
  Counts counts_;
};

}  // namespace vuurmuur::apply
