// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "analyse/sample.h"
#include "diag/diagnostic.h"
#include "net/address.h"
#include "prove/hook.h"
#include "saved/ruleset.h"

namespace vuurmuur::prove {

/// What a rule lets through between two devices, as the rule says it.
struct ReachedService {
  std::string text;                   ///< "tcp 22", "udp 1000 to 1010, if 'limit --limit 3/min'", "all"
  const saved::Rule* rule = nullptr;  ///< the first one of that text; null: the policy of the chain
  analyse::Sample packet;             ///< one that gets there
  bool operator==(const ReachedService& other) const { return text == other.text; }
};

/// Which services get from one device to another.
struct MatrixRow {
  Hook hook{};
  std::string in,
      out;  ///< "eth0", "tun+" (those that no other row names), "others"; empty where the chain has no such side
  std::vector<ReachedService> services;
};

struct ServiceMatrix {
  std::vector<MatrixRow> rows;            ///< by chain and device; those with services
  std::vector<std::string> not_modelled;  ///< what nothing was said of, as sentences
  std::size_t unfinished = 0;             ///< questions for which the budget ran out: what they ask for is not in it
};

/// Which services table filter lets get from which device to which, as first packets of connections that nobody has
/// marked: accepted, or given to a queue. Each of them has a packet that shows it, and what is not there does not get
/// through; of a service of several ports a rule before may take some. Conditions that packets do not tell stand with
/// it.
[[nodiscard]] ServiceMatrix services_between_devices(const saved::Ruleset& ruleset, net::Family family,
                                                     diag::Sink& sink);

}  // namespace vuurmuur::prove
