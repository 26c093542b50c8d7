// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/varlink.h"

namespace vuurmuur::ipc {
namespace {

/// Deeper JSON is not of any method here; parsing it would take stack.
constexpr int kDeepest = 32;

std::string with_nul(const Json& json) {
  std::string text = json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
  text.push_back('\0');
  return text;
}

std::expected<Json, std::string> object_from(std::string_view message) {
  bool is_too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    is_too_deep |= depth > kDeepest;
    return !is_too_deep;
  };
  Json json = Json::parse(message, watch, /*allow_exceptions=*/false);
  if (is_too_deep) return std::unexpected("the message is nested too deeply");
  if (json.is_discarded()) return std::unexpected("the message is not JSON");
  if (!json.is_object()) return std::unexpected("the message is not an object");
  return json;
}

/// A member of a type, or what it is when it is not there.
template <class T>
std::expected<T, std::string> member(const Json& object, const char* name, T otherwise, bool (Json::*is)() const noexcept,
                                     const char* what) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!((*found).*is)()) return std::unexpected(std::string("'") + name + "' is not " + what);
  return found->template get<T>();
}

}  // namespace

std::string to_wire(const Call& call) {
  Json json{{"method", call.method}, {"parameters", call.parameters}};
  if (call.oneway) json["oneway"] = true;
  if (call.more) json["more"] = true;
  return with_nul(json);
}

std::string to_wire(const Reply& reply) {
  Json json{{"parameters", reply.parameters}};
  if (!reply.error.empty()) json["error"] = reply.error;
  if (reply.continues) json["continues"] = true;
  return with_nul(json);
}

std::expected<Call, std::string> call_from(std::string_view message) {
  const auto json = object_from(message);
  if (!json) return std::unexpected(json.error());
  const auto method = member<std::string>(*json, "method", "", &Json::is_string, "a string");
  const auto parameters = member<Json>(*json, "parameters", Json::object(), &Json::is_object, "an object");
  const auto oneway = member<bool>(*json, "oneway", false, &Json::is_boolean, "true or false");
  const auto more = member<bool>(*json, "more", false, &Json::is_boolean, "true or false");
  if (!method) return std::unexpected(method.error());
  if (!parameters) return std::unexpected(parameters.error());
  if (!oneway) return std::unexpected(oneway.error());
  if (!more) return std::unexpected(more.error());
  if (method->empty()) return std::unexpected("'method' is missing");
  return Call{.method = *method, .parameters = *parameters, .oneway = *oneway, .more = *more};
}

std::expected<Reply, std::string> reply_from(std::string_view message) {
  const auto json = object_from(message);
  if (!json) return std::unexpected(json.error());
  const auto parameters = member<Json>(*json, "parameters", Json::object(), &Json::is_object, "an object");
  const auto error = member<std::string>(*json, "error", "", &Json::is_string, "a string");
  const auto continues = member<bool>(*json, "continues", false, &Json::is_boolean, "true or false");
  if (!parameters) return std::unexpected(parameters.error());
  if (!error) return std::unexpected(error.error());
  if (!continues) return std::unexpected(continues.error());
  return Reply{.parameters = *parameters, .error = *error, .continues = *continues};
}

bool MessageReader::add(std::string_view bytes) {
  // What was given out is dropped here, once a read, not once a message.
  bytes_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  bytes_ += bytes;
  const std::size_t end = bytes_.find('\0', scanned_);
  return end != std::string::npos ? end <= longest_ : bytes_.size() <= longest_;
}

std::optional<std::string> MessageReader::next() {
  const std::size_t end = bytes_.find('\0', std::max(begin_, scanned_));
  if (end == std::string::npos || end - begin_ > longest_) {
    scanned_ = std::max(begin_, end == std::string::npos ? bytes_.size() : begin_);
    return std::nullopt;
  }
  std::string message = bytes_.substr(begin_, end - begin_);
  begin_ = scanned_ = end + 1;
  return message;
}

}  // namespace vuurmuur::ipc
