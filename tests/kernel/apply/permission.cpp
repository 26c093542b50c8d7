// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "apply/apply.h"
#include "base/unique_fd.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

void drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) ::_exit(1);
}

/// The message of the error that the work gives in a process without capabilities.
template <class Work>
std::string error_without_capabilities(Work work) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  base::UniqueFd reading(ends[0]), writing(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    drop_capabilities();
    const std::string message = work();
    static_cast<void>(!::write(writing.get(), message.data(), message.size()));
    ::_exit(0);
  }
  writing.reset();
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(reading.get(), buffer.data(), buffer.size());
  ::waitpid(child, nullptr, 0);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("without CAP_NET_ADMIN applying and listing say what is needed") {
  const Machine machine;
  const auto message_of = [](const auto& result) { return result ? std::string("it worked") : result.error().message; };
  CHECK(
      error_without_capabilities([&] { return message_of(apply::apply(*make_kernel(), accepting_ports({22}))); }) ==
      "list the rules of nf_tables: no permission: changing or reading the firewall needs CAP_NET_ADMIN (root has it)");
  restore_ipv4("*filter\nCOMMIT\n");
  const std::string listing = error_without_capabilities(
      [&] { return message_of(apply::list(*make_kernel(), apply::Options().state_directory)); });
  CHECK(listing.ends_with("no permission: changing or reading the firewall needs CAP_NET_ADMIN (root has it)"));
}
