// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/connection_filter.h"

#include <unistd.h>

#include "base/strings.h"
#include "cli/terminal.h"
#include "diag/render.h"

namespace vuurmuur::cli {

std::string filter_text(const Arguments& arguments) { return base::join(arguments.positional(), " "); }

std::expected<filter::Filter, ExitCode> read_filter(Context& context, const Arguments& arguments,
                                                    const control::InForce& in_force) {
  diag::SourceMap sources;
  diag::Sink sink;
  const std::string text = filter_text(arguments);
  filter::Filter filter = filter::parse(text, sources.add("filter", text), filter::Of::Connections, sink);
  if (!sink.has_errors()) check_words(filter, control::known_words(in_force), sink);
  if (!sink.has_errors()) return filter;
  context.err << diag::render(sink, sources, style_for(context.colour, STDERR_FILENO));
  return std::unexpected(ExitCode::Usage);
}

std::expected<std::optional<net::Family>, std::string> read_family(const Arguments& arguments) {
  const auto value = arguments.value(kFamilyOption.name);
  if (!value) return std::nullopt;
  if (*value == "4") return net::Family::Ipv4;
  if (*value == "6") return net::Family::Ipv6;
  return std::unexpected("option '--family': '" + *value + "' is neither 4 nor 6");
}

}  // namespace vuurmuur::cli
