// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/kernel_set.h"
#include "backend/set_type.h"
#include "base/result.h"
#include "ir/set.h"

// The kernel's sets (ip_set) through netlink, in the namespace that the thread is in.
namespace vuurmuur::apply {

/// All sets, without their elements. None when the kernel has no ip_set loaded.
[[nodiscard]] base::Result<std::vector<KernelSet>> list_ipsets();

/// Whether the kernel has a type in its revision; loads the type's module.
[[nodiscard]] bool has_ipset_type(net::Family family, const backend::SetType& type);

/// Makes a set with its elements, in the form that the kernel takes (backend::in_kernel_form()); gives its index. Under
/// its name it is there as a whole or not at all; one that has the name already is exchanged, for the rules that ask it as
/// well.
[[nodiscard]] std::expected<std::uint16_t, SetRefusal> create_ipset(const ir::Set& set, const SetDetails& details);

/// Error code EBUSY: rules or other sets use it.
[[nodiscard]] base::Result<void> destroy_ipset(std::string_view name);

/// The elements of a set.
[[nodiscard]] base::Result<std::vector<SetMember>> read_ipset(std::string_view name);

/// Gives elements that a set has other comments, and other counters when `with_counters`.
[[nodiscard]] base::Result<void> update_ipset(std::string_view name, std::span<const SetMember> members,
                                              bool with_counters);

/// Adds elements to a timed set, or gives those that it has another time, and takes others away; one that is not there
/// need not be taken away. Error code ENOENT: there is no such set.
[[nodiscard]] base::Result<void> change_timed_ipset(std::string_view name, std::span<const TimedElement> added,
                                                    std::span<const net::Prefix> removed);

}  // namespace vuurmuur::apply
