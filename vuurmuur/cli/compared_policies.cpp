// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/compared_policies.h"

#include <fmt/format.h>

#include <optional>

#include "base/memory_file_system.h"
#include "cli/generation_text.h"
#include "config/tree.h"
#include "control/comparison.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

/// Reads policies by the words that name them. Who keeps generations is asked only when there is need.
class Reader {
 public:
  Reader(Context& context, const Arguments& arguments) : context_(context), arguments_(arguments) {}

  std::expected<ComparedPolicy, std::string> named(const std::string& word) {
    return is_directory_word(word) ? directory(word) : numbered(word);
  }

  std::expected<ComparedPolicy, std::string> in_force() {
    const auto known = journal();
    if (!known) return std::unexpected(known.error());
    const auto current = control::in_force(**known);
    if (!current) return std::unexpected("no generation is in force");
    return generation(*current);
  }

  std::expected<ComparedPolicy, std::string> directory(const std::string& path) {
    if (!config::may_be_tree(context_.files, path))
      return std::unexpected(fmt::format("there is no configuration tree '{}'", path));
    return good({.title = path, .checked = check_tree(context_.files, path, known_names(context_, arguments_))});
  }

  /// What a generation was made of.
  std::expected<ComparedPolicy, std::string> directory_of_generation(const std::string& word) {
    const auto known = journal();
    if (!known) return std::unexpected(known.error());
    const auto number = read_number(word, **known);
    if (!number) return std::unexpected(number.error());
    return directory((*known)->find(*number)->directory);
  }

  std::expected<ComparedPolicy, std::string> usual_directory() {
    const auto known = journal();
    if (!known) return std::unexpected(known.error());
    const auto current = control::in_force(**known);
    return directory(current ? (*known)->find(*current)->directory : service_->configuration());
  }

 private:
  std::expected<const history::Journal*, std::string> journal() {
    if (journal_) return &*journal_;
    service_.emplace(Service::find(context_, arguments_));
    auto read = service_->journal();
    if (!read) return std::unexpected(read.error().message);
    journal_ = std::move(*read);
    return &*journal_;
  }

  std::expected<ComparedPolicy, std::string> numbered(const std::string& word) {
    const auto known = journal();
    if (!known) return std::unexpected(known.error());
    const auto number = read_number(word, **known);
    if (!number) return std::unexpected(number.error());
    return generation(*number);
  }

  std::expected<ComparedPolicy, std::string> generation(history::Number number) {
    const auto answer = service_->call("Show", {{"generation", number}});
    if (!answer) return std::unexpected(answer.error().message);
    const std::string root = "/generation";
    base::MemoryFileSystem files;
    const auto part = answer->find("files");
    if (part == answer->end() || !part->is_object()) return std::unexpected(strange_answer().error().message);
    for (const auto& [path, content] : part->items())
      if (content.is_string()) files.files[root + "/" + path] = content.get<std::string>();
    return good({.title = fmt::format("generation {}", number),
                 .checked = check_tree(files, root, known_names(context_, arguments_))});
  }

  static std::expected<ComparedPolicy, std::string> good(ComparedPolicy policy) {
    if (policy.checked->sink.has_errors())
      return std::unexpected(
          fmt::format("{}: the configuration has errors; 'vuurmuur check' tells which", policy.title));
    return policy;
  }

  Context& context_;
  const Arguments& arguments_;
  std::optional<Service> service_;
  std::optional<history::Journal> journal_;
};

}  // namespace

bool is_directory_word(const std::string& word) { return word.starts_with('.') || word.find('/') != std::string::npos; }

std::expected<ComparedPolicies, std::string> policies_to_compare(Context& context, const Arguments& arguments) {
  Reader reader(context, arguments);
  const auto& words = arguments.positional();
  const bool is_directory = words.size() == 1 && is_directory_word(words[0]);
  auto before = words.empty() || is_directory ? reader.in_force() : reader.named(words[0]);
  if (!before) return std::unexpected(before.error());
  auto after = words.empty()       ? reader.usual_directory()
               : is_directory      ? reader.directory(words[0])
               : words.size() == 1 ? reader.directory_of_generation(words[0])
                                   : reader.named(words[1]);
  if (!after) return std::unexpected(after.error());
  return ComparedPolicies{.before = std::move(*before), .after = std::move(*after)};
}

std::expected<ComparedPolicy, std::string> policy_to_compare(Context& context, const Arguments& arguments) {
  Reader reader(context, arguments);
  const auto& words = arguments.positional();
  return words.empty() ? reader.in_force() : reader.named(words[0]);
}

}  // namespace vuurmuur::cli
