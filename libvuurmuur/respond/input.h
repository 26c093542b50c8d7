// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/poll_loop.h"
#include "base/result.h"

namespace vuurmuur::respond {

/// Where alerts come from. The names are those of "filetype" in Suricata's configuration.
struct InputAddress {
  enum class Kind : std::uint8_t {
    Datagrams,  ///< "unix_dgram:PATH": a socket that is made here
    Stream,     ///< "unix_stream:PATH": the same, for those who connect
    File,       ///< "regular:PATH": what is written to a file from now on, over rotations
    Standard,   ///< "-": standard input, until it ends
  };
  Kind kind = Kind::Datagrams;
  std::string path{};

  /// The error says what was expected.
  [[nodiscard]] static std::expected<InputAddress, std::string> parse(std::string_view text);
};

/// Lines as they come. What it opened it closes; a socket in the file system goes with it.
class Input {
 public:
  struct Callbacks {
    std::function<void(std::string_view line)> line;
    std::function<void()> pause;                  ///< nothing more at the moment
    std::function<void(base::Result<void>)> end;  ///< nothing will come any more
  };

  /// Reads whenever `loop` says so, which must outlive it. At an address whose socket is there already but has nobody,
  /// it is taken over.
  [[nodiscard]] static base::Result<std::unique_ptr<Input>> open(const InputAddress& address, base::PollLoop& loop,
                                                                 Callbacks callbacks);

  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;

  /// Lines that were too long.
  [[nodiscard]] virtual std::size_t skipped() const = 0;
};

}  // namespace vuurmuur::respond
