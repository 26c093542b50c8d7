// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "app/model.h"
#include "ipc/varlink.h"

namespace vuurmuur::screens {

/// Parameters of a call that changes something, with who asks for it: the person behind root, and from where.
[[nodiscard]] ipc::Json with_caller(const app::Model& model, ipc::Json parameters);

/// The parameter own_connection: by which the user sits at this machine, or null.
[[nodiscard]] ipc::Json own_connection_of(const app::Model& model);

}  // namespace vuurmuur::screens
