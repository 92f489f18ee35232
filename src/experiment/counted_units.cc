// SPDX-License-Identifier: Apache-2.0
#include "experiment/counted_units.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "experiment/cell_moments.h"

namespace descant::experiment {

namespace {

constexpr std::uint64_t kExponentBits = std::uint64_t{0x7FF} << 52;

bool all_finite(const std::vector<double>& column, std::size_t begin, std::size_t end) {
  bool bad = false;
  for (std::size_t unit = begin; unit < end; ++unit)
    bad |= (std::bit_cast<std::uint64_t>(column[unit]) & kExponentBits) == kExponentBits;
  return !bad;
}

Result<void> check_lengths(const folds::UnitTable& units, const folds::MetricValues& values) {
  const auto wrong = [&](const char* what) {
    return internal_error(fmt::format("{} of '{}' does not fit the table", what, values.name),
                          "metrics." + values.name);
  };
  const auto fits = [&](const auto& column) { return column.size() == units.unit_count; };
  const auto optional_fits = [&](const auto& column) { return column.empty() || fits(column); };
  const std::size_t columns = values.numerator.size();
  if (columns != 1 && columns != units.days.size()) return wrong("the number of columns");
  if (!values.denominator.empty() && values.denominator.size() != columns)
    return wrong("the number of denominators");
  if (!std::all_of(values.numerator.begin(), values.numerator.end(), fits))
    return wrong("the numerator");
  if (!std::all_of(values.denominator.begin(), values.denominator.end(), fits))
    return wrong("the denominator");
  if (!optional_fits(values.mature_from)) return wrong("the maturity");
  return {};
}

// Fills first_day of one morsel from exposure and maturity alone. `exposed` and `mature` may be
// empty: everyone is, from the first day on.
void first_days(std::uint16_t days, std::span<const std::uint16_t> exposed,
                std::span<const std::uint16_t> mature, std::span<std::uint16_t> first_day) {
  std::fill(first_day.begin(), first_day.end(), std::uint16_t{0});
  if (!mature.empty())
    for (std::size_t i = 0; i < first_day.size(); ++i)
      first_day[i] = mature[i] >= days ? kImmature : mature[i];
  if (!exposed.empty())
    for (std::size_t i = 0; i < first_day.size(); ++i)
      first_day[i] = exposed[i] >= days ? kNotExposed : std::max(exposed[i], first_day[i]);
}

void mark_missing(const std::vector<double>& column, std::size_t begin, std::size_t end,
                  std::vector<std::uint16_t>& first_day) {
  if (all_finite(column, begin, end)) return;
  for (std::size_t unit = begin; unit < end; ++unit)
    if (!std::isfinite(column[unit]) && first_day[unit] < kDaysLimit) first_day[unit] = kMissing;
}

}  // namespace

Result<CountedUnits> counted_units(const folds::UnitTable& units, const folds::MetricValues& values,
                                   std::size_t threads) {
  DESCANT_CHECK(check_lengths(units, values));
  const std::size_t arms = units.variants.size();
  CountedUnits counted;
  counted.first_day.resize(units.unit_count);
  std::vector<std::vector<std::int64_t>> immature(morsel_count(units.unit_count),
                                                  std::vector<std::int64_t>(arms, 0));
  auto missing = immature;
  auto done = for_each_unit_morsel(
      units.unit_count, threads, [&](std::size_t morsel, std::size_t begin, std::size_t end) {
        auto& first_day = counted.first_day;
        const auto part = [&](const std::vector<std::uint16_t>& by_unit) {
          return std::span(by_unit).subspan(by_unit.empty() ? 0 : begin,
                                            by_unit.empty() ? 0 : end - begin);
        };
        first_days(static_cast<std::uint16_t>(units.days.size()), part(units.exposed_from),
                   part(values.mature_from), std::span(first_day).subspan(begin, end - begin));
        for (const auto& column : values.numerator) mark_missing(column, begin, end, first_day);
        for (const auto& column : values.denominator) mark_missing(column, begin, end, first_day);
        for (std::size_t unit = begin; unit < end; ++unit) {
          if (first_day[unit] < kMissing) continue;
          ++(first_day[unit] == kMissing ? missing : immature)[morsel][units.arm[unit]];
        }
      });
  if (!done) return std::move(done.error());
  const auto total = [&](const std::vector<std::vector<std::int64_t>>& parts) {
    std::vector<std::int64_t> sum(arms, 0);
    for (const auto& part : parts)
      for (std::size_t arm = 0; arm < arms; ++arm) sum[arm] += part[arm];
    return sum;
  };
  counted.immature = total(immature);
  counted.missing = total(missing);
  return counted;
}

}  // namespace descant::experiment
