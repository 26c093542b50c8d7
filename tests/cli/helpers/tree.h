// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace vuurmuur::test {

/// A directory of its own for a test, removed with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file below it, with the directories on the way.
  void write(const std::string& name, std::string_view text) const;
  /// Writes a file that is there once more, below it; not its mode, which is whatever the source tree was made with.
  void copy_file(const std::filesystem::path& from, const std::string& name) const;

 private:
  std::filesystem::path path_;
};

/// A small good configuration: interface nic (eth0, 192.0.2.1 and 2001:db8::1), network world.inet behind it, hosts
/// web.world.inet and mail.world.inet, service http, and one rule.
class SmallTree : public TemporaryDirectory {
 public:
  SmallTree();
  /// Replaces the rules by these, one a line, as the rule language writes them.
  void rules(std::string_view lines) const;
  /// Says that nobody is to reach the SSH of this machine, which is a warning otherwise.
  void closed_to_ssh() const;
};

}  // namespace vuurmuur::test
