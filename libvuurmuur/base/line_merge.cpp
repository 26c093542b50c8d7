// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/line_merge.h"

#include <algorithm>

#include "base/line_diff.h"

namespace vuurmuur::base {
namespace {

/// Where each line begins, and the end of the text.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text.size();) {
      begins_.push_back(at);
      const std::size_t end = text.find('\n', at);
      at = end == std::string_view::npos ? text.size() : end + 1;
    }
    begins_.push_back(text.size());
  }

  [[nodiscard]] std::size_t count() const { return begins_.size() - 1; }
  /// The lines [begin, end), counted from 0.
  [[nodiscard]] std::string_view between(std::size_t begin, std::size_t end) const {
    return text_.substr(begins_[begin], begins_[end] - begins_[begin]);
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

/// Lines [begin, end) of the text before became lines [new_begin, new_end).
struct Edit {
  std::size_t begin, end, new_begin, new_end;
};

std::vector<Edit> edits_between(std::string_view before, std::string_view after) {
  std::vector<Edit> edits;
  for (const Hunk& hunk : diff_lines(before, after, /*context=*/0)) {
    const std::size_t begin = hunk.before_count == 0 ? hunk.before_line : hunk.before_line - 1;
    const std::size_t new_begin = hunk.after_count == 0 ? hunk.after_line : hunk.after_line - 1;
    edits.push_back({begin, begin + hunk.before_count, new_begin, new_begin + hunk.after_count});
  }
  return edits;
}

/// One side of the merge: its edits, those that are not used yet from `next` on.
struct Side {
  Lines lines;
  std::vector<Edit> edits;
  std::size_t next = 0;

  [[nodiscard]] const Edit* peek() const { return next < edits.size() ? &edits[next] : nullptr; }

  /// What lines [begin, end) of the text before are here; the edits [first, next) are those within.
  [[nodiscard]] std::string_view at(std::size_t first, std::size_t begin, std::size_t end) const {
    // Outside of edits lines stand as far from the nearest edit as they did.
    const auto place = [&](std::size_t line, bool is_end) {
      std::size_t i = first;
      if (is_end) i = next;
      if (i == 0) return line;
      const Edit& edit = edits[i - 1];
      return edit.new_end + (line - edit.end);
    };
    return lines.between(place(begin, /*is_end=*/false), place(end, /*is_end=*/true));
  }
};

}  // namespace

std::vector<MergePiece> merge_lines(std::string_view before, std::string_view mine, std::string_view theirs) {
  using enum MergePiece::Kind;
  const Lines old_lines(before);
  Side me{Lines(mine), edits_between(before, mine)}, them{Lines(theirs), edits_between(before, theirs)};
  std::vector<MergePiece> pieces;
  const auto add_same = [&](std::size_t begin, std::size_t end) {
    if (begin == end) return;
    const std::string text(old_lines.between(begin, end));
    pieces.push_back({.kind = Same, .line = begin + 1, .before = text, .mine = text, .theirs = text});
  };
  std::size_t done = 0;  // lines of the text before
  while (me.peek() != nullptr || them.peek() != nullptr) {
    const std::size_t my_first = me.next, their_first = them.next;
    std::size_t begin = old_lines.count(), end = 0;
    for (const Side* side : {&me, &them})
      if (side->peek() != nullptr) begin = std::min(begin, side->peek()->begin);
    end = begin;
    // Everything that touches what is in the piece already belongs to it.
    for (bool has_grown = true; has_grown;) {
      has_grown = false;
      for (Side* side : {&me, &them}) {
        while (side->peek() != nullptr && side->peek()->begin <= end) {
          end = std::max(end, side->peek()->end);
          ++side->next;
          has_grown = true;
        }
      }
    }
    add_same(done, begin);
    MergePiece piece{.kind = Overlap,
                     .line = begin + 1,
                     .before = std::string(old_lines.between(begin, end)),
                     .mine = std::string(me.at(my_first, begin, end)),
                     .theirs = std::string(them.at(their_first, begin, end))};
    if (me.next == my_first) piece.kind = Theirs;
    if (them.next == their_first) piece.kind = Mine;
    if (piece.mine == piece.theirs) piece.kind = Both;
    pieces.push_back(std::move(piece));
    done = end;
  }
  add_same(done, old_lines.count());
  return pieces;
}

std::string merged_text(std::span<const MergePiece> pieces, const std::function<bool(std::size_t)>& takes_mine) {
  using enum MergePiece::Kind;
  std::string text;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const MergePiece& piece = pieces[i];
    const bool is_mine = piece.kind == Mine || (piece.kind == Overlap && takes_mine(i));
    text += is_mine ? piece.mine : piece.theirs;
  }
  return text;
}

}  // namespace vuurmuur::base
