// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/legality.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "net/ports.h"
#include "sema/rate.h"

namespace vuurmuur::sema {
namespace {

using model::Action;
using model::Endpoint;

constexpr std::uint32_t bit(Action action) { return 1u << static_cast<unsigned>(action); }

constexpr std::uint32_t bits(std::initializer_list<Action> actions) {
  std::uint32_t all = 0;
  for (Action action : actions) all |= bit(action);
  return all;
}

constexpr std::uint32_t kEvery =
    bits({Action::Accept, Action::Drop, Action::Reject, Action::Log, Action::Portfw, Action::Redirect, Action::Snat,
          Action::Masq, Action::Dnat, Action::Bounce, Action::Chain, Action::Nfqueue, Action::Nflog});
constexpr std::uint32_t kToHost = bits({Action::Portfw, Action::Dnat, Action::Bounce});
constexpr std::uint32_t kSourceNat = bits({Action::Snat, Action::Masq});

/// An option of the rule language: where it stands in a rule, which actions it means something to, which need it.
struct OptionRow {
  std::string_view name;
  std::optional<diag::Span> (*span)(const model::Options&);
  std::uint32_t actions;
  std::uint32_t mandatory;
};

template <auto Member>
std::optional<diag::Span> span_of(const model::Options& options) {
  const auto& option = options.*Member;
  if (!option) return std::nullopt;
  return option->span;
}

using model::Options;

constexpr std::array kOptions{
    OptionRow{"log", span_of<&Options::log>, kEvery & ~bit(Action::Log), 0},
    OptionRow{"loglimit", span_of<&Options::log_limit>, kEvery, 0},
    OptionRow{"logprefix", span_of<&Options::log_prefix>, kEvery, 0},
    OptionRow{"limit", span_of<&Options::limit>, kEvery, 0},
    OptionRow{"burst", span_of<&Options::burst>, kEvery, 0},
    OptionRow{"listenport", span_of<&Options::listen_ports>, kToHost, 0},
    OptionRow{"remoteport", span_of<&Options::remote_ports>, kToHost, 0},
    OptionRow{"redirectport", span_of<&Options::redirect_port>, bit(Action::Redirect), bit(Action::Redirect)},
    // Source NAT happens behind routing, where the interface a packet came in by is no longer known.
    OptionRow{"in_int", span_of<&Options::in_interface>, kEvery & ~kSourceNat, 0},
    OptionRow{"out_int", span_of<&Options::out_interface>, kEvery, 0},
    OptionRow{"via_int", span_of<&Options::via_interface>, bit(Action::Bounce), bit(Action::Bounce)},
    OptionRow{"rejecttype", span_of<&Options::reject_type>, bit(Action::Reject), 0},
    OptionRow{"nfmark", span_of<&Options::nfmark>,
              bits({Action::Accept, Action::Nfqueue, Action::Nflog, Action::Portfw, Action::Redirect, Action::Bounce}),
              0},
    OptionRow{"chain", span_of<&Options::chain>, bit(Action::Chain), bit(Action::Chain)},
    OptionRow{"nfqueuenum", span_of<&Options::queue>, bit(Action::Nfqueue), 0},
    OptionRow{"bypass", span_of<&Options::queue_bypass>, bit(Action::Nfqueue), 0},
    OptionRow{"fanout", span_of<&Options::queue_fanout>, bit(Action::Nfqueue), 0},
    OptionRow{"release", span_of<&Options::queue_release>, bit(Action::Nfqueue), 0},
    OptionRow{"dropurg", span_of<&Options::queue_drop_urgent>, bit(Action::Nfqueue), 0},
    OptionRow{"nflognum", span_of<&Options::log_group>, bit(Action::Nflog), 0},
    OptionRow{"random", span_of<&Options::random>, kToHost | kSourceNat | bit(Action::Redirect), 0},
};

bool check_options(const model::Rule& rule, diag::Sink& sink) {
  bool usable = true;
  const Action action = *rule.action;
  for (const OptionRow& row : kOptions) {
    const auto span = row.span(rule.options);
    if (span && (row.actions & bit(action)) == 0)
      sink.warning("option-without-effect", *span,
                   fmt::format("option '{}' has no effect with action '{}'", row.name, to_string(action)));
    if (!span && (row.mandatory & bit(action)) != 0) {
      sink.error("option-missing", rule.action.span,
                 fmt::format("action '{}' needs the option '{}'", to_string(action), row.name));
      usable = false;
    }
  }
  const Options& options = rule.options;
  const bool logs = options.log || action == Action::Log;
  if (!logs && options.log_limit)
    sink.warning("option-without-effect", options.log_limit->span, "option 'loglimit' has no effect without 'log'");
  if (!logs && options.log_prefix)
    sink.warning("option-without-effect", options.log_prefix->span, "option 'logprefix' has no effect without 'log'");
  if (options.burst && !options.limit)
    sink.warning("option-without-effect", options.burst->span, "option 'burst' has no effect without 'limit'");
  return usable;
}

/// The kernel keeps 64 bytes for a log prefix with its final NUL (xt_NFLOG.h); "vrmr: ACTION ", a blank and the
/// identity behind it are ours (ir/log_prefix.h).
bool check_log_prefix(const model::Rule& rule, diag::Sink& sink) {
  constexpr std::size_t kKernelPrefix = 63;
  constexpr std::string_view kLead = "vrmr: ", kIdentity = "#k3v9f0wx";
  const auto& prefix = rule.options.log_prefix;
  if (!prefix) return true;
  // Records of a log rule have the word NFLOG.
  const std::size_t word = to_string(*rule.action == Action::Log ? Action::Nflog : *rule.action).size();
  const std::size_t room = kKernelPrefix - kLead.size() - word - 2 - kIdentity.size();
  if (prefix->value.size() <= room) return true;
  sink.error("logprefix-too-long", prefix->span,
             fmt::format("the log prefix has {} bytes, the kernel has room for {} with action '{}'",
                         prefix->value.size(), room, to_string(*rule.action)));
  return false;
}

/// Names that iptables takes for a chain: 28 characters, no blank, no leading '-' or '!' (iptables(8)).
bool check_chain_name(const model::Rule& rule, diag::Sink& sink) {
  constexpr std::size_t kMost = 28;
  const auto& chain = rule.options.chain;
  if (!chain || *rule.action != Action::Chain) return true;
  const std::string& name = chain->value;
  if (name.empty() || name.size() > kMost) {
    sink.error("chain-name", chain->span,
               fmt::format("a chain's name has 1 to {} characters, this one has {}", kMost, name.size()));
    return false;
  }
  for (const char c : name) {
    if (c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\') continue;
    sink.error("chain-name", chain->span, "a chain's name has no blanks, quotes or control characters");
    return false;
  }
  if (name[0] == '-' || name[0] == '!') {
    sink.error("chain-name", chain->span, fmt::format("a chain's name does not begin with '{}'", name[0]));
    return false;
  }
  for (std::string_view own : {"VRMR-", "PRE-VRMR-"}) {
    if (!name.starts_with(own)) continue;
    sink.error("chain-name", chain->span, fmt::format("chains whose names begin with '{}' are Vuurmuur's own", own));
    return false;
  }
  for (std::string_view builtin :
       {"INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING", "ACCEPT", "DROP", "RETURN", "QUEUE"}) {
    if (name != builtin) continue;
    sink.error("chain-name", chain->span, fmt::format("'{}' is no chain of the user's", name));
    return false;
  }
  return true;
}

bool is_firewall(const Endpoint& end) {
  return end.kind == Endpoint::Kind::Firewall || end.kind == Endpoint::Kind::FirewallAny;
}

bool check_ends(const model::Rule& rule, diag::Sink& sink) {
  const Action action = *rule.action;
  const Endpoint& from = *rule.from;
  const Endpoint& to = *rule.to;
  const auto refuse = [&](const char* code, diag::Span span, std::string message) {
    sink.error(code, span, std::move(message));
    return false;
  };
  if (is_firewall(from) && is_firewall(to))
    return refuse("firewall-to-firewall", rule.to.span, "a rule cannot go from the firewall to the firewall");
  if (from.kind == Endpoint::Kind::Broadcast)
    return refuse("broadcast-source", rule.from.span, "a broadcast address can only be the destination of a rule");
  if ((bit(action) & kToHost) != 0) {
    if (is_firewall(from))
      return refuse("nat-from-firewall", rule.from.span,
                    fmt::format("action '{}' is for traffic that comes in: its source cannot be the firewall",
                                to_string(action)));
    if (to.kind != Endpoint::Kind::Member)
      return refuse(
          "nat-to-host", rule.to.span,
          fmt::format("action '{}' needs a single host as destination, not '{}'", to_string(action), to_string(to)));
  }
  if (action == Action::Redirect && is_firewall(from))
    return refuse("nat-from-firewall", rule.from.span,
                  "action 'redirect' is for traffic that comes in: its source cannot be the firewall");
  if ((bit(action) & kSourceNat) != 0) {
    if (to.kind == Endpoint::Kind::Any || is_firewall(to) || to.kind == Endpoint::Kind::Broadcast)
      return refuse("snat-destination", rule.to.span,
                    fmt::format("action '{}' needs a zone, network or host as destination, not '{}'", to_string(action),
                                to_string(to)));
    if (is_firewall(from))
      return refuse("snat-source", rule.from.span,
                    fmt::format("action '{}' is for traffic that passes through: its source cannot be the firewall",
                                to_string(action)));
  }
  if (to.kind == Endpoint::Kind::Broadcast &&
      (bit(action) & bits({Action::Accept, Action::Drop, Action::Reject, Action::Log, Action::Chain})) == 0)
    return refuse("broadcast-action", rule.to.span,
                  fmt::format("action '{}' cannot have a broadcast address as destination", to_string(action)));
  return true;
}

bool check_ports(const model::Rule& rule, diag::Sink& sink) {
  const auto& listen = rule.options.listen_ports;
  const auto& remote = rule.options.remote_ports;
  if (!remote || remote->value.size() == 1) return true;
  const std::size_t wanted = listen ? listen->value.size() : 1;
  if (remote->value.size() == wanted) return true;
  sink.error("remoteport-count", remote->span,
             fmt::format("'remoteport' has {} entries: expected one, or as many as 'listenport' has ({})",
                         remote->value.size(), listen ? wanted : 0));
  return false;
}

bool check_burst(const model::Rule& rule, diag::Sink& sink) {
  const auto& limit = rule.options.limit;
  const auto& burst = rule.options.burst;
  if (!limit || !burst || limit->value.count == 0 || burst->value <= max_burst(limit->value)) return true;
  sink.error("burst-too-large", burst->span,
             fmt::format("the kernel cannot count a burst of {} at that limit: at most {}, a day's worth", burst->value,
                         max_burst(limit->value)));
  return false;
}

/// The kernel keeps how many queues there are in 16 bits (struct xt_NFQ_info_v3): 65,536 do not fit.
bool check_queues(const model::Rule& rule, diag::Sink& sink) {
  const auto& queue = rule.options.queue;
  if (!queue || queue->value.first != 0 || queue->value.last != 65535) return true;
  sink.error("queue-range", queue->span, "one rule can balance over at most 65,535 queues, 0:65535 are 65,536");
  return false;
}

}  // namespace

bool check_legality(const model::Rule& rule, diag::Sink& sink) {
  bool usable = check_options(rule, sink);
  usable = check_ends(rule, sink) && usable;
  usable = check_log_prefix(rule, sink) && usable;
  usable = check_chain_name(rule, sink) && usable;
  usable = check_ports(rule, sink) && usable;
  usable = check_burst(rule, sink) && usable;
  usable = check_queues(rule, sink) && usable;
  return usable;
}

std::vector<OptionUse> options_of(Action action) {
  std::vector<OptionUse> uses;
  for (const bool is_mandatory : {true, false}) {
    for (const OptionRow& row : kOptions) {
      if ((row.actions & bit(action)) != 0 && ((row.mandatory & bit(action)) != 0) == is_mandatory)
        uses.push_back({.name = row.name, .is_mandatory = is_mandatory});
    }
  }
  return uses;
}

}  // namespace vuurmuur::sema
