// SPDX-License-Identifier: GPL-2.0-or-later
// A map with elements that return, asked by packets: each is counted where it would be rule by rule.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

#include "backend/nft_maps.h"
#include "backend/nft_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"
#include "unit/backend/tree_with_holes.h"

namespace vuurmuur::backend::nft {
namespace {

using namespace backend_test;

constexpr std::uint16_t kFirstPort = 1000;
constexpr std::uint32_t kNumbers = 16;

/// Connections get the mark that their destination port tells, before the tree is asked.
std::string marking_rules() {
  std::string rules =
      "table ip marks {\n\tchain output {\n\t\ttype filter hook output priority -150;\n\t\tct mark set udp dport map "
      "{ ";
  for (std::uint32_t i = 0; i < kNumbers; ++i)
    rules += std::to_string(kFirstPort + i) + " : " + std::to_string(i << kHoleShift | 3) + ", ";
  return rules + "}\n\t}\n}\n";
}

/// Sends a datagram over the loopback interface to a socket that takes it.
void send_to(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  const base::UniqueFd receiver(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(receiver.get(), generic, sizeof address) == 0);
  const base::UniqueFd sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::sendto(sender.get(), "x", 1, 0, generic, sizeof address) == 1);
}

/// What each counter of our table has counted.
std::vector<unsigned> packets_counted() {
  const std::string listed = lab::run_ok({"nft", "list", "table", "ip", std::string(kTable)});
  std::vector<unsigned> counted;
  for (Index i = 0; i < kHoleCounters; ++i) {
    constexpr std::string_view kWord = "packets ";
    const std::size_t begin = listed.find("counter hole-" + std::to_string(i) + " {");
    REQUIRE(begin != std::string::npos);
    const std::string_view rest = std::string_view(listed).substr(listed.find(kWord, begin) + kWord.size());
    counted.push_back(base::parse_number<unsigned>(rest.substr(0, rest.find(' '))).value());
  }
  return counted;
}

}  // namespace

TEST_CASE("who falls off a branch of a map is not asked what stands behind the map") {
  lab::enter_laboratory();
  Program maps = tree_with_holes();
  use_maps(maps);
  REQUIRE(maps.sets.size() == 1);
  for (const Program& program : {tree_with_holes(), maps}) {
    const lab::NetNamespace space;
    const lab::Inside inside(space);
    lab::run_ok({"nft", "-f", "-"}, text(program));
    lab::run_ok({"nft", "-f", "-"}, marking_rules());
    std::vector<unsigned> expected(kHoleCounters, 0);
    for (std::uint32_t number = 0; number < kNumbers; ++number) {
      INFO(number);
      send_to(static_cast<std::uint16_t>(kFirstPort + number));
      if (const auto leaf = leaf_of(number)) {
        ++expected[*leaf];
      } else {
        if (!falls_off_branch(number)) ++expected[kBehindTree];
        ++expected[kBehindJump];
      }
      CHECK(packets_counted() == expected);
    }
  }
}

}  // namespace vuurmuur::backend::nft
