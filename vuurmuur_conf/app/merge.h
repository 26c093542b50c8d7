// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/workspace.h"
#include "base/line_merge.h"

namespace vuurmuur::app {

enum class Side : std::uint8_t { Open, Mine, Theirs };

/// A file that the draft changes and somebody else changed as well.
struct MergedFile {
  std::string path;
  std::optional<std::string> mine, theirs;  ///< nothing where it is to go, or is gone
  /// Its changes. Of a file that one side takes away there is one piece, an overlap.
  std::vector<base::MergePiece> pieces;
  std::vector<Side> sides;  ///< of each piece; counts for overlaps only

  [[nodiscard]] bool is_open(std::size_t piece) const {
    return pieces[piece].kind == base::MergePiece::Kind::Overlap && sides[piece] == Side::Open;
  }
  /// The file with the changes of both, once nothing is open.
  [[nodiscard]] std::optional<std::string> result() const;
};

/// The draft and what somebody else did to the files that it was made on.
struct Merge {
  std::vector<MergedFile> files;
  /// What else changed underneath, which the draft leaves alone: from what was read to what is now.
  std::vector<edit::FileChange> others;

  [[nodiscard]] int open_count() const;
  void decide_all(Side side);
  /// The draft as it is on the newer files. Nothing must be open.
  [[nodiscard]] edit::Changes result(const edit::Changes& draft, const base::MemoryFileSystem& newer,
                                     const std::string& root) const;
};

[[nodiscard]] Merge merge(const Workspace& workspace, const base::MemoryFileSystem& newer);

}  // namespace vuurmuur::app
