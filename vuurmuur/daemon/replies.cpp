// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/replies.h"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>

#include "net/address.h"

namespace vuurmuur::daemon {
namespace {

/// A name that may stand in the history: of people, as long as they get, and nothing that a terminal obeys.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// sshd writes a link-local address with its device: "fe80::1%eth0".
bool is_address(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (!net::Address::parse(text.substr(0, percent))) return false;
  return percent == std::string_view::npos || is_name(text.substr(percent));
}

}  // namespace

ipc::Reply error(std::string_view name, ipc::Json parameters) {
  return {.parameters = std::move(parameters), .error = fmt::format("{}.{}", kManager, name)};
}

ipc::Reply refusal(const base::Error& why) {
  return error(why.code == EWOULDBLOCK ? "Busy" : "Refused", {{"message", why.message}, {"code", why.code}});
}

ipc::Reply refusal(std::string_view why) { return error("Refused", {{"message", why}, {"code", 0}}); }

bool is_locked_out(const ipc::Reply& reply) {
  return reply.error == fmt::format("{}.Refused", kManager) && reply.parameters.value("code", 0) == ETIMEDOUT;
}

ipc::Reply invalid(std::string_view parameter) {
  return {.parameters = {{"parameter", parameter}}, .error = fmt::format("{}.InvalidParameter", kService)};
}

ipc::Reply expected_more() {
  return {.parameters = ipc::Json::object(), .error = fmt::format("{}.ExpectedMore", kService)};
}

history::Actor read_actor(const ipc::Peer& peer, Parameters& parameters) {
  const passwd* entry = ::getpwuid(peer.uid);
  history::Actor actor{.uid = peer.uid,
                       .user = entry == nullptr ? fmt::format("uid {}", peer.uid) : entry->pw_name,
                       .from = parameters.text("from").value_or("")};
  if (!actor.from.empty() && !is_address(actor.from)) parameters.refuse("from");
  if (const auto person = parameters.text("person")) {
    if (!is_name(*person)) parameters.refuse("person");
    // Whoever is not root could be anybody by his own word.
    if (peer.uid == 0) actor.user = *person;
  }
  return actor;
}

ipc::Json number_or_null(std::optional<history::Number> value) {
  return value ? ipc::Json(*value) : ipc::Json(nullptr);
}

}  // namespace vuurmuur::daemon
