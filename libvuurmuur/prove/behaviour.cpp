// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/behaviour.h"

#include <fmt/format.h>

#include <numeric>

namespace vuurmuur::prove {
namespace {

/// A rate in its smallest numbers: 120 a minute is 2 a second.
std::string rate_text(std::uint64_t count, std::uint64_t seconds) {
  const std::uint64_t shared = std::gcd(count, seconds);
  return shared == 0 ? "0" : fmt::format("{} in {} s", count / shared, seconds / shared);
}

}  // namespace

std::string conditions_text(const Done& done) {
  std::string text;
  for (const std::string& condition : done.conditions) text += condition + ": ";
  return text;
}

std::string limit_text(std::uint64_t count, std::uint64_t seconds, std::uint64_t burst, unsigned rule) {
  return fmt::format("at most {}, burst {} (rule {})", rate_text(count, seconds), burst, rule);
}

std::string source_limit_text(std::uint64_t count, std::uint64_t seconds, std::uint64_t burst, unsigned bits) {
  return fmt::format("more than {} from a source of {} bits, burst {}", rate_text(count, seconds), bits, burst);
}

std::string reverse_path_text() { return "its source is not reached by the device"; }

std::string clamp_text() { return "MSS clamped to the path's MTU"; }

std::string text_of(const Translation& translation) {
  std::string text = translation.is_destination ? "destination" : "source";
  if (!translation.first)
    text += " (of the device)";
  else
    text += ' ' + translation.first->to_string();
  if (translation.last != translation.first) text += " to " + translation.last->to_string();
  if (translation.ports) {
    text += fmt::format(" port {}", translation.ports->first);
    if (translation.ports->last != translation.ports->first) text += fmt::format(" to {}", translation.ports->last);
  }
  if (translation.is_random) text += ", random";
  return text;
}

std::string text_of(const Verdict& verdict, const Done& done) {
  std::string text = conditions_text(done);
  switch (verdict.kind) {
    case Verdict::Kind::Accept: text += "accepted"; break;
    case Verdict::Kind::Drop: return text + "dropped";  // whatever was done with it before
    case Verdict::Kind::Reject: return text + "rejected with " + verdict.reject_type;
    case Verdict::Kind::Translate: text += "translated: " + verdict.translation; break;
    case Verdict::Kind::Queue:
      text += fmt::format("to queue {}", verdict.first_queue);
      if (verdict.last_queue != verdict.first_queue) text += fmt::format(" to {}", verdict.last_queue);
      if (verdict.bypass) text += ", bypass";
      if (verdict.fanout) text += ", fanout";
      break;
  }
  for (const std::uint16_t group : done.groups) text += fmt::format(", copied to group {}", group);
  if (!done.helper.empty()) text += ", helper " + done.helper;
  if (done.connection_mark) text += fmt::format(", connection mark {:#x}", *done.connection_mark);
  if (done.packet_mark)
    text += fmt::format(", packet mark {:#x}/{:#x}", done.packet_mark->second, done.packet_mark->first);
  return text;
}

std::string log_text(std::uint16_t group, const Done& done) {
  return conditions_text(done) + fmt::format("logged to group {} by rule {}", group, done.rule);
}

std::string chain_text(const std::string& chain, const Done& done) {
  return conditions_text(done) + fmt::format("sent to chain {} by rule {}", chain, done.rule);
}

}  // namespace vuurmuur::prove
