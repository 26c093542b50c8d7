// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/rule_labels.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

constexpr std::uint32_t kMode = 0600;

std::string file_in(const std::string& state_directory) { return state_directory + "/rule.labels"; }

}  // namespace

base::Result<RuleLabels> RuleLabels::read(const base::FileSystem& files, const std::string& state_directory) {
  RuleLabels labels;
  auto text = files.read_file(file_in(state_directory));
  if (!text) {
    if (text.error().code == ENOENT || text.error().code == ENOTDIR) return labels;
    return std::unexpected(std::move(text.error()));
  }
  labels.file_ = std::make_unique<const std::string>(std::move(*text));
  labels.texts_.reserve(static_cast<std::size_t>(std::ranges::count(*labels.file_, '\n')) + 1);
  for (const std::string_view line : base::split(*labels.file_, '\n'))
    if (!line.empty()) labels.texts_.push_back(line);
  labels.slots_.resize(std::bit_ceil(2 * labels.texts_.size() + 1));
  for (const std::string_view& line : labels.texts_) {
    const backend::OriginTag tag = backend::origin_tag(line);
    std::size_t at = std::to_underlying(tag) & (labels.slots_.size() - 1);
    while (labels.slots_[at].number != 0) at = (at + 1) & (labels.slots_.size() - 1);
    labels.slots_[at] = {.tag = tag, .number = static_cast<std::uint32_t>(&line - labels.texts_.data() + 1)};
  }
  return labels;
}

std::optional<std::uint32_t> RuleLabels::find(backend::OriginTag tag) const {
  if (slots_.empty() || tag == backend::OriginTag::None) return std::nullopt;
  for (std::size_t at = std::to_underlying(tag) & (slots_.size() - 1); slots_[at].number != 0;
       at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].tag == tag) return slots_[at].number - 1;
  return std::nullopt;
}

std::string_view RuleLabels::of(backend::OriginTag tag) const {
  const auto number = find(tag);
  return number ? texts_[*number] : std::string_view();
}

base::Result<void> write_rule_labels(base::FileSystem& files, const std::string& state_directory,
                                     std::string_view labels) {
  const std::string file = file_in(state_directory);
  const auto before = files.read_file(file);
  if (before ? *before == labels : labels.empty()) return {};
  if (labels.empty()) return files.remove(file);
  VM_TRY_VOID(files.make_directories(state_directory));
  return files.replace_file(file, labels, kMode);
}

}  // namespace vuurmuur::apply
