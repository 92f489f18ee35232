// SPDX-License-Identifier: Apache-2.0
#include "experiment/days_since_exposure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "base/parallel.h"
#include "experiment/novelty.h"
#include "experiment/tenure_moments.h"
#include "experiment/value_part.h"

namespace descant::experiment {

namespace {

using definitions::Aggregate;
using definitions::Metric;
using definitions::MetricType;

constexpr double kRowShare = 0.1;

bool adds_by_day(const definitions::Aggregation& aggregation) {
  switch (aggregation.aggregate) {
    case Aggregate::kSum:
    case Aggregate::kCount:
    case Aggregate::kAny:
    case Aggregate::kDistinct:
      return true;
    default:
      return false;
  }
}

bool has_days(const Metric& metric) {
  return metric.type != MetricType::kQuantile && adds_by_day(metric.numerator) &&
         (!metric.denominator || adds_by_day(*metric.denominator));
}

// A metric of the plan whose days are looked at.
struct DailyMetric {
  std::size_t index = 0;  // in the plan
  const Metric* metric = nullptr;
  folds::ValuePart numerator, denominator;
};

std::vector<std::uint16_t> completed_days(const UnitReadout& readout) {
  std::vector<std::uint16_t> days;
  days.reserve(readout.exposures.size());
  for (const Instant at : readout.exposures.at) {
    const auto whole = std::max<std::int64_t>(readout.as_of - at, 0) / kMicrosecondsPerDay;
    days.push_back(static_cast<std::uint16_t>(std::min<std::int64_t>(whole, 10'000)));
  }
  return days;
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

TenureMetric tenure_metric(const Metric& metric, const folds::MetricValues& values, bool cuped,
                           const TenureUnits& units) {
  TenureMetric tenure;
  tenure.ratio = metric.denominator.has_value();
  tenure.first_day = (metric.from + kMicrosecondsPerDay - 1) / kMicrosecondsPerDay;
  const std::int64_t end = metric.to ? *metric.to / kMicrosecondsPerDay : std::int64_t{10'000};
  const auto possible = static_cast<std::size_t>(std::max<std::int64_t>(end - tenure.first_day, 0));
  tenure.days = rows_completed_by(units, tenure.first_day, possible, kRowShare);
  if (cuped && all_finite(values.covariate_numerator) && all_finite(values.covariate_denominator)) {
    tenure.covariate_numerator = values.covariate_numerator;
    tenure.covariate_denominator = values.covariate_denominator;
  }
  return tenure;
}

// Fills blocks of units from the timelines, each fact table in one go.
class DayFiller {
 public:
  DayFiller(const folds::Exposures& exposures, const std::vector<DailyMetric>& metrics,
            const std::vector<TenureMetric>& tenure,
            const std::map<std::string, std::shared_ptr<const timelines::TableView>>& facts)
      : exposures_(exposures), metrics_(metrics), tenure_(tenure), facts_(facts) {}

  Result<void> operator()(std::size_t begin, std::size_t end,
                          std::vector<TenureColumns>& columns) const {
    const auto from = static_cast<std::ptrdiff_t>(begin), to = static_cast<std::ptrdiff_t>(end);
    folds::Exposures block;
    block.entity.assign(exposures_.entity.begin() + from, exposures_.entity.begin() + to);
    block.at.assign(exposures_.at.begin() + from, exposures_.at.begin() + to);
    for (const auto& [name, view] : facts_) {
      std::vector<folds::ValuePart> parts;
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        if (metrics_[m].metric->fact_table != name) continue;
        add_days(metrics_[m].numerator, tenure_[m].first_day, columns[m].numerator, parts);
        add_days(metrics_[m].denominator, tenure_[m].first_day, columns[m].denominator, parts);
      }
      DESCANT_CHECK(folds::fill_unit_values(*view, block, parts, {}, 1));
    }
    return {};
  }

 private:
  static void add_days(folds::ValuePart part, std::int64_t first_day,
                       std::vector<std::vector<double>>& columns,
                       std::vector<folds::ValuePart>& parts) {
    for (std::size_t row = 0; row < columns.size(); ++row) {
      const std::int64_t day = first_day + static_cast<std::int64_t>(row);
      part.low = {true, day * kMicrosecondsPerDay};
      part.high = {true, (day + 1) * kMicrosecondsPerDay};
      part.out = columns[row];
      parts.push_back(part);
    }
  }

  const folds::Exposures& exposures_;
  const std::vector<DailyMetric>& metrics_;
  const std::vector<TenureMetric>& tenure_;
  const std::map<std::string, std::shared_ptr<const timelines::TableView>>& facts_;
};

}  // namespace

Result<void> add_days_since_exposure(const definitions::Project& project,
                                     const timelines::Store& store, const UnitReadout& readout,
                                     std::size_t threads, ExperimentResult& result) {
  const auto days = completed_days(readout);
  const TenureUnits units{readout.units.arm, readout.units.variants.size(), days};
  std::vector<DailyMetric> metrics;
  std::vector<TenureMetric> tenure;
  std::map<std::string, std::shared_ptr<const timelines::TableView>> facts;
  for (std::size_t i = 0; i < readout.plan.metrics.size(); ++i) {
    const Metric& metric = project.metrics.at(readout.plan.metrics[i].name);
    if (!has_days(metric)) continue;
    const TenureMetric found =
        tenure_metric(metric, readout.units.metrics[i], readout.plan.cuped, units);
    if (found.days < 2) continue;
    if (!facts.contains(metric.fact_table)) {
      DESCANT_ASSIGN(facts[metric.fact_table], store.table(metric.fact_table));
    }
    const auto& view = *facts.at(metric.fact_table);
    DailyMetric daily{i, &metric, {}, {}};
    DESCANT_ASSIGN(daily.numerator, value_part(view, metric, metric.numerator));
    if (metric.denominator) {
      DESCANT_ASSIGN(daily.denominator, value_part(view, metric, *metric.denominator));
    }
    metrics.push_back(daily);
    tenure.push_back(found);
  }
  if (metrics.empty()) return {};
  DESCANT_ASSIGN(
      const auto moments,
      tenure_moments(units, tenure, DayFiller(readout.exposures, metrics, tenure, facts), threads));
  for (std::size_t m = 0; m < metrics.size(); ++m)
    for (auto& metric : result.metrics)
      if (metric.name == readout.plan.metrics[metrics[m].index].name)
        DESCANT_CHECK(add_tenure_effects(readout.plan, tenure[m], moments[m],
                                         readout.units.variants, metric));
  return judge_novelty(readout.plan, result.metrics);
}

}  // namespace descant::experiment
