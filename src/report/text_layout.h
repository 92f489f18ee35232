// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text that lines up in a terminal. Widths are columns on the screen, not bytes: a wide character
// takes two, a combining mark none. A table that does not fit its width breaks the lines of its
// last column, or else is written as one short block per row, so nothing is ever cut off. Control
// characters of users' own names are replaced, so that no name can move the cursor or change
// colours.

#include <string>
#include <string_view>
#include <vector>

namespace descant::report {

enum class Tone { kPlain, kStrong, kMuted, kGood, kBad, kCaution };

std::size_t display_width(std::string_view utf8);
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);
std::string printable(std::string_view text);  // without control characters; invalid UTF-8 is '?'

// The text in its tone, or as it is when `color` is false.
std::string paint(std::string_view text, Tone tone, bool color);

// Breaks at spaces so that no line is wider than `width`; every line begins with `indent` spaces.
// Ends with a newline unless the text is empty.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent = 0);

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

class TextTable {
 public:
  struct Column {
    std::string header;
    bool right_aligned = false;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add_row(std::vector<Cell> cells);  // as many as there are columns
  void add_group(std::string title);      // a line of its own between rows
  bool empty() const { return rows_.empty(); }
  std::string render(std::size_t width, bool color, std::size_t indent = 2) const;

 private:
  struct Row {
    std::string group;  // when not empty, the row is a group title
    std::vector<Cell> cells;
  };

  std::string render_lines(const std::vector<std::size_t>& widths, bool color,
                           std::size_t indent) const;
  std::string last_cell(const Cell& cell, std::size_t width, std::size_t begins, bool color) const;
  std::string render_blocks(std::size_t width, bool color, std::size_t indent) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace descant::report
