// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "control/own_names.h"
#include "log/entry.h"
#include "model/policy.h"
#include "names/index.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// What a policy calls the ends and the services of packets that were logged. Holds all that it needs of the policy.
class LogNames final : public log::Namer {
 public:
  /// `policy` is the one that `model` was resolved to.
  LogNames(const model::Policy& model, const sema::Policy& policy);

  /// Which addresses this machine's devices have at the moment (getifaddrs(3)): those of interfaces that get theirs from
  /// others are the firewall's too. To be called now and then; takes no time in proportion to the policy.
  void look_around() { own_.look_around(); }

  void name(const log::Packet& packet, std::string_view in_device, std::string_view out_device,
            log::Names& names) const override;

 private:
  void name_end(const net::Address& address, std::string& name, std::string& zone) const;

  names::Index index_;
  OwnNames own_;
};

}  // namespace vuurmuur::control
