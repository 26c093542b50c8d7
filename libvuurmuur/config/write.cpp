// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/write.h"

#include <fmt/format.h>

#include "config/schema.h"

namespace vuurmuur::config {
namespace {

/// Takes documents over from a tree, or makes new ones.
class PolicyWriter {
 public:
  explicit PolicyWriter(const Tree& tree) : tree_(tree) {}

  Document& at(const std::string& path, FileType type) {
    const auto old = tree_.documents.find(path);
    Document document = old == tree_.documents.end() ? Document({}, key_case(type)) : old->second;
    return documents_.insert_or_assign(path, std::move(document)).first->second;
  }

  std::map<std::string, Document> take() { return std::move(documents_); }

 private:
  const Tree& tree_;
  std::map<std::string, Document> documents_;
};

std::string network_path(std::string_view zone, std::string_view network) {
  return fmt::format("zones/{}/networks/{}", zone, network);
}

}  // namespace

std::map<std::string, Document> write_policy(const Tree& tree, const model::Policy& policy) {
  PolicyWriter writer(tree);
  set_settings(writer.at("config.conf", FileType::Settings), policy.settings);
  for (const auto& interface : policy.interfaces)
    set_interface(writer.at(fmt::format("interfaces/{}.conf", *interface.name), FileType::Interface), interface);
  for (const auto& service : policy.services)
    set_service(writer.at(fmt::format("services/{}", *service.name), FileType::Service), service);
  for (const auto& zone : policy.zones)
    set_zone(writer.at(fmt::format("zones/{}/zone.config", *zone.name), FileType::Zone), zone);
  for (const auto& network : policy.networks)
    set_network(writer.at(network_path(network.zone, *network.name) + "/network.config", FileType::Network), network);
  for (const auto& host : policy.hosts)
    set_host(
        writer.at(fmt::format("{}/hosts/{}.host", network_path(host.zone, host.network), *host.name), FileType::Host),
        host);
  for (const auto& group : policy.groups)
    set_group(writer.at(fmt::format("{}/groups/{}.group", network_path(group.zone, group.network), *group.name),
                        FileType::Group),
              group);
  set_rules(writer.at("rules/rules.conf", FileType::Rules), policy.rules);
  if (!policy.blocklist.empty() || tree.documents.contains("rules/blocklist.conf"))
    set_blocklist(writer.at("rules/blocklist.conf", FileType::Blocklist), policy.blocklist);
  return writer.take();
}

base::Result<void> save_document(base::FileSystem& files, const std::string& root, const std::string& path,
                                 const Document& document) {
  const std::string full = fmt::format("{}/{}", root, path);
  VM_TRY_VOID(files.make_directories(full.substr(0, full.rfind('/'))));
  return files.replace_file(full, document.to_text(), 0600);
}

}  // namespace vuurmuur::config
