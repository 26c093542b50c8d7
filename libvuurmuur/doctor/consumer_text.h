// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string>

#include "doctor/queue_need.h"
#include "ir/marks.h"

namespace vuurmuur::doctor {

/// A file for "include" at the end of suricata.yaml, with which Suricata serves the queues as the rules want it, and a
/// comment for each line. Sections in it are whole, because they take the place of those before. Without queues, a
/// comment that says so.
[[nodiscard]] std::string suricata_include(std::span<const QueueNeed> needs, const ir::MarkLayout& layout);

/// The same for the author of a program that listens by libnetfilter_queue: what it has to ask for and what it may do.
[[nodiscard]] std::string consumer_contract(std::span<const QueueNeed> needs, const ir::MarkLayout& layout);

}  // namespace vuurmuur::doctor
