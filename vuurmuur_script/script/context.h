// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <ostream>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"
#include "edit/refusal.h"

namespace vuurmuur::script {

/// What the program ends with: the numbers of the original.
enum class ExitCode : int {
  Done = 0,
  Usage = 1,   ///< the command line makes no sense, or a value cannot be
  Failed = 2,  ///< the machine refused, or others use the object
  NotFound = 3,
  Exists = 4,
  Memory = 5,
  Inconsistent = 6,  ///< somebody else has changed it meanwhile
  Internal = 254,
};

/// The world the program works in.
struct Context {
  std::ostream& out;
  std::ostream& err;
  base::FileSystem& files;
  bool verbose = false;
};

/// Writes "vuurmuur_script: KIND: MESSAGE" to the error output.
void tell(Context& context, std::string_view kind, std::string_view message);

/// Tells why, and gives the code for it.
ExitCode fail(Context& context, ExitCode code, std::string_view message);
ExitCode fail(Context& context, const base::Error& error);
ExitCode fail(Context& context, const edit::Refusal& refusal);

}  // namespace vuurmuur::script
