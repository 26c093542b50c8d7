// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/protocol_name.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace vuurmuur::backend {
namespace {

struct Row {
  std::uint8_t number;
  std::string_view name;
};

/// By number.
constexpr auto kNames = std::to_array<Row>({
    {1, "icmp"},        {2, "igmp"},
    {3, "ggp"},         {4, "ipencap"},
    {5, "st"},          {6, "tcp"},
    {8, "egp"},         {9, "igp"},
    {12, "pup"},        {17, "udp"},
    {20, "hmp"},        {22, "xns-idp"},
    {27, "rdp"},        {29, "iso-tp4"},
    {33, "dccp"},       {36, "xtp"},
    {37, "ddp"},        {38, "idpr-cmtp"},
    {41, "ipv6"},       {43, "ipv6-route"},
    {44, "ipv6-frag"},  {45, "idrp"},
    {46, "rsvp"},       {47, "gre"},
    {50, "esp"},        {51, "ah"},
    {57, "skip"},       {58, "ipv6-icmp"},
    {59, "ipv6-nonxt"}, {60, "ipv6-opts"},
    {73, "rspf"},       {81, "vmtp"},
    {88, "eigrp"},      {89, "ospf"},
    {93, "ax.25"},      {94, "ipip"},
    {97, "etherip"},    {98, "encap"},
    {103, "pim"},       {108, "ipcomp"},
    {112, "vrrp"},      {115, "l2tp"},
    {124, "isis"},      {132, "sctp"},
    {133, "fc"},        {135, "mobility-header"},
    {136, "udplite"},   {137, "mpls-in-ip"},
    {138, "manet"},     {139, "hip"},
    {140, "shim6"},     {141, "wesp"},
    {142, "rohc"},      {143, "ethernet"},
});

}  // namespace

std::string protocol_name(std::uint8_t protocol) {
  const auto found = std::lower_bound(kNames.begin(), kNames.end(), protocol,
                                      [](const Row& row, std::uint8_t number) { return row.number < number; });
  if (found != kNames.end() && found->number == protocol) return std::string(found->name);
  return std::to_string(protocol);
}

}  // namespace vuurmuur::backend
