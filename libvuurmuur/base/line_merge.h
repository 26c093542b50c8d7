// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::base {

/// A run of lines of two texts that were made of a third one.
struct MergePiece {
  enum class Kind : std::uint8_t {
    Same,     ///< nobody changed them
    Mine,     ///< only one did
    Theirs,   ///< only the other did
    Both,     ///< both did, and the same
    Overlap,  ///< both did, each in his own way
  };
  Kind kind = Kind::Same;
  std::size_t line = 1;              ///< its first line in the text before, from 1; of lines put in, that behind them
  std::string before, mine, theirs;  ///< whole lines with their ends
  bool operator==(const MergePiece&) const = default;
};

/// Both changes of a text, piece by piece in their order. Changes that touch, without an unchanged line between them,
/// are one piece: whether they can stand together is for somebody to decide.
[[nodiscard]] std::vector<MergePiece> merge_lines(std::string_view before, std::string_view mine,
                                                  std::string_view theirs);

/// The text with both changes. `takes_mine` says of an overlap, by its index among the pieces, which side it gets.
[[nodiscard]] std::string merged_text(std::span<const MergePiece> pieces,
                                      const std::function<bool(std::size_t)>& takes_mine);

}  // namespace vuurmuur::base
