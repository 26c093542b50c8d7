// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/run.h"

#include <libintl.h>
#include <sys/stat.h>

#include <clocale>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "program/files.h"
#include "program/interactive.h"
#include "program/options.h"
#include "screens/key_sheet.h"

namespace vuurmuur::conf {
namespace {

enum Exit : int { kDone = 0, kUsage = 1, kNoTree = 2, kRefused = 3 };

int fail(Exit code, std::string_view message) {
  std::cerr << "vuurmuur_conf: error: " << message << '\n';
  if (code == kUsage) std::cerr << "try 'vuurmuur_conf --help'\n";
  return code;
}

int run_with(const Options& options) {
  if (options.wants_help) return std::cout << help_text(), kDone;
  if (options.wants_version) return std::cout << "vuurmuur_conf " VUURMUUR_VERSION "\n", kDone;
  if (options.wants_keys) return std::cout << screens::key_sheet(), kDone;
  struct stat status {};
  const bool is_there = ::stat(options.directory.c_str(), &status) == 0;
  if (is_there ? !S_ISDIR(status.st_mode) : !options.may_be_new)
    return fail(kNoTree, "there is no configuration tree '" + options.directory + "'" +
                             (is_there ? "" : "; --wizard makes one"));
  TreeFiles files(options.directory, options.state_directory, options.is_demo);
  if (!options.print) return run_interactive(options, files);
  std::cout << make_app(options, files).view(*options.print).to_text();
  return kDone;
}

}  // namespace

int run(const std::vector<std::string>& words) {
  std::setlocale(LC_ALL, "");
  // Catalogues of a build that is not installed.
  const char* catalogues = std::getenv("VUURMUUR_LOCALE_DIR");
  ::bindtextdomain("vuurmuur", catalogues != nullptr ? catalogues : VUURMUUR_LOCALE_DIR);
  ::bind_textdomain_codeset("vuurmuur", "UTF-8");
  ::textdomain("vuurmuur");
  try {
    const auto options = read_options(words);
    if (!options) return fail(kUsage, options.error());
    const int code = run_with(*options);
    std::cout.flush();
    return code == kDone && !std::cout ? fail(kRefused, "write standard output failed") : code;
  } catch (const std::exception& problem) {
    return fail(kRefused, problem.what());
  }
}

}  // namespace vuurmuur::conf
