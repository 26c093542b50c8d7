// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/schema.h"
#include "diag/diagnostic.h"
#include "net/address.h"

namespace vuurmuur::config {

/// A document that is being read, the file that its places are in, and where its problems go.
struct Input {
  const Document& document;
  diag::FileId file;
  diag::Sink& sink;
};

/// Calls `use` with every value that is not empty, in the order of the lines. Reports lines that are no entries and
/// keys that the kind of file does not have.
void for_each_value(const Input& input, FileType type, const std::function<void(const KeyRow&, Value)>& use);

/// The values of a small file by key, and the usual ways to read one. A value that is wrong is reported and counts as
/// not written.
class Fields {
 public:
  /// Also reports second values of keys that have one.
  Fields(const Input& input, FileType type);

  /// The value of a key, or null.
  [[nodiscard]] const Value* one(std::string_view key) const;
  [[nodiscard]] std::vector<const Value*> all(std::string_view key) const;

  [[nodiscard]] bool boolean(std::string_view key, bool fallback) const;
  /// A number in the given radix (16 stands for decimal or hexadecimal with 0x) from least to most.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                                    int radix = 10) const;
  /// The text as written, blanks at its ends kept.
  [[nodiscard]] std::string text(std::string_view key) const;

  [[nodiscard]] diag::Sink& sink() const { return sink_; }

 private:
  struct Entry {
    const KeyRow* row;
    Value value;
  };
  std::vector<Entry> entries_;
  diag::Sink& sink_;
};

/// Reads a number as Fields::number does. `what` names it in messages: "LOG_POLICY_LIMIT".
[[nodiscard]] std::optional<std::uint64_t> read_number(const Value& value, std::string_view part, std::string_view what,
                                                       std::uint64_t least, std::uint64_t most, int radix,
                                                       diag::Sink& sink);

/// Reads an address of the wanted family (nothing: of either).
[[nodiscard]] std::optional<net::Address> read_address(const Value& value, std::optional<net::Family> family,
                                                       diag::Sink& sink);

/// Clears the host bits of a prefix, with a warning when there were any.
[[nodiscard]] net::Prefix without_host_bits(const net::Prefix& prefix, diag::Span span, diag::Sink& sink);

/// The words of a text, separated by blanks; they point into it.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

}  // namespace vuurmuur::config
