// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <net/if.h>

#include <array>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"
#include "config/read.h"
#include "config/statements.h"

namespace vuurmuur::config {
namespace {

// IFNAMSIZ counts the final zero byte.
constexpr std::size_t kMostDeviceBytes = IFNAMSIZ - 1;

constexpr std::string_view kDynamic = "dynamic";

/// The addresses of one key; true when one of them is "dynamic".
bool read_addresses(const Fields& fields, std::string_view key, std::optional<net::Family> family,
                    std::vector<model::Located<net::Address>>& into) {
  bool dynamic = false;
  for (const Value* value : fields.all(key)) {
    if (base::equals_ignoring_case(value->trimmed(), kDynamic)) {
      dynamic = true;
    } else if (const auto address = read_address(*value, family, fields.sink())) {
      into.emplace_back(*address, value->span());
    }
  }
  return dynamic;
}

/// What is wrong with a device's name (kernel: dev_valid_name in net/core/dev.c; ':' separates an alias). A final '+'
/// stands for any rest of the name, as for iptables.
std::string_view fault_of_device(std::string_view device) {
  const std::string_view name = device.substr(0, device.find(':'));
  if (name.empty()) return "the name is empty";
  if (name.size() > kMostDeviceBytes) return "a device name has at most 15 bytes";
  if (name == "." || name == "..") return "that is no device name";
  if (name.ends_with('+') && name != device) return "a device with a final '+' is several, which have no alias";
  for (const char c : device)
    if (c == '/' || static_cast<unsigned char>(c) <= ' ' || c == '"' || c == 0x7f)
      return "a device name has no blanks, quotes or '/'";
  return {};
}

model::Located<std::string> read_device(const Input& input, const Fields& fields) {
  const Value* device = fields.one("DEVICE");
  const Value* old = fields.one("INTERFACE");
  if (device && old && device->trimmed() != old->trimmed())
    input.sink.error("duplicate-key", old->span(), "INTERFACE is the old name of DEVICE, which has another value")
        .notes.push_back({device->span(), "DEVICE is here"});
  if (!device) device = old;
  if (!device) {
    input.sink.error("missing-key", diag::Span{input.file, 0, 0}, "the interface has no DEVICE");
    return {};
  }
  const std::string_view fault = fault_of_device(device->trimmed());
  if (!fault.empty()) {
    input.sink.error("bad-device", device->span(), fmt::format("bad device {}: {}", quoted(device->trimmed()), fault));
    return {};
  }
  return {std::string(device->trimmed()), device->span()};
}

std::string read_unit(const Fields& fields, std::string_view key) {
  constexpr std::array<std::string_view, 2> kUnits{"kbit", "mbit"};
  const Value* value = fields.one(key);
  if (!value) return {};
  for (const std::string_view unit : kUnits)
    if (base::equals_ignoring_case(value->trimmed(), unit)) return std::string(unit);
  fields.sink()
      .error("bad-unit", value->span(), fmt::format("{} expects kbit or mbit, not {}", key, quoted(value->trimmed())))
      .suggestion = base::nearest(value->trimmed(), kUnits);
  return {};
}

}  // namespace

model::Interface read_interface(const Input& input, std::string name) {
  const Fields fields(input, FileType::Interface);
  model::Interface result;
  result.name = {std::move(name), diag::Span{input.file, 0, 0}};
  result.active = fields.boolean("ACTIVE", true);
  result.device = read_device(input, fields);
  result.is_virtual = fields.boolean("VIRTUAL", false);
  result.dynamic_ipv4 = read_addresses(fields, "IPADDRESS", std::nullopt, result.addresses);
  result.dynamic_ipv6 = read_addresses(fields, "IPV6ADDRESS", net::Family::Ipv6, result.addresses);
  for (const Value* value : fields.all("RULE")) read_interface_statement(*value, result.protections, input.sink);
  result.shaping.enabled = fields.boolean("SHAPE", false);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  result.shaping.in_rate = fields.number("BW_IN", 0, kMost);
  result.shaping.out_rate = fields.number("BW_OUT", 0, kMost);
  result.shaping.in_unit = read_unit(fields, "BW_IN_UNIT");
  result.shaping.out_unit = read_unit(fields, "BW_OUT_UNIT");
  result.clamp_mss = fields.boolean("TCPMSS", false);
  result.comment = fields.text("COMMENT");
  return result;
}

}  // namespace vuurmuur::config
