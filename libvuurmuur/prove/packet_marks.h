// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vuurmuur::prove {

/// A packet mark that has a value in the bits of a mask.
struct MarkTest {
  std::uint32_t value = 0, mask = 0;
  bool operator==(const MarkTest&) const = default;
};

/// What rules of a text ask of the packet mark ("-m mark --mark 0x80/0x80").
[[nodiscard]] std::vector<MarkTest> mark_tests_of(std::string_view text);

/// Packet marks as rules tell them apart: classes of marks that all tests answer alike, one bit each in
/// Situation::packet_marks. Bits beyond the last class are the first one once more.
class PacketMarks {
 public:
  static constexpr std::size_t kMostClasses = 64, kMostTests = 16;

  /// Those tests that these numbers do not suffice for are left out.
  explicit PacketMarks(const std::vector<MarkTest>& tests);

  /// The classes that meet a test; nothing: it is not among the tests.
  [[nodiscard]] std::optional<std::uint64_t> classes(const MarkTest& test) const;
  /// A mark of the first of these classes.
  [[nodiscard]] std::uint32_t mark_of(std::uint64_t classes) const;

 private:
  void split(const MarkTest& test);

  /// Marks that meet a test, and none of others.
  struct Class {
    MarkTest meets;
    std::vector<MarkTest> fails;
    std::uint32_t mark = 0;  ///< one of them
  };
  std::vector<MarkTest> tests_;
  std::vector<Class> classes_{1};
};

}  // namespace vuurmuur::prove
