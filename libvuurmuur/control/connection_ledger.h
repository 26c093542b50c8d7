// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vuurmuur::control {

/// From numbers of connections (CTA_ID) to numbers of seconds, in one array with open addressing: 16 bytes a connection
/// at most.
class ConnectionTimes {
 public:
  /// False when the number is there already; then it stays.
  bool add(std::uint32_t id, std::uint32_t second);
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t id) const;
  [[nodiscard]] bool contains(std::uint32_t id) const { return find(id).has_value(); }
  /// What it had; nothing when it is not there.
  std::optional<std::uint32_t> remove(std::uint32_t id);
  [[nodiscard]] std::size_t size() const { return count_; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_)
      if (slot.is_used) visit(slot.id);
  }

 private:
  struct Slot {
    std::uint32_t id = 0;
    std::uint32_t second : 31 = 0;
    std::uint32_t is_used : 1 = 0;
  };
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  /// Numbers of the kernel are hashes themselves.
  [[nodiscard]] std::size_t home(std::uint32_t id) const { return id & mask(); }
  [[nodiscard]] std::optional<std::size_t> place(std::uint32_t id) const;
  void put(const Slot& slot);
  void grow();

  std::vector<Slot> slots_;  ///< a power of two of them, half of them free at least
  std::size_t count_ = 0;
};

/// Which connections live, by what the kernel tells of them: so that one which is told twice is noted once, and what
/// was missed when the kernel told more than could be read is found out by looking at all of them.
class ConnectionLedger {
 public:
  /// One has begun, at this second of any clock; false when that was known.
  bool begin(std::uint32_t id, std::uint32_t second);

  struct End {
    bool was_known = false;
    std::optional<std::uint32_t> began{};  ///< the second
  };
  /// One has ended.
  [[nodiscard]] End end(std::uint32_t id);

  /// From now on all that live are looked at, one after the other, while others begin and end.
  void begin_looking();
  [[nodiscard]] bool is_looking() const { return is_looking_; }
  /// One of them; true when its beginning was missed.
  [[nodiscard]] bool see(std::uint32_t id);
  /// All were seen; how many had ended without being told of.
  [[nodiscard]] std::size_t end_looking();

  /// How many live.
  [[nodiscard]] std::size_t size() const { return is_looking_ ? seen_.size() : known_.size(); }

 private:
  static constexpr std::uint32_t kUnknown = 0;
  ConnectionTimes known_;
  ConnectionTimes seen_;   ///< while looking: what lives for sure
  ConnectionTimes ended_;  ///< while looking: what ended meanwhile, and may still be told by the listing
  bool is_looking_ = false;
};

}  // namespace vuurmuur::control
