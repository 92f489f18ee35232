// SPDX-License-Identifier: Apache-2.0
#include "experiment/sequential_effects.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"
#include "definitions/formats.h"
#include "experiment/checks.h"
#include "experiment/planned_decision.h"
#include "stats/distributions.h"
#include "stats/sequential/monitoring.h"

namespace descant::experiment {

namespace {

using definitions::SequentialMethod;
using stats::MonitoredLook;

constexpr double kGreatestStatistic = 37;  // beyond it a normal tail is 0
constexpr double kBoundMatters = 0.01;

// The looks of one metric: which rows they are, and what the methods read of them.
struct Looks {
  std::vector<std::size_t> rows;
  std::vector<MonitoredLook> looks;  // estimate and error of the effect, absolute
};

// Shares of the plan grow from look to look, and end with the first that completes it.
Looks looks_of(const AnalysisPlan& plan, const MetricResult& metric, std::size_t treatment) {
  Looks found;
  double before = 0;
  const double total = std::accumulate(plan.shares.begin(), plan.shares.end(), 0.0);
  for (std::size_t row = 0; row < metric.days.size(); ++row) {
    const auto& comparison = metric.days[row].comparison;
    if (std::isnan(plan.plan_share_by_day[row])) continue;  // not a look
    const double n = static_cast<double>(comparison.control.n + comparison.treatment.n);
    double share = plan.plan_share_by_day[row];
    if (plan.sequential.planned_units) {
      const double arms =
          plan.shares.empty() ? 1.0 : (plan.shares[0] + plan.shares[treatment]) / total;
      share = n / (*plan.sequential.planned_units * arms);
    }
    const bool group = plan.sequential.method == SequentialMethod::kGroupSequential;
    if (!(comparison.absolute.standard_error > 0)) continue;
    if (group && (!(share > before + 1e-9) || before >= 1)) continue;
    before = share;
    found.rows.push_back(row);
    found.looks.push_back(
        {share, n, comparison.absolute.estimate, comparison.absolute.standard_error});
  }
  return found;
}

// With increments that are independent given the observed information.
std::vector<double> independent_correlation(const std::vector<MonitoredLook>& looks) {
  std::vector<double> information;
  for (const auto& look : looks) {
    const double own = 1 / (look.standard_error * look.standard_error);
    information.push_back(information.empty() ? own : std::max(own, information.back()));
  }
  const std::size_t size = looks.size();
  std::vector<double> correlation(size * size);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j)
      correlation[i * size + j] = std::sqrt(std::min(information[i], information[j]) /
                                            std::max(information[i], information[j]));
  return correlation;
}

Result<std::vector<double>> correlation_of(const AnalysisPlan& plan, const folds::UnitTable& units,
                                           std::size_t metric, const Looks& looks,
                                           std::size_t threads) {
  if (units.metrics[metric].numerator.size() == 1) return independent_correlation(looks.looks);
  std::vector<std::vector<double>> centred;
  for (const std::size_t row : looks.rows) {
    DESCANT_ASSIGN(const auto columns, unit_columns(plan, units, metric, threads, row));
    DESCANT_ASSIGN(auto values, centred_unit_values(columns));
    centred.push_back(std::move(values));
  }
  return correlation_of_totals(centred);
}

// Null: the definition lacks what the method reads, which has been warned of.
std::optional<stats::MonitoringMethod> method_of(const AnalysisPlan& plan, const MetricPlan& metric,
                                                 const Looks& looks, double control,
                                                 Warnings& warnings) {
  const auto& asked = plan.sequential;
  stats::MonitoringMethod method;
  method.method = definitions::name_of(asked.method);
  method.power = plan.power;
  method.spending.function = definitions::name_of(asked.spending);
  method.spending.parameter = asked.spending_parameter;
  const double planned = asked.planned_units.value_or(
      looks.looks.back().n / std::min(1.0, looks.looks.back().information));
  method.optimal_n = asked.optimal_units.value_or(planned);
  method.planned_n = planned;
  method.tau_squared = asked.tau_squared;
  if (asked.method == SequentialMethod::kGavi) {
    // By the first look, so that no later one changes what was said on it.
    const auto& first = looks.looks.front();
    method.optimal_intrinsic_time =
        *method.optimal_n * first.n * first.standard_error * first.standard_error;
  }
  const auto& stated = metric.role == definitions::Role::kGuardrail
                           ? metric.non_inferiority_margin
                           : metric.minimum_detectable_effect;
  if (stated)
    method.minimum_detectable_effect =
        std::abs(stated->relative ? stated->value * control : stated->value);
  if (auto good = stats::check_method(method); !good) {
    warnings.push_back(
        {"not_sequential", "metrics." + metric.name,
         fmt::format("{} cannot be read sequentially: {}.", metric.name, good.error().message)});
    return std::nullopt;
  }
  return method;
}

struct Watched {
  std::vector<stats::MonitoredResult> looks;
  std::vector<double> independent_bounds;
};

Result<Watched> watch(std::vector<MonitoredLook> looks, const std::vector<double>& statistics,
                      const std::vector<double>& correlation, stats::MonitoringMethod method,
                      double alpha, const char* alternative) {
  method.alpha = alpha;
  method.alternative = alternative;
  for (std::size_t k = 0; k < statistics.size(); ++k)
    looks[k].estimate = std::clamp(statistics[k], -kGreatestStatistic, kGreatestStatistic) *
                        looks[k].standard_error;
  if (method.method != "group_sequential") {
    DESCANT_ASSIGN(auto found, stats::monitor(looks, method));
    return Watched{std::move(found.looks), {}};
  }
  DESCANT_ASSIGN(auto found, stats::monitor_correlated(looks, correlation, method));
  return Watched{std::move(found.monitored.looks), std::move(found.independent_bounds)};
}

std::string sentence(const MetricResult& metric, const SequentialOutcome& outcome, double bound) {
  if (outcome.last_look.empty()) return fmt::format("{} has no complete look yet.", metric.name);
  const std::string p = p_value_text(outcome.p_value);
  std::string text =
      outcome.crossed
          ? fmt::format("{} crossed its bound on {} (sequential {}).", metric.name,
                        outcome.crossed_on, p)
          : fmt::format(
                "{} has not crossed its bound up to {}{}.", metric.name, outcome.last_look,
                std::isnan(outcome.p_value) ? std::string() : fmt::format(" (sequential {})", p));
  if (std::abs(outcome.independent_bound - bound) > kBoundMatters)
    text += fmt::format(
        " Its units go on contributing: the bound is {:.3f}, where independent increments would "
        "have given {:.3f}.",
        bound, outcome.independent_bound);
  return text;
}

class MetricWatch {
 public:
  MetricWatch(const AnalysisPlan& plan, const folds::UnitTable& units, std::size_t treatment,
              std::size_t threads, Warnings& warnings)
      : plan_(plan), units_(units), treatment_(treatment), threads_(threads), warnings_(warnings) {}

  Result<void> run(std::size_t metric, const stats::MetricDecision& rates, MetricEffect& effect) {
    MetricResult& result = effect.result;
    SequentialOutcome& outcome = result.sequential.emplace();
    outcome.method = definitions::name_of(plan_.sequential.method);
    effect.tests.p_value = effect.tests.deterioration_p_value = stats::kUndefined;
    const Looks looks = looks_of(plan_, result, treatment_);
    const auto method =
        looks.rows.empty()
            ? std::nullopt
            : method_of(plan_, plan_.metrics[metric], looks,
                        result.days[looks.rows.back()].comparison.control.estimate, warnings_);
    if (!method) {
      outcome.message = sentence(result, outcome, 0);
      return finish(effect);
    }
    std::vector<double> correlation;
    if (method->method == "group_sequential") {
      DESCANT_ASSIGN(correlation, correlation_of(plan_, units_, metric, looks, threads_));
    }
    DESCANT_CHECK(add_looks(rates, looks, *method, correlation, effect));
    DESCANT_CHECK(watch_deterioration(rates, looks, *method, correlation, effect));
    return finish(effect);
  }

 private:
  Result<void> add_looks(const stats::MetricDecision& rates, const Looks& looks,
                         const stats::MonitoringMethod& method,
                         const std::vector<double>& correlation, MetricEffect& effect) const {
    MetricResult& result = effect.result;
    SequentialOutcome& outcome = *result.sequential;
    std::vector<double> statistics;
    for (const std::size_t row : looks.rows)
      statistics.push_back(-stats::normal_quantile(effect.day_tests[row].p_value));
    const double alpha = std::isnan(rates.alpha_used) ? plan_.alpha : rates.alpha_used;
    DESCANT_ASSIGN(const auto found,
                   watch(looks.looks, statistics, correlation, method, alpha, "greater"));
    DESCANT_ASSIGN(const auto repeated, watch(looks.looks, {}, correlation, method,
                                              1 - plan_.confidence_level, "two_sided"));
    for (std::size_t k = 0; k < looks.rows.size(); ++k) {
      auto& day = result.days[looks.rows[k]];
      const auto& look = found.looks[k];
      day.look = SequentialLook{looks.looks[k].information,
                                look.statistic,
                                look.bound,
                                look.crossed,
                                look.p_value,
                                repeated.looks[k].lower,
                                repeated.looks[k].upper};
      if (look.crossed && outcome.crossed_on.empty()) outcome.crossed_on = day.day;
    }
    outcome.last_look = result.days[looks.rows.back()].day;
    outcome.crossed = found.looks.back().crossed;
    outcome.p_value = found.looks.back().p_value;
    const bool open_ended = units_.metrics[index_of(result)].numerator.size() > 1;
    if (open_ended && !found.independent_bounds.empty())
      outcome.independent_bound = found.independent_bounds.back();
    outcome.message = sentence(result, outcome, found.looks.back().bound);
    effect.tests.p_value = outcome.p_value;
    return {};
  }

  std::size_t index_of(const MetricResult& result) const {
    std::size_t index = 0;
    while (plan_.metrics[index].name != result.name) ++index;
    return index;
  }

  Result<void> watch_deterioration(const stats::MetricDecision& rates, const Looks& looks,
                                   const stats::MonitoringMethod& method,
                                   const std::vector<double>& correlation,
                                   MetricEffect& effect) const {
    const double alpha = rates.deterioration_alpha_used;
    if (!(alpha > 0)) return {};
    const double bad = effect.result.direction == "increase" ? -1 : 1;
    std::vector<double> statistics;
    for (const auto& look : looks.looks)
      statistics.push_back(bad * look.estimate / look.standard_error);
    DESCANT_ASSIGN(const auto found,
                   watch(looks.looks, statistics, correlation, method, alpha, "greater"));
    effect.tests.deterioration_p_value = found.looks.back().p_value;
    return {};
  }

  static Result<void> finish(MetricEffect& effect) {
    effect.result.p_value_one_sided = effect.tests.p_value;
    effect.result.deterioration_p_value = effect.tests.deterioration_p_value;
    return {};
  }

  const AnalysisPlan& plan_;
  const folds::UnitTable& units_;
  std::size_t treatment_;
  std::size_t threads_;
  Warnings& warnings_;
};

}  // namespace

bool is_sequential(const AnalysisPlan& plan) {
  return plan.sequential.method != SequentialMethod::kNone;
}

Result<void> watch_effects(const AnalysisPlan& plan, const folds::UnitTable& units,
                           std::size_t treatment, std::size_t threads,
                           std::vector<MetricEffect>& effects, Warnings& warnings) {
  if (!is_sequential(plan)) return {};
  if (plan.plan_share_by_day.size() != units.days.size())
    return internal_error("plan_share_by_day is not by day", "days");
  std::vector<stats::MetricTests> tests;
  for (const auto& effect : effects) tests.push_back(effect.tests);
  stats::DecisionPlan rule;
  rule.alpha = plan.alpha;
  rule.power = plan.power;
  rule.deterioration_alpha = plan.deterioration_alpha;
  rule.treatments = std::ssize(units.variants) - 1;
  DESCANT_ASSIGN(const auto rates, stats::decide(tests, rule));
  for (std::size_t m = 0; m < effects.size(); ++m) {
    if (plan.metrics[m].role == definitions::Role::kQuality) continue;
    if (effects[m].day_tests.empty()) {  // an ordinary p-value would not hold at several looks
      effects[m].tests.p_value = effects[m].tests.deterioration_p_value = stats::kUndefined;
      effects[m].result.p_value_one_sided = stats::kUndefined;
      effects[m].result.deterioration_p_value = stats::kUndefined;
      warnings.push_back(
          {"not_sequential", "metrics." + plan.metrics[m].name,
           fmt::format("{} has no effect by day to be read sequentially.", plan.metrics[m].name)});
      continue;
    }
    DESCANT_CHECK(MetricWatch(plan, units, treatment, threads, warnings)
                      .run(m, rates.metrics[m], effects[m]));
  }
  return {};
}

}  // namespace descant::experiment
