// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/instrumental_variables.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/text.h"
#include "stats/causal/anderson_rubin.h"
#include "stats/causal/single_effect.h"
#include "stats/comparison/compare.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Instruments {
  std::map<std::string, std::vector<double>> columns;
};

void describe(Describer& d, Instruments& instruments) {
  d.field(instruments.columns, {.name = "instrument"});
}

// Everything cleared of intercept and covariates.
struct Cleared {
  VectorXd outcome;
  VectorXd treatment;
  MatrixXd instruments;
  MatrixXd potential;  // outcome * (treatment - 1) and outcome * treatment, when that is 0 or 1
  double n = 0;
  double controls = 0;  // columns cleared away
  bool binary_instrument = true;
  ErrorKind kind = ErrorKind::kClassical;
  std::optional<CodedLabels> clusters;
};

Result<Instruments> instruments_of(const Json& json) {
  if (json.is_object()) return from_json<Instruments>(Json{{"instrument", json}});
  auto read = from_json<Instruments>(Json{{"instrument", Json{{"instrument", json}}}});
  if (!read) read.error().where = "instrument";
  return read;
}

bool is_binary(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return x == 0 || x == 1; });
}

Result<ErrorKind> error_kind(const InstrumentalVariablesRequest& request) {
  const auto& name = request.standard_errors;
  if (name == "cluster" && !request.cluster)
    return invalid_request("clustered errors need the column cluster", "cluster");
  if (name == "robust") return ErrorKind::kRobust;
  if (name == "cluster" || (name == "auto" && request.cluster)) return ErrorKind::kCluster;
  return ErrorKind::kClassical;
}

MatrixXd clear(const MatrixXd& columns, const MatrixXd& design) {
  const MatrixXd gram = design.transpose() * design;
  return columns - design * gram.ldlt().solve(design.transpose() * columns);
}

// Instruments that survive the clearing and do not repeat each other.
void keep_independent(MatrixXd& instruments, const MatrixXd& before,
                      std::vector<std::string>& names, Warnings& warnings) {
  for (Index j = 0; j < instruments.cols(); ++j) {
    const double spread = (before.col(j).array() - before.col(j).mean()).matrix().squaredNorm();
    if (!(instruments.col(j).squaredNorm() > 1e-10 * spread)) instruments.col(j).setZero();
  }
  const auto kept = independent_columns(instruments);
  MatrixXd out(instruments.rows(), static_cast<Index>(kept.size()));
  std::vector<std::string> kept_names;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out.col(static_cast<Index>(i)) = instruments.col(kept[i]);
    kept_names.push_back(names[static_cast<std::size_t>(kept[i])]);
  }
  for (const auto& name : names)
    if (std::find(kept_names.begin(), kept_names.end(), name) == kept_names.end())
      warnings.push_back(
          {"collinear_instrument", "instrument",
           fmt::format("{} does not vary, or repeats other instruments or covariates.", name)});
  instruments = std::move(out);
  names = std::move(kept_names);
}

Result<Cleared> cleared_rows(const InstrumentalVariablesRequest& request, FirstStage& stage,
                             Warnings& warnings) {
  const std::size_t rows = request.outcome.size();
  DESCANT_CHECK(
      check_same_length(request.treatment_received.size(), "treatment_received", rows, "outcome"));
  DESCANT_ASSIGN(const auto given, instruments_of(request.instrument));
  if (given.columns.empty())
    return invalid_request("there is no instrument", "instrument",
                           "Give a list, or lists by name.");
  DESCANT_ASSIGN(auto table, covariate_table(request.covariates, rows));
  warnings.insert(warnings.end(), table.warnings.begin(), table.warnings.end());
  const MatrixXd design = design_with_intercept(table.values, table.names, warnings);
  Cleared out;
  DESCANT_ASSIGN(out.kind, error_kind(request));
  DESCANT_ASSIGN(auto clusters, clusters_of(request.cluster, rows));
  if (out.kind == ErrorKind::kCluster) out.clusters = std::move(clusters);
  out.n = static_cast<double>(rows);
  out.controls = static_cast<double>(design.cols());
  MatrixXd instruments(static_cast<Index>(rows), 0);
  for (const auto& [name, column] : given.columns) {
    DESCANT_CHECK(check_same_length(column.size(), "instrument", rows, "outcome"));
    stage.instruments.push_back(name);
    instruments.conservativeResize(Eigen::NoChange, instruments.cols() + 1);
    instruments.rightCols(1) = column_of(column);
    out.binary_instrument = out.binary_instrument && is_binary(column);
  }
  if (rows == 0) {
    out.instruments.resize(0, 0);
    stage.instruments.clear();
    return out;
  }
  const VectorXd y = column_of(request.outcome);
  const VectorXd d = column_of(request.treatment_received);
  out.outcome = clear(y, design);
  out.treatment = clear(d, design);
  out.instruments = clear(instruments, design);
  keep_independent(out.instruments, instruments, stage.instruments, warnings);
  if (is_binary(request.treatment_received)) {
    MatrixXd potential(static_cast<Index>(rows), 2);
    potential.col(0) = y.array() * (d.array() - 1);
    potential.col(1) = y.array() * d.array();
    out.potential = clear(potential, design);
  }
  return out;
}

// Coefficients of one regressor's fitted part for several outcomes, with their covariance.
struct Fit {
  VectorXd coefficients;
  MatrixXd covariance;
};

Fit fit_outcomes(const Cleared& rows, const VectorXd& regressor, const MatrixXd& outcomes,
                 const VectorXd& observed) {
  const double scale = regressor.dot(observed);
  Fit fit;
  fit.coefficients = (regressor.transpose() * outcomes).transpose() / scale;
  const MatrixXd residuals = outcomes - observed * fit.coefficients.transpose();
  const double parameters = rows.controls + 1;
  MatrixXd meat;
  if (rows.kind == ErrorKind::kClassical) {
    meat = residuals.transpose() * residuals * (regressor.squaredNorm() / (rows.n - parameters));
  } else {
    const MatrixXd sums =
        cluster_sums(residuals.array().colwise() * regressor.array(), rows.clusters);
    meat =
        sums.transpose() * sums * small_sample_factor(rows.kind, rows.n, parameters, rows.clusters);
  }
  fit.covariance = meat / (scale * scale);
  return fit;
}

double reference_degrees(const Cleared& rows) {
  return rows.kind == ErrorKind::kCluster ? independent_count(0, rows.clusters) - 1
                                          : rows.n - rows.controls - 1;
}

// The compliers' mean outcomes as arms, or the coefficient alone.
Result<Comparison> comparison_of(const InstrumentalVariablesRequest& request, const Cleared& rows,
                                 const VectorXd& fitted, const std::string& method) {
  if (rows.potential.cols() == 0) {
    const Fit fit = fit_outcomes(rows, fitted, rows.outcome, rows.treatment);
    return compare_single_effect(
        {method, fit.coefficients(0), std::sqrt(fit.covariance(0, 0)), reference_degrees(rows)},
        request.options);
  }
  const Fit fit = fit_outcomes(rows, fitted, rows.potential, rows.treatment);
  const auto treated = static_cast<std::int64_t>(
      std::count(request.treatment_received.begin(), request.treatment_received.end(), 1.0));
  EstimatePair pair;
  pair.method = method;
  pair.control_variance = fit.covariance(0, 0);
  pair.treatment_variance = fit.covariance(1, 1);
  pair.covariance = fit.covariance(0, 1);
  pair.control = {static_cast<std::int64_t>(rows.n) - treated, fit.coefficients(0),
                  std::sqrt(pair.control_variance)};
  pair.treatment = {treated, fit.coefficients(1), std::sqrt(pair.treatment_variance)};
  pair.reference.kind = ReferenceDistribution::Kind::kPooled;
  pair.reference.control_degrees = 0;
  pair.reference.treatment_degrees = reference_degrees(rows);
  return compare(pair, request.options);
}

ReducedForm reduced_form(const Cleared& rows) {
  const MatrixXd& z = rows.instruments;
  const double parameters = rows.controls + static_cast<double>(z.cols());
  const MatrixXd bread = (z.transpose() * z).ldlt().solve(MatrixXd::Identity(z.cols(), z.cols()));
  ReducedForm form;
  form.outcome = bread * (z.transpose() * rows.outcome);
  form.treatment = bread * (z.transpose() * rows.treatment);
  const VectorXd y = rows.outcome - z * form.outcome;
  const VectorXd d = rows.treatment - z * form.treatment;
  if (rows.kind == ErrorKind::kClassical) {
    const MatrixXd scaled = bread / (rows.n - parameters);
    form.outcome_covariance = y.squaredNorm() * scaled;
    form.cross_covariance = y.dot(d) * scaled;
    form.treatment_covariance = d.squaredNorm() * scaled;
    form.proportional = true;
  } else {
    const double factor = small_sample_factor(rows.kind, rows.n, parameters, rows.clusters);
    const auto sums = [&](const VectorXd& residual) -> MatrixXd {
      return cluster_sums(z.array().colwise() * residual.array(), rows.clusters) * bread;
    };
    const MatrixXd of_y = sums(y), of_d = sums(d);
    form.outcome_covariance = factor * (of_y.transpose() * of_y);
    form.cross_covariance = factor * (of_y.transpose() * of_d);
    form.treatment_covariance = factor * (of_d.transpose() * of_d);
  }
  form.denominator_degrees = rows.kind == ErrorKind::kCluster
                                 ? independent_count(0, rows.clusters) - 1
                                 : rows.n - parameters;
  return form;
}

void fill_first_stage(const Cleared& rows, const ReducedForm& form, FirstStage& stage) {
  stage.coefficients.assign(form.treatment.begin(), form.treatment.end());
  stage.numerator_degrees = static_cast<double>(form.treatment.size());
  stage.denominator_degrees = form.denominator_degrees;
  const VectorXd fitted = rows.instruments * form.treatment;
  stage.partial_r_squared = fitted.squaredNorm() / rows.treatment.squaredNorm();
  if (!(1 - stage.partial_r_squared > 1e-12)) return;  // the instruments say all: F is infinite
  // The effect of -1 and no outcome make the statistic that of the treatment's coefficients.
  ReducedForm first = form;
  first.outcome.setZero();
  first.outcome_covariance.setZero();
  first.cross_covariance.setZero();
  stage.f_statistic = anderson_rubin_statistic(first, -1.0);
  stage.p_value =
      f_upper_tail(stage.f_statistic, stage.numerator_degrees, stage.denominator_degrees);
}

// Sargan 1958, Econometrica 26: n R^2 of the residuals on the instruments.
ChiSquaredTest sargan_test(const Cleared& rows, double effect) {
  const VectorXd residual = rows.outcome - effect * rows.treatment;
  const MatrixXd& z = rows.instruments;
  const VectorXd moments = z.transpose() * residual;
  ChiSquaredTest test;
  test.statistic =
      rows.n * moments.dot((z.transpose() * z).ldlt().solve(moments)) / residual.squaredNorm();
  test.degrees_of_freedom = static_cast<double>(z.cols() - 1);
  test.p_value = chi_squared_upper_tail(test.statistic, test.degrees_of_freedom);
  return test;
}

void warn_when_weak(const FirstStage& stage, Warnings& warnings) {
  if (std::isnan(stage.f_statistic) || stage.f_statistic >= kWeakInstrumentF) return;
  warnings.push_back({"weak_instrument", "instrument",
                      fmt::format("The first stage is weak (F = {}, below {}): trust the "
                                  "Anderson-Rubin region, not the interval.",
                                  format_number(stage.f_statistic), kWeakInstrumentF)});
}

Result<InstrumentalVariables> undefined_result(const InstrumentalVariablesRequest& request,
                                               InstrumentalVariables result, Warnings warnings) {
  DESCANT_ASSIGN(result.comparison,
                 compare_single_effect({"two_stage_least_squares"}, request.options));
  result.comparison.warnings = std::move(warnings);
  result.comparison.warnings.push_back(
      {"no_first_stage", "instrument",
       "Too few rows, or instruments that say nothing about the treatment received, so that its "
       "effect is unknown."});
  return result;
}

}  // namespace

Result<InstrumentalVariables> instrumental_variables(const InstrumentalVariablesRequest& request) {
  DESCANT_CHECK(check_options(request.options));
  InstrumentalVariables result;
  Warnings warnings;
  DESCANT_ASSIGN(const Cleared rows, cleared_rows(request, result.first_stage, warnings));
  result.n = static_cast<std::int64_t>(rows.n);
  result.standard_errors = rows.kind == ErrorKind::kClassical ? "classical"
                           : rows.kind == ErrorKind::kRobust  ? "robust"
                                                              : "cluster";
  const double parameters = rows.controls + static_cast<double>(rows.instruments.cols());
  const bool enough = rows.instruments.cols() > 0 && rows.n > parameters + 1 &&
                      rows.treatment.squaredNorm() > 0 &&
                      (rows.kind != ErrorKind::kCluster || rows.clusters->names.size() > 1);
  if (!enough) return undefined_result(request, std::move(result), std::move(warnings));
  const ReducedForm form = reduced_form(rows);
  fill_first_stage(rows, form, result.first_stage);
  const VectorXd fitted = rows.instruments * form.treatment;
  if (!(fitted.squaredNorm() > 1e-20 * rows.treatment.squaredNorm()))
    return undefined_result(request, std::move(result), std::move(warnings));

  const bool wald =
      rows.binary_instrument && rows.instruments.cols() == 1 && request.covariates.empty();
  DESCANT_ASSIGN(result.comparison,
                 comparison_of(request, rows, fitted, wald ? "wald" : "two_stage_least_squares"));
  auto& all = result.comparison.warnings;
  all.insert(all.begin(), warnings.begin(), warnings.end());
  warn_when_weak(result.first_stage, all);

  const auto& effect = result.comparison.absolute;
  auto& test = result.anderson_rubin;
  test.statistic = anderson_rubin_statistic(form, request.options.null_value);
  test.p_value = f_upper_tail(test.statistic, static_cast<double>(form.outcome.size()),
                              form.denominator_degrees);
  test.region = anderson_rubin_region(form, request.options.confidence_level, effect.estimate,
                                      effect.standard_error);
  if (test.region.empty())
    all.push_back({"empty_region", "instrument",
                   "No effect fits all instruments: they contradict each other."});
  if (rows.instruments.cols() > 1) result.sargan = sargan_test(rows, effect.estimate);
  const Fit ols = fit_outcomes(rows, rows.treatment, rows.outcome, rows.treatment);
  result.least_squares =
      two_sided_interval(ols.coefficients(0), std::sqrt(ols.covariance(0, 0)),
                         reference_degrees(rows), request.options.confidence_level);
  return result;
}

}  // namespace descant::stats
