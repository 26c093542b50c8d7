// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/refused_configuration.h"

#include <nlohmann/json.hpp>

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

std::string path_in(const std::string& state_directory) { return state_directory + "/refused.json"; }

}  // namespace

base::Result<void> keep_refused(base::FileSystem& files, const std::string& state_directory,
                                const RefusedConfiguration& refused) {
  VM_TRY_VOID(files.make_directories(state_directory));
  return files.replace_file(
      path_in(state_directory),
      json_of(refused).dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + '\n');
}

std::optional<RefusedConfiguration> read_refused(const base::FileSystem& files, const std::string& state_directory) {
  const auto text = files.read_file(path_in(state_directory));
  if (!text) return std::nullopt;
  const Json document = Json::parse(*text, /*callback=*/nullptr, /*allow_exceptions=*/false);
  return document.is_discarded() ? std::nullopt : refused_from(document);
}

void forget_refused(base::FileSystem& files, const std::string& state_directory) {
  // Nearly always there is none.
  static_cast<void>(files.remove(path_in(state_directory)));
}

Json json_of(const RefusedConfiguration& refused) {
  return {{"time", refused.time},     {"user", refused.who.user},       {"uid", refused.who.uid},
          {"from", refused.who.from}, {"directory", refused.directory}, {"message", refused.message},
          {"text", refused.text}};
}

std::optional<RefusedConfiguration> refused_from(const Json& document) {
  try {
    return RefusedConfiguration{.time = document.at("time").get<std::int64_t>(),
                                .who = {.uid = document.at("uid").get<std::uint32_t>(),
                                        .user = document.at("user").get<std::string>(),
                                        .from = document.at("from").get<std::string>()},
                                .directory = document.at("directory").get<std::string>(),
                                .message = document.at("message").get<std::string>(),
                                .text = document.at("text").get<std::string>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
