// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/theme_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/strings.h"
#include "diag/render.h"

namespace vuurmuur::term {
namespace {

constexpr std::string_view kSelected = "selected", kBase = "base", kDefault = "default", kBright = "bright-";
constexpr std::string_view kColourNames[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
constexpr int kEight = static_cast<int>(std::size(kColourNames)), kPalette = 256;

constexpr struct {
  std::string_view name;
  Attribute attribute;
} kAttributes[] = {
    {"bold", kBold}, {"dim", kDim}, {"underline", kUnderline}, {"reverse", kReverse}, {"italic", kItalic},
};
constexpr std::string_view kSections[] = {"none", "8", "256"};

struct Rgb {
  int red, green, blue;
};

/// xterm's palette: 16 colours, a cube of 6×6×6 and 24 greys.
Rgb rgb_of(int colour) {
  static constexpr Rgb kFirst[] = {{0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
                                   {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
                                   {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
                                   {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
  static constexpr int kLevels[] = {0, 95, 135, 175, 215, 255};
  if (colour < 16) return kFirst[colour];
  if (colour >= 232) {
    const int grey = 8 + 10 * (colour - 232);
    return {grey, grey, grey};
  }
  const int place = colour - 16;
  return {kLevels[place / 36], kLevels[place / 6 % 6], kLevels[place % 6]};
}

/// The nearest of the palette's colours [begin, end), as the eye weighs red, green and blue.
int nearest_between(Rgb wanted, int begin, int end) {
  int nearest = begin;
  int least = -1;
  for (int colour = begin; colour < end; ++colour) {
    const Rgb found = rgb_of(colour);
    const int red = found.red - wanted.red, green = found.green - wanted.green, blue = found.blue - wanted.blue;
    const int distance = 3 * red * red + 6 * green * green + blue * blue;
    if (least >= 0 && distance >= least) continue;
    least = distance;
    nearest = colour;
  }
  return nearest;
}

/// One line after the other of a file.
class Reader {
 public:
  Reader(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink)
      : file_(file), text_(sources.file(file).text()), sink_(&sink) {}

  Theme read() {
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      read_line(text_.substr(begin, end - begin));
      begin = end + 1;
    }
    return made();
  }

 private:
  /// What the file says of one role.
  struct Entry {
    Look look;
    diag::Span span;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  /// Behind the sections: what is said for all terminals that have colours.
  static constexpr std::size_t kForAll = kColumns;

  [[nodiscard]] diag::Span span_of(std::string_view part) const {
    const auto begin = static_cast<std::uint32_t>(part.data() - text_.data());
    return {.file = file_, .begin = begin, .end = begin + static_cast<std::uint32_t>(part.size())};
  }

  void read_line(std::string_view line) {
    const std::string_view text = base::trim(line);
    if (text.empty() || text.front() == '#') return;
    if (text.front() == '[') return read_section(text);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      sink_->error("bad-line", span_of(text),
                   fmt::format("expected 'role = foreground, background, attributes', not '{}'", text));
      return;
    }
    const std::string_view key = base::trim(text.substr(0, equals)), value = base::trim(text.substr(equals + 1));
    if (key == kBase) return read_base(key, value);
    read_role(key, value);
  }

  void read_section(std::string_view text) {
    const std::string_view name = text.ends_with(']') ? base::trim(text.substr(1, text.size() - 2)) : text;
    const auto found = std::ranges::find(kSections, name);
    if (found == std::end(kSections)) {
      sink_->error("unknown-section", span_of(text), fmt::format("expected [256], [8] or [none], not '{}'", text));
      // Nobody knows for whom the lines below it are.
      section_.reset();
      return;
    }
    section_ = static_cast<std::size_t>(found - std::begin(kSections));
  }

  void read_base(std::string_view key, std::string_view value) {
    if (!said_.empty() || section_ != kForAll) {
      sink_->error("late-base", span_of(key), "the base has to be named before everything else");
      return;
    }
    if (const Theme* base = Theme::find(value)) {
      theme_ = *base;
      return;
    }
    sink_->error("unknown-theme", span_of(value), fmt::format("no theme is named '{}'", value)).suggestion =
        base::nearest(value, Theme::names());
  }

  void read_role(std::string_view key, std::string_view value) {
    if (key != kSelected && !role_from(key)) {
      std::vector<std::string_view> names(role_names().begin(), role_names().end());
      names.insert(names.end(), {kSelected, kBase});
      sink_->error("unknown-role", span_of(key), fmt::format("no role is named '{}'", key)).suggestion =
          base::nearest(key, names);
      return;
    }
    const std::optional<Look> look = look_from(value);
    if (!look || !section_) return;
    Entries& entries = said_[*section_];
    const auto [entry, is_new] = entries.insert_or_assign(std::string(key), Entry{.look = *look, .span = span_of(key)});
    (void)entry;
    if (is_new) return;
    sink_->warning("said-twice", span_of(key), fmt::format("'{}' has been said before; this one counts", key));
  }

  std::optional<Look> look_from(std::string_view value) {
    const std::vector<std::string_view> parts = base::split(value, ',');
    if (parts.size() > 3) {
      sink_->error("bad-look", span_of(value),
                   fmt::format("expected 'foreground, background, attributes', not '{}'", value));
      return std::nullopt;
    }
    Look look;
    const auto foreground = colour_from(base::trim(parts[0]));
    const auto background = parts.size() > 1 ? colour_from(base::trim(parts[1])) : kDefaultColour;
    const auto attributes = parts.size() > 2 ? attributes_from(parts[2]) : std::uint8_t{kPlain};
    if (!foreground || !background || !attributes) return std::nullopt;
    look = {*foreground, *background, *attributes};
    if (section_ == static_cast<std::size_t>(Colours::None) &&
        (look.foreground != kDefaultColour || look.background != kDefaultColour)) {
      sink_->error("bad-colour", span_of(value),
                   "a terminal without colours has attributes only: 'default, default, …'");
      return std::nullopt;
    }
    return look;
  }

  std::optional<int> colour_from(std::string_view word) {
    const int most = section_ == static_cast<std::size_t>(Colours::Eight) ? kEight : kPalette;
    if (word == kDefault) return kDefaultColour;
    std::optional<int> colour;
    const bool is_bright = word.starts_with(kBright);
    const auto name = std::ranges::find(kColourNames, is_bright ? word.substr(kBright.size()) : word);
    if (name != std::end(kColourNames)) {
      colour = static_cast<int>(name - std::begin(kColourNames)) + (is_bright ? kEight : 0);
    } else if (word.size() == 7 && word.front() == '#') {
      const auto value = base::parse_number<unsigned>(word.substr(1), 16);
      if (value) {
        colour = nearest_of_palette(static_cast<int>(*value >> 16), static_cast<int>(*value >> 8 & 0xFF),
                                    static_cast<int>(*value & 0xFF));
      }
    } else if (const auto number = base::parse_number<unsigned>(word); number && *number < kPalette) {
      colour = static_cast<int>(*number);
    }
    if (!colour) {
      std::vector<std::string_view> names(std::begin(kColourNames), std::end(kColourNames));
      names.push_back(kDefault);
      sink_
          ->error(
              "bad-colour", span_of(word),
              fmt::format("expected 'default', the name of a colour, a number up to 255 or '#rrggbb', not '{}'", word))
          .suggestion = base::nearest(word, names);
      return std::nullopt;
    }
    if (*colour >= most) return nearest_of_eight(*colour);
    return colour;
  }

  std::optional<std::uint8_t> attributes_from(std::string_view text) {
    std::uint8_t attributes = kPlain;
    bool is_good = true;
    for (const std::string_view word : base::split(base::trim(text), ' ')) {
      if (word.empty()) continue;
      const auto found = std::ranges::find(kAttributes, word, [](const auto& row) { return row.name; });
      if (found != std::end(kAttributes)) {
        attributes |= found->attribute;
        continue;
      }
      std::vector<std::string_view> names;
      for (const auto& row : kAttributes) names.push_back(row.name);
      sink_->error("unknown-attribute", span_of(word), fmt::format("no attribute is named '{}'", word)).suggestion =
          base::nearest(word, names);
      is_good = false;
    }
    if (!is_good) return std::nullopt;
    return attributes;
  }

  void say(std::string_view key, Colours colours, const Look& look) {
    if (key == kSelected)
      theme_.set_selected(colours, look);
    else
      theme_.set(*role_from(key), colours, look);
  }

  Theme made() {
    for (const auto& [key, entry] : said_[kForAll]) {
      say(key, Colours::Many, entry.look);
      Look eight = entry.look;
      eight.foreground = nearest_of_eight(eight.foreground);
      eight.background = nearest_of_eight(eight.background);
      say(key, Colours::Eight, eight);
    }
    for (std::size_t section = 0; section < kForAll; ++section)
      for (const auto& [key, entry] : said_[section]) say(key, static_cast<Colours>(section), entry.look);
    return theme_;
  }

  diag::FileId file_;
  std::string_view text_;
  diag::Sink* sink_;
  Theme theme_ = Theme::standard();
  std::map<std::size_t, Entries> said_;
  std::optional<std::size_t> section_ = kForAll;
};

}  // namespace

int nearest_of_palette(int red, int green, int blue) { return nearest_between({red, green, blue}, 16, kPalette); }

int nearest_of_eight(int colour) {
  if (colour < kEight) return colour;
  if (colour < 2 * kEight) return colour - kEight;
  return nearest_between(rgb_of(colour), 0, kEight);
}

base::Result<Theme> find_theme(const base::FileSystem& files, const std::string& name, std::string& said) {
  if (name.find('/') == std::string::npos) {
    if (const Theme* theme = Theme::find(name)) return *theme;
    std::string message = fmt::format("no theme is named '{}'", name);
    if (const auto near = base::nearest(name, Theme::names())) message += fmt::format("; did you mean '{}'?", *near);
    return base::failure(message + " (a file has a '/' in its name)");
  }
  diag::SourceMap sources;
  diag::Sink sink;
  const diag::FileId file = sources.add(name, VM_TRY(files.read_file(name)));
  Theme theme = read_theme(file, sources, sink);
  said = diag::render(sink, sources, diag::Style::Plain);
  if (sink.has_errors()) return base::failure(std::exchange(said, {}));
  return theme;
}

Theme read_theme(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink) {
  return Reader(file, sources, sink).read();
}

}  // namespace vuurmuur::term
