// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "config/categories.h"
#include "config/names.h"
#include "config/ranges.h"
#include "config/read.h"

namespace vuurmuur::config {
namespace {

using net::Protocol;

struct OldKey {
  std::string_view key;
  Protocol protocol;
};

constexpr std::array kOldKeys{
    OldKey{"TCP", Protocol::Tcp},       OldKey{"UDP", Protocol::Udp}, OldKey{"ICMP", Protocol::Icmp},
    OldKey{"GRE", Protocol::Gre},       OldKey{"AH", Protocol::Ah},   OldKey{"ESP", Protocol::Esp},
    OldKey{"PROTO_41", Protocol::Ipv6},
};

/// The kernel's helpers are named as objects are, but for the dot in "Q.931" and "H.245".
bool is_helper_name(std::string_view text) {
  return std::ranges::all_of(base::split(text, '.'), [](std::string_view part) { return is_name(part); });
}

/// One value of an old key, which may hold several separated by commas.
void read_old_value(const Value& value, Protocol protocol, diag::Sink& sink,
                    std::vector<model::Located<model::PortSet>>& into) {
  if (!net::has_ports(protocol) && protocol != Protocol::Icmp) {
    // Whatever is written there only says that the protocol belongs to the service.
    into.emplace_back(model::PortSet{.protocol = protocol, .icmp_type = {}, .icmp_code = {}}, value.span());
    return;
  }
  for (std::string_view part : base::split(value.trimmed(), ',')) {
    part = base::trim(part);
    if (part.empty()) continue;
    // Behind the '*' of an ICMP value nothing is of meaning.
    const auto ports = protocol == Protocol::Icmp
                           ? read_icmp(value, base::trim(part.substr(0, part.find('*'))), ':', protocol, sink)
                           : read_port_pair(value, part, protocol, sink);
    if (ports) into.emplace_back(*ports, value.span(part));
  }
}

std::vector<model::Located<model::PortSet>> read_old_keys(const Fields& fields, diag::Sink& sink) {
  std::vector<model::Located<model::PortSet>> result;
  for (const OldKey& row : kOldKeys)
    for (const Value* value : fields.all(row.key)) read_old_value(*value, row.protocol, sink, result);
  return result;
}

std::vector<model::Located<std::string>> read_categories(const Fields& fields, diag::Sink& sink) {
  std::vector<model::Located<std::string>> result;
  for (const Value* value : fields.all("CATEGORY")) {
    if (!is_category(value->trimmed()))
      sink.warning("unknown-category", value->span(),
                   fmt::format("no category is named {}; one of your own begins with 'x-'", quoted(value->trimmed())))
          .suggestion = nearest_category(value->trimmed());
    result.emplace_back(std::string(value->trimmed()), value->span());
  }
  return result;
}

std::vector<model::Located<std::string>> read_aliases(const Fields& fields, diag::Sink& sink) {
  std::vector<model::Located<std::string>> result;
  for (const Value* value : fields.all("ALIAS")) {
    if (is_name(value->trimmed())) {
      result.emplace_back(std::string(value->trimmed()), value->span());
    } else {
      sink.error("bad-name", value->span(),
                 fmt::format("ALIAS expects a name of letters, digits, '_' and '-', not {}", quoted(value->trimmed())));
    }
  }
  return result;
}

bool say_the_same(const std::vector<model::Located<model::PortSet>>& a,
                  const std::vector<model::Located<model::PortSet>>& b) {
  return std::ranges::is_permutation(a, b);
}

}  // namespace

model::Service read_service(const Input& input, std::string name) {
  const Fields fields(input, FileType::Service);
  model::Service result;
  result.name = {std::move(name), diag::Span{input.file, 0, 0}};
  result.active = fields.boolean("ACTIVE", true);

  const auto ranges = fields.all("RANGE");
  for (const Value* value : ranges)
    if (const auto ports = read_range(*value, input.sink)) result.port_sets.emplace_back(*ports, value->span());
  diag::Sink ignored;
  auto old = read_old_keys(fields, ranges.empty() ? input.sink : ignored);
  if (ranges.empty()) {
    result.port_sets = std::move(old);
  } else if (!old.empty() && result.port_sets.size() == ranges.size() && !say_the_same(old, result.port_sets)) {
    input.sink
        .warning("old-ports-ignored", old.front().span, "the ports of the old keys differ from RANGE and are ignored")
        .notes.push_back({result.port_sets.front().span, "the first RANGE is here"});
  }

  if (const Value* helper = fields.one("HELPER")) {
    if (is_helper_name(helper->trimmed())) {
      result.helper = {std::string(helper->trimmed()), helper->span()};
    } else {
      input.sink.error("bad-name", helper->span(),
                       fmt::format("HELPER expects the name of a conntrack helper, not {}", quoted(helper->trimmed())));
    }
  }
  result.broadcast = fields.boolean("BROADCAST", false);
  result.categories = read_categories(fields, input.sink);
  result.aliases = read_aliases(fields, input.sink);
  result.comment = fields.text("COMMENT");
  return result;
}

}  // namespace vuurmuur::config
