// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_listing.h"

#include <nftables/libnftables.h>

#include <cerrno>
#include <map>
#include <memory>
#include <optional>

#include "apply/nft_tables.h"
#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

struct FreeContext {
  void operator()(nft_ctx* context) const { nft_ctx_free(context); }
};

std::string_view family_word(net::Family family) { return family == net::Family::Ipv4 ? "ip" : "ip6"; }

/// What the names of chains begin with that set helpers, for which nf_tables needs a place of their own.
constexpr std::string_view kHelperPart = "helper_";

/// How many braces a line opens more than it closes, outside of quotes.
int braces(std::string_view line) {
  int depth = 0;
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '{') ++depth;
    if (c == '}') --depth;
  }
  return depth;
}

/// What stands behind `before` up to the next `end`; nothing when there is no `before`.
std::optional<std::string_view> between(std::string_view line, std::string_view before, char end) {
  const std::size_t at = line.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + before.size());
  return rest.substr(0, rest.find(end));
}

class Parser {
 public:
  explicit Parser(net::Family family) : family_(family) {}

  std::vector<ListedTable> run(std::string_view text) {
    for (const std::string_view line : base::split(text, '\n')) read(line);
    for (Pending& chain : chains_) finish(chain);
    std::vector<ListedTable> tables;
    for (ListedTable& table : tables_)
      if (!table.chains.empty()) tables.push_back(std::move(table));
    return tables;
  }

 private:
  enum class In : std::uint8_t { Table, Chain, Counter, Other };
  struct Pending {
    std::string name, policy;
    std::vector<std::string> rules;
  };
  struct Counted {
    Counters counters;
    std::string comment;
  };

  void read(std::string_view raw) {
    const std::string_view line = base::trim(raw);
    const int change = braces(line);
    if (depth_ == 1 && change == 1) {
      open(line.substr(0, line.size() - 1));
    } else if (depth_ >= 2 && in_ == In::Counter) {
      read_counter(line);
    } else if (depth_ >= 2 && in_ == In::Chain && !(depth_ == 2 && change == -1)) {
      read_rule(line, depth_ == 2);
    }
    depth_ += change;
    if (depth_ <= 1) in_ = In::Table;
  }

  void open(std::string_view head) {
    const std::size_t blank = head.find(' ');
    const std::string_view kind = head.substr(0, blank), name = base::trim(head.substr(blank + 1));
    in_ = kind == "chain" ? In::Chain : kind == "counter" ? In::Counter : In::Other;
    if (in_ == In::Chain) chains_.push_back({.name = std::string(name)});
    if (in_ == In::Counter) counter_ = &counters_[std::string(name)];
  }

  void read_counter(std::string_view line) {
    if (const auto comment = between(line, "comment \"", '"')) counter_->comment = *comment;
    const auto packets = between(line, "packets ", ' '), bytes = between(line, "bytes ", ' ');
    if (packets) counter_->counters.packets = base::parse_number<std::uint64_t>(*packets).value_or(0);
    if (bytes) counter_->counters.bytes = base::parse_number<std::uint64_t>(*bytes).value_or(0);
  }

  /// A rule with a map of its own goes over several lines.
  void read_rule(std::string_view line, bool begins) {
    Pending& chain = chains_.back();
    if (begins && line.starts_with("type ") && line.find(" hook ") != std::string_view::npos) {
      const auto policy = between(line, "policy ", ';');
      chain.policy = policy && *policy == "drop" ? "DROP" : "ACCEPT";
    } else if (begins) {
      chain.rules.emplace_back(line);
    } else if (!chain.rules.empty()) {
      chain.rules.back().append(" ").append(line);
    }
  }

  void finish(Pending& pending) {
    const std::size_t mark = pending.name.find('_');
    ListedTable& table = table_of(std::string_view(pending.name).substr(0, mark));
    ListedChain chain{.name = pending.name, .policy = pending.policy};
    if (mark != std::string::npos && !pending.name.starts_with(kHelperPart)) chain.name = pending.name.substr(mark + 1);
    chain.own = mark != std::string::npos && is_own_chain(std::string_view(pending.name).substr(mark + 1));
    for (std::string& rule : pending.rules) chain.rules.push_back(listed(std::move(rule)));
    table.chains.push_back(std::move(chain));
  }

  ListedRule listed(std::string text) {
    ListedRule rule;
    if (const std::size_t at = text.rfind(" comment \""); at != std::string::npos && text.ends_with('"')) {
      constexpr std::size_t kBefore = 10;
      rule.origin = text.substr(at + kBefore, text.size() - at - kBefore - 1);
      text.resize(at);
    }
    constexpr std::string_view kCounter = "counter name \"";
    const std::size_t at = text.find(kCounter);
    const std::size_t end = at == std::string::npos ? at : text.find('"', at + kCounter.size());
    if (end != std::string::npos) {
      const auto counter = counters_.find(text.substr(at + kCounter.size(), end - at - kCounter.size()));
      if (counter != counters_.end()) {
        rule.packets = counter->second.counters.packets;
        rule.bytes = counter->second.counters.bytes;
        if (rule.origin.empty()) rule.origin = counter->second.comment;
      }
      text.erase(at, end - at + 2);
    }
    rule.text = std::string(base::trim(text));
    return rule;
  }

  /// The table of xtables that a chain's name begins with; what sets helpers belongs to raw.
  ListedTable& table_of(std::string_view prefix) {
    ir::TableName name = ir::TableName::Filter;
    for (const ir::TableName table : ir::kTables)
      if (to_string(table) == prefix) name = table;
    if (kHelperPart.starts_with(prefix)) name = ir::TableName::Raw;
    if (tables_.empty())
      for (const ir::TableName table : ir::kTables)
        tables_.push_back({.engine = Backend::Nft, .family = family_, .table = table});
    return tables_[static_cast<std::size_t>(name)];
  }

  net::Family family_;
  int depth_ = 0;
  In in_ = In::Table;
  std::vector<Pending> chains_;
  std::map<std::string, Counted> counters_;
  Counted* counter_ = nullptr;
  std::vector<ListedTable> tables_;  ///< by ir::TableName
};

}  // namespace

base::Result<std::string> print_own_nft_table(net::Family family) {
  const NftTable table = VM_TRY(read_own_nft_table(family, NftParts::All));
  if (!table.content.has_table) return std::string();
  const std::unique_ptr<nft_ctx, FreeContext> context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context || nft_ctx_buffer_output(context.get()) != 0 || nft_ctx_buffer_error(context.get()) != 0)
    return base::system_error("start libnftables", ENOMEM);
  std::string command = "list table ";
  command.append(family_word(family)).append(" ").append(backend::nft::kTable);
  if (nft_run_cmd_from_buffer(context.get(), command.c_str()) != 0)
    return base::failure("list the rules of nf_tables: " +
                         std::string(base::trim(nft_ctx_get_error_buffer(context.get()))));
  return std::string(nft_ctx_get_output_buffer(context.get()));
}

std::vector<ListedTable> parse_nft_listing(std::string_view text, net::Family family) {
  return Parser(family).run(text);
}

}  // namespace vuurmuur::apply
