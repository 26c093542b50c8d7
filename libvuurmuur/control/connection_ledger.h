// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vuurmuur::control {

/// What is remembered of a connection from its beginning to its end.
struct ConnectionNote {
  std::uint32_t second = 0;  ///< when it began, on any clock; 31 bits of it
  std::uint32_t rule = 0;    ///< RuleNumbers
  bool operator==(const ConnectionNote&) const = default;
};

/// From numbers of connections (CTA_ID) to notes, in one array with open addressing: 24 to 48 bytes a connection.
class ConnectionNotes {
 public:
  /// False when the number is there already; then its note stays.
  bool add(std::uint32_t id, const ConnectionNote& note);
  void set_rule(std::uint32_t id, std::uint32_t rule);
  [[nodiscard]] std::optional<ConnectionNote> find(std::uint32_t id) const;
  [[nodiscard]] bool contains(std::uint32_t id) const { return place(id).has_value(); }
  /// What it had; nothing when it is not there.
  std::optional<ConnectionNote> remove(std::uint32_t id);
  [[nodiscard]] std::size_t size() const { return count_; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_)
      if (slot.is_used) visit(slot.id, slot.note());
  }

 private:
  struct Slot {
    std::uint32_t id = 0;
    std::uint32_t second : 31 = 0;
    std::uint32_t is_used : 1 = 0;
    std::uint32_t rule = 0;
    [[nodiscard]] ConnectionNote note() const { return {.second = second, .rule = rule}; }
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
  /// One has begun, at this second; false when that was known.
  bool begin(std::uint32_t id, std::uint32_t second);
  /// By which rule; of one that lives no more, nothing is done.
  void set_rule(std::uint32_t id, std::uint32_t rule);

  struct End {
    bool was_known = false;
    std::optional<std::uint32_t> began{};  ///< the second
    std::uint32_t rule = 0;
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
  /// Not all could be seen: what was known before still is.
  void stop_looking();

  /// How many live.
  [[nodiscard]] std::size_t size() const { return is_looking_ ? seen_.size() : known_.size(); }

  /// Calls `visit` with every number of a rule that is remembered, as often as it is.
  template <class Visit>
  void for_each_rule(Visit visit) const {
    for (const ConnectionNotes* notes : {&known_, &seen_})
      notes->for_each([&](std::uint32_t, const ConnectionNote& note) { visit(note.rule); });
  }

 private:
  static constexpr std::uint32_t kUnknown = 0;
  ConnectionNotes known_;
  ConnectionNotes seen_;   ///< while looking: what lives for sure
  ConnectionNotes ended_;  ///< while looking: what ended meanwhile, and may still be told by the listing
  bool is_looking_ = false;
};

}  // namespace vuurmuur::control
