// SPDX-License-Identifier: GPL-2.0-or-later
// A library to be loaded before others (LD_PRELOAD): CLOCK_REALTIME is off by the seconds in the file CLOCK_SHIFT_FILE.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

extern "C" time_t time(time_t* result) noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  const char* path = std::getenv("CLOCK_SHIFT_FILE");
  if (result != 0 || clock != CLOCK_REALTIME || path == nullptr) return static_cast<int>(result);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[32] = {};
  if (::read(fd, text, sizeof text - 1) > 0) time->tv_sec += std::strtol(text, nullptr, 10);
  ::close(fd);
  return 0;
}
