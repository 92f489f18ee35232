// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/difference_in_differences.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "base/text.h"
#include "stats/causal/percentile_interval.h"
#include "stats/causal/random_purpose.h"
#include "stats/causal/single_effect.h"
#include "stats/causal/two_by_two.h"
#include "stats/comparison/compare.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kMostPreTrend = 500;  // cells before treatment, in one test
constexpr double kFewClusters = 30;

// From influences to errors and intervals.
class Errors {
 public:
  Errors(const GroupTimeEffects& effects, const Panel& panel,
         const DifferenceInDifferencesRequest& request)
      : request_(request), n_(static_cast<double>(effects.units.size())) {
    if (!panel.clusters) return;
    clusters_ = CodedLabels{{}, panel.clusters->names};
    for (const auto unit : effects.units) clusters_->codes.push_back(panel.clusters->codes[unit]);
  }

  // Sums by cluster over n, whose squares add up to variances.
  MatrixXd sums(const std::vector<const Influenced*>& estimates) const {
    MatrixXd rows(static_cast<Index>(n_), static_cast<Index>(estimates.size()));
    for (std::size_t k = 0; k < estimates.size(); ++k)
      rows.col(static_cast<Index>(k)) = estimates[k]->influence / n_;
    return cluster_sums(rows, clusters_);
  }

  EffectInterval interval(const Influenced& estimate) const {
    if (estimate.influence.size() == 0) return {};
    return two_sided_interval(estimate.estimate, sums({&estimate}).norm(), kUndefined,
                              request_.options.confidence_level);
  }

  // Quantile of the largest of the standardised estimates under Rademacher multipliers.
  double simultaneous_quantile(const std::vector<const Influenced*>& estimates) const {
    if (estimates.empty()) return kUndefined;
    MatrixXd standard = sums(estimates);
    for (Index k = 0; k < standard.cols(); ++k) {
      const double error = standard.col(k).norm();
      standard.col(k) *= error > 0 ? 1 / error : 0.0;
    }
    std::vector<double> largest(static_cast<std::size_t>(request_.replicates));
    VectorXd signs(standard.rows());
    for (std::size_t b = 0; b < largest.size(); ++b) {
      const Random random(request_.seed, CausalPurpose::kMultipliers, b);
      for (Index c = 0; c < signs.size(); ++c) {
        const auto place = static_cast<std::uint64_t>(c);
        signs(c) = (random.at(place / 64) >> (place % 64) & 1) != 0 ? 1.0 : -1.0;
      }
      largest[b] = (signs.transpose() * standard).cwiseAbs().maxCoeff();
    }
    std::sort(largest.begin(), largest.end());
    return sorted_quantile(largest, request_.options.confidence_level);
  }

 private:
  const DifferenceInDifferencesRequest& request_;
  double n_;
  std::optional<CodedLabels> clusters_;
};

template <class Effect>
void widen(std::vector<Effect>& effects, double quantile) {
  for (auto& effect : effects) {
    effect.simultaneous_lower = effect.effect.estimate - quantile * effect.effect.standard_error;
    effect.simultaneous_upper = effect.effect.estimate + quantile * effect.effect.standard_error;
  }
}

AggregateEffects written(const Aggregate& aggregate, const Errors& errors, bool simultaneous) {
  AggregateEffects out;
  out.overall = errors.interval(aggregate.overall);
  std::vector<const Influenced*> estimates;
  for (const auto& part : aggregate.parts) {
    out.effects.push_back({part.at, errors.interval(part.effect), {}, {}});
    estimates.push_back(&part.effect);
  }
  if (simultaneous) widen(out.effects, errors.simultaneous_quantile(estimates));
  return out;
}

std::vector<CellEffect> written_cells(const GroupTimeEffects& effects, const Errors& errors,
                                      bool simultaneous) {
  std::vector<CellEffect> out;
  std::vector<const Influenced*> estimates;
  for (const auto& cell : effects.cells) {
    out.push_back({cell.group,
                   cell.time,
                   cell.n_treated,
                   cell.n_control,
                   errors.interval(cell.effect),
                   {},
                   {}});
    estimates.push_back(&cell.effect);
  }
  if (simultaneous) widen(out, errors.simultaneous_quantile(estimates));
  return out;
}

void warn_untested_trend(Warnings& warnings) {
  warnings.push_back({"no_pre_trend_test", "treated_from",
                      "The effects before treatment are too many for the units (or clusters), or "
                      "do not vary: they cannot be tested together."});
}

ChiSquaredTest pre_trend_test(const GroupTimeEffects& effects, const Errors& errors,
                              Warnings& warnings) {
  std::vector<const Influenced*> before;
  for (const auto& cell : effects.cells)
    if (cell.time < cell.group) before.push_back(&cell.effect);
  ChiSquaredTest test;
  if (before.empty()) return test;
  const auto count = static_cast<Index>(before.size());
  const MatrixXd sums = errors.sums(before);
  if (count > kMostPreTrend || count >= sums.rows() ||
      static_cast<Index>(independent_columns(sums).size()) < count) {
    warn_untested_trend(warnings);
    return test;
  }
  VectorXd estimates(count);
  for (Index k = 0; k < count; ++k) estimates(k) = before[static_cast<std::size_t>(k)]->estimate;
  test.statistic = estimates.dot((sums.transpose() * sums).ldlt().solve(estimates));
  test.degrees_of_freedom = static_cast<double>(count);
  test.p_value = chi_squared_upper_tail(test.statistic, test.degrees_of_freedom);
  return test;
}

AggregateKind kind_of(const std::string& name) {
  if (name == "simple") return AggregateKind::kSimple;
  if (name == "event_time") return AggregateKind::kEventTime;
  if (name == "calendar") return AggregateKind::kCalendar;
  return AggregateKind::kGroup;
}

// The headline: observed mean, and the mean without treatment as it less the effect.
EstimatePair pair_of(const Influenced& observed, const Influenced& effect, const Errors& errors) {
  EstimatePair pair;
  pair.method = "group_time";
  if (effect.influence.size() == 0) return pair;
  Influenced without{observed.estimate - effect.estimate, observed.influence - effect.influence};
  const MatrixXd sums = errors.sums({&without, &observed});
  const MatrixXd covariance = sums.transpose() * sums;
  pair.control_variance = covariance(0, 0);
  pair.treatment_variance = covariance(1, 1);
  pair.covariance = covariance(0, 1);
  pair.control = {0, without.estimate, std::sqrt(covariance(0, 0))};
  pair.treatment = {0, observed.estimate, std::sqrt(covariance(1, 1))};
  return pair;
}

void count_units(const GroupTimeEffects& effects, EstimatePair& pair) {
  for (const double from : effects.first_treated)
    ++(std::isfinite(from) ? pair.treatment : pair.control).n;
}

void warn_of_panel(const GroupTimeEffects& effects, const Panel& panel,
                   const DifferenceInDifferencesRequest& request, Warnings& warnings) {
  if (effects.always_treated > 0)
    warnings.push_back({"always_treated", "treated_from",
                        fmt::format("{} of {} units are treated from the first period on, so that "
                                    "nothing shows them untreated: they are left out.",
                                    effects.always_treated, panel.unit_count())});
  if (effects.omitted_cells > 0)
    warnings.push_back(
        {"omitted_cells", "treated_from",
         fmt::format("{} left out for having fewer than two units on a side{}.",
                     counted(static_cast<std::int64_t>(effects.omitted_cells), "group-time effect"),
                     request.group_time.control_group == "never_treated"
                         ? "; control_group not_yet_treated would have more controls"
                         : "")});
  if (effects.collinear)
    warnings.push_back({"collinear_covariate", "covariates",
                        "In some cells the controls' covariates repeat each other or do not vary: "
                        "those are left out there."});
}

void warn_of_clusters(double clusters, Warnings& warnings) {
  if (clusters >= kFewClusters) return;
  warnings.push_back({"few_clusters", "cluster",
                      fmt::format("{} clusters are few: below {} the errors tend to be too small.",
                                  clusters, kFewClusters)});
}

void warn_of_undefined_errors(const std::vector<CellEffect>& effects, Warnings& warnings) {
  for (const auto& cell : effects) {
    if (cell.effect.standard_error > 0) continue;
    warnings.push_back({"no_variance", "effects",
                        "Some effects have no interval: the changes do not vary within the group "
                        "and within its controls."});
    return;
  }
}

std::string chosen_method(const DifferenceInDifferencesRequest& request, const Panel& panel) {
  if (request.method != "auto") return request.method;
  const auto never = std::count_if(panel.first_treated.begin(), panel.first_treated.end(),
                                   [](double from) { return !std::isfinite(from); });
  return panel.groups.size() == 1 && never > 0 ? "two_by_two" : "group_time";
}

Result<void> check_method(const std::string& method, const Panel& panel) {
  if (method == "two_by_two" && panel.groups.size() > 1)
    return invalid_request("units are first treated at different times", "method",
                           "Use group_time: two_by_two needs one date.");
  if (method == "group_time" && panel.repeated_rows)
    return invalid_request("a unit has several rows at one time", "unit",
                           "Add the unit's rows up first: group_time compares each with itself.");
  return {};
}

// Warnings of the pre-trend's own calculation, when it is not the method.
Result<void> add_pre_trend(const Panel& panel, const DifferenceInDifferencesRequest& request,
                           DifferenceInDifferences& result) {
  if (panel.repeated_rows || panel.times.size() < 3) return {};
  if (is_too_large(panel)) {
    warn_untested_trend(result.comparison.warnings);
    return {};
  }
  const MatrixXd outcomes = outcome_matrix(panel, request.panel.outcome);
  DESCANT_ASSIGN(const auto effects, group_time_effects(panel, outcomes, request.group_time));
  result.pre_trend =
      pre_trend_test(effects, Errors(effects, panel, request), result.comparison.warnings);
  return {};
}

Result<DifferenceInDifferences> by_group_and_time(const Panel& panel,
                                                  const DifferenceInDifferencesRequest& request,
                                                  DifferenceInDifferences result) {
  const MatrixXd outcomes = outcome_matrix(panel, request.panel.outcome);
  DESCANT_ASSIGN(const auto effects, group_time_effects(panel, outcomes, request.group_time));
  const Errors errors(effects, panel, request);
  const AggregateKind kind = kind_of(request.aggregate);
  const Influenced observed =
      aggregate_effects(observed_means(effects, panel, outcomes), kind).overall;
  EstimatePair pair = pair_of(observed, aggregate_effects(effects, kind).overall, errors);
  count_units(effects, pair);
  pair.warnings = panel.covariates.warnings;
  warn_of_panel(effects, panel, request, pair.warnings);
  DESCANT_ASSIGN(result.comparison, compare(pair, request.options));
  result.n_units = static_cast<std::int64_t>(effects.units.size());
  result.effects = written_cells(effects, errors, request.simultaneous);
  warn_of_undefined_errors(result.effects, result.comparison.warnings);
  const auto aggregate = [&](AggregateKind of) {
    return written(aggregate_effects(effects, of), errors, request.simultaneous);
  };
  result.aggregates =
      Aggregates{aggregate(AggregateKind::kSimple).overall, aggregate(AggregateKind::kGroup),
                 aggregate(AggregateKind::kEventTime), aggregate(AggregateKind::kCalendar)};
  result.pre_trend = pre_trend_test(effects, errors, result.comparison.warnings);
  return result;
}

}  // namespace

Result<DifferenceInDifferences> difference_in_differences(
    const DifferenceInDifferencesRequest& request) {
  DESCANT_CHECK(check_options(request.options));
  DESCANT_ASSIGN(const Panel panel, read_panel(request.panel));
  const std::string method = chosen_method(request, panel);
  DESCANT_CHECK(check_method(method, panel));
  DifferenceInDifferences result;
  result.n_units = static_cast<std::int64_t>(panel.unit_count());
  result.n_clusters =
      panel.clusters ? static_cast<std::int64_t>(panel.clusters->names.size()) : result.n_units;
  if (method == "group_time") {
    DESCANT_ASSIGN(result, by_group_and_time(panel, request, std::move(result)));
  } else {
    const double from = panel.groups.empty() ? kUndefined : panel.groups.front();
    EstimatePair pair = two_by_two(panel, request.panel.outcome, from);
    pair.warnings.insert(pair.warnings.begin(), panel.covariates.warnings.begin(),
                         panel.covariates.warnings.end());
    DESCANT_ASSIGN(result.comparison, compare(pair, request.options));
    DESCANT_CHECK(add_pre_trend(panel, request, result));
  }
  warn_of_clusters(static_cast<double>(result.n_clusters), result.comparison.warnings);
  return result;
}

}  // namespace descant::stats
