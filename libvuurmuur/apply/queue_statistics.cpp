// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/queue_statistics.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "base/strings.h"
#include "base/unique_fd.h"

namespace vuurmuur::apply {
namespace {

constexpr const char* kPath = "/proc/thread-self/net/netfilter/nfnetlink_queue";
/// The kernel's line: "%5u %6u %5u %1u %5u %5u %5u %8u %2d", the last one always 1.
constexpr std::size_t kNumbers = 9;

/// The numbers of a line; false when it has others.
bool read_numbers(std::string_view line, std::array<std::uint32_t, kNumbers>& numbers) {
  std::size_t count = 0;
  for (const std::string_view word : base::split(line, ' ')) {
    if (word.empty()) continue;
    const auto number = base::parse_number<std::uint32_t>(word);
    if (!number || count == kNumbers) return false;
    numbers[count++] = *number;
  }
  return count == kNumbers;
}

}  // namespace

std::vector<QueueStatistics> parse_queue_statistics(std::string_view text) {
  std::vector<QueueStatistics> queues;
  for (const std::string_view line : base::split(text, '\n')) {
    std::array<std::uint32_t, kNumbers> n{};
    if (!read_numbers(line, n) || n[0] > 0xffff) continue;
    queues.push_back({.number = static_cast<std::uint16_t>(n[0]),
                      .port_id = n[1],
                      .waiting = n[2],
                      .copy_mode = static_cast<std::uint8_t>(n[3]),
                      .copy_range = n[4],
                      .dropped = n[5],
                      .user_dropped = n[6],
                      .last_id = n[7]});
  }
  // The kernel tells them by its 16 hash buckets.
  std::ranges::sort(queues, {}, &QueueStatistics::number);
  return queues;
}

base::Result<std::vector<QueueStatistics>> read_queue_statistics() {
  const base::UniqueFd file(::open(kPath, O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::vector<QueueStatistics>();
  if (!file) return base::system_error("read the queues of NFQUEUE", errno);
  std::string text;
  std::array<char, 16384> piece;
  ssize_t size = 0;
  while ((size = ::read(file.get(), piece.data(), piece.size())) > 0) text.append(piece.data(), static_cast<std::size_t>(size));
  if (size < 0) return base::system_error("read the queues of NFQUEUE", errno);
  return parse_queue_statistics(text);
}

}  // namespace vuurmuur::apply
