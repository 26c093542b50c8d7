// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <cwchar>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "term/charset.h"
#include "ui/input.h"

namespace vuurmuur::term {

/// What curses made of the bytes that came: one byte, a whole key, a button of the mouse, the mark before a paste,
/// something that is nobody's, or nothing for now.
struct NothingYet {};
struct Ignored {};
struct PasteBegins {};
struct Byte {
  unsigned char value;
};
using Unit = std::variant<NothingYet, Ignored, Byte, ui::Key, ui::Mouse, PasteBegins>;

/// Where units come from: curses, or a test.
class UnitSource {
 public:
  virtual ~UnitSource() = default;
  [[nodiscard]] virtual Unit next() = 0;
  /// Bytes as they are, without waiting; gives how many there were.
  [[nodiscard]] virtual std::size_t read(std::span<char> bytes) = 0;
};

/// Makes keys, clicks and pastes of units: characters of their bytes, Alt of an Esc before a key, double clicks, and a
/// paste of all that is between its marks. Whatever comes, it ends, and gives no key that nobody pressed: control
/// sequences that are no key (answers of the terminal, keys that we do not know) are left out as a whole, and so is
/// what is no character.
class Decoder {
 public:
  using Clock = std::chrono::steady_clock;

  /// So many inputs are given at once: who types without end must not keep everybody else from his turn.
  static constexpr std::size_t kMostInputs = 1000;
  /// The bytes of a paste that are kept.
  static constexpr std::size_t kPasteBytes = std::size_t{4} * 1024 * 1024;
  /// A paste whose end mark does not come for so long is over.
  static constexpr std::chrono::seconds kPastePause{2};
  /// Two clicks at one place within this are a double one.
  static constexpr std::chrono::milliseconds kDoubleClick{400};

  Decoder(UnitSource& source, Charset charset) : source_(&source), charset_(charset) {}

  /// All that has arrived until `now`. A character or a paste of which the rest is still to come is kept for the next
  /// call.
  [[nodiscard]] std::vector<ui::Input> take(Clock::time_point now);

  /// Whether take() gave so many inputs that it is to be called again at once, whatever the descriptor says: curses may
  /// hold some.
  [[nodiscard]] bool has_more() const { return has_more_; }

  /// Whether a paste has begun: take() is to be called again when kPastePause is over.
  [[nodiscard]] bool is_pasting() const { return paste_.has_value(); }

 private:
  struct PasteText {
    std::string text;
    std::string tail;  ///< what may be the beginning of the end mark
    Clock::time_point last;
  };

  [[nodiscard]] Unit next();
  void put_back(const Unit& unit);
  void decode(const Unit& unit, std::vector<ui::Input>& inputs);
  void decode_byte(unsigned char byte, bool has_alt, std::vector<ui::Input>& inputs);
  void decode_escape(std::vector<ui::Input>& inputs);
  void skip_sequence(unsigned char introducer);
  void click(ui::Mouse mouse, std::vector<ui::Input>& inputs);
  void read_paste(std::vector<ui::Input>& inputs);

  UnitSource* source_;
  Charset charset_;
  Clock::time_point now_;
  std::deque<Unit> put_back_;
  std::mbstate_t state_{};  ///< of a character whose first bytes have come
  bool has_alt_ = false;    ///< of that character
  bool has_more_ = false;
  std::optional<PasteText> paste_;
  std::optional<ui::Place> last_click_;
  Clock::time_point last_click_time_;
};

}  // namespace vuurmuur::term
