// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/run.h"

#include <exception>
#include <iostream>
#include <new>

#include "script/apply.h"
#include "script/change.h"
#include "script/machine.h"
#include "script/print.h"

namespace vuurmuur::script {
namespace {

ExitCode misuse(Context& context, std::string_view message) {
  tell(context, "error", message);
  context.err << "try 'vuurmuur_script --help'\n";
  return ExitCode::Usage;
}

ExitCode dispatch(Context& context, const std::vector<std::string>& words) {
  if (words.empty()) {
    context.err << help_text();
    return ExitCode::Usage;
  }
  const auto arguments = parse_words(words);
  if (!arguments) return misuse(context, arguments.error());
  const auto request = read_request(*arguments);
  if (!request) return misuse(context, request.error());
  context.verbose = request->verbose;
  switch (request->command) {
    case Command::Help: context.out << help_text(); return ExitCode::Done;
    case Command::Version: context.out << "vuurmuur_script " VUURMUUR_VERSION "\n"; return ExitCode::Done;
    case Command::ListDevices: return list_devices(context);
    case Command::ListPaths: return list_paths(context, request->directory);
    case Command::Reload: return apply(context, request->directory, *arguments, WithoutDaemon::ApplyHere);
    case Command::List:
    case Command::Print:
    case Command::ListBlocked: return print(context, *request);
    default: return change(context, *request, *arguments);
  }
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  base::RealFileSystem files;
  Context context{.out = std::cout, .err = std::cerr, .files = files};
  ExitCode code = ExitCode::Internal;
  try {
    code = dispatch(context, arguments);
  } catch (const std::bad_alloc& problem) {
    code = fail(context, ExitCode::Memory, problem.what());
  } catch (const std::exception& problem) {
    code = fail(context, ExitCode::Internal, problem.what());
  }
  std::cout.flush();
  if (code == ExitCode::Done && !std::cout) code = fail(context, ExitCode::Failed, "write standard output failed");
  return static_cast<int>(code);
}

}  // namespace vuurmuur::script
