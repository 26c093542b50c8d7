// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "screens/field_looks.h"
#include "ui/form.h"

namespace vuurmuur::screens {

/// What an object's file, or config.conf, says as names and values, as they are edited. What nobody edits is not
/// written: comments, the order of lines and keys that are not shown stay as they are.
///
/// Rows are named after their keys: "COMMENT"; "IPADDRESS.1" the second value of a list; "RULE:3" the fourth of
/// statements_of().
class ObjectFields {
 public:
  ObjectFields(config::FileType type, const config::Document& document);

  [[nodiscard]] config::FileType type() const { return type_; }
  [[nodiscard]] std::vector<ui::FormRow> rows(bool has_advanced) const;
  [[nodiscard]] bool has_advanced() const;
  /// Of a row.
  [[nodiscard]] std::string value(std::string_view row) const;
  void set(std::string_view row, const std::string& value);

  [[nodiscard]] bool is_changed() const;
  /// Writes what was changed.
  void write(config::Document& document) const;

  /// The row that shows the nth value (from 0) that is written for a key; empty when none does.
  [[nodiscard]] std::string row_of(std::string_view key, std::size_t nth) const;

 private:
  struct Entry {
    const FieldLook* look;
    const config::KeyRow* key;
    /// As the rows show them; of statements their texts, of a toggle "yes" or nothing.
    std::vector<std::string> values, before;
  };
  /// "IPADDRESS.1" is key IPADDRESS, index 1.
  struct Place {
    const Entry* entry = nullptr;
    char mark = 0;  ///< '.', ':' or none
    std::size_t index = 0;
  };

  [[nodiscard]] Place place_of(std::string_view row) const;
  void add_rows(const Entry& entry, std::vector<ui::FormRow>& rows) const;
  void write_entry(const Entry& entry, config::Document& document) const;

  config::FileType type_;
  std::vector<Entry> entries_;
};

}  // namespace vuurmuur::screens
