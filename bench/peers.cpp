// SPDX-License-Identifier: GPL-2.0-or-later
#include "peers.h"

#include <fmt/format.h>
#include <sys/mount.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace vuurmuur::bench {
namespace {

constexpr const char* kShorewallSettings = "/etc/shorewall/shorewall.conf";
constexpr const char* kShorewallState = "/var/lib/shorewall";

template <const char* kProgram>
std::optional<std::string> missing() {
  if (find_program(kProgram)) return std::nullopt;
  return fmt::format("{} is not installed", kProgram);
}

constexpr char kLegacyRestore[] = "iptables-legacy-restore", kNftRestore[] = "iptables-nft-restore", kNft[] = "nft",
               kFerm[] = "ferm", kShorewall[] = "shorewall";

std::optional<std::string> always_there() { return std::nullopt; }

/// What nobody has looked at how to run without touching the machine.
std::optional<std::string> never_run() {
  return "it keeps its configuration or a daemon on the machine itself, which the benchmark does not touch";
}

base::Result<void> write_vuurmuur(const PeerPolicy& policy, const std::string& directory) {
  return write_tree(policy.vuurmuur(), directory + "/tree");
}
base::Result<Cost> run_vuurmuur(const std::string& directory) {
  return run_program({VUURMUUR_PROGRAM, "apply", "--state-dir=" + directory + "/state", directory + "/tree"});
}

base::Result<void> write_iptables(const PeerPolicy& policy, const std::string& directory) {
  return write_file(directory + "/rules", policy.iptables());
}
base::Result<Cost> run_legacy_restore(const std::string& directory) {
  return run_program({kLegacyRestore}, directory + "/rules");
}
base::Result<Cost> run_nft_restore(const std::string& directory) {
  return run_program({kNftRestore}, directory + "/rules");
}

base::Result<void> write_nft(const PeerPolicy& policy, const std::string& directory) {
  return write_file(directory + "/rules.nft", policy.nft());
}
base::Result<void> write_nft_sets(const PeerPolicy& policy, const std::string& directory) {
  return write_file(directory + "/rules.nft", policy.nft_sets());
}
base::Result<Cost> run_nft(const std::string& directory) { return run_program({kNft, "-f", directory + "/rules.nft"}); }

base::Result<void> write_ferm(const PeerPolicy& policy, const std::string& directory) {
  return write_file(directory + "/ferm.conf", policy.ferm());
}
base::Result<Cost> run_ferm(const std::string& directory) { return run_program({kFerm, directory + "/ferm.conf"}); }

/// Its own settings with other paths: nothing of it but its program is the machine's.
base::Result<void> write_shorewall(const PeerPolicy& policy, const std::string& directory) {
  VM_TRY_VOID(write_tree(policy.shorewall(), directory + "/shorewall"));
  std::ifstream file(kShorewallSettings);
  if (!file) return base::failure(fmt::format("cannot read {}", kShorewallSettings));
  std::string settings(std::istreambuf_iterator<char>(file), {});
  settings += fmt::format(
      "\nSTARTUP_ENABLED=Yes\nSTARTUP_LOG=\nVERBOSITY=0\nIPTABLES={}\nLOAD_HELPERS_ONLY=Yes\n"
      "CONFIG_PATH=\"{}/shorewall:/usr/share/shorewall\"\n",
      find_program("iptables-legacy").value_or("iptables-legacy"), directory);
  VM_TRY_VOID(write_file(directory + "/shorewall/shorewall.conf", settings));
  // Seen by this process and its children alone: the mount namespace is its own.
  if (::mount("shorewall", kShorewallState, "tmpfs", 0, nullptr) != 0)
    return base::system_error(fmt::format("lay an empty directory over {}", kShorewallState), errno);
  // It takes a lock in /var/lock, which is below /run.
  return write_file("/run/lock/.shorewall", "");
}
base::Result<Cost> run_shorewall(const std::string& directory) {
  return run_program({kShorewall, "-q", "start", directory + "/shorewall"});
}

constexpr std::string_view kConfiguration = "its configuration", kRules = "rules given";

}  // namespace

std::span<const Peer> peers() {
  static constexpr Peer kPeers[] = {
      {"vuurmuur apply", kConfiguration, always_there, write_vuurmuur, run_vuurmuur},
      {"iptables-legacy-restore", kRules, missing<kLegacyRestore>, write_iptables, run_legacy_restore},
      {"iptables-nft-restore", kRules, missing<kNftRestore>, write_iptables, run_nft_restore},
      {"nft -f, rules", kRules, missing<kNft>, write_nft, run_nft},
      {"nft -f, sets", kRules, missing<kNft>, write_nft_sets, run_nft},
      {"ferm", kConfiguration, missing<kFerm>, write_ferm, run_ferm},
      {"shorewall start", kConfiguration, missing<kShorewall>, write_shorewall, run_shorewall},
      {"foomuuri", kConfiguration, never_run, nullptr, nullptr},
      {"firewalld", kConfiguration, never_run, nullptr, nullptr},
      {"ufw", kConfiguration, never_run, nullptr, nullptr},
  };
  return kPeers;
}

}  // namespace vuurmuur::bench
