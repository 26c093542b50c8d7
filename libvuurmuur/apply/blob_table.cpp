// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/blob_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ranges>
#include <tuple>
#include <utility>

#include "apply/entry_layout.h"
#include "apply/table_errors.h"
#include "apply/table_image.h"
#include "apply/xtables_socket.h"

namespace vuurmuur::apply {
namespace {

/// Whether two snapshots of a table have the same rules; what they counted may differ, and the hooks from which each is
/// reached, which the kernel notes beside the counters when it takes the table.
bool is_same_but_counters(const TableSnapshot& a, const TableSnapshot& b) {
  if (a.info != b.info || a.size != b.size) return false;
  const EntryLayout layout = layout_of(a.family);
  const std::size_t behind_counters = layout.counters + sizeof(xt_counters);
  for (std::size_t at = 0; at < a.size;) {
    const std::byte *left = a.entries.get() + at, *right = b.entries.get() + at;
    const auto size = load<std::uint16_t>(left + layout.next_offset);
    if (std::memcmp(left, right, layout.comefrom) != 0) return false;
    if (std::memcmp(left + behind_counters, right + behind_counters, size - behind_counters) != 0) return false;
    at += size;
  }
  return true;
}

std::unexpected<base::Error> refused(int code) {
  return std::unexpected(base::Error{.message = plain_reason(code), .code = code});
}

class BlobTable final : public KernelTable {
 public:
  BlobTable(TableSocket socket, TableImage image) : socket_(std::move(socket)), image_(std::move(image)) {}

  std::vector<std::string> chains() override { return image_.chains(); }
  std::optional<Policy> policy(const std::string& chain) override { return image_.policy(chain); }

  const void* first_rule(const std::string& chain) override {
    std::tie(next_, walk_end_) = image_.rules_of(chain);
    return next_rule(nullptr);
  }
  const void* next_rule(const void* /*entry*/) override { return next_ < walk_end_ ? image_.rule(next_++) : nullptr; }
  std::string_view target_of(const void* entry) override {
    return image_.target_of(static_cast<const std::byte*>(entry));
  }
  unsigned references(const std::string& chain) override { return image_.references(chain); }

  base::Result<void> create_chain(const std::string& chain) override { return image_.create_chain(chain); }
  base::Result<void> delete_chain(const std::string& chain) override { return image_.delete_chain(chain); }
  base::Result<void> set_rules(const std::string& chain, backend::EntryBlock entries,
                               std::span<const RulePlan> plan) override {
    return image_.set_rules(chain, std::move(entries), plan);
  }
  base::Result<void> set_policy(const std::string& chain, bool drop) override { return image_.set_policy(chain, drop); }

  base::Result<TableSnapshot> before() override { return image_.before(); }

  base::Result<std::unique_ptr<KernelTable>> behind() override {
    if (!request_) request_ = VM_TRY(image_.request());
    TableSocket socket = VM_TRY(TableSocket::open(image_.before().family, image_.before().table));
    TableImage image = VM_TRY(TableImage::read(snapshot_after(image_.before(), *request_)));
    return std::make_unique<BlobTable>(std::move(socket), std::move(image));
  }

  base::Result<std::string> commit() override {
    if (!image_.is_changed()) return std::string();
    if (!request_) request_ = VM_TRY(image_.request());
    const auto info = load<ipt_getinfo>(image_.before().info.data());
    std::vector<xt_counters> old_counters(info.num_entries);
    VM_TRY_VOID(check_unchanged());
    const std::span<std::byte> bytes(request_->bytes.get(), request_->size);
    if (const int code = socket_.replace(bytes, old_counters); code != 0) return refused(code);
    request_->bytes = {};
    return carry_over(*request_, old_counters);
  }

 private:
  base::Result<void> check_unchanged() const {
    const TableSnapshot now = VM_TRY(socket_.read());
    if (!is_same_but_counters(image_.before(), now)) return refused(EAGAIN);
    return {};
  }

  /// The kernel begins all counters at zero; what it gave for the entries that went is added to those that go on.
  std::string carry_over(const TableRequest& request, std::span<const xt_counters> old_counters) const {
    std::vector<xt_counters> counters(request.old_entries.size());
    bool any = false;
    const auto add = [&](std::size_t to, std::uint32_t from) {
      counters[to].pcnt += old_counters[from].pcnt;
      counters[to].bcnt += old_counters[from].bcnt;
      any |= counters[to].pcnt != 0;
    };
    std::vector<bool> goes_on(old_counters.size());
    for (std::size_t i = 0; i < counters.size(); ++i) {
      const std::uint32_t old = request.old_entries[i];
      if (old == TableRequest::kFromZero) continue;
      add(i, old);
      goes_on[old] = true;
    }
    const auto is_left = [&](std::size_t old) { return !goes_on[old] && old_counters[old].pcnt != 0; };
    if (std::ranges::any_of(std::views::iota(std::size_t{0}, old_counters.size()), is_left))
      for (const CounterHeir& heir : image_.heirs()) add(heir.new_entry, heir.old_entry);
    if (!any) return {};
    const int code = socket_.add_counters(counters);
    if (code == 0) return {};
    const TableSnapshot& before = image_.before();
    return describe(before.family, before.table) + ": its rules are in force, but count from zero: " +
           base::system_error("carry the counters over", code).error().message;
  }

  TableSocket socket_;
  TableImage image_;
  std::optional<TableRequest> request_;    ///< once it is made up, nothing is changed any more
  std::uint32_t next_ = 0, walk_end_ = 0;  ///< of the walk
};

}  // namespace

base::Result<std::unique_ptr<KernelTable>> open_blob_table(net::Family family, ir::TableName table) {
  TableSocket socket = VM_TRY(TableSocket::open(family, table));
  TableSnapshot snapshot = VM_TRY(socket.read());
  TableImage image = VM_TRY(TableImage::read(std::move(snapshot)));
  return std::make_unique<BlobTable>(std::move(socket), std::move(image));
}

}  // namespace vuurmuur::apply
