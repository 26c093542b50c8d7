// SPDX-License-Identifier: GPL-2.0-or-later
#include "live_table.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <random>

namespace vuurmuur::bench {
namespace {

constexpr unsigned kDevices = 8, kNetworks = 50;

struct CloseHandle {
  void operator()(nfct_handle* handle) const { nfct_close(handle); }
};
struct Destroy {
  void operator()(nf_conntrack* entry) const { nfct_destroy(entry); }
};

}  // namespace

base::Result<void> fill_table(std::uint32_t connections, unsigned series) {
  const std::unique_ptr<nfct_handle, CloseHandle> handle(nfct_open(CONNTRACK, 0));
  if (!handle) return base::system_error("open conntrack", errno);
  std::mt19937 random(20260101 + series);
  const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const auto host = [&](bool v6) {
    const unsigned network = pick(kNetworks);
    return v6 ? fmt::format("2001:db8:{:x}:{:x}::{:x}", network % kDevices, network, 10 + pick(500))
              : fmt::format("10.{}.{}.{}", network % kDevices, network, 10 + pick(240));
  };
  const unsigned internet = 18 + series;  // 198.18.0.0/15 is for measuring; the series behind it go on from there
  std::uint32_t made = 0;
  for (std::uint32_t i = 0; made < connections; ++i) {
    const bool v6 = i % 4 == 3;
    const std::string from = host(v6);
    std::string to = host(v6);
    if (i % 3 == 0)
      to = v6 ? fmt::format("2001:db8:ffff:{:x}::{:x}", series, i)
              : fmt::format("198.{}.{}.{}", internet, i / 250 % 256, i % 250);
    const std::unique_ptr<nf_conntrack, Destroy> entry(nfct_new());
    unsigned char source[16], destination[16];
    inet_pton(v6 ? AF_INET6 : AF_INET, from.c_str(), source);
    inet_pton(v6 ? AF_INET6 : AF_INET, to.c_str(), destination);
    nfct_set_attr_u8(entry.get(), ATTR_L3PROTO, v6 ? AF_INET6 : AF_INET);
    nfct_set_attr(entry.get(), v6 ? ATTR_IPV6_SRC : ATTR_IPV4_SRC, source);
    nfct_set_attr(entry.get(), v6 ? ATTR_IPV6_DST : ATTR_IPV4_DST, destination);
    nfct_set_attr_u8(entry.get(), ATTR_L4PROTO, IPPROTO_TCP);
    nfct_set_attr_u16(entry.get(), ATTR_PORT_SRC, htons(static_cast<std::uint16_t>(1024 + i % 64000)));
    nfct_set_attr_u16(entry.get(), ATTR_PORT_DST, htons(static_cast<std::uint16_t>(1000 + pick(40))));
    nfct_setobjopt(entry.get(), NFCT_SOPT_SETUP_REPLY);
    nfct_set_attr_u8(entry.get(), ATTR_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
    nfct_set_attr_u32(entry.get(), ATTR_STATUS, IPS_SEEN_REPLY | IPS_ASSURED);
    nfct_set_attr_u32(entry.get(), ATTR_TIMEOUT, 3600);
    nfct_set_attr_u32(entry.get(), ATTR_MARK, i % 8 == 0 ? 0x80000000 | 0x10000000 | pick(8) << 12 : 0x80000000);
    if (nfct_query(handle.get(), NFCT_Q_CREATE, entry.get()) == 0)
      ++made;
    else if (errno != EEXIST)
      return base::system_error("make a connection", errno);
  }
  return {};
}

std::optional<std::uint32_t> most_connections() {
  std::uint32_t most = 0;
  std::ifstream file("/proc/sys/net/netfilter/nf_conntrack_max");
  return file >> most && most != 0 ? std::optional(most) : std::nullopt;
}

}  // namespace vuurmuur::bench
