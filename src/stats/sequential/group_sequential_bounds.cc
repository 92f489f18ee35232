// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/group_sequential_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/sequential/root_finding.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kTolerance = 1e-12;

double tail_alpha(const GroupSequentialBoundsRequest& request) {
  return request.alpha / static_cast<double>(request.sides);
}

double below_of(double upper, bool two_sided) { return two_sided ? -upper : -kInfinite; }

// Goes through the looks with bounds C times the family's shape; the error of one tail.
LookBounds classical_bounds_at(std::span<const double> information, const SpendingFunction& family,
                               double constant, bool two_sided) {
  LookBounds bounds;
  StoppedProcess process(information);
  double spent = 0;
  for (const double t : information) {
    const double bound = constant * classical_shape(family, t);
    const double upper = bound > kGreatestBound ? kInfinite : bound;
    spent += std::isinf(upper) ? 0 : process.above(upper);
    bounds.upper.push_back(upper);
    bounds.lower.push_back(below_of(upper, two_sided));
    bounds.alpha_spent.push_back(spent);
    process.go_on(bounds.lower.back(), upper);
  }
  return bounds;
}

// The last look spends what the others leave, which is the family's own bound at t = 1.
LookBounds classical_bounds(std::span<const double> information, const SpendingFunction& family,
                            double alpha, bool two_sided) {
  std::vector<double> planned(information.begin(), information.end());
  planned.back() = 1;
  const auto excess = [&](double constant) {
    return classical_bounds_at(planned, family, constant, two_sided).alpha_spent.back() - alpha;
  };
  // At the last look's own quantile too much is spent; where every bound exceeds kGreatestBound
  // nothing is.
  const double quantile = -normal_quantile(alpha);
  double least_shape = 1;
  for (const double t : planned) least_shape = std::min(least_shape, classical_shape(family, t));
  const Bracket bracket{quantile - 1e-6, (kGreatestBound + 1) / least_shape};
  const bool is_fixed = planned.size() == 1 || quantile > kGreatestBound;
  const double constant = is_fixed ? quantile : find_root(excess, bracket, kTolerance);
  LookBounds bounds = classical_bounds_at(planned, family, constant, two_sided);
  if (information.back() == 1) return bounds;
  StoppedProcess process(information);
  for (std::size_t k = 0; k + 1 < information.size(); ++k)
    process.go_on(bounds.lower[k], bounds.upper[k]);
  const std::size_t before = information.size() - 2;
  const double left = information.size() > 1 ? alpha - bounds.alpha_spent[before] : alpha;
  bounds.upper.back() = process.upper_bound(left);
  bounds.lower.back() = below_of(bounds.upper.back(), two_sided);
  bounds.alpha_spent.back() = alpha;
  return bounds;
}

// Increment of a spending function at each look.
std::vector<double> increments(std::span<const double> information,
                               const SpendingFunction& spending, double error) {
  std::vector<double> result;
  double before = 0;
  for (const double t : information) {
    const double spent = error_spent(spending, t, error);
    result.push_back(std::max(spent - before, 0.0));
    before = spent;
  }
  return result;
}

// Bounds of both kinds under a drift, up to the look where they meet too early. `gap` is by how
// much the type II error at the end exceeds its share: it falls as the drift grows.
struct FutilityAttempt {
  LookBounds bounds;
  double gap = kUndefined;
};

FutilityAttempt attempt_futility(const GroupSequentialBoundsRequest& request, double drift) {
  const auto& information = request.information;
  const auto alpha = increments(information, request.spending, request.alpha);
  const auto beta = increments(information, *request.beta_spending, 1 - request.power);
  StoppedProcess null(information);
  StoppedProcess alternative(information, drift);
  FutilityAttempt attempt;
  auto& bounds = attempt.bounds;
  bounds.drift = drift;
  for (std::size_t k = 0; k < information.size(); ++k) {
    const double upper = null.upper_bound(alpha[k]);
    const bool last = k + 1 == information.size();
    if (last) attempt.gap = alternative.below(upper) - beta[k];
    const double lower = last ? upper : alternative.lower_bound(beta[k]);
    bounds.upper.push_back(upper);
    bounds.lower.push_back(lower);
    if (!last && lower >= upper) {
      attempt.gap = -1;
      break;
    }
    null.go_on(request.binding_futility ? lower : -kInfinite, upper);
    alternative.go_on(lower, upper);
  }
  return attempt;
}

double fixed_drift(const GroupSequentialBoundsRequest& request) {
  return normal_quantile(request.power) - normal_quantile(tail_alpha(request));
}

Result<LookBounds> futility_bounds(const GroupSequentialBoundsRequest& request) {
  const double fixed = fixed_drift(request);
  const auto gap = [&](double drift) { return attempt_futility(request, drift).gap; };
  const double drift = find_root(gap, {fixed / 2, 3 * fixed}, kTolerance);
  FutilityAttempt attempt = attempt_futility(request, drift);
  // Where the gap jumps, no drift lets the bounds meet at the end.
  if (!(std::abs(attempt.gap) < 1e-8))
    return invalid_request("the futility bound meets the upper bound before the last look",
                           "beta_spending", "Spend beta later, or give more looks at the end.");
  auto& bounds = attempt.bounds;
  for (const double t : request.information) {
    bounds.alpha_spent.push_back(error_spent(request.spending, t, request.alpha));
    bounds.beta_spent.push_back(error_spent(*request.beta_spending, t, 1 - request.power));
  }
  return std::move(bounds);
}

double reported(double bound) { return std::clamp(bound, -kGreatestBound, kGreatestBound); }

Result<void> check_rate(double value, std::string_view name) {
  if (value > 0 && value < 1) return {};
  return invalid_request(fmt::format("{} must be between 0 and 1", name), std::string(name));
}

Result<void> check_futility(const GroupSequentialBoundsRequest& request) {
  if (!request.beta_spending) return {};
  DESCANT_CHECK(check_spending(*request.beta_spending, "beta_spending"));
  if (request.sides != 1)
    return invalid_request("a futility bound needs a one-sided test", "sides", "Give sides 1.");
  if (is_classical(*request.beta_spending) || is_classical(request.spending))
    return invalid_request("a futility bound needs spending functions", "beta_spending",
                           "Classical families spend no beta.");
  if (request.information.back() < 1)
    return invalid_request("a futility bound needs the whole schedule, up to 1", "information");
  if (request.power <= request.alpha) return invalid_request("power must exceed alpha", "power");
  return {};
}

}  // namespace

Result<void> check_bounds_request(const GroupSequentialBoundsRequest& request, bool overrun) {
  DESCANT_CHECK(check_rate(request.alpha, "alpha"));
  DESCANT_CHECK(check_rate(request.power, "power"));
  if (request.sides != 1 && request.sides != 2)
    return invalid_request("sides must be 1 or 2", "sides");
  DESCANT_CHECK(check_spending(request.spending, "spending"));
  DESCANT_CHECK(check_information(request.information, "information"));
  const auto& information = request.information;
  const auto above =
      std::find_if(information.begin(), information.end(), [](double t) { return t > 1; });
  if (above != information.end() && (!overrun || above + 1 != information.end()))
    return invalid_request(
        overrun ? "only the last look may go beyond information 1"
                : "information is a share of the planned end and ends at 1",
        fmt::format("information[{}]", above - information.begin()),
        overrun ? "" : "group_sequential_analysis accepts a last look beyond the planned end.");
  if (is_classical(request.spending) && information.back() < 1)
    return invalid_request("a classical family needs the whole schedule, up to 1", "information",
                           "For looks as they come use a spending function.");
  return check_futility(request);
}

LookBounds spending_bounds(std::span<const double> information, const SpendingFunction& spending,
                           double tail_alpha, bool two_sided) {
  LookBounds bounds;
  StoppedProcess process(information);
  const auto shares = increments(information, spending, tail_alpha);
  for (std::size_t k = 0; k < information.size(); ++k) {
    bounds.upper.push_back(process.upper_bound(shares[k]));
    bounds.lower.push_back(below_of(bounds.upper.back(), two_sided));
    bounds.alpha_spent.push_back(error_spent(spending, information[k], tail_alpha));
    if (k + 1 < information.size()) process.go_on(bounds.lower.back(), bounds.upper.back());
  }
  return bounds;
}

Result<LookBounds> look_bounds(const GroupSequentialBoundsRequest& request) {
  if (request.beta_spending) return futility_bounds(request);
  const double alpha = tail_alpha(request);
  const bool two_sided = request.sides == 2;
  if (is_classical(request.spending))
    return classical_bounds(request.information, request.spending, alpha, two_sided);
  return spending_bounds(request.information, request.spending, alpha, two_sided);
}

StopProbabilities stop_probabilities(std::span<const double> information, const LookBounds& bounds,
                                     double drift) {
  StopProbabilities result;
  StoppedProcess process(information, drift);
  for (std::size_t k = 0; k < information.size(); ++k) {
    result.above.push_back(std::isinf(bounds.upper[k]) ? 0 : process.above(bounds.upper[k]));
    result.below.push_back(std::isinf(bounds.lower[k]) ? 0 : process.below(bounds.lower[k]));
    if (k + 1 < information.size()) process.go_on(bounds.lower[k], bounds.upper[k]);
  }
  return result;
}

double drift_for_power(std::span<const double> information, const LookBounds& bounds,
                       double power) {
  std::vector<StoppedProcess> at_look{StoppedProcess(information)};
  for (std::size_t k = 0; k + 1 < information.size(); ++k) {
    at_look.push_back(at_look.back());
    at_look.back().go_on(bounds.lower[k], bounds.upper[k]);
  }
  const auto excess = [&](double drift) {
    double sum = -power;
    for (std::size_t k = 0; k < information.size(); ++k)
      if (!std::isinf(bounds.upper[k])) sum += at_look[k].above_with_drift(bounds.upper[k], drift);
    return sum;
  };
  // The last look alone has this power at the high end.
  const double high = bounds.upper.back() + normal_quantile(power);
  if (!std::isfinite(high)) return kUndefined;
  return find_root(excess, {std::min(high - 1, 0.0), high / std::sqrt(information.back()) + 1e-9},
                   kTolerance);
}

Result<GroupSequentialBoundsResult> group_sequential_bounds(
    const GroupSequentialBoundsRequest& request) {
  DESCANT_CHECK(check_bounds_request(request, false));
  DESCANT_ASSIGN(const LookBounds bounds, look_bounds(request));
  const double sides = static_cast<double>(request.sides);
  GroupSequentialBoundsResult result;
  result.method = request.spending.function;
  for (const double bound : bounds.upper) {
    result.upper.push_back(reported(bound));
    result.nominal_p.push_back(std::min(1.0, sides * normal_upper_tail(reported(bound))));
  }
  for (const double spent : bounds.alpha_spent) result.alpha_spent.push_back(sides * spent);
  if (request.sides == 2 || request.beta_spending) {
    result.lower.emplace();
    for (const double bound : bounds.lower) result.lower->push_back(reported(bound));
  }
  if (request.beta_spending) result.beta_spent = bounds.beta_spent;
  if (request.information.back() < 1) {
    result.warnings.push_back({"incomplete_schedule", "information",
                               "The looks end before information 1: the bounds stand, but the test "
                               "has no power of its own yet, so inflation_factor is null."});
    return result;
  }
  result.drift = request.beta_spending
                     ? bounds.drift
                     : drift_for_power(request.information, bounds, request.power);
  result.inflation_factor = std::pow(result.drift / fixed_drift(request), 2);
  if (std::isnan(result.inflation_factor))
    result.warnings.push_back({"power_out_of_reach", "power",
                               "No effect gives the test this power: inflation_factor is null."});
  return result;
}

void describe_bounds_fields(Describer& d, GroupSequentialBoundsRequest& request) {
  d.field(request.information,
          {.name = "information",
           .doc = "share of the planned information reached at each look, increasing, up to 1",
           .required = true,
           .minimum = 0});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "type I error rate of the whole test, in both tails if two-sided",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.sides, {.name = "sides", .doc = "1 or 2", .minimum = 1, .maximum = 2});
  d.field(request.spending, {.name = "spending", .doc = "how alpha is divided over the looks"});
  d.field(request.beta_spending,
          {.name = "beta_spending",
           .doc = "how beta = 1 - power is divided over the looks; gives a futility bound to a "
                  "one-sided test"});
  d.field(request.binding_futility,
          {.name = "binding_futility",
           .doc = "whether one always stops below the futility bound, which lowers the upper one"});
  d.field(request.power, {.name = "power",
                          .doc = "of inflation_factor and of the futility bound",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
}

void describe(Describer& d, GroupSequentialBoundsRequest& request) {
  describe_bounds_fields(d, request);
}

void describe(Describer& d, GroupSequentialBoundsResult& result) {
  d.field(result.method, {.name = "method", .doc = "the spending function"});
  d.field(result.upper,
          {.name = "upper", .doc = "bound of the statistic by look; 8 is never crossed"});
  d.field(result.lower,
          {.name = "lower", .doc = "-upper, or the futility bound; null when there is neither"});
  d.field(result.alpha_spent,
          {.name = "alpha_spent", .doc = "up to each look, in both tails if two-sided"});
  d.field(result.beta_spent, {.name = "beta_spent",
                              .doc = "up to each look, below the futility bound",
                              .omit_when_empty = true});
  d.field(result.nominal_p,
          {.name = "nominal_p", .doc = "what an ordinary p-value of the look is held against"});
  d.field(result.inflation_factor,
          {.name = "inflation_factor",
           .doc = "largest sample size over that of a test with one look, at the power asked for"});
  d.field(result.drift,
          {.name = "drift", .doc = "mean of the statistic at information 1 that has this power"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
