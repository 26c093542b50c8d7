// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/origin_tag.h"
#include "base/file_system.h"
#include "base/result.h"

namespace vuurmuur::apply {

/// What the rules in force are called that carry a tag instead of a comment: a text for each tag, in a file of the
/// directory that is lost at a reboot, as the rules are.
class RuleLabels {
 public:
  /// None.
  RuleLabels() = default;

  /// As the last load wrote them; none when it wrote none.
  [[nodiscard]] static base::Result<RuleLabels> read(const base::FileSystem& files, const std::string& state_directory);

  /// How many there are.
  [[nodiscard]] std::size_t size() const { return texts_.size(); }
  /// The number of a tag's text, counted from 0; nothing when the tag is not known.
  [[nodiscard]] std::optional<std::uint32_t> find(backend::OriginTag tag) const;
  /// "rule 12: accept http from lan to inet", a view that lives as long as this does.
  [[nodiscard]] std::string_view text(std::uint32_t number) const { return texts_[number]; }
  /// The same by tag; empty when it is not known.
  [[nodiscard]] std::string_view of(backend::OriginTag tag) const;

 private:
  /// A hash table of the texts, by tag.
  struct Slot {
    backend::OriginTag tag{};
    std::uint32_t number = 0;  ///< one more; 0 is none
  };

  std::unique_ptr<const std::string> file_;
  std::vector<std::string_view> texts_;  ///< views into it
  std::vector<Slot> slots_;
};

/// Writes them, backend::OriginTags::comments; of an empty text, removes what is there.
[[nodiscard]] base::Result<void> write_rule_labels(base::FileSystem& files, const std::string& state_directory,
                                                   std::string_view labels);

}  // namespace vuurmuur::apply
