// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace vuurmuur::backend {

/// Entries one behind the other, in memory that lives as long as somebody holds it.
struct EntryBlock {
  EntryBlock() = default;
  EntryBlock(std::shared_ptr<std::byte[]> memory, std::span<std::byte> all, std::span<std::byte> entries)
      : owner(std::move(memory)), room(all), bytes(entries) {}
  /// Without room around them.
  EntryBlock(std::vector<std::byte> entries) {  // NOLINT(google-explicit-constructor): the plain form of the same
    const auto held = std::make_shared<std::vector<std::byte>>(std::move(entries));
    owner = std::shared_ptr<std::byte[]>(held, held->data());
    room = bytes = *held;
  }

  std::shared_ptr<std::byte[]> owner;
  std::span<std::byte> room;  ///< all of the memory that the entries stand in
  std::span<std::byte> bytes;
};

/// Where entries are written: bytes that grow at their end and are zero when they come. What is taken out stays where
/// it is, and what comes next stands behind it, at the distance that was asked for.
class EntryBuffer {
 public:
  /// Room for that many bytes behind `front` that are left free. There may come more; then they stand elsewhere.
  explicit EntryBuffer(std::size_t expected = 0, std::size_t front = 0);

  /// So many bytes more; gives where they begin. Bytes that were not taken may move.
  std::byte* extend(std::size_t size) {
    if (size > capacity_ - end_) make_room(size);
    std::byte* const more = memory_.get() + end_;
    end_ += size;
    if (end_ > ready_) make_ready();
    return more;
  }

  /// What was written and not taken.
  [[nodiscard]] std::byte* data() { return memory_.get() + begin_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  /// Forgets it.
  void clear();
  /// Gives it away. `gap` bytes behind it are left free.
  [[nodiscard]] EntryBlock take(std::size_t gap = 0);

 private:
  void make_room(std::size_t size);
  void make_ready();

  std::shared_ptr<std::byte[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t ready_ = 0;  ///< the pages up to here are there, or come when they are touched
};

}  // namespace vuurmuur::backend
