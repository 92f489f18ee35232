// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

constexpr std::size_t kWidthWithoutTerminal = 100;
constexpr std::size_t kWidestText = 120;  // longer lines are hard to read

std::atomic<bool> stop_requested{false};

// A file is replaced whole, a link to one stays a link; devices and pipes are written to, because
// replacing them would take them away from everyone else.
Result<void> write_output(const std::string& file, std::string_view text) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const bool exists = fs::exists(file, ignored);
  if (!exists || fs::is_regular_file(file, ignored))
    return write_file_atomically(exists ? fs::canonical(file, ignored).string() : file, text);
  std::ofstream stream(file, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.flush()) return io_error("cannot write", file);
  return {};
}

void request_stop(int) { stop_requested.store(true, std::memory_order_relaxed); }

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

std::size_t terminal_width(std::FILE* stream) {
  winsize size{};
  if (!is_terminal(stream) || ::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return kWidthWithoutTerminal;
  return size.ws_col;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool Terminal::uses_color(std::FILE* stream) const {
  if (color != "auto") return color == "always";
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::strcmp(kind, "dumb") == 0;
  return is_terminal(stream) && !dumb && !is_set("NO_COLOR");
}

void Terminal::print(std::string_view text) {
  end_progress();
  if (reader_gone_ || output_failed_) return;
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), streams_.out);
  if (written == text.size() && std::fflush(streams_.out) == 0) return;
  if (errno == EPIPE)
    reader_gone_ = true;
  else
    output_failed_ = true;
}

void Terminal::remark(std::string_view text) {
  if (quiet) return;
  end_progress();
  std::fwrite(text.data(), 1, text.size(), streams_.err);
  std::fflush(streams_.err);
}

int Terminal::fail(const Error& error) {
  end_progress();
  std::string text = to_text(error);
  const std::string_view word = "error:";
  if (text.starts_with(word))
    text = report::paint(word, report::Tone::kBad, uses_color(streams_.err)) +
           text.substr(word.size());
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), streams_.err);
  return error.code == ErrorCode::kCancelled ? kStatusInterrupted : exit_status(error.code);
}

int Terminal::fail(const std::vector<Error>& errors) {
  int status = 0;
  for (const auto& error : errors) {
    const int own = fail(error);
    if (status == 0) status = own;
  }
  return status;
}

Result<void> Terminal::deliver(std::string_view text, const std::string& file) {
  if (file.empty() || file == "-") {
    print(text);
    return {};
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    return invalid_request("The output is a folder.", file, "Name a file in it.");
  auto written = write_output(file, text);
  if (!written) written.error().hint = "Name a file in a folder that exists and has room.";
  DESCANT_CHECK(std::move(written));
  remark("Wrote " + file + " (" + format_bytes(text.size()) + ").\n");
  return {};
}

report::TextStyle Terminal::text_style(const std::string& file) const {
  const bool to_stream = file.empty() || file == "-";
  report::TextStyle style;
  style.color = to_stream && uses_color(streams_.out);
  style.width =
      to_stream ? std::min(terminal_width(streams_.out), kWidestText) : kWidthWithoutTerminal;
  return style;
}

Watch Terminal::watch() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // so that a second Ctrl-C kills
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  Watch watch;
  watch.stop = &stop_requested;
  if (!quiet && is_terminal(streams_.err)) {
    progress_ = std::make_unique<ProgressLine>(streams_.err, terminal_width(streams_.err));
    watch.report = [this](const Progress& progress) {
      if (progress_) progress_->show(progress);
    };
  }
  return watch;
}

void Terminal::end_progress() {
  if (progress_) progress_->clear();
}

}  // namespace descant::cli
