// SPDX-License-Identifier: GPL-2.0-or-later
// Zones and what is in them: networks, hosts, groups.
#include <fmt/format.h>

#include "base/strings.h"
#include "config/names.h"
#include "config/read.h"
#include "config/statements.h"
#include "net/dns_name.h"

namespace vuurmuur::config {
namespace {

/// The names of objects in a list; values that are none are reported.
std::vector<model::Located<std::string>> read_names(const Fields& fields, std::string_view key) {
  std::vector<model::Located<std::string>> result;
  for (const Value* value : fields.all(key)) {
    if (is_name(value->trimmed())) {
      result.emplace_back(std::string(value->trimmed()), value->span());
    } else {
      fields.sink().error(
          "bad-name", value->span(),
          fmt::format("{} expects one name of letters, digits, '_' and '-', not {}", key, quoted(value->trimmed())));
    }
  }
  return result;
}

/// The networks of one key and the lengths (or netmasks) that stand apart from them: the nth network without a length
/// of its own goes with the nth length.
class NetworkReader {
 public:
  NetworkReader(const Fields& fields, std::string_view address_key, std::string_view length_key, net::Family family)
      : fields_(fields),
        address_key_(address_key),
        length_key_(length_key),
        family_(family),
        lengths_(fields.all(length_key)) {}

  void read_into(std::vector<model::Located<net::Prefix>>& prefixes, std::optional<model::Located<bool>>& dynamic) {
    for (const Value* value : fields_.all(address_key_)) {
      if (base::equals_ignoring_case(value->trimmed(), "dynamic")) {
        dynamic.emplace(true, value->span());
        continue;
      }
      const bool has_length = value->trimmed().find('/') != std::string_view::npos;
      const auto prefix = has_length ? read_whole(*value) : read_pair(*value);
      if (prefix) prefixes.emplace_back(without_host_bits(*prefix, value->span(), fields_.sink()), value->span());
    }
    for (; next_ < lengths_.size(); ++next_)
      fields_.sink().error("length-without-network", lengths_[next_]->span(),
                           fmt::format("this {} has no {} that it belongs to", length_key_, address_key_));
  }

 private:
  std::optional<net::Prefix> read_whole(const Value& value) {
    const auto prefix = net::Prefix::parse(value.trimmed());
    if (prefix && (family_ == net::Family::Ipv4 || prefix->family() == net::Family::Ipv6)) return prefix;
    fields_.sink().error(
        "bad-network", value.span(),
        fmt::format("{} expects a network like {}, not {}", address_key_,
                    family_ == net::Family::Ipv4 ? "192.0.2.0/24" : "2001:db8::/64", quoted(value.trimmed())));
    return std::nullopt;
  }

  std::optional<net::Prefix> read_pair(const Value& value) {
    const Value* length = next_ < lengths_.size() ? lengths_[next_++] : nullptr;
    const auto address = read_address(value, family_, fields_.sink());
    if (!length) {
      fields_.sink().error("missing-length", value.span(),
                           fmt::format("{} has no {} that belongs to it", quoted(value.trimmed()), length_key_));
      return std::nullopt;
    }
    const auto bits = family_ == net::Family::Ipv4 ? read_netmask(*length) : read_length(*length);
    if (!address || !bits) return std::nullopt;
    return net::Prefix{*address, *bits};
  }

  std::optional<std::uint8_t> read_netmask(const Value& value) {
    const auto mask = net::Address::parse(value.trimmed());
    const auto length = mask ? net::netmask_length(*mask) : std::nullopt;
    if (!length)
      fields_.sink().error("bad-netmask", value.span(),
                           fmt::format("expected a netmask like 255.255.255.0, not {}", quoted(value.trimmed())));
    return length;
  }

  std::optional<std::uint8_t> read_length(const Value& value) {
    const auto length = read_number(value, value.trimmed(), length_key_, 0, 128, 10, fields_.sink());
    if (!length) return std::nullopt;
    return static_cast<std::uint8_t>(*length);
  }

  const Fields& fields_;
  std::string_view address_key_, length_key_;
  net::Family family_;
  std::vector<const Value*> lengths_;
  std::size_t next_ = 0;
};

constexpr std::string_view kSuffix = "/suffix";

/// "::25/suffix": the lower half of an address, as in the prefixes that machines give themselves addresses in (RFC 4291
/// 2.5.1).
std::optional<net::Address> read_suffix(const Value& value, diag::Sink& sink) {
  const std::string_view text = value.trimmed();
  const auto part = net::Address::parse(text.substr(0, text.size() - kSuffix.size()));
  constexpr std::uint8_t kHalf = 64;
  const net::Address none{.family = net::Family::Ipv6};
  if (part && part->family == net::Family::Ipv6 && *part != none &&
      net::Prefix{.address = *part, .length = kHalf}.network().address == none)
    return part;
  sink.error("bad-suffix", value.span(),
             fmt::format("expected the lower half of an IPv6 address like ::25/suffix, not {}", quoted(text)));
  return std::nullopt;
}

/// Addresses of a host of one key, and names that stand for addresses.
void read_host_addresses(const Fields& fields, std::string_view key, model::DnsName families, model::Host& host) {
  const auto family = families.ipv4 ? std::nullopt : std::optional(net::Family::Ipv6);
  for (const Value* value : fields.all(key)) {
    if (auto name = net::parse_dns_name(value->trimmed())) {
      families.name = std::move(*name);
      host.dns_names.emplace_back(families, value->span());
      continue;
    }
    const bool is_suffix = family && value->trimmed().ends_with(kSuffix);
    const auto address =
        is_suffix ? read_suffix(*value, fields.sink()) : read_address(*value, family, fields.sink());
    if (address) (is_suffix ? host.suffixes : host.addresses).emplace_back(*address, value->span());
  }
}

}  // namespace

model::Zone read_zone(const Input& input, std::string name) {
  const Fields fields(input, FileType::Zone);
  return {.name = {std::move(name), diag::Span{input.file, 0, 0}},
          .active = fields.boolean("ACTIVE", true),
          .comment = fields.text("COMMENT")};
}

model::Network read_network(const Input& input, std::string name, std::string zone) {
  const Fields fields(input, FileType::Network);
  model::Network result;
  result.name = {std::move(name), diag::Span{input.file, 0, 0}};
  result.zone = std::move(zone);
  result.active = fields.boolean("ACTIVE", true);
  NetworkReader(fields, "NETWORK", "NETMASK", net::Family::Ipv4).read_into(result.prefixes, result.dynamic_ipv4);
  NetworkReader(fields, "IPV6NETWORK", "IPV6CIDR", net::Family::Ipv6).read_into(result.prefixes, result.dynamic_ipv6);
  result.interfaces = read_names(fields, "INTERFACE");
  for (const Value* value : fields.all("RULE")) read_network_statement(*value, result, input.sink);
  result.comment = fields.text("COMMENT");
  return result;
}

model::Host read_host(const Input& input, std::string name, std::string network, std::string zone) {
  const Fields fields(input, FileType::Host);
  model::Host result;
  result.name = {std::move(name), diag::Span{input.file, 0, 0}};
  result.network = std::move(network);
  result.zone = std::move(zone);
  result.active = fields.boolean("ACTIVE", true);
  read_host_addresses(fields, "ADDRESS", {}, result);
  read_host_addresses(fields, "IPADDRESS", {.name = {}, .ipv6 = false}, result);
  read_host_addresses(fields, "IPV6ADDRESS", {.name = {}, .ipv4 = false}, result);
  const Value* mac = fields.one("MAC");
  if (mac && !base::equals_ignoring_case(mac->trimmed(), "none")) {
    result.mac = net::MacAddress::parse(mac->trimmed());
    if (!result.mac)
      input.sink.error(
          "bad-mac", mac->span(),
          fmt::format("MAC expects six bytes like 00:11:22:aa:bb:cc or 'none', not {}", quoted(mac->trimmed())));
  }
  result.comment = fields.text("COMMENT");
  return result;
}

model::Group read_group(const Input& input, std::string name, std::string network, std::string zone) {
  const Fields fields(input, FileType::Group);
  return {.name = {std::move(name), diag::Span{input.file, 0, 0}},
          .network = std::move(network),
          .zone = std::move(zone),
          .active = fields.boolean("ACTIVE", true),
          .members = read_names(fields, "MEMBER"),
          .comment = fields.text("COMMENT")};
}

}  // namespace vuurmuur::config
