// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_nft.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "backend/nft_names.h"

namespace vuurmuur::apply::test {
namespace {

constexpr std::size_t kMostAttributes = 32;
using Attributes = std::array<const nlattr*, kMostAttributes>;

Attributes attributes_of(const nlmsghdr* header) {
  Attributes found{};
  const auto each = [](const nlattr* attribute, void* data) {
    if (mnl_attr_get_type(attribute) < kMostAttributes)
      (*static_cast<Attributes*>(data))[mnl_attr_get_type(attribute)] = attribute;
    return MNL_CB_OK;
  };
  mnl_attr_parse(header, sizeof(nfgenmsg), each, &found);
  return found;
}

std::string text_of(const nlattr* attribute) { return attribute == nullptr ? "" : mnl_attr_get_str(attribute); }
std::uint32_t number_of(const nlattr* attribute) {
  return attribute == nullptr ? 0 : be32toh(mnl_attr_get_u32(attribute));
}

std::size_t count_nested(const nlattr* list) {
  std::size_t count = 0;
  if (list == nullptr) return 0;
  const auto each = [](const nlattr*, void* data) {
    ++*static_cast<std::size_t*>(data);
    return MNL_CB_OK;
  };
  mnl_attr_parse_nested(list, each, &count);
  return count;
}

/// One transaction on a copy of the tables.
class Work {
 public:
  explicit Work(std::map<net::Family, FakeNftTable>& tables) : tables_(tables) {}

  std::size_t rules_written = 0;

  /// The name of what a message is about.
  static std::string name_in(std::uint16_t type, const Attributes& attributes) {
    switch (type) {
      case NFT_MSG_NEWCHAIN:
      case NFT_MSG_DELCHAIN: return text_of(attributes[NFTA_CHAIN_NAME]);
      case NFT_MSG_NEWRULE:
      case NFT_MSG_DELRULE: return text_of(attributes[NFTA_RULE_CHAIN]);
      case NFT_MSG_NEWSET:
      case NFT_MSG_DELSET: return text_of(attributes[NFTA_SET_NAME]);
      case NFT_MSG_NEWSETELEM:
      case NFT_MSG_DELSETELEM: return text_of(attributes[NFTA_SET_ELEM_LIST_SET]);
      case NFT_MSG_NEWOBJ:
      case NFT_MSG_DELOBJ: return text_of(attributes[NFTA_OBJ_NAME]);
      default: return {};
    }
  }

  /// 0 or an errno.
  int run(std::uint16_t type, net::Family family, const Attributes& attributes) {
    const std::string name = name_in(type, attributes);
    if (type == NFT_MSG_NEWTABLE) {
      tables_.try_emplace(family);
      return 0;
    }
    const auto found = tables_.find(family);
    if (found == tables_.end()) return ENOENT;
    FakeNftTable& table = found->second;
    switch (type) {
      case NFT_MSG_DELTABLE: tables_.erase(found); return 0;
      case NFT_MSG_NEWCHAIN: {
        FakeNftChain& chain = table.chains[name];
        chain.is_base |= attributes[NFTA_CHAIN_HOOK] != nullptr;
        if (attributes[NFTA_CHAIN_POLICY] != nullptr) chain.drops = number_of(attributes[NFTA_CHAIN_POLICY]) == NF_DROP;
        return 0;
      }
      case NFT_MSG_DELCHAIN: {
        // Base chains may be named by handle as well; ours never go.
        if (!table.chains.contains(name)) return ENOENT;
        if (table.chains.at(name).rules != 0) return EBUSY;
        table.chains.erase(name);
        return 0;
      }
      case NFT_MSG_NEWRULE:
        if (!table.chains.contains(name)) return ENOENT;
        ++table.chains.at(name).rules;
        ++rules_written;
        for (const unsigned part : {unsigned{NFTA_RULE_EXPRESSIONS}, unsigned{NFTA_RULE_USERDATA}})
          if (attributes[part] != nullptr)
            table.chains.at(name).content.append(reinterpret_cast<const char*>(attributes[part]),
                                                 attributes[part]->nla_len);
        return 0;
      case NFT_MSG_DELRULE:
        if (!table.chains.contains(name)) return ENOENT;
        table.chains.at(name).rules = 0;
        table.chains.at(name).content.clear();
        return 0;
      case NFT_MSG_NEWSET: table.sets.try_emplace(name); return 0;
      case NFT_MSG_DELSET: return table.sets.erase(name) == 1 ? 0 : ENOENT;
      case NFT_MSG_DELSETELEM:
        if (!table.sets.contains(name)) return ENOENT;
        // Without a list: all of them.
        if (const std::size_t gone = count_nested(attributes[NFTA_SET_ELEM_LIST_ELEMENTS]); gone != 0)
          table.sets[name] -= std::min(gone, table.sets[name]);
        else
          table.sets[name] = 0;
        return 0;
      case NFT_MSG_NEWSETELEM: table.sets[name] += count_nested(attributes[NFTA_SET_ELEM_LIST_ELEMENTS]); return 0;
      case NFT_MSG_NEWOBJ: table.objects.try_emplace(name, number_of(attributes[NFTA_OBJ_TYPE])); return 0;
      case NFT_MSG_DELOBJ: return table.objects.erase(name) == 1 ? 0 : ENOENT;
      default: return EINVAL;
    }
  }

 private:
  std::map<net::Family, FakeNftTable>& tables_;
};

NftRefusal refusal(std::uint32_t sequence, int code) {
  return {.error = base::system_error("load rules into nf_tables", code).error(),
          .faults = {{.sequence = sequence, .code = code, .explanation = {}}}};
}

}  // namespace

NftTable FakeNft::read(net::Family family) const {
  NftTable read;
  const auto table = tables.find(family);
  if (table == tables.end()) return read;
  read.content.has_table = true;
  for (const auto& [name, chain] : table->second.chains) {
    read.content.chains.push_back({.name = name, .is_base = chain.is_base});
    read.has_user_rules |= !chain.is_base && !backend::nft::is_own_chain_name(name) && chain.rules != 0;
  }
  for (const auto& [name, elements] : table->second.sets) read.content.sets.push_back(name);
  for (const auto& [name, type] : table->second.objects) read.content.objects.push_back({.name = name, .type = type});
  return read;
}

std::expected<void, NftRefusal> FakeNft::commit(std::span<const std::byte> transaction) {
  auto changed = tables;
  Work work(changed);
  int left = static_cast<int>(transaction.size());
  for (const auto* header = reinterpret_cast<const nlmsghdr*>(transaction.data()); mnl_nlmsg_ok(header, left);
       header = mnl_nlmsg_next(header, &left)) {
    if (header->nlmsg_type == NFNL_MSG_BATCH_BEGIN) {
      const nlattr* expected = attributes_of(header)[NFNL_BATCH_GENID];
      if (expected != nullptr && number_of(expected) != generation)
        return std::unexpected(refusal(header->nlmsg_seq, ERESTART));
    }
    if (NFNL_SUBSYS_ID(header->nlmsg_type) != NFNL_SUBSYS_NFTABLES) continue;
    const auto* message = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(header));
    const net::Family family = message->nfgen_family == NFPROTO_IPV4 ? net::Family::Ipv4 : net::Family::Ipv6;
    const auto type = static_cast<std::uint16_t>(NFNL_MSG_TYPE(header->nlmsg_type));
    const Attributes attributes = attributes_of(header);
    const bool is_refused = !refused_name.empty() && Work::name_in(type, attributes) == refused_name;
    const int code = is_refused ? refused_code : work.run(type, family, attributes);
    if (code != 0) return std::unexpected(refusal(header->nlmsg_seq, code));
  }
  tables = std::move(changed);
  rules_written += work.rules_written;
  ++generation;
  return {};
}

std::string FakeNft::text() const {
  std::string text;
  for (const auto& [family, table] : tables) {
    text += family == net::Family::Ipv4 ? "ip\n" : "ip6\n";
    for (const auto& [name, chain] : table.chains)
      text += "  " + name + (chain.is_base ? chain.drops ? " base drop " : " base accept " : " ") +
              std::to_string(chain.rules) + "\n";
    for (const auto& [name, elements] : table.sets) text += "  set " + name + " " + std::to_string(elements) + "\n";
    for (const auto& [name, type] : table.objects) text += "  object " + name + "\n";
  }
  return text;
}

}  // namespace vuurmuur::apply::test
