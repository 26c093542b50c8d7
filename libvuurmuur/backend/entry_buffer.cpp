// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/entry_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/zeroed.h"

namespace vuurmuur::backend {
namespace {

constexpr std::size_t kLeast = 4096;
/// Pages are made so many bytes at a time: what the processor's cache still holds when it is written. Huge pages would
/// be a third faster where the machine is a real one; a guest that gives free memory back to its host waits for each of
/// them ten times as long.
constexpr std::size_t kReadied = 256 << 10;

}  // namespace

EntryBuffer::EntryBuffer(std::size_t expected, std::size_t front) {
  if (expected == 0) return;
  memory_ = base::zeroed(front + expected, base::Pages::Small);
  if (memory_ == nullptr) return;  // what really comes may still fit
  capacity_ = front + expected;
  begin_ = end_ = front;
}

void EntryBuffer::make_ready() {
  const std::size_t from = std::max(ready_, begin_);
  ready_ = std::min(capacity_, end_ + kReadied);
  base::make_ready(memory_.get() + from, ready_ - from);
}

void EntryBuffer::clear() {
  if (size() != 0) std::memset(data(), 0, size());
  end_ = begin_;
}

EntryBlock EntryBuffer::take(std::size_t gap) {
  EntryBlock block(memory_, {memory_.get(), capacity_}, {memory_.get() + begin_, size()});
  end_ = std::min(capacity_, end_ + gap);
  begin_ = end_;
  return block;
}

void EntryBuffer::make_room(std::size_t size) {
  const std::size_t kept = this->size();
  const std::size_t capacity = std::max(kLeast, 2 * (kept + size));
  std::shared_ptr<std::byte[]> memory = base::zeroed(capacity, base::Pages::Small);
  if (memory == nullptr) throw std::bad_alloc();
  if (kept != 0) std::memcpy(memory.get(), data(), kept);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
  end_ = kept;
  ready_ = capacity;
}

}  // namespace vuurmuur::backend
