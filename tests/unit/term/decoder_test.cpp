// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/decoder.h"

#include <algorithm>
#include <deque>

#include "pty_pair.h"

using namespace vuurmuur;
using namespace std::chrono_literals;

namespace {

/// A paste of any size, without a terminal between.
class Clipboard : public term::UnitSource {
 public:
  explicit Clipboard(std::string bytes) : bytes_(std::move(bytes)) {}
  term::Unit next() override {
    if (!is_begun_) {
      is_begun_ = true;
      return term::PasteBegins{};
    }
    if (at_ == bytes_.size()) return term::NothingYet{};
    return term::Byte{static_cast<unsigned char>(bytes_[at_++])};
  }
  std::size_t read(std::span<char> bytes) override {
    const std::size_t size = std::min(bytes.size(), bytes_.size() - at_);
    bytes_.copy(bytes.data(), size, at_);
    at_ += size;
    return size;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  bool is_begun_ = false;
};

}  // namespace

TEST_CASE("a pasted megabyte is one input, and what is beyond the limit is left out") {
  const test::WithLocale utf8("C.UTF-8");
  const term::Decoder::Clock::time_point now{1h};
  for (const std::size_t size : {std::size_t{0}, std::size_t{1} << 20, term::Decoder::kPasteBytes,
                                 term::Decoder::kPasteBytes + 1, 3 * term::Decoder::kPasteBytes}) {
    Clipboard clipboard(std::string(size, 'x') + "\033[201~q");
    term::Decoder decoder(clipboard, term::Charset());
    const std::vector<ui::Input> inputs = decoder.take(now);
    REQUIRE(inputs.size() == 2);
    CHECK(std::get<ui::Paste>(inputs[0]).text.size() == std::min(size, term::Decoder::kPasteBytes));
    CHECK(inputs[1] == ui::Input(ui::Key::of(U'q')));
    CHECK_FALSE(decoder.is_pasting());
  }
}

TEST_CASE("who types without end gets his turn and no more") {
  struct Endless : term::UnitSource {
    term::Unit next() override { return term::Byte{'x'}; }
    std::size_t read(std::span<char>) override { return 0; }
  } endless;
  term::Decoder decoder(endless, term::Charset());
  CHECK(decoder.take(term::Decoder::Clock::time_point{1h}).size() == term::Decoder::kMostInputs);
  CHECK(decoder.has_more());
}
