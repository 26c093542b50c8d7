// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/conntrack.h"

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include <cerrno>
#include <cstring>

#include "lab/error.h"

namespace vuurmuur::lab {
namespace {

/// EINVAL: an ICMP type that no connection can begin with.
bool means_unknown(int error) { return error == ENOENT || error == EINVAL; }

struct Destroy {
  void operator()(nf_conntrack* entry) const { nfct_destroy(entry); }
};
using Entry = std::unique_ptr<nf_conntrack, Destroy>;

/// The attributes that name a connection by its first packet.
Entry named_by(const Packet& packet) {
  Entry entry(nfct_new());
  if (!entry) throw LabError::from_errno("make a connection name");
  const bool v4 = packet.family() == net::Family::Ipv4;
  nfct_set_attr_u8(entry.get(), ATTR_L3PROTO, v4 ? AF_INET : AF_INET6);
  nfct_set_attr(entry.get(), v4 ? ATTR_IPV4_SRC : ATTR_IPV6_SRC, packet.source.bytes.data());
  nfct_set_attr(entry.get(), v4 ? ATTR_IPV4_DST : ATTR_IPV6_DST, packet.destination.bytes.data());
  nfct_set_attr_u8(entry.get(), ATTR_L4PROTO, static_cast<std::uint8_t>(packet.protocol));
  if (net::has_ports(packet.protocol)) {
    nfct_set_attr_u16(entry.get(), ATTR_PORT_SRC, htons(packet.source_port));
    nfct_set_attr_u16(entry.get(), ATTR_PORT_DST, htons(packet.destination_port));
  } else if (packet.protocol == net::Protocol::Icmp || packet.protocol == net::Protocol::Icmpv6) {
    nfct_set_attr_u8(entry.get(), ATTR_ICMP_TYPE, packet.icmp_type);
    nfct_set_attr_u8(entry.get(), ATTR_ICMP_CODE, packet.icmp_code);
    nfct_set_attr_u16(entry.get(), ATTR_ICMP_ID, htons(packet.icmp_id));
  }
  return entry;
}

net::Address address_of(const nf_conntrack* entry, net::Family family, bool source) {
  const bool v4 = family == net::Family::Ipv4;
  const nf_conntrack_attr attribute =
      v4 ? (source ? ATTR_REPL_IPV4_SRC : ATTR_REPL_IPV4_DST) : (source ? ATTR_REPL_IPV6_SRC : ATTR_REPL_IPV6_DST);
  net::Address address;
  address.family = family;
  std::memcpy(address.bytes.data(), nfct_get_attr(entry, attribute), v4 ? 4 : 16);
  return address;
}

int remember(nf_conntrack_msg_type, nf_conntrack* entry, void* into) {
  auto& found = *static_cast<std::optional<TrackedConnection>*>(into);
  found.emplace();
  found->mark = nfct_get_attr_u32(entry, ATTR_MARK);
  const auto family = nfct_get_attr_u8(entry, ATTR_L3PROTO) == AF_INET ? net::Family::Ipv4 : net::Family::Ipv6;
  found->reply.source = address_of(entry, family, true);
  found->reply.destination = address_of(entry, family, false);
  found->reply.protocol = static_cast<net::Protocol>(nfct_get_attr_u8(entry, ATTR_L4PROTO));
  if (net::has_ports(found->reply.protocol)) {
    found->reply.source_port = ntohs(nfct_get_attr_u16(entry, ATTR_REPL_PORT_SRC));
    found->reply.destination_port = ntohs(nfct_get_attr_u16(entry, ATTR_REPL_PORT_DST));
  }
  if (nfct_attr_is_set(entry, ATTR_HELPER_NAME) > 0)
    found->helper = static_cast<const char*>(nfct_get_attr(entry, ATTR_HELPER_NAME));
  return NFCT_CB_CONTINUE;  // the kernel's acknowledgement is still to be read
}

}  // namespace

struct Conntrack::Handle {
  nfct_handle* handle = nullptr;
  ~Handle() {
    if (handle != nullptr) nfct_close(handle);
  }
};

Conntrack::Conntrack(const NetNamespace& where) : handle_(std::make_unique<Handle>()) {
  const Inside there(where);
  handle_->handle = nfct_open(CONNTRACK, 0);
  if (handle_->handle == nullptr) throw LabError::from_errno("open the conntrack socket");
}

Conntrack::~Conntrack() = default;

std::optional<TrackedConnection> Conntrack::find(const Packet& first) {
  std::optional<TrackedConnection> found;
  const Entry name = named_by(first);
  nfct_callback_register(handle_->handle, NFCT_T_ALL, remember, &found);
  const int result = nfct_query(handle_->handle, NFCT_Q_GET, name.get());
  nfct_callback_unregister(handle_->handle);
  if (result < 0 && !means_unknown(errno)) throw LabError::from_errno("look up " + first.to_string());
  return found;
}

void Conntrack::set_mark(const Packet& first, std::uint32_t value, std::uint32_t mask) {
  const auto found = find(first);
  if (!found) throw LabError("no connection of " + first.to_string());
  const Entry name = named_by(first);
  nfct_set_attr_u32(name.get(), ATTR_MARK, (found->mark & ~mask) | (value & mask));
  if (nfct_query(handle_->handle, NFCT_Q_UPDATE, name.get()) < 0)
    throw LabError::from_errno("mark " + first.to_string());
}

void Conntrack::remove(const Packet& first) {
  const Entry name = named_by(first);
  if (nfct_query(handle_->handle, NFCT_Q_DESTROY, name.get()) < 0 && !means_unknown(errno))
    throw LabError::from_errno("forget " + first.to_string());
}

void Conntrack::flush() {
  for (std::uint8_t family : {static_cast<std::uint8_t>(AF_INET), static_cast<std::uint8_t>(AF_INET6)})
    if (nfct_query(handle_->handle, NFCT_Q_FLUSH, &family) < 0)
      throw LabError::from_errno("empty the connection table");
}

}  // namespace vuurmuur::lab
