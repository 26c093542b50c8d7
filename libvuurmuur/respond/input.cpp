// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "ipc/socket_address.h"
#include "respond/line_cutter.h"

namespace vuurmuur::respond {
namespace {

constexpr std::size_t kPiece = 256 << 10;
/// Pieces that are read before others have their turn.
constexpr int kPiecesAtOnce = 16;
constexpr std::size_t kMostWriters = 64;
constexpr int kRoom = 8 << 20;

/// Whether nobody is at a socket any more.
bool is_left(const sockaddr_un& address, int type) {
  const base::UniqueFd probe(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  return probe && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

/// A socket in the file system, which goes with it.
class BoundSocket {
 public:
  BoundSocket() = default;
  BoundSocket(base::UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  BoundSocket(BoundSocket&& other) noexcept : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, {})) {}
  BoundSocket& operator=(BoundSocket&&) = delete;
  ~BoundSocket() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  [[nodiscard]] static base::Result<BoundSocket> bind(const std::string& path, int type) {
    const sockaddr_un address = VM_TRY(ipc::socket_address(path));
    const auto doing = "make the socket '" + path + "'";
    base::UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return base::system_error(doing, errno);
    if (is_left(address, type)) ::unlink(path.c_str());
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return base::system_error(doing, errno);
    BoundSocket bound(std::move(fd), path);
    // The inspector may be of the group, not everybody.
    if (::chmod(path.c_str(), 0660) != 0) return base::system_error(doing, errno);
    ::setsockopt(bound.get(), SOL_SOCKET, SO_RCVBUF, &kRoom, sizeof kRoom);
    return bound;
  }

  [[nodiscard]] int get() const { return fd_.get(); }

 private:
  base::UniqueFd fd_;
  std::string path_;
};

/// One that reads descriptors into lines.
class Reader : public Input {
 public:
  Reader(base::PollLoop& loop, Callbacks callbacks) : loop_(loop), tell_(std::move(callbacks)), piece_(kPiece) {}

 protected:
  enum class Got : std::uint8_t { More, Nothing, End };

  /// Reads what a descriptor has, as much as one turn may.
  base::Result<Got> take(int fd, LineCutter& lines, bool whole_pieces = false) {
    for (int pieces = 0; pieces < kPiecesAtOnce; ++pieces) {
      const ssize_t size = ::read(fd, piece_.data(), piece_.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return Got::Nothing;
      if (size < 0) return base::system_error("read alerts", errno);
      if (size == 0 && !whole_pieces) return Got::End;
      lines.add({piece_.data(), static_cast<std::size_t>(size)}, tell_.line);
      // A datagram ends its line even when its writer does not.
      if (whole_pieces && size != 0 && piece_[static_cast<std::size_t>(size) - 1] != '\n') lines.add("\n", tell_.line);
    }
    return Got::More;
  }

  base::PollLoop& loop_;
  Callbacks tell_;
  std::vector<char> piece_;
};

class Datagrams final : public Reader {
 public:
  Datagrams(base::PollLoop& loop, Callbacks callbacks, BoundSocket socket)
      : Reader(loop, std::move(callbacks)), socket_(std::move(socket)) {
    loop_.watch(socket_.get(), POLLIN, [this](short) {
      if (const auto got = take(socket_.get(), lines_, true); !got) return tell_.end(std::unexpected(got.error()));
      tell_.pause();
    });
  }
  ~Datagrams() override { loop_.forget(socket_.get()); }
  [[nodiscard]] std::size_t skipped() const override { return lines_.skipped(); }

 private:
  BoundSocket socket_;
  LineCutter lines_;
};

class Stream final : public Reader {
 public:
  Stream(base::PollLoop& loop, Callbacks callbacks, BoundSocket socket)
      : Reader(loop, std::move(callbacks)), socket_(std::move(socket)) {
    loop_.watch(socket_.get(), POLLIN, [this](short) { accept(); });
  }
  ~Stream() override {
    loop_.forget(socket_.get());
    for (const auto& [fd, writer] : writers_) loop_.forget(fd);
  }
  [[nodiscard]] std::size_t skipped() const override {
    std::size_t sum = skipped_;
    for (const auto& [fd, writer] : writers_) sum += writer.lines.skipped();
    return sum;
  }

 private:
  struct Writer {
    base::UniqueFd fd;
    LineCutter lines{};
  };

  void accept() {
    base::UniqueFd fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    // One too many is closed at once.
    if (!fd || writers_.size() >= kMostWriters) return;
    const int number = fd.get();
    writers_.emplace(number, Writer{.fd = std::move(fd)});
    loop_.watch(number, POLLIN, [this, number](short) { read(number); });
  }

  void read(int number) {
    const auto writer = writers_.find(number);
    const auto got = take(number, writer->second.lines);
    if (!got || *got == Got::End) {
      skipped_ += writer->second.lines.skipped();
      loop_.forget(number);
      writers_.erase(writer);
    }
    tell_.pause();
  }

  BoundSocket socket_;
  std::map<int, Writer> writers_;
  std::size_t skipped_ = 0;  ///< of writers that went
};

class Standard final : public Reader {
 public:
  Standard(base::PollLoop& loop, Callbacks callbacks) : Reader(loop, std::move(callbacks)) {
    loop_.watch(STDIN_FILENO, POLLIN, [this](short) {
      // One piece a turn: the descriptor may be one that waits.
      const ssize_t size = ::read(STDIN_FILENO, piece_.data(), piece_.size());
      if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
      if (size > 0) {
        lines_.add({piece_.data(), static_cast<std::size_t>(size)}, tell_.line);
        return tell_.pause();
      }
      const int code = errno;
      loop_.forget(STDIN_FILENO);
      if (size == 0) lines_.add("\n", tell_.line);
      tell_.pause();
      tell_.end(size == 0 ? base::Result<void>() : base::system_error("read standard input", code));
    });
  }
  ~Standard() override { loop_.forget(STDIN_FILENO); }
  [[nodiscard]] std::size_t skipped() const override { return lines_.skipped(); }

 private:
  LineCutter lines_;
};

/// A file that grows, and that another one takes the place of now and then. There need not be one yet.
class File final : public Reader {
 public:
  File(base::PollLoop& loop, Callbacks callbacks, base::UniqueFd notes, std::string path)
      : Reader(loop, std::move(callbacks)), notes_(std::move(notes)), path_(std::move(path)) {
    open_file();
    if (file_) ::lseek(file_.get(), 0, SEEK_END);
    loop_.watch(notes_.get(), POLLIN, [this](short) { look(); });
  }
  ~File() override { loop_.forget(notes_.get()); }
  [[nodiscard]] std::size_t skipped() const override { return lines_.skipped(); }

 private:
  void look() {
    // What changed is found out by looking; the notes only say when.
    std::array<char, 4096> notes;
    while (::read(notes_.get(), notes.data(), notes.size()) > 0) continue;
    read_on();
    if (is_another()) {
      open_file();
      read_on();
    }
    tell_.pause();
  }

  void read_on() {
    if (!file_) return;
    struct stat status {};
    // Emptied in place, as by copytruncate of logrotate.
    if (::fstat(file_.get(), &status) == 0 && status.st_size < ::lseek(file_.get(), 0, SEEK_CUR))
      ::lseek(file_.get(), 0, SEEK_SET);
    auto got = take(file_.get(), lines_);
    while (got && *got == Got::More) got = take(file_.get(), lines_);
    if (!got) tell_.end(std::unexpected(got.error()));
  }

  [[nodiscard]] bool is_another() const {
    struct stat there {
    }, open{};
    if (::stat(path_.c_str(), &there) != 0) return false;
    return !file_ || ::fstat(file_.get(), &open) != 0 || there.st_ino != open.st_ino || there.st_dev != open.st_dev;
  }

  void open_file() {
    file_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (file_) ::inotify_add_watch(notes_.get(), path_.c_str(), IN_MODIFY);
  }

  base::UniqueFd notes_;
  std::string path_;
  base::UniqueFd file_;
  LineCutter lines_;
};

base::Result<base::UniqueFd> notes_of_directory(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  base::UniqueFd notes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!notes || ::inotify_add_watch(notes.get(), directory.c_str(), IN_CREATE | IN_MOVED_TO) < 0)
    return base::system_error("watch the directory '" + directory + "'", errno);
  return notes;
}

}  // namespace

std::expected<InputAddress, std::string> InputAddress::parse(std::string_view text) {
  if (text == "-") return InputAddress{.kind = Kind::Standard};
  constexpr std::array<std::pair<std::string_view, Kind>, 3> kKinds{
      {{"unix_dgram:", Kind::Datagrams}, {"unix_stream:", Kind::Stream}, {"regular:", Kind::File}}};
  for (const auto& [word, kind] : kKinds)
    if (text.starts_with(word) && text.size() > word.size())
      return InputAddress{.kind = kind, .path = std::string(text.substr(word.size()))};
  return std::unexpected("expected unix_dgram:PATH, unix_stream:PATH, regular:PATH or -, not '" + std::string(text) +
                         "'");
}

base::Result<std::unique_ptr<Input>> Input::open(const InputAddress& address, base::PollLoop& loop,
                                                 Callbacks callbacks) {
  switch (address.kind) {
    case InputAddress::Kind::Datagrams: {
      BoundSocket socket = VM_TRY(BoundSocket::bind(address.path, SOCK_DGRAM));
      return std::make_unique<Datagrams>(loop, std::move(callbacks), std::move(socket));
    }
    case InputAddress::Kind::Stream: {
      BoundSocket socket = VM_TRY(BoundSocket::bind(address.path, SOCK_STREAM));
      if (::listen(socket.get(), SOMAXCONN) != 0)
        return base::system_error("listen at the socket '" + address.path + "'", errno);
      return std::make_unique<Stream>(loop, std::move(callbacks), std::move(socket));
    }
    case InputAddress::Kind::File: {
      base::UniqueFd notes = VM_TRY(notes_of_directory(address.path));
      return std::make_unique<File>(loop, std::move(callbacks), std::move(notes), address.path);
    }
    case InputAddress::Kind::Standard: break;
  }
  return std::make_unique<Standard>(loop, std::move(callbacks));
}

}  // namespace vuurmuur::respond
