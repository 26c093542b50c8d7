// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_tables.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "backend/nft_names.h"

namespace vuurmuur::apply {
namespace {

/// Enough for a request with two names of NFT_NAME_MAXLEN.
using RequestBuffer = std::array<char, 1024>;

std::uint16_t family_number(net::Family family) { return family == net::Family::Ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6; }

std::string own_table() { return std::string(backend::nft::kTable); }

std::string text_of(const char* text) { return text == nullptr ? std::string() : std::string(text); }

/// Does a listing again until nothing changed while it was read. `list` begins from nothing each time.
template <class List>
base::Result<void> until_whole(const List& list) {
  base::Result<void> done;
  for (int tries = 0; tries < kListTries; ++tries) {
    done = list();
    if (done || done.error().code != EINTR) break;
  }
  return done;
}

/// A table that is not there, or no nf_tables at all.
bool means_nothing_there(const base::Error& error) { return error.code == ENOENT || means_no_nf_tables(error); }

/// Lists what our table of a family has of a kind, by the attribute that names the table in such a request.
base::Result<void> list_own(NftSocket& socket, std::uint16_t request, net::Family family, std::uint16_t table_attribute,
                            const NftSocket::Visit& visit) {
  RequestBuffer buffer{};
  nlmsghdr* header = nftnl_nlmsg_build_hdr(buffer.data(), request, family_number(family), NLM_F_DUMP, 0);
  mnl_attr_put_strz(header, table_attribute, own_table().c_str());
  auto listed = socket.list(header, visit);
  if (!listed && means_nothing_there(listed.error())) return {};
  return listed;
}

/// The attributes of an object, by number.
template <std::size_t kCount>
std::array<const nlattr*, kCount> attributes_of(const nlmsghdr* header) {
  std::array<const nlattr*, kCount> found{};
  const auto each = [](const nlattr* attribute, void* data) {
    auto& all = *static_cast<std::array<const nlattr*, kCount>*>(data);
    if (mnl_attr_get_type(attribute) < kCount) all[mnl_attr_get_type(attribute)] = attribute;
    return MNL_CB_OK;
  };
  mnl_attr_parse(header, sizeof(nfgenmsg), each, &found);
  return found;
}

/// The comment in an object's userdata: type, length and text with its final NUL (libnftnl/udata.h).
std::string comment_of(const nlattr* userdata) {
  if (userdata == nullptr) return {};
  const auto* bytes = static_cast<const unsigned char*>(mnl_attr_get_payload(userdata));
  const std::size_t size = mnl_attr_get_payload_len(userdata);
  constexpr std::size_t kHeader = 2;
  for (std::size_t at = 0; at + kHeader <= size;) {
    const std::size_t length = bytes[at + 1];
    if (at + kHeader + length > size) break;
    const auto* text = reinterpret_cast<const char*>(bytes + at + kHeader);
    if (bytes[at] == NFTNL_UDATA_OBJ_COMMENT) return {text, ::strnlen(text, length)};
    at += kHeader + length;
  }
  return {};
}

std::uint64_t big_endian_of(const nlattr* attribute) { return be64toh(mnl_attr_get_u64(attribute)); }

NftCounter counter_of(const nlmsghdr* header) {
  const auto attributes = attributes_of<NFTA_OBJ_MAX + 1>(header);
  NftCounter counter{.label = comment_of(attributes[NFTA_OBJ_USERDATA]), .counters = {}};
  if (attributes[NFTA_OBJ_DATA] == nullptr) return counter;
  const auto each = [](const nlattr* attribute, void* data) {
    auto& counters = *static_cast<Counters*>(data);
    if (mnl_attr_get_type(attribute) == NFTA_COUNTER_PACKETS) counters.packets = big_endian_of(attribute);
    if (mnl_attr_get_type(attribute) == NFTA_COUNTER_BYTES) counters.bytes = big_endian_of(attribute);
    return MNL_CB_OK;
  };
  mnl_attr_parse_nested(attributes[NFTA_OBJ_DATA], each, &counter.counters);
  return counter;
}

class Reader {
 public:
  Reader(NftSocket& socket, net::Family family) : socket_(socket), family_(family) {}

  base::Result<NftTable> run(NftParts parts) {
    auto listed = list_all(socket_, NFT_MSG_GETTABLE, [this](const nlmsghdr* header) { read_table(header); });
    if (!listed && !means_no_nf_tables(listed.error())) return std::unexpected(std::move(listed).error());
    if (!table_.content.has_table) return std::move(table_);
    VM_TRY_VOID(list_own(socket_, NFT_MSG_GETCHAIN, family_, NFTA_CHAIN_TABLE,
                         [this](const nlmsghdr* header) { read_chain(header); }));
    VM_TRY_VOID(list_own(socket_, NFT_MSG_GETSET, family_, NFTA_SET_TABLE,
                         [this](const nlmsghdr* header) { read_set(header); }));
    if (parts == NftParts::ChainsAndSets) return std::move(table_);
    VM_TRY_VOID(list_own(socket_, NFT_MSG_GETOBJ, family_, NFTA_OBJ_TABLE,
                         [this](const nlmsghdr* header) { read_object(header); }));
    for (const auto& chain : table_.content.chains) {
      if (chain.is_base || backend::nft::is_own_chain_name(chain.name)) continue;
      VM_TRY_VOID(list_rules(
          socket_, family_number(family_), own_table(), [this](const nlmsghdr*) { table_.has_user_rules = true; },
          chain.name));
    }
    return std::move(table_);
  }

 private:
  void read_table(const nlmsghdr* header) {
    const auto attributes = attributes_of<NFTA_TABLE_MAX + 1>(header);
    const auto* message = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(header));
    if (message->nfgen_family == family_number(family_) && attributes[NFTA_TABLE_NAME] != nullptr)
      table_.content.has_table |= own_table() == mnl_attr_get_str(attributes[NFTA_TABLE_NAME]);
  }

  void read_chain(const nlmsghdr* header) {
    const auto attributes = attributes_of<NFTA_CHAIN_MAX + 1>(header);
    if (!is_in_own_table(attributes[NFTA_CHAIN_TABLE]) || attributes[NFTA_CHAIN_NAME] == nullptr) return;
    table_.content.chains.push_back(
        {.name = mnl_attr_get_str(attributes[NFTA_CHAIN_NAME]), .is_base = attributes[NFTA_CHAIN_HOOK] != nullptr});
  }

  void read_set(const nlmsghdr* header) {
    const auto attributes = attributes_of<NFTA_SET_MAX + 1>(header);
    if (!is_in_own_table(attributes[NFTA_SET_TABLE]) || attributes[NFTA_SET_NAME] == nullptr) return;
    const std::uint32_t flags =
        attributes[NFTA_SET_FLAGS] == nullptr ? 0 : be32toh(mnl_attr_get_u32(attributes[NFTA_SET_FLAGS]));
    if ((flags & NFT_SET_ANONYMOUS) == 0) table_.content.sets.emplace_back(mnl_attr_get_str(attributes[NFTA_SET_NAME]));
  }

  void read_object(const nlmsghdr* header) {
    const auto attributes = attributes_of<NFTA_OBJ_MAX + 1>(header);
    if (!is_in_own_table(attributes[NFTA_OBJ_TABLE]) || attributes[NFTA_OBJ_NAME] == nullptr) return;
    backend::nft::Existing::Object& object = table_.content.objects.emplace_back();
    object.name = mnl_attr_get_str(attributes[NFTA_OBJ_NAME]);
    if (attributes[NFTA_OBJ_TYPE] != nullptr) object.type = be32toh(mnl_attr_get_u32(attributes[NFTA_OBJ_TYPE]));
    if (object.type != NFT_OBJECT_COUNTER) return;
    auto [label, counters] = counter_of(header);
    object.label = std::move(label);
    object.counted = {.packets = counters.packets, .bytes = counters.bytes};
  }

  /// Kernels list the chains of all tables of the family, whatever the request says.
  static bool is_in_own_table(const nlattr* table) {
    return table != nullptr && std::string_view(mnl_attr_get_str(table)) == backend::nft::kTable;
  }

  NftSocket& socket_;
  net::Family family_;
  NftTable table_;
};

/// Finds the rules that queue and what they look up.
class QueueReader {
 public:
  QueueReader(NftSocket& socket, net::Family family) : socket_(socket), family_(family) {}

  base::Result<std::vector<ir::NfqueueTarget>> run() {
    std::vector<std::string> chains;
    VM_TRY_VOID(list_own(socket_, NFT_MSG_GETCHAIN, family_, NFTA_CHAIN_TABLE, [&](const nlmsghdr* header) {
      const auto attributes = attributes_of<NFTA_CHAIN_MAX + 1>(header);
      if (attributes[NFTA_CHAIN_TABLE] == nullptr || attributes[NFTA_CHAIN_NAME] == nullptr) return;
      const std::string name = mnl_attr_get_str(attributes[NFTA_CHAIN_NAME]);
      if (own_table() == mnl_attr_get_str(attributes[NFTA_CHAIN_TABLE]) && backend::nft::is_own_chain_name(name) &&
          name.starts_with("filter_"))
        chains.push_back(name);
    }));
    for (const std::string& chain : chains)
      VM_TRY_VOID(list_rules(
          socket_, family_number(family_), own_table(), [this](const nlmsghdr* header) { read_rule(header); }, chain));
    for (const auto& [map, bypass] : maps_) VM_TRY_VOID(read_map(map, bypass));
    return std::move(queues_);
  }

 private:
  void read_rule(const nlmsghdr* header) {
    const std::unique_ptr<nftnl_rule, decltype(&nftnl_rule_free)> rule(nftnl_rule_alloc(), nftnl_rule_free);
    if (!rule || nftnl_rule_nlmsg_parse(header, rule.get()) < 0) return;
    map_.clear();
    const auto each = [](nftnl_expr* expression, void* data) {
      static_cast<QueueReader*>(data)->read_expression(expression);
      return 0;
    };
    nftnl_expr_foreach(rule.get(), each, this);
  }

  void read_expression(const nftnl_expr* expression) {
    const std::string name = text_of(nftnl_expr_get_str(expression, NFTNL_EXPR_NAME));
    if (name == "lookup" && nftnl_expr_is_set(expression, NFTNL_EXPR_LOOKUP_DREG))
      map_ = text_of(nftnl_expr_get_str(expression, NFTNL_EXPR_LOOKUP_SET));
    if (name != "queue") return;
    const unsigned flags = nftnl_expr_get_u16(expression, NFTNL_EXPR_QUEUE_FLAGS);
    const bool bypass = (flags & NFT_QUEUE_FLAG_BYPASS) != 0;
    if (nftnl_expr_is_set(expression, NFTNL_EXPR_QUEUE_SREG_QNUM)) {
      if (!map_.empty()) maps_.emplace(map_, bypass);
      return;
    }
    const std::uint16_t first = nftnl_expr_get_u16(expression, NFTNL_EXPR_QUEUE_NUM),
                        total = nftnl_expr_get_u16(expression, NFTNL_EXPR_QUEUE_TOTAL);
    queues_.push_back({.first = first,
                       .last = static_cast<std::uint16_t>(first + (total == 0 ? 0 : total - 1)),
                       .bypass = bypass,
                       .cpu_fanout = (flags & NFT_QUEUE_FLAG_CPU_FANOUT) != 0});
  }

  base::Result<void> read_map(const std::string& map, bool bypass) {
    RequestBuffer buffer{};
    nlmsghdr* request = nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETSETELEM, family_number(family_), NLM_F_DUMP, 0);
    mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_TABLE, own_table().c_str());
    mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_SET, map.c_str());
    return socket_.list(request, [&](const nlmsghdr* header) {
      const std::unique_ptr<nftnl_set, decltype(&nftnl_set_free)> set(nftnl_set_alloc(), nftnl_set_free);
      if (!set || nftnl_set_elems_nlmsg_parse(header, set.get()) < 0) return;
      struct Data {
        std::vector<ir::NfqueueTarget>& queues;
        bool bypass;
      } data{queues_, bypass};
      const auto each = [](nftnl_set_elem* element, void* to) {
        std::uint32_t size = 0;
        const void* bytes = nftnl_set_elem_get(element, NFTNL_SET_ELEM_DATA, &size);
        std::uint16_t number = 0;
        if (bytes == nullptr || size < sizeof number) return 0;
        std::memcpy(&number, bytes, sizeof number);
        auto& found = *static_cast<Data*>(to);
        found.queues.push_back({.first = number, .last = number, .bypass = found.bypass});
        return 0;
      };
      nftnl_set_elem_foreach(set.get(), each, &data);
    });
  }

  NftSocket& socket_;
  net::Family family_;
  std::string map_;  ///< the last one looked up in the rule that is read
  std::map<std::string, bool> maps_;
  std::vector<ir::NfqueueTarget> queues_;
};

}  // namespace

bool is_own_nft_table(std::uint32_t family, std::string_view name) {
  return (family == NFPROTO_IPV4 || family == NFPROTO_IPV6) && name == backend::nft::kTable;
}

base::Result<bool> has_own_nft_chains() {
  bool found = false;
  const auto read = [&](const nlmsghdr* header) {
    const auto attributes = attributes_of<NFTA_CHAIN_MAX + 1>(header);
    const auto* message = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(header));
    if (attributes[NFTA_CHAIN_TABLE] == nullptr || attributes[NFTA_CHAIN_NAME] == nullptr) return;
    found |= is_own_nft_table(message->nfgen_family, mnl_attr_get_str(attributes[NFTA_CHAIN_TABLE])) &&
             backend::nft::is_own_chain_name(mnl_attr_get_str(attributes[NFTA_CHAIN_NAME]));
  };
  NftSocket socket = VM_TRY(NftSocket::open());
  const auto listed = until_whole([&] {
    found = false;
    return list_all(socket, NFT_MSG_GETCHAIN, read);
  });
  if (listed || means_no_nf_tables(listed.error())) return found;
  return std::unexpected(listed.error());
}

base::Result<NftTable> read_own_nft_table(net::Family family, NftParts parts) {
  NftSocket socket = VM_TRY(NftSocket::open());
  NftTable table;
  const auto listed = until_whole([&]() -> base::Result<void> {
    auto read = Reader(socket, family).run(parts);
    if (!read) return std::unexpected(std::move(read).error());
    table = std::move(*read);
    return {};
  });
  if (!listed) return std::unexpected(listed.error());
  return table;
}

base::Result<std::vector<NftCounter>> read_own_nft_counters(net::Family family) {
  NftSocket socket = VM_TRY(NftSocket::open());
  std::vector<NftCounter> counters;
  const auto listed = until_whole([&]() -> base::Result<void> {
    counters.clear();
    RequestBuffer buffer{};
    nlmsghdr* request = nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETOBJ, family_number(family), NLM_F_DUMP, 0);
    mnl_attr_put_strz(request, NFTA_OBJ_TABLE, own_table().c_str());
    mnl_attr_put_u32(request, NFTA_OBJ_TYPE, htobe32(NFT_OBJECT_COUNTER));
    auto done = socket.list(request, [&](const nlmsghdr* header) { counters.push_back(counter_of(header)); });
    if (!done && means_nothing_there(done.error())) return {};
    return done;
  });
  if (!listed) return std::unexpected(listed.error());
  return counters;
}

base::Result<std::vector<ir::NfqueueTarget>> read_own_nft_queues(net::Family family) {
  NftSocket socket = VM_TRY(NftSocket::open());
  std::vector<ir::NfqueueTarget> queues;
  const auto listed = until_whole([&]() -> base::Result<void> {
    auto read = QueueReader(socket, family).run();
    if (!read) return std::unexpected(std::move(read).error());
    queues = std::move(*read);
    return {};
  });
  if (!listed) return std::unexpected(listed.error());
  return queues;
}

bool means_no_nf_tables(const base::Error& error) {
  return error.code == EOPNOTSUPP || error.code == EINVAL || error.code == EPROTONOSUPPORT;
}

base::Result<void> list_all(NftSocket& socket, std::uint16_t request, const NftSocket::Visit& visit) {
  RequestBuffer buffer{};
  return socket.list(nftnl_nlmsg_build_hdr(buffer.data(), request, NFPROTO_UNSPEC, NLM_F_DUMP, 0), visit);
}

base::Result<void> list_rules(NftSocket& socket, std::uint32_t family, const std::string& table,
                              const NftSocket::Visit& visit, const std::string& chain) {
  RequestBuffer buffer{};
  nlmsghdr* request =
      nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETRULE, static_cast<std::uint16_t>(family), NLM_F_DUMP, 0);
  mnl_attr_put_strz(request, NFTA_RULE_TABLE, table.c_str());
  if (!chain.empty()) mnl_attr_put_strz(request, NFTA_RULE_CHAIN, chain.c_str());
  return socket.list(request, visit);
}

}  // namespace vuurmuur::apply
