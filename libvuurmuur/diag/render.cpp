// SPDX-License-Identifier: GPL-2.0-or-later
#include "diag/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "diag/width.h"

namespace vuurmuur::diag {
namespace {

// Columns of source text before and behind the beginning of the caret run that are shown of a long line.
constexpr std::size_t kColumnsBefore = 40;
constexpr std::size_t kColumnsBehind = 60;
constexpr std::string_view kCut = "...";

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kRed = "\033[1;31m";
constexpr std::string_view kMagenta = "\033[1;35m";
constexpr std::string_view kCyan = "\033[1;36m";
constexpr std::string_view kGreen = "\033[1;32m";
constexpr std::string_view kPlain = "\033[0m";

std::string paint(std::string_view text, std::string_view colour, Style style) {
  if (style == Style::Plain || text.empty()) return std::string(text);
  return fmt::format("{}{}{}", colour, text, kPlain);
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Glyph glyph = glyph_at(text, at);
    if (glyph.printable) result += text.substr(at, glyph.bytes);
    if (!glyph.printable) result += '?';
    at += glyph.bytes;
  }
  return result;
}

/// The part of a line that is shown: bytes [begin, end).
struct Window {
  std::size_t begin, end;
};

/// Looks at a bounded number of bytes, however long the line is.
Window window_around(std::string_view line, std::size_t caret) {
  if (line.size() <= kColumnsBefore + kColumnsBehind) return {0, line.size()};
  std::size_t begin = caret;
  for (std::size_t glyphs = 0; begin > 0 && glyphs < kColumnsBefore; ++glyphs) {
    --begin;
    while (begin > 0 && is_inside_glyph(line, begin)) --begin;
  }
  if (begin <= kCut.size()) begin = 0;
  std::size_t end = caret;
  const std::size_t wanted = kColumnsBehind + (begin == 0 ? kColumnsBefore - std::min(caret, kColumnsBefore) : 0);
  for (std::size_t columns_seen = 0; end < line.size() && columns_seen < wanted;) {
    const Glyph glyph = glyph_at(line, end);
    columns_seen += std::max(glyph.columns, 1u);
    end += glyph.bytes;
  }
  if (line.size() - end <= kCut.size()) end = line.size();
  return {begin, end};
}

/// The source line and the caret line below it.
std::string excerpt(Span span, const SourceFile& file, Style style) {
  const Position place = file.position(span.begin);
  const std::string_view line = file.line(place.line);
  const std::size_t line_begin = file.line_begin(place.line);
  const std::size_t caret = std::min<std::size_t>(span.begin - line_begin, line.size());
  const std::size_t run_end = std::clamp<std::size_t>(span.end - line_begin, caret, line.size());
  const Window window = window_around(line, caret);

  std::string below(window.begin > 0 ? kCut.size() : 0, ' ');
  for (std::size_t at = window.begin; at < caret;) {
    const Glyph glyph = glyph_at(line, at);
    below += line[at] == '\t' ? std::string(1, '\t') : std::string(glyph.columns, ' ');
    at += glyph.bytes;
  }
  const std::size_t run = columns(line, caret, std::min(run_end, window.end));
  const std::string caret_run = '^' + std::string(run > 1 ? run - 1 : 0, '~');
  return fmt::format("  {}{}{}\n  {}{}\n", window.begin > 0 ? kCut : "",
                     printable(line.substr(window.begin, window.end - window.begin)),
                     window.end < line.size() ? kCut : "", below, paint(caret_run, kGreen, style));
}

std::string headline(std::optional<Span> span, const SourceMap& sources, std::string_view label,
                     std::string_view colour, std::string_view message, Style style) {
  std::string where;
  if (span) {
    const SourceFile& file = sources.file(span->file);
    const Position place = file.position(span->begin);
    where = fmt::format("{}:{}:{}:", printable(file.path()), place.line, place.column);
  }
  return fmt::format("{}{}{} {}\n", paint(where, kBold, style), where.empty() ? "" : " ",
                     paint(fmt::format("{}:", label), colour, style), printable(message));
}

/// A sink's diagnostics by file and place, those without a place first, as they were found where equal.
std::vector<const Diagnostic*> in_order(const Sink& sink, const SourceMap& sources) {
  std::vector<const Diagnostic*> result;
  for (const Diagnostic& diagnostic : sink.all()) result.push_back(&diagnostic);
  const auto key = [&sources](const Diagnostic* diagnostic) {
    if (!diagnostic->span) return std::tuple(false, std::string_view(), 0u);
    return std::tuple(true, std::string_view(sources.file(diagnostic->span->file).path()), diagnostic->span->begin);
  };
  std::ranges::stable_sort(result, {}, key);
  return result;
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void add_place(nlohmann::ordered_json& object, std::optional<Span> span, const SourceMap& sources) {
  for (const char* key : {"file", "line", "column", "end_line", "end_column"}) object[key] = nullptr;
  if (!span) return;
  const SourceFile& file = sources.file(span->file);
  const Position begin = file.position(span->begin);
  const Position end = file.position(span->end);
  object["file"] = file.path();
  object["line"] = begin.line;
  object["column"] = begin.column;
  object["end_line"] = end.line;
  object["end_column"] = end.column;
}

}  // namespace

std::string render(const Diagnostic& diagnostic, const SourceMap& sources, Style style) {
  const bool is_error = diagnostic.severity == Severity::Error;
  std::string message = diagnostic.message;
  if (diagnostic.suggestion) message += fmt::format("; did you mean '{}'?", *diagnostic.suggestion);
  std::string text =
      headline(diagnostic.span, sources, is_error ? "error" : "warning", is_error ? kRed : kMagenta, message, style);
  if (diagnostic.span) text += excerpt(*diagnostic.span, sources.file(diagnostic.span->file), style);
  for (const Note& note : diagnostic.notes) {
    text += headline(note.span, sources, "note", kCyan, note.message, style);
    if (note.span) text += excerpt(*note.span, sources.file(note.span->file), style);
  }
  return text;
}

std::string render(const Sink& sink, const SourceMap& sources, Style style) {
  std::string text;
  for (const Diagnostic* diagnostic : in_order(sink, sources)) text += render(*diagnostic, sources, style);
  if (sink.all().empty()) return text;
  if (sink.error_count() > 0) text += counted(sink.error_count(), "error");
  if (sink.error_count() > 0 && sink.warning_count() > 0) text += ", ";
  if (sink.warning_count() > 0) text += counted(sink.warning_count(), "warning");
  return text + '\n';
}

std::string render_json(const Sink& sink, const SourceMap& sources) {
  nlohmann::ordered_json document{{"errors", sink.error_count()}, {"warnings", sink.warning_count()}};
  auto& list = document["diagnostics"] = nlohmann::ordered_json::array();
  for (const Diagnostic* diagnostic : in_order(sink, sources)) {
    nlohmann::ordered_json entry{{"severity", diagnostic->severity == Severity::Error ? "error" : "warning"},
                                 {"code", diagnostic->code},
                                 {"message", diagnostic->message}};
    add_place(entry, diagnostic->span, sources);
    entry["suggestion"] = nullptr;
    if (diagnostic->suggestion) entry["suggestion"] = *diagnostic->suggestion;
    auto& notes = entry["notes"] = nlohmann::ordered_json::array();
    for (const Note& note : diagnostic->notes) {
      nlohmann::ordered_json object{{"message", note.message}};
      add_place(object, note.span, sources);
      notes.push_back(std::move(object));
    }
    list.push_back(std::move(entry));
  }
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace vuurmuur::diag
