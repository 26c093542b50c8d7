// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/kill_connections.h"

#include <cerrno>
#include <system_error>

#include "control/live_connections_json.h"

namespace vuurmuur::control {
namespace {

/// By either side: on the way here it may have been another destination's (port forwarding).
bool is_same(const apply::LiveConnection& one, const apply::LiveConnection& own) {
  return one.original == own.original || one.reply == own.reply;
}

}  // namespace

base::Result<KillReport> kill_connections(apply::Kernel& kernel, const InForce& in_force, const KillRequest& request) {
  KillReport report;
  std::vector<apply::ConnectionChange> changes;
  const ConnectionQuery query{.filter = request.query.filter, .family = request.query.family};
  // Collected first: what ends while the table is read moves what comes behind it.
  static_cast<void>(VM_TRY(query_connections(kernel, in_force, query, [&](const NamedConnection& named) {
    const apply::LiveConnection& connection = named.tracked->connection;
    // They cannot be told apart by what names them here.
    if (connection.in_other_zone) return true;
    if (request.own && is_same(connection, *request.own)) report.has_own = true;
    if (report.connections.size() < request.most_told) report.connections.push_back(json_line(named));
    changes.push_back({.original = connection.original, .id = connection.id});
    return true;
  })));
  report.matched = changes.size();
  if (request.is_dry || (report.has_own && !request.may_end_own)) return report;
  for (const int answer : VM_TRY(kernel.change_connections(changes))) {
    if (answer == 0) {
      ++report.ended;
    } else if (answer == ENOENT) {
      ++report.gone;
    } else {
      ++report.failed;
      report.failure = std::generic_category().message(answer);
    }
  }
  return report;
}

}  // namespace vuurmuur::control
