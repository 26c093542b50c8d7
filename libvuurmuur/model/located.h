// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <utility>

#include "diag/source.h"

namespace vuurmuur::model {

/// A value and where the user wrote it. Two are equal when their values are: where something stands is no part of
/// what it says.
template <class T>
struct Located {
  T value{};
  diag::Span span{};

  Located() = default;
  Located(T v) : value(std::move(v)) {}  // NOLINT(google-explicit-constructor): a value without a place
  Located(T v, diag::Span s) : value(std::move(v)), span(s) {}

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
  friend bool operator==(const Located& a, const Located& b) { return a.value == b.value; }
};

}  // namespace vuurmuur::model
