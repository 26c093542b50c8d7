// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "prove/emitted_rule.h"
#include "prove/region_pile.h"
#include "saved/ruleset.h"

namespace vuurmuur::prove {

/// What the rules of a text ask, in little room. Each is read by itself, so that its words need not be kept for it.
class EmittedRules {
 public:
  /// What few rules have, as in EmittedRule.
  struct Rare {
    std::vector<MarkBits> marks;
    std::vector<std::string> conditions;
    std::string not_modelled;
  };
  /// One of them; as EmittedRule.
  struct Kept {
    std::uint32_t begin = 0;  ///< where it stands in the text
    std::uint32_t first_region = 0, regions = 0;
    std::uint32_t rare = 0;  ///< place in `rare_`
    unsigned number = 0;
    bool is_left_out = false, asks_packet_mark = false;
  };

  /// What `world` names must outlive it.
  explicit EmittedRules(const EmittedWorld& world) : world_(world), rare_(1) {}
  /// Those of a table that was read with all of its words.
  EmittedRules(const saved::Table& table, const EmittedWorld& world, diag::Sink& sink);

  /// Reads the next one of the text; what it says wrong is an error. Nothing of its matches is asked for again.
  void add(const saved::Rule& rule, diag::Sink& sink);

  /// One that was read.
  [[nodiscard]] const Kept& of(const saved::Rule& rule) const;
  [[nodiscard]] std::span<const RegionNumbers> regions(const Kept& rule) const {
    return std::span(regions_).subspan(rule.first_region, rule.regions);
  }
  /// What one of these shares with a region; nothing when they share no packet.
  [[nodiscard]] std::optional<Region> common(const Region& region, const RegionNumbers& own) const {
    return pile_.common(region, own);
  }
  [[nodiscard]] const Rare& rare(const Kept& rule) const { return rare_[rule.rare]; }
  [[nodiscard]] const EmittedWorld& world() const { return world_; }

 private:
  EmittedWorld world_;
  RegionPile pile_;
  std::vector<RegionNumbers> regions_;
  std::vector<Rare> rare_;   ///< the first is that of rules that have nothing of it
  std::vector<Kept> rules_;  ///< as they stand in the text
};

}  // namespace vuurmuur::prove
