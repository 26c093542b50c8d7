// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "backend/nft_names.h"
#include "backend/nft_sets.h"
#include "backend/nft_spans.h"
#include "backend/nft_walk.h"

namespace vuurmuur::backend::nft {
namespace {

/// A look-up is dearer than a few comparisons: a hash costs about as much as three rules, a tree of intervals as six.
constexpr std::size_t kFewKeys = 4, kFewIntervals = 8;

/// Where a packet is sent.
using Target = std::variant<Verdict, Queue>;

bool same(const Target& a, const Target& b) {
  if (a.index() != b.index()) return false;
  if (const auto* verdict = std::get_if<Verdict>(&a)) return *verdict == std::get<Verdict>(b);
  const auto &left = std::get<Queue>(a), &right = std::get<Queue>(b);
  return left.first == right.first && left.last == right.last && left.bypass == right.bypass &&
         left.cpu_fanout == right.cpu_fanout;
}

/// A rule that only sends on.
struct Lead {
  const Statement* condition = nullptr;  ///< null: every packet
  Field field = Field::Source;           ///< of the condition
  Target target;
};

/// The protocol of a field that is a destination port.
std::optional<net::Protocol> protocol_of(Field field) {
  if (field == Field::TcpDestination) return net::Protocol::Tcp;
  if (field == Field::UdpDestination) return net::Protocol::Udp;
  return std::nullopt;
}

bool is_port(Field field) { return field == Field::PortDestination || protocol_of(field); }

/// What a condition looks at, if a map can.
std::optional<Field> field_of(const Statement& condition) {
  if (const auto* test = std::get_if<AddressTest>(&condition)) return test->field;
  if (const auto* test = std::get_if<NumberTest>(&condition)) {
    if (test->relation != Relation::Equal) return std::nullopt;
    if (test->field == Field::CtMark && (test->value & ~test->mask) == 0 && test->mask != 0) return Field::CtMark;
    if (is_port(test->field)) return test->field;
  }
  if (const auto* test = std::get_if<RangeTest>(&condition); test != nullptr && is_port(test->field))
    return test->field;
  if (const auto* test = std::get_if<InterfaceTest>(&condition); test != nullptr && !test->name.ends_with('+'))
    return test->field;
  return std::nullopt;
}

std::optional<Target> target_of(const Statement& statement) {
  if (const auto* verdict = std::get_if<Verdict>(&statement);
      verdict != nullptr && verdict->kind != Verdict::Kind::Jump)
    return *verdict;
  if (const auto* queue = std::get_if<Queue>(&statement)) return *queue;
  return std::nullopt;
}

std::optional<Lead> lead_of(const Rule& rule) {
  const std::size_t size = rule.statements.size();
  if (size == 0 || size > 3) return std::nullopt;
  const auto target = target_of(rule.statements.back());
  if (!target) return std::nullopt;
  if (size == 1) return Lead{nullptr, {}, *target};
  const Statement& condition = rule.statements[size - 2];
  const auto field = field_of(condition);
  if (!field) return std::nullopt;
  const auto protocol = protocol_of(*field);
  // A port is asked behind its protocol.
  if (protocol.has_value() != (size == 3)) return std::nullopt;
  if (protocol) {
    const auto* test = std::get_if<NumberTest>(&rule.statements.front());
    if (test == nullptr || test->field != Field::Protocol || test->relation != Relation::Equal ||
        test->value != static_cast<std::uint32_t>(*protocol))
      return std::nullopt;
  }
  return Lead{&condition, *field, *target};
}

bool is_interface(Field field) { return field == Field::InInterface || field == Field::OutInterface; }

/// The bits of a mark that a tree looks at, as a number.
struct MarkBits {
  std::uint32_t mask = 0;
  [[nodiscard]] unsigned shift() const { return static_cast<unsigned>(std::countr_zero(mask)); }
  [[nodiscard]] std::uint32_t all() const { return mask >> shift(); }
  [[nodiscard]] bool is_contiguous() const { return (all() & (all() + 1)) == 0; }
};

Wide number_of(const net::Address& address) {
  Wide number = 0;
  for (unsigned i = 0; i < net::address_bits(address.family) / 8; ++i) number = number << 8 | address.bytes[i];
  return number;
}

/// The values in `region` for which (value & mask) == wanted, when they are a span: the bits above the mask are the
/// same in the whole region, and the mask has no holes.
std::optional<Span> span_of(const Span& region, std::uint32_t wanted, std::uint32_t mask) {
  const std::uint32_t below = (1u << std::countr_zero(mask)) - 1;
  const unsigned top = 32 - static_cast<unsigned>(std::countl_zero(mask));
  if (std::popcount(mask) != static_cast<int>(top) - std::countr_zero(mask)) return std::nullopt;
  const auto first = static_cast<std::uint32_t>(region.first), last = static_cast<std::uint32_t>(region.last);
  const std::uint32_t above = top == 32 ? 0 : ~std::uint32_t{0} << top;
  if ((first & above) != (last & above)) return std::nullopt;
  const std::uint32_t low = (first & above) | wanted;
  return Span{low, Wide{low | below}};
}

/// A stretch of a chain that looks at one field, and with it the beginnings of chains that only it leads to.
struct Plan {
  struct Entry {
    Span span;
    Target target;
  };
  Field field = Field::Source;
  MarkBits mark;
  std::size_t length = 0;  ///< rules of the chain
  bool is_worth_it = false;
  std::vector<Entry> entries;
  std::map<std::string, Target> names;  ///< of interfaces
  std::optional<Target> otherwise;      ///< of the last rule, when it takes every packet
  /// Chains that lose their first rules to the map.
  std::vector<std::pair<Index, std::size_t>> absorbed;
};

class MapMaker {
 public:
  explicit MapMaker(Program& program) : program_(program) {}

  void run() {
    count_references();
    for (const Index chain : callers_first(program_)) take(chain);
    remove_unused();
  }

 private:
  template <class Action>
  void each_verdict(Action action) {
    for (Chain& chain : program_.chains)
      for (Rule& rule : chain.rules)
        for (Statement& statement : rule.statements)
          if (auto* verdict = std::get_if<Verdict>(&statement)) action(*verdict);
    for (Set& set : program_.sets)
      for (Element& element : set.elements)
        if (auto* verdict = std::get_if<Verdict>(&element.data)) action(*verdict);
  }

  void count_references() {
    references_.assign(program_.chains.size(), 0);
    each_verdict([this](const Verdict& verdict) {
      if (leads_on(verdict)) ++references_[verdict.chain];
    });
    is_absorbed_.assign(program_.chains.size(), false);
  }

  // --- planning -----------------------------------------------------------------------------------------------------

  /// Replaces what can be replaced in one chain.
  void take(Index chain) {
    std::vector<std::pair<std::size_t, Plan>> plans;
    const std::size_t count = program_.chains[chain].rules.size();
    for (std::size_t i = 0; i < count;) {
      Plan plan = plan_at(chain, i);
      const std::size_t length = std::max<std::size_t>(plan.length, 1);
      if (plan.is_worth_it) plans.emplace_back(i, std::move(plan));
      i += length;
    }
    if (plans.empty()) return;
    std::vector<Rule> before = std::move(program_.chains[chain].rules), after;
    std::size_t done = 0;
    const auto keep_until = [&](std::size_t end) {
      for (; done < end; ++done) after.push_back(std::move(before[done]));
    };
    for (const auto& [begin, plan] : plans) {
      keep_until(begin);
      append(after, chain, plan);
      done += plan.length;
    }
    keep_until(count);
    program_.chains[chain].rules = std::move(after);
  }

  [[nodiscard]] Plan plan_at(Index chain, std::size_t begin) const {
    Plan plan{.mark = {}, .entries = {}, .names = {}, .otherwise = {}, .absorbed = {}};
    const std::vector<Rule>& rules = program_.chains[chain].rules;
    const auto lead = lead_of(rules[begin]);
    if (!lead || lead->condition == nullptr) return plan;
    plan.field = lead->field;
    if (is_interface(plan.field)) {
      plan_interfaces(plan, rules, begin);
      plan.is_worth_it = plan.names.size() > kFewKeys;
      return plan;
    }
    if (plan.field == Field::CtMark) {
      plan.mark.mask = mark_mask(chain, begin);
      if (!plan.mark.is_contiguous()) return plan;
    }
    plan.length = flatten(plan, chain, begin, {whole(plan)}).rules;
    finish(plan, begin + plan.length == rules.size());
    return plan;
  }

  static void plan_interfaces(Plan& plan, const std::vector<Rule>& rules, std::size_t begin) {
    for (std::size_t i = begin; i < rules.size(); ++i) {
      const auto lead = lead_of(rules[i]);
      if (!lead || std::holds_alternative<Queue>(lead->target)) return;
      if (lead->condition == nullptr) {
        plan.otherwise = lead->target;
        ++plan.length;
        return;
      }
      if (lead->field != plan.field) return;
      // Of two rules for one name the first takes all.
      plan.names.try_emplace(std::get<InterfaceTest>(*lead->condition).name, lead->target);
      ++plan.length;
    }
  }

  /// All bits that the rules from `begin` on, and the chains that they alone lead to, ask of the mark.
  [[nodiscard]] std::uint32_t mark_mask(Index chain, std::size_t begin) const {
    std::uint32_t mask = 0;
    const std::vector<Rule>& rules = program_.chains[chain].rules;
    for (std::size_t i = begin; i < rules.size(); ++i) {
      const auto lead = lead_of(rules[i]);
      if (!lead) break;
      if (lead->condition != nullptr) {
        if (lead->field != Field::CtMark) break;
        mask |= std::get<NumberTest>(*lead->condition).mask;
      }
      if (const auto child = child_of(*lead)) mask |= mark_mask(*child, 0);
      if (lead->condition == nullptr) break;
    }
    return mask;
  }

  [[nodiscard]] Span whole(const Plan& plan) const {
    if (plan.field == Field::CtMark) return {0, plan.mark.all()};
    if (is_port(plan.field)) return {0, UINT16_MAX};
    const unsigned bits = net::address_bits(program_.family);
    return {0, bits == 128 ? ~Wide{0} : (Wide{1} << bits) - 1};
  }

  /// The chain that a lead goes to, when nothing else does.
  [[nodiscard]] std::optional<Index> child_of(const Lead& lead) const {
    const auto* verdict = std::get_if<Verdict>(&lead.target);
    if (verdict == nullptr || verdict->kind != Verdict::Kind::Goto || references_[verdict->chain] != 1)
      return std::nullopt;
    const Chain& chain = program_.chains[verdict->chain];
    if (chain.is_foreign || chain.base) return std::nullopt;
    return verdict->chain;
  }

  struct Flattened {
    std::size_t rules = 0;  ///< how many of the chain's are in the plan now
    Spans rest;             ///< what none of them takes
  };

  /// Adds to a plan what the chain's rules from `begin` on do with packets of the region, as far as it can.
  Flattened flatten(Plan& plan, Index chain, std::size_t begin, Spans region) const {
    Flattened done{.rules = 0, .rest = std::move(region)};
    const std::vector<Rule>& rules = program_.chains[chain].rules;
    const bool is_top = plan.entries.empty() && plan.absorbed.empty();
    for (std::size_t i = begin; i < rules.size(); ++i) {
      const auto lead = lead_of(rules[i]);
      if (!lead || (lead->condition != nullptr && !fits(plan, lead->field, is_top))) return done;
      Divided parts;
      if (lead->condition == nullptr) {
        parts.within = std::move(done.rest);
        if (is_top) plan.otherwise = lead->target;
      } else if (!divide_by(plan, *lead->condition, done.rest, parts)) {
        return done;
      }
      add(plan, *lead, std::move(parts.within));
      done.rest = std::move(parts.outside);
      ++done.rules;
      if (lead->condition == nullptr) return done;
    }
    return done;
  }

  static bool fits(const Plan& plan, Field field, bool is_top) {
    // Below a rule that asks for the protocol its chains need not ask again.
    return field == plan.field || (!is_top && field == Field::PortDestination && protocol_of(plan.field));
  }

  /// False when what a condition holds for is no span.
  static bool divide_by(const Plan& plan, const Statement& condition, const Spans& spans, Divided& parts) {
    if (const auto* test = std::get_if<AddressTest>(&condition)) {
      parts = divide(spans, {number_of(test->prefix.address), number_of(test->prefix.last())});
      return true;
    }
    if (const auto* test = std::get_if<RangeTest>(&condition)) {
      parts = divide(spans, {test->range.first, test->range.last});
      return true;
    }
    const auto& test = std::get<NumberTest>(condition);
    if (plan.field != Field::CtMark) {
      parts = divide(spans, {test.value, test.value});
      return true;
    }
    for (const Span& span : spans) {
      const auto wanted = span_of(span, test.value >> plan.mark.shift(), test.mask >> plan.mark.shift());
      if (!wanted) return false;
      Divided some = divide({span}, *wanted);
      parts.within.insert(parts.within.end(), some.within.begin(), some.within.end());
      parts.outside.insert(parts.outside.end(), some.outside.begin(), some.outside.end());
    }
    return true;
  }

  void add(Plan& plan, const Lead& lead, Spans spans) const {
    const auto put = [&plan](const Spans& where, const Target& target) {
      for (const Span& span : where) plan.entries.push_back({span, target});
    };
    const auto child = child_of(lead);
    if (!child || spans.empty()) return put(spans, lead.target);
    const std::size_t place = plan.absorbed.size();
    plan.absorbed.emplace_back(*child, 0);
    const Flattened inner = flatten(plan, *child, 0, spans);
    plan.absorbed[place].second = inner.rules;
    const bool is_all = inner.rules == program_.chains[*child].rules.size();
    // Who falls off a chain that it was sent to by goto falls off the one that sent it.
    put(inner.rest, is_all ? Target{Verdict{Verdict::Kind::Return}} : lead.target);
  }

  /// Leaves out what needs no element, and says whether a map is worth it and can hold the rest.
  static void finish(Plan& plan, bool is_at_end) {
    const Target back{Verdict{Verdict::Kind::Return}};
    std::erase_if(plan.entries, [&](const Plan::Entry& entry) {
      return plan.otherwise ? same(entry.target, *plan.otherwise) : is_at_end && same(entry.target, back);
    });
    std::ranges::sort(plan.entries, {}, [](const Plan::Entry& entry) { return entry.span.first; });
    const bool has_points_only =
        std::ranges::all_of(plan.entries, [](const Plan::Entry& entry) { return entry.span.is_one(); });
    if (!has_points_only) join(plan.entries);
    const bool is_mark = plan.field == Field::CtMark;
    const bool has_queues = std::ranges::any_of(
        plan.entries, [](const Plan::Entry& entry) { return std::holds_alternative<Queue>(entry.target); });
    // A mark is not in the byte order in which the kernel compares ends of intervals, and queues are by mark alone.
    plan.is_worth_it =
        (is_mark ? has_points_only : !has_queues) && plan.entries.size() > (has_points_only ? kFewKeys : kFewIntervals);
  }

  static void join(std::vector<Plan::Entry>& entries) {
    std::vector<Plan::Entry> joined;
    for (const Plan::Entry& entry : entries) {
      if (!joined.empty() && joined.back().span.last + 1 == entry.span.first &&
          same(joined.back().target, entry.target))
        joined.back().span.last = entry.span.last;
      else
        joined.push_back(entry);
    }
    entries = std::move(joined);
  }

  // --- doing --------------------------------------------------------------------------------------------------------

  void append(std::vector<Rule>& rules, Index chain, const Plan& plan) {
    for (const auto& [child, count] : plan.absorbed) {
      std::vector<Rule>& from = program_.chains[child].rules;
      from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
      is_absorbed_[child] = true;
    }
    const std::string name = program_.chains[chain].name;
    Set verdicts{.name = {}, .kind = Set::Kind::Verdicts, .key = {plan.field}, .elements = {}};
    std::array<Set, 2> queues{};  // with and without bypass
    for (Set& set : queues) set = {.name = {}, .kind = Set::Kind::Queues, .key = {plan.field}, .elements = {}};
    const auto put = [&](const KeyBytes& first, const KeyBytes& last, const Target& target) {
      if (const auto* queue = std::get_if<Queue>(&target); queue != nullptr && queue->first == queue->last)
        queues[queue->bypass ? 0 : 1].elements.push_back({first, last, queue->first});
      else
        verdicts.elements.push_back({first, last, verdict_of(target, name)});
    };
    for (const auto& [interface, target] : plan.names) {
      KeyBytes key;
      key.size = static_cast<std::uint8_t>(field_size(plan.field, program_.family));
      std::memcpy(key.bytes.data(), interface.data(), interface.size());
      put(key, key, target);
    }
    for (const Plan::Entry& entry : plan.entries) {
      verdicts.has_intervals |= !entry.span.is_one();
      put(key_of(plan, entry.span.first), key_of(plan, entry.span.last), entry.target);
    }
    if (plan.field == Field::CtMark) verdicts.mark_mask = queues[0].mark_mask = queues[1].mark_mask = plan.mark.mask;
    for (std::size_t i = 0; i < queues.size(); ++i)
      if (!queues[i].elements.empty())
        rules.push_back({.statements = {MapQueue{add_set(std::move(queues[i])), i == 0}}, .comment = {}});
    if (!verdicts.elements.empty()) {
      verdicts.name = map_name(name, verdicts);
      Rule& rule = rules.emplace_back();
      if (const auto protocol = protocol_of(plan.field))
        rule.statements.push_back(NumberTest{.field = Field::Protocol, .value = static_cast<std::uint32_t>(*protocol)});
      rule.statements.push_back(MapVerdict{add_set(std::move(verdicts))});
    }
    if (!plan.otherwise) return;
    Rule last;
    std::visit([&](const auto& target) { last.statements.push_back(target); }, *plan.otherwise);
    rules.push_back(std::move(last));
  }

  [[nodiscard]] KeyBytes key_of(const Plan& plan, Wide number) const {
    KeyBytes key;
    if (plan.field == Field::CtMark) {
      append_number(key, plan.field, static_cast<std::uint32_t>(number) << plan.mark.shift());
      return key;
    }
    if (is_port(plan.field)) {
      append_number(key, plan.field, static_cast<std::uint32_t>(number));
      key.size = sizeof(std::uint16_t);
      return key;
    }
    net::Address address{.family = program_.family};
    for (unsigned i = net::address_bits(program_.family) / 8; i-- > 0; number >>= 8)
      address.bytes[i] = static_cast<std::uint8_t>(number);
    append_address(key, address);
    return key;
  }

  /// A map holds verdicts: several queues at once have a chain.
  Verdict verdict_of(const Target& target, const std::string& chain) {
    if (const auto* verdict = std::get_if<Verdict>(&target)) return *verdict;
    const Queue& queue = std::get<Queue>(target);
    const std::string name = fmt::format("{}-queues-{}-{}{}{}", chain, queue.first, queue.last,
                                         queue.bypass ? "-b" : "", queue.cpu_fanout ? "-f" : "");
    const auto [made, is_new] = queue_chains_.try_emplace(name, static_cast<Index>(program_.chains.size()));
    if (is_new) {
      program_.chains.push_back({.name = name, .base = {}, .rules = {{.statements = {queue}, .comment = {}}}});
      references_.push_back(0);
      is_absorbed_.push_back(false);
    }
    return {Verdict::Kind::Goto, made->second};
  }

  Index add_set(Set set) {
    program_.sets.push_back(std::move(set));
    return static_cast<Index>(program_.sets.size() - 1);
  }

  [[nodiscard]] std::string map_name(const std::string& chain, const Set& set) const {
    NameHash hash;
    hash.add_byte(static_cast<std::uint8_t>(set.key.front()));
    for (unsigned i = 0; i < 4; ++i) hash.add_byte(static_cast<std::uint8_t>(set.mark_mask >> 8 * i));
    for (const Element& element : set.elements) {
      for (const KeyBytes* key : {&element.first, &element.last})
        for (std::size_t i = 0; i < key->size; ++i) hash.add_byte(key->bytes[i]);
      const auto& verdict = std::get<Verdict>(element.data);
      hash.add_byte(static_cast<std::uint8_t>(verdict.kind));
      hash.add(leads_on(verdict) ? program_.chains[verdict.chain].name : std::string());
    }
    return fmt::format("{}-map-{}-{:016x}", ir::kOwnSetPrefix, chain, hash.value());
  }

  /// Leaves out chains whose rules are all in maps now.
  void remove_unused() {
    references_.assign(program_.chains.size(), 0);
    each_verdict([this](const Verdict& verdict) {
      if (leads_on(verdict)) ++references_[verdict.chain];
    });
    std::vector<Index> moved(program_.chains.size());
    std::vector<Chain> kept;
    for (std::size_t i = 0; i < program_.chains.size(); ++i) {
      if (is_absorbed_[i] && references_[i] == 0) continue;
      moved[i] = static_cast<Index>(kept.size());
      kept.push_back(std::move(program_.chains[i]));
    }
    program_.chains = std::move(kept);
    each_verdict([&moved](Verdict& verdict) {
      if (leads_on(verdict)) verdict.chain = moved[verdict.chain];
    });
  }

  Program& program_;
  std::vector<std::uint32_t> references_;  ///< how many rules and elements lead to a chain
  std::vector<bool> is_absorbed_;
  std::unordered_map<std::string, Index> queue_chains_;
};

}  // namespace

void use_maps(Program& program) { MapMaker(program).run(); }

}  // namespace vuurmuur::backend::nft
