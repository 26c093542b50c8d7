// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vuurmuur::cli {

/// A machine that commands of this program are run on: another one, by ssh(1), or this one.
class RemoteHost {
 public:
  /// How a command ended, and what it printed.
  struct Answer {
    int status = 0;  ///< its exit status, or 128 and the signal; 255 when ssh did not get through
    std::string out, err;
  };

  /// A machine as ssh names it ("root@192.0.2.7", "ssh://root@gateway:2222"), or kHere. The error is a message for the
  /// user.
  [[nodiscard]] static std::expected<RemoteHost, std::string> named(std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }

  /// Runs "vuurmuur WORDS" there with that input, by a connection of its own: none that was there before is used. Fails
  /// only when no process can be made of it.
  [[nodiscard]] base::Result<Answer> run(const std::vector<std::string>& words, std::string_view input = {}) const;

 private:
  explicit RemoteHost(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

/// The name of this machine.
inline constexpr std::string_view kHere = "here";

/// The exit status of ssh when it did not get through.
inline constexpr int kNotReached = 255;

/// A word as a POSIX shell reads it back: in quotes where it needs them.
[[nodiscard]] std::string shell_word(std::string_view word);

}  // namespace vuurmuur::cli
