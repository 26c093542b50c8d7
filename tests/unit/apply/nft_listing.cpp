// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_listing.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

constexpr const char* kListing = R"(table ip vuurmuur {
	counter rule-1-00aa {
		comment "rule 1: accept ssh from lan to {}"
		packets 7 bytes 420
	}

	set vrmr4-aa-bb {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.0/24, 198.51.100.7,
			     203.0.113.0/24 }
	}

	ct helper vrmr-helper-ftp-tcp {
		type "ftp" protocol tcp
		l3proto ip
	}

	chain filter_INPUT {
		type filter hook input priority filter; policy drop;
		jump filter_VRMR-INPUT
	}

	chain helper_PREROUTING {
		type filter hook prerouting priority -199; policy accept;
	}

	chain filter_VRMR-INPUT {
		tcp dport 22 counter name "rule-1-00aa" accept comment "rule 1: accept ssh"
		ip saddr @vrmr4-aa-bb counter name "rule-1-00aa" accept
		queue flags bypass to ct mark & 0x1ffff000 map { 0x10001000 : 1,
								 0x10002000 : 2 }
		drop
	}

	chain filter_PRE-VRMR-INPUT {
		ip saddr 192.0.2.9 drop comment "of {the} user"
	}
}
)";

std::string text_of(const std::vector<ListedTable>& tables) {
  std::string text;
  for (const ListedTable& table : tables) {
    text += std::string(to_string(table.engine)) + " " + std::string(ir::to_string(table.table)) + "\n";
    for (const ListedChain& chain : table.chains) {
      text += "  " + chain.name + (chain.own ? " own" : "") + " " + chain.policy + "\n";
      for (const ListedRule& rule : chain.rules)
        text += "    " + std::to_string(rule.packets) + " " + std::to_string(rule.bytes) + " " + rule.text + " # " +
                rule.origin + "\n";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a listing of nft becomes chains by the table that they stand for, with counters and origins") {
  CHECK(text_of(parse_nft_listing(kListing, net::Family::Ipv4)) ==
        "nft raw\n"
        "  helper_PREROUTING ACCEPT\n"
        "nft filter\n"
        "  INPUT DROP\n"
        "    0 0 jump filter_VRMR-INPUT # \n"
        "  VRMR-INPUT own \n"
        "    7 420 tcp dport 22 accept # rule 1: accept ssh\n"
        "    7 420 ip saddr @vrmr4-aa-bb accept # rule 1: accept ssh from lan to {}\n"
        "    0 0 queue flags bypass to ct mark & 0x1ffff000 map { 0x10001000 : 1, 0x10002000 : 2 } # \n"
        "    0 0 drop # \n"
        "  PRE-VRMR-INPUT \n"
        "    0 0 ip saddr 192.0.2.9 drop # of {the} user\n");
}

TEST_CASE("a listing of nothing has no tables") {
  CHECK(parse_nft_listing("", net::Family::Ipv4).empty());
  CHECK(parse_nft_listing("table ip6 vuurmuur {\n}\n", net::Family::Ipv6).empty());
}
