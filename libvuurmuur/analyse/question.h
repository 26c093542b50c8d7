// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "analyse/policy_boxes.h"
#include "diag/diagnostic.h"
#include "sema/objects.h"
#include "sema/policy.h"

// Which packets somebody asks about, in words.
namespace vuurmuur::analyse {

/// What names stand for: a policy, and the model that it was resolved from.
struct Configuration {
  const model::Policy& model;
  const sema::Objects& objects;
  const sema::Policy& policy;
};

/// One end of a question.
struct AskedEnd {
  std::string text = "any";
  sema::End end{};
  std::optional<net::Prefix> address{};  ///< written as one, or a network of such
  bool is_elsewhere = false;             ///< the address is not one of this machine
  bool stays_here = false;               ///< it is a broadcast or multicast address, which nothing is forwarded to
  bool is_inactive = false;              ///< the object is switched off: there are no such packets
};

/// Reads what a rule could have behind "from" and "to" (any, firewall, firewall(any), names of zones, networks, hosts
/// and groups), or an address or prefix. An address is one of this machine's where an interface is configured with it;
/// else it is behind the interfaces of the network with the longest prefix that holds it, or anywhere. What is wrong
/// goes into the sink.
[[nodiscard]] std::optional<AskedEnd> read_end(const Configuration& configuration,
                                               const model::Located<std::string>& text, diag::Sink& sink);

struct Question {
  AskedEnd from{}, to{};
  bool any_service = true;
  std::vector<model::PortSet> port_sets{};
  /// Devices of interfaces ("ppp+") that the packet comes in or leaves by; empty: not asked.
  std::vector<std::string> in{}, out{};
  std::optional<std::uint8_t> chain{};  ///< a value of Field::Chain
  std::optional<net::MacAddress> source_mac{};
  bool is_translated = false;  ///< its destination is already what rules translate it to
};

/// Puts the service of that name into a question. False when there is none, which was reported, or it is switched off.
[[nodiscard]] bool read_service(const Configuration& configuration, const model::Located<std::string>& name,
                                Question& question, diag::Sink& sink);

/// The devices of an interface, or of all interfaces of a zone or network, by name; a device's own name does too.
/// Nothing for other words, which were reported.
[[nodiscard]] std::optional<std::vector<std::string>> read_devices(const Configuration& configuration,
                                                                   const model::Located<std::string>& name,
                                                                   diag::Sink& sink);

/// The packets of a family that a question is about. None: there are none.
[[nodiscard]] std::vector<Box> boxes_of(const Question& question, const PolicyBoxes& boxes_of,
                                        const sema::Policy& policy);

}  // namespace vuurmuur::analyse
