// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/unique_fd.h"

namespace vuurmuur::lab {

/// Moves the process into fresh user, network and mount namespaces of its own, in which it is root, with an empty
/// /run and no way to reach the machine's own network. Once a process; later calls do nothing. The process must have
/// one thread. VUURMUUR_LAB_AS_ROOT in the environment lets root keep its user namespace: nf_tables takes transactions
/// of more than twice net.core.wmem_max from nobody else. It is also bound to one processor, on which wires then
/// deliver in the order of sending (see Wire).
void enter_laboratory();

/// Binds the process to one processor of those allowed, spread over the processes that run at the same time.
void bind_to_one_processor();

/// A network namespace that lives as long as this object (and the sockets opened in it).
class NetNamespace {
 public:
  /// A new one, with its loopback interface up and nothing else. enter_laboratory() comes first.
  NetNamespace();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  base::UniqueFd fd_;
};

/// While it lives the calling thread is in a namespace: sockets that it opens and programs that it starts belong there.
class Inside {
 public:
  explicit Inside(const NetNamespace& where);
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  base::UniqueFd before_;
};

/// Writes a kernel setting of the namespace that the thread is in: path below /proc/sys.
void write_setting(const std::string& path, const std::string& value);

}  // namespace vuurmuur::lab
