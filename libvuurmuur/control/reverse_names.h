// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/poll_loop.h"
#include "dns/resolver.h"
#include "net/address.h"

namespace vuurmuur::control {

/// What DNS calls addresses, for whoever wishes that for what he reads. All that was noted is asked for at once, and what is
/// known is not asked for again for a while; nobody waits longer than kLongestWait for all of it together.
class ReverseNames {
 public:
  static constexpr std::chrono::milliseconds kLongestWait{2000};
  /// How long a name holds, and that there is none or that nobody knows.
  static constexpr std::chrono::minutes kHolds{10}, kUnknownHolds{1};
  /// Addresses that are kept in mind; when there are more, all are forgotten.
  static constexpr std::size_t kMost = 65536;

  explicit ReverseNames(dns::Options options);

  /// To be asked for at the next ask().
  void note(const net::Address& address);
  /// Asks for all that was noted and is not known, and waits for the answers. One that comes too late is known the next time.
  void ask();
  /// Empty: it has none, or none that is known.
  [[nodiscard]] std::string of(const net::Address& address) const;

 private:
  struct Known {
    std::string name;
    std::int64_t until = 0;  ///< on CLOCK_BOOTTIME
  };

  base::PollLoop loop_;
  std::unique_ptr<dns::Resolver> resolver_;
  std::set<net::Address> noted_, on_way_;
  std::map<net::Address, Known> known_;
};

}  // namespace vuurmuur::control
