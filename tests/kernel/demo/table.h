// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "reference/interpreter.h"
#include "trial.h"

namespace vuurmuur::demo {

/// Whether what was seen is what the policy says.
[[nodiscard]] bool agrees(const Trial& trial, const reference::Answer& expected, const Result& seen,
                          const Network& network);

/// Prints the table, row by row as the trials go.
class Table {
 public:
  explicit Table(bool colours) : colours_(colours) {}
  void heading() const;
  void row(const Trial& trial, const reference::Answer& expected, const Result& seen, bool right) const;

 private:
  bool colours_;
};

}  // namespace vuurmuur::demo
