// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/iptc_table.h"

#include <libiptc/libiptc.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

// The header of libip6tc, unlike that of libip4tc, does not say that its functions are C; what it includes itself was
// included above.
extern "C" {
#include <libiptc/libip6tc.h>
}

#include "apply/table_errors.h"
#include "apply/xtables_socket.h"

namespace vuurmuur::apply {
namespace {

/// libip4tc and libip6tc are the same source compiled twice, with a prefix each.
struct Ip4tc {
  using Entry = ipt_entry;
  static constexpr auto open = iptc_init;
  static constexpr auto close = iptc_free;
  static constexpr auto first_chain = iptc_first_chain;
  static constexpr auto next_chain = iptc_next_chain;
  static constexpr auto first_rule = iptc_first_rule;
  static constexpr auto next_rule = iptc_next_rule;
  static constexpr auto target = iptc_get_target;
  static constexpr auto is_builtin = iptc_builtin;
  static constexpr auto policy = iptc_get_policy;
  static constexpr auto references = iptc_get_references;
  static constexpr auto create_chain = iptc_create_chain;
  static constexpr auto delete_chain = iptc_delete_chain;
  static constexpr auto flush = iptc_flush_entries;
  static constexpr auto append = iptc_append_entry;
  static constexpr auto insert = iptc_insert_entry;
  static constexpr auto erase = iptc_delete_num_entry;
  static constexpr auto set_policy = iptc_set_policy;
  static constexpr auto commit = iptc_commit;
};

struct Ip6tc {
  using Entry = ip6t_entry;
  static constexpr auto open = ip6tc_init;
  static constexpr auto close = ip6tc_free;
  static constexpr auto first_chain = ip6tc_first_chain;
  static constexpr auto next_chain = ip6tc_next_chain;
  static constexpr auto first_rule = ip6tc_first_rule;
  static constexpr auto next_rule = ip6tc_next_rule;
  static constexpr auto target = ip6tc_get_target;
  static constexpr auto is_builtin = ip6tc_builtin;
  static constexpr auto policy = ip6tc_get_policy;
  static constexpr auto references = ip6tc_get_references;
  static constexpr auto create_chain = ip6tc_create_chain;
  static constexpr auto delete_chain = ip6tc_delete_chain;
  static constexpr auto flush = ip6tc_flush_entries;
  static constexpr auto append = ip6tc_append_entry;
  static constexpr auto insert = ip6tc_insert_entry;
  static constexpr auto erase = ip6tc_delete_num_entry;
  static constexpr auto set_policy = ip6tc_set_policy;
  static constexpr auto commit = ip6tc_commit;
};

/// Names of chains are fixed-size arrays for libiptc; a longer one is refused, never cut.
base::Result<void> check_name(const std::string& chain) {
  if (chain.size() < sizeof(xt_chainlabel)) return {};
  return base::failure("the name of chain '" + chain + "' is too long for the kernel");
}

template <class Api>
class IptcTable final : public KernelTable {
 public:
  IptcTable(net::Family family, ir::TableName table, xtc_handle* handle)
      : family_(family), table_(table), handle_(handle) {}
  IptcTable(const IptcTable&) = delete;
  IptcTable& operator=(const IptcTable&) = delete;
  ~IptcTable() override { Api::close(handle_); }

  std::vector<std::string> chains() override {
    std::vector<std::string> names;
    for (const char* name = Api::first_chain(handle_); name != nullptr; name = Api::next_chain(handle_))
      names.emplace_back(name);
    return names;
  }

  std::optional<Policy> policy(const std::string& chain) override {
    if (!Api::is_builtin(chain.c_str(), handle_)) return std::nullopt;
    xt_counters counters{};
    const char* name = Api::policy(chain.c_str(), &counters, handle_);
    if (name == nullptr) return std::nullopt;
    return Policy{.drop = std::strcmp(name, IPTC_LABEL_DROP) == 0,
                  .counters = {.packets = counters.pcnt, .bytes = counters.bcnt}};
  }

  const void* first_rule(const std::string& chain) override { return Api::first_rule(chain.c_str(), handle_); }
  const void* next_rule(const void* entry) override { return Api::next_rule(as_entry(entry), handle_); }

  std::string_view target_of(const void* entry) override {
    const char* name = Api::target(as_entry(entry), handle_);
    return name == nullptr ? std::string_view() : std::string_view(name);
  }

  unsigned references(const std::string& chain) override {
    unsigned count = 0;
    Api::references(&count, chain.c_str(), handle_);
    return count;
  }

  base::Result<void> create_chain(const std::string& chain) override {
    VM_TRY_VOID(check_name(chain));
    return outcome(Api::create_chain(chain.c_str(), handle_), "make", chain);
  }
  base::Result<void> delete_chain(const std::string& chain) override {
    return outcome(Api::delete_chain(chain.c_str(), handle_), "delete", chain);
  }
  base::Result<void> set_rules(const std::string& chain, backend::EntryBlock entries,
                               std::span<const RulePlan> plan) override {
    const std::vector<Counters> old_counters = counters_of(chain);
    const bool keeps_any = std::ranges::any_of(plan, &RulePlan::is_kept);
    if (!keeps_any) VM_TRY_VOID(outcome(Api::flush(chain.c_str(), handle_), "empty", chain));
    if (keeps_any) VM_TRY_VOID(erase_all_but_kept(chain, plan, static_cast<unsigned>(old_counters.size())));
    std::byte* next = entries.bytes.data();
    unsigned position = 0;
    for (const RulePlan& planned : plan) {
      if (planned.is_kept()) {
        ++position;
        continue;
      }
      auto* entry = reinterpret_cast<typename Api::Entry*>(next);
      const Counters counters = planned.position() ? old_counters.at(*planned.position()) : Counters();
      entry->counters = {.pcnt = counters.packets, .bcnt = counters.bytes};
      const int done =
          keeps_any ? Api::insert(chain.c_str(), entry, position, handle_) : Api::append(chain.c_str(), entry, handle_);
      VM_TRY_VOID(outcome(done, "add a rule to", chain));
      next += entry->next_offset;
      ++position;
    }
    return {};
  }
  base::Result<void> set_policy(const std::string& chain, bool drop) override {
    const auto now = policy(chain);
    xt_counters counters{.pcnt = now ? now->counters.packets : 0, .bcnt = now ? now->counters.bytes : 0};
    return outcome(Api::set_policy(chain.c_str(), drop ? IPTC_LABEL_DROP : IPTC_LABEL_ACCEPT, &counters, handle_),
                   "set the policy of", chain);
  }

  base::Result<TableSnapshot> before() override { return read_snapshot(family_, table_); }

  base::Result<std::string> commit() override {
    if (!changed_) return std::string();
    keep_policy_counters();
    errno = 0;
    if (Api::commit(handle_)) return std::string();
    const int code = errno == 0 ? EINVAL : errno;
    return std::unexpected(base::Error{.message = plain_reason(code), .code = code});
  }

 private:
  static const typename Api::Entry* as_entry(const void* entry) {
    return static_cast<const typename Api::Entry*>(entry);
  }

  std::vector<Counters> counters_of(const std::string& chain) {
    std::vector<Counters> counters;
    for (const void* entry = first_rule(chain); entry != nullptr; entry = next_rule(entry))
      counters.push_back({.packets = as_entry(entry)->counters.pcnt, .bytes = as_entry(entry)->counters.bcnt});
    return counters;
  }

  base::Result<void> erase_all_but_kept(const std::string& chain, std::span<const RulePlan> plan, unsigned count) {
    std::vector<bool> is_kept(count);
    for (const RulePlan& planned : plan)
      if (planned.is_kept()) is_kept.at(*planned.position()) = true;
    for (unsigned position = count; position-- > 0;) {
      if (is_kept[position]) continue;
      VM_TRY_VOID(outcome(Api::erase(chain.c_str(), position, handle_), "remove a rule from", chain));
    }
    return {};
  }

  /// libiptc (1.8.9) writes the counters of a policy only when they were set, and zeroes otherwise.
  void keep_policy_counters() {
    for (const std::string& chain : chains())
      if (const auto now = policy(chain)) static_cast<void>(set_policy(chain, now->drop));
  }

  base::Result<void> outcome(int done, const char* what, const std::string& chain) {
    changed_ = true;
    if (done) return {};
    return base::system_error(std::string(what) + " chain " + chain, errno);
  }

  net::Family family_;
  ir::TableName table_;
  xtc_handle* handle_;
  bool changed_ = false;
};

template <class Api>
base::Result<std::unique_ptr<KernelTable>> open_with(net::Family family, ir::TableName table) {
  errno = 0;
  xtc_handle* handle = Api::open(std::string(to_string(table)).c_str());
  if (handle == nullptr) return open_error(family, table, errno);
  return std::make_unique<IptcTable<Api>>(family, table, handle);
}

}  // namespace

base::Result<std::unique_ptr<KernelTable>> open_iptc_table(net::Family family, ir::TableName table) {
  return family == net::Family::Ipv4 ? open_with<Ip4tc>(family, table) : open_with<Ip6tc>(family, table);
}

}  // namespace vuurmuur::apply
