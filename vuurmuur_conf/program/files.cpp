// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <set>

#include "app/snapshot.h"
#include "cli/caller.h"
#include "edit/audit.h"
#include "edit/turn.h"
#include "ui/translate.h"

namespace vuurmuur::conf {
namespace {

/// A screen must answer: an editor that has the turn for longer is told of.
constexpr std::chrono::seconds kPatience{2};

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

std::map<std::string, TreeFiles::Stamp> TreeFiles::stamps() const {
  std::map<std::string, Stamp> stamps;
  const auto look = [&stamps](const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return;
    stamps[path] = {.seconds = status.st_mtim.tv_sec,
                    .nanoseconds = status.st_mtim.tv_nsec,
                    .inode = status.st_ino,
                    .size = static_cast<std::uint64_t>(status.st_size)};
  };
  std::set<std::string> directories;
  for (const auto& [path, text] : known_->files) {
    look(path);
    // A new file or directory shows in the time of the one around it; ours, the lock and the notes, do as well.
    for (std::string around = directory_of(path); around.size() > root_.size(); around = directory_of(around))
      directories.insert(around);
  }
  for (const char* name : {"interfaces", "services", "zones", "rules"}) directories.insert(root_ + "/" + name);
  for (const std::string& directory : directories) look(directory);
  return stamps;
}

std::shared_ptr<const base::MemoryFileSystem> TreeFiles::read() {
  if (is_scratch_ && known_) return known_;
  known_ = std::make_shared<const base::MemoryFileSystem>(app::take_snapshot(base::RealFileSystem(), root_));
  stamps_ = stamps();
  return known_;
}

app::Saved TreeFiles::save(const app::Save& save, std::string& remark) {
  using Outcome = base::Result<edit::Outcome>;
  if (is_scratch_) {
    base::MemoryFileSystem scratch = *known_;
    auto saved = std::make_shared<const Outcome>(edit::save(scratch, edit::Turn::alone(root_), save.changes));
    known_ = std::make_shared<const base::MemoryFileSystem>(std::move(scratch));
    return {saved};
  }
  base::RealFileSystem files;
  // A first configuration may be for a directory that is not there yet.
  if (const auto made = files.make_directories(root_); !made)
    return {std::make_shared<const Outcome>(std::unexpected(made.error()))};
  const auto turn = edit::Turn::take(files, root_, kPatience);
  if (!turn && turn.error().code == EWOULDBLOCK)
    return {std::make_shared<const Outcome>(base::failure(ui::tr("another editor writes the configuration just now")))};
  if (!turn) return {std::make_shared<const Outcome>(std::unexpected(turn.error()))};
  auto outcome = std::make_shared<const Outcome>(edit::save(files, *turn, save.changes));
  if (!*outcome || !(*outcome)->is_saved()) return {outcome};
  const auto noted = edit::append_audit(state_directory_, {.time = std::time(nullptr),
                                                           .who = cli::caller(),
                                                           .program = "vuurmuur_conf",
                                                           .directory = root_,
                                                           .what = save.what});
  if (!noted) remark = ui::fill(ui::tr("the log of edits has no note of this: {}"), noted.error().message);
  return {outcome};
}

std::vector<std::string> TreeFiles::changed() {
  if (is_scratch_) return {};
  auto now = stamps();
  if (now == stamps_) return {};
  stamps_ = std::move(now);
  const base::MemoryFileSystem there = app::take_snapshot(base::RealFileSystem(), root_);
  std::vector<std::string> paths;
  const auto note = [&](const std::string& path) { paths.push_back(path.substr(root_.size() + 1)); };
  for (const auto& [path, text] : known_->files) {
    const auto found = there.files.find(path);
    if (found == there.files.end() || found->second != text) note(path);
  }
  for (const auto& [path, text] : there.files)
    if (!known_->files.contains(path)) note(path);
  return paths;
}

std::string TreeFiles::why_read_only() const {
  if (is_scratch_) return {};
  for (const std::string& path : {root_, root_ + "/rules"}) {
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 || errno == ENOENT) continue;
    return ui::fill(ui::tr("you cannot write '{}': {}"), path, std::string(std::strerror(errno)));
  }
  return {};
}

}  // namespace vuurmuur::conf
