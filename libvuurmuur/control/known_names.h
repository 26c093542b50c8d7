// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "model/policy.h"
#include "net/address.h"

namespace vuurmuur::control {

/// What DNS said last of a name, by family: its addresses, sorted; none when it said that there are none; nothing when
/// it was never heard.
struct KnownName {
  std::optional<std::vector<net::Address>> ipv4, ipv6;
  [[nodiscard]] std::optional<std::vector<net::Address>>& of(net::Family family) {
    return family == net::Family::Ipv4 ? ipv4 : ipv6;
  }
  [[nodiscard]] const std::optional<std::vector<net::Address>>& of(net::Family family) const {
    return family == net::Family::Ipv4 ? ipv4 : ipv6;
  }
  bool operator==(const KnownName&) const = default;
};
using KnownNames = std::map<std::string, KnownName, std::less<>>;

/// Where the addresses of a policy's names are taken from. Asked only for policies that have some.
using NameSource = std::function<KnownNames(const model::Policy&)>;

/// The last answers as text, a line for each name and family: "name.example 4 192.0.2.1 192.0.2.2"; no addresses: DNS said
/// that there are none.
[[nodiscard]] std::string names_to_text(const KnownNames& names);
/// Lines that say something else count for nothing.
[[nodiscard]] KnownNames names_from_text(std::string_view text);

/// The last answers that were written down in a state directory, DIRECTORY/names; none when there is no such file.
[[nodiscard]] base::Result<KnownNames> read_known_names(const base::FileSystem& files, const std::string& directory);

/// Writes answers down over those that are there, as a whole or not at all; gives all that are known then. Processes
/// take turns.
[[nodiscard]] base::Result<KnownNames> write_known_names(base::FileSystem& files, const std::string& directory,
                                                         const KnownNames& answers);

/// The known answers of a state directory; one that cannot be read knows none.
[[nodiscard]] NameSource known_names_in(const base::FileSystem& files, std::string directory);

/// A name and the family in which it is asked for.
struct NameQuestion {
  std::string name;
  net::Family family = net::Family::Ipv4;
  auto operator<=>(const NameQuestion&) const = default;
};

/// What a policy needs to know of DNS: of its active hosts. Sorted, without doubles.
[[nodiscard]] std::vector<NameQuestion> questions_of(const model::Policy& policy);

/// Forgets what was told of names that a policy does not ask for, so that the file does not grow for ever. For a policy
/// that is confirmed: what one that waits replaces still needs its own.
[[nodiscard]] base::Result<void> forget_other_names(base::FileSystem& files, const std::string& directory,
                                                    const model::Policy& policy);

}  // namespace vuurmuur::control
