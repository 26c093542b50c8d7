// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/objects.h"
#include "screens/picker.h"
#include "ui/form.h"

namespace vuurmuur::screens {

/// A set of ports as values that are edited: "protocol" by name or number, then "to" and "from" (ports) of TCP and UDP,
/// "type" and "code" of ICMP.
class PortFields {
 public:
  /// Nothing: TCP, with no port yet.
  explicit PortFields(const std::optional<model::PortSet>& ports);

  [[nodiscard]] std::vector<ui::FormRow> rows() const;
  void set(std::string_view row, std::string value);
  [[nodiscard]] const std::string& value(std::string_view row) const;

  /// What is wrong, by row.
  [[nodiscard]] std::vector<ui::FormProblem> problems() const;
  /// What the values say; nothing when something is wrong with them.
  [[nodiscard]] std::optional<model::PortSet> ports() const;

  /// To choose from: protocols, and the messages of the present ICMP as "type/code".
  [[nodiscard]] static std::vector<Choice> protocol_choices();
  [[nodiscard]] std::vector<Choice> icmp_choices() const;

 private:
  [[nodiscard]] std::optional<net::Protocol> protocol() const;
  [[nodiscard]] std::optional<model::PortSet> read(std::vector<ui::FormProblem>& problems) const;

  std::map<std::string, std::string, std::less<>> values_;  ///< by row
};

/// What an ICMP message is called: "echo request"; empty when it has no name here.
[[nodiscard]] std::string icmp_name(const model::PortSet& ports);

}  // namespace vuurmuur::screens
