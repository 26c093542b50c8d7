// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/references.h"

#include <fmt/format.h>

namespace vuurmuur::edit {
namespace {

class Finder {
 public:
  Finder(const config::Tree& tree, const Object& object) : tree_(tree), object_(object) {}

  std::vector<Reference> find() {
    for (const model::Rule& rule : tree_.policy.rules) find_in(rule);
    for (const model::BlockEntry& entry : tree_.policy.blocklist)
      if (!entry.prefix) add_end(*entry.text, entry.text.span, "the blocklist");
    for (const auto& bait : tree_.policy.settings.baits) add_end(bait->host, bait.span, "BAIT of config.conf");
    for (const model::Group& group : tree_.policy.groups) {
      if (object_.kind != Kind::Host || parent_of(object_.name) != group.network + "." + group.zone) continue;
      for (const auto& member : group.members)
        if (*member == first_part(object_.name))
          add(member.span, text_of(Object{Kind::Group, group.full_name()}), /*is_full_name=*/false);
    }
    for (const model::Network& network : tree_.policy.networks)
      for (const auto& interface : network.interfaces)
        if (object_.kind == Kind::Interface && *interface == object_.name)
          add(interface.span, text_of(Object{Kind::Network, network.full_name()}));
    return std::move(found_);
  }

 private:
  void add(diag::Span span, std::string by, bool is_full_name = true) {
    found_.push_back({.span = span, .is_full_name = is_full_name, .by = std::move(by)});
  }

  void find_in(const model::Rule& rule) {
    if (rule.action.value == model::Action::Separator) return;
    const std::string by = fmt::format("rule {} ({})", rule.number, model::summary(rule));
    if (object_.kind == Kind::Service && *rule.service == object_.name) add(rule.service.span, by);
    add_end(rule.from->name, rule.from.span, by);
    add_end(rule.to->name, rule.to.span, by);
    if (object_.kind != Kind::Interface) return;
    for (const auto* option : {&rule.options.in_interface, &rule.options.out_interface, &rule.options.via_interface})
      if (*option && ***option == object_.name) add_value((*option)->span, by);
  }

  /// The end of a rule: the object itself or something inside it.
  void add_end(const std::string& name, diag::Span span, const std::string& by) {
    const std::string& wanted = object_.name;
    const bool has_insides = object_.kind == Kind::Zone || object_.kind == Kind::Network;
    const bool is_end = has_insides || object_.kind == Kind::Host || object_.kind == Kind::Group;
    if (!is_end || (name != wanted && !(has_insides && name.ends_with("." + wanted)))) return;
    // What is written may go on behind the name: "world.inet(broadcast)".
    const std::size_t at = tree_.sources.text(span).find(name);
    if (at == std::string_view::npos) return;
    const auto end = span.begin + static_cast<std::uint32_t>(at + name.size());
    add({span.file, end - static_cast<std::uint32_t>(wanted.size()), end}, by);
  }

  /// The value of an option, whose span begins with the option's name.
  void add_value(diag::Span span, const std::string& by) {
    const std::string_view text = tree_.sources.text(span);
    const std::size_t equals = text.find('=');
    const std::size_t at = equals == std::string_view::npos ? equals : text.find(object_.name, equals);
    if (at == std::string_view::npos) return;
    const auto begin = span.begin + static_cast<std::uint32_t>(at);
    add({span.file, begin, begin + static_cast<std::uint32_t>(object_.name.size())}, by);
  }

  const config::Tree& tree_;
  const Object& object_;
  std::vector<Reference> found_;
};

}  // namespace

std::vector<Reference> references_to(const config::Tree& tree, const Object& object) {
  return Finder(tree, object).find();
}

std::vector<Object> contents_of(const config::Tree& tree, const Object& object) {
  std::vector<Object> contents;
  if (object.kind != Kind::Zone && object.kind != Kind::Network) return contents;
  const std::string end = "." + object.name;
  for (const Kind kind : {Kind::Network, Kind::Host, Kind::Group})
    for (std::string& name : names_in(tree, kind))
      if (name.ends_with(end)) contents.push_back({kind, std::move(name)});
  return contents;
}

}  // namespace vuurmuur::edit
