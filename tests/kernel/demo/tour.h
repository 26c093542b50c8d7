// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "network.h"

namespace vuurmuur::demo {

/// Offers to look at the laboratory's firewall in vuurmuur_conf, with a daemon beside it; only at a terminal. What is done
/// there is done to a copy of the sample.
void offer_tour(Network& network);

}  // namespace vuurmuur::demo
