// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/timed_networks.h"

#include <algorithm>
#include <tuple>

namespace vuurmuur::apply {
namespace {

/// The address after one, or before it; round at the ends, where nobody uses it.
net::Address neighbour(net::Address address, bool is_next) {
  for (std::size_t i = net::address_bits(address.family) / 8; i-- > 0;) {
    if (is_next ? ++address.bytes[i] != 0 : address.bytes[i]-- != 0) break;
  }
  return address;
}

/// Networks come in order, outer ones before those in them; those that are not at their end yet are on the stack.
class Sweep {
 public:
  void enter(const TimedElement& network) {
    const net::Address first = network.prefix.address;
    while (!open_.empty() && open_.back().last < first) leave();
    if (open_.empty()) {
      next_ = first;
      is_done_ = false;
    } else if (next_ < first) {
      emit_until(neighbour(first, false));
    }
    ++networks_;
    Open entered{.last = network.prefix.last(), .deadline = network.deadline, .owner = networks_};
    if (!open_.empty() && open_.back().deadline >= network.deadline) {
      entered.deadline = open_.back().deadline;
      entered.owner = open_.back().owner;
    }
    open_.push_back(entered);
  }

  std::vector<TimedSpan> finish() {
    while (!open_.empty()) leave();
    return std::move(spans_);
  }

 private:
  /// A network that is not at its end. `deadline` is the latest of those around it and its own, `owner` whose that is.
  struct Open {
    net::Address last{};
    std::int64_t deadline = 0;
    std::size_t owner = 0;
  };

  void leave() {
    if (!is_done_ && next_ <= open_.back().last) emit_until(open_.back().last);
    open_.pop_back();
  }

  /// Addresses from next_ on belong to the innermost network that is open. What has one owner is one span; what merely
  /// ends at the same time is not, so that the spans are the same when an outer network is over.
  void emit_until(const net::Address& last) {
    const Open& in = open_.back();
    if (owner_ == in.owner)
      spans_.back().last = last;
    else
      spans_.push_back({.first = next_, .last = last, .deadline = in.deadline});
    owner_ = in.owner;
    next_ = neighbour(last, true);
    // Behind the highest address of all there is none.
    is_done_ = next_ < last;
  }

  std::vector<Open> open_;  ///< each in the one before it
  std::vector<TimedSpan> spans_;
  std::size_t owner_ = 0;     ///< of the last span
  std::size_t networks_ = 0;  ///< that were entered
  net::Address next_;         ///< the first address of the outermost open network that is in no span yet
  bool is_done_ = false;      ///< whether there is none
};

}  // namespace

std::vector<TimedSpan> flatten(std::span<const TimedElement> networks) {
  std::vector<TimedElement> sorted(networks.begin(), networks.end());
  std::ranges::sort(sorted, {}, [](const TimedElement& e) { return std::tie(e.prefix.address, e.prefix.length); });
  Sweep sweep;
  for (const TimedElement& network : sorted) sweep.enter(network);
  return sweep.finish();
}

}  // namespace vuurmuur::apply
