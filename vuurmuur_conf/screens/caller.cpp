// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/caller.h"

#include "net/address.h"

namespace vuurmuur::screens {

ipc::Json with_caller(const app::Model& model, ipc::Json parameters) {
  // "uid 1000", of who has no name, is none to the daemon.
  if (!model.user.empty() && model.user.find(' ') == std::string::npos) parameters["person"] = model.user;
  // "192.0.2.7 51234 198.51.100.1 22" (ssh(1)); an address can have a scope: fe80::1%eth0.
  const std::string from = model.own_connection.substr(0, model.own_connection.find(' '));
  if (net::Address::parse(std::string_view(from).substr(0, from.find('%')))) parameters["from"] = from;
  return parameters;
}

ipc::Json own_connection_of(const app::Model& model) {
  return model.own_connection.empty() ? ipc::Json(nullptr) : ipc::Json(model.own_connection);
}

}  // namespace vuurmuur::screens
