// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/log_consumer.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdint>
extern "C" {
#include <libnetfilter_log/libnetfilter_log.h>
}

#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "lab/error.h"

namespace vuurmuur::lab {
namespace {

constexpr std::uint32_t kCopyRange = 0xffff;

int collect(nflog_g_handle*, nfgenmsg* message, nflog_data* data, void* into) {
  LogRecord record;
  record.group = ntohs(message->res_id);
  if (const char* prefix = nflog_get_prefix(data)) record.prefix = prefix;
  record.mark = nflog_get_nfmark(data);
  char* bytes = nullptr;
  const int size = nflog_get_payload(data, &bytes);
  if (size > 0)
    if (auto packet = decode(std::span(reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size))))
      record.packet = std::move(*packet);
  static_cast<std::vector<LogRecord>*>(into)->push_back(std::move(record));
  return 0;
}

}  // namespace

struct LogConsumer::Handle {
  nflog_handle* handle = nullptr;
  std::vector<nflog_g_handle*> groups;
  std::set<std::uint16_t> bound;
  std::vector<LogRecord> came;  // binding a further group receives too: libnetfilter_log waits there for an answer
  ~Handle() {
    for (nflog_g_handle* group : groups) nflog_unbind_group(group);
    if (handle != nullptr) nflog_close(handle);
  }
};

LogConsumer::LogConsumer(const NetNamespace& firewall) : handle_(std::make_unique<Handle>()) {
  const Inside there(firewall);
  handle_->handle = nflog_open();
  if (handle_->handle == nullptr) throw LabError::from_errno("open the log socket");
}

LogConsumer::~LogConsumer() = default;

void LogConsumer::bind(std::uint16_t group) {
  if (!handle_->bound.insert(group).second) return;
  nflog_g_handle* bound = nflog_bind_group(handle_->handle, group);
  if (bound == nullptr) throw LabError::from_errno("bind log group " + std::to_string(group));
  nflog_callback_register(bound, collect, &handle_->came);
  // The kernel gathers records and hands them over when the threshold is reached or a second has passed: each at once.
  if (nflog_set_mode(bound, NFULNL_COPY_PACKET, kCopyRange) < 0 || nflog_set_qthresh(bound, 1) < 0)
    throw LabError::from_errno("configure log group " + std::to_string(group));
  handle_->groups.push_back(bound);
}

std::vector<LogRecord> LogConsumer::records() {
  std::vector<char> buffer(0xffff + 8192);
  while (true) {
    const ssize_t n = ::recv(nflog_fd(handle_->handle), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) throw LabError::from_errno("receive log records");
    nflog_handle_packet(handle_->handle, buffer.data(), static_cast<int>(n));
  }
  return std::exchange(handle_->came, {});
}

}  // namespace vuurmuur::lab
