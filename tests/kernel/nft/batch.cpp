// SPDX-License-Identifier: GPL-2.0-or-later
// The messages: the kernel takes them, and nft lists the same rules as for the text.
#include "backend/nft_batch.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <memory>

#include "backend/nft_text.h"
#include "base/strings.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "queue_free.h"
#include "rulesets.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend::nft {
namespace {

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

/// What the kernel answered to a message.
struct Answer {
  std::uint32_t sequence = 0;
  int code = 0;
};

/// Sends a batch; the errors that come back.
std::vector<Answer> send(Batch& batch) {
  const std::unique_ptr<mnl_socket, CloseSocket> socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
  REQUIRE(socket != nullptr);
  REQUIRE(mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) == 0);
  const auto bytes = batch.finish();
  // Not SO_SNDBUFFORCE, which wants to be root outside of namespaces: the batches here fit.
  const int room = static_cast<int>(bytes.size());
  REQUIRE(::setsockopt(mnl_socket_get_fd(socket.get()), SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
  REQUIRE(mnl_socket_sendto(socket.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  std::vector<Answer> answers;
  alignas(nlmsghdr) std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::recv(mnl_socket_get_fd(socket.get()), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return answers;
    int left = static_cast<int>(got);
    for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(header, left);
         header = mnl_nlmsg_next(header, &left)) {
      if (header->nlmsg_type != NLMSG_ERROR) continue;
      const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
      answers.push_back({header->nlmsg_seq, -error->error});
    }
  }
}

void send_ok(Batch& batch) {
  const auto answers = send(batch);
  for (const Answer& answer : answers) {
    const Subject& subject = batch.subjects().at(answer.sequence);
    FAIL_CHECK("message " << answer.sequence << " about " << static_cast<int>(subject.kind) << ' ' << subject.index
                          << ' ' << subject.rule << ": " << std::strerror(answer.code));
  }
}

std::string listing() { return lab::run_ok({"nft", "-n", "list", "ruleset"}); }

/// The lines of a listing, what is listed between braces in the order of names: nft lists sets and objects in the order
/// in which they were made.
std::vector<std::string> lines_by_name(const std::string& listing) {
  std::vector<std::vector<std::string>> blocks(1);
  for (const std::string_view line : base::split(listing, '\n')) {
    if (line.empty() || line == "}")
      blocks.emplace_back();
    else
      blocks.back().emplace_back(line);
  }
  std::ranges::sort(blocks);
  std::vector<std::string> lines;
  for (auto& block : blocks) lines.insert(lines.end(), block.begin(), block.end());
  return lines;
}

void check_same(const std::string& by_batch, const std::string& by_text) {
  const auto left = lines_by_name(by_batch), right = lines_by_name(by_text);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) CHECK(left[i] == right[i]);
  CHECK(left.size() == right.size());
}

/// A program without what the text has no words for.
Program sayable(Program program) {
  constexpr std::size_t kMaxComment = 128;
  for (Chain& chain : program.chains)
    for (Rule& rule : chain.rules) {
      rule.comment = rule.comment.substr(0, kMaxComment);
      for (Statement& statement : rule.statements)
        if (auto* log = std::get_if<Log>(&statement)) std::ranges::replace(log->prefix, '"', '\'');
    }
  for (Counter& counter : program.counters) counter.comment = counter.comment.substr(0, kMaxComment);
  return program;
}

std::string loaded_as_text(const Program& program) {
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  lab::run_ok({"nft", "-f", "-"}, text(program));
  return listing();
}

std::string loaded_as_batch(const Program& program) {
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  Batch batch;
  batch.add_program(program);
  send_ok(batch);
  return listing();
}

/// What nft lists of our table of a family, by words: enough for Existing.
Existing existing(net::Family family) {
  Existing found;
  const std::string table = family == net::Family::Ipv4 ? "ip" : "ip6";
  const auto listed = lab::run({"nft", "list", "table", table, "vuurmuur"});
  found.has_table = listed.status == 0;
  if (!found.has_table) return found;
  for (const std::string_view line : base::split(listed.output, '\n')) {
    if (line.starts_with("\t\ttype ") && line.find(" hook ") != std::string_view::npos)
      found.chains.back().is_base = true;
    if (!line.starts_with('\t') || line.starts_with("\t\t") || !line.ends_with(" {")) continue;
    const std::string_view words = line.substr(1, line.size() - 3);
    const std::string name(words.substr(words.rfind(' ') + 1));
    if (words.starts_with("chain ")) found.chains.push_back({name, false});
    if (words.starts_with("set ") || words.starts_with("map ")) found.sets.push_back(name);
    if (words.starts_with("counter ")) found.objects.push_back({name, NFT_OBJECT_COUNTER});
    if (words.starts_with("ct helper ")) found.objects.push_back({name, NFT_OBJECT_CT_HELPER});
  }
  return found;
}

}  // namespace

TEST_CASE("the batch of every match and target says what the text says") {
  lab::enter_laboratory();
  for (const net::Family family : net::kFamilies) {
    const Program program = sayable(for_this_kernel(make_program(backend_test::every_rule(family), family)));
    check_same(loaded_as_batch(program), loaded_as_text(program));
  }
}

TEST_CASE("the batch of every set says what the text says") {
  lab::enter_laboratory();
  for (const net::Family family : net::kFamilies) {
    const Program program = make_program(backend_test::every_set(family), family);
    check_same(loaded_as_batch(program), loaded_as_text(program));
  }
}

TEST_CASE("the batch of every golden case says what the text says") {
  lab::enter_laboratory();
  for (const std::string& name : golden_cases()) {
    INFO(name);
    const ir::Ruleset ruleset = compiled_golden(name);
    for (const net::Family family : net::kFamilies) {
      const Program program = for_this_kernel(make_program(ruleset, family));
      check_same(loaded_as_batch(program), loaded_as_text(program));
    }
  }
}

TEST_CASE("one ruleset after the other in the same table leaves what the last one alone would") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  std::vector<std::string> hooks;
  for (const std::string& name : golden_cases()) {
    INFO(name);
    const ir::Ruleset ruleset = compiled_golden(name);
    for (const net::Family family : net::kFamilies) {
      const Program program = for_this_kernel(make_program(ruleset, family));
      Batch batch;
      batch.add_program(program, existing(family));
      send_ok(batch);
      // Base chains of earlier ones stay, without rules; users' chains stay too.
      const auto now = existing(family);
      for (const Chain& chain : program.chains) {
        const std::string words = family == net::Family::Ipv4 ? "ip" : "ip6";
        const std::string listed = lab::run_ok({"nft", "-n", "list", "chain", words, "vuurmuur", chain.name});
        CHECK(std::ranges::count(listed, '\n') ==
              static_cast<std::ptrdiff_t>(chain.rules.size() + (chain.base ? 5u : 4u)));
      }
      for (const auto& chain : now.chains) {
        const bool wanted = std::ranges::find(program.chains, chain.name, &Chain::name) != program.chains.end();
        CHECK((wanted || chain.is_base || chain.name.find("_VRMR-") == std::string::npos));
      }
      CHECK(now.sets.size() == static_cast<std::size_t>(std::ranges::count_if(
                                   program.sets, [](const Set& set) { return set.kind != Set::Kind::Queues; })));
      CHECK(now.objects.size() == program.counters.size() + program.helpers.size());
    }
  }
}

TEST_CASE("a fault names the message, and nothing has changed") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  Program program = make_program(compiled_golden("accept_forward"), net::Family::Ipv4);
  program.helpers.push_back({"vrmr-helper-none-tcp", "none-such", net::Protocol::Tcp});
  program.chains.back().rules.push_back({.statements = {SetHelper{0}}, .comment = ""});
  Batch batch;
  batch.add_program(program);
  const auto answers = send(batch);
  REQUIRE_FALSE(answers.empty());
  CHECK(batch.subjects().at(answers.front().sequence) == Subject{.kind = Subject::Kind::Helper, .index = 0});
  CHECK(answers.front().code == ENOENT);
  CHECK(listing().empty());
}

TEST_CASE("deleting the table leaves nothing") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  Batch batch;
  batch.add_program(for_this_kernel(make_program(compiled_golden("helpers"), net::Family::Ipv6)));
  send_ok(batch);
  CHECK_FALSE(listing().empty());
  Batch end;
  end.delete_table(net::Family::Ipv6);
  send_ok(end);
  CHECK(listing().empty());
}

}  // namespace vuurmuur::backend::nft
