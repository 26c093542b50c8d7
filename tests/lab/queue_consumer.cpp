// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/queue_consumer.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <deque>

#include "lab/error.h"

namespace vuurmuur::lab {
namespace {

constexpr std::size_t kBufferSize = 0xffff + 8192;
constexpr std::uint32_t kCopyRange = 0xffff;

int collect(const nlmsghdr* message, void* into) {
  std::array<nlattr*, NFQA_MAX + 1> attributes{};
  if (nfq_nlmsg_parse(message, attributes.data()) < 0 || attributes[NFQA_PACKET_HDR] == nullptr) return MNL_CB_OK;
  const auto* family = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
  const auto* header = static_cast<const nfqnl_msg_packet_hdr*>(mnl_attr_get_payload(attributes[NFQA_PACKET_HDR]));
  Queued queued;
  queued.queue = ntohs(family->res_id);
  queued.id = ntohl(header->packet_id);
  if (attributes[NFQA_MARK] != nullptr) queued.mark = ntohl(mnl_attr_get_u32(attributes[NFQA_MARK]));
  if (attributes[NFQA_PAYLOAD] != nullptr) {
    const std::span bytes(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attributes[NFQA_PAYLOAD])),
                          mnl_attr_get_payload_len(attributes[NFQA_PAYLOAD]));
    if (auto packet = decode(bytes)) queued.packet = std::move(*packet);
  }
  static_cast<std::vector<Queued>*>(into)->push_back(std::move(queued));
  return MNL_CB_OK;
}

}  // namespace

struct QueueConsumer::Socket {
  mnl_socket* handle = nullptr;
  ~Socket() {
    if (handle != nullptr) mnl_socket_close(handle);
  }
};

QueueConsumer::QueueConsumer(const NetNamespace& firewall) : socket_(std::make_unique<Socket>()) {
  const Inside there(firewall);
  socket_->handle = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
  if (socket_->handle == nullptr || mnl_socket_bind(socket_->handle, 0, MNL_SOCKET_AUTOPID) < 0)
    throw LabError::from_errno("open a netfilter netlink socket");
  int room = 16 << 20;
  ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
}

QueueConsumer::~QueueConsumer() = default;
QueueConsumer::QueueConsumer(QueueConsumer&&) noexcept = default;

int QueueConsumer::fd() const { return mnl_socket_get_fd(socket_->handle); }

void QueueConsumer::command(std::uint16_t queue, int what) {
  std::array<char, 4096> buffer{};
  nlmsghdr* message = nfq_nlmsg_put(buffer.data(), NFQNL_MSG_CONFIG, queue);
  nfq_nlmsg_cfg_put_cmd(message, AF_INET, static_cast<std::uint8_t>(what));
  if (what == NFQNL_CFG_CMD_BIND) {
    nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, kCopyRange);
    mnl_attr_put_u32(message, NFQA_CFG_QUEUE_MAXLEN, htonl(8192));
  }
  if (mnl_socket_sendto(socket_->handle, message, message->nlmsg_len) < 0)
    throw LabError::from_errno("configure queue " + std::to_string(queue));
}

void QueueConsumer::bind(std::uint16_t queue) {
  if (bound_.insert(queue).second) command(queue, NFQNL_CFG_CMD_BIND);
}

void QueueConsumer::unbind(std::uint16_t queue) {
  if (bound_.erase(queue) != 0) command(queue, NFQNL_CFG_CMD_UNBIND);
}

std::vector<Queued> QueueConsumer::pending() {
  std::vector<Queued> all;
  std::vector<char> buffer(kBufferSize);
  while (true) {
    const ssize_t n = ::recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return all;
    if (n < 0) throw LabError::from_errno("receive from queues");
    if (mnl_cb_run(buffer.data(), static_cast<std::size_t>(n), 0, 0, collect, &all) < 0)
      throw LabError::from_errno("a queue request was refused");
  }
}

void QueueConsumer::verdict(const Queued& packet, int what, std::optional<std::uint32_t> mark) {
  std::array<char, 4096> buffer{};
  nlmsghdr* message = nfq_nlmsg_put(buffer.data(), NFQNL_MSG_VERDICT, packet.queue);
  nfq_nlmsg_verdict_put(message, static_cast<int>(packet.id), what);
  if (mark) nfq_nlmsg_verdict_put_mark(message, *mark);
  if (mnl_socket_sendto(socket_->handle, message, message->nlmsg_len) < 0) throw LabError::from_errno("give a verdict");
}

void QueueConsumer::accept(const Queued& packet) { verdict(packet, NF_ACCEPT); }
void QueueConsumer::accept_with_mark(const Queued& packet, std::uint32_t mark) { verdict(packet, NF_ACCEPT, mark); }
void QueueConsumer::drop(const Queued& packet) { verdict(packet, NF_DROP); }

}  // namespace vuurmuur::lab
