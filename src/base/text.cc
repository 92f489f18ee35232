// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace descant {
namespace {

constexpr std::string_view kUndefined = "–";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string group_thousands(std::string digits) {
  const std::size_t start = !digits.empty() && digits[0] == '-' ? 1 : 0;
  std::size_t end = digits.find('.');
  if (end == std::string::npos) end = digits.size();
  for (std::size_t i = end; i > start + 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

// 0 in place of what would be written as -0.00.
double without_negative_zero(double x, int decimals) {
  return std::abs(x) * std::pow(10.0, decimals) < 0.5 ? 0.0 : x;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment distance, three rows.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string nearest_name(std::string_view word, std::span<const std::string_view> known) {
  std::string_view best;
  // Fewer edits than letters: otherwise any short name would be near to a short word.
  const std::size_t most = std::max<std::size_t>(2, word.size() / 3);
  std::size_t best_distance = std::min(most + 1, word.size());
  for (const auto name : known) {
    std::size_t distance = edit_distance(word, name);
    if (word.size() >= 3 && name.find(word) != std::string_view::npos)
      distance = std::min<std::size_t>(distance, 2);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return std::string(best);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  if (const auto near = nearest_name(word, known); !near.empty())
    return fmt::format("Did you mean '{}'?", near);
  if (known.empty()) return {};
  std::string text = "Known: ";
  constexpr std::size_t kListed = 12;
  for (std::size_t i = 0; i < std::min(kListed, known.size()); ++i) {
    if (i > 0) text += ", ";
    text += known[i];
  }
  return text + (known.size() > kListed ? ", …" : ".");
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  return did_you_mean(word, std::span<const std::string_view>(views));
}

std::string format_count(std::uint64_t n) { return group_thousands(std::to_string(n)); }

std::string plural(std::string_view noun) { return std::string(noun) + "s"; }

std::string counted(std::int64_t count, std::string_view noun) {
  const auto n = static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
  return format_count(n) + " " + (count == 1 ? std::string(noun) : plural(noun));
}

std::string format_number(double x, int digits) {
  if (std::isnan(x)) return std::string(kUndefined);
  if (std::isinf(x)) return x > 0 ? "∞" : "-∞";
  if (x == 0) return "0";
  const double size = std::abs(x);
  if (size >= 1e15 || size < 1e-6) return fmt::format("{:.{}e}", x, digits - 1);
  // The exponent after rounding: 999.96 with four digits is 1,000.
  const std::string rounded = fmt::format("{:.{}e}", size, digits - 1);
  const int before_point = std::stoi(rounded.substr(rounded.find('e') + 1)) + 1;
  const int decimals = std::max(0, digits - before_point);
  return group_thousands(fmt::format("{:.{}f}", x, decimals));
}

std::string format_percent(double share, int decimals) {
  if (!std::isfinite(share)) return std::string(kUndefined);
  return fmt::format("{:.{}f}%", without_negative_zero(share * 100.0, decimals), decimals);
}

std::string format_signed_percent(double share, int decimals) {
  if (!std::isfinite(share)) return std::string(kUndefined);
  return fmt::format("{:+.{}f}%", without_negative_zero(share * 100.0, decimals), decimals);
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < std::size(kUnits)) {
    size /= 1000.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes)
                   : fmt::format("{:.{}f} {}", size, size < 9.95 ? 1 : 0, kUnits[unit]);
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return std::string(kUndefined);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string format_p_value(double p) {
  if (!std::isfinite(p)) return std::string(kUndefined);
  return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator, start)) {
    parts.emplace_back(text.substr(start, at - start));
    start = at + 1;
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace descant
