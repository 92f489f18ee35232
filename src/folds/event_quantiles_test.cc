// SPDX-License-Identifier: Apache-2.0
#include "folds/event_quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace descant::folds {
namespace {

using timelines::Dtype;

// Events of units one after the other; every seventh unit has none.
template <class T>
struct DrawnEvents {
  DrawnEvents(Dtype dtype, double divisor, std::uint64_t seed, const std::vector<T>& special) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> normal;
    for (std::size_t unit = 0; unit < 9'000; ++unit) {
      rows.begin.push_back(values.size());
      const std::size_t events = unit % 7 == 0 ? 0 : generator() % 12;
      for (std::size_t i = 0; i < events; ++i) {
        const bool special_one = generator() % 4 == 0;
        values.push_back(special_one ? special[generator() % special.size()]
                                     : static_cast<T>(30 * normal(generator)));
        valid.push_back(generator() % 10 != 0);
        filter.push_back(generator() % 3 != 0);
      }
      rows.end.push_back(values.size());
      cell.push_back(unit % 5 == 0 ? kNoCell : static_cast<std::uint32_t>(generator() % 3));
    }
    measure.dtype = dtype;
    measure.divisor = divisor;
    measure.rows = values.size();
    measure.data = values.data();
    condition.kind = timelines::ColumnKind::kBoolean;
    condition.data = filter.data();
    rows.measure = &measure;
  }

  bool counts(std::size_t row) const {
    return (measure.valid == nullptr || valid[row] != 0) &&
           (rows.filter == nullptr || filter[row] != 0) &&
           std::isfinite(static_cast<double>(values[row]));
  }

  std::vector<double> sorted(const std::vector<std::uint32_t>& cells, std::uint32_t which) const {
    std::vector<double> found;
    for (std::size_t unit = 0; unit < cells.size(); ++unit)
      for (std::size_t row = rows.begin[unit]; cells[unit] == which && row < rows.end[unit]; ++row)
        if (counts(row)) found.push_back(static_cast<double>(values[row]) / measure.divisor);
    std::sort(found.begin(), found.end());
    return found;
  }

  void expect_as_sorted() const {
    const std::vector<std::uint32_t> together(cell.size(), 0);
    std::vector<EventCells> splits = {{cell, {}}, {together, {}}};
    std::vector<std::vector<std::vector<double>>> wanted;
    for (auto& split : splits) {
      wanted.emplace_back();
      const std::vector<std::uint32_t> cells(split.cell.begin(), split.cell.end());
      for (std::uint32_t c = 0; c < (wanted.size() == 1 ? 3U : 1U); ++c) {
        const auto all = sorted(cells, c);
        const std::size_t n = all.size();
        split.ranks.push_back({n / 2, 0, n - 1, n / 2 + 1, n * 9 / 10, n / 2});
        wanted.back().emplace_back();
        for (const std::size_t rank : split.ranks.back()) wanted.back()[c].push_back(all[rank]);
      }
    }
    for (const std::size_t threads : {1U, 3U}) {
      const auto found = event_order_statistics(rows, splits, threads);
      ASSERT_TRUE(found.ok());
      EXPECT_EQ(found.value(), wanted);
    }
    expect_counts(wanted.front());
  }

  void expect_counts(const std::vector<std::vector<double>>& by_cell) const {
    const std::vector<double> thresholds = {by_cell[0][0], by_cell[1][4], by_cell[2][2]};
    std::vector<double> found(cell.size(), -1);
    ASSERT_TRUE(count_at_most(rows, cell, thresholds, found, 2).ok());
    for (std::size_t unit = 0; unit < cell.size(); ++unit) {
      double wanted = 0;
      for (std::size_t row = rows.begin[unit]; row < rows.end[unit]; ++row)
        wanted +=
            cell[unit] != kNoCell && counts(row) &&
                    static_cast<double>(values[row]) / measure.divisor <= thresholds[cell[unit]]
                ? 1
                : 0;
      ASSERT_EQ(found[unit], wanted) << unit;
    }
  }

  void expect_as_sorted_in_every_way() {
    expect_as_sorted();
    measure.valid = valid.data();
    expect_as_sorted();
    rows.filter = &condition;
    expect_as_sorted();
    measure.valid = nullptr;
    expect_as_sorted();
  }

  std::vector<T> values;
  std::vector<std::uint8_t> valid, filter;
  std::vector<std::uint32_t> cell;
  timelines::Column measure, condition;
  EventRows rows;
};

template <class T>
void expect_integers(Dtype dtype, double divisor) {
  using Limits = std::numeric_limits<T>;
  DrawnEvents<T>(dtype, divisor, 11, {Limits::min(), Limits::max(), 0, 1})
      .expect_as_sorted_in_every_way();
}

TEST(EventQuantiles, AreWhatSortingTheEventsOfACellGives) {
  expect_integers<std::int8_t>(Dtype::kInt8, 1);
  expect_integers<std::int16_t>(Dtype::kInt16, 10);
  expect_integers<std::int32_t>(Dtype::kInt32, 60'000);
  expect_integers<std::int64_t>(Dtype::kInt64, 1);
  DrawnEvents<std::uint8_t>(Dtype::kUint8, 1, 3, {0, 1}).expect_as_sorted_in_every_way();
  DrawnEvents<std::uint16_t>(Dtype::kUint16, 1, 5, {65'535, 0}).expect_as_sorted_in_every_way();
  DrawnEvents<std::uint32_t>(Dtype::kUint32, 1000, 7, {4'000'000'000U, 2})
      .expect_as_sorted_in_every_way();
}

TEST(EventQuantiles, OfPlainNumbersSkipWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  DrawnEvents<double>(Dtype::kFloat64, 1, 13,
                      {0.0, -0.0, 1e-310, -1e300, 1e300, std::nan(""), infinity, -infinity})
      .expect_as_sorted_in_every_way();
}

TEST(EventQuantiles, ManyCellsNarrowTheDigits) {
  DrawnEvents<double> events(Dtype::kFloat64, 1, 17, {0.5});
  std::vector<std::uint32_t> alone(events.cell.size());
  EventCells split{alone, {}};
  std::vector<std::vector<double>> wanted;
  for (std::uint32_t unit = 0; unit < alone.size(); ++unit) {
    alone[unit] = unit;
    std::vector<double> own(
        events.values.begin() + static_cast<std::ptrdiff_t>(events.rows.begin[unit]),
        events.values.begin() + static_cast<std::ptrdiff_t>(events.rows.end[unit]));
    std::sort(own.begin(), own.end());
    split.ranks.emplace_back();
    for (std::size_t rank = 0; rank < own.size(); ++rank) split.ranks.back().push_back(rank);
    wanted.push_back(own);
  }
  split.cell = alone;
  const auto found = event_order_statistics(events.rows, {&split, 1}, 2);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().front(), wanted);
}

TEST(EventQuantiles, RanksAndCellsThatAreNotThereAreErrors) {
  DrawnEvents<std::int32_t> events(Dtype::kInt32, 1, 19, {1});
  EventCells split{events.cell, {{0}, {1'000'000}, {}}};
  EXPECT_FALSE(event_order_statistics(events.rows, {&split, 1}, 1).ok());
  split.ranks = {{0}};
  EXPECT_FALSE(event_order_statistics(events.rows, {&split, 1}, 1).ok());
  std::vector<double> out(events.cell.size());
  const std::vector<double> too_few = {1.0};
  EXPECT_FALSE(count_at_most(events.rows, events.cell, too_few, out, 1).ok());
}

TEST(EventQuantiles, OfNoUnitsAreNone) {
  timelines::Column measure;
  EventRows rows;
  rows.measure = &measure;
  EventCells split{{}, {{}, {}}};
  const auto found = event_order_statistics(rows, {&split, 1}, 1);
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found.value()[0][1].empty());
}

}  // namespace
}  // namespace descant::folds
