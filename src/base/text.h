// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text for people: nearest names for a misspelt one, numbers, percentages, durations and byte sizes
// as they are read aloud. Nothing here depends on the locale. NaN is written as an en dash.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descant {

// Edits (insert, delete, replace, swap of neighbours) between two words, ignoring case.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `word`, or empty when none is near enough to be a slip.
std::string nearest_name(std::string_view word, std::span<const std::string_view> known);

// "Did you mean 'x'?" when a name is near, else "Known: a, b, c." (the first twelve).
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

std::string format_count(std::uint64_t n);                       // 1,234,567
std::string plural(std::string_view noun);                       // listener -> listeners
std::string counted(std::int64_t count, std::string_view noun);  // 1 listener, 2 listeners
std::string format_number(double x, int digits = 4);  // significant digits, thousands separated
std::string format_percent(double share, int decimals = 2);         // 0.0123 -> 1.23%
std::string format_signed_percent(double share, int decimals = 2);  // 0.0123 -> +1.23%
std::string format_bytes(std::uint64_t bytes);                      // 1.2 GB
std::string format_seconds(double seconds);                         // 85 ms, 3.2 s, 4 min 05 s
std::string format_p_value(double p);                               // 0.0312, <0.0001

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

}  // namespace descant
