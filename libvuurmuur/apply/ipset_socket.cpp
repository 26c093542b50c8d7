// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/ipset_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "apply/ipset_attributes.h"
#include "base/unique_fd.h"

namespace vuurmuur::apply {
namespace {

/// A container's length has 16 bits, and the elements of a request are in one.
constexpr std::size_t kMessageSize = 60'000;
/// More than an element takes: two addresses, their lengths, a port, counters, a comment of 255 bytes.
constexpr std::size_t kElementSize = 512;
/// An answer to a refused request may hold the whole request.
constexpr std::size_t kReceiveSize = 128 * 1024;

template <class T>
T network_order(T value) {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

/// The line that the kernel wrote into its copy of the request.
std::uint32_t line_in(const nlmsghdr* answer) {
  const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(answer));
  if (mnl_nlmsg_get_payload_len(answer) < sizeof(nlmsgerr) + sizeof(nfgenmsg)) return 0;
  const auto* begin = reinterpret_cast<const char*>(&error->msg) + MNL_NLMSG_HDRLEN + sizeof(nfgenmsg);
  std::uint32_t line = 0;
  for_each_attribute(begin, reinterpret_cast<const char*>(answer) + answer->nlmsg_len, [&](const nlattr* at) {
    if (mnl_attr_get_type(at) == IPSET_ATTR_LINENO && mnl_attr_get_payload_len(at) == sizeof line)
      line = mnl_attr_get_u32(at);
  });
  return line;
}

}  // namespace

IpsetRequest::IpsetRequest(ipset_cmd command, std::string_view set, std::uint16_t flags)
    : buffer_(std::make_unique_for_overwrite<char[]>(kMessageSize + kElementSize)) {
  nlmsghdr* head = mnl_nlmsg_put_header(buffer_.get());
  head->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_IPSET << 8 | command);
  head->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  auto* netfilter = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(head, sizeof(nfgenmsg)));
  netfilter->nfgen_family = AF_INET;
  netfilter->version = NFNETLINK_V0;
  put_u8(IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL);
  if (!set.empty()) put_text(IPSET_ATTR_SETNAME, set);
}

void IpsetRequest::put_u8(int attribute, std::uint8_t value) { put_bytes(attribute, &value, sizeof value); }
void IpsetRequest::put_u16(int attribute, std::uint16_t value) {
  value = network_order(value);
  put_bytes(attribute | NLA_F_NET_BYTEORDER, &value, sizeof value);
}
void IpsetRequest::put_u32(int attribute, std::uint32_t value) {
  value = network_order(value);
  put_bytes(attribute | NLA_F_NET_BYTEORDER, &value, sizeof value);
}
void IpsetRequest::put_u64(int attribute, std::uint64_t value) {
  value = network_order(value);
  put_bytes(attribute | NLA_F_NET_BYTEORDER, &value, sizeof value);
}
void IpsetRequest::put_line(int attribute, std::uint32_t value) { put_bytes(attribute, &value, sizeof value); }
void IpsetRequest::put_text(int attribute, std::string_view text) {
  // With a final NUL. Text is never longer than what is left of an element.
  nlattr* const container = open(attribute);
  container->nla_type = static_cast<std::uint16_t>(attribute);
  const std::size_t size = MNL_ALIGN(text.size() + 1);
  auto* const to = static_cast<char*>(mnl_attr_get_payload(container));
  std::memcpy(to, text.data(), text.size());
  std::memset(to + text.size(), 0, size - text.size());
  header()->nlmsg_len += static_cast<std::uint32_t>(size);
  container->nla_len = static_cast<std::uint16_t>(MNL_ATTR_HDRLEN + text.size() + 1);
}
void IpsetRequest::put_bytes(int attribute, const void* bytes, std::size_t size) {
  mnl_attr_put(header(), static_cast<std::uint16_t>(attribute), size, bytes);
}

nlattr* IpsetRequest::open(int attribute) {
  return mnl_attr_nest_start(header(), static_cast<std::uint16_t>(attribute));
}
void IpsetRequest::close(nlattr* container) { mnl_attr_nest_end(header(), container); }

bool IpsetRequest::has_room() const {
  return reinterpret_cast<const nlmsghdr*>(buffer_.get())->nlmsg_len + kElementSize <= kMessageSize;
}

void IpsetSocket::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

IpsetSocket::IpsetSocket(mnl_socket* socket) : socket_(socket), received_(std::make_unique_for_overwrite<char[]>(kReceiveSize)) {}

base::Result<IpsetSocket> IpsetSocket::open() {
  IpsetSocket opened(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
  if (!opened.socket_) return base::system_error("open a netlink socket", errno);
  if (mnl_socket_bind(opened.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return base::system_error("open a netlink socket", errno);
  return opened;
}

IpsetAnswer IpsetSocket::ask(IpsetRequest& request, const std::function<void(const nlmsghdr*)>& reply) {
  request.header()->nlmsg_flags |= NLM_F_ACK;
  return converse(request, reply);
}

IpsetAnswer IpsetSocket::dump(IpsetRequest& request, const std::function<void(const nlmsghdr*)>& each) {
  request.header()->nlmsg_flags |= NLM_F_DUMP;
  return converse(request, each);
}

IpsetAnswer IpsetSocket::converse(IpsetRequest& request, const std::function<void(const nlmsghdr*)>& each) {
  request.header()->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_.get(), request.header(), request.header()->nlmsg_len) < 0) return {.code = errno};
  for (;;) {
    const ssize_t size = mnl_socket_recvfrom(socket_.get(), received_.get(), kReceiveSize);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return {.code = errno};
    int left = static_cast<int>(size);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(received_.get()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_seq != sequence_) continue;
      if (message->nlmsg_type == NLMSG_DONE) return {};
      if (message->nlmsg_type == NLMSG_ERROR) {
        const int code = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
        return {.code = code, .line = code == 0 ? 0 : line_in(message)};
      }
      if (each) each(message);
    }
  }
}

bool has_ip_set() {
  const base::UniqueFd fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!fd) return true;  // who may not even ask is told so by what follows
  ip_set_req_version question{.op = IP_SET_OP_VERSION, .version = 0};
  socklen_t size = sizeof question;
  return ::getsockopt(fd.get(), SOL_IP, SO_IP_SET, &question, &size) == 0 || errno != ENOPROTOOPT;
}

}  // namespace vuurmuur::apply
