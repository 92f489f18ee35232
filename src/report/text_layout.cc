// SPDX-License-Identifier: Apache-2.0
#include "report/text_layout.h"

#include <algorithm>

#include <utf8proc.h>

namespace descant::report {
namespace {

constexpr std::size_t kColumnGap = 2;
constexpr std::size_t kNarrowest = 20;  // a terminal that claims less is treated as this wide

// Calls f(code point, bytes) for each character; a negative code point marks an invalid byte.
template <class F>
void for_each_character(std::string_view text, const F& f) {
  while (!text.empty()) {
    utf8proc_int32_t code = -1;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code);
    const std::size_t taken = length > 0 ? static_cast<std::size_t>(length) : 1;
    f(length > 0 ? code : -1, text.substr(0, taken));
    text.remove_prefix(taken);
  }
}

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::kStrong:
      return "\x1b[1m";
    case Tone::kMuted:
      return "\x1b[2m";
    case Tone::kGood:
      return "\x1b[1;32m";
    case Tone::kBad:
      return "\x1b[1;31m";
    case Tone::kCaution:
      return "\x1b[1;33m";
    case Tone::kPlain:
      break;
  }
  return {};
}

void trim_right(std::string& text) {
  const auto last = text.find_last_not_of(' ');
  text.erase(last == std::string::npos ? 0 : last + 1);
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for_each_character(utf8, [&](utf8proc_int32_t code, std::string_view) {
    width += code < 0 ? 1 : static_cast<std::size_t>(utf8proc_charwidth(code));
  });
  return width;
}

std::string printable(std::string_view text) {
  std::string clean;
  for_each_character(text, [&](utf8proc_int32_t code, std::string_view bytes) {
    if (code < 0)
      clean += '?';
    else if (code == '\n' || code == '\t')
      clean += ' ';
    else if (utf8proc_category(code) == UTF8PROC_CATEGORY_CC)
      clean += "?";
    else
      clean += bytes;
  });
  return clean;
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t own = display_width(text);
  return std::string(text) + std::string(own < width ? width - own : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t own = display_width(text);
  return std::string(own < width ? width - own : 0, ' ') + std::string(text);
}

std::string paint(std::string_view text, Tone tone, bool color) {
  const auto escape = escape_of(tone);
  if (!color || escape.empty() || text.empty()) return std::string(text);
  return std::string(escape) + std::string(text) + "\x1b[0m";
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  const std::size_t room = std::max(width, indent + kNarrowest) - indent;
  std::string out, line;
  std::size_t line_width = 0;
  const auto finish_line = [&] {
    if (line.empty()) return;
    out += std::string(indent, ' ') + line + '\n';
    line.clear();
    line_width = 0;
  };
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    const std::size_t word_width = display_width(word);
    if (line_width > 0 && line_width + 1 + word_width > room) finish_line();
    if (line_width > 0) {
      line += ' ';
      ++line_width;
    }
    line += word;
    line_width += word_width;
  }
  finish_line();
  return out;
}

void TextTable::add_row(std::vector<Cell> cells) {
  for (auto& cell : cells) cell.text = printable(cell.text);
  cells.resize(columns_.size());
  rows_.push_back({{}, std::move(cells)});
}

void TextTable::add_group(std::string title) { rows_.push_back({printable(title), {}}); }

std::string TextTable::render(std::size_t width, bool color, std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) widths.push_back(display_width(column.header));
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.cells.size(); ++c)
      widths[c] = std::max(widths[c], display_width(row.cells[c].text));
  std::size_t total = indent + kColumnGap * (widths.empty() ? 0 : widths.size() - 1);
  for (const auto w : widths) total += w;
  if (total <= width) return render_lines(widths, color, indent);
  if (!columns_.back().right_aligned && total - widths.back() + kNarrowest <= width) {
    widths.back() -= total - width;
    return render_lines(widths, color, indent);
  }
  return render_blocks(width, color, indent);
}

std::string TextTable::render_lines(const std::vector<std::size_t>& widths, bool color,
                                    std::size_t indent) const {
  const std::string margin(indent, ' ');
  std::string header = margin;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c > 0) header += std::string(kColumnGap, ' ');
    header += columns_[c].right_aligned ? pad_left(columns_[c].header, widths[c])
                                        : pad_right(columns_[c].header, widths[c]);
  }
  trim_right(header);
  std::string out;
  if (!header.empty()) out += paint(header, Tone::kMuted, color) + "\n";
  for (const auto& row : rows_) {
    if (!row.group.empty()) {
      out += margin + paint(row.group, Tone::kMuted, color) + "\n";
      continue;
    }
    std::string line = margin;
    std::size_t last_begins = indent;
    for (std::size_t c = 0; c + 1 < row.cells.size(); ++c) {
      const auto& cell = row.cells[c];
      const std::string gap(widths[c] - display_width(cell.text), ' ');
      const std::string text = paint(cell.text, cell.tone, color);
      line += (columns_[c].right_aligned ? gap + text : text + gap) + std::string(kColumnGap, ' ');
      last_begins += widths[c] + kColumnGap;
    }
    line += last_cell(row.cells.back(), widths.back(), last_begins, color);
    trim_right(line);
    out += line + "\n";
  }
  return out;
}

// Broken over several lines when it is too wide; the further ones begin below the first.
std::string TextTable::last_cell(const Cell& cell, std::size_t width, std::size_t begins,
                                 bool color) const {
  const std::size_t own = display_width(cell.text);
  if (own <= width) {
    const std::string gap(columns_.back().right_aligned ? width - own : 0, ' ');
    return gap + paint(cell.text, cell.tone, color);
  }
  std::string lines = wrap(cell.text, begins + width, begins).substr(begins);
  lines.pop_back();
  return paint(lines, cell.tone, color);
}

std::string TextTable::render_blocks(std::size_t width, bool color, std::size_t indent) const {
  const std::string margin(indent, ' ');
  std::string out;
  for (const auto& row : rows_) {
    if (!row.group.empty()) {
      out += margin + paint(row.group, Tone::kMuted, color) + "\n";
      continue;
    }
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const auto& cell = row.cells[c];
      if (cell.text.empty()) continue;
      if (c == 0) {
        out += margin + paint(cell.text, Tone::kStrong, color) + "\n";
        continue;
      }
      const std::string label = columns_[c].header.empty() ? "" : columns_[c].header + ": ";
      std::string lines = wrap(label + cell.text, width, indent + 2);
      if (!lines.empty() && cell.tone != Tone::kPlain) {
        lines.pop_back();
        lines = paint(lines, cell.tone, color) + "\n";
      }
      out += lines;
    }
  }
  return out;
}

}  // namespace descant::report
