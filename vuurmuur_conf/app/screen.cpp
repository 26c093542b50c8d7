// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/screen.h"

namespace vuurmuur::app {

RequestId Context::call(std::string method, ipc::Json parameters) {
  const RequestId request{++last_request_};
  effect(Call{.request = request, .method = std::move(method), .parameters = std::move(parameters)});
  return request;
}

RequestId Context::preview(std::uint32_t rule) {
  const RequestId request{++last_request_};
  effect(Preview{.request = request, .reading = model_.workspace.shared(), .rule = rule});
  return request;
}

RequestId Context::compare_traffic(std::shared_ptr<const ConfigurationFiles> before) {
  const RequestId request{++last_request_};
  effect(CompareTraffic{.request = request, .before = std::move(before), .after = model_.workspace.shared()});
  return request;
}

RequestId Context::search_log(std::string filter, std::string since) {
  const RequestId request{++last_request_};
  effect(SearchLog{.request = request, .filter = std::move(filter), .since = std::move(since)});
  return request;
}

bool Context::edit(std::string what, const Workspace::Step& step) {
  const auto made = model_.workspace.edit(what, step);
  if (!made) {
    fail(made.error().message);
    return false;
  }
  say(std::move(what));
  return true;
}

}  // namespace vuurmuur::app
