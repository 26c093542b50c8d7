// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vuurmuur::base {

/// A visitor for std::visit made of lambdas, one an alternative.
template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace vuurmuur::base
