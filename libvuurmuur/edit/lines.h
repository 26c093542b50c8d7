// SPDX-License-Identifier: GPL-2.0-or-later
// The rules and the blocklist as numbered lines. Numbers count from 1 over all that are not empty, as messages,
// comments in the kernel and "vuurmuur list" count them.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "config/document.h"
#include "edit/refusal.h"

namespace vuurmuur::edit {

[[nodiscard]] std::vector<std::string> lines_of(const config::Document& document);

/// Puts a line in front of that of this number; one more than there are puts it behind the last.
[[nodiscard]] Wish<void> insert_line(config::Document& document, std::size_t number, const std::string& line);
[[nodiscard]] Wish<void> replace_line(config::Document& document, std::size_t number, const std::string& line);
[[nodiscard]] Wish<void> delete_line(config::Document& document, std::size_t number);
/// Makes the line `from` have the number `to`; those between move up or down by one.
[[nodiscard]] Wish<void> move_line(config::Document& document, std::size_t from, std::size_t to);

}  // namespace vuurmuur::edit
