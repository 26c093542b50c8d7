// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "ir/walk.h"

namespace vuurmuur::ir {
namespace {

using net::Family;
using net::Protocol;

constexpr std::size_t kMaxInterface = 15;       ///< linux/if.h: IFNAMSIZ is 16 with the final NUL
constexpr std::size_t kMaxHelper = 15;          ///< xt_CT.h: 16 with the final NUL
constexpr std::size_t kMaxHashlimitName = 254;  ///< xt_hashlimit.h: NAME_MAX, 255, with the final NUL
constexpr std::uint8_t kAllStates = kCtInvalid | kCtNew | kCtEstablished | kCtRelated | kCtUntracked;

constexpr HookSet kIncoming = hook_set({Hook::Prerouting, Hook::Input});
constexpr HookSet kOutgoing = hook_set({Hook::Output, Hook::Postrouting});

/// Whether a text that iptables-restore reads as a word would not be one, or would be an option.
bool has_strange_letters(std::string_view name) {
  if (name.starts_with('-') || name.starts_with('!')) return true;
  for (const char c : name)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '\'' || c == '\\') return true;
  return false;
}

/// The rule under examination and where its complaints go.
class RuleCheck {
 public:
  RuleCheck(Family family, const Table& table, const Chain& chain, std::size_t index, HookSet hooks,
            std::vector<std::string>& problems)
      : family_(family), table_(table), chain_(chain), index_(index), hooks_(hooks), problems_(problems) {}

  void run(const Ruleset& ruleset, std::uint32_t connmark_mask) {
    connmark_mask_ = connmark_mask;
    ruleset_ = &ruleset;
    if (static_cast<std::size_t>(rule().origin) >= ruleset.origins.size()) complain("its origin does not exist");
    check_fields();
    for (const Match& match : rule().matches) std::visit([this](const auto& m) { check(m); }, match);
    std::visit([this](const auto& t) { check(t); }, rule().target);
    if (chain_.kind == ChainKind::Builtin) check_builtin();
  }

 private:
  [[nodiscard]] const Rule& rule() const { return chain_.rules[index_]; }

  void complain(std::string_view what) {
    problems_.push_back(fmt::format("{} {} {} rule {}: {}", family_ == Family::Ipv4 ? "ipv4" : "ipv6",
                                    to_string(table_.name()), chain_.name, index_ + 1, what));
  }

  void require(bool condition, std::string_view what) {
    if (!condition) complain(what);
  }

  void require_table(TableName table, std::string_view target) {
    if (table_.name() != table) complain(fmt::format("{} does not stand in table {}", target, to_string(table)));
  }

  void require_hooks(HookSet allowed, std::string_view what) {
    if ((hooks_ & ~allowed) == 0) return;
    complain(fmt::format("{} cannot be reached from {}", what, to_string(first_hook(hooks_ & ~allowed))));
  }

  void require_protocol(Protocol protocol, std::string_view what) {
    if (rule().protocol == protocol) return;
    complain(fmt::format("{} without protocol {}", what, net::to_string(protocol)));
  }

  void check_address(const std::optional<net::Prefix>& prefix, std::string_view what) {
    if (!prefix) return;
    if (prefix->family() != family_)
      complain(fmt::format("its {} {} is of the other family", what, prefix->to_string()));
    else if (prefix->length > net::address_bits(family_) || prefix->network() != *prefix)
      complain(fmt::format("its {} {} is not in network form", what, prefix->to_string()));
  }

  void check_fields() {
    check_address(rule().source, "source");
    check_address(rule().destination, "destination");
    require(rule().in_interface.size() <= kMaxInterface && rule().out_interface.size() <= kMaxInterface,
            "the name of its interface is too long");
    require(!has_strange_letters(rule().in_interface) && !has_strange_letters(rule().out_interface),
            "iptables does not take the name of its interface");
    if (!rule().in_interface.empty()) require_hooks(static_cast<HookSet>(~kOutgoing), "-i");
    if (!rule().out_interface.empty()) require_hooks(static_cast<HookSet>(~kIncoming), "-o");
    require(rule().protocol != Protocol{}, "protocol 0 means every protocol to the kernel");
    require(!rule().fragment || family_ == Family::Ipv4, "-f exists in IPv4 only");
  }

  void check_builtin() {
    const auto* jump = std::get_if<JumpTarget>(&rule().target);
    require(jump != nullptr && exists(table_, jump->chain) && table_.chain(jump->chain).kind == ChainKind::Own,
            "a built-in chain holds only jumps to own chains");
  }

  void check_ports(const net::PortRange& ports) { require(ports.first <= ports.last, "a port range is not in order"); }

  // Matches.
  void check(const TcpMatch& match) {
    require_protocol(Protocol::Tcp, "tcp match");
    check_ports(match.source);
    check_ports(match.destination);
    require((match.flags.mask & ~TcpFlags::kAll) == 0 && (match.flags.wanted & ~match.flags.mask) == 0,
            "it wants TCP flags that it does not look at");
    require(match.flags.mask != 0 || !match.flags_inverted, "an inverted test of no TCP flags");
  }
  void check(const UdpMatch& match) {
    require_protocol(Protocol::Udp, "udp match");
    check_ports(match.source);
    check_ports(match.destination);
  }
  void check(const IcmpMatch& match) {
    require_protocol(family_ == Family::Ipv4 ? Protocol::Icmp : Protocol::Icmpv6, "icmp match");
    require(match.type != 255 || family_ == Family::Ipv6, "icmp type 255 means every type to iptables");
  }
  void check(const ConntrackMatch& match) {
    require(match.states != 0 && (match.states & ~kAllStates) == 0, "a conntrack match without a known state");
  }
  void check(const ConnmarkMatch& match) {
    require((match.value & ~match.mask) == 0, "a connmark match wants bits that it does not look at");
  }
  void check(const MarkMatch& match) {
    require((match.value & ~match.mask) == 0, "a mark match wants bits that it does not look at");
  }
  void check(const ClusterMatch& match) {
    require(match.total <= ClusterMatch::kMostNodes, "a cluster match has too many nodes");
    require(match.first <= match.last && match.last < match.total, "a cluster match has no such nodes");
  }
  void check(const LimitMatch& match) { require(match.count > 0 && match.burst > 0, "a limit of nothing"); }
  void check(const HashlimitMatch& match) {
    require(match.per_second > 0 && match.burst > 0, "a hashlimit of nothing");
    require(!match.name.empty() && match.name.size() <= kMaxHashlimitName,
            "the name of a hashlimit has a wrong length");
    require(match.source_length <= net::address_bits(family_), "a hashlimit's source length is too long");
  }
  void check(const MacMatch&) { require_hooks(hook_set({Hook::Prerouting, Hook::Input, Hook::Forward}), "mac match"); }
  void check(const RpfilterMatch&) {
    require(table_.name() == TableName::Raw || table_.name() == TableName::Mangle,
            "rpfilter match does not stand in table raw or mangle");
    require_hooks(hook_set({Hook::Prerouting}), "rpfilter match");
  }
  void check(const FragmentHeaderMatch&) { require(family_ == Family::Ipv6, "frag match exists in IPv6 only"); }
  void check(const AddrtypeMatch& match) {
    require(!match.limit_iface_in || !match.limit_iface_out, "addrtype match is limited to both interfaces");
    if (match.limit_iface_in) require_hooks(static_cast<HookSet>(~kOutgoing), "addrtype --limit-iface-in");
    if (match.limit_iface_out) require_hooks(static_cast<HookSet>(~kIncoming), "addrtype --limit-iface-out");
  }

  void check(const SetMatch& match) {
    const Set* set = ruleset_->find_set(match.set);
    if (set == nullptr) return complain(fmt::format("set {} does not exist", match.set));
    const bool is_either = set->is_timed() && (match.key == SetKey::Source || match.key == SetKey::Destination);
    require(set->family == family_ && (set->key == match.key || is_either), "it asks a set of another family or key");
    require(std::get_if<SetMatch>(&rule().matches.back()) == &match, "the set match is not the last match");
  }

  // Targets.
  void check(const AcceptTarget&) {}
  void check(const DropTarget&) {}
  void check(const JumpTarget& target) { check_chain(target.chain); }
  void check(const GotoTarget& target) { check_chain(target.chain); }
  void check_chain(ChainId chain) {
    if (!exists(table_, chain))
      complain("its chain does not exist");
    else
      require(table_.chain(chain).kind != ChainKind::Builtin, "it jumps to a built-in chain");
  }
  void check(const RejectTarget& target) {
    require_table(TableName::Filter, "REJECT");
    if (target.with == RejectTarget::With::TcpReset) require_protocol(Protocol::Tcp, "a TCP reset");
  }
  void check(const NflogTarget& target) {
    require(target.prefix.size() <= NflogTarget::kMaxPrefix, "the prefix of NFLOG is too long");
    for (const char c : target.prefix)
      if (static_cast<unsigned char>(c) < 0x20) return complain("the prefix of NFLOG has a control character");
  }
  void check(const NfqueueTarget& target) {
    require(target.first <= target.last, "the queues of NFQUEUE are not in order");
    require(target.first != 0 || target.last != UINT16_MAX, "NFQUEUE cannot balance over all 65536 queues");
  }
  void check(const ConnmarkTarget& target) {
    require(((target.value | target.mask) & ~connmark_mask_) == 0,
            "CONNMARK writes bits of the connection mark that are not ours");
  }
  void check(const MarkTarget&) {}
  void check(const DnatTarget& target) {
    check_nat("DNAT", hook_set({Hook::Prerouting, Hook::Output}), &target.address);
    if (!target.ports) return;
    check_ports(*target.ports);
    require_ports("DNAT to ports");
  }
  void check(const SnatTarget& target) { check_nat("SNAT", hook_set({Hook::Postrouting}), &target.address); }
  void check(const MasqueradeTarget&) { check_nat("MASQUERADE", hook_set({Hook::Postrouting}), nullptr); }
  void check(const RedirectTarget&) {
    check_nat("REDIRECT", hook_set({Hook::Prerouting, Hook::Output}), nullptr);
    require_ports("REDIRECT");
  }
  void check_nat(std::string_view target, HookSet hooks, const net::Address* address) {
    require_table(TableName::Nat, target);
    require_hooks(hooks, target);
    if (address != nullptr && address->family != family_)
      complain(fmt::format("{} to {} is of the other family", target, address->to_string()));
  }
  void require_ports(std::string_view what) {
    if (!rule().protocol || !net::has_ports(*rule().protocol))
      complain(fmt::format("{} without a protocol that has ports", what));
  }
  void check(const CtHelperTarget& target) {
    require_table(TableName::Raw, "CT");
    require(!target.helper.empty() && target.helper.size() <= kMaxHelper, "the name of a helper has a wrong length");
  }
  void check(const TcpmssTarget&) {
    require_protocol(Protocol::Tcp, "TCPMSS");
    require_hooks(hook_set({Hook::Forward, Hook::Output, Hook::Postrouting}), "TCPMSS");
    for (const Match& match : rule().matches)
      if (const auto* tcp = std::get_if<TcpMatch>(&match); tcp != nullptr && !tcp->flags_inverted)
        if ((tcp->flags.wanted & TcpFlags::kSyn) != 0) return;
    complain("TCPMSS without a match of the SYN flag");
  }

  Family family_;
  const Table& table_;
  const Chain& chain_;
  std::size_t index_;
  HookSet hooks_;
  std::vector<std::string>& problems_;
  std::uint32_t connmark_mask_ = 0;
  const Ruleset* ruleset_ = nullptr;
};

/// A table of one family.
class TableCheck {
 public:
  TableCheck(const Ruleset& ruleset, Family family, const Table& table, std::vector<std::string>& problems)
      : ruleset_(ruleset), family_(family), table_(table), problems_(problems) {}

  void run(std::uint32_t connmark_mask) {
    check_builtins();
    check_names();
    const std::vector<HookSet> hooks = reach();
    for (std::size_t i = 0; i < table_.chains().size(); ++i) {
      const Chain& chain = table_.chains()[i];
      for (std::size_t index = 0; index < chain.rules.size(); ++index)
        RuleCheck(family_, table_, chain, index, hooks[i], problems_).run(ruleset_, connmark_mask);
    }
  }

 private:
  void complain(std::string_view where, std::string_view what) {
    problems_.push_back(
        fmt::format("{} {} {}: {}", family_ == Family::Ipv4 ? "ipv4" : "ipv6", to_string(table_.name()), where, what));
  }

  void check_builtins() {
    const std::vector<Hook> hooks = hooks_of(table_.name());
    for (std::size_t i = 0; i < table_.chains().size(); ++i) {
      const Chain& chain = table_.chains()[i];
      const bool first_ones = i < hooks.size();
      if (first_ones != (chain.kind == ChainKind::Builtin))
        complain(chain.name, "the built-in chains come first, and no others are built in");
      else if (first_ones && (chain.hook != hooks[i] || chain.name != to_string(hooks[i])))
        complain(chain.name, fmt::format("is not the built-in chain {}", to_string(hooks[i])));
      else if (!first_ones && (chain.hook || chain.policy_drop))
        complain(chain.name, "only a built-in chain has a hook and a policy");
    }
    if (table_.chains().size() < hooks.size()) complain("table", "a built-in chain is missing");
  }

  void check_names() {
    std::unordered_set<std::string_view> names;
    names.reserve(table_.chains().size());
    for (const Chain& chain : table_.chains()) {
      if (!names.insert(chain.name).second) complain(chain.name, "the name is used twice");
      if (chain.name.empty() || chain.name.size() > kMaxChainName) complain(chain.name, "the name has a wrong length");
      if (has_strange_letters(chain.name)) complain(chain.name, "iptables does not take that name");
      const bool is_own_name = chain.name.starts_with(kOwnPrefix);
      if (chain.kind == ChainKind::Own && !is_own_name)
        complain(chain.name, "the name of an own chain lacks the prefix");
      if (chain.kind == ChainKind::Foreign && is_own_name) complain(chain.name, "a foreign chain has a name of ours");
      if (chain.kind == ChainKind::Foreign && !chain.rules.empty()) complain(chain.name, "a foreign chain has rules");
    }
  }

  /// The hooks from which each chain is reached; none when there is a loop, which is complained of.
  std::vector<HookSet> reach() {
    if (const auto loop = find_loop(table_)) {
      complain(table_.chain(*loop).name, "jumps lead back to it");
      return std::vector<HookSet>(table_.chains().size(), 0);
    }
    return reached_from(table_);
  }

  const Ruleset& ruleset_;
  Family family_;
  const Table& table_;
  std::vector<std::string>& problems_;
};

/// A set: its name, and whether its elements have what the key says and are apart.
class SetCheck {
 public:
  SetCheck(const Ruleset& ruleset, const Set& set, std::vector<std::string>& problems)
      : ruleset_(ruleset), set_(set), problems_(problems) {}

  void run() {
    if (!set_.name.starts_with(kOwnSetPrefix) || set_.name.size() > kMaxSetName) complain("its name is wrong");
    if (set_.elements.empty() != set_.is_timed()) complain(set_.is_timed() ? "it is filled by others" : "it is empty");
    for (const SetElement& element : set_.elements) check(element);
    check_disjoint();
  }

 private:
  void complain(std::string_view what) { problems_.push_back(fmt::format("set {}: {}", set_.name, what)); }

  void check(const SetElement& element) {
    if (static_cast<std::size_t>(element.origin) >= ruleset_.origins.size()) complain("an origin does not exist");
    check(element.source, has_source(set_.key));
    check(element.destination, has_destination(set_.key));
    if (element.port.has_value() != has_port(set_.key)) complain("an element has other parts than the key");
    if (element.port && !net::has_ports(element.port->protocol)) complain("a port of a protocol without ports");
  }

  void check(const std::optional<net::Prefix>& prefix, bool is_wanted) {
    if (prefix.has_value() != is_wanted) return complain("an element has other parts than the key");
    if (!prefix) return;
    if (prefix->family() != set_.family || prefix->network() != *prefix)
      complain(fmt::format("{} is of the other family or not in network form", prefix->to_string()));
    // hash:net… has no room for prefixes of length 0 (ipset(8)).
    if (prefix->length == 0) complain("a prefix of length 0 is no element");
  }

  /// Elements with one address are sorted, so that one which holds another comes right before it; with two addresses
  /// only single ones can be compared that fast.
  void check_disjoint() {
    std::vector<const SetElement*> sorted;
    for (const SetElement& element : set_.elements) sorted.push_back(&element);
    const auto key = [](const SetElement* e) { return std::tie(e->port, e->source, e->destination); };
    std::ranges::sort(sorted, {}, key);
    const bool has_two = set_.key == SetKey::SourceDestination || set_.key == SetKey::SourcePortDestination;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      const SetElement &a = *sorted[i - 1], &b = *sorted[i];
      if (a.has_same_key(b)) return complain("an element is in it twice");
      if (has_two || a.port != b.port) continue;
      const auto& outer = a.source ? a.source : a.destination;
      const auto& inner = b.source ? b.source : b.destination;
      if (outer->contains(*inner)) return complain(fmt::format("{} holds {}", outer->to_string(), inner->to_string()));
    }
    if (has_two && !has_only_hosts(set_)) check_pairs(sorted);
  }

  void check_pairs(const std::vector<const SetElement*>& elements) {
    const auto overlap = [](const net::Prefix& a, const net::Prefix& b) { return a.contains(b) || b.contains(a); };
    for (std::size_t i = 0; i < elements.size(); ++i) {
      for (std::size_t j = i + 1; j < elements.size(); ++j) {
        const SetElement &a = *elements[i], &b = *elements[j];
        if (a.port == b.port && overlap(*a.source, *b.source) && overlap(*a.destination, *b.destination))
          return complain("two elements overlap");
      }
    }
  }

  const Ruleset& ruleset_;
  const Set& set_;
  std::vector<std::string>& problems_;
};

void check_sets(const Ruleset& ruleset, std::vector<std::string>& problems) {
  std::unordered_set<std::string_view> names;
  for (const Set& set : ruleset.sets) {
    if (!names.insert(set.name).second) problems.push_back(fmt::format("set {}: the name is used twice", set.name));
    SetCheck(ruleset, set, problems).run();
  }
}

}  // namespace

std::vector<std::string> verify(const Ruleset& ruleset, std::uint32_t connmark_mask) {
  std::vector<std::string> problems;
  check_sets(ruleset, problems);
  for (const Family family : net::kFamilies)
    for (const Table& table : ruleset.rules(family).tables)
      TableCheck(ruleset, family, table, problems).run(connmark_mask);
  return problems;
}

}  // namespace vuurmuur::ir
