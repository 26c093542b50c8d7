// SPDX-License-Identifier: GPL-2.0-or-later
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "apply/foreign_rules.h"
#include "apply/foreign_targets.h"
#include "apply/nft_tables.h"

namespace vuurmuur::apply {
namespace {

std::string_view family_name(std::uint32_t family) {
  switch (family) {
    case NFPROTO_IPV4: return "ip";
    case NFPROTO_IPV6: return "ip6";
    case NFPROTO_INET: return "inet";
    case NFPROTO_ARP: return "arp";
    case NFPROTO_BRIDGE: return "bridge";
    case NFPROTO_NETDEV: return "netdev";
    default: return "?";
  }
}

std::string text_of(const char* text) { return text == nullptr ? std::string() : std::string(text); }

struct ChainKey {
  std::uint32_t family = 0;
  std::string table, chain;
  auto operator<=>(const ChainKey&) const = default;

  [[nodiscard]] std::string place() const {
    return "nft " + std::string(family_name(family)) + ' ' + table + ' ' + chain;
  }
  [[nodiscard]] std::string program() const {
    std::string_view found = program_of(table);
    if (found.empty()) found = program_of(chain);
    return std::string(found);
  }
};

struct ChainFacts {
  bool is_base = false, has_drop_policy = false;
  std::size_t rules = 0;
  bool refuses = false, translates = false;
  std::set<std::string> next;
};

/// What a register holds of the connection mark while a rule is read: the bits that are still those of the mark.
struct MarkRegister {
  bool is_connmark = false;
  std::uint32_t kept = 0;
};

/// Reads the expressions of one rule in order.
class RuleReader {
 public:
  RuleReader(const ChainKey& key, ChainFacts& facts, ForeignRules& found) : key_(key), facts_(facts), found_(found) {}

  void read(const nftnl_expr* expression) {
    const std::string name = text_of(nftnl_expr_get_str(expression, NFTNL_EXPR_NAME));
    if (name == "immediate") return immediate(expression);
    if (name == "reject") facts_.refuses = true;
    if (name == "nat" || name == "masq" || name == "redir" || name == "tproxy") facts_.translates = true;
    // What a verdict map holds is not looked at: it may refuse.
    if (name == "lookup" && nftnl_expr_is_set(expression, NFTNL_EXPR_LOOKUP_DREG) &&
        nftnl_expr_get_u32(expression, NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT)
      facts_.refuses = true;
    if (name == "ct") return connection(expression);
    if (name == "bitwise") return bitwise(expression);
    if (name == "meta") return meta(expression);
    if (name == "target") return xtables_target(expression);
  }

 private:
  void immediate(const nftnl_expr* expression) {
    if (!nftnl_expr_is_set(expression, NFTNL_EXPR_IMM_VERDICT)) {
      registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_IMM_DREG)] = {};
      return;
    }
    const auto verdict = static_cast<std::int32_t>(nftnl_expr_get_u32(expression, NFTNL_EXPR_IMM_VERDICT));
    if (verdict == NF_DROP) facts_.refuses = true;
    if (nftnl_expr_is_set(expression, NFTNL_EXPR_IMM_CHAIN))
      facts_.next.insert(text_of(nftnl_expr_get_str(expression, NFTNL_EXPR_IMM_CHAIN)));
  }

  void connection(const nftnl_expr* expression) {
    const bool is_mark = nftnl_expr_get_u32(expression, NFTNL_EXPR_CT_KEY) == NFT_CT_MARK;
    if (nftnl_expr_is_set(expression, NFTNL_EXPR_CT_DREG)) {
      registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_CT_DREG)] = {is_mark, is_mark ? UINT32_MAX : 0};
      return;
    }
    if (!is_mark || !nftnl_expr_is_set(expression, NFTNL_EXPR_CT_SREG)) return;
    const MarkRegister& value = registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_CT_SREG)];
    add(ForeignMark::Use::Write, value.is_connmark ? ~value.kept : UINT32_MAX);
  }

  /// value & mask ^ xor: a bit stays what it was where the mask has it and the xor has not.
  void bitwise(const nftnl_expr* expression) {
    MarkRegister value = registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_BITWISE_SREG)];
    if (value.is_connmark) {
      const bool is_boolean = !nftnl_expr_is_set(expression, NFTNL_EXPR_BITWISE_OP) ||
                              nftnl_expr_get_u32(expression, NFTNL_EXPR_BITWISE_OP) == NFT_BITWISE_BOOL;
      const auto mask = word(expression, NFTNL_EXPR_BITWISE_MASK), flip = word(expression, NFTNL_EXPR_BITWISE_XOR);
      value.kept = is_boolean && mask && flip ? value.kept & *mask & ~*flip : 0;
    }
    registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_BITWISE_DREG)] = value;
  }

  void meta(const nftnl_expr* expression) {
    if (nftnl_expr_is_set(expression, NFTNL_EXPR_META_DREG)) {
      registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_META_DREG)] = {};
      return;
    }
    if (nftnl_expr_get_u32(expression, NFTNL_EXPR_META_KEY) != NFT_META_MARK) return;
    const MarkRegister& value = registers_[nftnl_expr_get_u32(expression, NFTNL_EXPR_META_SREG)];
    if (value.is_connmark && value.kept != 0) add(ForeignMark::Use::Restore, value.kept);
  }

  void xtables_target(const nftnl_expr* expression) {
    const std::string name = text_of(nftnl_expr_get_str(expression, NFTNL_EXPR_TG_NAME));
    facts_.refuses |= refuses(name);
    facts_.translates |= translates(name);
    std::uint32_t size = 0;
    const void* data = nftnl_expr_get(expression, NFTNL_EXPR_TG_INFO, &size);
    const auto use = connmark_use(name, nftnl_expr_get_u32(expression, NFTNL_EXPR_TG_REV),
                                  {static_cast<const std::byte*>(data), data == nullptr ? 0 : size});
    if (use) add(use->use, use->bits);
  }

  static std::optional<std::uint32_t> word(const nftnl_expr* expression, std::uint16_t attribute) {
    std::uint32_t size = 0, value = 0;
    const void* data = nftnl_expr_get(expression, attribute, &size);
    if (data == nullptr || size != sizeof value) return std::nullopt;
    std::memcpy(&value, data, sizeof value);
    return value;
  }

  void add(ForeignMark::Use use, std::uint32_t bits) {
    found_.marks.push_back(
        {.engine = Backend::Nft, .place = key_.place(), .program = key_.program(), .use = use, .bits = bits});
  }

  const ChainKey& key_;
  ChainFacts& facts_;
  ForeignRules& found_;
  std::map<std::uint32_t, MarkRegister> registers_;
};

class Survey {
 public:
  base::Result<ForeignRules> run() {
    NftSocket socket = VM_TRY(NftSocket::open());
    VM_TRY_VOID(list_all(socket, NFT_MSG_GETCHAIN, [this](const nlmsghdr* header) { read_chain(header); }));
    // Our own rules, which may be many, are not asked for.
    for (const auto& [family, table] : tables_)
      VM_TRY_VOID(list_rules(socket, family, table, [this](const nlmsghdr* header) { read_rule(header); }));
    for (const auto& [key, facts] : chains_)
      if (facts.is_base) add_base(key, facts);
    return std::move(found_);
  }

 private:
  void read_chain(const nlmsghdr* header) {
    const std::unique_ptr<nftnl_chain, decltype(&nftnl_chain_free)> chain(nftnl_chain_alloc(), nftnl_chain_free);
    if (!chain || nftnl_chain_nlmsg_parse(header, chain.get()) < 0) return;
    const ChainKey key{nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FAMILY),
                       text_of(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE)),
                       text_of(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME))};
    if (is_own_nft_table(key.family, key.table)) return;
    tables_.emplace(key.family, key.table);
    ChainFacts& facts = chains_[key];
    facts.is_base = nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_HOOKNUM);
    facts.has_drop_policy = facts.is_base && nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_POLICY) &&
                            nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_POLICY) == NF_DROP;
  }

  void read_rule(const nlmsghdr* header) {
    const std::unique_ptr<nftnl_rule, decltype(&nftnl_rule_free)> rule(nftnl_rule_alloc(), nftnl_rule_free);
    if (!rule || nftnl_rule_nlmsg_parse(header, rule.get()) < 0) return;
    const ChainKey key{nftnl_rule_get_u32(rule.get(), NFTNL_RULE_FAMILY),
                       text_of(nftnl_rule_get_str(rule.get(), NFTNL_RULE_TABLE)),
                       text_of(nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN))};
    ChainFacts& facts = chains_[key];
    ++facts.rules;
    RuleReader reader(key, facts, found_);
    const auto each = [](nftnl_expr* expression, void* data) {
      static_cast<RuleReader*>(data)->read(expression);
      return 0;
    };
    nftnl_expr_foreach(rule.get(), each, &reader);
  }

  void add_base(const ChainKey& key, const ChainFacts& base) {
    ForeignChain all{.engine = Backend::Nft,
                     .place = key.place(),
                     .program = key.program(),
                     .has_drop_policy = base.has_drop_policy};
    std::set<std::string> seen{key.chain};
    std::vector<std::string> open{key.chain};
    while (!open.empty()) {
      const ChainKey at{key.family, key.table, open.back()};
      open.pop_back();
      const auto facts = chains_.find(at);
      if (facts == chains_.end()) continue;
      all.rules += facts->second.rules;
      all.refuses |= facts->second.refuses;
      all.translates |= facts->second.translates;
      if (all.program.empty()) all.program = at.program();
      for (const std::string& next : facts->second.next)
        if (seen.insert(next).second) open.push_back(next);
    }
    if (all.rules != 0 || all.has_drop_policy) found_.chains.push_back(std::move(all));
  }

  std::map<ChainKey, ChainFacts> chains_;
  std::set<std::pair<std::uint32_t, std::string>> tables_;
  ForeignRules found_;
};

}  // namespace

base::Result<ForeignRules> foreign_nft_rules() {
  base::Result<ForeignRules> found;
  for (int tries = 0; tries < kListTries; ++tries) {
    found = Survey().run();
    // A table that goes while its rules are read is a change as well.
    if (found || (found.error().code != EINTR && found.error().code != ENOENT)) break;
  }
  if (!found && means_no_nf_tables(found.error())) return ForeignRules{};
  return found;
}

}  // namespace vuurmuur::apply
