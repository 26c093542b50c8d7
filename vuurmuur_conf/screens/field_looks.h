// SPDX-License-Identifier: GPL-2.0-or-later
// How forms show the keys of files.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "config/schema.h"

namespace vuurmuur::screens {

/// How a key is edited.
enum class Shape : std::uint8_t {
  Text,        ///< one value
  Toggle,      ///< Yes or No
  Choice,      ///< one of some words
  List,        ///< a row a value, and an empty one to add to them
  Names,       ///< the names of other objects, in one row
  Networks,    ///< a list of networks; their netmasks stand under another key
  Statements,  ///< a row to switch on and off for each statement that there can be
  Elsewhere,   ///< not in the form: other rows speak of it, or a screen of its own
};

struct FieldLook {
  config::FileType type;
  std::string_view key;
  Shape shape;
  const char* label;                ///< to be translated
  const char* section = "";         ///< to be translated
  bool is_advanced = false;         ///< shown when it is set, or asked for
  std::string_view choices = "";    ///< of a Choice, separated by blanks; the first "-" stands for none
  std::string_view other_key = "";  ///< of Networks: the key of the netmasks
};

/// The looks of a kind of file, in the order of the form. A key of the schema that is to be shown is in it once.
[[nodiscard]] std::span<const FieldLook> looks_of(config::FileType type);

/// A statement that a RULE key can have.
struct StatementLook {
  config::FileType type;
  std::string_view text;  ///< as it is written
  const char* label;      ///< to be translated
  const char* help;       ///< to be translated
  const char* section;    ///< to be translated
};

[[nodiscard]] std::span<const StatementLook> statements_of(config::FileType type);

}  // namespace vuurmuur::screens
