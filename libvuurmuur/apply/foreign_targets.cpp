// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/foreign_targets.h"

#include <linux/netfilter/xt_connmark.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace vuurmuur::apply {
namespace {

constexpr std::array<std::string_view, 4> kRefusing{"DROP", "REJECT", "TARPIT", "DELUDE"};
constexpr std::array<std::string_view, 6> kTranslating{"DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP", "TPROXY"};

template <class Info>
std::optional<Info> structure(std::span<const std::byte> data) {
  if (data.size() < sizeof(Info)) return std::nullopt;
  Info info;
  std::memcpy(&info, data.data(), sizeof info);
  return info;
}

/// What both revisions say. How the kernel computes with it: net/netfilter/xt_connmark.c, connmark_tg_shift().
std::optional<ConnmarkUse> use_of(unsigned mode, std::uint32_t ctmark, std::uint32_t ctmask, std::uint32_t nfmask,
                                  bool is_shifted) {
  using enum ForeignMark::Use;
  switch (mode) {
    case XT_CONNMARK_SET: return ConnmarkUse{Write, ctmask | ctmark};
    case XT_CONNMARK_SAVE: return ConnmarkUse{Write, is_shifted ? UINT32_MAX : ctmask | nfmask};
    case XT_CONNMARK_RESTORE: return ConnmarkUse{Restore, ctmask};
    default: return std::nullopt;
  }
}

}  // namespace

bool refuses(std::string_view target) { return std::ranges::find(kRefusing, target) != kRefusing.end(); }

bool translates(std::string_view target) { return std::ranges::find(kTranslating, target) != kTranslating.end(); }

std::optional<ConnmarkUse> connmark_use(std::string_view target, std::uint32_t revision,
                                        std::span<const std::byte> data) {
  if (target != "CONNMARK") return std::nullopt;
  if (revision >= 2) {
    const auto info = structure<xt_connmark_tginfo2>(data);
    if (!info) return std::nullopt;
    return use_of(info->mode, info->ctmark, info->ctmask, info->nfmask, info->shift_bits != 0);
  }
  const auto info = structure<xt_connmark_tginfo1>(data);
  if (!info) return std::nullopt;
  return use_of(info->mode, info->ctmark, info->ctmask, info->nfmask, /*is_shifted=*/false);
}

}  // namespace vuurmuur::apply
