// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_probe.h"

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <array>
#include <cerrno>
#include <memory>

#include "apply/nft_socket.h"

namespace vuurmuur::apply {
namespace {

constexpr const char* kTable = "vuurmuur-probe";
constexpr std::size_t kBatchSize = 8192;
constexpr int kSourceNatPriority = 100;

/// Builds the few messages of a probe, all for IPv4.
class Batch {
 public:
  Batch() : batch_(mnl_nlmsg_batch_start(bytes_.data(), bytes_.size())) {
    nftnl_batch_begin(at(), sequence_++);
    mnl_nlmsg_batch_next(batch_.get());
  }

  void add_table() {
    const Object<nftnl_table, nftnl_table_free> table(nftnl_table_alloc());
    nftnl_table_set_u32(table.get(), NFTNL_TABLE_FAMILY, NFPROTO_IPV4);
    nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, kTable);
    nftnl_table_nlmsg_build_payload(message(NFT_MSG_NEWTABLE), table.get());
    mnl_nlmsg_batch_next(batch_.get());
  }

  void add_chain(const char* name, const char* type, std::uint32_t hook, std::int32_t priority) {
    const Object<nftnl_chain, nftnl_chain_free> chain(nftnl_chain_alloc());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, kTable);
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name);
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, type);
    nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, hook);
    nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, priority);
    nftnl_chain_nlmsg_build_payload(message(NFT_MSG_NEWCHAIN), chain.get());
    mnl_nlmsg_batch_next(batch_.get());
  }

  void add_set() {
    const Object<nftnl_set, nftnl_set_free> set(nftnl_set_alloc());
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, kTable);
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, "set");
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, 1);
    nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, NFT_SET_INTERVAL);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, sizeof(std::uint32_t));
    nftnl_set_nlmsg_build_payload(message(NFT_MSG_NEWSET), set.get());
    mnl_nlmsg_batch_next(batch_.get());
  }

  void add_counter() {
    const Object<nftnl_obj, nftnl_obj_free> counter(nftnl_obj_alloc());
    nftnl_obj_set_str(counter.get(), NFTNL_OBJ_TABLE, kTable);
    nftnl_obj_set_str(counter.get(), NFTNL_OBJ_NAME, "counter");
    nftnl_obj_set_u32(counter.get(), NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
    nftnl_obj_set_u64(counter.get(), NFTNL_OBJ_CTR_PKTS, 0);
    nftnl_obj_set_u64(counter.get(), NFTNL_OBJ_CTR_BYTES, 0);
    nftnl_obj_nlmsg_build_payload(message(NFT_MSG_NEWOBJ), counter.get());
    mnl_nlmsg_batch_next(batch_.get());
  }

  void add_queue_rule(const char* chain) {
    const Object<nftnl_rule, nftnl_rule_free> rule(nftnl_rule_alloc());
    nftnl_rule_set_str(rule.get(), NFTNL_RULE_TABLE, kTable);
    nftnl_rule_set_str(rule.get(), NFTNL_RULE_CHAIN, chain);
    nftnl_expr* queue = nftnl_expr_alloc("queue");
    nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_NUM, 0);
    nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_TOTAL, 1);
    nftnl_rule_add_expr(rule.get(), queue);
    nftnl_rule_nlmsg_build_payload(message(NFT_MSG_NEWRULE), rule.get());
    mnl_nlmsg_batch_next(batch_.get());
  }

  base::Result<void> commit() {
    nftnl_batch_end(at(), sequence_++);
    mnl_nlmsg_batch_next(batch_.get());
    NftSocket socket = VM_TRY(NftSocket::open());
    const auto* bytes = static_cast<const std::byte*>(mnl_nlmsg_batch_head(batch_.get()));
    auto done = socket.commit({bytes, mnl_nlmsg_batch_size(batch_.get())});
    if (!done) return std::unexpected(std::move(done).error().error);
    return {};
  }

 private:
  template <class T, void (*kFree)(const T*)>
  struct Free {
    void operator()(T* object) const { kFree(object); }
  };
  template <class T, void (*kFree)(const T*)>
  using Object = std::unique_ptr<T, Free<T, kFree>>;
  struct Stop {
    void operator()(mnl_nlmsg_batch* batch) const { mnl_nlmsg_batch_stop(batch); }
  };

  char* at() { return static_cast<char*>(mnl_nlmsg_batch_current(batch_.get())); }
  nlmsghdr* message(std::uint16_t type) {
    return nftnl_nlmsg_build_hdr(at(), type, NFPROTO_IPV4, NLM_F_CREATE, sequence_++);
  }

  // A batch wants room for one more message behind its size (mnl_nlmsg_batch_start(3)).
  std::array<char, 2 * kBatchSize> bytes_{};
  std::uint32_t sequence_ = 1;
  std::unique_ptr<mnl_nlmsg_batch, Stop> batch_;
};

}  // namespace

base::Result<void> try_nft(NftAbility ability) {
  Batch batch;
  batch.add_table();
  batch.add_chain("nat", "nat", NF_INET_POST_ROUTING, kSourceNatPriority);
  batch.add_chain("filter", "filter", NF_INET_LOCAL_IN, 0);
  batch.add_set();
  batch.add_counter();
  if (ability == NftAbility::Queue) batch.add_queue_rule("filter");
  return batch.commit();
}

}  // namespace vuurmuur::apply
