// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_visitor.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "apply/entry_layout.h"

namespace vuurmuur::apply {
namespace {

constexpr std::size_t kTargetHead = sizeof(xt_entry_target);
constexpr std::size_t kName = offsetof(xt_entry_target, u.user.name);

std::string_view bounded(const std::byte* text, std::size_t most) {
  const auto* name = reinterpret_cast<const char*>(text);
  return {name, ::strnlen(name, most)};
}

}  // namespace

base::Result<void> walk(const TableSnapshot& snapshot, TableVisitor& visitor) {
  const EntryLayout layout = layout_of(snapshot.family);
  const auto info = load<ipt_getinfo>(snapshot.info.data());
  const auto wrong = [&] {
    return std::unexpected(base::Error{
        .message = "read " + describe(snapshot.family, snapshot.table) + ": the sizes of an entry are wrong",
        .code = EINVAL});
  };
  for (std::size_t at = 0; at < snapshot.size;) {
    const std::byte* const entry = snapshot.entries.get() + at;
    const std::size_t left = snapshot.size - at;
    if (left < layout.size + kTargetHead) return wrong();
    const std::size_t size = load<std::uint16_t>(entry + layout.next_offset);
    const std::size_t target = load<std::uint16_t>(entry + layout.target_offset);
    if (size > left || target < layout.size || target + kTargetHead > size) return wrong();
    for (unsigned hook = 0; hook < NF_INET_NUMHOOKS; ++hook)
      if ((info.valid_hooks & (1U << hook)) != 0 && info.hook_entry[hook] == at)
        visitor.chain(to_string(static_cast<ir::Hook>(hook)), static_cast<std::uint32_t>(at));
    const std::string_view name = bounded(entry + target + kName, XT_EXTENSION_MAXNAMELEN);
    if (name == XT_ERROR_TARGET) {
      // The name of a user chain, whose rules begin behind it, or the end.
      if (size - target >= sizeof(xt_error_target) && at + size != snapshot.size)
        visitor.chain(bounded(entry + target + offsetof(xt_error_target, errorname), XT_FUNCTION_MAXNAMELEN),
                      static_cast<std::uint32_t>(at + size));
    } else {
      std::optional<std::uint32_t> leads_to;
      if (name.empty() && size - target >= sizeof(xt_standard_target)) {
        const auto verdict = load<std::int32_t>(entry + target + kTargetHead);
        // To the entry behind itself a rule leads that does nothing but count.
        if (verdict >= 0 && static_cast<std::size_t>(verdict) != at + size)
          leads_to = static_cast<std::uint32_t>(verdict);
      }
      visitor.rule(entry, name, leads_to);
    }
    at += size;
  }
  return {};
}

void walk(KernelTable& table, TableVisitor& visitor) {
  const std::vector<std::string> chains = table.chains();
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  for (const std::string& chain : chains) numbers.emplace(chain, static_cast<std::uint32_t>(numbers.size()));
  for (const std::string& chain : chains) {
    visitor.chain(chain, numbers[chain]);
    for (const void* entry = table.first_rule(chain); entry != nullptr; entry = table.next_rule(entry)) {
      const std::string_view target = table.target_of(entry);
      const auto to = numbers.find(target);
      if (to == numbers.end())
        visitor.rule(entry, target, {});
      else
        visitor.rule(entry, {}, to->second);
    }
  }
}

}  // namespace vuurmuur::apply
