// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/block_for_time.h"

#include "screens/block_lines.h"
#include "screens/numbers.h"
#include "screens/prompt.h"
#include "ui/translate.h"

namespace vuurmuur::screens {

using ui::fill;
using ui::tr;

std::unique_ptr<app::Screen> make_block_for_time(std::string address,
                                                 std::function<void(app::Context&, app::RequestId)> on_call) {
  std::string question = fill(tr("For how long is {} blocked? (30s, 10m, 2h, 7d)"), address);
  return make_prompt(
      {.question = std::move(question),
       .text = "10m",
       .check = [](const std::string& time) { return fault_of_time(time); },
       .on_text =
           [address = std::move(address), on_call = std::move(on_call)](app::Context& context,
                                                                        const std::string& time) {
             const auto seconds = seconds_from(time);
             if (!seconds) return;
             on_call(context, context.call("Block", {{"addresses", {address}}, {"for_seconds", *seconds}}));
             context.say(fill(tr("{} is blocked for {}"), address, short_time(*seconds)));
           }});
}

}  // namespace vuurmuur::screens
