// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

constexpr std::size_t kBarColumns = 24;
constexpr double kSecondsBeforeRate = 0.5;  // an earlier estimate would jump about
constexpr auto kRedraw = std::chrono::milliseconds(100);

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
  std::string text;
  for (std::size_t i = 0; i < kBarColumns; ++i) text += i < full ? "━" : "╌";
  return text;
}

}  // namespace

std::string progress_line(const Progress& progress, double seconds, std::size_t width) {
  std::vector<std::string> parts = {std::string(progress.step)};
  const auto done = static_cast<double>(progress.done);
  const double share =
      progress.total > 0 ? std::min(1.0, done / static_cast<double>(progress.total)) : 0.0;
  if (progress.total > 0) {
    parts.push_back(bar(share));
    parts.push_back(fmt::format("{:3.0f}%", share * 100.0));
  }
  parts.push_back(format_count(progress.done) + " " + std::string(progress.unit));
  if (seconds >= kSecondsBeforeRate && done > 0) {
    const double rate = done / seconds;
    parts.push_back(
        fmt::format("{} {}/s", format_count(static_cast<std::uint64_t>(rate)), progress.unit));
    if (progress.total > progress.done)
      parts.push_back(format_seconds((static_cast<double>(progress.total) - done) / rate) +
                      " left");
  }
  std::string line;
  for (const auto& part : parts) {
    const std::string longer = line.empty() ? part : line + "  " + part;
    if (report::display_width(longer) > width) break;
    line = longer;
  }
  return line;
}

void ProgressLine::show(const Progress& progress) {
  const auto now = Clock::now();
  if (progress.step != step_) {
    step_ = progress.step;
    step_began_ = now;
  } else if (now - drawn_ < kRedraw) {
    return;
  }
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - step_began_).count();
  const std::string line = "\r\x1b[2K" + progress_line(progress, seconds, width_ - 1);
  std::fwrite(line.data(), 1, line.size(), stream_);
  std::fflush(stream_);
  visible_ = true;
}

void ProgressLine::clear() {
  if (!visible_) return;
  constexpr std::string_view kErase = "\r\x1b[2K";
  std::fwrite(kErase.data(), 1, kErase.size(), stream_);
  std::fflush(stream_);
  visible_ = false;
}

}  // namespace descant::cli
