// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/reject_type.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

#include <array>

namespace vuurmuur::backend {
namespace {

using With = ir::RejectTarget::With;

struct Row {
  With with;
  RejectType ipv4, ipv6;
};

/// In the order of RejectTarget::With.
constexpr std::array<Row, 8> kRows{{
    {With::NetUnreachable, {"icmp-net-unreachable", IPT_ICMP_NET_UNREACHABLE}, {"icmp6-no-route", IP6T_ICMP6_NO_ROUTE}},
    {With::HostUnreachable,
     {"icmp-host-unreachable", IPT_ICMP_HOST_UNREACHABLE},
     {"icmp6-addr-unreachable", IP6T_ICMP6_ADDR_UNREACH}},
    {With::ProtoUnreachable,
     {"icmp-proto-unreachable", IPT_ICMP_PROT_UNREACHABLE},
     {"icmp6-port-unreachable", IP6T_ICMP6_PORT_UNREACH}},
    {With::PortUnreachable,
     {"icmp-port-unreachable", IPT_ICMP_PORT_UNREACHABLE},
     {"icmp6-port-unreachable", IP6T_ICMP6_PORT_UNREACH}},
    {With::NetProhibited,
     {"icmp-net-prohibited", IPT_ICMP_NET_PROHIBITED},
     {"icmp6-adm-prohibited", IP6T_ICMP6_ADM_PROHIBITED}},
    {With::HostProhibited,
     {"icmp-host-prohibited", IPT_ICMP_HOST_PROHIBITED},
     {"icmp6-adm-prohibited", IP6T_ICMP6_ADM_PROHIBITED}},
    {With::AdminProhibited,
     {"icmp-admin-prohibited", IPT_ICMP_ADMIN_PROHIBITED},
     {"icmp6-adm-prohibited", IP6T_ICMP6_ADM_PROHIBITED}},
    {With::TcpReset, {"tcp-reset", IPT_TCP_RESET}, {"tcp-reset", IP6T_TCP_RESET}},
}};

const RejectType& of_family(const Row& row, net::Family family) {
  return family == net::Family::Ipv4 ? row.ipv4 : row.ipv6;
}

}  // namespace

RejectType reject_type(net::Family family, With with) {
  return of_family(kRows.at(static_cast<std::size_t>(with)), family);
}

std::optional<With> reject_of_number(net::Family family, std::uint32_t number) {
  for (const Row& row : kRows)
    if (of_family(row, family).number == number) return row.with;
  return std::nullopt;
}

std::uint8_t unreachable_code(net::Family family, With with) {
  // In the order of With; the same choice as in kRows.
  constexpr std::array<std::uint8_t, 7> kIpv4{ICMP_NET_UNREACH, ICMP_HOST_UNREACH, ICMP_PROT_UNREACH, ICMP_PORT_UNREACH,
                                              ICMP_NET_ANO,     ICMP_HOST_ANO,     ICMP_PKT_FILTERED};
  constexpr std::array<std::uint8_t, 7> kIpv6{ICMPV6_NOROUTE,       ICMPV6_ADDR_UNREACH,  ICMPV6_PORT_UNREACH,
                                              ICMPV6_PORT_UNREACH,  ICMPV6_ADM_PROHIBITED, ICMPV6_ADM_PROHIBITED,
                                              ICMPV6_ADM_PROHIBITED};
  return (family == net::Family::Ipv4 ? kIpv4 : kIpv6).at(static_cast<std::size_t>(with));
}

}  // namespace vuurmuur::backend
