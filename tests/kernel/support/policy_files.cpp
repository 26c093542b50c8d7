// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/policy_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "apply/set_support.h"
#include "backend/iptables_save.h"
#include "backend/nft_text.h"
#include "base/memory_file_system.h"
#include "diag/render.h"
#include "lab/error.h"
#include "sema/resolve.h"
#include "support/engine.h"

namespace vuurmuur::kernel_test {
namespace {

constexpr const char* kRoot = "/tree";

config::Tree read(const Files& files, diag::Sink& sink) {
  base::MemoryFileSystem memory;
  for (const auto& [path, text] : files) memory.files[std::string(kRoot) + "/" + path] = text;
  return config::read_tree(memory, kRoot, sink);
}

void refuse_errors(const diag::Sink& sink, const diag::SourceMap& sources) {
  if (sink.has_errors())
    throw lab::LabError("the policy has errors:\n" + diag::render(sink, sources, diag::Style::Plain));
}

}  // namespace

Files read_files(const std::string& tree) {
  namespace fs = std::filesystem;
  Files files;
  const fs::path root = fs::path(VM_TREES) / tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), root).string()] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  if (files.empty()) throw lab::LabError("no files in " + root.string());
  return files;
}

Files on_base(const Files& over) {
  Files files = read_files("base");
  for (const auto& [path, text] : over) files[path] = text;
  return files;
}

Files with_rules(const std::vector<std::string>& rules) {
  std::string text;
  for (const std::string& rule : rules) {
    text += "RULE=\"";
    for (const char c : rule) {
      if (c == '"') text += '\\';
      text += c;
    }
    text += "\"\n";
  }
  return on_base({{"rules/rules.conf", text}});
}

Policy::Policy(const Files& files, compile::Options options) {
  diag::Sink sink;
  tree = read(files, sink);
  refuse_errors(sink, tree.sources);
  resolved = sema::resolve(tree.policy, tree.sources, sink);
  refuse_errors(sink, tree.sources);
  options.verify = true;
  const auto kernel = apply::make_kernel();
  apply::SetSupport sets(*kernel, engine_under_test());
  options.can_hold = [&sets](const ir::Set& set) { return sets.can_hold(set); };
  ruleset = compile::compile(resolved, options).ruleset;
}

const ir::MarkLayout Policy::layout() const { return *ir::MarkLayout::create(model().settings.connmark_mask.value); }

std::string Policy::explain(net::Family family) const {
  std::string text = "rules:\n";
  for (const model::Rule& rule : model().rules)
    text += std::to_string(rule.number) + (rule.active ? ": " : ": (off) ") +
            std::string(tree.sources.text(rule.span)) + "\n";
  if (engine_under_test() == apply::Backend::Nft)
    return text + "ruleset:\n" + backend::nft::text(backend::nft::make_program(ruleset, family));
  return text + "ruleset:\n" + backend::iptables_save(ruleset, family);
}

apply::Report load(const lab::Gateway& gateway, const Policy& policy) {
  const lab::Inside there(gateway.firewall());
  const auto kernel = apply::make_kernel();
  auto report = apply::apply(*kernel, policy.ruleset, {.backend = engine_under_test()});
  if (!report) throw lab::LabError("apply: " + report.error().message);
  return std::move(*report);
}

reference::World gateway_world() {
  reference::World world;
  for (const lab::Device& device : lab::gateway_devices()) world.devices[device.name] = device.addresses;
  for (const char* everything : {"0.0.0.0/0", "::/0"})
    world.routes.push_back({*net::Prefix::parse(everything), "inet0"});
  world.chains = {
      {"my-empty", std::nullopt}, {"my-accept", reference::Verdict::Accept}, {"my-drop", reference::Verdict::Drop}};
  return world;
}

}  // namespace vuurmuur::kernel_test
