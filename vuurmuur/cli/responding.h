// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/response_policy.h"
#include "cli/service.h"
#include "control/own_names.h"
#include "respond/responder.h"

namespace vuurmuur::cli {

/// Does what a policy says of alerts: gathers whom they lead to while they come, and has the daemon, or this process
/// where there is none, block them together. Tells what it did, a line each.
class Responding {
 public:
  /// `is_dry`: only told. `arguments` and `context` outlive it.
  Responding(Context& context, const Arguments& arguments, ResponsePolicy policy, bool is_dry);

  /// Another policy from now on.
  void follow(ResponsePolicy policy);

  /// One line of EVE.
  void take(std::string_view line);
  /// Blocks whom the lines so far lead to.
  void block_pending();
  /// Tells how many alerts led to nothing for what reason since the last time, if any did. `skipped`: lines that were
  /// too long, from the beginning.
  void tell_left_out(std::size_t skipped);

 private:
  struct Pending {
    net::Address address;
    respond::Alert alert;
  };
  /// What is done with many at once: for how long, and where they are led to (empty: they are blocked).
  using What = std::pair<std::chrono::seconds, std::string>;

  [[nodiscard]] respond::Responder responder_of(ResponsePolicy policy);
  /// Whoever is blocked or led to a bait at the moment counts among those who may be.
  void remember_blocked();
  [[nodiscard]] base::Result<ipc::Json> ask(const std::string& method, const ipc::Json& parameters);
  /// Whether a bait has an address of the family; told when it has not.
  [[nodiscard]] bool can_lead(const net::Address& address, const std::string& bait);
  void tell_done(const Pending& pending, const What& what, const ipc::Json& answer);

  Context& context_;
  const Arguments& arguments_;
  bool is_dry_;
  Service service_;
  control::OwnNames own_;
  std::vector<sema::Bait> baits_;  ///< those of responder_, made before it with it
  respond::Responder responder_;
  std::map<What, std::vector<Pending>> pending_;
  std::size_t pending_count_ = 0;
  std::map<respond::Decision::Kind, std::size_t> left_out_;
  std::size_t unreadable_ = 0, skipped_told_ = 0;
};

}  // namespace vuurmuur::cli
