// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "control/reverse_names.h"
#include "net/address.h"

namespace vuurmuur::cli {

inline constexpr Option kResolveOption{
    .name = "resolve", .argument = "", .help = "ask DNS what addresses are called that have no name here"};

/// Lines on their way out that wait until DNS has said what the addresses in them are called. They are asked for together,
/// so many lines at a time. Below a line of text stands a line for each address that has a name; an object of JSON gets
/// "source_dns" and "destination_dns".
class ReverseLines {
 public:
  using Out = std::function<void(std::string_view)>;
  static constexpr std::size_t kAtOnce = 512;

  ReverseLines(dns::Options options, bool is_json, Out out)
      : names_(std::move(options)), is_json_(is_json), out_(std::move(out)) {}

  /// A line with its end. An end of it whose address has a name already is null.
  void add(std::string line, const net::Address* source, const net::Address* destination);
  /// Hands all on.
  void flush();

 private:
  struct Unresolved {
    const char* key;  ///< of JSON
    net::Address address;
  };
  struct Line {
    std::string text;
    std::vector<Unresolved> unresolved;
  };
  void append_names(Line& line) const;

  control::ReverseNames names_;
  bool is_json_;
  Out out_;
  std::vector<Line> lines_;
};

/// How DNS is to be asked by the configuration in a directory, as far as it can be read.
[[nodiscard]] dns::Options dns_options_of(const Context& context, const std::string& directory);

}  // namespace vuurmuur::cli
