// SPDX-License-Identifier: Apache-2.0
#include "warehouse/sql_error.h"

#include "base/text.h"

namespace descant::warehouse {
namespace {

// "Binder Error: text" -> "Binder", and the text alone.
std::string_view take_kind(std::string_view& message) {
  constexpr std::string_view kMark = " Error: ";
  const auto at = message.find(kMark);
  if (at == std::string_view::npos || at > 40) return {};
  const std::string_view kind = message.substr(0, at);
  message.remove_prefix(at + kMark.size());
  return kind;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    if (c == '\n' || c == '\t') {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += c;
    }
  }
  constexpr std::size_t kLongest = 600;  // the engine quotes whole lines of a file
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  while ((static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;  // whole characters
  return line.substr(0, end) + "…";
}

}  // namespace

Error sql_error(std::string_view engine_message, std::string where) {
  std::string_view message = engine_message;
  const std::string_view kind = take_kind(message);
  // What follows "LINE 1:" quotes a query that the user did not write.
  if (const auto line = message.find("\n\nLINE "); line != std::string_view::npos)
    message = message.substr(0, line);
  else if (const auto later = message.find("\nLINE "); later != std::string_view::npos)
    message = message.substr(0, later);
  // Advice on the engine's own options, the list of those it guessed, and that of every overload
  // say less than the sentence before them.
  for (const std::string_view mark :
       {"\nPossible solutions:", "\nPossible fixes:", "\n  file = ", "Candidate functions:"})
    message = message.substr(0, message.find(mark));
  std::string hint;
  for (const std::string_view mark : {"\nCandidate bindings:", "\nDid you mean"}) {
    const auto at = message.find(mark);
    if (at == std::string_view::npos) continue;
    hint = one_line(message.substr(at));
    message = message.substr(0, at);
  }
  const bool of_data = kind == "IO" || kind == "Conversion" || kind == "Invalid Input" ||
                       kind == "Out of Range" || kind == "Out of Memory" || kind == "HTTP" ||
                       kind == "Permission";
  if (hint.empty())
    hint = of_data ? "Correct the data, or take such values out in the source: `sql: SELECT …`."
                   : "Correct the SQL there; `descant check` lists every mistake at once.";
  Error error = of_data ? invalid_data(one_line(message), std::move(where), std::move(hint))
                        : invalid_definition(one_line(message), std::move(where), std::move(hint));
  if (kind == "Interrupt" || kind == "INTERRUPT") error.code = ErrorCode::kCancelled;
  if (kind == "INTERNAL" || kind == "Internal") error.code = ErrorCode::kInternal;
  return error;
}

}  // namespace descant::warehouse
