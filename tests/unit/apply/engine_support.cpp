// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/engine_support.h"

#include <cerrno>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

namespace vuurmuur::apply::test {

TEST_CASE("engines are tried where nothing stays of it") {
  FakeKernel kernel;
  CHECK(probe_engines(kernel) == EngineSupport{.has_xtables = true, .has_nft = true, .has_nft_queue = true});
  CHECK(kernel.tables.empty());
}

TEST_CASE("what an engine lacks is told with its reason") {
  FakeKernel kernel;
  kernel.no_xtables = ENOPROTOOPT;
  kernel.no_nft_queue = ENOENT;
  CHECK(probe_engines(kernel) == EngineSupport{.has_nft = true, .xtables_reason = "protocol not available"});
  kernel.no_xtables = 0;
  kernel.no_nft = EOPNOTSUPP;
  CHECK(probe_engines(kernel) == EngineSupport{.has_xtables = true, .nft_reason = "operation not supported"});
}

TEST_CASE("where nothing can be tried the engines are trusted, and it is told") {
  FakeKernel kernel;
  kernel.has_scratch = false;
  const EngineSupport support = probe_engines(kernel);
  CHECK(support.has_xtables);
  CHECK(support.has_nft);
  CHECK(support.has_nft_queue);
  CHECK(support.untried == "make a network namespace to try rules in: operation not permitted");
}

TEST_CASE("the engine that holds rules of ours is found") {
  FakeKernel kernel;
  CHECK(*loaded_engine(kernel) == std::nullopt);
  kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "INPUT", "DROP");
  CHECK(*loaded_engine(kernel) == std::nullopt);
  kernel.nft.tables[net::Family::Ipv6].chains["filter_FORWARD"] = {.is_base = true};
  CHECK(*loaded_engine(kernel) == std::nullopt);
  kernel.nft.tables[net::Family::Ipv6].chains["filter_VRMR-FORWARD"] = {};
  CHECK(*loaded_engine(kernel) == Backend::Nft);
  kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT", "DROP");
  CHECK(*loaded_engine(kernel) == std::nullopt);
  kernel.nft.tables.clear();
  CHECK(*loaded_engine(kernel) == Backend::Xtables);
}

TEST_CASE("looking around for a wish finds what choosing with everything in sight would") {
  const ForeignChain drop{.engine = Backend::Nft, .place = "nft inet lab in", .has_drop_policy = true};
  const ForeignChain nat{.engine = Backend::Nft, .place = "nft ip lab nat", .rules = 1, .translates = true};
  for (const BackendWish wish : {BackendWish(), BackendWish(Backend::Xtables), BackendWish(Backend::Nft)})
    for (const std::vector<ForeignChain>& in_nft : {std::vector<ForeignChain>{}, {drop}, {nat}})
      for (const bool in_xtables : {false, true})
        for (const bool nft_loaded : {false, true})
          for (const int no_xtables : {0, ENOPROTOOPT})
            for (const bool needs_nat : {false, true}) {
              FakeKernel kernel;
              kernel.nft_others.chains = in_nft;
              if (in_xtables) kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "INPUT", "DROP");
              if (nft_loaded) kernel.nft.tables[net::Family::Ipv4].chains["filter_VRMR-INPUT"] = {};
              kernel.no_xtables = no_xtables;
              const auto all = look_around(kernel), some = look_around_for(kernel, wish, loaded_engine(kernel).value());
              REQUIRE(all);
              REQUIRE(some);
              const EngineNeeds needs{.queues = false, .nat = needs_nat};
              const auto wanted = choose_backend(wish, *all, needs, false),
                         got = choose_backend(wish, *some, needs, false);
              REQUIRE(wanted.has_value() == got.has_value());
              if (wanted)
                CHECK(*wanted == *got);
              else
                CHECK(wanted.error() == got.error());
            }
}

TEST_CASE("a look around that the kernel refuses is an error") {
  for (const char* step : {"look for nft chains", "rules of others in nf_tables"}) {
    FakeKernel kernel;
    kernel.fault = [&](const std::string& asked) { return asked == step ? EPERM : 0; };
    const auto found = look_around(kernel);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == EPERM);
  }
}

}  // namespace vuurmuur::apply::test
