// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/role_of.h"

namespace vuurmuur::screens {

ui::Role role_of(model::Action action) {
  using enum model::Action;
  switch (action) {
    case Accept: return ui::Role::Accept;
    case Drop: return ui::Role::Drop;
    case Reject: return ui::Role::Reject;
    case Nfqueue: return ui::Role::Queue;
    case Log:
    case Nflog: return ui::Role::Log;
    case Portfw:
    case Redirect:
    case Snat:
    case Masq:
    case Dnat:
    case Bounce: return ui::Role::Nat;
    case Chain: return ui::Role::Normal;
    case Separator: return ui::Role::Heading;
  }
  return ui::Role::Normal;
}

}  // namespace vuurmuur::screens
