// SPDX-License-Identifier: GPL-2.0-or-later
#include <random>
#include <set>

#include "compile/compile.h"
#include "compile/queue_target.h"
#include "ir/marks.h"
#include "policy_builder.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

/// What a packet of a connection with a mark meets in VRMR-FORWARD, and how many rules are asked before it.
struct Walk {
  ir::Target target;
  unsigned asked = 0;
};

/// Follows one packet with a state and a connection mark through table filter as netfilter does; conditions on anything
/// else count as not met.
class Walker {
 public:
  Walker(const ir::Table& filter, std::uint8_t state, std::uint32_t connmark)
      : filter_(filter), state_(state), connmark_(connmark) {}

  std::optional<Walk> run(std::string_view chain) {
    Walk walk;
    if (!chain_ends(*filter_.find(chain), walk)) return std::nullopt;
    return walk;
  }

 private:
  bool matches(const ir::Rule& rule) const {
    if (!rule.in_interface.empty() || !rule.out_interface.empty() || rule.source || rule.destination || rule.protocol ||
        rule.fragment)
      return false;
    for (const ir::Match& match : rule.matches) {
      if (const auto* mark = std::get_if<ir::ConnmarkMatch>(&match)) {
        if (((connmark_ & mark->mask) == mark->value) == mark->inverted) return false;
      } else if (const auto* state = std::get_if<ir::ConntrackMatch>(&match)) {
        if ((state->states & state_) == 0) return false;
      } else {
        return false;
      }
    }
    return true;
  }

  /// True when the packet met its end; false when it fell off the chain.
  bool chain_ends(ir::ChainId id, Walk& walk) {
    for (const ir::Rule& rule : filter_.chain(id).rules) {
      ++walk.asked;
      if (!matches(rule)) continue;
      if (const auto* jump = std::get_if<ir::JumpTarget>(&rule.target)) {
        if (chain_ends(jump->chain, walk)) return true;
      } else if (const auto* go = std::get_if<ir::GotoTarget>(&rule.target)) {
        return chain_ends(go->chain, walk);
      } else if (!std::holds_alternative<ir::NflogTarget>(rule.target) &&
                 !std::holds_alternative<ir::MarkTarget>(rule.target)) {
        walk.target = rule.target;
        return true;
      }
    }
    return false;
  }

  const ir::Table& filter_;
  std::uint8_t state_;
  std::uint32_t connmark_;
};

Walk walk_of(const compile::Output& output, std::uint8_t state, std::uint32_t connmark) {
  const auto walk = Walker(output.ruleset.ipv4.table(ir::TableName::Filter), state, connmark).run("VRMR-FORWARD");
  REQUIRE(walk.has_value());
  return *walk;
}

compile::Output compile_queues(const std::set<std::uint16_t>& queues,
                               std::uint32_t mask = ir::MarkLayout::kDefaultMask) {
  test::PolicyBuilder builder;
  builder.model.settings.connmark_mask = mask;
  for (const std::uint16_t queue : queues) builder.add_queue_rule(queue);
  const sema::Policy policy = builder.resolve();
  REQUIRE_FALSE(builder.sink.has_errors());
  return compile::compile(policy, {.verify = true});
}

}  // namespace

TEST_CASE("a queued connection reaches its own queue and no other, whatever queues there are") {
  const unsigned seed = 20261124;
  std::mt19937 random(seed);
  for (const std::uint32_t mask : {0x3ffff000u, 0xffffc000u, 0x0003ffffu, 0x7fff0000u}) {
    const auto layout = *ir::MarkLayout::create(mask);
    for (const std::size_t size : {1u, 2u, 4u, 5u, 17u, 64u, 300u, 1000u}) {
      std::set<std::uint16_t> queues;
      const std::uint32_t spread =
          size > 100 || random() % 2 == 0 ? 1u << layout.number_bits() : static_cast<std::uint32_t>(2 * size + 1);
      while (queues.size() < size) queues.insert(static_cast<std::uint16_t>(random() % spread));
      const compile::Output output = compile_queues(queues, mask);
      INFO("seed " << seed << ", mask " << mask << ", " << size << " queues");
      for (unsigned i = 0; i < 500; ++i) {
        const auto number = static_cast<std::uint16_t>(i < size ? *std::next(queues.begin(), i)
                                                                : random() % (1u << layout.number_bits()));
        const std::uint32_t foreign = static_cast<std::uint32_t>(random()) & ~mask;
        const Walk walk = walk_of(output, ir::kCtEstablished, layout.encode({ir::MarkKind::Queued, number}) | foreign);
        if (queues.contains(number))
          CHECK(walk.target == ir::Target{ir::NfqueueTarget{number, number}});
        else
          CHECK(walk.target == ir::Target{ir::DropTarget{}});
      }
    }
  }
}

TEST_CASE("65,536 queues cost an established packet at most 31 rules more than one, and plain packets nothing") {
  std::set<std::uint16_t> all;
  for (unsigned i = 0; i <= 0xffff; ++i) all.insert(static_cast<std::uint16_t>(i));
  const compile::Output many = compile_queues(all);
  const compile::Output one = compile_queues({7});
  const ir::MarkLayout layout;
  const unsigned with_one = walk_of(one, ir::kCtEstablished, layout.encode({ir::MarkKind::Queued, 7})).asked;
  for (const unsigned number : {0u, 1u, 7u, 0x1234u, 0x8000u, 0xffffu}) {
    const Walk walk =
        walk_of(many, ir::kCtEstablished, layout.encode({ir::MarkKind::Queued, static_cast<std::uint16_t>(number)}));
    CHECK(walk.target ==
          ir::Target{ir::NfqueueTarget{static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(number)}});
    CHECK(walk.asked <= with_one + 31);
  }
  // The user's hook and the accept: two rules, with one queue or with all.
  CHECK(walk_of(many, ir::kCtEstablished, 0xc0000fff).asked == 2);
  CHECK(walk_of(one, ir::kCtEstablished, 0).asked == 2);
  CHECK(walk_of(many, ir::kCtRelated, 0).target == ir::Target{ir::AcceptTarget{}});
}

TEST_CASE("a connection keeps a queue that no rule has any more, with its range and bypass") {
  test::PolicyBuilder builder;
  builder.add_queue_rule(3);
  const sema::Policy policy = builder.resolve();
  const ir::NfqueueTarget live{40, 43, /*bypass=*/true, /*cpu_fanout=*/false};
  const compile::Output output = compile::compile(policy, {.live_queues = {live, {3, 9, true, true}}, .verify = true});
  const ir::MarkLayout layout;
  CHECK(walk_of(output, ir::kCtEstablished, layout.encode({ir::MarkKind::Queued, 40})).target == ir::Target{live});
  // What the policy says of queue 3 holds, not what the kernel had.
  CHECK(walk_of(output, ir::kCtEstablished, layout.encode({ir::MarkKind::Queued, 3})).target ==
        ir::Target{ir::NfqueueTarget{3, 3}});
  CHECK(walk_of(output, ir::kCtEstablished, layout.encode({ir::MarkKind::Queued, 41})).target ==
        ir::Target{ir::DropTarget{}});
}

TEST_CASE("logged and marked connections are accepted even when nothing uses their kind any more") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  const sema::Policy policy = builder.resolve();
  const compile::Output output = compile::compile(policy, {.verify = true});
  const ir::MarkLayout layout;
  CHECK(walk_of(output, ir::kCtEstablished, layout.encode({ir::MarkKind::Logged, 5})).target ==
        ir::Target{ir::AcceptTarget{}});
  CHECK(walk_of(output, ir::kCtNew, layout.encode({ir::MarkKind::Marked, 9})).target == ir::Target{ir::AcceptTarget{}});
}

TEST_CASE("the rules do not matter to established packets") {
  unsigned asked = 0;
  for (const unsigned rules : {1u, 10u, 1000u}) {
    test::PolicyBuilder builder;
    for (unsigned i = 0; i < rules; ++i) builder.add_rule(i % 2 == 0 ? model::Action::Accept : model::Action::Drop);
    const sema::Policy policy = builder.resolve();
    const unsigned now = walk_of(compile::compile(policy), ir::kCtEstablished, 0).asked;
    if (asked != 0) CHECK(now == asked);
    asked = now;
  }
}

TEST_CASE("what is left of queues is the pieces side by side") {
  using Queues = std::vector<ir::NfqueueTarget>;
  using Numbers = std::vector<std::uint16_t>;
  const ir::NfqueueTarget four{.first = 10, .last = 13, .bypass = true, .cpu_fanout = true};
  const auto piece = [](std::uint16_t first, std::uint16_t last) {
    return ir::NfqueueTarget{.first = first, .last = last, .bypass = true, .cpu_fanout = true};
  };
  CHECK(compile::pieces_without(four, Numbers{}) == Queues{four});
  CHECK(compile::pieces_without(four, Numbers{9, 14}) == Queues{four});
  CHECK(compile::pieces_without(four, Numbers{10}) == Queues{piece(11, 13)});
  CHECK(compile::pieces_without(four, Numbers{13}) == Queues{piece(10, 12)});
  CHECK(compile::pieces_without(four, Numbers{8, 11, 20}) == Queues{piece(10, 10), piece(12, 13)});
  CHECK(compile::pieces_without(four, Numbers{10, 11, 12}) == Queues{piece(13, 13)});
  CHECK(compile::pieces_without(four, Numbers{10, 11, 12, 13}) == Queues{four});
  const ir::NfqueueTarget all{.first = 1, .last = 65535};
  CHECK(compile::pieces_without(all, Numbers{65535}) == Queues{{.first = 1, .last = 65534}});
  // More than connections can be shared out to.
  CHECK(compile::pieces_without(all, Numbers{100, 30000}) == Queues{{.first = 30001, .last = 65535}});
  CHECK(compile::pieces_without({.first = 0, .last = 32}, Numbers{1}) ==
        Queues{{.first = 0, .last = 0}, {.first = 2, .last = 32}});
  CHECK(compile::pieces_without({.first = 0, .last = 33}, Numbers{1}) == Queues{{.first = 2, .last = 33}});
}
