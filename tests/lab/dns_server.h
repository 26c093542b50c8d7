// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "net/address.h"

namespace vuurmuur::lab {

/// What a DnsServer says when it is asked for the addresses of a name in one family.
struct DnsReply {
  enum class Kind {
    Records,
    NoSuchName,     ///< NXDOMAIN
    ServerFailure,  ///< SERVFAIL
    Silence,        ///< no answer at all
    Garbage,        ///< what would have been the answer with bytes changed, left out and put in at random
    WrongQuestion,  ///< an answer to a question that was not asked
    OnlyByTcp,      ///< by UDP, that it does not fit
  };
  Kind kind = Kind::Records;
  std::vector<net::Address> addresses{};
  std::uint32_t ttl = 60;
  std::string alias_of{};  ///< a CNAME stands before the addresses, which are those of that name
};

/// A small DNS server (RFC 1035) on an address of the namespace that the constructing thread is in, with UDP and TCP on a
/// port of its own. It works in a thread of its own. Names that nobody set do not exist.
class DnsServer {
 public:
  explicit DnsServer(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "127.0.0.1:5353"
  [[nodiscard]] std::string place() const;

  void set(const std::string& name, net::Family family, DnsReply reply);
  /// Addresses of one family, by their text.
  void set(const std::string& name, const std::vector<std::string>& addresses, std::uint32_t ttl = 60);

  /// The name of an address, in whatever bytes.
  void set_name(const std::string& address, const std::string& name);

  /// Answers come so much later.
  void delay(std::chrono::milliseconds time) { delay_ = time; }

  [[nodiscard]] std::size_t asked(const std::string& name, net::Family family) const;
  [[nodiscard]] std::size_t asked() const;
  /// The most questions that waited for their delayed answers at the same time.
  [[nodiscard]] std::size_t most_at_once() const { return most_at_once_; }

 private:
  using Bytes = std::vector<std::uint8_t>;
  struct Later {
    std::chrono::steady_clock::time_point when;
    std::vector<std::uint8_t> to;  ///< sockaddr
    Bytes packet;
  };

  void work();
  void take_udp();
  void take_tcp();
  void send_due();
  [[nodiscard]] Bytes answer(const Bytes& question, bool is_tcp);
  [[nodiscard]] Bytes answer_name(const Bytes& packet, const std::string& question, std::size_t end) const;
  [[nodiscard]] Bytes mangled(Bytes packet);

  base::UniqueFd udp_, tcp_, stop_;
  std::string address_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, net::Family>, DnsReply> replies_;
  std::map<std::string, std::string> names_;  ///< by their questions: "7.2.0.192.in-addr.arpa"
  std::map<std::pair<std::string, net::Family>, std::size_t> asked_;
  std::atomic<std::chrono::milliseconds> delay_{};
  std::atomic<std::size_t> most_at_once_ = 0;
  std::deque<Later> later_;
  std::mt19937 random_{1035};
  std::thread thread_;
};

}  // namespace vuurmuur::lab
