// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_expressions.h"

#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <bit>

#include "backend/nft_sets.h"

namespace vuurmuur::backend::nft {
namespace {

/// What is compared: bytes as they stand in a register.
struct Operand {
  std::array<std::uint8_t, 16> bytes{};
  std::uint32_t size = 0;
};

/// A part of the packet.
struct Load {
  std::uint32_t base = 0, offset = 0, size = 0;
};

/// TCP option "maximum segment size" (RFC 9293, 3.2).
constexpr std::uint8_t kMssOption = 2;

Operand operand(Field field, std::uint32_t value) {
  Operand made{.bytes = {}, .size = field_size(field, net::Family::Ipv4)};
  if (is_network_order(field) || made.size == 1) {
    for (std::uint32_t i = 0; i < made.size; ++i)
      made.bytes[i] = static_cast<std::uint8_t>(value >> (8 * (made.size - 1 - i)));
    return made;
  }
  std::memcpy(made.bytes.data(), &value, made.size);
  return made;
}

Operand network_number(std::uint32_t value) {
  Operand made{.bytes = {}, .size = sizeof value};
  for (std::uint32_t i = 0; i < made.size; ++i)
    made.bytes[i] = static_cast<std::uint8_t>(value >> (8 * (made.size - 1 - i)));
  return made;
}

Operand operand(const net::Address& address, std::uint32_t size) {
  Operand made{.bytes = {}, .size = size};
  std::memcpy(made.bytes.data(), address.bytes.data(), size);
  return made;
}

/// A 32-bit register: `offset` bytes behind the first. NFT_REG_1 and NFT_REG32_00 are the same.
std::uint32_t register_at(std::size_t offset) {
  return offset == 0 ? std::uint32_t{NFT_REG_1} : NFT_REG32_00 + static_cast<std::uint32_t>(offset / 4);
}

class ExpressionWriter {
 public:
  ExpressionWriter(MessageWriter& out, const Program& program) : out_(out), program_(program) {}

  /// Writes what was held back to be one comparison with the next.
  void flush() {
    if (held_.size == 0) return;
    write_load(held_, NFT_REG_1);
    compare(NFT_CMP_EQ, held_value_);
    held_.size = 0;
  }

  void operator()(const AddressTest& test) {
    const std::uint32_t whole = net::address_bits(program_.family) / 8;
    const Load load = payload_of(test.field);
    if (test.prefix.length == whole * 8) return equal(load, operand(test.prefix.address, whole));
    flush();
    if (test.prefix.length % 8 == 0) {
      const std::uint32_t size = test.prefix.length / 8u;
      write_load({load.base, load.offset, size}, NFT_REG_1);
      return compare(NFT_CMP_EQ, operand(test.prefix.address, size));
    }
    write_load(load, NFT_REG_1);
    bitwise(operand(test.prefix.netmask(), whole), Operand{.bytes = {}, .size = whole});
    compare(NFT_CMP_EQ, operand(test.prefix.address, whole));
  }

  void operator()(const InterfaceTest& test) {
    flush();
    load_meta(test.field == Field::InInterface ? NFT_META_IIFNAME : NFT_META_OIFNAME);
    Operand name{.bytes = {}, .size = 16};
    VM_ASSERT(test.name.size() < name.bytes.size());
    std::memcpy(name.bytes.data(), test.name.data(), test.name.size());
    if (test.name.ends_with('+')) {
      name.size = static_cast<std::uint32_t>(test.name.size() - 1);
      name.bytes[name.size] = 0;
    }
    compare(NFT_CMP_EQ, name);
  }

  void operator()(const NumberTest& test) {
    const bool is_whole =
        test.relation != Relation::AnyOf &&
        (test.field == Field::CtMark || test.field == Field::PacketMark || test.field == Field::TcpFlags
             ? test.mask == UINT32_MAX
             : true);
    if (is_whole && test.relation == Relation::Equal && is_network_order(test.field))
      return equal(payload_of(test.field), operand(test.field, test.value));
    flush();
    load(test.field, NFT_REG_1);
    const Operand zero{.bytes = {}, .size = field_size(test.field, program_.family)};
    if (test.relation == Relation::AnyOf) {
      bitwise(operand(test.field, test.value), zero);
      return compare(NFT_CMP_NEQ, zero);
    }
    if (!is_whole) bitwise(operand(test.field, test.mask), zero);
    compare(test.relation == Relation::Equal ? NFT_CMP_EQ : NFT_CMP_NEQ, operand(test.field, test.value));
  }

  void operator()(const RangeTest& test) {
    flush();
    load(test.field, NFT_REG_1);
    compare(NFT_CMP_GTE, operand(test.field, test.range.first));
    compare(NFT_CMP_LTE, operand(test.field, test.range.last));
  }

  void operator()(const MacTest& test) {
    flush();
    load_meta(NFT_META_IIFTYPE);
    constexpr std::uint16_t kEthernet = ARPHRD_ETHER;
    Operand type{.bytes = {}, .size = sizeof kEthernet};
    std::memcpy(type.bytes.data(), &kEthernet, sizeof kEthernet);
    compare(NFT_CMP_EQ, type);
    constexpr std::uint32_t kSourceOffset = 6, kSize = 6;
    write_load({NFT_PAYLOAD_LL_HEADER, kSourceOffset, kSize}, NFT_REG_1);
    Operand address{.bytes = {}, .size = kSize};
    std::memcpy(address.bytes.data(), test.source.bytes.data(), kSize);
    compare(NFT_CMP_EQ, address);
  }

  void operator()(const ReversePathTest&) {
    flush();
    if (program_.family == net::Family::Ipv6) {
      write_load(payload_of(Field::Source), NFT_REG_1);
      compare(NFT_CMP_NEQ, Operand{.bytes = {}, .size = 16});
    }
    fib(NFT_FIB_RESULT_OIF, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT);
    compare(NFT_CMP_EQ, Operand{.bytes = {}, .size = 4});
  }

  void operator()(const LocalAddressTest& test) {
    flush();
    std::uint32_t flags = test.field == Field::Source ? NFTA_FIB_F_SADDR : NFTA_FIB_F_DADDR;
    if (test.of_input) flags |= NFTA_FIB_F_IIF;
    if (test.of_output) flags |= NFTA_FIB_F_OIF;
    fib(NFT_FIB_RESULT_ADDRTYPE, flags);
    constexpr std::uint32_t kLocal = RTN_LOCAL;
    Operand type{.bytes = {}, .size = sizeof kLocal};
    std::memcpy(type.bytes.data(), &kLocal, sizeof kLocal);
    compare(NFT_CMP_EQ, type);
  }

  void operator()(const ClusterTest& test) {
    flush();
    // In the registers in which nft has it.
    expression("ct", [&] {
      out_.number32(NFTA_CT_KEY, program_.family == net::Family::Ipv4 ? std::uint32_t{NFT_CT_SRC_IP}
                                                                      : std::uint32_t{NFT_CT_SRC_IP6});
      out_.number8(NFTA_CT_DIRECTION, IP_CT_DIR_ORIGINAL);
      out_.number32(NFTA_CT_DREG, NFT_REG_2);
    });
    expression("hash", [&] {
      out_.number32(NFTA_HASH_SREG, NFT_REG_2);
      out_.number32(NFTA_HASH_DREG, NFT_REG_1);
      out_.number32(NFTA_HASH_LEN, net::address_bits(program_.family) / 8);
      out_.number32(NFTA_HASH_MODULUS, test.total);
      out_.number32(NFTA_HASH_SEED, ir::ClusterMatch::kHashSeed);
      out_.number32(NFTA_HASH_TYPE, NFT_HASH_JENKINS);
    });
    if (test.first == test.last) return compare(NFT_CMP_EQ, operand(Field::CtMark, test.first));
    // Which number is the larger one the bytes tell in network order alone.
    to_network_order(sizeof test.first);
    compare(NFT_CMP_GTE, network_number(test.first));
    compare(NFT_CMP_LTE, network_number(test.last));
  }

  void operator()(const FragmentHeaderTest&) {
    flush();
    expression("exthdr", [&] {
      out_.number32(NFTA_EXTHDR_DREG, NFT_REG_1);
      out_.number8(NFTA_EXTHDR_TYPE, IPPROTO_FRAGMENT);
      out_.number32(NFTA_EXTHDR_OFFSET, 0);
      out_.number32(NFTA_EXTHDR_LEN, 1);
      out_.number32(NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
    });
    Operand present{.bytes = {}, .size = 1};
    present.bytes[0] = 1;
    compare(NFT_CMP_EQ, present);
  }

  void operator()(const SetTest& test) {
    const Set& set = program_.sets[test.set];
    if (test.of_destination) {
      flush();
      load(Field::Destination, NFT_REG_1);
    } else {
      load_key(set);
    }
    expression("lookup", [&] {
      out_.text(NFTA_LOOKUP_SET, set.name);
      out_.number32(NFTA_LOOKUP_SREG, NFT_REG_1);
      if (test.is_inverted) out_.number32(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    });
  }

  void operator()(const Limit& rate) {
    flush();
    limit(rate.count, rate.unit_seconds, rate.burst, 0);
  }

  void operator()(const MeterTest& test) {
    const Set& set = program_.sets[test.set];
    load_key(set);
    expression("dynset", [&] {
      out_.text(NFTA_DYNSET_SET_NAME, set.name);
      out_.number32(NFTA_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
      out_.number32(NFTA_DYNSET_SREG_KEY, NFT_REG_1);
      const std::size_t nest = out_.begin_nest(NFTA_DYNSET_EXPR);
      named("limit", [&] { limit_attributes(test.per_second, 1, test.burst, NFT_LIMIT_F_INV); });
      out_.end_nest(nest);
    });
  }

  void operator()(const Count& count) {
    flush();
    objref(NFT_OBJECT_COUNTER, program_.counters[count.counter].name);
  }

  void operator()(const CountElement& count) {
    const Set& set = program_.sets[count.set];
    load_key(set);
    expression("objref", [&] {
      out_.number32(NFTA_OBJREF_SET_SREG, NFT_REG_1);
      out_.text(NFTA_OBJREF_SET_NAME, set.name);
    });
  }

  void operator()(const Log& log) {
    flush();
    expression("log", [&] {
      if (!log.prefix.empty()) out_.text(NFTA_LOG_PREFIX, log.prefix);
      out_.number16(NFTA_LOG_GROUP, log.group);
    });
  }

  void operator()(const SetMark& set) {
    flush();
    const Operand value = operand(Field::CtMark, set.value);
    if (set.mask == UINT32_MAX) {
      immediate(NFT_REG_1, value);
    } else {
      if (set.of_connection)
        load(Field::CtMark, NFT_REG_1);
      else
        load_meta(NFT_META_MARK);
      // "mark & mask | value" is written in the form that nft writes it in.
      const std::uint32_t keep = (set.value & ~set.mask) == 0 ? ~set.mask & ~set.value : ~set.mask;
      bitwise(operand(Field::CtMark, keep), value);
    }
    expression(set.of_connection ? "ct" : "meta", [&] {
      out_.number32(set.of_connection ? std::uint16_t{NFTA_CT_KEY} : std::uint16_t{NFTA_META_KEY},
                    set.of_connection ? std::uint32_t{NFT_CT_MARK} : std::uint32_t{NFT_META_MARK});
      out_.number32(set.of_connection ? std::uint16_t{NFTA_CT_SREG} : std::uint16_t{NFTA_META_SREG}, NFT_REG_1);
    });
  }

  void operator()(const SetHelper& set) {
    flush();
    objref(NFT_OBJECT_CT_HELPER, program_.helpers[set.helper].name);
  }

  void operator()(const ClampMss&) {
    flush();
    expression("rt", [&] {
      out_.number32(NFTA_RT_DREG, NFT_REG_1);
      out_.number32(NFTA_RT_KEY, NFT_RT_TCPMSS);
    });
    constexpr std::uint32_t kSize = 2;
    to_network_order(kSize);
    expression("exthdr", [&] {
      out_.number32(NFTA_EXTHDR_SREG, NFT_REG_1);
      out_.number8(NFTA_EXTHDR_TYPE, kMssOption);
      out_.number32(NFTA_EXTHDR_OFFSET, 2);
      out_.number32(NFTA_EXTHDR_LEN, kSize);
      out_.number32(NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
    });
  }

  void operator()(const Verdict& verdict) {
    flush();
    expression("immediate", [&] {
      out_.number32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
      const std::size_t nest = out_.begin_nest(NFTA_IMMEDIATE_DATA);
      write_verdict(out_, program_, verdict);
      out_.end_nest(nest);
    });
  }

  void operator()(const MapVerdict& map) {
    const Set& set = program_.sets[map.set];
    load_key(set);
    expression("lookup", [&] {
      out_.text(NFTA_LOOKUP_SET, set.name);
      out_.number32(NFTA_LOOKUP_SREG, NFT_REG_1);
      out_.number32(NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
    });
  }

  void operator()(const Queue& queue) {
    flush();
    expression("queue", [&] {
      out_.number16(NFTA_QUEUE_NUM, queue.first);
      out_.number16(NFTA_QUEUE_TOTAL, static_cast<std::uint16_t>(queue.last - queue.first + 1));
      queue_flags(queue.bypass, queue.cpu_fanout);
    });
  }

  void operator()(const MapQueue& map) {
    const Set& set = program_.sets[map.set];
    load_key(set);
    expression("lookup", [&] {
      out_.text(NFTA_LOOKUP_SET, kAnonymousMap);
      out_.number32(NFTA_LOOKUP_SREG, NFT_REG_1);
      out_.number32(NFTA_LOOKUP_DREG, NFT_REG_1);
      out_.number32(NFTA_LOOKUP_SET_ID, set_id(map.set));
    });
    expression("queue", [&] {
      queue_flags(map.bypass, /*cpu_fanout=*/false);
      out_.number32(NFTA_QUEUE_SREG_QNUM, NFT_REG_1);
    });
  }

  void operator()(const Reject& reject) {
    flush();
    expression("reject", [&] {
      out_.number32(NFTA_REJECT_TYPE, reject.with_reset ? NFT_REJECT_TCP_RST : NFT_REJECT_ICMP_UNREACH);
      out_.number8(NFTA_REJECT_ICMP_CODE, reject.code);
    });
  }

  void operator()(const Translate& translate) {
    flush();
    std::uint32_t next = NFT_REG_1;
    if (translate.address) immediate(next++, operand(*translate.address, net::address_bits(program_.family) / 8));
    const std::uint32_t first_port = next;
    if (translate.ports) {
      immediate(next++, operand(Field::TcpDestination, translate.ports->first));
      if (translate.ports->first != translate.ports->last)
        immediate(next, operand(Field::TcpDestination, translate.ports->last));
    }
    const bool is_range = translate.ports && translate.ports->first != translate.ports->last;
    std::uint32_t flags = 0;
    if (translate.ports) flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
    if (translate.random) flags |= NF_NAT_RANGE_PROTO_RANDOM;
    switch (translate.kind) {
      case Translate::Kind::Source:
      case Translate::Kind::Destination:
        expression("nat", [&] {
          out_.number32(NFTA_NAT_TYPE, translate.kind == Translate::Kind::Source ? std::uint32_t{NFT_NAT_SNAT}
                                                                                 : std::uint32_t{NFT_NAT_DNAT});
          out_.number32(NFTA_NAT_FAMILY, program_.family == net::Family::Ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
          out_.number32(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
          if (translate.ports) out_.number32(NFTA_NAT_REG_PROTO_MIN, first_port);
          if (is_range) out_.number32(NFTA_NAT_REG_PROTO_MAX, first_port + 1);
          if (flags != 0) out_.number32(NFTA_NAT_FLAGS, flags);
        });
        return;
      case Translate::Kind::Masquerade:
        expression("masq", [&] {
          if (flags != 0) out_.number32(NFTA_MASQ_FLAGS, flags);
        });
        return;
      case Translate::Kind::Redirect:
        expression("redir", [&] {
          out_.number32(NFTA_REDIR_REG_PROTO_MIN, first_port);
          if (is_range) out_.number32(NFTA_REDIR_REG_PROTO_MAX, first_port + 1);
          if (flags != 0) out_.number32(NFTA_REDIR_FLAGS, flags);
        });
        return;
    }
  }

 private:
  template <class Attributes>
  void named(std::string_view name, Attributes attributes) {
    out_.text(NFTA_EXPR_NAME, name);
    const std::size_t data = out_.begin_nest(NFTA_EXPR_DATA);
    attributes();
    out_.end_nest(data);
  }

  template <class Attributes>
  void expression(std::string_view name, Attributes attributes) {
    const std::size_t element = out_.begin_nest(NFTA_LIST_ELEM);
    named(name, attributes);
    out_.end_nest(element);
  }

  [[nodiscard]] Load payload_of(Field field) const {
    const bool ipv4 = program_.family == net::Family::Ipv4;
    switch (field) {
      case Field::Source: return {NFT_PAYLOAD_NETWORK_HEADER, ipv4 ? 12u : 8u, ipv4 ? 4u : 16u};
      case Field::Destination: return {NFT_PAYLOAD_NETWORK_HEADER, ipv4 ? 16u : 24u, ipv4 ? 4u : 16u};
      case Field::FragmentOffset: return {NFT_PAYLOAD_NETWORK_HEADER, 6, 2};
      case Field::TcpSource:
      case Field::UdpSource:
      case Field::PortSource: return {NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2};
      case Field::TcpDestination:
      case Field::UdpDestination:
      case Field::PortDestination: return {NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2};
      case Field::TcpFlags: return {NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1};
      case Field::IcmpType: return {NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1};
      case Field::IcmpCode: return {NFT_PAYLOAD_TRANSPORT_HEADER, 1, 1};
      default: break;
    }
    VM_ASSERT(false);
    return {};
  }

  void write_load(const Load& load, std::uint32_t to) {
    expression("payload", [&] {
      out_.number32(NFTA_PAYLOAD_DREG, to);
      out_.number32(NFTA_PAYLOAD_BASE, load.base);
      out_.number32(NFTA_PAYLOAD_OFFSET, load.offset);
      out_.number32(NFTA_PAYLOAD_LEN, load.size);
    });
  }

  /// Compares a part of the packet, in one expression with the one before it when they stand side by side there.
  void equal(const Load& load, const Operand& value) {
    const bool joins = held_.size != 0 && held_.base == load.base && held_.offset + held_.size == load.offset &&
                       held_.size + load.size <= value.bytes.size();
    if (!joins) {
      flush();
      held_ = load;
      held_value_ = value;
      return;
    }
    std::memcpy(held_value_.bytes.data() + held_.size, value.bytes.data(), load.size);
    held_.size += load.size;
    held_value_.size = held_.size;
  }

  void load_meta(std::uint32_t key, std::uint32_t to = NFT_REG_1) {
    expression("meta", [&] {
      out_.number32(NFTA_META_KEY, key);
      out_.number32(NFTA_META_DREG, to);
    });
  }

  void load(Field field, std::uint32_t to) {
    switch (field) {
      case Field::InInterface: return load_meta(NFT_META_IIFNAME, to);
      case Field::OutInterface: return load_meta(NFT_META_OIFNAME, to);
      case Field::Protocol: return load_meta(NFT_META_L4PROTO, to);
      case Field::PacketMark: return load_meta(NFT_META_MARK, to);
      case Field::CtState:
      case Field::CtMark:
        return expression("ct", [&] {
          out_.number32(NFTA_CT_KEY, field == Field::CtMark ? std::uint32_t{NFT_CT_MARK} : std::uint32_t{NFT_CT_STATE});
          out_.number32(NFTA_CT_DREG, to);
        });
      default: return write_load(payload_of(field), to);
    }
  }

  /// Loads what is looked up in a set, field behind field from the first register.
  void load_key(const Set& set) {
    flush();
    std::size_t offset = 0;
    for (const Field field : set.key) {
      load(field, register_at(offset));
      if (field == Field::CtMark && set.mark_mask != UINT32_MAX)
        bitwise(operand(field, set.mark_mask), operand(field, 0));
      if (set.kind == Set::Kind::Meters && set.source_length < net::address_bits(program_.family)) {
        const net::Prefix prefix{{.family = program_.family}, set.source_length};
        const std::uint32_t size = net::address_bits(program_.family) / 8;
        bitwise(operand(prefix.netmask(), size), Operand{.bytes = {}, .size = size});
      }
      offset += (field_size(field, program_.family) + 3) / 4 * 4;
    }
  }

  void compare(std::uint32_t operation, const Operand& value) {
    expression("cmp", [&] {
      out_.number32(NFTA_CMP_SREG, NFT_REG_1);
      out_.number32(NFTA_CMP_OP, operation);
      data(NFTA_CMP_DATA, value);
    });
  }

  /// The first register becomes itself & mask ^ flip.
  void bitwise(const Operand& mask, const Operand& flip) {
    expression("bitwise", [&] {
      out_.number32(NFTA_BITWISE_SREG, NFT_REG_1);
      out_.number32(NFTA_BITWISE_DREG, NFT_REG_1);
      out_.number32(NFTA_BITWISE_LEN, mask.size);
      data(NFTA_BITWISE_MASK, mask);
      data(NFTA_BITWISE_XOR, flip);
    });
  }

  /// A number of so many bytes in the first register.
  void to_network_order(std::uint32_t size) {
    expression("byteorder", [&] {
      out_.number32(NFTA_BYTEORDER_SREG, NFT_REG_1);
      out_.number32(NFTA_BYTEORDER_DREG, NFT_REG_1);
      out_.number32(NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
      out_.number32(NFTA_BYTEORDER_LEN, size);
      out_.number32(NFTA_BYTEORDER_SIZE, size);
    });
  }

  void immediate(std::uint32_t to, const Operand& value) {
    expression("immediate", [&] {
      out_.number32(NFTA_IMMEDIATE_DREG, to);
      data(NFTA_IMMEDIATE_DATA, value);
    });
  }

  void data(std::uint16_t attribute, const Operand& value) {
    const std::size_t nest = out_.begin_nest(attribute);
    out_.bytes(NFTA_DATA_VALUE, value.bytes.data(), value.size);
    out_.end_nest(nest);
  }

  void fib(std::uint32_t result, std::uint32_t flags) {
    expression("fib", [&] {
      out_.number32(NFTA_FIB_FLAGS, flags);
      out_.number32(NFTA_FIB_RESULT, result);
      out_.number32(NFTA_FIB_DREG, NFT_REG_1);
    });
  }

  void limit(std::uint32_t count, std::uint32_t seconds, std::uint32_t burst, std::uint32_t flags) {
    expression("limit", [&] { limit_attributes(count, seconds, burst, flags); });
  }

  void limit_attributes(std::uint32_t count, std::uint32_t seconds, std::uint32_t burst, std::uint32_t flags) {
    out_.number64(NFTA_LIMIT_RATE, count);
    out_.number64(NFTA_LIMIT_UNIT, seconds);
    out_.number32(NFTA_LIMIT_BURST, burst);
    out_.number32(NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS);
    out_.number32(NFTA_LIMIT_FLAGS, flags);
  }

  void objref(std::uint32_t type, std::string_view name) {
    expression("objref", [&] {
      out_.number32(NFTA_OBJREF_IMM_TYPE, type);
      out_.text(NFTA_OBJREF_IMM_NAME, name);
    });
  }

  void queue_flags(bool bypass, bool cpu_fanout) {
    std::uint16_t flags = 0;
    if (bypass) flags |= NFT_QUEUE_FLAG_BYPASS;
    if (cpu_fanout) flags |= NFT_QUEUE_FLAG_CPU_FANOUT;
    if (flags != 0) out_.number16(NFTA_QUEUE_FLAGS, flags);
  }

  MessageWriter& out_;
  const Program& program_;
  Load held_;
  Operand held_value_;
};

}  // namespace

void write_expressions(MessageWriter& out, const Program& program, const Rule& rule) {
  ExpressionWriter writer(out, program);
  for (const Statement& statement : rule.statements) std::visit(writer, statement);
  writer.flush();
}

void write_verdict(MessageWriter& out, const Program& program, const Verdict& verdict) {
  const std::size_t nest = out.begin_nest(NFTA_DATA_VERDICT);
  switch (verdict.kind) {
    case Verdict::Kind::Accept: out.number32(NFTA_VERDICT_CODE, NF_ACCEPT); break;
    case Verdict::Kind::Drop: out.number32(NFTA_VERDICT_CODE, NF_DROP); break;
    case Verdict::Kind::Return: out.number32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(NFT_RETURN)); break;
    case Verdict::Kind::Jump:
    case Verdict::Kind::Goto:
      out.number32(NFTA_VERDICT_CODE,
                   static_cast<std::uint32_t>(verdict.kind == Verdict::Kind::Jump ? NFT_JUMP : NFT_GOTO));
      out.text(NFTA_VERDICT_CHAIN, program.chains[verdict.chain].name);
      break;
  }
  out.end_nest(nest);
}

}  // namespace vuurmuur::backend::nft
