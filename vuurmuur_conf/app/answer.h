// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of the daemon's answers. One that is not what it should be says less, it breaks nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ipc/varlink.h"

namespace vuurmuur::app::answer {

[[nodiscard]] std::string text(const ipc::Json& object, const char* key);       ///< empty when it is none
[[nodiscard]] std::int64_t whole(const ipc::Json& object, const char* key);     ///< 0 when it is no number
[[nodiscard]] double real(const ipc::Json& object, const char* key);            ///< 0 when it is no number
[[nodiscard]] const ipc::Json& list(const ipc::Json& object, const char* key);  ///< empty when it is none
[[nodiscard]] const ipc::Json* part(const ipc::Json& object, const char* key);  ///< null when it is no object
[[nodiscard]] std::optional<std::int64_t> maybe(const ipc::Json& object,
                                                const char* key);   ///< nothing when it is no number
[[nodiscard]] bool flag(const ipc::Json& object, const char* key);  ///< false when it is none
[[nodiscard]] std::vector<std::string> texts(const ipc::Json& object,
                                             const char* key);  ///< those of its elements that are texts

}  // namespace vuurmuur::app::answer
