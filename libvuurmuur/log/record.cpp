// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/record.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

namespace vuurmuur::log {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Numbers of netfilter's messages are in network order.
template <class Number>
std::optional<Number> number_of(Bytes bytes, std::size_t at = 0) {
  if (bytes.size() < at + sizeof(Number)) return std::nullopt;
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) number = static_cast<Number>(number << 8 | bytes[at + i]);
  return number;
}

net::MacAddress mac_at(Bytes bytes) {
  net::MacAddress mac;
  std::copy_n(bytes.begin(), mac.bytes.size(), mac.bytes.begin());
  return mac;
}

std::optional<Time> time_of(Bytes bytes) {
  constexpr std::uint64_t kLatest = 1'000'000'000'000;  // seconds; far beyond what a calendar can write
  const auto seconds = number_of<std::uint64_t>(bytes), micros = number_of<std::uint64_t>(bytes, 8);
  if (!seconds || !micros || *seconds == 0 || *seconds > kLatest || *micros >= 1'000'000) return std::nullopt;
  return Time(std::chrono::seconds(*seconds)) + std::chrono::microseconds(*micros);
}

void clear(Record& record) {
  std::string prefix = std::move(record.prefix);
  prefix.clear();
  record = Record{};
  record.prefix = std::move(prefix);
}

void take(std::uint16_t type, Bytes value, Record& record) {
  constexpr std::size_t kMac = 6;
  switch (type) {
    case NFULA_PREFIX: {
      // A text that ends with a NUL.
      const auto end = std::find(value.begin(), value.end(), std::uint8_t{0});
      record.prefix.assign(value.begin(), end);
      return;
    }
    case NFULA_SEQ: record.sequence = number_of<std::uint32_t>(value); return;
    case NFULA_TIMESTAMP: record.time = time_of(value); return;
    case NFULA_IFINDEX_INDEV: record.in_device = number_of<std::uint32_t>(value).value_or(0); return;
    case NFULA_IFINDEX_OUTDEV: record.out_device = number_of<std::uint32_t>(value).value_or(0); return;
    case NFULA_MARK: record.mark = number_of<std::uint32_t>(value).value_or(0); return;
    case NFULA_UID: record.user = number_of<std::uint32_t>(value); return;
    case NFULA_HWADDR: {
      // struct nfulnl_msg_packet_hw: length, padding, eight bytes.
      if (number_of<std::uint16_t>(value) == kMac && value.size() >= 4 + kMac) record.source_mac = mac_at(value.subspan(4));
      return;
    }
    case NFULA_HWHEADER:
      // Of Ethernet: destination, source, type; also with tags of VLANs in between.
      if (value.size() >= 14) record.destination_mac = mac_at(value);
      return;
    case NFULA_PAYLOAD: record.packet = read_packet(value); return;
    default: return;
  }
}

}  // namespace

bool read_record(Bytes message, Record& record) {
  clear(record);
  if (message.size() < sizeof(nfgenmsg)) return false;
  record.group = static_cast<std::uint16_t>(message[2] << 8 | message[3]);  // nfgenmsg::res_id, in network order
  message = message.subspan(sizeof(nfgenmsg));
  while (message.size() >= NLA_HDRLEN) {
    nlattr header;
    std::memcpy(&header, message.data(), sizeof header);
    if (header.nla_len < NLA_HDRLEN || header.nla_len > message.size()) return false;
    take(header.nla_type & NLA_TYPE_MASK, message.subspan(NLA_HDRLEN, header.nla_len - std::size_t{NLA_HDRLEN}), record);
    message = message.subspan(std::min(message.size(), static_cast<std::size_t>(NLA_ALIGN(header.nla_len))));
  }
  // A header of another kind of link is no address.
  if (!record.source_mac) record.destination_mac.reset();
  return true;
}

}  // namespace vuurmuur::log
