// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/snapshot.h"

#include <cerrno>

#include "base/read_only_files.h"
#include "config/tree.h"

namespace vuurmuur::app {
namespace {

class Recorder final : public base::ReadOnlyFiles {
 public:
  explicit Recorder(const base::FileSystem& files) : files_(files) {}

  [[nodiscard]] base::Result<std::string> read_file(const std::string& path) const override {
    return kept(path, files_.read_file(path), [this, &path](const std::string& text) { copy_.files[path] = text; });
  }
  [[nodiscard]] base::Result<std::vector<std::string>> list_directory(const std::string& path) const override {
    return kept(path, files_.list_directory(path), [](const auto&) {});
  }
  [[nodiscard]] base::Result<base::FileStatus> status(const std::string& path) const override {
    return kept(path, files_.status(path), [this, &path](const auto& status) { copy_.statuses[path] = status; });
  }

  [[nodiscard]] base::MemoryFileSystem take() { return std::move(copy_); }

 private:
  template <class T, class Keep>
  base::Result<T> kept(const std::string& path, base::Result<T> result, const Keep& keep) const {
    if (result) {
      keep(*result);
    } else if (result.error().code != ENOENT) {
      copy_.failing[path] = result.error().code;
    }
    return result;
  }

  const base::FileSystem& files_;
  mutable base::MemoryFileSystem copy_;
};

}  // namespace

base::MemoryFileSystem take_snapshot(const base::FileSystem& files, const std::string& root) {
  Recorder recorder(files);
  diag::Sink problems;
  static_cast<void>(config::read_tree(recorder, root, problems));
  return recorder.take();
}

}  // namespace vuurmuur::app
