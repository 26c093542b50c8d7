// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/known_names.h"

#include <algorithm>
#include <cerrno>

#include "base/strings.h"
#include "history/store_lock.h"
#include "net/dns_name.h"

namespace vuurmuur::control {
namespace {

std::string path_in(const std::string& directory) { return directory + "/names"; }

std::optional<net::Family> family_named(std::string_view word) {
  if (word == "4") return net::Family::Ipv4;
  if (word == "6") return net::Family::Ipv6;
  return std::nullopt;
}

/// A name as it has to be written to be read again.
std::string word_of(const std::string& name) { return name.find('.') == std::string::npos ? name + "." : name; }

void take_line(std::string_view line, KnownNames& names) {
  const auto words = base::split(line, ' ');
  if (words.size() < 2) return;
  auto name = net::parse_dns_name(words[0]);
  const auto family = family_named(words[1]);
  if (!name || !family) return;
  std::vector<net::Address> addresses;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto address = net::Address::parse(words[i]);
    if (!address || address->family != *family) return;
    addresses.push_back(*address);
  }
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
  names[std::move(*name)].of(*family) = std::move(addresses);
}

}  // namespace

std::string names_to_text(const KnownNames& names) {
  std::string text;
  for (const auto& [name, known] : names)
    for (const net::Family family : net::kFamilies) {
      if (!known.of(family)) continue;
      text += word_of(name) + (family == net::Family::Ipv4 ? " 4" : " 6");
      for (const net::Address& address : *known.of(family)) text += ' ' + address.to_string();
      text += '\n';
    }
  return text;
}

KnownNames names_from_text(std::string_view text) {
  KnownNames names;
  for (const std::string_view line : base::split(text, '\n')) take_line(line, names);
  return names;
}

base::Result<KnownNames> read_known_names(const base::FileSystem& files, const std::string& directory) {
  const auto text = files.read_file(path_in(directory));
  if (text) return names_from_text(*text);
  if (text.error().code == ENOENT) return KnownNames{};
  return std::unexpected(text.error());
}

base::Result<KnownNames> write_known_names(base::FileSystem& files, const std::string& directory,
                                           const KnownNames& answers) {
  VM_TRY_VOID(files.make_directories(directory));
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory, "names.lock", history::Wait::Yes));
  const KnownNames before = VM_TRY(read_known_names(files, directory));
  KnownNames names = before;
  for (const auto& [name, answer] : answers)
    for (const net::Family family : net::kFamilies)
      if (answer.of(family)) names[name].of(family) = answer.of(family);
  if (names != before) VM_TRY_VOID(files.replace_file(path_in(directory), names_to_text(names)));
  return names;
}

NameSource known_names_in(const base::FileSystem& files, std::string directory) {
  return [&files, directory = std::move(directory)](const model::Policy&) {
    return read_known_names(files, directory).value_or(KnownNames{});
  };
}

std::vector<NameQuestion> questions_of(const model::Policy& policy) {
  std::vector<NameQuestion> questions;
  for (const model::Host& host : policy.hosts) {
    if (!host.active) continue;
    for (const auto& name : host.dns_names)
      for (const net::Family family : net::kFamilies)
        if (name->has(family)) questions.push_back({.name = name->name, .family = family});
  }
  std::ranges::sort(questions);
  questions.erase(std::ranges::unique(questions).begin(), questions.end());
  return questions;
}

base::Result<void> forget_other_names(base::FileSystem& files, const std::string& directory,
                                      const model::Policy& policy) {
  // Most have none.
  if (!files.status(path_in(directory))) return {};
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory, "names.lock", history::Wait::Yes));
  KnownNames names = VM_TRY(read_known_names(files, directory));
  const std::vector<NameQuestion> questions = questions_of(policy);
  bool is_changed = false;
  for (auto& [name, known] : names)
    for (const net::Family family : net::kFamilies)
      if (known.of(family) && !std::ranges::binary_search(questions, NameQuestion{.name = name, .family = family})) {
        known.of(family).reset();
        is_changed = true;
      }
  return is_changed ? files.replace_file(path_in(directory), names_to_text(names)) : base::Result<void>();
}

}  // namespace vuurmuur::control
