// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/session.h"

namespace vuurmuur::control {

base::Result<std::unique_ptr<Session>> Session::open(base::FileSystem& files, const std::string& directory,
                                                     apply::Options load, history::Wait wait,
                                                     std::function<void()> on_loading) {
  auto turn = VM_TRY(history::take_store_lock(directory, wait));
  return std::unique_ptr<Session>(
      new Session(std::move(turn), files, directory, std::move(load), std::move(on_loading)));
}

}  // namespace vuurmuur::control
