// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/tracked_connection.h"
#include "control/own_names.h"
#include "filter/filter.h"
#include "filter/subject.h"
#include "ir/marks.h"
#include "names/index.h"

namespace vuurmuur::control {

/// A live connection in the words of the policy in force. Refers to the connection, to the index, and to the namer that
/// made it, until that makes another one.
struct NamedConnection {
  const apply::TrackedConnection* tracked = nullptr;
  /// Who opened it and, where that is another one, as whom the other side sees him.
  std::array<filter::End, 2> sources{};
  /// Who answers and, where that is another one, whom the source asked.
  std::array<filter::End, 2> destinations{};
  std::size_t source_count = 1, destination_count = 1;
  std::string_view service{};  ///< empty: none of the policy
  ir::MarkField field{};
  std::string_view rule{}, place{};  ///< that admits it now; empty when that was not asked, or cannot be told

  [[nodiscard]] const filter::End& source() const { return sources.front(); }
  [[nodiscard]] const filter::End& destination() const { return destinations.front(); }
  [[nodiscard]] filter::Subject subject() const;
};

/// Gives connections their names.
class ConnectionNamer {
 public:
  /// All must outlive it. `own`: addresses of this machine that the index does not have.
  ConnectionNamer(const names::Index& names, const ir::MarkLayout& marks, const OwnNames* own = nullptr)
      : names_(names), marks_(marks), own_(own) {}

  /// With as much of it as a filter asks for, or with all but groups and rules.
  [[nodiscard]] NamedConnection of(const apply::TrackedConnection& tracked, const filter::Needs& needs);
  [[nodiscard]] NamedConnection of(const apply::TrackedConnection& tracked) { return of(tracked, kAll); }

  static constexpr filter::Needs kAll{.names = true, .groups = false, .service = true, .rule = false};

 private:
  [[nodiscard]] filter::End end(const net::Address& address, std::uint16_t port, bool has_port,
                                const filter::Needs& needs, std::size_t place);

  const names::Index& names_;
  const ir::MarkLayout& marks_;
  const OwnNames* own_;
  std::array<std::vector<std::string_view>, 4> groups_;
};

/// The service of a connection: by what was asked for or, where the policy has no name for that, by who answers.
[[nodiscard]] std::optional<std::string_view> service_of(const names::Index& names,
                                                         const apply::LiveConnection& connection);

/// "printer.wired.lan:40000", "192.0.2.7:443", "[2001:db8::1]:443", "web.srv.dmz".
[[nodiscard]] std::string text_of(const filter::End& end);

/// The service's name, "40000->443(tcp)" without one, "8/0(icmp)" of ICMP, "gre" of the others.
[[nodiscard]] std::string service_text(const NamedConnection& named);

/// "queue 5", "group 3", "mark 7"; empty for a plain one.
[[nodiscard]] std::string field_text(const ir::MarkField& field);

}  // namespace vuurmuur::control
