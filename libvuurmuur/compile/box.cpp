// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/box.h"

#include <algorithm>

#include "base/overloaded.h"
#include "ir/walk.h"

namespace vuurmuur::compile {
namespace {

std::uint64_t read_word(const std::array<std::uint8_t, 16>& bytes, std::size_t first) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | bytes[first + i];
  return word;
}

void write_word(std::array<std::uint8_t, 16>& bytes, std::size_t first, std::uint64_t word) {
  for (std::size_t i = 0; i < 8; ++i) bytes[first + i] = static_cast<std::uint8_t>(word >> (56 - 8 * i));
}

/// A word with its first `count` bits set.
std::uint64_t leading_ones(unsigned count) { return count == 0 ? 0 : ~std::uint64_t{0} << (64 - count); }

}  // namespace

AddressBits AddressBits::of(const std::optional<net::Prefix>& prefix) {
  if (!prefix) return {};
  return AddressBits{read_word(prefix->address.bytes, 0), read_word(prefix->address.bytes, 8), prefix->length}.cut(
      prefix->length);
}

std::optional<net::Prefix> AddressBits::prefix(net::Family family) const {
  if (length == 0) return std::nullopt;
  net::Prefix result{.address = {.family = family}, .length = length};
  write_word(result.address.bytes, 0, high);
  write_word(result.address.bytes, 8, low);
  return result;
}

AddressBits AddressBits::cut(std::uint8_t new_length) const {
  return {high & leading_ones(std::min<unsigned>(new_length, 64)),
          low & leading_ones(new_length > 64 ? new_length - 64u : 0u), new_length};
}

std::uint8_t AddressBits::common_with(const AddressBits& other) const {
  const std::uint64_t first = high ^ other.high;
  const int same = first != 0 ? std::countl_zero(first) : 64 + std::countl_zero(low ^ other.low);
  return static_cast<std::uint8_t>(std::min<int>({same, length, other.length}));
}

unsigned AddressBits::digit(std::uint8_t position) const {
  const auto bit = [this](unsigned at) {
    if (at >= 128) return 0u;
    return static_cast<unsigned>((at < 64 ? high >> (63 - at) : low >> (127 - at)) & 1u);
  };
  return bit(position) << 1 | bit(position + 1u);
}

AddressBits AddressBits::with_digit(std::uint8_t position, unsigned digit, std::uint8_t new_length) const {
  AddressBits result = cut(position);
  const auto set = [&result](unsigned at) {
    if (at >= 128) return;
    (at < 64 ? result.high : result.low) |= std::uint64_t{1} << (at < 64 ? 63 - at : 127 - at);
  };
  if ((digit & 2u) != 0) set(position);
  if ((digit & 1u) != 0) set(position + 1u);
  return result.cut(new_length);
}

InterfaceCondition InterfaceNames::number_of(const std::string& condition) {
  // "+" alone holds for every name.
  if (condition.empty() || condition == "+") return kAnyInterface;
  InterfaceCondition& recent =
      recent_[(condition.size() + 7 * static_cast<unsigned char>(condition.back())) % recent_.size()];
  if (names_[recent] == condition) return recent;
  const auto [entry, is_new] = numbers_.try_emplace(condition, static_cast<InterfaceCondition>(names_.size()));
  if (is_new) names_.push_back(condition);
  return recent = entry->second;
}

bool InterfaceNames::wildcard_contains(InterfaceCondition outer, InterfaceCondition inner) const {
  const std::string_view beginning = std::string_view(names_[outer]).substr(0, names_[outer].size() - 1);
  std::string_view other = names_[inner];
  if (is_wildcard(inner)) other.remove_suffix(1);
  return other.starts_with(beginning);
}

Box Box::of(const ir::Rule& rule, InterfaceNames& names) {
  Box box{.in = names.number_of(rule.in_interface),
          .out = names.number_of(rule.out_interface),
          .source = AddressBits::of(rule.source),
          .destination = AddressBits::of(rule.destination),
          .protocol = rule.protocol ? static_cast<std::uint8_t>(*rule.protocol) : std::uint8_t{0},
          .is_exact = !rule.fragment};
  for (const ir::Match& match : rule.matches) {
    std::visit(base::Overloaded{[&box](const ir::TcpMatch& tcp) {
                                  box.ports = tcp.destination;
                                  box.asks_ports = true;
                                  if (!tcp.source.is_any() || tcp.flags.mask != 0) box.is_exact = false;
                                },
                                [&box](const ir::UdpMatch& udp) {
                                  box.ports = udp.destination;
                                  box.asks_ports = true;
                                  if (!udp.source.is_any()) box.is_exact = false;
                                },
                                [&box](const auto&) { box.is_exact = false; }},
               match);
  }
  return box;
}

bool overlap(const Box& a, const Box& b, const InterfaceNames& names) {
  if (a.protocol != b.protocol && a.protocol != 0 && b.protocol != 0) return false;
  if (a.ports.first > b.ports.last || b.ports.first > a.ports.last) return false;
  return names.overlap(a.in, b.in) && names.overlap(a.out, b.out) && a.source.overlaps(b.source) &&
         a.destination.overlaps(b.destination);
}

bool covers(const Box& outer, const Box& inner, const InterfaceNames& names) {
  if (!outer.is_exact) return false;
  if (outer.protocol != 0 && outer.protocol != inner.protocol) return false;
  if (outer.asks_ports && !inner.asks_ports) return false;
  if (outer.ports.first > inner.ports.first || outer.ports.last < inner.ports.last) return false;
  return names.contains(outer.in, inner.in) && names.contains(outer.out, inner.out) &&
         outer.source.contains(inner.source) && outer.destination.contains(inner.destination);
}

bool leaves_chain(const ir::Target& target) {
  return std::visit(
      base::Overloaded{[](const ir::JumpTarget&) { return false; }, [](const ir::NflogTarget&) { return false; },
                       [](const ir::ConnmarkTarget&) { return false; }, [](const ir::MarkTarget&) { return false; },
                       [](const ir::CtHelperTarget&) { return false; }, [](const ir::TcpmssTarget&) { return false; },
                       [](const auto&) { return true; }},
      target);
}

bool is_unconditional(const ir::Rule& rule) {
  return rule.in_interface.empty() && rule.out_interface.empty() && !rule.source && !rule.destination &&
         !rule.protocol && !rule.fragment && rule.matches.empty();
}

bool DecidingChains::decides(ir::ChainId chain) {
  const auto at = static_cast<std::size_t>(chain);
  if (at >= answers_.size()) answers_.resize(std::max(at + 1, table_.chains().size()), Answer::Unknown);
  if (answers_[at] == Answer::Unknown) {
    const Answer answer = find_out(chain) ? Answer::Yes : Answer::No;
    answers_[at] = answer;
  }
  return answers_[at] == Answer::Yes;
}

bool DecidingChains::find_out(ir::ChainId chain) {
  const auto leads_to_verdict = [this](const ir::Rule& rule) {
    const auto next = ir::next_chain(rule);
    return next ? decides(*next) : leaves_chain(rule.target);
  };
  for (const ir::Rule& rule : table_.chain(chain).rules) {
    if (is_unconditional(rule)) {
      if (leads_to_verdict(rule)) return true;
      if (leaves_chain(rule.target)) return false;
    } else if (leaves_chain(rule.target) && !leads_to_verdict(rule)) {
      // Some packets leave for a chain that may not decide.
      return false;
    }
  }
  return false;
}

}  // namespace vuurmuur::compile
