// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

/// With what messages of x_tables, its modules, conntrack and ip_set begin (their pr_fmt).
constexpr std::array<std::string_view, 8> kBeginnings{"x_tables:", "ip_tables:", "ip6_tables:", "xt_",
                                                      "ipt_",      "ip6t_",      "nf_",         "ip_set"};

/// A record has at most so many bytes (CONSOLE_EXT_LOG_MAX of the kernel).
constexpr std::size_t kRecordSize = 8192;

}  // namespace

std::optional<std::string> netfilter_message(std::string_view record) {
  // "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS…;MESSAGE\n KEY=VALUE\n…", the priority with the facility in its higher bits.
  const std::size_t head = record.find(';');
  if (head == std::string_view::npos) return std::nullopt;
  const auto priority = base::parse_number<unsigned>(record.substr(0, std::min(record.find(','), head)));
  constexpr unsigned kFacilityShift = 3;
  if (!priority || *priority >> kFacilityShift != 0) return std::nullopt;
  std::string_view message = record.substr(head + 1);
  message = base::trim(message.substr(0, message.find('\n')));
  const auto begins = [&](std::string_view beginning) { return message.starts_with(beginning); };
  if (std::ranges::none_of(kBeginnings, begins)) return std::nullopt;
  return std::string(message);
}

KernelLog::KernelLog() : fd_(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_ && ::lseek(fd_.get(), 0, SEEK_END) != 0) fd_.reset();
}

std::vector<std::string> KernelLog::new_messages() {
  std::vector<std::string> messages;
  std::array<char, kRecordSize> buffer;
  while (fd_) {
    const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
    // EPIPE: records were overwritten before they were read; the next read goes on behind them.
    if (size < 0 && (errno == EPIPE || errno == EINTR)) continue;
    if (size <= 0) break;
    if (auto message = netfilter_message({buffer.data(), static_cast<std::size_t>(size)}))
      messages.push_back(std::move(*message));
  }
  return messages;
}

}  // namespace vuurmuur::apply
