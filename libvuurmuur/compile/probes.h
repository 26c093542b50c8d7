// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <string_view>

#include "ir/match.h"

namespace vuurmuur::compile {

/// TCP flags that no honest peer sends together.
struct Probe {
  std::string_view name;
  ir::TcpFlags flags;
};

inline constexpr std::array kProbes{
    Probe{"ALL", {ir::TcpFlags::kAll, 0}},
    Probe{"SYN-FIN", {ir::TcpFlags::kSyn | ir::TcpFlags::kFin, ir::TcpFlags::kSyn | ir::TcpFlags::kFin}},
    Probe{"SYN-RST", {ir::TcpFlags::kSyn | ir::TcpFlags::kRst, ir::TcpFlags::kSyn | ir::TcpFlags::kRst}},
    Probe{"FIN-RST", {ir::TcpFlags::kFin | ir::TcpFlags::kRst, ir::TcpFlags::kFin | ir::TcpFlags::kRst}},
    Probe{"FIN", {ir::TcpFlags::kAck | ir::TcpFlags::kFin, ir::TcpFlags::kFin}},
    Probe{"PSH", {ir::TcpFlags::kAck | ir::TcpFlags::kPsh, ir::TcpFlags::kPsh}},
    Probe{"URG", {ir::TcpFlags::kAck | ir::TcpFlags::kUrg, ir::TcpFlags::kUrg}},
};

}  // namespace vuurmuur::compile
