// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_batch.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "backend/cut_text.h"
#include "backend/nft_expressions.h"
#include "backend/nft_heirs.h"
#include "backend/nft_names.h"
#include "backend/nft_sets.h"

namespace vuurmuur::backend::nft {
namespace {

constexpr std::uint16_t type_of(unsigned message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
}

/// NFT_USERDATA_MAXLEN less the head of an entry and the final NUL.
constexpr std::size_t kMaxComment = NFT_USERDATA_MAXLEN - 3;

/// Entries of user data as nft keeps them (libnftnl/udata.h): type, length, data.
class UserData {
 public:
  /// NFTNL_UDATA_RULE_COMMENT and NFTNL_UDATA_OBJ_COMMENT are 0, both.
  static UserData comment(std::string_view text) {
    UserData data;
    if (text.size() <= kMaxComment) {
      data.add_text(0, text);
    } else {
      std::string cut(text);
      cut_text(cut, kMaxComment);
      data.add_text(0, cut);
    }
    return data;
  }
  void number(std::uint8_t type, std::uint32_t value) { add(type, &value, sizeof value); }
  void write(MessageWriter& out, std::uint16_t attribute) const { out.bytes(attribute, bytes_.data(), size_); }

 private:
  void add(std::uint8_t type, const void* data, std::size_t size) {
    VM_ASSERT(size_ + 2 + size <= bytes_.size());
    bytes_[size_++] = type;
    bytes_[size_++] = static_cast<std::uint8_t>(size);
    std::memcpy(bytes_.data() + size_, data, size);
    size_ += size;
  }
  /// With a NUL behind it.
  void add_text(std::uint8_t type, std::string_view text) {
    VM_ASSERT(size_ + 3 + text.size() <= bytes_.size());
    bytes_[size_++] = type;
    bytes_[size_++] = static_cast<std::uint8_t>(text.size() + 1);
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
    bytes_[size_++] = 0;
  }

  std::array<std::uint8_t, NFT_USERDATA_MAXLEN> bytes_;  // the first size_ of them
  std::size_t size_ = 0;
};

/// The numbers by which nft knows types of values (enum datatypes of its sources): what it prints a set by. The kernel
/// keeps them without looking.
std::uint32_t nft_type(Field field, net::Family family) {
  switch (field) {
    case Field::Source:
    case Field::Destination: return family == net::Family::Ipv4 ? 7 : 8;
    case Field::InInterface:
    case Field::OutInterface: return 41;
    case Field::Protocol: return 12;
    case Field::CtMark:
    case Field::PacketMark: return 19;
    case Field::CtState: return 26;
    case Field::TcpFlags: return 15;
    case Field::IcmpType: return family == net::Family::Ipv4 ? 14 : 29;
    case Field::IcmpCode: return family == net::Family::Ipv4 ? 32 : 33;
    default: return 13;
  }
}
constexpr std::uint32_t kNftInteger = 4;
constexpr unsigned kNftTypeBits = 6;
constexpr std::uint32_t kNftHostOrder = 1, kNftNetworkOrder = 2;

std::uint32_t hook_number(ir::Hook hook) {
  switch (hook) {
    case ir::Hook::Prerouting: return NF_INET_PRE_ROUTING;
    case ir::Hook::Input: return NF_INET_LOCAL_IN;
    case ir::Hook::Forward: return NF_INET_FORWARD;
    case ir::Hook::Output: return NF_INET_LOCAL_OUT;
    case ir::Hook::Postrouting: return NF_INET_POST_ROUTING;
  }
  return 0;
}

std::string_view type_word(Base::Type type) {
  switch (type) {
    case Base::Type::Filter: return "filter";
    case Base::Type::Nat: return "nat";
    case Base::Type::Route: return "route";
  }
  return {};
}

/// A key one higher; false when there is none.
bool increment(KeyBytes& key) {
  for (std::size_t i = key.size; i-- > 0;)
    if (++key.bytes[i] != 0) return true;
  return false;
}

/// About how long the messages become; memory that is reserved and not used costs nothing.
std::size_t expected_size(const Program& program) {
  constexpr std::size_t kRule = 1000, kObject = 250, kElement = 120, kOther = 500;
  std::size_t size = (program.chains.size() + program.sets.size()) * kOther + program.counters.size() * kObject;
  for (const Chain& chain : program.chains) size += chain.rules.size() * kRule;
  for (const Set& set : program.sets) size += set.elements.size() * kElement;
  return size;
}

using Names = std::unordered_set<std::string_view>;

}  // namespace

/// The messages for one family.
class Batch::Family {
 public:
  Family(Batch& batch, const Program& program, const Existing& existing,
         std::span<const std::optional<std::uint64_t>> prints = {})
      : batch_(batch),
        out_(batch.out_),
        program_(program),
        existing_(existing),
        family_(program.family == net::Family::Ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6) {
    find_unchanged(prints);
    for (const Existing::Chain& chain : existing.chains) old_chains_.insert(chain.name);
    for (const std::string& set : existing.sets) old_sets_.insert(set);
    for (const Existing::Object& object : existing.objects) old_objects_.insert(object.name);
    // What is not there need not be looked for among what stays.
    if (!existing.chains.empty())
      for (const Chain& chain : program.chains) chains_.insert(chain.name);
    if (!existing.sets.empty())
      for (const Set& set : program.sets) sets_.insert(set.name);
    if (existing.objects.empty()) return;
    for (const Counter& counter : program.counters) objects_.insert(counter.name);
    for (const Helper& helper : program.helpers) objects_.insert(helper.name);
  }

  void run() {
    if (!existing_.has_table) {
      if (program_.is_empty()) return;
      begin(NFT_MSG_NEWTABLE, NLM_F_CREATE, {.kind = Subject::Kind::Table});
      out_.text(NFTA_TABLE_NAME, kTable);
      end();
    }
    delete_rules();
    delete_sets();
    add_counters();
    add_helpers();
    add_chains();
    add_sets();
    add_rules();
    delete_chains();
    delete_objects();
  }

  /// The table when it is missing, and sets without their elements.
  void make_sets() {
    begin(NFT_MSG_NEWTABLE, NLM_F_CREATE, {.kind = Subject::Kind::Table});
    out_.text(NFTA_TABLE_NAME, kTable);
    end();
    for (std::size_t i = 0; i < program_.sets.size(); ++i) add_set(program_.sets[i], static_cast<Index>(i));
  }

  void empty_sets() {
    for (std::size_t i = 0; i < program_.sets.size(); ++i) empty_set(program_.sets[i], static_cast<Index>(i));
  }

  void change_elements(ElementChange change) {
    for (std::size_t i = 0; i < program_.sets.size(); ++i)
      elements(program_.sets[i], static_cast<Index>(i),
               change == ElementChange::Remove ? NFT_MSG_DELSETELEM : NFT_MSG_NEWSETELEM,
               change == ElementChange::Remove ? 0 : NLM_F_CREATE | NLM_F_EXCL);
  }

  void delete_table() {
    begin(NFT_MSG_DELTABLE, 0, {.kind = Subject::Kind::Table});
    out_.text(NFTA_TABLE_NAME, kTable);
    end();
  }

 private:
  void begin(unsigned message, unsigned flags, Subject subject) {
    subject.family = program_.family;
    out_.begin(type_of(message), static_cast<std::uint16_t>(flags), static_cast<std::uint32_t>(batch_.subjects_.size()),
               family_);
    batch_.subjects_.push_back(subject);
  }
  void end() { out_.end(); }

  void find_unchanged(std::span<const std::optional<std::uint64_t>> prints) {
    if (prints.empty()) return;
    std::unordered_map<std::string_view, std::uint64_t> old;
    for (const Existing::Chain& chain : existing_.chains)
      if (chain.print) old.emplace(chain.name, *chain.print);
    for (std::size_t i = 0; i < prints.size(); ++i) {
      const auto found = old.find(program_.chains[i].name);
      if (prints[i] && found != old.end() && found->second == *prints[i]) unchanged_.insert(program_.chains[i].name);
    }
  }

  // --- what is old --------------------------------------------------------------------------------------------------

  [[nodiscard]] static bool is_ours(const Existing::Chain& chain) {
    return chain.is_base || is_own_chain_name(chain.name);
  }

  void delete_rules() {
    for (std::size_t i = 0; i < existing_.chains.size(); ++i) {
      if (!is_ours(existing_.chains[i]) || unchanged_.contains(existing_.chains[i].name)) continue;
      begin(NFT_MSG_DELRULE, 0, {.kind = Subject::Kind::OldRules, .index = static_cast<Index>(i)});
      out_.text(NFTA_RULE_TABLE, kTable);
      out_.text(NFTA_RULE_CHAIN, existing_.chains[i].name);
      end();
    }
  }

  void delete_sets() {
    for (std::size_t i = 0; i < existing_.sets.size(); ++i) {
      if (!is_own_set_name(existing_.sets[i]) || sets_.contains(existing_.sets[i])) continue;
      begin(NFT_MSG_DELSET, 0, {.kind = Subject::Kind::OldSet, .index = static_cast<Index>(i)});
      out_.text(NFTA_SET_TABLE, kTable);
      out_.text(NFTA_SET_NAME, existing_.sets[i]);
      end();
    }
  }

  void delete_chains() {
    for (std::size_t i = 0; i < existing_.chains.size(); ++i) {
      const Existing::Chain& chain = existing_.chains[i];
      if (!is_ours(chain) || chains_.contains(chain.name)) continue;
      const Subject subject{.kind = Subject::Kind::OldChain, .index = static_cast<Index>(i)};
      if (chain.is_base) {
        begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, subject);
        out_.text(NFTA_CHAIN_TABLE, kTable);
        out_.text(NFTA_CHAIN_NAME, chain.name);
        out_.number32(NFTA_CHAIN_POLICY, NF_ACCEPT);
      } else {
        begin(NFT_MSG_DELCHAIN, 0, subject);
        out_.text(NFTA_CHAIN_TABLE, kTable);
        out_.text(NFTA_CHAIN_NAME, chain.name);
      }
      end();
    }
  }

  void delete_objects() {
    for (std::size_t i = 0; i < existing_.objects.size(); ++i) {
      const Existing::Object& object = existing_.objects[i];
      const bool ours = object.type == NFT_OBJECT_COUNTER     ? is_own_counter_name(object.name)
                        : object.type == NFT_OBJECT_CT_HELPER ? is_own_helper_name(object.name)
                                                              : false;
      if (!ours || objects_.contains(object.name)) continue;
      begin(NFT_MSG_DELOBJ, 0, {.kind = Subject::Kind::OldObject, .index = static_cast<Index>(i)});
      out_.text(NFTA_OBJ_TABLE, kTable);
      out_.text(NFTA_OBJ_NAME, object.name);
      out_.number32(NFTA_OBJ_TYPE, object.type);
      end();
    }
  }

  // --- what is new --------------------------------------------------------------------------------------------------

  void add_counters() {
    const std::vector<Counted> inherited = inherited_counts(program_, existing_);
    for (std::size_t i = 0; i < program_.counters.size(); ++i) {
      const Counter& counter = program_.counters[i];
      if (old_objects_.contains(counter.name)) continue;
      begin(NFT_MSG_NEWOBJ, NLM_F_CREATE, {.kind = Subject::Kind::Counter, .index = static_cast<Index>(i)});
      out_.text(NFTA_OBJ_TABLE, kTable);
      out_.text(NFTA_OBJ_NAME, counter.name);
      out_.number32(NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
      UserData::comment(counter.comment).write(out_, NFTA_OBJ_USERDATA);
      const std::size_t nest = out_.begin_nest(NFTA_OBJ_DATA);
      if (inherited[i] != Counted{}) {
        out_.number64(NFTA_COUNTER_BYTES, inherited[i].bytes);
        out_.number64(NFTA_COUNTER_PACKETS, inherited[i].packets);
      }
      out_.end_nest(nest);
      end();
    }
  }

  void add_helpers() {
    for (std::size_t i = 0; i < program_.helpers.size(); ++i) {
      const Helper& helper = program_.helpers[i];
      if (old_objects_.contains(helper.name)) continue;
      begin(NFT_MSG_NEWOBJ, NLM_F_CREATE, {.kind = Subject::Kind::Helper, .index = static_cast<Index>(i)});
      out_.text(NFTA_OBJ_TABLE, kTable);
      out_.text(NFTA_OBJ_NAME, helper.name);
      out_.number32(NFTA_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
      const std::size_t nest = out_.begin_nest(NFTA_OBJ_DATA);
      out_.text(NFTA_CT_HELPER_NAME, helper.helper);
      out_.number16(NFTA_CT_HELPER_L3PROTO, family_);
      out_.number8(NFTA_CT_HELPER_L4PROTO, static_cast<std::uint8_t>(helper.protocol));
      out_.end_nest(nest);
      end();
    }
  }

  void add_chains() {
    for (std::size_t i = 0; i < program_.chains.size(); ++i) {
      const Chain& chain = program_.chains[i];
      const bool is_old = old_chains_.contains(chain.name);
      if (is_old && (!chain.base || unchanged_.contains(chain.name))) continue;
      begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, {.kind = Subject::Kind::Chain, .index = static_cast<Index>(i)});
      out_.text(NFTA_CHAIN_TABLE, kTable);
      out_.text(NFTA_CHAIN_NAME, chain.name);
      if (chain.base) {
        if (!is_old) {
          out_.text(NFTA_CHAIN_TYPE, type_word(chain.base->type));
          const std::size_t nest = out_.begin_nest(NFTA_CHAIN_HOOK);
          out_.number32(NFTA_HOOK_HOOKNUM, hook_number(chain.base->hook));
          out_.number32(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(chain.base->priority));
          out_.end_nest(nest);
        }
        out_.number32(NFTA_CHAIN_POLICY, chain.base->policy_drop ? NF_DROP : NF_ACCEPT);
      }
      end();
    }
  }

  void add_sets() {
    for (std::size_t i = 0; i < program_.sets.size(); ++i) {
      const Set& set = program_.sets[i];
      const bool is_old = old_sets_.contains(set.name);
      // Elements of the others come and go while rules are in force.
      const bool is_filled_here = set.kind != Set::Kind::Timed && set.kind != Set::Kind::Meters;
      if (set.kind == Set::Kind::Queues || (is_old && !(existing_.are_sets_doubtful && is_filled_here))) continue;
      if (is_old)
        empty_set(set, static_cast<Index>(i));
      else
        add_set(set, static_cast<Index>(i));
      add_elements(set, static_cast<Index>(i));
    }
  }

  void empty_set(const Set& set, Index index) {
    begin(NFT_MSG_DELSETELEM, 0, {.kind = Subject::Kind::Set, .index = index});
    out_.text(NFTA_SET_ELEM_LIST_TABLE, kTable);
    out_.text(NFTA_SET_ELEM_LIST_SET, set.name);
    end();
  }

  void add_set(const Set& set, Index index) {
    const bool is_concatenated = set.key.size() > 1;
    std::uint32_t flags = 0, type = 0, size = 0;
    if (set.has_intervals) flags |= NFT_SET_INTERVAL;
    if (set.has_intervals && is_concatenated) flags |= NFT_SET_CONCAT;
    for (const Field field : set.key) {
      type = type << kNftTypeBits | nft_type(field, program_.family);
      size += (field_size(field, program_.family) + 3) / 4 * 4;
    }
    if (!is_concatenated) size = field_size(set.key.front(), program_.family);
    UserData user;
    user.number(/*NFTNL_UDATA_SET_KEYBYTEORDER*/ 0, is_concatenated                     ? 0
                                                    : is_network_order(set.key.front()) ? kNftNetworkOrder
                                                                                        : kNftHostOrder);
    begin(NFT_MSG_NEWSET, NLM_F_CREATE, {.kind = Subject::Kind::Set, .index = index});
    out_.text(NFTA_SET_TABLE, kTable);
    out_.text(NFTA_SET_NAME, set.kind == Set::Kind::Queues ? kAnonymousMap : std::string_view(set.name));
    out_.number32(NFTA_SET_KEY_TYPE, type);
    out_.number32(NFTA_SET_KEY_LEN, size);
    out_.number32(NFTA_SET_ID, set_id(index));
    switch (set.kind) {
      case Set::Kind::Members: break;
      case Set::Kind::Verdicts:
        flags |= NFT_SET_MAP;
        out_.number32(NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
        out_.number32(NFTA_SET_DATA_LEN, 0);
        user.number(/*NFTNL_UDATA_SET_DATABYTEORDER*/ 1, 0);
        break;
      case Set::Kind::Counters:
        flags |= NFT_SET_OBJECT;
        out_.number32(NFTA_SET_OBJ_TYPE, NFT_OBJECT_COUNTER);
        break;
      case Set::Kind::Queues:
        flags |= NFT_SET_MAP | NFT_SET_ANONYMOUS | NFT_SET_CONSTANT;
        out_.number32(NFTA_SET_DATA_TYPE, kNftInteger);
        out_.number32(NFTA_SET_DATA_LEN, sizeof(std::uint16_t));
        user.number(/*NFTNL_UDATA_SET_DATABYTEORDER*/ 1, kNftHostOrder);
        break;
      case Set::Kind::Meters:
        flags |= NFT_SET_EVAL | NFT_SET_TIMEOUT;
        out_.number64(NFTA_SET_TIMEOUT, kMeterTimeoutMs);
        break;
      case Set::Kind::Timed: flags |= NFT_SET_TIMEOUT; break;
    }
    out_.number32(NFTA_SET_FLAGS, flags);
    describe(set, is_concatenated && set.has_intervals);
    user.write(out_, NFTA_SET_USERDATA);
    end();
  }

  /// Its size, with which the kernel chooses a table that never grows; and of concatenated intervals the fields.
  void describe(const Set& set, bool with_fields) {
    const std::size_t nest = out_.begin_nest(NFTA_SET_DESC);
    if (const std::uint32_t size = set_size(set); size != 0) out_.number32(NFTA_SET_DESC_SIZE, size);
    if (with_fields) {
      const std::size_t fields = out_.begin_nest(NFTA_SET_DESC_CONCAT);
      for (const Field field : set.key) {
        const std::size_t one = out_.begin_nest(NFTA_LIST_ELEM);
        out_.number32(NFTA_SET_FIELD_LEN, field_size(field, program_.family));
        out_.end_nest(one);
      }
      out_.end_nest(fields);
    }
    out_.end_nest(nest);
  }

  /// The elements, in as many messages as their lists need: an attribute's length has 16 bits.
  void add_elements(const Set& set, Index index) { elements(set, index, NFT_MSG_NEWSETELEM, NLM_F_CREATE); }

  void elements(const Set& set, Index index, unsigned message, unsigned message_flags) {
    constexpr std::size_t kMaxList = 60000;
    std::size_t i = 0;
    while (i < set.elements.size()) {
      begin(message, message_flags, {.kind = Subject::Kind::Set, .index = index});
      out_.text(NFTA_SET_ELEM_LIST_TABLE, kTable);
      out_.text(NFTA_SET_ELEM_LIST_SET, set.kind == Set::Kind::Queues ? kAnonymousMap : std::string_view(set.name));
      out_.number32(NFTA_SET_ELEM_LIST_SET_ID, set_id(index));
      const std::size_t list = out_.begin_nest(NFTA_SET_ELEM_LIST_ELEMENTS);
      const std::size_t start = out_.size();
      const bool is_simple_interval = set.has_intervals && set.key.size() == 1;
      // As nft: what is before the first interval is none.
      if (i == 0 && is_simple_interval && set.kind != Set::Kind::Timed && set.elements.front().first != zero(set))
        end_of_interval(zero(set));
      for (; i < set.elements.size() && out_.size() - start < kMaxList; ++i) {
        const Element& element = set.elements[i];
        const std::size_t nest = out_.begin_nest(NFTA_LIST_ELEM);
        key(NFTA_SET_ELEM_KEY, element.first);
        if (set.has_intervals && !is_simple_interval) key(NFTA_SET_ELEM_KEY_END, element.last);
        data(element);
        if (element.timeout_ms != 0) out_.number64(NFTA_SET_ELEM_TIMEOUT, element.timeout_ms);
        out_.end_nest(nest);
        if (!is_simple_interval) continue;
        KeyBytes behind = element.last;
        if (increment(behind)) end_of_interval(behind);
      }
      out_.end_nest(list);
      end();
    }
  }

  static KeyBytes zero(const Set& set) {
    KeyBytes key;
    key.size = set.elements.front().first.size;
    return key;
  }

  void end_of_interval(const KeyBytes& at) {
    const std::size_t nest = out_.begin_nest(NFTA_LIST_ELEM);
    out_.number32(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
    key(NFTA_SET_ELEM_KEY, at);
    out_.end_nest(nest);
  }

  void key(std::uint16_t attribute, const KeyBytes& key) {
    const std::size_t nest = out_.begin_nest(attribute);
    out_.bytes(NFTA_DATA_VALUE, key.bytes.data(), key.size);
    out_.end_nest(nest);
  }

  void data(const Element& element) {
    if (const auto* counter = std::get_if<Index>(&element.data))
      return out_.text(NFTA_SET_ELEM_OBJREF, program_.counters[*counter].name);
    if (std::holds_alternative<std::monostate>(element.data)) return;
    const std::size_t nest = out_.begin_nest(NFTA_SET_ELEM_DATA);
    if (const auto* verdict = std::get_if<Verdict>(&element.data)) write_verdict(out_, program_, *verdict);
    if (const auto* queue = std::get_if<std::uint16_t>(&element.data))
      out_.bytes(NFTA_DATA_VALUE, queue, sizeof *queue);
    out_.end_nest(nest);
  }

  void add_rules() {
    for (std::size_t i = 0; i < program_.chains.size(); ++i) {
      const Chain& chain = program_.chains[i];
      if (unchanged_.contains(chain.name)) continue;
      for (std::size_t j = 0; j < chain.rules.size(); ++j) {
        // The kernel takes no set without a name that no rule uses.
        for (const Statement& statement : chain.rules[j].statements)
          if (const auto* map = std::get_if<MapQueue>(&statement)) {
            add_set(program_.sets[map->set], map->set);
            add_elements(program_.sets[map->set], map->set);
          }
        begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND,
              {.kind = Subject::Kind::Rule, .index = static_cast<Index>(i), .rule = static_cast<Index>(j)});
        out_.text(NFTA_RULE_TABLE, kTable);
        out_.text(NFTA_RULE_CHAIN, chain.name);
        const std::size_t nest = out_.begin_nest(NFTA_RULE_EXPRESSIONS);
        write_expressions(out_, program_, chain.rules[j]);
        out_.end_nest(nest);
        if (!chain.rules[j].comment.empty()) UserData::comment(chain.rules[j].comment).write(out_, NFTA_RULE_USERDATA);
        end();
      }
    }
  }

  Batch& batch_;
  MessageWriter& out_;
  const Program& program_;
  const Existing& existing_;
  std::uint8_t family_;
  Names unchanged_, old_chains_, old_sets_, old_objects_, chains_, sets_, objects_;
};

Batch::Batch(std::optional<std::uint32_t> generation) {
  out_.begin(NFNL_MSG_BATCH_BEGIN, 0, 0, NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES);
  if (generation) out_.number32(NFNL_BATCH_GENID, *generation);
  out_.end();
  subjects_.push_back({});
}

void Batch::add_program(const Program& program, const Existing& existing,
                        std::span<const std::optional<std::uint64_t>> prints) {
  VM_ASSERT(!is_finished_ && (prints.empty() || prints.size() == program.chains.size()));
  bytes_.reserve(expected_size(program));
  Family(*this, program, existing, prints).run();
}

void Batch::make_sets(const Program& program) {
  VM_ASSERT(!is_finished_);
  Family(*this, program, {}).make_sets();
}

void Batch::empty_sets(const Program& program) {
  VM_ASSERT(!is_finished_);
  Family(*this, program, {}).empty_sets();
}

void Batch::change_elements(const Program& program, ElementChange change) {
  VM_ASSERT(!is_finished_);
  Family(*this, program, {}).change_elements(change);
}

void Batch::delete_table(net::Family family) {
  VM_ASSERT(!is_finished_);
  const Program nothing{.family = family, .counters = {}, .helpers = {}, .sets = {}, .chains = {}};
  Family(*this, nothing, {}).delete_table();
}

std::span<const std::byte> Batch::finish() {
  if (!is_finished_) {
    out_.begin(NFNL_MSG_BATCH_END, 0, static_cast<std::uint32_t>(subjects_.size()), NFPROTO_UNSPEC,
               NFNL_SUBSYS_NFTABLES);
    out_.end();
    subjects_.push_back({});
    is_finished_ = true;
  }
  return bytes_.written();
}

}  // namespace vuurmuur::backend::nft
