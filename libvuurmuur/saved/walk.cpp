// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "base/overloaded.h"
#include "saved/target.h"

namespace vuurmuur::saved {
namespace {

enum class Hook : std::uint8_t { Prerouting, Input, Forward, Output, Postrouting };

struct Stage {
  Hook hook;
  std::string_view table, chain;
};

// By hook and priority: raw -300, mangle -150, nat -100 for destinations, filter 0, security 50, nat 100 for sources.
constexpr std::array kIn{Stage{Hook::Prerouting, "raw", "PREROUTING"},
                         Stage{Hook::Prerouting, "mangle", "PREROUTING"},
                         Stage{Hook::Prerouting, "nat", "PREROUTING"},
                         Stage{Hook::Input, "mangle", "INPUT"},
                         Stage{Hook::Input, "filter", "INPUT"},
                         Stage{Hook::Input, "security", "INPUT"},
                         Stage{Hook::Input, "nat", "INPUT"}};
constexpr std::array kThrough{
    Stage{Hook::Prerouting, "raw", "PREROUTING"},      Stage{Hook::Prerouting, "mangle", "PREROUTING"},
    Stage{Hook::Prerouting, "nat", "PREROUTING"},      Stage{Hook::Forward, "mangle", "FORWARD"},
    Stage{Hook::Forward, "filter", "FORWARD"},         Stage{Hook::Forward, "security", "FORWARD"},
    Stage{Hook::Postrouting, "mangle", "POSTROUTING"}, Stage{Hook::Postrouting, "nat", "POSTROUTING"}};
constexpr std::array kOut{
    Stage{Hook::Output, "raw", "OUTPUT"},          Stage{Hook::Output, "mangle", "OUTPUT"},
    Stage{Hook::Output, "nat", "OUTPUT"},          Stage{Hook::Output, "filter", "OUTPUT"},
    Stage{Hook::Output, "security", "OUTPUT"},     Stage{Hook::Postrouting, "mangle", "POSTROUTING"},
    Stage{Hook::Postrouting, "nat", "POSTROUTING"}};

std::span<const Stage> stages(Way way) {
  switch (way) {
    case Way::In: return kIn;
    case Way::Through: return kThrough;
    case Way::Out: return kOut;
  }
  return {};
}

struct ReadyRule {
  const Rule* rule;
  std::vector<Condition> conditions;
  Target target;
};

struct ReadyTable {
  const Table* table;
  std::vector<std::vector<ReadyRule>> chains;
};

bool has_ports(std::uint8_t protocol) {
  constexpr std::array<std::uint8_t, 5> kWithPorts{6, 17, 33, 132, 136};
  return std::ranges::find(kWithPorts, protocol) != kWithPorts.end();
}

bool is_within(const std::vector<net::PortRange>& ranges, std::uint16_t port) {
  return std::ranges::any_of(ranges, [port](const net::PortRange& range) { return range.contains(port); });
}

/// What is taken of conditions that nobody knows, and the next way to take them.
class Assumptions {
 public:
  bool take(const std::string& condition) {
    const auto known = std::ranges::find(taken_, condition, &Assumption::condition);
    if (known != taken_.end()) return known->holds;
    const bool holds = taken_.size() < chosen_.size() && chosen_[taken_.size()];
    taken_.push_back({.condition = condition, .holds = holds});
    return holds;
  }
  /// Ends a way; false when all ways were taken.
  bool next() {
    chosen_.clear();
    for (const Assumption& assumption : taken_) chosen_.push_back(assumption.holds);
    taken_.clear();
    while (!chosen_.empty() && chosen_.back()) chosen_.pop_back();
    if (chosen_.empty()) return false;
    chosen_.back() = true;
    return true;
  }
  [[nodiscard]] const std::vector<Assumption>& taken() const { return taken_; }

 private:
  std::vector<Assumption> taken_;
  std::vector<bool> chosen_;
};

/// One way of one packet.
class Journey {
 public:
  Journey(std::span<const ReadyTable> tables, const Walker::Options& options, const Packet& packet,
          Assumptions& assumptions)
      : tables_(tables), options_(options), packet_(packet), assumptions_(assumptions) {}

  Outcome run() {
    for (std::size_t stage = 0; stage < stages(packet_.way).size(); ++stage) {
      const Stage& next = stages(packet_.way)[stage];
      hook_ = next.hook;
      if (next.table == "nat" && (packet_.states & State::kNew) == 0) continue;
      if (!stage_accepts(next)) return finish(verdict_);
    }
    return finish(outcome_.queue ? Outcome::Verdict::Queue : Outcome::Verdict::Accept);
  }

 private:
  enum class Ended : std::uint8_t {
    Not,      ///< it fell off the chain, or came back
    Accepts,  ///< in this table
    Refuses,  ///< altogether, as verdict_ says
  };

  Outcome finish(Outcome::Verdict verdict) {
    outcome_.verdict = verdict;
    outcome_.packet = packet_;
    outcome_.assumed = assumptions_.taken();
    return std::move(outcome_);
  }

  bool stage_accepts(const Stage& stage) {
    const auto table =
        std::ranges::find_if(tables_, [&](const ReadyTable& each) { return each.table->name == stage.table; });
    if (table == tables_.end()) return true;
    table_ = &*table;
    const auto place = table->table->find(stage.chain);
    if (!place) return true;
    Ended ended = run_chain(*place, 0);
    if (ended == Ended::Not) {
      const Chain& chain = table->table->chains[*place];
      step(chain, nullptr);
      const bool is_refused = chain.policy == "DROP";
      if (is_refused) verdict_ = Outcome::Verdict::Drop;
      ended = is_refused ? Ended::Refuses : Ended::Accepts;
    }
    if (ended == Ended::Refuses || (stage.table == "filter" && !outcome_.queue))
      outcome_.decided = outcome_.path.back();
    return ended == Ended::Accepts;
  }

  void step(const Chain& chain, const Rule* rule) {
    outcome_.path.push_back({.table = table_->table, .chain = &chain, .rule = rule});
  }

  Ended run_chain(std::size_t place, std::size_t depth) {
    const Chain& chain = table_->table->chains[place];
    if (depth > table_->chains.size()) {
      verdict_ = Outcome::Verdict::Unknown;
      return Ended::Refuses;
    }
    for (const ReadyRule& rule : table_->chains[place]) {
      if (!std::ranges::all_of(rule.conditions, [this](const Condition& each) { return holds(each); })) continue;
      step(chain, rule.rule);
      if (const auto* jump = std::get_if<JumpTarget>(&rule.target)) {
        const Ended ended = run_chain(jump->chain, depth + 1);
        // What falls off a chain behind a goto comes back to where the last jump was.
        if (ended != Ended::Not || jump->is_goto) return ended;
      } else if (std::holds_alternative<ReturnTarget>(rule.target)) {
        return Ended::Not;
      } else if (const Ended ended = perform(rule.target); ended != Ended::Not) {
        return ended;
      }
    }
    return Ended::Not;
  }

  Ended refuse(Outcome::Verdict verdict) {
    verdict_ = verdict;
    return Ended::Refuses;
  }

  Ended perform(const Target& target) {
    return std::visit(base::Overloaded{
                          [](const AcceptTarget&) { return Ended::Accepts; },
                          [this](const DropTarget&) { return refuse(Outcome::Verdict::Drop); },
                          [this](const RejectTarget&) { return refuse(Outcome::Verdict::Reject); },
                          [this](const UnknownTarget&) { return refuse(Outcome::Verdict::Unknown); },
                          [this](const QueueTarget& queue) {
                            outcome_.queue = queue.first;
                            outcome_.decided = outcome_.path.back();
                            return Ended::Accepts;
                          },
                          [this](const MarkTarget& mark) {
                            std::uint32_t& changed = mark.is_of_connection ? packet_.connection_mark : packet_.mark;
                            changed = (changed & ~mark.clear) ^ mark.flip;
                            return Ended::Not;
                          },
                          [this](const CopyMarkTarget& copy) {
                            if (copy.is_save)
                              packet_.connection_mark =
                                  (packet_.connection_mark & ~copy.connection_mask) ^ (packet_.mark & copy.packet_mask);
                            else
                              packet_.mark =
                                  (packet_.mark & ~copy.packet_mask) ^ (packet_.connection_mark & copy.connection_mask);
                            return Ended::Not;
                          },
                          [this](const UntrackTarget&) {
                            packet_.states = State::kUntracked;
                            return Ended::Not;
                          },
                          [this](const NatTarget& nat) {
                            translate(nat);
                            return Ended::Accepts;
                          },
                          [](const auto&) { return Ended::Not; },
                      },
                      target);
  }

  void translate(const NatTarget& nat) {
    if (nat.first) (nat.is_destination ? packet_.destination : packet_.source) = *nat.first;
    if (nat.ports) {
      std::uint16_t& port = nat.is_destination ? packet_.destination_port : packet_.source_port;
      if (!nat.ports->contains(port)) port = nat.ports->first;
    }
    packet_.states |= nat.is_destination ? State::kDnat : State::kSnat;
    // To where it is sent on is found out behind this hook.
    if (nat.is_to_itself) {
      redirect();
    } else if (nat.is_destination && nat.first) {
      find_way();
    }
  }

  /// To the first address of the device that it came in by; one from here to 127.0.0.1 or ::1 (nf_nat_redirect.c).
  void redirect() {
    const net::Family family = packet_.destination.family;
    std::optional<net::Address> to;
    if (packet_.way == Way::Out) {
      to = net::Address::parse(family == net::Family::Ipv4 ? "127.0.0.1" : "::1");
      packet_.out = "lo";
    } else {
      packet_.way = Way::In;
      if (options_.addresses && packet_.in)
        for (const net::Address& own : options_.addresses(*packet_.in))
          if (own.family == family && !to) to = own;
    }
    if (to) packet_.destination = *to;
    is_destination_known_ = to.has_value();
  }

  void find_way() {
    if (options_.route) {
      packet_.out = options_.route(packet_.destination);
      if (packet_.way != Way::Out) packet_.way = packet_.out->empty() ? Way::In : Way::Through;
    } else if (packet_.way == Way::In) {
      packet_.way = Way::Through;
      packet_.out = std::nullopt;
    }
  }

  [[nodiscard]] bool holds(const Condition& condition) {
    const bool is_so = std::visit([this](const auto& what) { return is(what); }, condition.what);
    return is_so != condition.is_inverted;
  }

  bool is(const DeviceCondition& device) {
    const bool has_device = device.is_out ? hook_ != Hook::Prerouting && hook_ != Hook::Input
                                          : hook_ != Hook::Output && hook_ != Hook::Postrouting;
    static const std::optional<std::string> kNone{""};
    const std::optional<std::string>& name = !has_device ? kNone : device.is_out ? packet_.out : packet_.in;
    if (!name)
      return device.name.empty() || assumptions_.take(fmt::format("-{} {}{}", device.is_out ? 'o' : 'i', device.name,
                                                                  device.is_beginning ? "+" : ""));
    return device.is_beginning ? name->starts_with(device.name) : *name == device.name;
  }
  bool is(const AddressCondition& address) {
    if (address.is_destination && !is_destination_known_)
      return assumptions_.take(fmt::format("-d {}-{}", address.first.to_string(), address.last.to_string()));
    const net::Address& mine = address.is_destination ? packet_.destination : packet_.source;
    return address.first <= mine && mine <= address.last;
  }
  bool is(const ProtocolCondition& protocol) const { return packet_.protocol == protocol.protocol; }
  bool is(const PortCondition& ports) const {
    if (!has_ports(packet_.protocol)) return false;
    using Which = PortCondition::Which;
    return (ports.which != Which::Destination && is_within(ports.ranges, packet_.source_port)) ||
           (ports.which != Which::Source && is_within(ports.ranges, packet_.destination_port));
  }
  bool is(const IcmpCondition& icmp) const {
    return packet_.icmp_type == icmp.type && packet_.icmp_code >= icmp.first_code &&
           packet_.icmp_code <= icmp.last_code;
  }
  bool is(const FlagCondition& flags) const { return (packet_.flags & flags.mask) == flags.set; }
  bool is(const StateCondition& state) const { return (packet_.states & state.states) != 0; }
  bool is(const MarkCondition& mark) const {
    return ((mark.is_of_connection ? packet_.connection_mark : packet_.mark) & mark.mask) == mark.value;
  }
  bool is(const MacCondition& mac) {
    if (packet_.source_mac) return *packet_.source_mac == mac.address;
    return assumptions_.take("mac --mac-source " + mac.address.to_string());
  }
  /// A packet from this machine comes from one of its addresses, and one to it goes to one, wherever it is asked.
  bool is(const LocalCondition& local) {
    if (local.device != LocalCondition::Device::Any) return is_of_device(local);
    if (local.is_destination) return packet_.way == Way::In;
    return packet_.way == Way::Out || packet_.in == "lo";
  }
  bool is_of_device(const LocalCondition& local) {
    const bool is_in = local.device == LocalCondition::Device::In;
    const net::Address& address = local.is_destination ? packet_.destination : packet_.source;
    const std::optional<std::string>& device = is_in ? packet_.in : packet_.out;
    if (options_.addresses && device) return std::ranges::count(options_.addresses(*device), address) != 0;
    return assumptions_.take(fmt::format("addrtype --{}-type LOCAL --limit-iface-{} for {}",
                                         local.is_destination ? "dst" : "src", is_in ? "in" : "out",
                                         address.to_string()));
  }
  static bool is(const FragmentCondition&) { return false; }
  bool is(const SetCondition& set) {
    if (options_.sets != nullptr)
      if (const auto known = options_.sets->has(set.set, set.sides, packet_)) return *known;
    // A translated packet is another member than it was before.
    return assumptions_.take(fmt::format("set --match-set {} {}{}", set.set, set.sides,
                                         (packet_.states & (State::kSnat | State::kDnat)) != 0 ? " (translated)" : ""));
  }
  bool is(const OpaqueCondition& opaque) { return assumptions_.take(opaque.text); }

  std::span<const ReadyTable> tables_;
  const Walker::Options& options_;
  Packet packet_;
  Assumptions& assumptions_;
  const ReadyTable* table_ = nullptr;
  Hook hook_ = Hook::Prerouting;
  bool is_destination_known_ = true;  ///< it may have been sent to an address of this machine that nobody tells
  Outcome::Verdict verdict_ = Outcome::Verdict::Accept;
  Outcome outcome_;
};

}  // namespace

struct Walker::Program {
  std::vector<ReadyTable> tables;
  Options options;
};

Walker::Walker(const Ruleset& ruleset, net::Family family, diag::Sink& sink, Options options)
    : program_(std::make_unique<Program>()) {
  program_->options = std::move(options);
  for (const Table& table : ruleset.tables) {
    ReadyTable& ready = program_->tables.emplace_back(ReadyTable{.table = &table, .chains = {}});
    for (const Chain& chain : table.chains) {
      std::vector<ReadyRule>& rules = ready.chains.emplace_back();
      for (const Rule& rule : chain.rules)
        rules.push_back(
            {.rule = &rule, .conditions = conditions_of(rule, family, sink), .target = target_of(rule, table, sink)});
    }
  }
}
Walker::~Walker() = default;
Walker::Walker(Walker&&) noexcept = default;

Answer Walker::walk(const Packet& packet) const {
  Answer answer;
  Assumptions assumptions;
  do {
    if (answer.outcomes.size() == kMostOutcomes) {
      answer.is_finished = false;
      return answer;
    }
    answer.outcomes.push_back(Journey(program_->tables, program_->options, packet, assumptions).run());
  } while (assumptions.next());
  return answer;
}

}  // namespace vuurmuur::saved
