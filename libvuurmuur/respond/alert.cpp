// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/alert.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace vuurmuur::respond {
namespace {

/// Takes from a line what an Alert has, and keeps nothing else of it.
class AlertReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }

  bool number_unsigned(number_unsigned_t value) override {
    if (!std::in_range<std::uint32_t>(value) || depth_ != 2 || !is_in_alert_) return true;
    const auto number = static_cast<std::uint32_t>(value);
    if (key_ == "signature_id") alert_.signature = number;
    if (key_ == "severity") alert_.severity = number;
    return true;
  }

  bool string(string_t& value) override {
    if (depth_ == 1 && key_ == "event_type") is_alert_ = value == "alert";
    if (depth_ == 1 && key_ == "src_ip") source_ = net::Address::parse(value);
    if (depth_ == 1 && key_ == "dest_ip") destination_ = net::Address::parse(value);
    if (depth_ == 2 && is_in_alert_ && key_ == "signature") alert_.message = std::move(value);
    if (depth_ == 2 && is_in_alert_ && key_ == "category") alert_.category = std::move(value);
    return true;
  }

  bool key(string_t& value) override {
    if (depth_ == 1 || (depth_ == 2 && is_in_alert_)) key_ = std::move(value);
    return true;
  }

  bool start_object(std::size_t /*elements*/) override {
    if (depth_ == 1 && key_ == "alert") is_in_alert_ = true;
    is_object_ = is_object_ || depth_ == 0;
    ++depth_;
    return true;
  }
  bool end_object() override {
    end();
    return true;
  }
  // What is in a list is deeper than anything that is looked for.
  bool start_array(std::size_t /*elements*/) override {
    depth_ += 2;
    return true;
  }
  bool end_array() override {
    --depth_;
    end();
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return false;
  }

  [[nodiscard]] bool is_object() const { return is_object_; }
  [[nodiscard]] bool is_alert() const { return is_alert_; }
  /// Nothing when something of it is missing.
  [[nodiscard]] std::optional<Alert> take() {
    if (!source_ || !destination_ || alert_.signature == 0) return std::nullopt;
    alert_.source = *source_;
    alert_.destination = *destination_;
    return std::move(alert_);
  }

 private:
  void end() {
    if (--depth_ == 1) is_in_alert_ = false;
  }

  Alert alert_;
  std::optional<net::Address> source_, destination_;
  std::string key_;  ///< the last one of the line's own object or of its alert
  std::size_t depth_ = 0;
  bool is_object_ = false, is_alert_ = false, is_in_alert_ = false;
};

}  // namespace

base::Result<std::optional<Alert>> read_alert(std::string_view line) {
  // Most lines tell of flows, and are not worth more than this; every alert has the word.
  if (!line.contains("\"alert\"")) {
    if (line.starts_with('{') && line.ends_with('}')) return std::nullopt;
    return base::failure("no JSON object");
  }
  AlertReader reader;
  if (!nlohmann::json::sax_parse(line, &reader) || !reader.is_object()) return base::failure("no JSON object");
  if (!reader.is_alert()) return std::nullopt;
  auto alert = reader.take();
  if (!alert) return base::failure("an alert without 'src_ip', 'dest_ip' and 'alert.signature_id'");
  return alert;
}

}  // namespace vuurmuur::respond
