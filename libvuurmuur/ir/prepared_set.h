// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "ir/address_bits.h"
#include "ir/set.h"
#include "ir/tuple_index.h"

namespace vuurmuur::ir {

/// A set in a form that packets are looked up in fast.
class PreparedSet {
 public:
  explicit PreparedSet(const Set& set);

  /// The origin of the element that the packet is in; nothing when it is in none.
  [[nodiscard]] std::optional<OriginId> find(const TupleQuery& packet) const;
  /// Whether elements count each for its origin.
  [[nodiscard]] bool is_counted() const { return is_counted_; }

 private:
  struct Element {
    AddressBits source, source_mask, destination, destination_mask;
    std::optional<ProtocolPort> port;
    OriginId origin{};
  };
  TupleIndex index_;
  std::vector<Element> elements_;
  bool is_counted_ = false;
};

}  // namespace vuurmuur::ir
