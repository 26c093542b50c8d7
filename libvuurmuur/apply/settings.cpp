// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/settings.h"

#include <algorithm>
#include <cerrno>

#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

constexpr std::uint32_t kMode = 0600;

}  // namespace

Settings::Settings(Kernel& kernel, std::string state_directory)
    : kernel_(kernel), directory_(std::move(state_directory)), file_(directory_ + "/sysctl.saved") {}

base::Result<std::map<std::string, std::string>> Settings::load() const {
  std::map<std::string, std::string> saved;
  const auto text = kernel_.files().read_file(file_);
  if (!text) {
    if (text.error().code == ENOENT || text.error().code == ENOTDIR) return saved;
    return std::unexpected(text.error());
  }
  for (const std::string_view line : base::split(*text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) saved.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return saved;
}

base::Result<void> Settings::save(const std::map<std::string, std::string>& saved) {
  if (saved.empty()) {
    auto removed = kernel_.files().remove(file_);
    if (!removed && removed.error().code == ENOENT) return {};
    return removed;
  }
  std::string text;
  for (const auto& [path, value] : saved) text += path + "=" + value + "\n";
  VM_TRY_VOID(kernel_.files().make_directories(directory_));
  return kernel_.files().replace_file(file_, text, kMode);
}

base::Result<void> Settings::write(std::span<const ir::Sysctl> settings, bool after_rules,
                                   std::vector<std::string>& warnings) {
  std::vector<Written> to_write;
  std::vector<std::string_view> values;
  for (const ir::Sysctl& setting : settings) {
    if (setting.after_rules != after_rules) continue;
    const auto now = kernel_.read_setting(setting.path);
    if (!now && now.error().code == ENOENT) {
      warnings.push_back("this kernel has no setting '" + setting.path + "'; it was left out");
      continue;
    }
    if (!now) return std::unexpected(now.error());
    if (*now == setting.value) continue;
    to_write.push_back({.path = setting.path, .before = *now});
    values.push_back(setting.value);
  }
  if (to_write.empty()) return {};

  auto saved = VM_TRY(load());
  for (const Written& setting : to_write)
    if (saved.try_emplace(setting.path, setting.before).second) newly_saved_.push_back(setting.path);
  VM_TRY_VOID(save(saved));
  for (std::size_t i = 0; i < to_write.size(); ++i) {
    VM_TRY_VOID(kernel_.write_setting(to_write[i].path, values[i]));
    written_.push_back(to_write[i]);
  }
  return {};
}

std::vector<std::string> Settings::undo() {
  std::vector<std::string> problems;
  for (; !written_.empty(); written_.pop_back()) {
    const auto done = kernel_.write_setting(written_.back().path, written_.back().before);
    if (!done) problems.push_back(done.error().message);
  }
  // A value that could not be put back stays saved, for clear to try again.
  if (newly_saved_.empty() || !problems.empty()) return problems;
  auto saved = load();
  if (!saved) return {saved.error().message};
  for (const std::string& path : newly_saved_) saved->erase(path);
  newly_saved_.clear();
  if (const auto done = save(*saved); !done) problems.push_back(done.error().message);
  return problems;
}

void Settings::give_back(std::span<const ir::Sysctl> still_wanted, std::vector<std::string>& warnings) {
  const auto saved = load();
  if (!saved) {
    warnings.push_back(saved.error().message);
    return;
  }
  std::map<std::string, std::string> left;
  for (const auto& [path, value] : *saved) {
    if (std::ranges::find(still_wanted, path, &ir::Sysctl::path) != still_wanted.end()) {
      left.emplace(path, value);
      continue;
    }
    const auto done = kernel_.write_setting(path, value);
    if (done || done.error().code == ENOENT) continue;  // its device is gone
    warnings.push_back(done.error().message);
    left.emplace(path, value);
  }
  if (left == *saved) return;
  if (const auto done = save(left); !done) warnings.push_back(done.error().message);
}

}  // namespace vuurmuur::apply
