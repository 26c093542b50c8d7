// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/poll_loop.h"
#include "dns/answer.h"
#include "net/address.h"

namespace vuurmuur::dns {

struct Server {
  net::Address address;
  std::uint16_t port = 53;
};

struct Options {
  std::vector<Server> servers;              ///< none: those of /etc/resolv.conf, read again when it changes
  std::chrono::milliseconds timeout{1500};  ///< of the first try of each server; later ones take longer
  int tries = 2;                            ///< of each server
  std::size_t at_once = 64;  ///< questions that are on their way
};

/// Asks for addresses of names, and for names of addresses. Names are taken as they are: no search list, no file of hosts. Whatever the network does,
/// each question is answered once, after the tries at the latest, by a call from the loop.
class Resolver {
 public:
  using OnAnswer = std::function<void(const Answer&)>;
  /// Empty: it has none, or nobody knows.
  using OnName = std::function<void(const std::string&)>;

  Resolver(base::PollLoop& loop, Options options);
  /// Questions without an answer get none.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void ask(const std::string& name, net::Family family, OnAnswer on_answer);
  /// The name that whoever has the address gives it (PTR, RFC 1035 3.5, RFC 3596 2.5), which may be any name.
  void ask_name(const net::Address& address, OnName on_name);

  /// Questions that have no answer yet.
  [[nodiscard]] std::size_t waiting() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace vuurmuur::dns
