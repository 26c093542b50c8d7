// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vuurmuur::base {

/// For a program that fills much memory once and ends soon: asks for huge pages for the heap, each of which saves 511
/// page faults, and keeps what is freed for what comes next. Costs nothing but addresses until it is used. Does nothing
/// where the C library or the kernel does not know of it (mallopt(3), madvise(2)). To be called early, from main().
void prefer_huge_pages();

/// For a program that lives long and has just done something large: gives the kernel back what the heap holds and does not use
/// (malloc_trim(3)). Some milliseconds at most.
void give_memory_back();

}  // namespace vuurmuur::base
