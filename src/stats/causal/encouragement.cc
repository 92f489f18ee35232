// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/encouragement.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/causal/single_effect.h"
#include "stats/comparison/compare.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

struct ArmDifferences {
  double outcome = kUndefined;
  double take_up = kUndefined;
  double outcome_variance = kUndefined;
  double take_up_variance = kUndefined;
  double covariance = kUndefined;
};

ArmDifferences differences_of(const LinearisedArm& control, const LinearisedArm& treatment) {
  const double nc = static_cast<double>(control.n);
  const double nt = static_cast<double>(treatment.n);
  const auto sum = [&](int i, int j) {
    return control.covariance(i, j) / nc + treatment.covariance(i, j) / nt;
  };
  return {treatment.estimate(0) - control.estimate(0), treatment.estimate(1) - control.estimate(1),
          sum(0, 0), sum(1, 1), sum(0, 1)};
}

// Variance of an arm's mean of outcome - effect * take-up.
double residual_variance(const LinearisedArm& arm, double effect) {
  return (arm.covariance(0, 0) - 2 * effect * arm.covariance(0, 1) +
          effect * effect * arm.covariance(1, 1)) /
         static_cast<double>(arm.n);
}

SingleEffect wald_ratio(const LinearisedArm& control, const LinearisedArm& treatment,
                        const ArmDifferences& d) {
  SingleEffect wald{"wald"};
  if (d.take_up == 0 || std::isnan(d.take_up)) return wald;
  wald.estimate = d.outcome / d.take_up;
  ReferenceDistribution reference{
      ReferenceDistribution::Kind::kWelch, residual_variance(control, wald.estimate),
      residual_variance(treatment, wald.estimate), static_cast<double>(control.n - 1),
      static_cast<double>(treatment.n - 1)};
  wald.degrees_of_freedom = reference.degrees_of_freedom();
  wald.standard_error =
      std::sqrt(reference.control_variance + reference.treatment_variance) / std::abs(d.take_up);
  return wald;
}

Comparison comparison_of(const Comparison& compared, const LinearisedArm& control,
                         const LinearisedArm& treatment) {
  Comparison out = compared;
  out.control = {control.n, control.estimate(0),
                 std::sqrt(control.covariance(0, 0) / static_cast<double>(control.n))};
  out.treatment = {treatment.n, treatment.estimate(0),
                   std::sqrt(treatment.covariance(0, 0) / static_cast<double>(treatment.n))};
  return out;
}

Result<Comparison> plain_comparison(const LinearisedArm& control, const LinearisedArm& treatment,
                                    const ComparisonOptions& options) {
  EstimatePair pair = unadjusted_pair(control, treatment);
  pair.method = "welch";
  ComparisonOptions plain;
  plain.confidence_level = options.confidence_level;
  return compare(pair, plain);
}

}  // namespace

std::vector<RegionPiece> quadratic_region(double a, double b, double c) {
  if (std::isnan(a) || std::isnan(b) || std::isnan(c)) return {};
  const RegionPiece whole_line;
  if (a == 0) {
    if (b == 0) return c <= 0 ? std::vector{whole_line} : std::vector<RegionPiece>{};
    const double end = c / (2 * b);
    return {b > 0 ? RegionPiece{end, kUndefined} : RegionPiece{kUndefined, end}};
  }
  const double discriminant = b * b - a * c;
  if (discriminant < 0)
    return a > 0 ? std::vector<RegionPiece>{} : std::vector<RegionPiece>{whole_line};
  // The root without cancellation first; the other by Vieta.
  const double far = b + std::copysign(std::sqrt(discriminant), b);
  const double first = far / a;
  const double second = far == 0 ? 0.0 : c / far;
  const double low = std::min(first, second), high = std::max(first, second);
  if (a > 0) return {{low, high}};
  return {{kUndefined, low}, {high, kUndefined}};
}

Result<Encouragement> encouragement(const Moments& control, const Moments& treatment,
                                    const RatioColumns& outcome, const RatioColumns& take_up,
                                    const ComparisonOptions& options) {
  const std::array both = {outcome, take_up};
  const std::array taken = {take_up};
  DESCANT_ASSIGN(const auto c, linearise(control, both, "control"));
  DESCANT_ASSIGN(const auto t, linearise(treatment, both, "treatment"));
  DESCANT_ASSIGN(const auto c_taken, linearise(control, taken, "control"));
  DESCANT_ASSIGN(const auto t_taken, linearise(treatment, taken, "treatment"));
  const ArmDifferences d = differences_of(c, t);
  const SingleEffect wald = wald_ratio(c, t, d);
  Encouragement out;
  DESCANT_ASSIGN(const Comparison effect, compare_single_effect(wald, options));
  out.effect = comparison_of(effect, c, t);
  DESCANT_ASSIGN(out.intention_to_treat, plain_comparison(c, t, options));
  DESCANT_ASSIGN(out.take_up, plain_comparison(c_taken, t_taken, options));
  out.first_stage_f = d.take_up * d.take_up / d.take_up_variance;
  const double q = -t_quantile((1 - options.confidence_level) / 2, wald.degrees_of_freedom);
  out.anderson_rubin = quadratic_region(d.take_up * d.take_up - q * q * d.take_up_variance,
                                        d.outcome * d.take_up - q * q * d.covariance,
                                        d.outcome * d.outcome - q * q * d.outcome_variance);
  if (!(out.first_stage_f >= kWeakInstrumentF))
    out.effect.warnings.push_back(
        {"weak_instrument", "take_up",
         std::isfinite(out.first_stage_f)
             ? fmt::format("The encouragement hardly moves take-up (F = {}, below {}): trust the "
                           "Anderson-Rubin region, not the interval.",
                           format_number(out.first_stage_f), kWeakInstrumentF)
             : std::string("Take-up does not vary, so the effect of taking it up is unknown.")});
  return out;
}

void describe(Describer& d, RegionPiece& piece) {
  d.field(piece.lower, {.name = "lower", .doc = "lower end; null is unbounded"});
  d.field(piece.upper, {.name = "upper", .doc = "upper end; null is unbounded"});
}

}  // namespace descant::stats
