// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// What a rule's translation asks of the program it becomes a part of.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  [[nodiscard]] virtual Index chain(ir::ChainId id) const = 0;
  [[nodiscard]] virtual Index set(const std::string& name) const = 0;
  [[nodiscard]] virtual const Set& set_at(Index index) const = 0;
  /// The set that measures the sources of such a match, made when missing.
  [[nodiscard]] virtual Index meter(const ir::HashlimitMatch& match) = 0;
  /// The helper object, made when missing.
  [[nodiscard]] virtual Index helper(const std::string& name, net::Protocol protocol) = 0;
};

/// Appends the conditions of a rule: its fields, then its matches in their order.
void append_conditions(std::vector<Statement>& out, Surroundings& surroundings, net::Family family,
                       const ir::Rule& rule);

/// Appends what its target does.
void append_target(std::vector<Statement>& out, Surroundings& surroundings, net::Family family, const ir::Rule& rule);

}  // namespace vuurmuur::backend::nft
