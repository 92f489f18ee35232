// SPDX-License-Identifier: Apache-2.0
#include "experiment/tenure_moments.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/parallel.h"
#include "experiment/cell_moments.h"

namespace descant::experiment {

namespace {

constexpr std::size_t kUnitsPerBlock = 16'384;
constexpr double kNoCap = std::numeric_limits<double>::infinity();
constexpr double kTrendShare = 0.5;
constexpr std::uint16_t kLongest = 0xFFF0;

void merge_into(std::vector<stats::Moments>& total, const std::vector<stats::Moments>& part) {
  for (std::size_t arm = 0; arm < total.size(); ++arm) total[arm].merge(part[arm]);
}

// What a block says of one metric: [row][0: left out of the trend, 1: in it][arm], and the trend.
struct BlockMoments {
  std::vector<GroupedMoments> by_day;
  std::vector<stats::Moments> trend;
};

class TenurePass {
 public:
  TenurePass(const TenureUnits& units, const std::vector<TenureMetric>& metrics,
             const FillTenureBlock& fill, std::size_t threads)
      : units_(units), metrics_(metrics), fill_(fill), threads_(threads), scratch_(threads) {
    for (const auto& metric : metrics) out_.push_back(empty_moments(metric));
    ratios_.resize(metrics.size());
  }

  Result<std::vector<TenureMoments>> run() {
    DESCANT_CHECK(pass(false));
    // A ratio's slope needs the arms' ratios first, so it is taken in a second pass.
    if (std::any_of(metrics_.begin(), metrics_.end(), [](const auto& m) { return m.ratio; }))
      DESCANT_CHECK(pass(true));
    return std::move(out_);
  }

 private:
  struct Scratch {
    std::vector<TenureColumns> columns;
    std::vector<std::uint16_t> missing_days, in_trend, together;
    std::vector<double> level, slope;
  };
  struct DayRatio {
    double ratio = 0, mean_denominator = 1;
  };

  TenureMoments empty_moments(const TenureMetric& metric) const {
    TenureMoments moments;
    std::size_t columns = 0;
    moments.outcome.numerator = columns++;
    if (metric.ratio) moments.outcome.denominator = columns++;
    std::size_t trend_columns = 2;
    if (!metric.covariate_numerator.empty()) {
      moments.covariate.emplace().numerator = columns++;
      moments.trend_covariate.emplace().numerator = trend_columns++;
      if (!metric.covariate_denominator.empty()) {
        moments.covariate->denominator = columns++;
        moments.trend_covariate->denominator = trend_columns++;
      }
    }
    moments.by_day.assign(metric.days,
                          std::vector<stats::Moments>(units_.arms, stats::Moments(columns)));
    moments.trend_days = rows_completed_by(units_, metric.first_day, metric.days, kTrendShare);
    if (moments.trend_days < kTrendDaysMin) moments.trend_days = 0;
    moments.trend.assign(units_.arms, stats::Moments(trend_columns));
    return moments;
  }

  Result<void> pass(bool second) {
    const std::size_t units = units_.arm.size();
    const std::size_t blocks = (units + kUnitsPerBlock - 1) / kUnitsPerBlock;
    std::vector<std::vector<BlockMoments>> found(blocks);
    DESCANT_CHECK(
        for_each_morsel(blocks, threads_, [&](std::size_t b, std::size_t thread) -> Result<void> {
          const std::size_t begin = b * kUnitsPerBlock;
          const std::size_t end = std::min(units, begin + kUnitsPerBlock);
          DESCANT_CHECK(make_ready(scratch_[thread], begin, end));
          found[b].resize(metrics_.size());
          for (std::size_t m = 0; m < metrics_.size(); ++m) {
            if (!second) DESCANT_CHECK(add_days(m, begin, end, scratch_[thread], found[b][m]));
            if (metrics_[m].ratio == second)
              DESCANT_CHECK(add_trend(m, begin, end, scratch_[thread], found[b][m]));
          }
          return {};
        }));
    merge_blocks(found);
    return {};
  }

  void merge_blocks(const std::vector<std::vector<BlockMoments>>& found) {
    std::vector<std::vector<std::vector<stats::Moments>>> in_trend;
    for (const auto& moments : out_) {
      auto& rows = in_trend.emplace_back(moments.by_day);
      for (auto& row : rows)
        for (auto& arm : row) arm = stats::Moments(arm.columns());
    }
    for (const auto& block : found)
      for (std::size_t m = 0; m < block.size(); ++m) {
        for (std::size_t row = 0; row < block[m].by_day.size(); ++row) {
          for (const auto& group : block[m].by_day[row]) merge_into(out_[m].by_day[row], group);
          merge_into(in_trend[m][row], block[m].by_day[row][1]);
        }
        if (!block[m].trend.empty()) merge_into(out_[m].trend, block[m].trend);
      }
    for (std::size_t m = 0; m < metrics_.size(); ++m) {
      if (!metrics_[m].ratio || !ratios_[m].empty()) continue;
      for (std::size_t row = 0; row < out_[m].trend_days; ++row) {
        auto& by_arm = ratios_[m].emplace_back();
        for (const auto& arm : in_trend[m][row]) by_arm.push_back(ratio_of(arm));
      }
    }
  }

  static DayRatio ratio_of(const stats::Moments& arm) {
    const double denominator = arm.mean[1];
    if (!(denominator > 0)) return {0, kNoCap};  // nothing happened: the linearised value is 0
    return {arm.mean[0] / denominator, denominator};
  }

  Result<void> make_ready(Scratch& scratch, std::size_t begin, std::size_t end) {
    const std::size_t units = end - begin;
    scratch.columns.resize(metrics_.size());
    for (std::size_t m = 0; m < metrics_.size(); ++m) {
      auto& columns = scratch.columns[m];
      columns.numerator.resize(metrics_[m].days);
      columns.denominator.resize(metrics_[m].ratio ? metrics_[m].days : 0);
      for (auto* part : {&columns.numerator, &columns.denominator})
        for (auto& column : *part) column.resize(units);
    }
    // A unit counts in day k when missing_days <= kLongest - (k + 1).
    scratch.missing_days.resize(units);
    for (std::size_t u = 0; u < units; ++u)
      scratch.missing_days[u] = static_cast<std::uint16_t>(
          kLongest - std::min(kLongest, units_.completed_days[begin + u]));
    scratch.together.assign(units, 0);
    return fill_(begin, end, scratch.columns);
  }

  static std::uint16_t complete_by(std::int64_t first_day, std::size_t rows) {
    return static_cast<std::uint16_t>(kLongest - first_day - static_cast<std::int64_t>(rows));
  }

  void add_covariate(const TenureMetric& metric, std::size_t begin, std::size_t units,
                     UnitBlock& block) const {
    for (const auto& covariate : {metric.covariate_numerator, metric.covariate_denominator})
      if (!covariate.empty()) block.columns.push_back(covariate.subspan(begin, units));
    block.caps.assign(block.columns.size(), kNoCap);
    block.floors.assign(block.columns.size(), -kNoCap);
  }

  Result<void> add_days(std::size_t m, std::size_t begin, std::size_t end, Scratch& scratch,
                        BlockMoments& out) const {
    const TenureMetric& metric = metrics_[m];
    const std::size_t units = end - begin;
    const std::uint16_t trend_end = complete_by(metric.first_day, out_[m].trend_days);
    scratch.in_trend.resize(units);
    for (std::size_t u = 0; u < units; ++u)
      scratch.in_trend[u] = scratch.missing_days[u] <= trend_end ? 1 : 0;
    for (std::size_t row = 0; row < metric.days; ++row) {
      UnitBlock block;
      block.columns.emplace_back(scratch.columns[m].numerator[row]);
      if (metric.ratio) block.columns.emplace_back(scratch.columns[m].denominator[row]);
      add_covariate(metric, begin, units, block);
      block.arm = units_.arm.subspan(begin, units);
      block.first_day = scratch.missing_days;
      block.last_day = complete_by(metric.first_day, row + 1);
      const std::array<Grouping, 1> grouping = {Grouping{scratch.in_trend, 2}};
      DESCANT_ASSIGN(auto found, cell_moments(block, grouping, units_.arms, 1));
      out.by_day.push_back(std::move(found.front()));
    }
    return {};
  }

  // Mean and slope of each unit's days.
  void reduce_days(std::size_t m, std::size_t begin, std::size_t units, Scratch& scratch) const {
    const auto rows = static_cast<double>(out_[m].trend_days);
    const double middle = (rows - 1) / 2;
    const double spread = rows * (rows * rows - 1) / 12;  // sum of (k - middle)^2
    scratch.level.assign(units, 0.0);
    scratch.slope.assign(units, 0.0);
    for (std::size_t row = 0; row < out_[m].trend_days; ++row) {
      const double weight = (static_cast<double>(row) - middle) / spread;
      const auto& numerator = scratch.columns[m].numerator[row];
      for (std::size_t u = 0; u < units; ++u) {
        double value = numerator[u];
        if (metrics_[m].ratio) {
          const DayRatio& day = ratios_[m][row][units_.arm[begin + u]];
          value = day.ratio + (value - day.ratio * scratch.columns[m].denominator[row][u]) /
                                  day.mean_denominator;
        }
        scratch.level[u] += value / rows;
        scratch.slope[u] += value * weight;
      }
    }
  }

  Result<void> add_trend(std::size_t m, std::size_t begin, std::size_t end, Scratch& scratch,
                         BlockMoments& out) const {
    if (out_[m].trend_days == 0) return {};
    const std::size_t units = end - begin;
    reduce_days(m, begin, units, scratch);
    UnitBlock block;
    block.columns = {scratch.level, scratch.slope};
    add_covariate(metrics_[m], begin, units, block);
    block.arm = units_.arm.subspan(begin, units);
    block.first_day = scratch.missing_days;
    block.last_day = complete_by(metrics_[m].first_day, out_[m].trend_days);
    const std::array<Grouping, 1> grouping = {Grouping{scratch.together, 1}};
    DESCANT_ASSIGN(auto found, cell_moments(block, grouping, units_.arms, 1));
    out.trend = std::move(found.front().front());
    return {};
  }

  const TenureUnits& units_;
  const std::vector<TenureMetric>& metrics_;
  const FillTenureBlock& fill_;
  std::size_t threads_;
  std::vector<Scratch> scratch_;
  std::vector<TenureMoments> out_;
  std::vector<std::vector<std::vector<DayRatio>>> ratios_;  // [metric][row][arm]
};

}  // namespace

std::size_t rows_completed_by(const TenureUnits& units, std::int64_t first_day,
                              std::size_t days_possible, double share) {
  const std::size_t rows = std::min(days_possible, kTenureDaysMax);
  std::vector<std::size_t> completed(rows + 1, 0);  // by number of rows completed
  for (const auto days : units.completed_days) {
    const auto done =
        std::clamp<std::int64_t>(days - first_day, 0, static_cast<std::int64_t>(rows));
    ++completed[static_cast<std::size_t>(done)];
  }
  const double needed = std::max(1.0, share * static_cast<double>(units.completed_days.size()));
  std::size_t at_least = 0;
  for (std::size_t row = rows; row > 0; --row) {
    at_least += completed[row];
    if (static_cast<double>(at_least) >= needed) return row;
  }
  return 0;
}

Result<std::vector<TenureMoments>> tenure_moments(const TenureUnits& units,
                                                  const std::vector<TenureMetric>& metrics,
                                                  const FillTenureBlock& fill,
                                                  std::size_t threads) {
  return TenurePass(units, metrics, fill, thread_count(threads)).run();
}

}  // namespace descant::experiment
