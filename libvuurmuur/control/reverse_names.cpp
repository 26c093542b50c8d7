// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/reverse_names.h"

#include <utility>

namespace vuurmuur::control {
namespace {

constexpr std::int64_t nanoseconds(std::chrono::nanoseconds time) { return time.count(); }

}  // namespace

ReverseNames::ReverseNames(dns::Options options) : resolver_(std::make_unique<dns::Resolver>(loop_, std::move(options))) {}

void ReverseNames::note(const net::Address& address) {
  const auto found = known_.find(address);
  if (found != known_.end() && found->second.until > base::boottime()) return;
  if (!on_way_.contains(address)) noted_.insert(address);
}

void ReverseNames::ask() {
  if (known_.size() + noted_.size() > kMost) known_.clear();
  for (const net::Address& address : std::exchange(noted_, {})) {
    on_way_.insert(address);
    resolver_->ask_name(address, [this, address](const std::string& name) {
      on_way_.erase(address);
      const std::int64_t holds = name.empty() ? nanoseconds(kUnknownHolds) : nanoseconds(kHolds);
      known_[address] = {.name = name, .until = base::boottime() + holds};
    });
  }
  const std::int64_t deadline = base::boottime() + nanoseconds(kLongestWait);
  while (resolver_->waiting() != 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(deadline - base::boottime()));
    if (left.count() <= 0 || !loop_.run_once(left)) break;
  }
  // What is late is not waited for again: a server that is silent would cost that time again and again.
  for (const net::Address& address : on_way_)
    known_.try_emplace(address, Known{.name = {}, .until = base::boottime() + nanoseconds(kUnknownHolds)});
}

std::string ReverseNames::of(const net::Address& address) const {
  const auto found = known_.find(address);
  return found == known_.end() ? std::string() : found->second.name;
}

}  // namespace vuurmuur::control
