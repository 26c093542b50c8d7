// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/meaning.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace vuurmuur::analyse {
namespace {

using sema::End;

class Writer {
 public:
  explicit Writer(const sema::Policy& policy) : policy_(policy) {}

  template <class... Parts>
  void add(fmt::format_string<Parts...> form, Parts&&... parts) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Parts>(parts)...);
    text_ += ' ';
  }

  void add(const sema::Interface& interface) {
    add("dev {} {} {}", interface.device, interface.dynamic_ipv4, interface.dynamic_ipv6);
    for (const net::Address& address : interface.addresses) add("{}", address.to_string());
  }
  void add(const std::optional<sema::InterfaceId>& id) {
    if (id) add(policy_.interface(*id));
    add(";");
  }
  void add(const std::vector<net::Prefix>& prefixes) {
    for (const net::Prefix& prefix : prefixes) add("{}", prefix.to_string());
    add(";");
  }
  void add(const End& end) {
    add("end {}", static_cast<int>(end.kind));
    for (const sema::Peer& peer : end.peers) {
      const sema::Network& network = policy_.network(peer.network);
      add(peer.prefixes);
      add(network.prefixes);
      for (const sema::InterfaceId id : network.interfaces) add(policy_.interface(id));
      if (peer.mac)
        for (const std::uint8_t byte : peer.mac->bytes) add("{:02x}", byte);
      add(";");
    }
    // What stands for every interface.
    if (end.kind != End::Kind::Peers && end.kind != End::Kind::Broadcast)
      for (const sema::Interface& interface : policy_.interfaces) add(interface);
  }
  void add(const std::vector<model::PortSet>& sets) {
    for (const model::PortSet& set : sets)
      add("ports {} {} {} {} {} {} {}", static_cast<int>(set.protocol), set.destination.first, set.destination.last,
          set.source.first, set.source.last, set.icmp_type ? *set.icmp_type : -1, set.icmp_code ? *set.icmp_code : -1);
  }
  void add(const std::optional<model::Located<std::vector<net::PortRange>>>& ranges) {
    if (ranges)
      for (const net::PortRange& range : **ranges) add("{}-{}", range.first, range.last);
    add(";");
  }
  template <class T>
  void add_number(const std::optional<model::Located<T>>& option) {
    if (option) add("{}", static_cast<std::uint64_t>(**option));
    add(";");
  }
  void add(const std::optional<model::Located<std::string>>& option) {
    // As long as it says: no other text looks the same.
    if (option) add("{} {}", (*option)->size(), **option);
    add(";");
  }
  void add(const model::Options& options) {
    add_number(options.log);
    add_number(options.log_limit);
    add(options.log_prefix);
    if (options.limit) add("{}/{}", options.limit->value.count, static_cast<int>(options.limit->value.unit));
    add_number(options.burst);
    add(options.listen_ports);
    add(options.remote_ports);
    add_number(options.redirect_port);
    add_number(options.reject_type);
    if (options.nfmark) add("mark {:x}/{:x}", options.nfmark->value.value, options.nfmark->value.mask);
    add(options.chain);
    if (options.queue) add("queue {}:{}", options.queue->value.first, options.queue->value.last);
    add_number(options.queue_bypass);
    add_number(options.queue_fanout);
    add_number(options.log_group);
    add_number(options.random);
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  const sema::Policy& policy_;
  std::string text_;
};

}  // namespace

std::string meaning_of(const sema::Policy& policy, const sema::Rule& rule) {
  Writer writer(policy);
  writer.add("{} {} {} {}", static_cast<int>(*rule.source->action), rule.any_service, rule.broadcast_service,
             rule.never);
  writer.add(rule.from);
  writer.add(rule.to);
  writer.add(rule.port_sets);
  writer.add("{} {}", rule.helper.size(), rule.helper);
  for (const auto& id : {rule.in_interface, rule.out_interface, rule.via_interface}) writer.add(id);
  writer.add(rule.source->options);
  return std::move(writer).text();
}

}  // namespace vuurmuur::analyse
