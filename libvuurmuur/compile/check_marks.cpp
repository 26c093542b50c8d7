// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/check_marks.h"

#include <fmt/format.h>

#include <map>

#include "ir/marks.h"

namespace vuurmuur::compile {
namespace {

std::optional<diag::Span> place_of(const model::Located<std::uint32_t>& value) {
  if (value.span == diag::Span{}) return std::nullopt;
  return value.span;
}

void check_fits(const sema::Rule& rule, const ir::MarkLayout& layout, std::uint16_t number, std::string_view what,
                diag::Span span, diag::Sink& sink) {
  if (layout.fits(number)) return;
  sink.error("mark-too-small", span,
             fmt::format("{} {} of rule {} does not fit: CONNMARK_MASK {:#x} leaves {} bits for the number", what,
                         number, rule.source->number, layout.mask(), layout.number_bits()));
}

/// A packet that has the mark of release before a program saw it would take its connection away from that program.
void check_release(const model::Options& options, diag::Sink& sink) {
  if (!options.queue_release) return;
  const model::PacketMark release = options.queue_release->value;
  if (release.mask == 0 || (release.value & ~release.mask) != 0) {
    sink.error("release-mark", options.queue_release->span,
               fmt::format("option 'release' expects a mark whose bits are all in its mask, not {:#x}/{:#x}",
                           release.value, release.mask));
    return;
  }
  if (release.value == 0) {
    sink.error("release-mark", options.queue_release->span,
               fmt::format("option 'release' expects a mark that packets do not have by themselves, not {:#x}/{:#x}",
                           release.value, release.mask));
    return;
  }
  if (!options.nfmark) return;
  const model::PacketMark mark = options.nfmark->value;
  // Bits that nfmark does not write may be as release wants them.
  if (((mark.value ^ release.value) & mark.mask & release.mask) != 0 || (mark.mask & release.mask) == 0) return;
  sink.error(
      "release-mark", options.queue_release->span,
      fmt::format("nfmark {:#x}/{:#x} may give each packet the mark {:#x}/{:#x} that releases its connection: no "
                  "program would see more than the first one",
                  mark.value, mark.mask, release.value, release.mask));
}

}  // namespace

void check_marks(const sema::Policy& policy, diag::Sink& sink) {
  const model::Settings& settings = *policy.settings;
  const auto layout = ir::MarkLayout::create(*settings.connmark_mask);
  if (!layout) {
    sink.error("connmark-mask", place_of(settings.connmark_mask),
               fmt::format("CONNMARK_MASK {:#x} is no field: expected one run of at least 3 bits, like 0x3ffff000",
                           *settings.connmark_mask));
    return;
  }
  for (const auto& foreign : settings.foreign_connmarks)
    if ((*foreign & layout->mask()) != 0)
      sink.error("connmark-overlap", place_of(foreign),
                 fmt::format("bits {:#x} of CONNMARK_FOREIGN are also in CONNMARK_MASK {:#x}: one of them has to move",
                             *foreign & layout->mask(), layout->mask()));
  std::map<std::uint16_t, const sema::Rule*> packet_marks;
  const auto check_packet_mark = [&](const sema::Rule& rule) {
    const model::Options& options = rule.source->options;
    if (!options.nfmark) return;
    const model::PacketMark mark = options.nfmark->value;
    const std::uint16_t number = ir::packet_mark_number(mark.value, mark.mask);
    check_fits(rule, *layout, number, "the number of nfmark", options.nfmark->span, sink);
    const auto [first, is_new] = packet_marks.try_emplace(number, &rule);
    const model::PacketMark other = first->second->source->options.nfmark->value;
    if (is_new || other == mark) return;
    sink.error("nfmark-collision", options.nfmark->span,
               fmt::format("packet marks {:#x}/{:#x} and {:#x}/{:#x} cannot be told apart in a connection's mark: "
                           "choose another value for one of them",
                           mark.value, mark.mask, other.value, other.mask))
        .notes.push_back({first->second->source->options.nfmark->span, "the other one"});
  };
  for (const sema::Rule& rule : policy.rules) {
    const model::Rule& written = *rule.source;
    const model::Options& options = written.options;
    switch (*written.action) {
      case model::Action::Nfqueue:
        if (options.queue) check_fits(rule, *layout, options.queue->value.first, "queue", options.queue->span, sink);
        check_release(options, sink);
        // A connection that is given back goes on with the packet mark.
        if (options.queue_release) check_packet_mark(rule);
        break;
      case model::Action::Nflog:
        if (options.log_group)
          check_fits(rule, *layout, options.log_group->value, "log group", options.log_group->span, sink);
        break;
      default: check_packet_mark(rule);
    }
  }
}

}  // namespace vuurmuur::compile
