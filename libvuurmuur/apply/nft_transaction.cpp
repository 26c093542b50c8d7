// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_transaction.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "apply/nft_memory.h"
#include "apply/nft_refusal.h"
#include "backend/nft_batch.h"
#include "backend/nft_names.h"

namespace vuurmuur::apply {
namespace {

using backend::nft::Batch;
using backend::nft::Program;

/// How often everything is read again when somebody else changes nf_tables meanwhile.
constexpr int kCommitTries = 5;

constexpr std::array kFamilyOrder{net::Family::Ipv6, net::Family::Ipv4};

struct Read {
  std::uint32_t generation = 0;
  std::vector<NftTable> tables;  ///< in the order in which families were asked for
};

base::Result<Read> read_now(Kernel& kernel, std::span<const net::Family> families) {
  Read now;
  now.generation = VM_TRY(kernel.nft_generation());
  for (const net::Family family : families) now.tables.push_back(VM_TRY(kernel.read_nft_table(family, NftParts::All)));
  return now;
}

std::vector<net::Family> families_of(Kernel& kernel) {
  std::vector<net::Family> families;
  for (const net::Family family : kFamilyOrder)
    if (kernel.has_family(family)) families.push_back(family);
  return families;
}

bool has_own_chain(const NftTable& table) {
  return std::ranges::any_of(table.content.chains,
                             [](const auto& chain) { return backend::nft::is_own_chain_name(chain.name); });
}

/// Whether reading everything again may help.
bool is_outrun(const base::Error& error) { return error.code == ERESTART || error.code == EINTR; }

base::Error outrun() {
  return {.message = "load nf_tables: another program changes it all the time", .code = ERESTART};
}

/// What is left of our tables before or after a clear.
enum class Remains : std::uint8_t { Nothing, EmptyTables };

/// One try. The tables go when they can.
base::Result<Remains> try_clear(Kernel& kernel, std::span<const net::Family> families) {
  const Read now = VM_TRY(read_now(kernel, families));
  const bool is_kept = kernel.waiting_packets() != 0 ||
                       std::ranges::any_of(now.tables, [](const NftTable& table) { return table.has_user_rules; });
  Batch batch(now.generation);
  for (std::size_t i = 0; i < families.size(); ++i) {
    const auto& existing = now.tables[i].content;
    if (!existing.has_table) continue;
    if (is_kept)
      batch.add_program({.family = families[i]}, existing);
    else
      batch.delete_table(families[i]);
  }
  if (batch.is_empty()) return Remains::Nothing;
  if (auto done = kernel.commit_nft(batch.finish()); !done)
    return std::unexpected(std::move(done).error().error.within("clear nf_tables"));
  return is_kept ? Remains::EmptyTables : Remains::Nothing;
}

}  // namespace

NftTransaction::NftTransaction(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, bool is_guarded)
    : kernel_(kernel),
      ruleset_(ruleset),
      options_(options),
      is_guarded_(is_guarded),
      settings_(kernel, options.state_directory) {
  std::vector<net::Family> families = families_of(kernel);
  std::erase_if(families, [&](net::Family family) {
    return std::ranges::find(options.families, family) == options.families.end();
  });
  programs_ = backend::nft::make_programs(ruleset, families, {.comments = options.comments.value_or(true)});
  if (options.nft_memory != nullptr)
    for (const Program& program : programs_) prints_.push_back(backend::nft::chain_prints(program));
  const bool has_ipv6 = kernel.has_family(net::Family::Ipv6);
  if (!has_ipv6 && std::ranges::any_of(ruleset.ipv6.tables, [](const ir::Table& table) { return !table.is_empty(); }))
    warnings_.push_back("this kernel has no IPv6; its rules were left out");
}

base::Result<void> NftTransaction::run() {
  auto done = write_rules();
  if (!done) undo(done.error());
  return done;
}

base::Result<void> NftTransaction::write_rules() {
  VM_TRY_VOID(settings_.write(ruleset_.sysctls, /*after_rules=*/false, warnings_));
  if (is_guarded_) VM_TRY_VOID(settings_.write(ruleset_.sysctls, /*after_rules=*/true, warnings_));
  if (options_.progress) options_.progress("loading nf_tables");
  base::Result<void> loaded;
  for (int tries = 0; tries < kCommitTries; ++tries) {
    loaded = load();
    if (loaded || !is_outrun(loaded.error())) break;
  }
  if (!loaded) return std::unexpected(is_outrun(loaded.error()) ? outrun() : std::move(loaded).error());
  is_loaded_ = true;
  if (!is_guarded_) VM_TRY_VOID(settings_.write(ruleset_.sysctls, /*after_rules=*/true, warnings_));
  return {};
}

/// What is remembered is taken out: it is put back when all is in force. What counters have counted is read where new
/// ones may begin with it.
base::Result<NftTransaction::Now> NftTransaction::look() {
  NftMemory known = options_.nft_memory != nullptr ? std::exchange(*options_.nft_memory, {}) : NftMemory{};
  std::vector<net::Family> families;
  std::vector<NftTable> tables;  // of programs_
  for (const Program& program : programs_) {
    families.push_back(program.family);
    if (auto table = known.tables.extract(program.family)) tables.push_back(std::move(table.mapped()));
  }
  const bool is_known = known.generation != 0 && tables.size() == programs_.size();
  bool needs_counts = false;
  for (std::size_t i = 0; is_known && i < programs_.size(); ++i)
    needs_counts |= backend::nft::needs_counts(programs_[i], tables[i].content);
  if (is_known && !needs_counts && VM_TRY(kernel_.nft_generation()) == known.generation)
    return Now{.generation = known.generation,
               .tables = std::move(tables),
               .is_remembered = true,
               .others = std::move(known.tables)};
  Read read = VM_TRY(read_now(kernel_, families));
  const bool is_same = is_known && read.generation == known.generation;
  for (std::size_t i = 0; is_same && i < programs_.size(); ++i)
    backend::nft::take_prints(read.tables[i].content, tables[i].content);
  // What others changed there, when they did, is not known.
  if (read.generation != known.generation) known.tables.clear();
  return Now{.generation = read.generation,
             .tables = std::move(read.tables),
             .is_remembered = is_same,
             .others = std::move(known.tables)};
}

void NftTransaction::remember(Now before, bool is_changed) {
  if (options_.nft_memory == nullptr) return;
  const auto generation = kernel_.nft_generation();
  // Each transaction makes one generation: more of them are of others, who may have changed tables of ours.
  if (!generation || *generation != before.generation + (is_changed ? 1 : 0)) return;
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    before.tables[i].content = backend::nft::after(programs_[i], prints_[i], std::move(before.tables[i].content));
    before.others.insert_or_assign(programs_[i].family, std::move(before.tables[i]));
  }
  *options_.nft_memory = {.generation = *generation, .tables = std::move(before.others)};
}

base::Result<void> NftTransaction::load() {
  Now now = VM_TRY(look());
  had_rules_ = std::ranges::any_of(now.tables, has_own_chain);
  for (NftTable& table : now.tables) table.content.are_sets_doubtful = options_.checks_sets;
  Batch batch(now.generation);
  for (std::size_t i = 0; i < programs_.size(); ++i)
    batch.add_program(programs_[i], now.tables[i].content,
                      prints_.empty() ? std::span<const std::optional<std::uint64_t>>() : prints_[i]);
  if (batch.is_empty()) return remember(std::move(now), /*is_changed=*/false), base::Result<void>();
  const auto done = kernel_.commit_nft(batch.finish());
  if (done) return remember(std::move(now), /*is_changed=*/true), base::Result<void>();
  // Should anything be other than it is remembered, it is read.
  if (now.is_remembered && !is_outrun(done.error().error)) return load();
  if (options_.comments.value_or(true) || done.error().faults.empty())
    return std::unexpected(explain_nft_refusal(done.error(), ruleset_, programs_, batch.subjects()));
  // Where rules come from is in their comments alone.
  std::vector<net::Family> families;
  for (const Program& program : programs_) families.push_back(program.family);
  const std::vector<Program> commented = backend::nft::make_programs(ruleset_, families);
  return std::unexpected(explain_nft_refusal(done.error(), ruleset_, commented, batch.subjects()));
}

void NftTransaction::undo(base::Error& error) {
  if (options_.progress) options_.progress("putting everything back");
  std::vector<std::string> problems;
  if (is_loaded_ && !had_rules_) {
    std::vector<std::string> ignored;
    if (const auto cleared = clear_nft(kernel_, ignored); !cleared) problems.push_back(cleared.error().message);
  } else if (is_loaded_) {
    problems.emplace_back("the new rules are in force in nf_tables");
  }
  for (std::string& problem : settings_.undo()) problems.push_back(std::move(problem));
  for (const std::string& problem : problems) error.message += "; not all could be put back: " + problem;
}

base::Result<void> clear_nft(Kernel& kernel, std::vector<std::string>& warnings) {
  const std::vector<net::Family> families = families_of(kernel);
  base::Result<Remains> cleared;
  for (int tries = 0; tries < kCommitTries; ++tries) {
    cleared = try_clear(kernel, families);
    if (cleared || !is_outrun(cleared.error())) break;
  }
  if (!cleared) return std::unexpected(is_outrun(cleared.error()) ? outrun() : std::move(cleared).error());
  if (*cleared == Remains::EmptyTables)
    warnings.emplace_back(
        "nf_tables keeps the tables \"vuurmuur\", which let everything pass: packets wait in queues, or chains of the "
        "user's own have rules");
  return {};
}

}  // namespace vuurmuur::apply
