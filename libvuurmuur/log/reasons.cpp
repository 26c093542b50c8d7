// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/reasons.h"

#include <array>
#include <string_view>

#include "log/escape.h"

namespace vuurmuur::log {
namespace {

struct Reason {
  std::string_view label;  ///< what a label begins with
  std::string_view text;
};

/// Of what the firewall does by itself: the labels of compile/log_identity.cpp.
constexpr std::array kReasons{
    Reason{"policy: ", "No rule of the configuration takes this packet, so it is dropped."},
    Reason{"protection: probe ", "Its TCP flags are ones that no honest peer sends together."},
    Reason{"protection: new connection without SYN",
           "It belongs to no connection that is known, and opens none: TCP without SYN."},
    Reason{"protection: urgent data",
           "It is urgent data, which programs behind its queue read otherwise than its end does."},
    Reason{"protection: fragments", "It is a fragment, and fragments are not let in one by one."},
    Reason{"protection: invalid packets",
           "It belongs to no connection and cannot begin one (state INVALID), as after a restart or an answer that was "
           "late."},
    Reason{"blocklist", "One of its ends is on the blocklist, or blocked for a time."},
    Reason{"blocked for a time", "One of its ends is blocked for a time (vuurmuur block)."},
    Reason{"rp-filter", "The answer to its source would leave by another interface: the source is taken to be forged."},
    Reason{"limit: syn", "Its source opened more TCP connections a second than SYN_LIMIT lets it."},
    Reason{"limit: udp", "Its source began more UDP flows a second than UDP_LIMIT lets it."},
    Reason{"spoofing from ", "Its source cannot be behind the network that it came from."},
    Reason{"spoofing to ", "Its destination cannot be behind the network that it would leave to."},
    Reason{"queue of a connection",
           "Its connection is to be inspected in a queue that there is not: it must not pass uninspected."},
};

struct Deed {
  std::string_view action, text;
};
constexpr std::array kDeeds{
    Deed{"ACCEPT", "it was let through"},
    Deed{"DROP", "it was dropped"},
    Deed{"REJECT", "it was refused, and its sender told so"},
    Deed{"NFQUEUE", "it went to a queue, for a program to decide"},
    Deed{"PORTFW", "it was forwarded to another host"},
    Deed{"REDIRECT", "it was redirected to a port of the firewall"},
    Deed{"BOUNCE", "it was bounced to another host behind the same interface"},
    Deed{"DNAT", "its destination was changed"},
    Deed{"SNAT", "its source was changed"},
    Deed{"MASQ", "its source became an address of the firewall"},
    Deed{"CHAIN", "a chain of the administrator's decided"},
    Deed{"NFLOG", "it was logged, and rules behind this one decided"},
};

std::string_view deed_of(std::string_view action) {
  for (const Deed& each : kDeeds)
    if (each.action == action) return each.text;
  return "it was logged";
}

}  // namespace

std::string why(const Entry& entry) {
  const std::string_view label = entry.rule.label;
  for (const Reason& reason : kReasons)
    if (label.starts_with(reason.label)) return std::string(reason.text);
  std::string text;
  if (label.empty()) {
    text = entry.rule.identity.empty() ? "Its line does not say which rule it was: "
                                       : "Which rule it was is not known any more: ";
  } else {
    append_escaped(text, label);
    // "rule 12: …" becomes the beginning of a sentence.
    if (text.starts_with('r')) text[0] = 'R';
    text += " was the first that this packet matched: ";
  }
  text += deed_of(entry.action);
  text += '.';
  return text;
}

}  // namespace vuurmuur::log
