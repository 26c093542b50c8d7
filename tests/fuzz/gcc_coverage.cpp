// SPDX-License-Identifier: GPL-2.0-or-later
// Lets libFuzzer see what code built by g++ runs. g++ calls __sanitizer_cov_trace_pc in every basic block
// (-fsanitize-coverage=trace-pc); libFuzzer wants one counter for each, which the address of the block picks here.
#include <array>
#include <cstddef>
#include <cstdint>

extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* begin, std::uint8_t* end);

namespace {

constexpr std::size_t kCounters = 1 << 17;
std::array<std::uint8_t, kCounters> counters;

struct Registration {
  Registration() { __sanitizer_cov_8bit_counters_init(counters.data(), counters.data() + counters.size()); }
} registration;

}  // namespace

extern "C" __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc() {
  const auto pc = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  // Blocks are a few bytes apart: a multiplicative hash spreads them.
  ++counters[(pc * 0x9E3779B97F4A7C15u) >> 47];
}

// g++ also reports comparisons of floating-point numbers, which libFuzzer has no use for.
extern "C" __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_cmpf(float, float) {}
extern "C" __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_cmpd(double, double) {}
