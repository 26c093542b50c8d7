// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/iptc_table.h"

#include <libiptc/libiptc.h>

#include <cerrno>
#include <cstring>
#include <utility>

// The header of libip6tc, unlike that of libip4tc, does not say that its functions are C; what it includes itself was
// included above.
extern "C" {
#include <libiptc/libip6tc.h>
}

#include "apply/table_errors.h"

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
  explicit IptcTable(xtc_handle* handle) : handle_(handle) {}
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
  base::Result<void> flush(const std::string& chain) override {
    return outcome(Api::flush(chain.c_str(), handle_), "empty", chain);
  }
  base::Result<void> append(const std::string& chain, std::span<const std::byte> entry) override {
    return outcome(Api::append(chain.c_str(), as_entry(entry.data()), handle_), "add a rule to", chain);
  }
  base::Result<void> insert(const std::string& chain, std::span<const std::byte> entry, unsigned position) override {
    return outcome(Api::insert(chain.c_str(), as_entry(entry.data()), position, handle_), "insert a rule in", chain);
  }
  base::Result<void> erase(const std::string& chain, unsigned position) override {
    return outcome(Api::erase(chain.c_str(), position, handle_), "remove a rule from", chain);
  }
  base::Result<void> set_policy(const std::string& chain, const Policy& policy) override {
    xt_counters counters{.pcnt = policy.counters.packets, .bcnt = policy.counters.bytes};
    const char* name = policy.drop ? IPTC_LABEL_DROP : IPTC_LABEL_ACCEPT;
    return outcome(Api::set_policy(chain.c_str(), name, &counters, handle_), "set the policy of", chain);
  }

  base::Result<void> commit() override {
    if (!changed_) return {};
    keep_policy_counters();
    errno = 0;
    if (Api::commit(handle_)) return {};
    const int code = errno == 0 ? EINVAL : errno;
    return std::unexpected(base::Error{.message = plain_reason(code), .code = code});
  }

 private:
  static const typename Api::Entry* as_entry(const void* entry) {
    return static_cast<const typename Api::Entry*>(entry);
  }

  /// libiptc (1.8.9) writes the counters of a policy only when they were set, and zeroes otherwise.
  void keep_policy_counters() {
    for (const std::string& chain : chains())
      if (const auto now = policy(chain)) static_cast<void>(set_policy(chain, *now));
  }

  base::Result<void> outcome(int done, const char* what, const std::string& chain) {
    changed_ = true;
    if (done) return {};
    return base::system_error(std::string(what) + " chain " + chain, errno);
  }

  xtc_handle* handle_;
  bool changed_ = false;
};

template <class Api>
base::Result<std::unique_ptr<KernelTable>> open_with(net::Family family, ir::TableName table) {
  errno = 0;
  xtc_handle* handle = Api::open(std::string(to_string(table)).c_str());
  if (handle == nullptr) return open_error(family, table, errno);
  return std::make_unique<IptcTable<Api>>(handle);
}

}  // namespace

base::Result<std::unique_ptr<KernelTable>> open_iptc_table(net::Family family, ir::TableName table) {
  return family == net::Family::Ipv4 ? open_with<Ip4tc>(family, table) : open_with<Ip6tc>(family, table);
}

}  // namespace vuurmuur::apply
