// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/ipset.h"

#include <linux/netfilter/ipset/ip_set_hash.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "apply/ipset_attributes.h"
#include "apply/ipset_element.h"
#include "apply/ipset_socket.h"
#include "apply/table_errors.h"
#include "backend/set_type.h"
#include "base/poll_loop.h"

namespace vuurmuur::apply {
namespace {

/// What a number of enum ipset_errno means, and the errno that is nearest to it.
struct ReasonRow {
  int code;
  int nearest;
  std::string_view reason;
};

constexpr std::array<ReasonRow, 8> kReasons{{
    {IPSET_ERR_PROTOCOL, EPROTONOSUPPORT, "this kernel's ip_set speaks another version of its protocol"},
    {IPSET_ERR_FIND_TYPE, ENOENT, "this kernel has not got the type"},
    {IPSET_ERR_MAX_SETS, ENOSPC, "the kernel has as many sets as it can have"},
    {IPSET_ERR_BUSY, EBUSY, "a rule uses it"},
    {IPSET_ERR_REFERENCED, EBUSY, "a rule uses it"},
    {IPSET_ERR_EXIST_SETNAME2, EEXIST, "a set of that name is there already"},
    {IPSET_ERR_HASH_FULL, ENOSPC, "the set is full"},
    {IPSET_ERR_INVALID_CIDR, EINVAL, "the type cannot hold a prefix of that length"},
}};

base::Error error_of(std::string_view doing, const IpsetAnswer& answer) {
  for (const ReasonRow& row : kReasons)
    if (row.code == answer.code)
      return {.message = std::string(doing) + ": " + std::string(row.reason), .code = row.nearest};
  if (answer.code == EINVAL && !has_ip_set())
    return {.message = std::string(doing) + ": this kernel has no ip_set (module ip_set is missing or not loaded)",
            .code = ENOPROTOOPT};
  if (answer.code >= IPSET_ERR_PRIVATE)
    return {.message = std::string(doing) + ": ip_set refused it (its error " + std::to_string(answer.code) + ")",
            .code = EINVAL};
  return {.message = std::string(doing) + ": " + plain_reason(answer.code), .code = answer.code};
}

std::uint8_t family_number(net::Family family) { return family == net::Family::Ipv4 ? AF_INET : AF_INET6; }

/// Sends elements, as many a request as fit. `extras_of(i)` tells what element i has besides its key. Lines are counted
/// from 1.
template <class ElementOf, class ExtrasOf>
IpsetAnswer send_elements(IpsetSocket& socket, std::string_view name, std::size_t count, ElementOf element_of,
                          ExtrasOf extras_of, ipset_cmd command = IPSET_CMD_ADD) {
  for (std::size_t next = 0; next < count;) {
    IpsetRequest request(command, name);
    request.put_line(IPSET_ATTR_LINENO, static_cast<std::uint32_t>(next + 1));
    nlattr* const elements = request.open(IPSET_ATTR_ADT);
    for (; next < count && request.has_room(); ++next)
      put_element(request, element_of(next), static_cast<std::uint32_t>(next + 1), extras_of(next));
    request.close(elements);
    if (const IpsetAnswer answer = socket.ask(request); answer.code != 0) return answer;
  }
  return {};
}

/// The name that a set has until it is whole.
std::string unfinished_name(net::Family family) {
  return std::string(ir::kOwnSetPrefix) + (family == net::Family::Ipv4 ? "4" : "6") + "-unfinished";
}

/// Whether the kernel has a type in a revision, or what it has instead.
base::Result<void> check_type(IpsetSocket& socket, const backend::SetType& type, net::Family family) {
  const std::string doing = "find the set type " + std::string(type.name);
  IpsetRequest request(IPSET_CMD_TYPE, {});
  request.put_text(IPSET_ATTR_TYPENAME, type.name);
  request.put_u8(IPSET_ATTR_FAMILY, family_number(family));
  std::uint8_t newest = 0, oldest = 0;
  const IpsetAnswer answer = socket.ask(request, [&](const nlmsghdr* message) {
    const CommandAttributes attributes(message);
    if (attributes[IPSET_ATTR_REVISION] != nullptr) newest = mnl_attr_get_u8(attributes[IPSET_ATTR_REVISION]);
    if (attributes[IPSET_ATTR_REVISION_MIN] != nullptr) oldest = mnl_attr_get_u8(attributes[IPSET_ATTR_REVISION_MIN]);
  });
  if (answer.code != 0) return std::unexpected(error_of(doing, answer));
  if (oldest <= type.revision && type.revision <= newest) return {};
  return std::unexpected(base::Error{.message = doing + ": this kernel has it in the revisions " +
                                                std::to_string(oldest) + " to " + std::to_string(newest) + ", not " +
                                                std::to_string(type.revision),
                                     .code = EPROTONOSUPPORT});
}

IpsetAnswer create_empty(IpsetSocket& socket, const ir::Set& set, const backend::SetType& type, std::string_view name,
                         bool has_comments) {
  IpsetRequest request(IPSET_CMD_CREATE, name, NLM_F_CREATE | NLM_F_EXCL);
  request.put_text(IPSET_ATTR_TYPENAME, type.name);
  request.put_u8(IPSET_ATTR_REVISION, type.revision);
  request.put_u8(IPSET_ATTR_FAMILY, family_number(set.family));
  nlattr* const data = request.open(IPSET_ATTR_DATA);
  request.put_u32(IPSET_ATTR_HASHSIZE, backend::set_hash_size(set.elements.size()));
  request.put_u32(IPSET_ATTR_MAXELEM, backend::set_capacity(set));
  // 0: elements stay unless they say otherwise.
  if (set.is_timed()) request.put_u32(IPSET_ATTR_TIMEOUT, 0);
  if (set.is_counted)
    request.put_u32(IPSET_ATTR_CADT_FLAGS,
                    IPSET_FLAG_WITH_COUNTERS | (has_comments ? unsigned{IPSET_FLAG_WITH_COMMENT} : 0u));
  request.close(data);
  return socket.ask(request);
}

IpsetAnswer destroy(IpsetSocket& socket, std::string_view name) {
  IpsetRequest request(IPSET_CMD_DESTROY, name);
  return socket.ask(request);
}

/// IPSET_CMD_RENAME or IPSET_CMD_SWAP.
IpsetAnswer change_name(IpsetSocket& socket, ipset_cmd command, std::string_view from, std::string_view to) {
  IpsetRequest request(command, from);
  request.put_text(IPSET_ATTR_SETNAME2, to);
  return socket.ask(request);
}

/// Gives a set that is whole its name. One that has the name gives it away, with the rules that ask it, and goes.
IpsetAnswer put_in_place(IpsetSocket& socket, std::string_view whole, std::string_view name) {
  const IpsetAnswer renamed = change_name(socket, IPSET_CMD_RENAME, whole, name);
  if (renamed.code != IPSET_ERR_EXIST_SETNAME2) return renamed;
  const IpsetAnswer swapped = change_name(socket, IPSET_CMD_SWAP, whole, name);
  return swapped.code == 0 ? destroy(socket, whole) : swapped;
}

/// ip_set counts in seconds, and takes no more of them (IPSET_MAX_TIMEOUT).
std::uint32_t timeout_of(const TimedElement& element, std::int64_t now) {
  constexpr std::uint64_t kMost = UINT32_MAX / 1000;
  return static_cast<std::uint32_t>(std::min(kMost, (milliseconds_left(element.deadline, now) + 999) / 1000));
}

IpsetAnswer add_timed(IpsetSocket& socket, std::string_view name, std::span<const TimedElement> added) {
  const std::int64_t now = base::boottime();
  return send_elements(
      socket, name, added.size(), [&](std::size_t i) { return ir::SetElement{.source = added[i].prefix}; },
      [&](std::size_t i) { return ElementExtras{.timeout = timeout_of(added[i], now)}; });
}

std::expected<std::uint16_t, IpsetAnswer> index_of(IpsetSocket& socket, std::string_view name) {
  IpsetRequest request(IPSET_CMD_GET_BYNAME, name);
  std::uint16_t index = IPSET_INVALID_ID;
  const IpsetAnswer answer = socket.ask(request, [&](const nlmsghdr* message) {
    index = CommandAttributes(message).number<std::uint16_t>(IPSET_ATTR_INDEX);
  });
  if (answer.code != 0) return std::unexpected(answer);
  return index;
}

}  // namespace

base::Result<std::vector<KernelSet>> list_ipsets() {
  std::vector<KernelSet> sets;
  if (!has_ip_set()) return sets;
  IpsetSocket socket = VM_TRY(IpsetSocket::open());
  IpsetRequest request(IPSET_CMD_LIST, {});
  request.put_u32(IPSET_ATTR_FLAGS, IPSET_FLAG_LIST_HEADER);
  const IpsetAnswer answer = socket.dump(request, [&](const nlmsghdr* message) {
    const CommandAttributes set(message);
    const HeaderAttributes header(set[IPSET_ATTR_DATA]);
    sets.push_back({.name = set.text(IPSET_ATTR_SETNAME),
                    .index = set.number<std::uint16_t>(IPSET_ATTR_INDEX),
                    .type = set.text(IPSET_ATTR_TYPENAME),
                    .references = header.number<std::uint32_t>(IPSET_ATTR_REFERENCES),
                    .elements = header.number<std::uint32_t>(IPSET_ATTR_ELEMENTS)});
  });
  if (answer.code != 0) return std::unexpected(error_of("list the sets", answer));
  return sets;
}

bool has_ipset_type(net::Family family, const backend::SetType& type) {
  auto socket = IpsetSocket::open();
  return socket && check_type(*socket, type, family);
}

std::expected<std::uint16_t, SetRefusal> create_ipset(const ir::Set& set, const SetDetails& details) {
  const auto refused = [](base::Error error) { return std::unexpected(SetRefusal{.error = std::move(error)}); };
  auto socket = IpsetSocket::open();
  if (!socket) return refused(std::move(socket.error()));
  const backend::SetType type = backend::set_type(set);
  const std::string doing = "make a set of type " + std::string(type.name);
  const std::string unfinished = unfinished_name(set.family);
  // Of one that was killed in the middle; no rule of ours asks it.
  if (const auto removed = destroy(*socket, unfinished);
      removed.code == IPSET_ERR_BUSY || removed.code == IPSET_ERR_REFERENCED)
    return refused(error_of("remove the set " + unfinished + ", under whose name sets are filled", removed));
  if (const auto known = check_type(*socket, type, set.family); !known) return refused(known.error());

  const bool has_comments = set.is_counted && !details.comments.empty();
  if (const auto made = create_empty(*socket, set, type, unfinished, has_comments); made.code != 0)
    return refused(error_of(doing, made));
  const auto fail = [&](SetRefusal refusal) {
    static_cast<void>(destroy(*socket, unfinished));
    return std::unexpected(std::move(refusal));
  };
  const auto extras_of = [&](std::size_t i) {
    ElementExtras extras;
    if (!details.counters.empty() && set.is_counted) extras.counters = &details.counters[i];
    if (has_comments) extras.comment = details.comments[static_cast<std::size_t>(set.elements[i].origin)];
    return extras;
  };
  const auto element_of = [&](std::size_t i) -> const ir::SetElement& { return set.elements[i]; };
  if (set.is_timed())
    if (const auto sent = add_timed(*socket, unfinished, details.timed); sent.code != 0)
      return fail({.error = error_of("fill the set", sent)});
  if (const auto sent = send_elements(*socket, unfinished, set.elements.size(), element_of, extras_of);
      sent.code != 0) {
    if (sent.line == 0 || sent.line > set.elements.size()) return fail({.error = error_of("fill the set", sent)});
    const std::size_t at = sent.line - 1;
    return fail({.error = error_of("add " + backend::element_text(set.elements[at]), sent), .element = at});
  }
  if (const auto renamed = put_in_place(*socket, unfinished, set.name); renamed.code != 0)
    return fail({.error = error_of("name the set", renamed)});
  const auto index = index_of(*socket, set.name);
  if (index) return *index;
  static_cast<void>(destroy(*socket, set.name));
  return refused(error_of("find the set that was made", index.error()));
}

base::Result<void> destroy_ipset(std::string_view name) {
  IpsetSocket socket = VM_TRY(IpsetSocket::open());
  const IpsetAnswer answer = destroy(socket, name);
  if (answer.code == 0) return {};
  return std::unexpected(error_of("remove the set " + std::string(name), answer));
}

base::Result<std::vector<SetMember>> read_ipset(std::string_view name) {
  IpsetSocket socket = VM_TRY(IpsetSocket::open());
  IpsetRequest request(IPSET_CMD_LIST, name);
  std::vector<SetMember> members;
  const IpsetAnswer answer = socket.dump(request, [&](const nlmsghdr* message) {
    const CommandAttributes set(message);
    for_each_attribute(set[IPSET_ATTR_ADT], [&](const nlattr* element) { members.push_back(read_member(element)); });
  });
  if (answer.code != 0) return std::unexpected(error_of("read the set " + std::string(name), answer));
  return members;
}

base::Result<void> update_ipset(std::string_view name, std::span<const SetMember> members, bool with_counters) {
  IpsetSocket socket = VM_TRY(IpsetSocket::open());
  const auto element_of = [&](std::size_t i) -> const ir::SetElement& { return members[i].element; };
  const auto extras_of = [&](std::size_t i) {
    return ElementExtras{.counters = with_counters ? &members[i].counters : nullptr, .comment = members[i].comment};
  };
  const IpsetAnswer answer = send_elements(socket, name, members.size(), element_of, extras_of);
  if (answer.code == 0) return {};
  return std::unexpected(error_of("change the set " + std::string(name), answer));
}

base::Result<void> change_timed_ipset(std::string_view name, std::span<const TimedElement> added,
                                      std::span<const net::Prefix> removed) {
  if (!has_ip_set()) return base::system_error("change the set " + std::string(name), ENOENT);
  IpsetSocket socket = VM_TRY(IpsetSocket::open());
  IpsetAnswer answer;
  // One by one: the kernel stops at the first that is not there.
  for (const net::Prefix& prefix : removed) {
    answer = send_elements(
        socket, name, 1, [&](std::size_t) { return ir::SetElement{.source = prefix}; },
        [](std::size_t) { return ElementExtras{}; }, IPSET_CMD_DEL);
    if (answer.code == IPSET_ERR_EXIST) answer = {};
    if (answer.code != 0) break;
  }
  if (answer.code == 0 && !added.empty()) answer = add_timed(socket, name, added);
  if (answer.code == 0) return {};
  return std::unexpected(error_of("change the set " + std::string(name), answer));
}

}  // namespace vuurmuur::apply
