// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lab/gateway.h"
#include "reference/interpreter.h"
#include "support/policy_files.h"

namespace vuurmuur::kernel_test {

/// The first packet of something and how it gets into the machine.
struct Probe {
  std::string in_device;  ///< empty: the firewall sends it
  lab::Packet packet;
  net::MacAddress from = lab::Wire::kHostMac;
  /// What the kernel makes of it: INVALID for wrong checksums and for TCP packets that no connection begins with.
  reference::State state = reference::State::New;

  [[nodiscard]] std::string to_string() const;
};

/// The packet as the reference reads it.
[[nodiscard]] reference::Packet for_reference(const Probe& probe, const reference::World& world);

/// The connection mark, as far as it is ours, that an answer is remembered by.
[[nodiscard]] std::uint32_t connection_field(const reference::Answer& answer, const ir::MarkLayout& layout);

/// What was seen to become of a packet.
struct Outcome {
  reference::Verdict verdict = reference::Verdict::Drop;
  std::optional<std::uint16_t> queue;
  std::string out_device;  ///< by which it left; empty: delivered here (or nowhere)
  lab::Packet packet;      ///< as it left or was delivered
  std::uint32_t packet_mark = 0;
  std::vector<lab::LogRecord> records;  ///< without those of the mark watch

  [[nodiscard]] std::string to_string() const;
};

/// A gateway with a policy in it, to be compared packet by packet with the reference.
class Matrix {
 public:
  Matrix();

  /// Loads a policy. It must outlive the probes made of it.
  void use(const Policy& policy);

  /// Sends a probe and, when it begins a connection, what follows: the answer, a further packet, an ICMP error about
  /// it. Gives what differs from the reference, one text a difference; the connection is forgotten afterwards.
  [[nodiscard]] std::vector<std::string> differences(const Probe& probe);

  [[nodiscard]] lab::Gateway& gateway() { return gateway_; }
  [[nodiscard]] const reference::World& world() const { return world_; }
  /// How many packets were compared.
  [[nodiscard]] std::size_t compared() const { return compared_; }

  /// Groups and queues that policies of the matrix may use.
  static constexpr std::uint16_t kLogGroup = 8, kLastLogGroup = 12;
  static constexpr std::uint16_t kQueues[] = {0, 1, 2, 3, 7, 42, 300, 4096, 65535};
  static constexpr std::uint16_t kFirstOfRange = 100, kLastOfRange = 107;

 private:
  struct Following;
  [[nodiscard]] Outcome send(const Probe& probe);
  [[nodiscard]] Outcome watch(const lab::Packet& sent);
  void compare(const std::string& what, const reference::Answer& expected, const Outcome& seen,
               std::vector<std::string>& out);
  void compare_memory(const Probe& probe, const reference::Answer& expected, std::vector<std::string>& out);
  void follow(const Probe& probe, const reference::Answer& began, const Outcome& first, std::vector<std::string>& out);

  lab::Gateway gateway_;
  reference::World world_;
  const Policy* policy_ = nullptr;
  std::optional<reference::Interpreter> reference_;
  std::size_t compared_ = 0;
};

}  // namespace vuurmuur::kernel_test
