// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/model.h"

#include <algorithm>

#include "ui/translate.h"

namespace vuurmuur::app {

void take_tree(Model& model, const std::shared_ptr<const base::MemoryFileSystem>& files) {
  model.newer = nullptr;
  model.changed_underneath.clear();
  if (model.workspace.change_count() == 0) {
    model.workspace = Workspace(files, model.workspace.root());
    return;
  }
  model.changed_underneath = model.workspace.differing(*files);
  if (!model.changed_underneath.empty()) model.newer = files;
}

std::optional<std::int64_t> seconds_left(const Model& model) {
  const Status& status = model.daemon.status;
  if (!status.seconds_left) return std::nullopt;
  return std::max<std::int64_t>(0, *status.seconds_left - (model.now - status.asked));
}

std::optional<std::string> why_not_write(const Model& model) {
  if (model.why_read_only.empty()) return std::nullopt;
  return model.why_read_only;
}

std::optional<std::string> why_not_daemon(const Model& model) {
  switch (model.daemon.link) {
    case Link::There: return std::nullopt;
    case Link::Offline: return ui::tr("no daemon is asked: started with --offline");
    case Link::Lost: break;
  }
  return model.daemon.reason.empty() ? std::string(ui::tr("the daemon does not answer")) : model.daemon.reason;
}

}  // namespace vuurmuur::app
