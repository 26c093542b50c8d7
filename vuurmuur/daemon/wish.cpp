// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/wish.h"

#include <algorithm>
#include <array>

#include "control/own_connection.h"
#include "daemon/replies.h"

namespace vuurmuur::daemon {
namespace {

/// A day, as for the command line.
constexpr std::uint64_t kLongestConfirm = 86'400;

/// By apply::LiveConnections.
constexpr std::array<std::string_view, 3> kConnectionWords{"keep", "list", "enforce"};

/// One of some words, by its place.
template <class Words>
std::optional<std::size_t> read_word(Parameters& parameters, const std::string& name, const Words& words) {
  const auto value = parameters.text(name);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(words, *value);
  if (found == words.end()) parameters.refuse(name);
  return static_cast<std::size_t>(found - words.begin());
}

std::optional<std::chrono::seconds> read_confirm(Parameters& parameters) {
  const std::uint64_t seconds = parameters.number("confirm_seconds", kLongestConfirm).value_or(0);
  return seconds == 0 ? std::nullopt : std::optional(std::chrono::seconds(seconds));
}

}  // namespace

Wish read_wish(const ipc::Peer& peer, Parameters& parameters, const apply::Options& load) {
  return {.who = read_actor(peer, parameters),
          .comment = parameters.text("comment").value_or(""),
          .confirm = read_confirm(parameters),
          .own_connection = read_own_connection(parameters),
          .load = read_load(parameters, load)};
}

std::optional<model::Backend> read_backend(Parameters& parameters) {
  const auto word = read_word(parameters, "backend", model::kBackendWords);
  return word ? std::optional(static_cast<model::Backend>(*word)) : std::nullopt;
}

apply::LiveConnections read_connections(Parameters& parameters) {
  return static_cast<apply::LiveConnections>(read_word(parameters, "connections", kConnectionWords).value_or(0));
}

std::optional<apply::LiveConnection> read_own_connection(Parameters& parameters) {
  const auto text = parameters.text("own_connection");
  if (!text) return std::nullopt;
  auto connection = control::connection_from_ssh(*text);
  if (!connection) parameters.refuse("own_connection");
  return connection;
}

std::optional<std::chrono::seconds> read_wait(Parameters& parameters) {
  const auto seconds = parameters.number("wait_seconds", static_cast<std::uint64_t>(apply::kLockPatience.count()));
  return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

apply::Options read_load(Parameters& parameters, const apply::Options& load) {
  apply::Options options = load;
  const auto wait = read_wait(parameters);
  if (wait && options.lock_patience != std::chrono::milliseconds(0)) options.lock_patience = wait;
  return options;
}

}  // namespace vuurmuur::daemon
