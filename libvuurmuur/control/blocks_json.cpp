// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/blocks_json.h"

#include <nlohmann/json.hpp>

namespace vuurmuur::control {

using Json = nlohmann::ordered_json;

std::string prefix_text(const net::Prefix& prefix) {
  const bool is_host = prefix.length == net::address_bits(prefix.family());
  return is_host ? prefix.address.to_string() : prefix.to_string();
}

Json json_of(const Block& block) {
  Json document{{"address", prefix_text(block.prefix)}, {"seconds_left", nullptr}};
  if (block.left) document["seconds_left"] = std::chrono::ceil<std::chrono::seconds>(*block.left).count();
  return document;
}

Json json_of(const Baited& baited) {
  Json document{{"address", baited.address.to_string()}, {"to", baited.to}, {"seconds_left", nullptr}};
  if (baited.left) document["seconds_left"] = std::chrono::ceil<std::chrono::seconds>(*baited.left).count();
  return document;
}

std::optional<std::vector<Baited>> baited_from(const Json& document) {
  try {
    std::vector<Baited> all;
    for (const Json& entry : document) {
      const auto address = net::Address::parse(entry.at("address").get<std::string>());
      if (!address) return std::nullopt;
      Baited& baited =
          all.emplace_back(Baited{.address = *address, .to = entry.at("to").get<std::string>(), .left = {}});
      if (!entry.at("seconds_left").is_null())
        baited.left = std::chrono::seconds(entry.at("seconds_left").get<std::int64_t>());
    }
    return all;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<std::vector<Block>> blocks_from(const Json& document) {
  try {
    std::vector<Block> blocks;
    for (const Json& entry : document) {
      const auto prefix = net::Prefix::parse(entry.at("address").get<std::string>());
      if (!prefix) return std::nullopt;
      Block& block = blocks.emplace_back(Block{.prefix = *prefix, .left = {}});
      if (!entry.at("seconds_left").is_null())
        block.left = std::chrono::seconds(entry.at("seconds_left").get<std::int64_t>());
    }
    return blocks;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
