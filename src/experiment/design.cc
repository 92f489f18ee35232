// SPDX-License-Identifier: Apache-2.0
#include "experiment/design.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/text.h"
#include "definitions/formats.h"
#include "experiment/effects.h"
#include "experiment/historic_exposures.h"
#include "experiment/metric_moments.h"
#include "experiment/planned_decision.h"
#include "experiment/readout.h"
#include "stats/distributions.h"

namespace descant::experiment {

namespace {

constexpr std::int64_t kArrivalDays = 7;  // the last observed ones stand for those beyond
constexpr std::int64_t kMostDays = 3650;
constexpr std::int64_t kShortestPeriod = 7;

std::int64_t days_of(std::int64_t microseconds) {
  return (microseconds + kMicrosecondsPerDay - 1) / kMicrosecondsPerDay;
}

// What the timelines of the experiment's metrics hold.
struct Facts {
  std::vector<std::shared_ptr<const timelines::TableView>> tables;
  Instant first = kEndInstant, watermark = kEndInstant;
  std::int64_t longest_window = 0;
};

Result<Facts> open_facts(const definitions::Project& project,
                         const definitions::Experiment& experiment, const timelines::Store& store) {
  Facts facts;
  std::set<std::string> seen;
  for (const auto& used : experiment.metrics) {
    const auto& metric = project.metrics.at(used.metric);
    facts.longest_window = std::max(facts.longest_window, metric.to.value_or(0));
    if (!seen.insert(metric.fact_table).second) continue;
    DESCANT_ASSIGN(auto view, store.table(metric.fact_table));
    facts.first = std::min(facts.first, view->first);
    facts.watermark = std::min(
        facts.watermark, view->last - project.fact_tables.at(metric.fact_table).completeness_lag);
    facts.tables.push_back(std::move(view));
  }
  return facts;
}

struct Period {
  Date from = 0, to = 0;
  Instant as_of = 0;
};

// Before the experiment's start, as long as its exposure lasts, with room for windows after it and,
// if history allows, lookbacks before it.
Result<Period> period_of(const definitions::Experiment& experiment, const Facts& facts,
                         const TimeZone& zone, const DesignOptions& options) {
  const auto window = static_cast<Date>(days_of(facts.longest_window));
  const Date length = experiment.end - experiment.start + 1;
  const Date first = zone.date_of(facts.first) + 1;  // the first day may be a part
  Period period;
  period.to = options.to.value_or(
      std::min<Date>(experiment.start, zone.date_of(std::max<Instant>(facts.watermark, 0))) -
      window - 1);
  period.from = options.from.value_or(period.to - length + 1);
  if (!options.from) {
    const auto lookback = static_cast<Date>(days_of(experiment.variance_reduction.lookback));
    const bool room = first + lookback + kShortestPeriod - 1 <= period.to;
    period.from = std::max(period.from, room ? first + lookback : first);
  }
  if (period.to < period.from)
    return invalid_data(
        fmt::format("there is no history before {} to learn from: the events begin on {} and the "
                    "longest window takes {}",
                    format_date(experiment.start), format_date(first - 1), counted(window, "day")),
        "experiments." + experiment.name,
        "Name a period with --from and --to, the days on which units would have been exposed.");
  const Instant after = zone.start_of(period.to + 1) + facts.longest_window;
  const bool before_start = period.to < experiment.start && !options.to;
  period.as_of = before_start ? std::min(zone.start_of(experiment.start), after) : after;
  period.as_of = std::min(period.as_of, std::max<Instant>(facts.watermark, 0));
  return period;
}

class Designer {
 public:
  Designer(const UnitReadout& readout, const definitions::Experiment& experiment,
           const TimeZone& zone, const DesignOptions& options)
      : readout_(readout),
        plan_(readout.plan),
        experiment_(experiment),
        zone_(zone),
        options_(options) {}

  Result<void> run(const definitions::Project& project, DesignResult& result) {
    find_shares();
    count_arrivals(result);
    DESCANT_CHECK(find_rates());
    std::vector<UnitColumns> columns;
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
      if (plan_.metrics[m].type == "quantile") {
        result.warnings.push_back({"not_planned", "metrics." + plan_.metrics[m].name,
                                   "A quantile's sample size is not planned from moments."});
        continue;
      }
      DESCANT_ASSIGN(auto metric, plan_metric(m, project.metrics.at(plan_.metrics[m].name)));
      result.metrics.push_back(std::move(metric));
      DESCANT_ASSIGN(auto values, unit_columns(plan_, readout_.units, m, options_.threads));
      columns.push_back(std::move(values));
      planned_.push_back(m);
    }
    find_binding(result);
    warn(result);
    return simulate(columns, result);
  }

 private:
  struct Baseline {
    double n = 0, mean = stats::kUndefined;
    double raw = stats::kUndefined, adjusted = stats::kUndefined;  // variances of a unit
  };

  // Control against the treatment that gets the fewest units.
  void find_shares() {
    double total = 0;
    for (const double share : plan_.shares) total += share;
    control_share_ = plan_.shares.front() / total;
    treatment_share_ = *std::min_element(plan_.shares.begin() + 1, plan_.shares.end()) / total;
  }

  void count_arrivals(DesignResult& result) {
    const Date last = std::max<Date>(experiment_.end, experiment_.start);
    arrivals_.assign(static_cast<std::size_t>(last - experiment_.start + 1), 0);
    for (const Instant at : first_arrivals()) {
      const Date day = zone_.date_of(at) - experiment_.start;
      if (day >= 0 && day <= last - experiment_.start) ++arrivals_[static_cast<std::size_t>(day)];
    }
    std::int64_t units = 0;
    for (std::size_t d = 0; d < arrivals_.size(); ++d) {
      units += arrivals_[d];
      result.arrival.push_back(
          {format_date(experiment_.start + static_cast<Date>(d)), arrivals_[d], units});
    }
    planned_units_ = units_after(result.planned_days);
    result.planned_units = static_cast<std::int64_t>(std::floor(planned_units_));
  }

  // Of units, or of clusters where those are randomised.
  std::vector<Instant> first_arrivals() const {
    const auto& cluster = readout_.units.cluster;
    if (cluster.empty()) return readout_.exposures.at;
    std::map<std::uint32_t, Instant> first;
    for (std::size_t unit = 0; unit < cluster.size(); ++unit) {
      const auto [found, is_new] = first.try_emplace(cluster[unit], readout_.exposures.at[unit]);
      if (!is_new) found->second = std::min(found->second, readout_.exposures.at[unit]);
    }
    std::vector<Instant> arrivals;
    for (const auto& [number, at] : first) arrivals.push_back(at);
    return arrivals;
  }

  double late_arrivals_a_day() const {
    const auto n = std::min<std::size_t>(arrivals_.size(), kArrivalDays);
    double total = 0;
    for (std::size_t i = arrivals_.size() - n; i < arrivals_.size(); ++i)
      total += static_cast<double>(arrivals_[i]);
    return n > 0 ? total / static_cast<double>(n) : 0.0;
  }

  double units_after(std::int64_t days) const {
    double units = 0;
    for (std::int64_t d = 0; d < std::min<std::int64_t>(days, std::ssize(arrivals_)); ++d)
      units += static_cast<double>(arrivals_[static_cast<std::size_t>(d)]);
    const auto beyond = std::max<std::int64_t>(days - std::ssize(arrivals_), 0);
    return units + static_cast<double>(beyond) * late_arrivals_a_day();
  }

  std::optional<std::int64_t> days_until(double units) const {
    for (std::int64_t days = 1; days <= kMostDays; ++days)
      if (units_after(days) >= units) return days;
    return std::nullopt;
  }

  stats::DecisionPlan rule() const {
    stats::DecisionPlan rule;
    rule.alpha = plan_.alpha;
    rule.power = plan_.power;
    rule.deterioration_alpha = plan_.deterioration_alpha;
    rule.treatments = std::ssize(plan_.shares) - 1;
    return rule;
  }

  // Sample ratio, and the difference before exposure of metrics with a covariate.
  std::size_t checks() const {
    std::size_t count = plan_.shares.empty() ? 0 : 1;
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m)
      if (plan_.metrics[m].role != definitions::Role::kExploratory && plan_.cuped &&
          !readout_.units.metrics[m].covariate_numerator.empty())
        ++count;
    return count;
  }

  Result<void> find_rates() {
    std::vector<stats::MetricTests> tests;
    for (const auto& metric : plan_.metrics)
      tests.push_back({metric.name, role_name(metric.role), 1.0, stats::kUndefined});
    DESCANT_ASSIGN(const auto decision, stats::decide(tests, rule()));
    rates_ = decision.metrics;
    return {};
  }

  static Result<stats::AdjustedComparison> compare_alike(const std::vector<stats::Moments>& strata,
                                                         const stats::AdjustmentPlan& adjustment) {
    StratumMoments arms;
    for (const auto& stratum : strata) arms.push_back({stratum, stratum});
    return compare_within(arms, 1, adjustment, {});
  }

  // Comparing the units with themselves gives twice their variance, whatever the adjustment.
  Result<Baseline> baseline_of(const MetricMoments& moments, std::size_t day) const {
    std::vector<stats::Moments> strata;
    for (const auto& arms : moments.by_day[day]) strata.push_back(arms.front());
    DESCANT_ASSIGN(const auto found, compare_alike(strata, adjustment_of(plan_, moments.roles)));
    stats::Moments units = strata.front();
    for (std::size_t k = 1; k < strata.size(); ++k) units.merge(strata[k]);
    Baseline baseline;
    baseline.n = static_cast<double>(units.n);
    baseline.mean = found.unadjusted.control.estimate;
    const auto variance = [&](const stats::Comparison& comparison) {
      const double error = comparison.absolute.standard_error;
      return error * error * baseline.n / 2;
    };
    baseline.raw = variance(found.unadjusted);
    baseline.adjusted = variance(found.comparison);
    return baseline;
  }

  static bool is_share(const MetricPlan& metric) {
    return metric.type == "proportion" || metric.type == "retention";
  }

  // Variance of the difference times all units, with `effect` in the treatment.
  double spread(const MetricPlan& metric, const Baseline& baseline, double effect) const {
    double treated = baseline.adjusted;
    const double share = baseline.mean + effect;
    if (is_share(metric) && share > 0 && share < 1 && baseline.mean > 0 && baseline.mean < 1)
      treated *= share * (1 - share) / (baseline.mean * (1 - baseline.mean));
    return baseline.adjusted / control_share_ + treated / treatment_share_;
  }

  double stated_effect(const MetricPlan& metric, double mean) const {
    const auto& stated = metric.role == definitions::Role::kGuardrail
                             ? metric.non_inferiority_margin
                             : metric.minimum_detectable_effect;
    if (!stated) return stats::kUndefined;
    return std::abs(stated->relative ? stated->value * mean : stated->value);
  }

  // The effect as it moves the treatment: none where a margin is to be kept.
  static double moved_by(const MetricPlan& metric, double effect) {
    if (metric.role == definitions::Role::kGuardrail || std::isnan(effect)) return 0;
    return metric.direction == definitions::Direction::kIncrease ? effect : -effect;
  }

  double normal_quantiles(std::size_t m) const {
    return -stats::normal_quantile(alpha_of(m)) + stats::normal_quantile(power_of(m));
  }
  // Metrics that the rule does not ask for are planned as one success metric would be.
  double alpha_of(std::size_t m) const {
    return std::isnan(rates_[m].alpha_used) ? plan_.alpha : rates_[m].alpha_used;
  }
  double power_of(std::size_t m) const {
    return std::isnan(rates_[m].power_planned) ? plan_.power : rates_[m].power_planned;
  }

  double detectable(std::size_t m, const Baseline& baseline, double units) const {
    return normal_quantiles(m) * std::sqrt(spread(plan_.metrics[m], baseline, 0) / units);
  }

  std::int64_t units_needed(std::size_t m, const Baseline& baseline, double effect) const {
    const double all = spread(plan_.metrics[m], baseline, moved_by(plan_.metrics[m], effect)) *
                       std::pow(normal_quantiles(m) / effect, 2);
    std::int64_t units = 0;
    double total = 0;
    for (const double share : plan_.shares) total += share;
    for (const double share : plan_.shares)
      units += static_cast<std::int64_t>(std::ceil(all * share / total));
    return units;
  }

  Result<DesignMetric> plan_metric(std::size_t m, const definitions::Metric& definition) {
    const MetricPlan& metric = plan_.metrics[m];
    DESCANT_ASSIGN(const ShownStrata strata,
                   choose_strata(readout_.units, thread_count(options_.threads)));
    DESCANT_ASSIGN(const auto moments, metric_moments({readout_.units,
                                                       readout_.units.metrics[m],
                                                       metric.cap,
                                                       {},
                                                       strata,
                                                       plan_.cuped,
                                                       thread_count(options_.threads)}));
    DesignMetric out;
    out.name = metric.name;
    out.role = role_name(metric.role);
    out.type = metric.type;
    out.unit = metric.unit;
    out.alpha = alpha_of(m);
    out.power = power_of(m);
    const std::size_t last = moments.by_day.size() - 1;
    DESCANT_ASSIGN(const Baseline baseline, baseline_of(moments, last));
    out.units = static_cast<std::int64_t>(baseline.n);
    out.mean = baseline.mean;
    out.standard_deviation = std::sqrt(baseline.raw);
    out.covariate_correlation = std::sqrt(std::max(0.0, 1 - baseline.adjusted / baseline.raw));
    baselines_.push_back(baseline);
    out.effect = stated_effect(metric, baseline.mean);
    DESCANT_CHECK(add_durations(m, moments, definition, out));
    out.detectable_effect = detectable(m, baseline, planned_units_);
    if (baseline.mean > 0) out.detectable_effect_relative = out.detectable_effect / baseline.mean;
    if (out.effect > 0 && baseline.adjusted > 0) {
      const double error =
          std::sqrt(spread(metric, baseline, moved_by(metric, out.effect)) / planned_units_);
      out.power_at_plan =
          stats::normal_cdf(out.effect / error + stats::normal_quantile(alpha_of(m)));
      find_runtime(m, baseline, definition, out);
    }
    return out;
  }

  // Windowed metrics do not change with the duration of exposure, open-ended ones do.
  Result<void> add_durations(std::size_t m, const MetricMoments& moments,
                             const definitions::Metric& definition, DesignMetric& out) {
    by_day_.clear();
    const std::size_t last = moments.by_day.size() - 1;
    for (std::size_t day = 0; day < std::min(arrivals_.size(), moments.by_day.size()); ++day) {
      DESCANT_ASSIGN(const Baseline then, baseline_of(moments, definition.to ? last : day));
      by_day_.push_back(then);
      const auto days = static_cast<std::int64_t>(day) + 1;
      const double units = units_after(days);
      out.by_duration.push_back({days, static_cast<std::int64_t>(units), then.mean,
                                 std::sqrt(then.adjusted),
                                 then.mean > 0 && units > 0 ? detectable(m, then, units) / then.mean
                                                            : stats::kUndefined});
    }
    return {};
  }

  void find_runtime(std::size_t m, const Baseline& baseline, const definitions::Metric& definition,
                    DesignMetric& out) const {
    const auto window = definition.to ? days_of(*definition.to) : 0;
    out.units_needed = units_needed(m, baseline, out.effect);
    out.days_of_exposure = days_until(static_cast<double>(*out.units_needed));
    if (!definition.to)
      for (std::size_t day = 0; day < by_day_.size(); ++day) {
        const double effect = stated_effect(plan_.metrics[m], by_day_[day].mean);
        if (!(effect > 0) || !(by_day_[day].adjusted > 0)) continue;
        const auto needed = units_needed(m, by_day_[day], effect);
        if (units_after(static_cast<std::int64_t>(day) + 1) < static_cast<double>(needed)) continue;
        out.units_needed = needed;
        out.days_of_exposure = static_cast<std::int64_t>(day) + 1;
        break;
      }
    if (out.days_of_exposure) out.runtime_days = *out.days_of_exposure + window;
  }

  static void find_binding(DesignResult& result) {
    const DesignMetric* binding = nullptr;
    const auto later = [](const DesignMetric& a, const DesignMetric& b) {
      const auto days = [](const DesignMetric& x) {
        return x.runtime_days.value_or(kMostDays * 2);
      };
      return days(a) != days(b) ? days(a) > days(b) : *a.units_needed > *b.units_needed;
    };
    for (const auto& metric : result.metrics)
      if (metric.units_needed && (binding == nullptr || later(metric, *binding))) binding = &metric;
    if (binding == nullptr) return;
    result.binding_metric = binding->name;
    result.units_needed = binding->units_needed;
    result.runtime_days = binding->runtime_days;
  }

  void warn(DesignResult& result) const {
    for (std::size_t i = 0; i < planned_.size(); ++i) {
      const auto& metric = plan_.metrics[planned_[i]];
      const auto& planned = result.metrics[i];
      const std::string field = "metrics." + metric.name;
      if (planned.units < 2 || !(baselines_[i].adjusted > 0))
        result.warnings.push_back(
            {"no_baseline", field, "The period holds too little of it to plan with."});
      else if (metric.role == definitions::Role::kSuccess && std::isnan(planned.effect))
        result.warnings.push_back(
            {"no_effect", field,
             "No minimum_detectable_effect is stated, so only what can be detected is told."});
      if (readout_.units.metrics[planned_[i]].covariate_truncated)
        result.warnings.push_back({"covariate_truncated", field,
                                   "The source begins within the lookback, so the covariate will "
                                   "remove more than this."});
      if (planned.days_of_exposure && *planned.days_of_exposure > std::ssize(arrivals_))
        result.warnings.push_back(
            {"arrival_extrapolated", field,
             fmt::format("Only {} of arrival are observed; after them units are taken to arrive as "
                         "on the last {}.",
                         counted(std::ssize(arrivals_), "day"),
                         std::min<std::int64_t>(kArrivalDays, std::ssize(arrivals_)))});
    }
  }

  Result<void> simulate(const std::vector<UnitColumns>& columns, DesignResult& result) const {
    DESCANT_ASSIGN(const auto correlation, estimate_correlation(columns));
    std::vector<std::string> names = {"no_effect"};
    std::vector<std::string> success;
    for (const std::size_t m : planned_)
      if (plan_.metrics[m].role == definitions::Role::kSuccess)
        success.push_back(plan_.metrics[m].name);
    if (!success.empty()) names.emplace_back("planned_effects");
    if (success.size() > 1)
      for (const auto& name : success) names.push_back("only:" + name);
    for (const auto& name : names) {
      DESCANT_ASSIGN(auto found,
                     simulate_decision(planned_tests(result, name), correlation, checks(), rule(),
                                       options_.replicates, options_.seed));
      result.scenarios.push_back({name, found.ship, found.stop, found.invalid});
    }
    return {};
  }

  // A success metric without a stated effect has the one that could be detected.
  std::vector<PlannedTest> planned_tests(const DesignResult& result,
                                         const std::string& scenario) const {
    std::vector<PlannedTest> tests;
    for (std::size_t i = 0; i < planned_.size(); ++i) {
      const auto& metric = plan_.metrics[planned_[i]];
      PlannedTest test{metric.name, metric.role,
                       metric.direction == definitions::Direction::kIncrease, 0, 0};
      const double error = std::sqrt(spread(metric, baselines_[i], 0) / planned_units_);
      const double effect = std::isnan(result.metrics[i].effect)
                                ? result.metrics[i].detectable_effect
                                : result.metrics[i].effect;
      if (error > 0 && std::isfinite(effect)) {
        const bool moves = scenario == "planned_effects" || scenario == "only:" + metric.name;
        if (metric.role == definitions::Role::kSuccess && moves) test.effect = effect / error;
        if (metric.role == definitions::Role::kGuardrail) test.margin = effect / error;
      }
      tests.push_back(std::move(test));
    }
    return tests;
  }

  const UnitReadout& readout_;
  const AnalysisPlan& plan_;
  const definitions::Experiment& experiment_;  // moved to the period
  const TimeZone& zone_;
  const DesignOptions& options_;
  double control_share_ = 0.5, treatment_share_ = 0.5, planned_units_ = 0;
  std::vector<std::int64_t> arrivals_;  // by day of the period
  std::vector<stats::MetricDecision> rates_;
  std::vector<std::size_t> planned_;  // metrics of the plan, as in the result
  std::vector<Baseline> baselines_;   // as in the result
  std::vector<Baseline> by_day_;      // of the metric at hand
};

}  // namespace

Result<DesignResult> design(const definitions::Project& project, const timelines::Store& store,
                            const std::string& name, const DesignOptions& options) {
  if (options.replicates < 1 || options.replicates > 1'000'000)
    return invalid_request("replicates must be from 1 to 1,000,000", "replicates");
  definitions::Project moved = project;
  const auto found = moved.experiments.find(name);
  if (found == moved.experiments.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : project.experiments) names.push_back(known);
    return not_found(fmt::format("there is no experiment '{}'", name), "experiments",
                     did_you_mean(name, names));
  }
  definitions::Experiment& experiment = found->second;
  if (experiment.design.type != definitions::DesignType::kRandomised &&
      experiment.design.type != definitions::DesignType::kEncouragement)
    return invalid_request(
        fmt::format("the design {} is not planned", definitions::name_of(experiment.design.type)),
        "experiments." + name + ".design.type",
        "Sizes follow from units that are drawn at random, as in randomised experiments and "
        "encouragements.");
  DESCANT_ASSIGN(const TimeZone zone, TimeZone::find(project.timezone));
  DESCANT_ASSIGN(const Facts facts, open_facts(project, experiment, store));
  DESCANT_ASSIGN(const Period period, period_of(experiment, facts, zone, options));
  DesignResult result;
  result.experiment = name;
  result.entity = project.assignment_tables.at(experiment.assignment_table).entity;
  result.from = format_date(period.from);
  result.to = format_date(period.to);
  result.planned_days = experiment.end - experiment.start + 1;
  result.seed = options.seed;
  experiment.start = period.from;
  experiment.end = period.to;
  ReadoutOptions readout;
  readout.as_of = period.as_of;
  readout.threads = options.threads;
  readout.by_segment = false;
  auto exposures = historic_exposures(facts.tables, zone.start_of(period.from),
                                      std::min(zone.start_of(period.to + 1), period.as_of),
                                      experiment.variants.size());
  DESCANT_ASSIGN(const auto units, read_units(moved, store, name, readout, std::move(exposures)));
  DESCANT_CHECK(Designer(units, experiment, zone, options).run(project, result));
  return result;
}

}  // namespace descant::experiment
