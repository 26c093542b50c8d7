// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::prove {

/// What becomes of a packet that a rule ends.
struct Verdict {
  enum class Kind : std::uint8_t { Accept, Drop, Reject, Queue, Translate };
  Kind kind = Kind::Drop;
  std::string reject_type;                        ///< of Reject, as iptables-extensions(8) names it
  std::uint16_t first_queue = 0, last_queue = 0;  ///< of Queue
  bool bypass = false, fanout = false;            ///< of Queue: --queue-bypass, --queue-cpu-fanout
  std::string translation{};                      ///< of Translate, as text_of(Translation) says it
  bool operator==(const Verdict&) const = default;
};

/// What a rule of table nat makes of an end.
struct Translation {
  bool is_destination = false;
  std::optional<net::Address> first{}, last{};  ///< nothing: an address of the device, or the one that it has
  std::optional<net::PortRange> ports{};        ///< nothing: the ones that it has
  bool is_random = false;                       ///< --random
};
/// "destination 192.0.2.1 port 80 to 90"; "source (of the device), random".
[[nodiscard]] std::string text_of(const Translation& translation);

/// What is done with a packet on its way.
struct Done {
  std::optional<std::uint32_t> connection_mark;  ///< our field of it, as it is in the mark
  /// Changes of the packet mark: bits that are cleared, bits that are then turned.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> packet_mark;
  std::vector<std::uint16_t> groups;  ///< NFLOG groups that get a copy
  std::string helper;                 ///< of connection tracking, that its connection gets; empty: none
  /// What only the moment tells, as it has to be for the packet to get here: limits, by the text of limit_text().
  std::vector<std::string> conditions;
  unsigned rule = 0;  ///< number of the policy's rule that they are here by; 0: none
};

/// "at most 4 in 60 s, burst 8 (rule 3)": limits that are written alike are the same one. Rule 0: none of the policy.
[[nodiscard]] std::string limit_text(std::uint64_t count, std::uint64_t seconds, std::uint64_t burst, unsigned rule);
/// "more than 10 a second from a source of 64 bits, burst 20".
[[nodiscard]] std::string source_limit_text(std::uint64_t count, std::uint64_t seconds, std::uint64_t burst,
                                            unsigned bits);
/// What rpfilter says of a packet that its own source would not be reached by (iptables-extensions(8)).
[[nodiscard]] std::string reverse_path_text();
/// TCPMSS --clamp-mss-to-pmtu.
[[nodiscard]] std::string clamp_text();
/// "queued to 0 to 3, connection mark 0x10000000".
[[nodiscard]] std::string text_of(const Verdict& verdict, const Done& done);
/// "at most 4 in 60 s, burst 8 (rule 3): ", empty without conditions.
[[nodiscard]] std::string conditions_text(const Done& done);
/// "logged to group 8 by rule 3".
[[nodiscard]] std::string log_text(std::uint16_t group, const Done& done);
/// "sent to chain my-checks by rule 3".
[[nodiscard]] std::string chain_text(const std::string& chain, const Done& done);

/// Behaviours by number: those with the same text are the same.
class Behaviours {
 public:
  [[nodiscard]] std::uint32_t number_of(const std::string& text) {
    const auto [place, is_new] = numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_.push_back(text);
    return place->second;
  }
  [[nodiscard]] const std::string& text(std::uint32_t number) const { return texts_[number]; }

 private:
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> texts_;
};

}  // namespace vuurmuur::prove
