// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "lab/error.h"

namespace vuurmuur::demo {

namespace fs = std::filesystem;

SampleCopy::SampleCopy() {
  std::string name = (fs::temp_directory_path() / "vuurmuur-demo-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw lab::LabError::from_errno("make a directory");
  directory_ = name;
  fs::copy(VM_SAMPLE, directory_, fs::copy_options::recursive);
}

SampleCopy::SampleCopy(const std::string& from, const std::string& to) : SampleCopy() {
  const fs::path rules = directory_ / "rules/rules.conf";
  std::stringstream text;
  text << std::ifstream(rules).rdbuf();
  std::string changed = text.str();
  const std::size_t at = changed.find(from);
  if (at == std::string::npos) throw lab::LabError("the sample has no rule '" + from + "'");
  std::ofstream(rules) << changed.replace(at, from.size(), to);
}

SampleCopy::~SampleCopy() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

}  // namespace vuurmuur::demo
