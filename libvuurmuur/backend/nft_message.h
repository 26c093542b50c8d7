// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/assert.h"

namespace vuurmuur::backend::nft {

/// Bytes that become more. Room that was made and not written yet is not cleared, so memory is touched once.
class MessageBuffer {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::byte* data() { return bytes_.get(); }
  [[nodiscard]] std::span<const std::byte> written() const { return {bytes_.get(), size_}; }

  void clear() { size_ = 0; }

  /// Makes room for so many more at least.
  void reserve(std::size_t more) {
    if (more > capacity_ - size_) grow(size_ + more);
  }
  /// Appends so many bytes, which are to be written.
  [[nodiscard]] std::byte* append(std::size_t count) {
    if (count > capacity_ - size_) grow(std::max(2 * capacity_, size_ + count));
    std::byte* const at = bytes_.get() + size_;
    size_ += count;
    return at;
  }

 private:
  void grow(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
    if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

/// Appends netlink messages with their attributes to a buffer. Numbers of nf_tables' attributes are in network byte
/// order.
class MessageWriter {
 public:
  explicit MessageWriter(MessageBuffer& out) : out_(out) {}

  /// Begins a message: type with its subsystem, NLM_F_* besides NLM_F_REQUEST.
  void begin(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence, std::uint8_t family,
             std::uint16_t resource = 0) {
    message_ = out_.size();
    std::byte* const at = out_.append(sizeof(nlmsghdr) + sizeof(nfgenmsg));
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header.nlmsg_seq = sequence;
    std::memcpy(at, &header, sizeof header);
    nfgenmsg general{};
    general.nfgen_family = family;
    general.version = NFNETLINK_V0;
    general.res_id = static_cast<std::uint16_t>(resource << 8 | resource >> 8);
    std::memcpy(at + sizeof header, &general, sizeof general);
  }

  void end() {
    const auto length = static_cast<std::uint32_t>(out_.size() - message_);
    std::memcpy(out_.data() + message_, &length, sizeof length);
  }

  void bytes(std::uint16_t type, const void* data, std::size_t size) { std::memcpy(open(type, size), data, size); }
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
    std::byte* const at = open(type, text.size() + 1);
    std::memcpy(at, text.data(), text.size());
    at[text.size()] = std::byte{0};
  }

  /// An attribute that holds attributes: what is written between the two. Never longer than 65,535 bytes.
  [[nodiscard]] std::size_t begin_nest(std::uint16_t type) {
    const std::size_t at = out_.size();
    static_cast<void>(open(static_cast<std::uint16_t>(type | NLA_F_NESTED), 0));
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
  /// Appends the head of an attribute and room for its data, zero behind it up to a multiple of 4; gives where the data
  /// goes.
  std::byte* open(std::uint16_t type, std::size_t size) {
    const std::size_t whole = NLA_HDRLEN + NLA_ALIGN(size);
    std::byte* const at = out_.append(whole);
    const nlattr head{static_cast<std::uint16_t>(NLA_HDRLEN + size), type};
    std::memcpy(at, &head, sizeof head);
    if (whole != NLA_HDRLEN + size) std::memset(at + whole - NLA_ALIGNTO, 0, NLA_ALIGNTO);
    return at + NLA_HDRLEN;
  }

  MessageBuffer& out_;
  std::size_t message_ = 0;
};

}  // namespace vuurmuur::backend::nft
