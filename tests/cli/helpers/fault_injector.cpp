// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/fault_injector.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/unique_fd.h"

namespace vuurmuur::test {
namespace {

struct Watched {
  int number;
  const char* name;
};

constexpr std::array kWatched{
    Watched{SYS_write, "write"},      Watched{SYS_fsync, "fsync"},
    Watched{SYS_renameat2, "rename"}, Watched{SYS_openat, "open"},
#ifdef SYS_rename
    Watched{SYS_rename, "rename"},
#endif
#ifdef SYS_renameat
    Watched{SYS_renameat, "rename"},
#endif
};

/// Asks the tracer about the watched calls; gives the descriptor at which it is asked.
int install_filter() {
  std::vector<sock_filter> program{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offsetof(seccomp_data, nr)))};
  for (std::size_t i = 0; i < kWatched.size(); ++i)
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(kWatched[i].number),
                               static_cast<std::uint8_t>(kWatched.size() - i), 0));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

void send_descriptor(int socket, int fd) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  ::sendmsg(socket, &message, 0);
}

int receive_descriptor(int socket) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0 || CMSG_FIRSTHDR(&message) == nullptr) return -1;
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments, const std::string& directory, int socket,
                                 const std::string& err, const char* path) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setenv("VUURMUUR_STATE_DIR", directory.c_str(), 1);
  const int nowhere = ::open("/dev/null", O_RDWR);
  const int errors = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(nowhere, STDIN_FILENO);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  std::vector<char*> words{const_cast<char*>(path)};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int listener = install_filter();
  if (listener < 0) ::_exit(126);
  send_descriptor(socket, listener);
  ::close(listener);
  ::close(socket);
  ::execv(path, words.data());
  ::_exit(127);
}

/// Whether a call would change something in the directory.
bool counts(const seccomp_notif& asked, const std::string& directory) {
  if (asked.data.nr == SYS_openat) return (asked.data.args[2] & O_CREAT) != 0;
  if (asked.data.nr != SYS_write && asked.data.nr != SYS_fsync) return true;
  std::error_code error;
  const auto link = "/proc/" + std::to_string(asked.pid) + "/fd/" + std::to_string(asked.data.args[0]);
  return std::filesystem::read_symlink(link, error).string().starts_with(directory);
}

const char* name_of(int number) {
  for (const Watched& watched : kWatched)
    if (watched.number == number) return watched.name;
  return "";
}

}  // namespace

FaultyRun run_with_fault(const std::vector<std::string>& arguments, const std::string& directory, std::size_t nth,
                         int error, const std::string& path) {
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) throw std::runtime_error("socketpair failed");
  const base::UniqueFd mine(sockets[0]);
  base::UniqueFd its(sockets[1]);
  const std::string err = std::filesystem::temp_directory_path() / ("vuurmuur-fault-" + std::to_string(::getpid()));
  const pid_t program = ::fork();
  if (program < 0) throw std::runtime_error("fork failed");
  if (program == 0) become_program(arguments, directory, its.get(), err, path.empty() ? VM_PROGRAM : path.c_str());
  its.reset();
  FaultyRun run;
  const base::UniqueFd listener(receive_descriptor(mine.get()));
  std::size_t count = 0;
  while (listener) {
    pollfd waiting{listener.get(), POLLIN, 0};
    if (::poll(&waiting, 1, -1) < 0) continue;
    // Nobody is left who could ask.
    if ((waiting.revents & POLLIN) == 0) break;
    seccomp_notif asked{};
    if (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) continue;
    seccomp_notif_resp answer{};
    answer.id = asked.id;
    answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (counts(asked, directory) && ++count == nth) {
      answer.flags = 0;
      answer.error = -error;
      run.has_failed = true;
      run.call = name_of(asked.data.nr);
    }
    ::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  int status = 0;
  ::waitpid(program, &status, 0);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::ifstream file(err);
  run.err.assign(std::istreambuf_iterator<char>(file), {});
  std::filesystem::remove(err);
  return run;
}

}  // namespace vuurmuur::test
