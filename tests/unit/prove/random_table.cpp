// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit/prove/random_table.h"

#include <fmt/format.h>

#include <initializer_list>

namespace vuurmuur::test {
namespace {

constexpr unsigned kChains = 5, kRules = 5;

}  // namespace

std::string random_table(std::mt19937& random, const RandomTable& what) {
  const auto any = [&](std::initializer_list<const char*> words) {
    return std::string(*(words.begin() + static_cast<std::ptrdiff_t>(random() % words.size())));
  };
  std::string heads = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n", rules;
  for (unsigned chain = 0; chain < kChains; ++chain) {
    if (chain != 0) heads += fmt::format(":VRMR-{} - [0:0]\n", chain);
    for (unsigned rule = 0; rule < 1 + random() % kRules; ++rule) {
      rules += chain == 0 ? "-A FORWARD" : fmt::format("-A VRMR-{}", chain);
      rules += any({"", "", " -s 10.0.0.0/30", " ! -s 10.0.0.0/31", " -d 10.0.0.2/32", " -i eth0", " -i eth+"});
      rules += any({"", " -p tcp -m tcp --dport 80:90", " -p tcp -m tcp ! --dport 80", " -p udp",
                    " -p icmp -m icmp --icmp-type 8"});
      rules += any({"", "", " -m conntrack --ctstate NEW", " -m conntrack --ctstate RELATED,ESTABLISHED"});
      rules += any({"", "", " -m connmark --mark 0x10000000/0x30000000", " -m connmark --mark 0x3000/0xffff000"});
      if (what.with_limits) rules += any({"", "", "", " -m limit --limit 3/min", " -m limit --limit 7/min"});
      if (what.with_marks)
        rules += any({"", "", "", " -m connmark ! --mark 0x3000/0x3000", " -m connmark --mark 0x10001000/0x30003000",
                      " -m mark --mark 0x10000000/0x30000000", " -m mark ! --mark 0x1000/0x3000"});
      if (what.with_marks && random() % 4 == 0) {
        rules += any({" -j CONNMARK --set-xmark 0x10003000/0x3ffff000\n", " -j CONNMARK --set-xmark 0x0/0x2000\n",
                      " -j CONNMARK --set-xmark 0x1000/0x0\n", " -j MARK --set-xmark 0x1000/0xf000\n",
                      " -j CONNMARK --save-mark --nfmask 0xffff --ctmask 0xffff\n",
                      " -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0x3fff0000\n"});
        continue;
      }
      const unsigned callee = chain + 1 + static_cast<unsigned>(random() % (kChains - chain));
      if (callee < kChains && random() % 2 == 0)
        rules += fmt::format("{} VRMR-{}\n", any({" -j", " -g"}), callee);
      else
        rules += any({" -j ACCEPT\n", " -j DROP\n", " -j RETURN\n", " -j REJECT --reject-with icmp-port-unreachable\n",
                      " -j NFQUEUE --queue-num 4\n"});
    }
  }
  return heads + rules + "COMMIT\n";
}

}  // namespace vuurmuur::test
