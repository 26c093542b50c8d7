// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/volumes_json.h"

#include "control/json_object.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const volumes::Counts& counts) {
  return JsonObject(2).add("packets", counts.packets).add("bytes", counts.bytes).take();
}

/// Throws what nlohmann throws.
volumes::Counts counts_from(const Json& document) {
  return {.packets = document.at("packets").get<std::uint64_t>(), .bytes = document.at("bytes").get<std::uint64_t>()};
}

}  // namespace

std::string volumes_path(const std::string& state_directory) { return state_directory + "/volumes.db"; }

Json json_of(const volumes::Found& found, volumes::Kind by, volumes::Period period) {
  const volumes::PairNames names = volumes::pair_names(by);
  Json::array_t list;
  list.reserve(found.volumes.size());
  for (const volumes::Volume& volume : found.volumes) {
    const volumes::Counts sum = volume.counts.sum();
    JsonObject object(7);
    object.add("time", volume.time).add("name", volume.name);
    if (volume.number != 0) object.add("rule", volume.number);
    object.add("packets", sum.packets)
        .add("bytes", sum.bytes)
        .add(names.first, json_of(volume.counts.first))
        .add(names.second, json_of(volume.counts.second));
    list.push_back(object.take());
  }
  return {{"by", volumes::to_string(by)},
          {"period", volumes::to_string(period)},
          {"volumes", std::move(list)},
          {"complete", found.is_complete}};
}

std::optional<volumes::Found> volumes_from(const Json& document, volumes::Kind by) {
  const volumes::PairNames names = volumes::pair_names(by);
  try {
    volumes::Found found{.volumes = {}, .is_complete = document.at("complete").get<bool>()};
    for (const Json& entry : document.at("volumes"))
      found.volumes.push_back({.time = entry.at("time").get<std::int64_t>(),
                               .name = entry.at("name").get<std::string>(),
                               .number = entry.value("rule", std::uint32_t{0}),
                               .counts = {.first = counts_from(entry.at(names.first)),
                                          .second = counts_from(entry.at(names.second))}});
    return found;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
