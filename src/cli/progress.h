// SPDX-License-Identifier: Apache-2.0
#pragma once

// The progress of a long step as one line that is redrawn in place: a bar when the total is known,
// rows, rows a second, and the time left. Drawn at most ten times a second.

#include <chrono>
#include <cstdio>
#include <string>

#include "base/parallel.h"

namespace descant::cli {

// "plays  ━━━━━━╌╌╌╌  43%  12,345,678 rows  3,400,000 rows/s  12 s left", at most `width` columns;
// what does not fit is left off from the end. `seconds` since the step began.
std::string progress_line(const Progress& progress, double seconds, std::size_t width);

class ProgressLine {
 public:
  ProgressLine(std::FILE* stream, std::size_t width) : stream_(stream), width_(width) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  void clear();  // leaves an empty line to write on

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* stream_;
  std::size_t width_;
  std::string step_;
  Clock::time_point step_began_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

}  // namespace descant::cli
