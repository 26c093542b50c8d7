// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/service_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "analyse/box_index.h"
#include "analyse/cover.h"
#include "analyse/device_names.h"
#include "analyse/ranks.h"
#include "net/ports.h"
#include "prove/all_packets.h"
#include "prove/packet_sample.h"
#include "prove/saved_diff.h"
#include "prove/saved_table.h"
#include "saved/condition.h"
#include "sema/policy.h"

namespace vuurmuur::prove {
namespace {

using analyse::Box;
using analyse::Field;
using analyse::Interval;
using analyse::Value;

/// TCP flag SYN.
constexpr unsigned kSyn = 2;

/// Devices that no rule tells apart, and one of them.
struct DeviceClass {
  std::string name;
  Value one;
};

/// Names that rules ask for: "eth0", "tun+".
std::set<std::string> names_asked_for(const saved::Table& table, std::string_view option) {
  std::set<std::string> names;
  for (const saved::Chain& chain : table.chains)
    for (const saved::Rule& rule : chain.rules)
      for (const saved::Match& match : rule.matches)
        for (const saved::Option& each : match.options)
          if (match.name.empty() && each.name == option && !each.values.empty()) names.insert(each.values.front());
  return names;
}

/// A name that begins so, and that rules ask for in no other way.
std::optional<std::string> other_name(const std::string& begin, const std::set<std::string>& asked) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz~_";
  const auto is_asked = [&](const std::string& name) {
    return std::ranges::any_of(asked, [&](const std::string& each) {
      if (!each.ends_with('+')) return each == name;
      const std::string_view own = std::string_view(each).substr(0, each.size() - 1);
      return own.size() > begin.size() && name.starts_with(own);
    });
  };
  for (const char letter : kLetters)
    if (const std::string name = begin + letter; name.size() <= 15 && !is_asked(name)) return name;
  if (!begin.empty() && !is_asked(begin)) return begin;
  return std::nullopt;
}

std::vector<DeviceClass> classes_of(const saved::Table& table, std::string_view option) {
  const std::set<std::string> asked = names_asked_for(table, option);
  std::vector<DeviceClass> classes;
  const auto add = [&](const std::string& name, const std::string& one) {
    classes.push_back({.name = name, .one = analyse::names_of_devices(one, /*is_beginning=*/false).first});
  };
  for (const std::string& name : asked)
    if (!name.ends_with('+'))
      add(name, name);
    else if (const auto one = other_name(name.substr(0, name.size() - 1), asked); one && name.size() > 1)
      add(name, *one);
  if (const auto one = other_name("", asked)) add("others", *one);
  return classes;
}

std::string range_text(const Interval& numbers) {
  return numbers.first == numbers.last ? fmt::format("{}", numbers.first.low)
                                       : fmt::format("{} to {}", numbers.first.low, numbers.last.low);
}

/// "tcp 22", "icmp type 8", "all".
std::string service_text(const Box& box) {
  const Interval &protocol = box[Field::Protocol], &ports = box[Field::DestinationPort],
                 &sources = box[Field::SourcePort];
  if (protocol.first != protocol.last)
    return protocol == Interval::of(0, 255) ? "all" : "protocols " + range_text(protocol);
  const auto known = static_cast<net::Protocol>(protocol.first.low);
  std::string text = net::to_string(known);
  const bool is_icmp = known == net::Protocol::Icmp || known == net::Protocol::Icmpv6;
  const auto has_all = [](const Interval& numbers, std::uint64_t last) {
    return numbers.first == Value{} && numbers.last >= Value{.low = last};
  };
  if (is_icmp) {
    if (!has_all(sources, 255)) text += " type " + range_text(sources);
    if (!has_all(ports, 255)) text += " code " + range_text(ports);
    return text;
  }
  if (!has_all(ports, 65535)) text += " " + range_text(ports);
  if (!has_all(sources, 65535)) text += " from port " + range_text(sources);
  return text;
}

/// What of a behaviour says under which conditions a packet gets through; nothing: it does not.
std::optional<std::string> conditions_of_passage(const std::string& behaviour) {
  for (const std::string_view word : {"accepted", "to queue "}) {
    if (behaviour.starts_with(word)) return "";
    const auto at = behaviour.find(fmt::format("': {}", word));
    if (at != std::string::npos) return ", if " + behaviour.substr(0, at + 1);
  }
  return std::nullopt;
}

/// One chain, all of its devices.
class ChainMatrix {
 public:
  ChainMatrix(Hook hook, const SavedProgram& program, const Behaviours& behaviours, const analyse::PolicyBoxes& fields,
              ServiceMatrix& result)
      : hook_(hook), program_(program), behaviours_(behaviours), fields_(fields), result_(result) {
    for (std::uint32_t i = 0; i < program.entries.size(); ++i) {
      before_.push_back(static_cast<std::uint32_t>(ending_.size()));
      if (program.entries[i].ends) ending_.push_back(program.entries[i].region.box);
      all_.push_back(program.entries[i].region.box);
    }
  }

  void run(const std::vector<DeviceClass>& ins, const std::vector<DeviceClass>& outs) {
    // The devices that are asked about are pieces of their own.
    std::vector<Box> cut = all_;
    for (const auto& [classes, side] : {std::pair{&ins, Field::In}, std::pair{&outs, Field::Out}})
      for (const DeviceClass& each : *classes) {
        Box box = program_.parts.front().region.box;
        box[side] = {.first = each.one, .last = each.one};
        cut.push_back(box);
      }
    const analyse::Ranks ranks(cut);
    std::vector<analyse::RankBox> taking;
    for (const Box& box : ending_) taking.push_back(ranks.of(box));
    const analyse::BoxIndex index(taking);
    analyse::CoverSearch search(taking, index);
    const auto place_of = [&](const DeviceClass& each, Field side) {
      analyse::Point point{};
      point[static_cast<std::size_t>(side)] = each.one;
      return ranks.of(point)[static_cast<std::size_t>(side)];
    };
    std::vector<std::vector<MatrixRow>> rows(ins.size(), std::vector<MatrixRow>(outs.size()));
    std::vector<std::uint32_t> in_places, out_places;
    for (const DeviceClass& each : ins) in_places.push_back(place_of(each, Field::In));
    for (const DeviceClass& each : outs) out_places.push_back(place_of(each, Field::Out));
    for (std::uint32_t e = 0; e < program_.entries.size(); ++e) {
      const SavedEntry& entry = program_.entries[e];
      const auto conditions = conditions_of_passage(behaviours_.text(entry.behaviour));
      if (!conditions) continue;
      const std::string text = service_text(entry.region.box) + *conditions;
      const analyse::RankBox own = ranks.of(entry.region.box);
      for (std::size_t i = 0; i < ins.size(); ++i)
        for (std::size_t o = 0; o < outs.size(); ++o) {
          const std::optional<analyse::RankBox> cell = narrowed(own, in_places[i], out_places[o]);
          std::vector<ReachedService>& services = rows[i][o].services;
          if (!cell || std::ranges::find(services, text, &ReachedService::text) != services.end()) continue;
          const analyse::Cover cover = search.of(*cell, {.before = before_[e]});
          if (cover.kind == analyse::Cover::Kind::NotFinished) ++result_.unfinished;
          if (cover.kind != analyse::Cover::Kind::Open) continue;
          services.push_back({.text = text, .rule = entry.rule, .packet = sample(ranks, cover.witness, entry)});
        }
    }
    for (std::size_t i = 0; i < ins.size(); ++i)
      for (std::size_t o = 0; o < outs.size(); ++o) {
        if (rows[i][o].services.empty()) continue;
        rows[i][o].hook = hook_;
        rows[i][o].in = ins[i].name;
        rows[i][o].out = outs[o].name;
        result_.rows.push_back(std::move(rows[i][o]));
      }
  }

 private:
  static std::optional<analyse::RankBox> narrowed(analyse::RankBox box, std::uint32_t in, std::uint32_t out) {
    for (const auto& [side, place] : {std::pair{Field::In, in}, std::pair{Field::Out, out}}) {
      const auto f = static_cast<std::size_t>(side);
      if (place < box.first[f] || place > box.last[f]) return std::nullopt;
      box.first[f] = box.last[f] = place;
    }
    return box;
  }

  [[nodiscard]] analyse::Sample sample(const analyse::Ranks& ranks, const analyse::RankPoint& witness,
                                       const SavedEntry& entry) const {
    analyse::RankBox piece;
    piece.first = piece.last = witness;
    Disagreement packet;
    packet.packets = ranks.box(piece);
    packet.when = entry.region.when;
    return sample_of(packet, hook_, fields_);
  }

  Hook hook_;
  const SavedProgram& program_;
  const Behaviours& behaviours_;
  const analyse::PolicyBoxes& fields_;
  ServiceMatrix& result_;
  std::vector<Box> all_, ending_;
  std::vector<std::uint32_t> before_;  ///< by entry: how many ending ones stand before it
};

}  // namespace

ServiceMatrix services_between_devices(const saved::Ruleset& ruleset, net::Family family, diag::Sink& sink) {
  ServiceMatrix result;
  const saved::Table* const filter = ruleset.find("filter");
  if (filter == nullptr) {
    result.not_modelled.emplace_back("there is no table filter: everything passes");
    return result;
  }
  const sema::Policy nothing;
  const analyse::PolicyBoxes fields(nothing, family);
  const SavedTable table(*filter, {.family = family, .sets = nullptr, .fields = &fields}, sink);
  std::vector<DeviceClass> ins = classes_of(*filter, "-i"), outs = classes_of(*filter, "-o");
  const std::vector<DeviceClass> none{{.name = "", .one = analyse::names_of_devices("", /*is_beginning=*/false).first}};
  Behaviours behaviours;
  for (const Hook hook : kFilterHooks) {
    Region first = everything(fields, SavedWorld::whole_mark(), hook);
    // New connections have no mark.
    first.when = {.states = saved::State::kNew, .flags = 1ULL << kSyn, .kinds = 1, .first_number = 0, .last_number = 0};
    const SavedProgram program = table.program(to_string(hook), first, behaviours, MarkSpace());
    for (const std::string& why : program.not_modelled)
      result.not_modelled.push_back(fmt::format("{}: {}", name_of(hook), why));
    if (!program.not_modelled.empty()) continue;
    const HookFacts& facts = facts_of(hook);
    ChainMatrix(hook, program, behaviours, fields, result).run(facts.has_in ? ins : none, facts.has_out ? outs : none);
  }
  return result;
}

}  // namespace vuurmuur::prove
