// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::backend::nft {

/// Which rules count for their origin. Under xtables every rule counts, and what is read back is summed by the texts of
/// the comments: of the places where an origin is met the first one holds its sum (where it decides; else where it
/// translates; else where it only logs), and a jump counts nothing when the chain it leads to counts for the same
/// origin. Here the same choice is made before the rules are loaded: only what would be in the sum counts, into one
/// counter of the origin.
class Counting {
 public:
  explicit Counting(const ir::Ruleset& ruleset);

  /// The rules of one table, in which chains are known by their place.
  class OfTable {
   public:
    OfTable(const Counting& counting, const ir::Table& table);
    /// Whether a rule of an own chain of the table counts for its origin.
    [[nodiscard]] bool counts(const ir::Rule& rule) const;

   private:
    friend Counting;
    /// Whether it would, were its table the first place of its origin.
    [[nodiscard]] bool may_count(const ir::Rule& rule) const;

    const Counting& counting_;
    const ir::Table& table_;
    std::vector<std::vector<std::uint32_t>> decides_for_;  ///< by chain: the labels of its rules with a verdict, sorted
  };

  /// The label of an origin; different origins may have the same.
  [[nodiscard]] std::uint32_t label_of(ir::OriginId origin) const {
    return label_of_[static_cast<std::size_t>(origin)];
  }
  [[nodiscard]] const std::string& label(std::uint32_t id) const { return labels_[id]; }
  [[nodiscard]] std::size_t label_count() const { return labels_.size(); }

 private:
  /// In the order in which they are looked for.
  enum class Place : std::uint8_t { FilterVerdict, Nat, RawVerdict, FilterEffect, RawEffect, Mangle, None };

  static Place place_of(ir::TableName table, const ir::Target& target);
  void see(std::uint32_t label, Place place);

  std::vector<std::string> labels_;
  std::vector<std::uint32_t> label_of_;  ///< by origin
  std::vector<Place> place_;             ///< by label
};

}  // namespace vuurmuur::backend::nft
