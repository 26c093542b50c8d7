// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "saved/condition.h"
#include "saved/walk.h"

namespace vuurmuur::saved {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(line, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

std::optional<std::uint8_t> protocol_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 4> kNames{
      {{"tcp", 6}, {"udp", 17}, {"sctp", 132}, {"udplite", 136}}};
  for (const auto& [known, number] : kNames)
    if (known == name) return number;
  return std::nullopt;
}

}  // namespace

class Sets::Reader {
 public:
  Reader(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink)
      : file_(file), text_(sources.file(file).text()), sink_(sink) {}

  Sets run() {
    for (std::size_t begin = 0; begin < text_.size();) {
      std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) end = text_.size();
      span_ = {.file = file_, .begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)};
      const std::string_view line = base::trim(text_.substr(begin, end - begin));
      if (!line.empty() && !line.starts_with('#')) read_line(words_of(line));
      begin = end + 1;
    }
    return std::move(sets_);
  }

 private:
  void complain(std::string message) { sink_.error("bad-set-line", span_, std::move(message)); }

  void read_line(const std::vector<std::string_view>& words) {
    if (words.size() < 3 || (words[0] != "create" && words[0] != "add"))
      return complain("expected a line 'create NAME TYPE …' or 'add NAME ELEMENT'");
    if (words[0] == "create") return create(std::string(words[1]), words[2]);
    const auto set = sets_.sets_.find(std::string(words[1]));
    if (set == sets_.sets_.end()) return complain(fmt::format("no set '{}' was created before", words[1]));
    if (!set->second.is_known) return;
    const bool is_exception = std::ranges::find(words, "nomatch") != words.end();
    Element element{.parts = {}, .is_exception = is_exception};
    const auto parts = base::split(words[2], ',');
    if (parts.size() != set->second.dimensions.size())
      return complain(fmt::format("element '{}' has {} parts, the set's type {}", words[2], parts.size(),
                                  set->second.dimensions.size()));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto part = set->second.dimensions[i] == 'a' ? address_part(parts[i]) : port_part(parts[i]);
      if (!part) {
        sink_.warning(
            "unknown-set-type", span_,
            fmt::format("'{}' is no address, network or port: nothing is known of set '{}'", parts[i], set->first));
        set->second.is_known = false;
        return;
      }
      element.parts.push_back(std::move(*part));
    }
    set->second.elements.push_back(std::move(element));
  }

  void create(std::string name, std::string_view type) {
    Set set;
    const auto colon = type.find(':');
    for (const std::string_view dimension :
         base::split(colon == std::string_view::npos ? "" : type.substr(colon + 1), ',')) {
      if (dimension == "ip" || dimension == "net")
        set.dimensions.push_back('a');
      else if (dimension == "port")
        set.dimensions.push_back('p');
      else
        set.is_known = false;
    }
    if (!set.is_known)
      sink_.warning(
          "unknown-set-type", span_,
          fmt::format("sets of type '{}' are not known here: whether a packet is in '{}' is not known", type, name));
    sets_.sets_[std::move(name)] = std::move(set);
  }

  static std::optional<Part> address_part(std::string_view text) {
    const auto dash = text.find('-');
    if (dash != std::string_view::npos) {
      const auto first = net::Address::parse(text.substr(0, dash)), last = net::Address::parse(text.substr(dash + 1));
      if (!first || !last) return std::nullopt;
      return Part{.first = first, .last = last, .protocol = 0, .ports = {}};
    }
    const auto prefix = net::Prefix::parse(text);
    if (!prefix) return std::nullopt;
    return Part{.first = prefix->network().address, .last = prefix->last(), .protocol = 0, .ports = {}};
  }

  /// "tcp:80", "udp:1000-2000", "80", which is of TCP.
  static std::optional<Part> port_part(std::string_view text) {
    Part part{.first = {}, .last = {}, .protocol = 6, .ports = {}};
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
      const auto protocol = protocol_named(text.substr(0, colon));
      if (!protocol) return std::nullopt;
      part.protocol = *protocol;
      text.remove_prefix(colon + 1);
    }
    const auto dash = text.find('-');
    const auto first = base::parse_number<std::uint16_t>(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : base::parse_number<std::uint16_t>(text.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    part.ports = {.first = *first, .last = *last};
    return part;
  }

  diag::FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  diag::Span span_;
  Sets sets_;
};

Sets Sets::read(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink) {
  return Reader(file, sources, sink).run();
}

std::optional<bool> Sets::has(std::string_view name, std::string_view sides, const Packet& packet) const {
  const auto found = sets_.find(std::string(name));
  if (found == sets_.end() || !found->second.is_known) return std::nullopt;
  const Set& set = found->second;
  const auto side = base::split(sides, ',');
  if (side.size() < set.dimensions.size()) return std::nullopt;
  const auto is_in = [&](const Part& part, std::size_t i) {
    const bool is_source = side[i] == "src";
    if (set.dimensions[i] == 'p')
      return packet.protocol == part.protocol &&
             part.ports.contains(is_source ? packet.source_port : packet.destination_port);
    const net::Address& address = is_source ? packet.source : packet.destination;
    return *part.first <= address && address <= *part.last;
  };
  bool is_member = false;
  for (const Element& element : set.elements) {
    bool all = true;
    for (std::size_t i = 0; i < element.parts.size() && all; ++i) all = is_in(element.parts[i], i);
    if (!all) continue;
    // Of a network and its exceptions the smallest decides (ipset(8), "nomatch"): that takes more than this to say.
    if (element.is_exception) return std::nullopt;
    is_member = true;
  }
  return is_member;
}

std::optional<std::vector<std::vector<Condition>>> Sets::elements(std::string_view name, std::string_view sides) const {
  const auto found = sets_.find(std::string(name));
  if (found == sets_.end() || !found->second.is_known) return std::nullopt;
  const Set& set = found->second;
  const auto side = base::split(sides, ',');
  if (side.size() < set.dimensions.size()) return std::nullopt;
  std::vector<std::vector<Condition>> all;
  all.reserve(set.elements.size());
  for (const Element& element : set.elements) {
    if (element.is_exception) return std::nullopt;
    std::vector<Condition>& conditions = all.emplace_back();
    for (std::size_t i = 0; i < element.parts.size(); ++i) {
      const Part& part = element.parts[i];
      const bool is_source = side[i] == "src";
      if (set.dimensions[i] == 'a') {
        conditions.push_back(
            {.what = AddressCondition{.is_destination = !is_source, .first = *part.first, .last = *part.last}});
        continue;
      }
      conditions.push_back({.what = ProtocolCondition{.protocol = part.protocol}});
      using Which = PortCondition::Which;
      conditions.push_back(
          {.what = PortCondition{.which = is_source ? Which::Source : Which::Destination, .ranges = {part.ports}}});
    }
  }
  return all;
}

}  // namespace vuurmuur::saved
