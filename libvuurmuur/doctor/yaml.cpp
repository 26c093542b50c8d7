// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <memory>

namespace vuurmuur::doctor {
namespace {

constexpr std::size_t kMostDepth = 64, kMostNodes = 1'000'000;

class Parser {
 public:
  Parser() { is_ready_ = yaml_parser_initialize(&parser_) != 0; }
  ~Parser() {
    if (has_document_) yaml_document_delete(&document_);
    if (is_ready_) yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  base::Result<YamlNode> run(std::string_view text) {
    if (!is_ready_) return base::failure("no memory for a YAML parser");
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    if (yaml_parser_load(&parser_, &document_) == 0) {
      const char* problem = parser_.problem == nullptr ? "no YAML" : parser_.problem;
      return base::failure(fmt::format("line {}: {}", parser_.problem_mark.line + 1, problem));
    }
    has_document_ = true;
    const yaml_node_t* root = yaml_document_get_root_node(&document_);
    if (root == nullptr) return YamlNode{.kind = YamlNode::Kind::Map};
    return copy(*root, 0);
  }

 private:
  base::Result<YamlNode> copy(const yaml_node_t& node, std::size_t depth) {
    const std::size_t line = node.start_mark.line + 1;
    if (depth > kMostDepth) return base::failure(fmt::format("line {}: nested too deeply", line));
    if (++nodes_ > kMostNodes) return base::failure(fmt::format("line {}: too many values", line));
    YamlNode copied{.line = line};
    if (const char* tag = reinterpret_cast<const char*>(node.tag); tag != nullptr && tag[0] == '!') copied.tag = tag;
    switch (node.type) {
      case YAML_SCALAR_NODE:
        copied.scalar.assign(reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length);
        break;
      case YAML_SEQUENCE_NODE:
        copied.kind = YamlNode::Kind::List;
        for (const auto* item = node.data.sequence.items.start; item != node.data.sequence.items.top; ++item)
          copied.items.push_back(VM_TRY(copy(*yaml_document_get_node(&document_, *item), depth + 1)));
        break;
      case YAML_MAPPING_NODE:
        copied.kind = YamlNode::Kind::Map;
        for (const auto* pair = node.data.mapping.pairs.start; pair != node.data.mapping.pairs.top; ++pair) {
          const yaml_node_t& key = *yaml_document_get_node(&document_, pair->key);
          // A key that is a map or a list means nothing to anybody here.
          if (key.type != YAML_SCALAR_NODE) continue;
          copied.members.push_back(
              {.key = std::string(reinterpret_cast<const char*>(key.data.scalar.value), key.data.scalar.length),
               .line = key.start_mark.line + 1,
               .value = VM_TRY(copy(*yaml_document_get_node(&document_, pair->value), depth + 1))});
        }
        break;
      case YAML_NO_NODE: break;
    }
    return copied;
  }

  yaml_parser_t parser_{};
  yaml_document_t document_{};
  bool is_ready_ = false, has_document_ = false;
  std::size_t nodes_ = 0;
};

}  // namespace

base::Result<YamlNode> parse_yaml(std::string_view text) {
  // A parser is some hundred bytes of C with pointers into itself: it stays where it is.
  const auto parser = std::make_unique<Parser>();
  return parser->run(text);
}

}  // namespace vuurmuur::doctor
