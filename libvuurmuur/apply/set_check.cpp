// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/set_check.h"

#include <cerrno>

#include "ir/set_content.h"

namespace vuurmuur::apply {
namespace {

/// Undoes backend::in_kernel_form(): two halves of all addresses that differ in nothing else become one element again.
std::vector<ir::SetElement> without_halves(std::vector<ir::SetElement> elements) {
  for (const auto part : {&ir::SetElement::source, &ir::SetElement::destination})
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!(elements[i].*part) || (elements[i].*part)->length != 1) continue;
      for (std::size_t j = i + 1; j < elements.size(); ++j) {
        ir::SetElement other = elements[j];
        if (!(other.*part) || (other.*part)->length != 1 || other.*part == elements[i].*part) continue;
        other.*part = elements[i].*part;
        if (!other.has_same_key(elements[i])) continue;
        (elements[i].*part) = net::Prefix{.address = {.family = (elements[i].*part)->family()}, .length = 0};
        elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(j));
        break;
      }
    }
  return elements;
}

}  // namespace

base::Result<bool> holds_what_its_name_tells(Kernel& kernel, const std::string& name) {
  const auto told = ir::content_told_by(name);
  if (!told) return true;
  std::vector<ir::SetElement> elements;
  for (const SetMember& member : VM_TRY(kernel.read_set(name))) elements.push_back(member.element);
  return ir::content_hash(elements) == *told || ir::content_hash(without_halves(std::move(elements))) == *told;
}

base::Result<std::vector<std::string>> changed_sets(Kernel& kernel) {
  std::vector<std::string> changed;
  for (const KernelSet& set : VM_TRY(kernel.sets())) {
    if (!is_own_set(set.name)) continue;
    const auto is_right = holds_what_its_name_tells(kernel, set.name);
    // A load took it away meanwhile.
    if (!is_right && is_right.error().code == ENOENT) continue;
    if (!VM_TRY(base::Result<bool>(is_right))) changed.push_back(set.name);
  }
  return changed;
}

}  // namespace vuurmuur::apply
