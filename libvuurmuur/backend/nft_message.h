// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.h"

namespace vuurmuur::backend::nft {

/// Appends netlink messages with their attributes to a buffer. Numbers of nf_tables' attributes are in network byte
/// order.
class MessageWriter {
 public:
  explicit MessageWriter(std::vector<std::byte>& out) : out_(out) {}

  /// Begins a message: type with its subsystem, NLM_F_* besides NLM_F_REQUEST.
  void begin(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence, std::uint8_t family,
             std::uint16_t resource = 0) {
    message_ = out_.size();
    out_.resize(message_ + sizeof(nlmsghdr) + sizeof(nfgenmsg));
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header.nlmsg_seq = sequence;
    std::memcpy(out_.data() + message_, &header, sizeof header);
    nfgenmsg general{};
    general.nfgen_family = family;
    general.version = NFNETLINK_V0;
    general.res_id = static_cast<std::uint16_t>(resource << 8 | resource >> 8);
    std::memcpy(out_.data() + message_ + sizeof header, &general, sizeof general);
  }

  void end() {
    const auto length = static_cast<std::uint32_t>(out_.size() - message_);
    std::memcpy(out_.data() + message_, &length, sizeof length);
  }

  void bytes(std::uint16_t type, const void* data, std::size_t size) {
    const std::size_t at = open(type, size);
    std::memcpy(out_.data() + at, data, size);
  }
  void number8(std::uint16_t type, std::uint8_t value) { bytes(type, &value, sizeof value); }
  void number16(std::uint16_t type, std::uint16_t value) {
    const std::array<std::uint8_t, 2> data{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
    bytes(type, data.data(), data.size());
  }
  void number32(std::uint16_t type, std::uint32_t value) {
    const std::array<std::uint8_t, 4> data{static_cast<std::uint8_t>(value >> 24),
                                           static_cast<std::uint8_t>(value >> 16),
                                           static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
    bytes(type, data.data(), data.size());
  }
  void number64(std::uint16_t type, std::uint64_t value) {
    std::array<std::uint8_t, 8> data{};
    for (unsigned i = 0; i < 8; ++i) data[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    bytes(type, data.data(), data.size());
  }
  /// With a NUL behind it.
  void text(std::uint16_t type, std::string_view text) {
    const std::size_t at = open(type, text.size() + 1);
    std::memcpy(out_.data() + at, text.data(), text.size());
  }

  /// An attribute that holds attributes: what is written between the two. Never longer than 65,535 bytes.
  [[nodiscard]] std::size_t begin_nest(std::uint16_t type) {
    const std::size_t at = out_.size();
    open(static_cast<std::uint16_t>(type | NLA_F_NESTED), 0);
    return at;
  }
  void end_nest(std::size_t begin) {
    const std::size_t length = out_.size() - begin;
    VM_ASSERT(length <= UINT16_MAX);
    const auto value = static_cast<std::uint16_t>(length);
    std::memcpy(out_.data() + begin, &value, sizeof value);
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
  /// Appends the head of an attribute and room for its data, zero up to a multiple of 4; gives where the data goes.
  std::size_t open(std::uint16_t type, std::size_t size) {
    const std::size_t at = out_.size();
    out_.resize(at + NLA_HDRLEN + NLA_ALIGN(size));
    const nlattr head{static_cast<std::uint16_t>(NLA_HDRLEN + size), type};
    std::memcpy(out_.data() + at, &head, sizeof head);
    return at + NLA_HDRLEN;
  }

  std::vector<std::byte>& out_;
  std::size_t message_ = 0;
};

}  // namespace vuurmuur::backend::nft
