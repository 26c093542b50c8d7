// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "config/names.h"
#include "config/read.h"
#include "config/schema.h"

namespace vuurmuur::config {
namespace {

using base::FileKind;

// Places in a file are 32-bit numbers.
constexpr std::uint64_t kMostBytes = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::uint32_t kWritableByOthers = 0022;

/// What editors and package managers leave beside a file.
bool is_leftover(std::string_view name) {
  constexpr std::array<std::string_view, 15> kEnds{"~",         ".bak",     ".old",    ".orig",      ".rej",
                                                   ".new",      ".swp",     ".swo",    ".tmp",       ".save",
                                                   ".dpkg-old", ".rpmsave", ".rpmnew", ".dpkg-dist", ".dpkg-new"};
  return name.starts_with("README") || name.starts_with('#') ||
         std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
}

class TreeReader {
 public:
  TreeReader(const base::FileSystem& files, Tree& tree, diag::Sink& sink) : files_(files), tree_(tree), sink_(sink) {}

  void read() {
    if (!is_readable_directory("")) return;
    const bool is_half_done = is_being_edited();
    read_files();
    // What was read may be partly old and partly new.
    if (is_half_done || is_being_edited())
      sink_
          .error("unfinished-edit", std::nullopt,
                 "a change of several files is not finished, or was stopped in the middle: the next vuurmuur_script "
                 "puts it in order")
          .notes.push_back({std::nullopt, fmt::format("{} has what they were", kUnfinishedEdit)});
  }

 private:
  enum class Need { Must, Should, May };

  [[nodiscard]] bool is_being_edited() const {
    return files_.status(full_path(std::string(kUnfinishedEdit))).has_value();
  }

  void read_files() {
    read_settings_file();
    read_objects("interfaces", ".conf", [this](const std::string& path, std::string name) {
      if (const auto input = load(path, FileType::Interface))
        tree_.policy.interfaces.push_back(read_interface(*input, std::move(name)));
    });
    read_objects("services", "", [this](const std::string& path, std::string name) {
      if (const auto input = load(path, FileType::Service))
        tree_.policy.services.push_back(read_service(*input, std::move(name)));
    });
    read_zones();
    read_rules_files();
  }

  void read_settings_file() {
    if (!exists("config.conf")) {
      sink_.warning("missing-settings", std::nullopt, "there is no config.conf, every setting has its default");
    } else if (const auto input = load("config.conf", FileType::Settings)) {
      tree_.policy.settings = read_settings(*input);
    }
  }

  void read_rules_files() {
    if (!exists("rules/rules.conf")) {
      sink_.error("missing-file", std::nullopt, "there is no rules/rules.conf");
    } else if (const auto input = load("rules/rules.conf", FileType::Rules)) {
      const auto size = static_cast<std::uint32_t>(tree_.sources.file(input->file).text().size());
      tree_.policy.rules_file = {input->file, 0, size};
      tree_.policy.rules = read_rules(*input);
    }
    if (exists("rules/blocklist.conf"))
      if (const auto input = load("rules/blocklist.conf", FileType::Blocklist))
        tree_.policy.blocklist = read_blocklist(*input);
    tree_.assertions = load_statements(kAssertionsFile);
    tree_.responses = load_statements(kResponsesFile);
  }

  /// A file that may be missing, and has statements that somebody else reads.
  std::optional<diag::FileId> load_statements(std::string_view file) {
    const std::string path(file);
    if (!exists(path)) return std::nullopt;
    auto text = load_text(path);
    if (!text) return std::nullopt;
    return add_source(path, std::move(*text));
  }

  void read_zones() {
    for_each_directory("zones", Need::Should, [this](const std::string& path, const std::string& zone) {
      if (const auto input = load_own_file(path, "zone.config", FileType::Zone))
        tree_.policy.zones.push_back(read_zone(*input, zone));
      for_each_directory(path + "/networks", Need::May, [&](const std::string& below, const std::string& network) {
        read_network_directory(below, network, zone);
      });
    });
  }

  void read_network_directory(const std::string& path, const std::string& network, const std::string& zone) {
    if (const auto input = load_own_file(path, "network.config", FileType::Network))
      tree_.policy.networks.push_back(read_network(*input, network, zone));
    read_objects(
        path + "/hosts", ".host",
        [&](const std::string& file, std::string name) {
          if (const auto input = load(file, FileType::Host))
            tree_.policy.hosts.push_back(read_host(*input, std::move(name), network, zone));
        },
        Need::May);
    read_objects(
        path + "/groups", ".group",
        [&](const std::string& file, std::string name) {
          if (const auto input = load(file, FileType::Group))
            tree_.policy.groups.push_back(read_group(*input, std::move(name), network, zone));
        },
        Need::May);
  }

  /// The file that says what a zone's or network's directory is.
  std::optional<Input> load_own_file(const std::string& directory, const char* name, FileType type) {
    const std::string path = fmt::format("{}/{}", directory, name);
    if (exists(path)) return load(path, type);
    sink_.error("missing-file", std::nullopt, fmt::format("there is no {}", path));
    return std::nullopt;
  }

  // --- the file system ----------------------------------------------------------------------------------------------

  [[nodiscard]] std::string full_path(const std::string& path) const {
    return path.empty() ? tree_.root : fmt::format("{}/{}", tree_.root, path);
  }

  /// Whether something stands there, be it a link that leads nowhere.
  [[nodiscard]] bool exists(const std::string& path) const {
    const auto status = files_.status(full_path(path));
    return status || status.error().code != ENOENT || is_listed(path);
  }

  /// Whether the directory has an entry of that name: tells a link that leads nowhere from nothing.
  [[nodiscard]] bool is_listed(const std::string& path) const {
    const std::size_t slash = path.rfind('/');
    const auto names = files_.list_directory(full_path(slash == std::string::npos ? "" : path.substr(0, slash)));
    return names && std::ranges::binary_search(*names, path.substr(slash + 1));
  }

  [[nodiscard]] std::string shown(const std::string& path) const { return path.empty() ? tree_.root : path; }

  void report(const std::string& path, std::string_view doing, int code) {
    if (code == ELOOP) {
      sink_.error("link-loop", std::nullopt,
                  fmt::format("{} is a symbolic link that leads back to itself", shown(path)));
    } else if (code == ENOENT && !path.empty()) {
      sink_.error("dangling-link", std::nullopt, fmt::format("{} is a symbolic link that leads nowhere", shown(path)));
    } else {
      sink_.error("unreadable", std::nullopt,
                  base::system_error(fmt::format("cannot {} {}", doing, shown(path)), code).error().message);
    }
  }

  /// Looks at a path and warns about who else may change it; nothing when it cannot be looked at.
  std::optional<base::FileStatus> look_at(const std::string& path) {
    const auto status = files_.status(full_path(path));
    if (!status) {
      report(path, "look at", status.error().code);
      return std::nullopt;
    }
    if ((status->mode & kWritableByOthers) != 0)
      sink_.warning("unsafe-mode", std::nullopt,
                    fmt::format("{} can be changed by other users (mode {:04o})", shown(path), status->mode));
    if (!status->owner_is_trusted)
      sink_.warning("unsafe-owner", std::nullopt,
                    fmt::format("{} belongs to user {}, neither to root nor to you", shown(path), status->owner));
    return *status;
  }

  bool is_readable_directory(const std::string& path) {
    if (path.empty() && !exists_root()) return false;
    const auto status = look_at(path);
    if (!status) return false;
    if (status->kind == FileKind::Directory) return true;
    sink_.error("not-a-directory", std::nullopt, fmt::format("{} is no directory", shown(path)));
    return false;
  }

  bool exists_root() {
    const auto status = files_.status(tree_.root);
    if (status || status.error().code != ENOENT) return true;
    sink_.error("missing-tree", std::nullopt, fmt::format("there is no configuration tree {}", tree_.root));
    return false;
  }

  /// The names in a directory that are not hidden.
  std::vector<std::string> list(const std::string& path, Need need) {
    if (!exists(path)) {
      if (need == Need::Should)
        sink_.warning("missing-directory", std::nullopt, fmt::format("there is no directory {}", path));
      return {};
    }
    if (!is_readable_directory(path)) return {};
    auto names = files_.list_directory(full_path(path));
    if (!names) {
      report(path, "list", names.error().code);
      return {};
    }
    std::erase_if(*names, [](const std::string& name) { return name.starts_with('.'); });
    return *names;
  }

  void skip(const std::string& path, std::string_view why) {
    sink_.warning("skipped-file", std::nullopt, fmt::format("{} is skipped: {}", path, why));
  }

  bool check_name(const std::string& path, std::string_view name) {
    if (is_name(name)) return true;
    sink_.error("bad-name", std::nullopt,
                fmt::format("{}: a name has letters, digits, '_' and '-', not {}", path, quoted(name)));
    return false;
  }

  /// Calls `use` for each object's file in a directory.
  template <class Use>
  void read_objects(const std::string& directory, std::string_view suffix, Use use, Need need = Need::Should) {
    for (const std::string& entry : list(directory, need)) {
      const std::string path = fmt::format("{}/{}", directory, entry);
      if (is_leftover(entry) || !entry.ends_with(suffix)) {
        skip(path, suffix.empty() ? "not an object" : fmt::format("not an object, whose name ends in '{}'", suffix));
        continue;
      }
      const std::string name = entry.substr(0, entry.size() - suffix.size());
      if (check_name(path, name)) use(path, name);
    }
  }

  /// Calls `use` for each directory in a directory.
  template <class Use>
  void for_each_directory(const std::string& directory, Need need, Use use) {
    for (const std::string& name : list(directory, need)) {
      const std::string path = fmt::format("{}/{}", directory, name);
      const auto status = files_.status(full_path(path));
      if (status && status->kind != FileKind::Directory) {
        skip(path, "not a directory");
      } else if (check_name(path, name) && is_readable_directory(path)) {
        use(path, name);
      }
    }
  }

  /// Reads a file and keeps it in the tree.
  std::optional<Input> load(const std::string& path, FileType type) {
    auto text = load_text(path);
    if (!text) return std::nullopt;
    auto document = tree_.documents.insert_or_assign(path, Document(*text, key_case(type))).first;
    return Input{document->second, add_source(path, std::move(*text)), sink_};
  }

  diag::FileId add_source(const std::string& path, std::string text) {
    const diag::FileId file = tree_.sources.add(path, std::move(text));
    const std::string_view kept = tree_.sources.file(file).text();
    if (const std::size_t zero = kept.find('\0'); zero != std::string_view::npos) {
      const auto at = static_cast<std::uint32_t>(zero);
      sink_.error("zero-byte", diag::Span{file, at, at + 1}, "a zero byte: this is no text file");
    }
    return file;
  }

  std::optional<std::string> load_text(const std::string& path) {
    const auto status = look_at(path);
    if (!status) return std::nullopt;
    if (status->kind != FileKind::Regular) {
      sink_.error("not-a-file", std::nullopt, fmt::format("{} is no file", path));
      return std::nullopt;
    }
    if (status->size > kMostBytes) return report_size(path, status->size);
    auto text = files_.read_file(full_path(path));
    if (!text) {
      report(path, "read", text.error().code);
      return std::nullopt;
    }
    if (text->size() > kMostBytes) return report_size(path, text->size());
    return std::move(*text);
  }

  std::optional<std::string> report_size(const std::string& path, std::uint64_t size) {
    sink_.error("file-too-large", std::nullopt,
                fmt::format("{} has {} bytes, a configuration file has less than 4 GiB", path, size));
    return std::nullopt;
  }

  const base::FileSystem& files_;
  Tree& tree_;
  diag::Sink& sink_;
};

std::string without_final_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

bool may_be_tree(const base::FileSystem& files, const std::string& root) {
  const auto status = files.status(root);
  if (!status) return status.error().code != ENOENT && status.error().code != ENOTDIR;
  if (status->kind != FileKind::Directory) return false;
  constexpr std::array<std::string_view, 5> kParts{"config.conf", "interfaces", "rules", "services", "zones"};
  const auto names = files.list_directory(root);
  return !names || std::ranges::any_of(
                       kParts, [&](std::string_view part) { return std::ranges::find(*names, part) != names->end(); });
}

Tree read_tree(const base::FileSystem& files, const std::string& root, diag::Sink& sink) {
  Tree tree;
  tree.root = without_final_slash(root);
  TreeReader(files, tree, sink).read();
  return tree;
}

}  // namespace vuurmuur::config
