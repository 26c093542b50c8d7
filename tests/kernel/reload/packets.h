// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "port.h"
#include "stream.h"

namespace vuurmuur::kernel_test {

/// Packet number `sequence` of a stream, which its packets call number `number`.
[[nodiscard]] lab::Packet packet_of(const Stream& stream, std::size_t number, std::uint64_t sequence);

/// The answer to a packet of a flow as it arrived.
[[nodiscard]] lab::Packet answer_to(const lab::Packet& arrived, const Number& number);

}  // namespace vuurmuur::kernel_test
