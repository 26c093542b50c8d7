// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/object_card.h"

#include <algorithm>

#include "screens/object_lines.h"
#include "sema/spoof.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using edit::Kind;
using ui::fill;
using ui::tr;

template <class Objects>
const auto* find_full(const Objects& objects, const std::string& name) {
  const auto found = std::ranges::find_if(objects, [&](const auto& one) { return one.full_name() == name; });
  return found == objects.end() ? nullptr : &*found;
}

class Card {
 public:
  void add(const char* label, std::string text, ui::Role role = ui::Role::Normal) {
    if (!text.empty()) lines_.push_back({.label = label, .text = std::move(text), .role = role});
  }
  template <class Names>
  void add_names(const char* label, const Names& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + *name;
    add(label, std::move(text));
  }
  std::vector<CardLine> take() { return std::move(lines_); }

 private:
  std::vector<CardLine> lines_;
};

void describe(const model::Network& network, Card& card) {
  card.add(tr("Networks"), addresses_of(network));
  card.add_names(tr("Interfaces"), network.interfaces);
  std::string dhcp = network.dhcp_client ? tr("client") : "";
  if (network.dhcp_server) dhcp += (dhcp.empty() ? "" : ", ") + std::string(tr("server"));
  card.add(tr("DHCP"), std::move(dhcp));
  std::string kinds;
  for (const auto& spoof : network.spoof_protections)
    kinds += (kinds.empty() ? "" : ", ") + std::string(sema::spoof_word(*spoof));
  card.add(tr("Not let in"), std::move(kinds));
  card.add(tr("Comment"), network.comment);
}

void describe(const model::Host& host, const model::Policy& policy, Card& card) {
  card.add(tr("Addresses"), addresses_of(host));
  if (host.mac) card.add(tr("MAC"), host.mac->to_string());
  std::string groups;
  for (const model::Group& group : policy.groups)
    if (group.network == host.network && group.zone == host.zone &&
        std::ranges::any_of(group.members, [&](const auto& member) { return *member == *host.name; }))
      groups += (groups.empty() ? "" : ", ") + *group.name;
  card.add(tr("Groups"), std::move(groups));
  card.add(tr("Comment"), host.comment);
}

}  // namespace

std::vector<CardLine> card_of(const model::Policy& policy, const edit::Object& object) {
  Card card;
  switch (object.kind) {
    case Kind::Zone:
      for (const model::Zone& zone : policy.zones)
        if (*zone.name == object.name) card.add(tr("Comment"), zone.comment);
      break;
    case Kind::Network:
      if (const auto* network = find_full(policy.networks, object.name)) describe(*network, card);
      break;
    case Kind::Host:
      if (const auto* host = find_full(policy.hosts, object.name)) describe(*host, policy, card);
      break;
    case Kind::Group:
      if (const auto* group = find_full(policy.groups, object.name)) {
        card.add_names(tr("Members"), group->members);
        card.add(tr("Comment"), group->comment);
      }
      break;
    case Kind::Service:
    case Kind::Interface:
    case Kind::Rules:
    case Kind::Blocklist: break;
  }
  return card.take();
}

int draw_card(ui::Canvas canvas, std::span<const CardLine> lines) {
  int labels = 0;
  for (const CardLine& line : lines) labels = std::max(labels, ui::columns_of(line.label));
  // On a narrow card labels stand above their texts.
  const bool is_narrow = canvas.columns() < labels + 16;
  const int begin = is_narrow || labels == 0 ? 0 : labels + 2;
  int row = 0;
  for (const CardLine& line : lines) {
    if (!line.label.empty()) canvas.put(row, 0, line.label, ui::Role::Label);
    if (is_narrow && !line.label.empty()) ++row;
    for (const std::string& part : ui::wrap(line.text, std::max(1, canvas.columns() - begin)))
      canvas.put(row++, begin, part, line.role);
  }
  return row;
}

}  // namespace vuurmuur::screens
