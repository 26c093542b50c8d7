// SPDX-License-Identifier: GPL-2.0-or-later
// What the service changes beside loading configurations.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "control/blocks_json.h"
#include "control/session.h"
#include "daemon/block_list.h"
#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "daemon/wish.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

namespace {

/// "addresses", as Blocks takes them; an empty list refuses the parameter.
std::vector<net::Prefix> read_addresses(Parameters& parameters) {
  std::vector<net::Prefix> prefixes;
  for (const std::string& word : parameters.texts("addresses")) {
    const auto prefix = net::Prefix::parse(word);
    // Everybody: that would block this machine from all others.
    if (!prefix || prefix->is_any()) {
      parameters.refuse("addresses");
      return {};
    }
    prefixes.push_back(prefix->network());
  }
  if (prefixes.empty()) parameters.refuse("addresses");
  std::ranges::sort(prefixes);
  prefixes.erase(std::ranges::unique(prefixes).begin(), prefixes.end());
  return prefixes;
}

/// The same, of single addresses only.
std::vector<net::Address> read_hosts(Parameters& parameters) {
  std::vector<net::Address> addresses;
  for (const net::Prefix& prefix : read_addresses(parameters)) {
    if (prefix != net::Prefix::host(prefix.address)) {
      parameters.refuse("addresses");
      return {};
    }
    addresses.push_back(prefix.address);
  }
  return addresses;
}

/// "192.0.2.66, 192.0.2.67 to honeypot.net.dmz"; of many their number.
std::string who_is_led(std::span<const net::Address> addresses, std::string_view to) {
  constexpr std::size_t kMostNamed = 10;
  std::vector<std::string> texts;
  if (addresses.size() <= kMostNamed)
    for (const net::Address& address : addresses) texts.push_back(address.to_string());
  else
    texts.push_back(fmt::format("{} addresses", addresses.size()));
  return fmt::format("{}{}{}", fmt::join(texts, ", "), to.empty() ? "" : " to ", to);
}

}  // namespace

Reply ManagerService::confirm(const Caller& caller, Parameters& parameters) {
  const history::Actor who = read_actor(caller.peer, parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto session = control::Session::open(files_, settings_.state_directory, load_of(caller), settings_.wait);
  if (!session) return refusal(session.error());
  const auto confirmed = (*session)->manager().confirm(who);
  if (!confirmed) return refusal(confirmed.error());
  const auto known = control::read_known_names(files_, settings_.state_directory);
  if (const auto journal = (*session)->store().read_journal(); journal && known && !known->empty())
    if (const auto checked = control::read_generation((*session)->store(), *journal->find(*confirmed)))
      forget_other_names((*checked)->tree.policy);
  return {.parameters = {{"confirmed", *confirmed}}};
}

Reply ManagerService::take_back(const Caller& caller, Parameters& parameters) {
  const history::Actor who = read_actor(caller.peer, parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto session = control::Session::open(files_, settings_.state_directory, load_of(caller), settings_.wait);
  if (!session) return refusal(session.error());
  const auto back = (*session)->manager().take_back(who, "on request");
  if (!back) return refusal(back.error());
  return {.parameters = {{"taken_back", number_or_null(back->from)},
                         {"in_force", number_or_null(back->to)},
                         {"reason", back->reason},
                         {"warnings", back->report.warnings}}};
}

Reply ManagerService::clear(const Caller& caller, Parameters& parameters) {
  const history::Actor who = read_actor(caller.peer, parameters);
  const apply::Options load = read_load(parameters, load_of(caller));
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto session = control::Session::open(files_, settings_.state_directory, load, settings_.wait);
  if (!session) return refusal(session.error());
  const auto report = (*session)->manager().clear(who);
  if (!report) return refusal(report.error());
  return {.parameters = {{"rules", report->rules},
                         {"ended_connections", report->ended_connections},
                         {"warnings", report->warnings}}};
}

control::Blocks& ManagerService::blocks() {
  if (!block_list_) block_list_ = std::make_unique<BlockList>(files_, settings_.state_directory);
  return block_list_->blocks;
}

Reply ManagerService::block(const Caller&, Parameters& parameters) {
  const std::vector<net::Prefix> prefixes = read_addresses(parameters);
  const auto seconds = parameters.number("for_seconds", control::kLongestBlock.count());
  const bool kill = parameters.flag("kill");
  if (seconds == 0U) return invalid("for_seconds");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto report =
      blocks().block(prefixes, seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt, kill);
  if (!report) return refusal(report.error());
  return {.parameters = {{"in_force", report->is_in_force}, {"ended_connections", report->ended_connections}}};
}

Reply ManagerService::unblock(const Caller&, Parameters& parameters) {
  const std::vector<net::Prefix> prefixes = read_addresses(parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto report = blocks().unblock(prefixes);
  if (!report) return refusal(report.error());
  return {.parameters = {{"unblocked", report->changed}}};
}

Reply ManagerService::bait(const Caller& caller, Parameters& parameters) {
  const std::vector<net::Address> addresses = read_hosts(parameters);
  const std::string to = parameters.text("to").value_or("");
  const auto seconds = parameters.number("for_seconds", control::kLongestBlock.count());
  const history::Actor who = read_actor(caller.peer, parameters);
  if (!control::may_name_bait(to)) return invalid("to");
  if (seconds == 0U) return invalid("for_seconds");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto report =
      blocks().lead(addresses, to, seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt);
  if (!report) return refusal(report.error());
  step("baited", who, who_is_led(addresses, to));
  return {.parameters = {{"in_force", report->is_in_force}, {"ended_connections", report->ended_connections}}};
}

Reply ManagerService::unbait(const Caller& caller, Parameters& parameters) {
  const std::vector<net::Address> addresses = read_hosts(parameters);
  const history::Actor who = read_actor(caller.peer, parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto released = blocks().release(addresses);
  if (!released) return refusal(released.error());
  if (*released != 0) step("unbaited", who, who_is_led(addresses, ""));
  return {.parameters = {{"unbaited", *released}}};
}

Reply ManagerService::baited(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto baited = blocks().list_baited();
  if (!baited) return refusal(baited.error());
  Json documents = Json::array();
  for (const control::Baited& each : *baited) documents.push_back(control::json_of(each));
  return {.parameters = {{"baited", std::move(documents)}}};
}

Reply ManagerService::end_connections(const Caller&, Parameters& parameters) {
  const std::vector<net::Prefix> prefixes = read_addresses(parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto ended = blocks().end_connections(prefixes);
  if (!ended) return refusal(ended.error());
  return {.parameters = {{"ended_connections", *ended}}};
}

Reply ManagerService::blocked(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto blocked = blocks().list();
  if (!blocked) return refusal(blocked.error());
  Json documents = Json::array();
  for (const control::Block& block : *blocked) documents.push_back(control::json_of(block));
  return {.parameters = {{"blocked", std::move(documents)}}};
}

}  // namespace vuurmuur::daemon
