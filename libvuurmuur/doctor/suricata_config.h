// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "doctor/finding.h"
#include "doctor/yaml.h"

namespace vuurmuur::doctor {

/// suricata.yaml as Suricata takes it: included files in the place of their "include", "_" in a name the same as "-",
/// and of a section that comes twice the last one only, whole. (Suricata 7 says so with --dump-config.)
class SuricataConfig {
 public:
  struct Setting {
    std::string value;   ///< empty for a section
    std::string place;   ///< "/etc/suricata/suricata.yaml:1930"
    std::string line;    ///< what stands there, without blanks at both ends
    std::string indent;  ///< the blanks in front of it
  };

  /// Includes that cannot be read are in unreadable(); the file itself, and what is not YAML, is an error.
  [[nodiscard]] static base::Result<SuricataConfig> read(const base::FileSystem& files, const std::string& path);

  /// A setting or a section by its path: "nfq.bypass-mark", "stream". Null when it is not written.
  [[nodiscard]] const Setting* find(std::string_view path) const;
  /// Its value; empty when it is not written.
  [[nodiscard]] std::string_view value(std::string_view path) const;
  /// As Suricata reads it (ConfValIsTrue()): 1, yes, true, on.
  [[nodiscard]] bool is_true(std::string_view path) const;
  /// As strtoimax(3) reads it: decimal, "0x10", or octal with a 0 in front. Nothing when it is no number.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view path) const;

  /// The lines that give a setting a value: those that are there are changed, else they come into the section that is.
  [[nodiscard]] Change change(const std::string& path, std::string_view value) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Files that are included and cannot be read, each with the reason.
  [[nodiscard]] const std::vector<std::string>& unreadable() const { return unreadable_; }

 private:
  struct Source;
  explicit SuricataConfig(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] base::Result<void> add_file(const base::FileSystem& files, const std::string& path,
                                            const std::string& prefix, std::size_t depth);
  void add(const base::FileSystem& files, const Source& source, const YamlNode& node, const std::string& prefix,
           std::size_t depth);
  void include(const base::FileSystem& files, const YamlNode& names, const std::string& prefix, std::size_t depth);
  void forget(const std::string& path);

  std::string path_;
  std::map<std::string, Setting, std::less<>> settings_;
  std::vector<std::string> unreadable_;
  std::size_t files_ = 0;
};

}  // namespace vuurmuur::doctor
