// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/apply.h"

#include <filesystem>
#include <iostream>
#include <sstream>

#include "cli/daemon_client.h"
#include "cli/run.h"
#include "cli/state_directory.h"
#include "edit/turn.h"

namespace vuurmuur::script {
namespace {

/// Whether a daemon answers that has this configuration.
bool has_daemon(Context& context, const std::string& directory, const cli::Arguments& arguments) {
  cli::Context asking{.out = context.out, .err = context.err, .files = context.files};
  const auto daemon = cli::DaemonClient::find(asking, arguments);
  std::error_code error;
  return daemon && std::filesystem::equivalent(daemon->about().configuration, directory, error);
}

/// What "vuurmuur apply" prints when it is done goes where it is wished.
class QuietOutput {
 public:
  explicit QuietOutput(bool is_quiet) : old_(is_quiet ? std::cout.rdbuf(text_.rdbuf()) : nullptr) {}
  QuietOutput(const QuietOutput&) = delete;
  QuietOutput& operator=(const QuietOutput&) = delete;
  ~QuietOutput() {
    if (old_ != nullptr) std::cout.rdbuf(old_);
  }

 private:
  std::ostringstream text_;
  std::streambuf* old_;
};

}  // namespace

ExitCode apply(Context& context, const std::string& directory, const cli::Arguments& arguments, WithoutDaemon without) {
  if (without == WithoutDaemon::Warn && !has_daemon(context, directory, arguments)) {
    tell(context, "warning", "no daemon runs with this configuration: in force with the next apply");
    return ExitCode::Done;
  }
  // What a killed script left half done is put in order first.
  if (const auto turn = edit::Turn::take(context.files, directory); !turn) return fail(context, turn.error());
  std::vector<std::string> words{"apply", "--confirm=0", "--comment=vuurmuur_script"};
  if (arguments.has(cli::kStateDirOption.name))
    words.push_back("--state-dir=" + cli::named_state_directory(arguments).value_or(""));
  words.push_back(directory);
  const QuietOutput quiet(!context.verbose);
  return cli::run(words) == 0 ? ExitCode::Done : ExitCode::Failed;
}

}  // namespace vuurmuur::script
