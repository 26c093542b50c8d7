// SPDX-License-Identifier: GPL-2.0-or-later
// Emitted text with a fault in it: what makes a difference is refused with a packet that shows it, and nothing else is.
// The walk of packets through the text (saved::Walker), which shares nothing with the proof, judges both.
// VUURMUUR_MISCOMPILES sets how many faults, VUURMUUR_RANDOM_SEED the first seed.
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "base/strings.h"
#include "diag/render.h"
#include "kernel/matrix/random_policy.h"
#include "lab/namespace.h"
#include "names/index.h"
#include "property/released.h"
#include "prove/prove.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "support/catch.h"
#include "support/number_from.h"
#include "support/policy_files.h"
#include "support/probes.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

/// One table of a text.
std::string table_of(const std::string& rules, const std::string& table) {
  const std::size_t begin = rules.find("*" + table), end = rules.find("COMMIT\n", begin);
  return begin == std::string::npos || end == std::string::npos ? std::string() : rules.substr(begin, end + 7 - begin);
}

/// One table of a text, as a walk sees it: what is in others may drop a packet as well.
class Text {
 public:
  Text(const std::string& rules, const std::string& table, const std::string& sets, net::Family family) {
    ruleset_ = saved::read(sources_.add("rules", table_of(rules, table)), sources_, sink_);
    sets_ = saved::Sets::read(sources_.add("sets", sets), sources_, sink_);
    walker_.emplace(ruleset_, family, sink_, saved::Walker::Options{.sets = &sets_, .route = {}, .addresses = {}});
  }
  [[nodiscard]] bool is_readable() const { return !sink_.has_errors(); }

  /// All that a packet comes to, one text for each way in which the moment may be. With `conditions` also by what.
  [[nodiscard]] std::set<std::string> ways(const saved::Packet& packet, bool with_conditions) const {
    std::set<std::string> all;
    for (const saved::Outcome& outcome : walker_->walk(packet).outcomes) all.insert(way(outcome, with_conditions));
    return all;
  }

 private:
  /// "rule 3", empty: none of the policy.
  static std::string policy_rule(const saved::Rule& rule) {
    for (const saved::Match& match : rule.matches)
      for (const saved::Option& option : match.options)
        if (option.name == "--comment" && !option.values.empty() && option.values.front().starts_with("rule "))
          return option.values.front().substr(0, option.values.front().find(':'));
    return {};
  }

  static std::string words_of(const saved::Rule& rule) {
    std::string text;
    for (const saved::Option& option : rule.target_options)
      text += ' ' + option.name + ' ' + base::join(option.values, " ");
    return text;
  }

  std::string way(const saved::Outcome& outcome, bool with_conditions) const {
    std::string text = fmt::format("verdict {}", static_cast<int>(outcome.verdict));
    if (outcome.decided.rule != nullptr) text += words_of(*outcome.decided.rule);
    if (outcome.verdict != saved::Outcome::Verdict::Drop && outcome.verdict != saved::Outcome::Verdict::Reject)
      text += fmt::format(" marks {:x} {:x} from {} {} to {} {}", outcome.packet.mark, outcome.packet.connection_mark,
                          outcome.packet.source.to_string(), outcome.packet.source_port,
                          outcome.packet.destination.to_string(), outcome.packet.destination_port);
    for (const saved::Step& step : outcome.path) {
      if (step.rule == nullptr) continue;
      const bool is_log = step.rule->target == "NFLOG";
      const auto option = [&](const char* name) {
        const auto found = std::ranges::find(step.rule->target_options, name, &saved::Option::name);
        return found == step.rule->target_options.end() ? std::string() : found->values.front();
      };
      // What protections log is not held against anything.
      if (is_log && (!policy_rule(*step.rule).empty() || option("--nflog-prefix").empty()))
        text += " group " + option("--nflog-group") + " by " + policy_rule(*step.rule);
      if (step.rule->target.starts_with("my-")) text += " " + step.rule->target;
      // The first helper counts.
      if (step.rule->target == "CT" && text.find(" CT ") == std::string::npos) text += " CT " + words_of(*step.rule);
      static const std::set<std::string> kChanging{"DNAT", "SNAT", "MASQUERADE", "REDIRECT", "TCPMSS"};
      if (kChanging.contains(step.rule->target)) text += ' ' + step.rule->target + words_of(*step.rule);
    }
    if (with_conditions)
      for (const saved::Assumption& assumed : outcome.assumed)
        text += fmt::format(" {}{}", assumed.holds ? "" : "not ", assumed.condition);
    return text;
  }

  diag::SourceMap sources_;
  diag::Sink sink_;
  saved::Ruleset ruleset_;
  saved::Sets sets_;
  std::optional<saved::Walker> walker_;
};

saved::Packet in_situation(saved::Packet packet, const prove::Situation& when, const ir::MarkLayout& layout) {
  packet.states = when.states;
  for (std::uint8_t flags = 0; flags < 64; ++flags)
    if (when.flags == 1ULL << flags) packet.flags = flags;
  for (unsigned kind = 0; kind < 4; ++kind)
    if (when.kinds == 1U << kind)
      packet.connection_mark = layout.encode(static_cast<ir::MarkKind>(kind)) | when.first_number
                                                                                    << layout.number_shift();
  return packet;
}

std::optional<saved::Packet> packet_of(const prove::Doubt& doubt, const ir::MarkLayout& layout) {
  const analyse::Sample& sample = doubt.packet;
  if (sample.is_own_unknown) return std::nullopt;
  const auto device = [](const std::string& name) { return name.empty() ? std::string("none9") : name; };
  using Way = analyse::Sample::Way;
  saved::Packet packet;
  packet.way = sample.way == Way::Input    ? saved::Way::In
               : sample.way == Way::Output ? saved::Way::Out
                                           : saved::Way::Through;
  packet.in = sample.way == Way::Output ? "" : device(sample.in);
  packet.out = sample.way == Way::Input ? "" : device(sample.out);
  packet.source = sample.source;
  packet.destination = sample.destination;
  packet.protocol = static_cast<std::uint8_t>(sample.protocol);
  packet.source_port = sample.source_port;
  packet.destination_port = sample.destination_port;
  packet.icmp_type = sample.icmp_type;
  packet.icmp_code = sample.icmp_code;
  packet.source_mac = sample.source_mac.value_or(net::MacAddress{});
  packet.mark = doubt.packet_mark;
  return in_situation(packet, doubt.when, layout);
}

/// Faults of one line.
class Faults {
 public:
  Faults(const std::string& rules, std::mt19937& random) : random_(random) {
    std::string table;
    for (const std::string_view line : base::split(rules, '\n')) {
      if (line.starts_with('*')) table = line.substr(1);
      if (line.starts_with("-A VRMR-")) (table == "filter" ? filter_ : others_).push_back(lines_.size());
      lines_.emplace_back(line);
      tables_.push_back(table);
    }
  }

  /// The text with one fault; what it is in `what`, and the table that it is in.
  std::string one(std::string& what, std::string& table) {
    for (;;) {
      std::vector<std::string> lines = lines_;
      const bool is_filter = others_.empty() || random_() % 3 != 0;
      const std::vector<std::size_t>& rules = is_filter ? filter_ : others_;
      const std::size_t at = rules[random_() % rules.size()];
      table = tables_[at];
      std::string& line = lines[at];
      const std::string before = line;
      switch (random_() % 8) {
        case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
        case 1: {
          const std::size_t other = rules[random_() % rules.size()];
          if (other == at || tables_[other] != table) continue;
          std::swap(lines[at], lines[other]);
          // Its place in another chain is not its place in this one.
          const auto chain = [](const std::string& text) { return text.substr(0, text.find(' ', 3)); };
          if (chain(lines_[at]) != chain(lines_[other])) continue;
          break;
        }
        case 2: line = swapped(line, {{"-j ACCEPT", "-j DROP"}, {"-j DROP", "-j ACCEPT"}}); break;
        case 3:
          line = swapped(line, {{"/24", "/25"}, {"/32", "/31"}, {"/64", "/65"}, {"/16", "/17"}, {"/128", "/127"}});
          break;
        case 4:
          line = swapped(
              line, {{"--dport ", "--sport "}, {"-s ", "-d "}, {"-i ", "-o "}, {"-p tcp -m tcp", "-p udp -m udp"}});
          break;
        case 5: line = without_condition(line); break;
        case 6:
          line = swapped(line, {{"--queue-num ", "--queue-num 1"},
                                {"--set-xmark 0x1", "--set-xmark 0x2"},
                                {"--mark 0x1", "--mark 0x2"},
                                {"NEW ", "NEW,INVALID "},
                                {"RELATED,ESTABLISHED", "ESTABLISHED"},
                                {"-j MASQUERADE", "-j SNAT --to-source 10.9.9.9"},
                                {" --random", ""},
                                {" --clamp-mss-to-pmtu", " --set-mss 1400"},
                                {" -m rpfilter --invert", ""},
                                {"--queue-bypass", "--queue-cpu-fanout"},
                                {" -g ", " -j "}});
          break;
        default: line = other_digit(line); break;
      }
      if (lines == lines_) continue;
      what = fmt::format("{}\n  {}", before, at < lines.size() ? lines[at] : std::string());
      return base::join(lines, "\n");
    }
  }

 private:
  std::string swapped(std::string line, const std::vector<std::pair<std::string, std::string>>& pairs) {
    const auto& [from, to] = pairs[random_() % pairs.size()];
    if (const auto found = line.find(from); found != std::string::npos) line.replace(found, from.size(), to);
    return line;
  }
  std::string without_condition(std::string line) {
    for (const char* option : {"-s ", "-d ", "-i ", "-o "})
      if (const auto found = line.find(option); found != std::string::npos && random_() % 2 == 0) {
        line.erase(found, line.find(' ', found + 3) + 1 - found);
        return line;
      }
    return line;
  }
  /// One digit of an address, a port or a mark, not of the names of chains or of what is said for people.
  std::string other_digit(std::string line) {
    std::vector<std::size_t> digits;
    const std::size_t begin = line.find(' ', 3), end = std::min(line.find("-m comment"), line.size());
    for (std::size_t i = begin; i < end; ++i)
      if (line[i] >= '0' && line[i] <= '9') digits.push_back(i);
    if (digits.empty()) return line;
    char& digit = line[digits[random_() % digits.size()]];
    digit = static_cast<char>('0' + (digit - '0' + 1 + static_cast<int>(random_() % 9)) % 10);
    return line;
  }

  std::mt19937& random_;
  std::vector<std::string> lines_, tables_;
  std::vector<std::size_t> filter_, others_;  ///< lines that are rules
};

struct Tally {
  unsigned refused = 0, proven = 0, unreadable = 0, not_modelled = 0, own_address = 0, outside_filter = 0;

  [[nodiscard]] std::string text() const {
    return fmt::format(
        "{} refused with a packet ({} in raw, mangle and nat; {} of an address that only the moment tells), {} make no "
        "difference, {} cannot be read, {} are not modelled",
        refused, outside_filter, own_address, proven, unreadable, not_modelled);
  }
};

constexpr unsigned kEach = 10;

/// A packet that the two texts treat otherwise, of some by chance.
std::optional<saved::Packet> any_difference(const Text& good, const Text& bad, net::Family family, std::mt19937& random,
                                            const ir::MarkLayout& layout) {
  static Probes probes;
  for (unsigned i = 0; i < 60; ++i) {
    const Probe probe = probes.any(random);
    if (probe.packet.source.family != family) continue;
    static constexpr std::array<const char*, 5> kDevices{"lan0", "lan1", "dmz0", "inet0", "none9"};
    saved::Packet packet;
    packet.way = static_cast<saved::Way>(random() % 3);
    packet.in = packet.way == saved::Way::Out ? "" : kDevices[random() % kDevices.size()];
    packet.out = packet.way == saved::Way::In ? "" : kDevices[random() % kDevices.size()];
    packet.source = probe.packet.source;
    packet.destination = probe.packet.destination;
    packet.protocol = static_cast<std::uint8_t>(probe.packet.protocol);
    packet.source_port = probe.packet.source_port;
    packet.destination_port = probe.packet.destination_port;
    packet.icmp_type = probe.packet.icmp_type;
    packet.icmp_code = probe.packet.icmp_code;
    packet.flags = random() % 4 == 0 ? static_cast<std::uint8_t>(random() % 64) : std::uint8_t{2};
    packet.source_mac = probe.from;
    packet.states = static_cast<std::uint8_t>(1U << (random() % 2 == 0 ? 0 : random() % 5));
    if (random() % 3 == 0)
      packet.connection_mark =
          layout.encode({static_cast<ir::MarkKind>(random() % 4), static_cast<std::uint16_t>(random() % 10)});
    if (good.ways(packet, false) != bad.ways(packet, false)) return packet;
  }
  return std::nullopt;
}

void judge(unsigned seed, unsigned faults, bool has_release, Tally& tally) {
  std::mt19937 random(seed);
  compile::Options options;
  if (seed % 2 == 1)
    options.shape = {.set_elements = 1, .dispatch_rules = 1, .tree_rules = 1, .leaf_rules = 1 + seed % 3, .growth = 8};
  const Files files = random_policy(random);
  const Policy policy(has_release ? with_release(files) : files, options);
  prove::Emitted good;
  for (const net::Family family : net::kFamilies) {
    const std::array families{family};
    good.rules[static_cast<std::size_t>(family)] = backend::iptables_save(policy.ruleset, family);
    good.sets[static_cast<std::size_t>(family)] = backend::ipset_save(policy.ruleset, families);
  }
  if (!prove::prove(policy.resolved, good).is_proven()) return;  // told by the other test
  for (unsigned i = 0; i < faults; ++i) {
    const net::Family family = net::kFamilies[random() % 2];
    const auto place = static_cast<std::size_t>(family);
    prove::Emitted bad = good;
    std::string what, table;
    bad.rules[place] = Faults(good.rules[place], random).one(what, table);
    const Text good_text(good.rules[place], table, good.sets[place], family),
        bad_text(bad.rules[place], table, bad.sets[place], family);
    const prove::Proof proof = prove::prove(policy.resolved, bad);
    INFO("seed " << seed << '\n' << what);
    if (!bad_text.is_readable()) {
      CHECK_FALSE(proof.is_proven());
      ++tally.unreadable;
      continue;
    }
    if (proof.is_proven()) {
      ++tally.proven;
      const auto packet = any_difference(good_text, bad_text, family, random, policy.layout());
      CHECK_FALSE(packet.has_value());
      continue;
    }
    if (proof.doubts.empty()) {
      ++tally.not_modelled;
      continue;
    }
    ++tally.refused;
    tally.outside_filter += table == "filter" ? 0 : 1;
    const prove::Doubt& doubt = proof.doubts.front();
    const auto packet = packet_of(doubt, policy.layout());
    if (!packet) {
      ++tally.own_address;
      continue;
    }
    diag::Sink sink;
    prove::tell(proof, names::Index::build(policy.model(), policy.resolved), sink);
    INFO(diag::render(sink, policy.tree.sources, diag::Style::Plain));
    const bool differs = good_text.ways(*packet, false) != bad_text.ways(*packet, false) ||
                         good_text.ways(*packet, true) != bad_text.ways(*packet, true);
    CHECK(differs);
    if (!differs) {
      std::string told;
      for (const std::string& way : good_text.ways(*packet, true)) told += "\nwithout: " + way;
      for (const std::string& way : bad_text.ways(*packet, true)) told += "\nwith: " + way;
      UNSCOPED_INFO(told << "\n" << bad.rules[place]);
      FAIL_CHECK("that packet");
    }
  }
}

}  // namespace

TEST_CASE("what is compiled wrong is refused when it makes a difference, and only then") {
  lab::enter_laboratory();
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1),
                 faults = test::number_from("VUURMUUR_MISCOMPILES", 600);
  Tally tally;
  for (unsigned seed = first; seed < first + faults / kEach; ++seed) judge(seed, kEach, /*has_release=*/false, tally);
  WARN(tally.text());
  CHECK(tally.refused > faults / 3);
  CHECK(tally.proven > 0);
}

TEST_CASE("so it is where programs give connections back") {
  lab::enter_laboratory();
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1),
                 faults = test::number_from("VUURMUUR_MISCOMPILES", 600) / 4;
  Tally tally;
  for (unsigned seed = first; seed < first + faults / kEach; ++seed) judge(seed, kEach, /*has_release=*/true, tally);
  WARN(tally.text());
  CHECK(tally.refused > faults / 3);
}
