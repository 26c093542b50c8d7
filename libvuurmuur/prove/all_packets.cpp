// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/all_packets.h"

#include "analyse/device_names.h"

namespace vuurmuur::prove {

using analyse::Field;

Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout) {
  Region all;
  all.box = fields.everything();
  all.box[Field::Chain] = analyse::Interval::one(0);
  all.box[Field::In] = all.box[Field::Out] = analyse::Interval{};
  all.when.last_number = last_number(layout);
  return all;
}

Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout, Hook hook) {
  Region all = everything(fields, layout);
  const analyse::Interval none = analyse::names_of_devices("", /*is_beginning=*/false);
  if (hook == Hook::Input) all.box[Field::Out] = none;
  if (hook == Hook::Output) all.box[Field::In] = none;
  return all;
}

}  // namespace vuurmuur::prove
