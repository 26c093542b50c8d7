// SPDX-License-Identifier: GPL-2.0-or-later
// What the service brings back into force: the generation before, or any former one.
#include <fmt/format.h>

#include <ranges>

#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "daemon/wish.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

namespace {

/// The one that was confirmed before the one in force.
std::optional<history::Number> one_before(const history::Journal& journal) {
  for (const history::Generation& generation : journal.generations | std::views::reverse)
    if (generation.number < journal.confirmed.value_or(0) && generation.state() == history::What::Confirmed)
      return generation.number;
  return std::nullopt;
}

}  // namespace

/// Applies the configuration of a former generation again.
Reply ManagerService::bring_back(control::Session& session, const Wish& wish, history::Number number) {
  const auto journal = session.store().read_journal();
  if (!journal) return refusal(journal.error());
  const history::Generation* generation = journal->find(number);
  if (generation == nullptr) return refusal(fmt::format("there is no generation {}", number));
  // What was told of its names may be forgotten by now.
  const auto checked = control::read_generation(session.store(), *generation, names());
  if (!checked) return refusal(checked.error());
  const auto files = session.store().read_configuration(number);
  if (!files) return refusal(files.error());
  const auto plan = control::make_plan(session.kernel(), (*checked)->policy, {.backend = {}, .force = true});
  if (!plan) return refusal(plan.error());
  Reply reply = put_in_force(session, wish,
                             {.directory = generation->directory,
                              .configuration = history::Store::packed_configuration(*files),
                              .plan = *plan,
                              .who = {},
                              .comment = {},
                              .copy_of = number,
                              .confirm = {}});
  if (!reply.error.empty()) return reply;
  if (!wish.confirm) forget_other_names((*checked)->tree.policy);
  Json applied = std::move(reply.parameters.at("applied"));
  return {.parameters = {{"taken_back", nullptr},
                         {"in_force", applied.at("generation")},
                         {"reason", nullptr},
                         {"warnings", Json::array()},
                         {"applied", std::move(applied)}}};
}

Reply ManagerService::rollback(const Caller& caller, Parameters& parameters) {
  const Wish wish = read_wish(caller.peer, parameters, load_of(caller));
  const auto number = parameters.number("generation");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);

  const auto session =
      control::Session::open(files_, settings_.state_directory, wish.load, settings_.wait, settings_.on_loading);
  if (!session) return refusal(session.error());
  if (number) return bring_back(**session, wish, *number);
  const auto journal = (*session)->store().read_journal();
  if (!journal) return refusal(journal.error());
  if (journal->pending) {
    const auto back = (*session)->manager().take_back(wish.who, "on request");
    if (!back) return refusal(back.error());
    return {.parameters = {{"taken_back", number_or_null(back->from)},
                           {"in_force", number_or_null(back->to)},
                           {"reason", back->reason},
                           {"warnings", back->report.warnings},
                           {"applied", nullptr}}};
  }
  const auto before = one_before(*journal);
  if (!before) return refusal("there is no earlier generation to go back to");
  return bring_back(**session, wish, *before);
}

}  // namespace vuurmuur::daemon
