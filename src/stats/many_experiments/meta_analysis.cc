// SPDX-License-Identifier: Apache-2.0
#include "stats/many_experiments/meta_analysis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr std::size_t kFewStudies = 10;
constexpr std::array<std::string_view, 4> kMethods = {"fixed", "dersimonian_laird", "reml",
                                                      "paule_mandel"};

class Studies {
 public:
  Studies(const std::vector<double>& estimates, const std::vector<double>& standard_errors)
      : y_(estimates) {
    for (const double se : standard_errors) v_.push_back(se * se);
  }

  struct Pooled {
    double w = 0;          // sum of weights
    double w_squared = 0;  // and of their squares and cubes
    double w_cubed = 0;
    double mean = 0;
    double q = 0;           // sum of w (y - mean)^2
    double q_weighted = 0;  // sum of w^2 (y - mean)^2
  };

  Pooled pooled(double tau_squared) const {
    Pooled p;
    double wy = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double w = weight(i, tau_squared);
      p.w += w;
      p.w_squared += w * w;
      p.w_cubed += w * w * w;
      wy += w * y_[i];
    }
    p.mean = wy / p.w;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double w = weight(i, tau_squared);
      const double d = y_[i] - p.mean;
      p.q += w * d * d;
      p.q_weighted += w * w * d * d;
    }
    return p;
  }

  double weight(std::size_t i, double tau_squared) const { return 1 / (v_[i] + tau_squared); }
  std::size_t size() const { return y_.size(); }
  double degrees() const { return static_cast<double>(y_.size()) - 1; }

  double spread() const {
    const auto [low, high] = std::minmax_element(y_.begin(), y_.end());
    return *high - *low;
  }

  double dersimonian_laird() const {
    const Pooled p = pooled(0);
    return std::max(0.0, (p.q - degrees()) / (p.w - p.w_squared / p.w));
  }

  // The root of Q(tau squared) = k - 1, which falls in tau squared.
  double paule_mandel() const {
    const auto excess = [&](double t) { return pooled(t).q - degrees(); };
    return falling_root(excess);
  }

  // The restricted likelihood may rise and fall more than once, so that its score is followed by
  // Fisher scoring from a consistent start rather than bracketed (Viechtbauer 2005, equation 17).
  double reml() const {
    double t = dersimonian_laird();
    for (int i = 0; i < 500; ++i) {
      const Pooled p = pooled(t);
      const double trace = p.w - p.w_squared / p.w;
      const double information =
          p.w_squared - 2 * p.w_cubed / p.w + (p.w_squared / p.w) * (p.w_squared / p.w);
      double next = std::max(0.0, t + (p.q_weighted - trace) / information);
      const double step = std::abs(next - t);
      t = next;
      if (step <= 1e-15 * t || (t == 0 && step == 0)) break;
    }
    return t;
  }

 private:
  template <class Function>
  double falling_root(const Function& excess) const {
    if (!(excess(0) > 0)) return 0;
    double low = 0;
    double high = std::max(spread() * spread(), *std::max_element(v_.begin(), v_.end()));
    while (excess(high) > 0 && std::isfinite(high)) high *= 4;
    for (int i = 0; i < 2000 && high - low > 1e-16 * high; ++i) {
      const double middle = low + (high - low) / 2;
      if (middle == low || middle == high) break;
      (excess(middle) > 0 ? low : high) = middle;
    }
    return low + (high - low) / 2;
  }

  std::vector<double> y_;
  std::vector<double> v_;
};

Result<void> check(const MetaAnalysisRequest& request) {
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end())
    return invalid_request(fmt::format("unknown method '{}'", request.method), "method",
                           did_you_mean(request.method, kMethods));
  if (!(request.confidence_level > 0 && request.confidence_level < 1))
    return invalid_request("confidence_level must be between 0 and 1", "confidence_level");
  return check_effects(request.estimates, request.standard_errors);
}

double tau_squared_of(const Studies& studies, const std::string& method) {
  if (method == "fixed" || studies.size() < 2) return 0;
  if (method == "dersimonian_laird") return studies.dersimonian_laird();
  return method == "reml" ? studies.reml() : studies.paule_mandel();
}

// Higgins and Thompson 2002, section 3.3: the typical within-study variance.
double i_squared_of(const Studies& studies, const std::string& method, double tau_squared) {
  const auto fixed = studies.pooled(0);
  if (method == "fixed" || method == "dersimonian_laird")
    return fixed.q > 0 ? std::max(0.0, (fixed.q - studies.degrees()) / fixed.q) : 0.0;
  const double typical = studies.degrees() / (fixed.w - fixed.w_squared / fixed.w);
  return tau_squared / (tau_squared + typical);
}

// docs/calibration.md: with four studies whose effects differ, 11 % of the intervals miss.
void warn_of_few_studies(const MetaAnalysisRequest& request, Warnings& warnings) {
  const auto studies = request.estimates.size();
  if (request.method == "fixed" || request.knapp_hartung || studies < 2 || studies >= kFewStudies)
    return;
  warnings.push_back({"few_studies", "knapp_hartung",
                      fmt::format("{} studies show little of how effects vary between studies, and "
                                  "the interval takes that for known: set knapp_hartung.",
                                  studies)});
}

void set_heterogeneity(MetaAnalysisResult& result, const Studies& studies) {
  if (studies.size() < 2) {
    result.warnings.push_back(
        {"one_study", "estimates", "One study says nothing of how effects vary between studies."});
    result.q = result.q_degrees_of_freedom = 0;
    return;
  }
  result.q = studies.pooled(0).q;
  result.q_degrees_of_freedom = studies.degrees();
  result.q_p_value = chi_squared_upper_tail(result.q, result.q_degrees_of_freedom);
  result.i_squared = i_squared_of(studies, result.method, result.tau_squared);
}

void set_test(MetaAnalysisResult& result, double confidence_level) {
  const double q = -t_quantile((1 - confidence_level) / 2, result.degrees_of_freedom);
  result.lower = result.estimate - q * result.standard_error;
  result.upper = result.estimate + q * result.standard_error;
  result.statistic = result.estimate / result.standard_error;
  result.p_value =
      std::min(1.0, 2 * t_upper_tail(std::abs(result.statistic), result.degrees_of_freedom));
}

void set_prediction(MetaAnalysisResult& result, double confidence_level) {
  if (result.method == "fixed" || result.studies < 3) return;
  const double degrees = static_cast<double>(result.studies - 2);
  const double half = -t_quantile((1 - confidence_level) / 2, degrees) *
                      std::hypot(std::sqrt(result.tau_squared), result.standard_error);
  result.prediction_interval = {result.estimate - half, result.estimate + half};
}

}  // namespace

Result<void> check_effects(const std::vector<double>& estimates,
                           const std::vector<double>& standard_errors) {
  if (estimates.size() != standard_errors.size())
    return invalid_request(fmt::format("{} standard errors for {} estimates",
                                       standard_errors.size(), estimates.size()),
                           "standard_errors", "Give one standard error for each estimate.");
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    if (!std::isfinite(estimates[i]))
      return invalid_request("an estimate must be finite", fmt::format("estimates[{}]", i));
    const double variance = standard_errors[i] * standard_errors[i];
    if (!(standard_errors[i] > 0) || !(variance > 0) || !std::isfinite(1 / variance) ||
        !std::isfinite(variance))
      return invalid_request("a standard error must be a positive number whose square is one too",
                             fmt::format("standard_errors[{}]", i));
  }
  return {};
}

Result<MetaAnalysisResult> meta_analysis(const MetaAnalysisRequest& request) {
  DESCANT_CHECK(check(request));
  MetaAnalysisResult result;
  result.method = request.method;
  result.studies = static_cast<std::int64_t>(request.estimates.size());
  if (result.studies == 0) {
    result.warnings.push_back({"no_studies", "estimates", "There are no studies to pool."});
    return result;
  }
  const Studies studies(request.estimates, request.standard_errors);
  result.tau_squared = tau_squared_of(studies, request.method);
  const auto pooled = studies.pooled(result.tau_squared);
  result.estimate = pooled.mean;
  result.standard_error = std::sqrt(1 / pooled.w);
  for (std::size_t i = 0; i < studies.size(); ++i)
    result.weights.push_back(studies.weight(i, result.tau_squared) / pooled.w);
  set_heterogeneity(result, studies);
  warn_of_few_studies(request, result.warnings);
  if (request.knapp_hartung && studies.size() > 1) {
    result.standard_error *= std::sqrt(pooled.q / studies.degrees());
    result.degrees_of_freedom = studies.degrees();
  }
  if (result.standard_error > 0) {
    set_test(result, request.confidence_level);
  } else {
    result.warnings.push_back({"no_variance", "knapp_hartung",
                               "The estimates do not differ, so their spread gives no test."});
  }
  set_prediction(result, request.confidence_level);
  return result;
}

void describe(Describer& d, MetaAnalysisRequest& request) {
  d.field(request.estimates,
          {.name = "estimates", .doc = "of the same effect, one a study", .required = true});
  d.field(request.standard_errors,
          {.name = "standard_errors", .doc = "of the estimates", .required = true});
  d.field(request.method,
          {.name = "method",
           .doc = "fixed: one common effect; the others estimate the variance between studies",
           .choices = {kMethods.begin(), kMethods.end()}});
  d.field(request.confidence_level, {.name = "confidence_level",
                                     .doc = "of the intervals",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
  d.field(request.knapp_hartung,
          {.name = "knapp_hartung",
           .doc = "t with k - 1 degrees of freedom and a standard error from the observed spread"});
}

void describe(Describer& d, PredictionInterval& interval) {
  d.field(interval.lower, {.name = "lower", .doc = "lower end"});
  d.field(interval.upper, {.name = "upper", .doc = "upper end"});
}

void describe(Describer& d, MetaAnalysisResult& result) {
  d.field(result.method, {.name = "method", .doc = "the method that ran"});
  d.field(result.studies, {.name = "studies", .doc = "estimates pooled"});
  d.field(result.estimate, {.name = "estimate", .doc = "the pooled effect"});
  d.field(result.standard_error, {.name = "standard_error", .doc = "of the pooled effect"});
  d.field(result.lower, {.name = "lower", .doc = "lower end of the interval"});
  d.field(result.upper, {.name = "upper", .doc = "upper end of the interval"});
  d.field(result.statistic, {.name = "statistic", .doc = "estimate / standard error"});
  d.field(result.degrees_of_freedom,
          {.name = "degrees_of_freedom", .doc = "null for a normal reference distribution"});
  d.field(result.p_value, {.name = "p_value", .doc = "two-sided, of no effect"});
  d.field(result.tau_squared,
          {.name = "tau_squared", .doc = "variance of the true effects between studies"});
  d.field(result.i_squared,
          {.name = "i_squared", .doc = "share of the spread that sampling does not explain"});
  d.field(result.q, {.name = "q", .doc = "Cochran's Q"});
  d.field(result.q_degrees_of_freedom, {.name = "q_degrees_of_freedom", .doc = "k - 1"});
  d.field(result.q_p_value, {.name = "q_p_value", .doc = "of no spread between studies"});
  d.field(result.prediction_interval,
          {.name = "prediction_interval", .doc = "of the true effect in a new study"});
  d.field(result.weights, {.name = "weights", .doc = "share of each study in the estimate"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
