// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter/x_tables.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "backend/entry_buffer.h"
#include "base/assert.h"

namespace vuurmuur::backend {

/// The size of a structure in an entry: a multiple of 8 (XT_ALIGN of linux/netfilter/x_tables.h).
[[nodiscard]] constexpr std::size_t xt_aligned(std::size_t size) {
  return (size + alignof(_xt_align) - 1) & ~(alignof(_xt_align) - 1);
}

/// Ports of NAT ranges are in network byte order, those of the matches are not.
[[nodiscard]] constexpr std::uint16_t to_network(std::uint16_t value) {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

/// Appends an entry to a buffer, part by part, all bytes zero that nobody sets.
class EntryWriter {
 public:
  /// Leaves room for the entry's head.
  EntryWriter(EntryBuffer& out, std::size_t head_size) : out_(out), begin_(out.size()) { out_.extend(head_size); }

  /// A match with its data to fill; the reference holds until the next call.
  template <class T>
  T& match(std::string_view name, std::uint8_t revision) {
    return part<T>(name, revision);
  }

  /// The target, the same way. It comes last.
  template <class T>
  T& target(std::string_view name, std::uint8_t revision) {
    target_offset_ = out_.size() - begin_;
    return part<T>(name, revision);
  }

  /// A verdict or a jump in the form that libiptc takes: its name, and 0 where the kernel has the verdict.
  void standard(std::string_view name) { target<std::int32_t>(name, 0); }

  [[nodiscard]] std::uint16_t target_offset() const { return static_cast<std::uint16_t>(target_offset_); }
  [[nodiscard]] std::uint16_t size() const { return static_cast<std::uint16_t>(out_.size() - begin_); }

  /// The head of the entry; to be called when all parts are there.
  template <class T>
  T& head() {
    return *reinterpret_cast<T*>(out_.data() + begin_);
  }

 private:
  // Matches and targets have the same head: size, name, revision.
  template <class T>
  T& part(std::string_view name, std::uint8_t revision) {
    const std::size_t offset = out_.size();
    const std::size_t size = xt_aligned(sizeof(xt_entry_match)) + xt_aligned(sizeof(T));
    VM_ASSERT(offset - begin_ + size <= UINT16_MAX);
    VM_ASSERT(name.size() < XT_EXTENSION_MAXNAMELEN);
    std::byte* const bytes = out_.extend(size);
    auto& part = *reinterpret_cast<xt_entry_match*>(bytes);
    part.u.user.match_size = static_cast<std::uint16_t>(size);
    std::memcpy(part.u.user.name, name.data(), name.size());
    part.u.user.revision = revision;
    return *reinterpret_cast<T*>(bytes + xt_aligned(sizeof(xt_entry_match)));
  }

  EntryBuffer& out_;
  std::size_t begin_;  ///< of the entry
  std::size_t target_offset_ = 0;
};

/// Copies text into a kernel's array of characters, cut so that a final NUL stays.
template <std::size_t N>
void copy_text(char (&to)[N], std::string_view text) {
  std::memcpy(to, text.data(), text.size() < N ? text.size() : N - 1);
}

}  // namespace vuurmuur::backend
