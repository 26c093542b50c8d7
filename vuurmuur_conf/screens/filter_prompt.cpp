// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/filter_prompt.h"

#include "base/strings.h"
#include "diag/source.h"
#include "screens/prompt.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

filter::Filter read(filter::Of of, const std::string& text, diag::Sink& sink) {
  diag::SourceMap sources;
  return filter::parse(text, sources.add("filter", text), of, sink);
}

std::string fault_of(filter::Of of, const std::string& text) {
  diag::Sink sink;
  static_cast<void>(read(of, text, sink));
  if (sink.all().empty()) return {};
  const diag::Diagnostic& first = sink.all().front();
  return first.suggestion ? ui::fill(ui::tr("{}; did you mean '{}'?"), first.message, *first.suggestion)
                          : first.message;
}

}  // namespace

std::unique_ptr<app::Screen> make_filter_prompt(filter::Of of, std::string text,
                                                std::function<void(app::Context&, const std::string&)> on_filter) {
  std::string keys;
  for (const filter::KeyRow& row : filter::keys())
    if (has(row, of)) keys += (keys.empty() ? "" : " ") + std::string(row.name) + ":";
  return make_prompt({.question = ui::tr("Show what fits all of these (src:lan port:22 !dns)"),
                      .lines = {ui::fill(ui::tr("Keys: {}"), keys)},
                      .text = std::move(text),
                      .check = [of](const std::string& typed) { return fault_of(of, typed); },
                      .on_text =
                          [on_filter = std::move(on_filter)](app::Context& context, const std::string& typed) {
                            on_filter(context, std::string(base::trim(typed)));
                          }});
}

filter::Filter filter_from(filter::Of of, const std::string& text) {
  diag::Sink sink;
  return read(of, text, sink);
}

}  // namespace vuurmuur::screens
