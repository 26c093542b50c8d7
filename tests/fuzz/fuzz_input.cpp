// SPDX-License-Identifier: GPL-2.0-or-later
// What is typed: whatever comes in whatever pieces, reading it ends, and gives nothing that a person cannot press. Of
// each two bytes the first says what comes (most often a byte as it is), the second which.
#include <algorithm>
#include <clocale>
#include <cstdint>

#include "base/assert.h"
#include "term/decoder.h"

namespace {

using namespace vuurmuur;

class Bytes : public term::UnitSource {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  [[nodiscard]] bool is_over() const { return left_ == 0; }

  term::Unit next() override {
    const std::uint8_t what = take(), which = take();
    switch (what) {
      case 'k': return ui::Key{.code = static_cast<ui::KeyCode>(1 + which % 26)};
      case 'm': return ui::Mouse{.what = static_cast<ui::Mouse::What>(which % 4), .place = {which / 4 % 8, which / 32}};
      case 'p': return term::PasteBegins{};
      case 'i': return term::Ignored{};
      case 'n': return term::NothingYet{};
      default: break;
    }
    if (left_ == 0) return term::NothingYet{};
    return term::Byte{which};
  }

  std::size_t read(std::span<char> bytes) override {
    std::size_t size = 0;
    while (size < bytes.size() && left_ > 0) bytes[size++] = static_cast<char>(take());
    return size;
  }

 private:
  std::uint8_t take() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }

  const std::uint8_t* data_;
  std::size_t left_;
};

void check(const ui::Input& input) {
  const auto* key = std::get_if<ui::Key>(&input);
  if (key == nullptr || key->code != ui::KeyCode::Character) return;
  VM_ASSERT(key->character >= ' ' && (key->character < 0x7F || key->character >= 0xA0));
  VM_ASSERT(key->character <= 0x10FFFF && (key->character < 0xD800 || key->character > 0xDFFF));
  VM_ASSERT(ui::key_from(ui::name_of(*key)) == *key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool is_utf8 = std::setlocale(LC_ALL, "C.UTF-8") != nullptr;
  VM_ASSERT(is_utf8);
  Bytes bytes(data, size);
  term::Decoder decoder(bytes, term::Charset());
  term::Decoder::Clock::time_point now{std::chrono::hours(1)};
  std::size_t count = 0;
  while (!bytes.is_over() || decoder.has_more()) {
    for (const ui::Input& input : decoder.take(now)) {
      check(input);
      ++count;
    }
    now += std::chrono::milliseconds(100);
  }
  // A paste that is open is over in the end, and then there is nothing more.
  for (const ui::Input& input : decoder.take(now + std::chrono::hours(1))) check(input);
  VM_ASSERT(!decoder.is_pasting());
  VM_ASSERT(decoder.take(now + std::chrono::hours(2)).empty());
  VM_ASSERT(count <= size);
  return 0;
}
