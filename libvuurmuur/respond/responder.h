// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "respond/alert.h"
#include "respond/responses.h"

namespace vuurmuur::respond {

/// What an alert leads to.
struct Decision {
  enum class Kind : std::uint8_t {
    Block,     ///< `address` for `time`
    Bait,      ///< `address` to `response->bait` for `time`
    Ignored,   ///< no statement meets it, or one that says so
    Never,     ///< `address` is of those that are never blocked
    Repeated,  ///< the same was decided less than a second ago
    TooFast,   ///< more than so many a second
    TooMany,   ///< so many are blocked or led to a bait already
  };
  Kind kind = Kind::Ignored;
  net::Address address{};
  std::chrono::seconds time{};
  const Response* response = nullptr;  ///< null: none
};

/// Decides what alerts lead to, one after the other. Who alerts speak of is chosen by the attacker: what is remembered
/// of them is bounded by Responses::most_blocked.
class Responder {
 public:
  using IsOwn = std::function<bool(const net::Address& address)>;

  /// `never`: the prefixes of Responses::never. Beside them nobody is blocked whom no rule may be made of (loopback,
  /// multicast…), and none of this machine's own addresses.
  Responder(Responses responses, std::vector<net::Prefix> never, IsOwn is_own);

  /// `now` is CLOCK_BOOTTIME in nanoseconds. Who is to be blocked counts as blocked from then on.
  [[nodiscard]] Decision decide(const Alert& alert, std::int64_t now);

  /// Somebody who is blocked or led to a bait already, for so long from now.
  void remember(const net::Address& address, std::chrono::nanoseconds left, std::int64_t now, std::string bait = {});

  /// Of those whose blocks are not over.
  [[nodiscard]] std::size_t blocked() const { return blocked_.size(); }

 private:
  struct Blocked {
    std::int64_t until, decided;
    std::string bait{};  ///< where he is led to; empty: he is blocked
  };

  [[nodiscard]] bool is_never(const net::Address& address) const;
  [[nodiscard]] bool has_turn(std::int64_t now);
  void forget_past(std::int64_t now);
  void set(const net::Address& address, Blocked blocked);

  Responses responses_;
  std::vector<net::Prefix> never_;
  IsOwn is_own_;
  std::map<net::Address, Blocked> blocked_;
  std::set<std::pair<std::int64_t, net::Address>> ends_;  ///< of blocked_, by moment
  double turns_;                                          ///< of new blocks, at most those of a second
  std::int64_t counted_ = 0;                              ///< when turns_ was true
};

}  // namespace vuurmuur::respond
