// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string>
#include <vector>

#include "edit/object.h"
#include "model/policy.h"
#include "ui/canvas.h"

namespace vuurmuur::screens {

/// A line of what is told of an object: "Addresses  192.168.1.10".
struct CardLine {
  std::string label, text;
  ui::Role role = ui::Role::Normal;
};

/// What a policy says of a zone, network, host or group, for people; what is empty is left out.
[[nodiscard]] std::vector<CardLine> card_of(const model::Policy& policy, const edit::Object& object);

/// Draws lines, their texts broken where they must be; gives the row behind the last.
int draw_card(ui::Canvas canvas, std::span<const CardLine> lines);

}  // namespace vuurmuur::screens
