// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <filesystem>
#include <string>

namespace vuurmuur::demo {

/// A copy of the sample gateway, removed with it; in it a text of the rules may be another one.
class SampleCopy {
 public:
  SampleCopy();
  SampleCopy(const std::string& from, const std::string& to);
  SampleCopy(const SampleCopy&) = delete;
  SampleCopy& operator=(const SampleCopy&) = delete;
  ~SampleCopy();
  [[nodiscard]] std::string directory() const { return directory_.string(); }

 private:
  std::filesystem::path directory_;
};

}  // namespace vuurmuur::demo
