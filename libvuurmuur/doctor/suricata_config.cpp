// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/suricata_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/strings.h"

namespace vuurmuur::doctor {
namespace {

constexpr std::size_t kMostIncludes = 64, kMostIncludeDepth = 16;

std::string name_of(std::string key) {
  std::ranges::replace(key, '_', '-');
  return key;
}

std::string joined(const std::string& prefix, const std::string& key) {
  return prefix.empty() ? key : prefix + '.' + key;
}

}  // namespace

/// A file that is being read.
struct SuricataConfig::Source {
  std::string path;
  std::vector<std::string_view> lines;

  [[nodiscard]] Setting setting(std::string value, std::size_t line) const {
    const std::string_view text = line - 1 < lines.size() ? lines[line - 1] : std::string_view();
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    return {.value = std::move(value),
            .place = fmt::format("{}:{}", path, line),
            .line = std::string(base::trim(text)),
            .indent = std::string(text.substr(0, indent))};
  }
};

base::Result<SuricataConfig> SuricataConfig::read(const base::FileSystem& files, const std::string& path) {
  SuricataConfig config(path);
  VM_TRY_VOID(config.add_file(files, path, {}, 0));
  return config;
}

base::Result<void> SuricataConfig::add_file(const base::FileSystem& files, const std::string& path,
                                            const std::string& prefix, std::size_t depth) {
  if (depth > kMostIncludeDepth || ++files_ > kMostIncludes) return base::failure(path + ": too many includes");
  const std::string text = VM_TRY(files.read_file(path));
  auto parsed = parse_yaml(text);
  if (!parsed) return std::unexpected(std::move(parsed).error().within(path));
  add(files, {.path = path, .lines = base::split(text, '\n')}, *parsed, prefix, depth);
  return {};
}

void SuricataConfig::include(const base::FileSystem& files, const YamlNode& names, const std::string& prefix,
                             std::size_t depth) {
  for (const YamlNode& name : names.items) include(files, name, prefix, depth);
  if (names.kind != YamlNode::Kind::Scalar || names.scalar.empty()) return;
  const bool is_absolute = names.scalar.front() == '/';
  const std::string directory = path_.substr(0, path_.rfind('/') + 1);
  const auto added = add_file(files, is_absolute ? names.scalar : directory + names.scalar, prefix, depth + 1);
  if (!added) unreadable_.push_back(added.error().message);
}

/// Suricata takes a section that comes again in place of the one before, with all that is in that.
void SuricataConfig::forget(const std::string& path) {
  const std::string below = path + '.';
  settings_.erase(path);
  settings_.erase(settings_.lower_bound(below), settings_.lower_bound(path + '/'));
}

void SuricataConfig::add(const base::FileSystem& files, const Source& source, const YamlNode& node,
                         const std::string& prefix, std::size_t depth) {
  for (const YamlMember& member : node.members) {
    if (member.key == "include") {
      include(files, member.value, prefix, depth);
      continue;
    }
    const std::string path = joined(prefix, name_of(member.key));
    forget(path);
    const bool is_include = member.value.tag == "!include";
    settings_[path] = source.setting(is_include ? std::string() : member.value.scalar, member.line);
    if (is_include)
      include(files, member.value, path, depth);
    else
      add(files, source, member.value, path, depth);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string path = joined(prefix, fmt::format("{}", i));
    settings_[path] = source.setting(node.items[i].scalar, node.items[i].line);
    add(files, source, node.items[i], path, depth);
  }
}

const SuricataConfig::Setting* SuricataConfig::find(std::string_view path) const {
  const auto found = settings_.find(path);
  return found == settings_.end() ? nullptr : &found->second;
}

std::string_view SuricataConfig::value(std::string_view path) const {
  const Setting* setting = find(path);
  return setting == nullptr ? std::string_view() : std::string_view(setting->value);
}

bool SuricataConfig::is_true(std::string_view path) const {
  constexpr std::array<std::string_view, 4> kTrue{"1", "yes", "true", "on"};
  return std::ranges::any_of(kTrue,
                             [&](std::string_view word) { return base::equals_ignoring_case(word, value(path)); });
}

std::optional<std::uint64_t> SuricataConfig::number(std::string_view path) const {
  const std::string text(value(path));
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  errno = 0;
  char* end = nullptr;
  const unsigned long long number = std::strtoull(text.c_str(), &end, 0);
  if (errno != 0 || *end != '\0') return std::nullopt;
  return number;
}

Change SuricataConfig::change(const std::string& path, std::string_view value) const {
  const std::string key = path.substr(path.rfind('.') + 1);
  if (const Setting* setting = find(path))
    return {.place = setting->place, .from = setting->line, .to = fmt::format("{}: {}", key, value)};
  // The deepest section that is there; what is missing below it is written out.
  std::string section = path;
  const Setting* at = nullptr;
  while (at == nullptr && section.find('.') != std::string::npos) {
    section.erase(section.rfind('.'));
    at = find(section);
  }
  const std::string_view missing = std::string_view(path).substr(at == nullptr ? 0 : section.size() + 1);
  std::string indent = at == nullptr ? std::string() : at->indent + "  ";
  std::string lines;
  const auto keys = base::split(missing, '.');
  for (std::size_t i = 0; i < keys.size(); ++i, indent += "  ")
    lines += i + 1 == keys.size() ? fmt::format("{}{}: {}", indent, keys[i], value)
                                  : fmt::format("{}{}:\n", indent, keys[i]);
  return {.place = at == nullptr ? path_ : fmt::format("{}, in {}", at->place, section), .to = std::move(lines)};
}

}  // namespace vuurmuur::doctor
