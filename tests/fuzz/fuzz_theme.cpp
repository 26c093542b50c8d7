// SPDX-License-Identifier: GPL-2.0-or-later
// A theme file: whatever it holds, reading it ends, what is said can be shown, and the theme has colours that there
// are.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "diag/render.h"
#include "term/theme_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  diag::SourceMap sources;
  diag::Sink sink;
  const diag::FileId file = sources.add("theme", {reinterpret_cast<const char*>(data), size});
  const term::Theme theme = term::read_theme(file, sources, sink);
  (void)diag::render(sink, sources, diag::Style::Plain);
  for (int role = 0; role < ui::kRoles; ++role) {
    for (const bool is_selected : {false, true}) {
      const ui::Style style(static_cast<ui::Role>(role), is_selected);
      const auto is_within = [&](term::Colours colours, int most) {
        const term::Look look = theme.look(style, colours);
        return look.foreground >= -1 && look.foreground < most && look.background >= -1 && look.background < most;
      };
      VM_ASSERT(is_within(term::Colours::None, 0));
      VM_ASSERT(is_within(term::Colours::Eight, 8));
      VM_ASSERT(is_within(term::Colours::Many, 256));
    }
  }
  return 0;
}
