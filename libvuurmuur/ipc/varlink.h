// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// The wire format of Varlink (https://varlink.org/Method-Call): JSON objects, each ended by a NUL byte, over a stream
// socket.
namespace vuurmuur::ipc {

using Json = nlohmann::ordered_json;

struct Call {
  std::string method;  ///< "org.vuurmuur.Manager.Status"
  Json parameters = Json::object();
  bool oneway = false;  ///< wants no reply
  bool more = false;    ///< takes several replies
  bool operator==(const Call&) const = default;
};

struct Reply {
  Json parameters = Json::object();
  std::string error;       ///< "org.vuurmuur.Manager.Refused"; empty: none
  bool continues = false;  ///< more replies follow
  bool operator==(const Reply&) const = default;
};

/// With the NUL at the end. What is not UTF-8 in a string is replaced by U+FFFD.
[[nodiscard]] std::string to_wire(const Call& call);
[[nodiscard]] std::string to_wire(const Reply& reply);

/// From a message without its NUL. The error says what is wrong with it.
[[nodiscard]] std::expected<Call, std::string> call_from(std::string_view message);
[[nodiscard]] std::expected<Reply, std::string> reply_from(std::string_view message);

/// Cuts a stream of bytes into messages.
class MessageReader {
 public:
  explicit MessageReader(std::size_t longest) : longest_(longest) {}

  /// More bytes of the stream; false when a message is longer than allowed, after which nothing more is to be read.
  [[nodiscard]] bool add(std::string_view bytes);
  /// The next whole message, without its NUL.
  [[nodiscard]] std::optional<std::string> next();
  /// Whether a message has begun and is not whole yet.
  [[nodiscard]] bool is_in_message() const { return begin_ < bytes_.size(); }

 private:
  std::size_t longest_;
  std::string bytes_;
  std::size_t begin_ = 0;    ///< of the message that comes next
  std::size_t scanned_ = 0;  ///< there is no NUL between begin_ and here
};

}  // namespace vuurmuur::ipc
