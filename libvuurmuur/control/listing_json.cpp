// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/listing_json.h"

#include <algorithm>

#include "control/json_object.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const apply::ListedChain& chain) {
  Json document{{"name", chain.name}, {"own", chain.own}};
  if (!chain.policy.empty()) {
    document["policy"] = chain.policy;
    document["packets"] = chain.packets;
    document["bytes"] = chain.bytes;
  }
  Json::array_t rules;
  rules.reserve(chain.rules.size());
  for (const apply::ListedRule& rule : chain.rules)
    rules.push_back(JsonObject(4)
                        .add("packets", rule.packets)
                        .add("bytes", rule.bytes)
                        .add("text", rule.text)
                        .add("origin", rule.origin)
                        .take());
  document["rules"] = std::move(rules);
  return document;
}

/// Throws what nlohmann throws.
apply::ListedChain chain_from(const Json& document) {
  apply::ListedChain chain{.name = document.at("name").get<std::string>(),
                           .policy = document.value("policy", ""),
                           .packets = document.value("packets", std::uint64_t{0}),
                           .bytes = document.value("bytes", std::uint64_t{0}),
                           .own = document.at("own").get<bool>(),
                           .rules = {}};
  for (const Json& rule : document.at("rules"))
    chain.rules.push_back({.packets = rule.at("packets").get<std::uint64_t>(),
                           .bytes = rule.at("bytes").get<std::uint64_t>(),
                           .text = rule.at("text").get<std::string>(),
                           .origin = rule.at("origin").get<std::string>()});
  return chain;
}

}  // namespace

Json json_of(const apply::ListedTable& table) {
  Json chains = Json::array();
  for (const apply::ListedChain& chain : table.chains) chains.push_back(json_of(chain));
  return {{"engine", apply::to_string(table.engine)},
          {"family", table.family == net::Family::Ipv4 ? 4 : 6},
          {"table", ir::to_string(table.table)},
          {"chains", std::move(chains)}};
}

std::optional<std::vector<apply::ListedTable>> tables_from(const Json& document) {
  try {
    std::vector<apply::ListedTable> tables;
    for (const Json& entry : document) {
      const auto name = entry.at("table").get<std::string>();
      const auto known = std::ranges::find(ir::kTables, name, [](ir::TableName each) { return ir::to_string(each); });
      if (known == ir::kTables.end()) return std::nullopt;
      apply::ListedTable& table = tables.emplace_back();
      table.engine =
          entry.at("engine") == apply::to_string(apply::Backend::Nft) ? apply::Backend::Nft : apply::Backend::Xtables;
      table.family = entry.at("family") == 4 ? net::Family::Ipv4 : net::Family::Ipv6;
      table.table = *known;
      for (const Json& chain : entry.at("chains")) table.chains.push_back(chain_from(chain));
    }
    return tables;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
