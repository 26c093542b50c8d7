// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the tests of an executable load their policies into nf_tables.
#include "support/engine.h"

namespace vuurmuur::kernel_test {
namespace {

[[maybe_unused]] const bool is_chosen = (set_engine_under_test(apply::Backend::Nft), true);

}  // namespace
}  // namespace vuurmuur::kernel_test
