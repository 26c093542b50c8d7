// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "diag/diagnostic.h"
#include "diag/source.h"

namespace vuurmuur::diag {

enum class Style { Plain, Colour };

/// One diagnostic in GNU form with the source line and a caret run under the words it speaks of, then its notes:
///
///     rules/rules.conf:3:22: error: no service is named 'htpp'; did you mean 'http'?
///       RULE="accept service htpp from lan to inet"
///                            ^~~~
///     services/http:1:1: note: ...
///
/// A note without a place is "note: ..." alone. Long lines are cut around the caret ("..." where something is left
/// out); control characters and bytes that are not UTF-8 are shown as '?'.
[[nodiscard]] std::string render(const Diagnostic& diagnostic, const SourceMap& sources, Style style);

/// All of a sink, sorted by file and place, followed by a line of counts ("2 errors, 1 warning") when there are any.
[[nodiscard]] std::string render(const Sink& sink, const SourceMap& sources, Style style);

/// All of a sink, in the same order, as a JSON document: {"errors":N,"warnings":N,"diagnostics":[{"severity","code",
/// "message","file","line","column","end_line","end_column","suggestion","notes":[{"message","file","line","column",
/// "end_line","end_column"}]}]}. The end is the place behind the last byte. What there is not (a place, a suggestion)
/// is null. Text that is not UTF-8 is replaced.
[[nodiscard]] std::string render_json(const Sink& sink, const SourceMap& sources);

}  // namespace vuurmuur::diag
