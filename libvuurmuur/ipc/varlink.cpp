// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/varlink.h"

namespace vuurmuur::ipc {
namespace {

/// Deeper JSON is not of any method here; parsing it would take stack.
constexpr int kDeepest = 32;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// An object with the parameters and what else there is, with the NUL. Parameters may be large: they are not copied.
std::string message_of(const Json& parameters, const Json& others) {
  std::string text = "{\"parameters\":" + text_of(parameters);
  for (const auto& [name, value] : others.items()) text += ",\"" + name + "\":" + text_of(value);
  text += '}';
  text.push_back('\0');
  return text;
}

/// Whether brackets outside of strings are open at once more often than allowed. Looked at before parsing, which takes
/// twice as long when it has to tell of each bracket.
bool is_too_deep(std::string_view message) {
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
      continue;
    }
    if (c == '"') is_in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > kDeepest) return true;
  }
  return false;
}

std::expected<Json, std::string> object_from(std::string_view message) {
  if (is_too_deep(message)) return std::unexpected("the message is nested too deeply");
  Json json = Json::parse(message, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::unexpected("the message is not JSON");
  if (!json.is_object()) return std::unexpected("the message is not an object");
  return json;
}

/// The member "parameters", taken out; an empty object when it is not there.
std::expected<Json, std::string> parameters_of(Json& object) {
  const auto found = object.find("parameters");
  if (found == object.end() || found->is_null()) return Json::object();
  if (!found->is_object()) return std::unexpected("'parameters' is not an object");
  return std::move(*found);
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
  Json others{{"method", call.method}};
  if (call.oneway) others["oneway"] = true;
  if (call.more) others["more"] = true;
  return message_of(call.parameters, others);
}

std::string to_wire(const Reply& reply) {
  Json others = Json::object();
  if (!reply.error.empty()) others["error"] = reply.error;
  if (reply.continues) others["continues"] = true;
  return message_of(reply.parameters, others);
}

std::expected<Call, std::string> call_from(std::string_view message) {
  auto json = object_from(message);
  if (!json) return std::unexpected(json.error());
  const auto method = member<std::string>(*json, "method", "", &Json::is_string, "a string");
  auto parameters = parameters_of(*json);
  const auto oneway = member<bool>(*json, "oneway", false, &Json::is_boolean, "true or false");
  const auto more = member<bool>(*json, "more", false, &Json::is_boolean, "true or false");
  if (!method) return std::unexpected(method.error());
  if (!parameters) return std::unexpected(parameters.error());
  if (!oneway) return std::unexpected(oneway.error());
  if (!more) return std::unexpected(more.error());
  if (method->empty()) return std::unexpected("'method' is missing");
  return Call{.method = *method, .parameters = std::move(*parameters), .oneway = *oneway, .more = *more};
}

std::expected<Reply, std::string> reply_from(std::string_view message) {
  auto json = object_from(message);
  if (!json) return std::unexpected(json.error());
  auto parameters = parameters_of(*json);
  const auto error = member<std::string>(*json, "error", "", &Json::is_string, "a string");
  const auto continues = member<bool>(*json, "continues", false, &Json::is_boolean, "true or false");
  if (!parameters) return std::unexpected(parameters.error());
  if (!error) return std::unexpected(error.error());
  if (!continues) return std::unexpected(continues.error());
  return Reply{.parameters = std::move(*parameters), .error = *error, .continues = *continues};
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
