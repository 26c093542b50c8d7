// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/tree_recorder.h"

namespace vuurmuur::control {

std::map<std::string, std::string> TreeRecorder::below(const std::string& directory) const {
  std::string beginning = directory;
  while (beginning.ends_with('/')) beginning.pop_back();
  beginning += '/';
  std::map<std::string, std::string> result;
  for (auto file = read_.lower_bound(beginning); file != read_.end() && file->first.starts_with(beginning); ++file)
    result.emplace(file->first.substr(beginning.size()), file->second);
  return result;
}

base::Result<std::string> TreeRecorder::read_file(const std::string& path) const {
  auto content = files_.read_file(path);
  if (content) read_[path] = *content;
  return content;
}

base::Result<std::vector<std::string>> TreeRecorder::list_directory(const std::string& path) const {
  return files_.list_directory(path);
}

base::Result<base::FileStatus> TreeRecorder::status(const std::string& path) const { return files_.status(path); }

}  // namespace vuurmuur::control
