// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a command's words go: results to standard output or a file, errors and progress to standard
// error. Colour and the width follow the terminal and the --color flag. A reader that goes away
// (`| head`) ends the output quietly. Ctrl-C asks the running step to stop; a second one kills.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/parallel.h"
#include "base/result.h"
#include "cli/progress.h"
#include "report/report.h"

namespace descant::cli {

struct Streams {
  std::FILE* in = stdin;
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

inline constexpr int kStatusInterrupted = 130;

class Terminal {
 public:
  explicit Terminal(Streams streams) : streams_(streams) {}

  // Set by the flags that every command takes.
  std::string program;  // as the user called it
  std::size_t threads = 0;
  std::string color = "auto";  // auto | always | never
  bool quiet = false;

  std::FILE* input() const { return streams_.in; }
  void print(std::string_view text);
  void remark(std::string_view text);  // to standard error, unless --quiet
  bool reader_gone() const { return reader_gone_; }
  bool output_failed() const { return output_failed_; }  // for another reason, such as a full disk

  // Reports an error and returns the exit status that belongs to it.
  int fail(const Error& error);
  int fail(const std::vector<Error>& errors);  // all of them; the first decides

  // Prints the text, or writes it to `file` when one is named.
  Result<void> deliver(std::string_view text, const std::string& file);

  report::TextStyle text_style(const std::string& file = {}) const;
  Watch watch();
  void end_progress();

 private:
  bool uses_color(std::FILE* stream) const;

  Streams streams_;
  std::unique_ptr<ProgressLine> progress_;
  bool reader_gone_ = false;
  bool output_failed_ = false;
};

}  // namespace descant::cli
