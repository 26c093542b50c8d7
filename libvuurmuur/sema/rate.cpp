// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/rate.h"

#include <algorithm>

namespace vuurmuur::sema {
namespace {

constexpr std::uint32_t kDay = 24 * 60 * 60;

std::uint32_t seconds_of(model::RateLimit::Unit unit) {
  switch (unit) {
    case model::RateLimit::Unit::Second: return 1;
    case model::RateLimit::Unit::Minute: return 60;
    case model::RateLimit::Unit::Hour: return 60 * 60;
    case model::RateLimit::Unit::Day: return kDay;
  }
  return 1;
}

}  // namespace

std::uint32_t max_burst(const model::RateLimit& rate) {
  const std::uint64_t a_day = std::uint64_t{rate.count} * kDay / seconds_of(rate.unit);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(a_day, 1, kMaxBurst));
}

}  // namespace vuurmuur::sema
