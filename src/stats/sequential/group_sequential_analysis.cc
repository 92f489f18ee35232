// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/group_sequential_analysis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/sequential/sequential_p_value.h"
#include "stats/sequential/stage_wise.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

Result<std::vector<MonitoredLook>> analysed_looks(const GroupSequentialAnalysisRequest& request) {
  const bool has_lists = !request.estimates.empty() || !request.standard_errors.empty();
  if (has_lists && !request.looks.empty())
    return invalid_request("give estimates and standard_errors, or looks, not both", "looks");
  if (!has_lists) {
    if (request.looks.empty())
      return invalid_request("there must be one look or more", "estimates");
    return looks_of(request.looks, request.effect_scale);
  }
  if (request.estimates.size() != request.standard_errors.size())
    return invalid_request(fmt::format("{} standard errors for {} estimates",
                                       request.standard_errors.size(), request.estimates.size()),
                           "standard_errors");
  std::vector<LookInput> inputs(request.estimates.size());
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    inputs[k].estimate = request.estimates[k];
    inputs[k].standard_error = request.standard_errors[k];
    if (!(request.standard_errors[k] >= 0))
      return invalid_request("a standard error is negative", fmt::format("standard_errors[{}]", k));
  }
  return looks_of(inputs, request.effect_scale);
}

// The request with its bounds; effects are turned so that large statistics speak for the treatment.
class Analysis {
 public:
  Analysis(const GroupSequentialAnalysisRequest& request, LookBounds bounds,
           std::vector<MonitoredLook> looks)
      : request_(request), bounds_(std::move(bounds)), looks_(std::move(looks)) {
    if (!two_sided() && request.alternative == "less") sign_ = -1;
    goes_on_above_ = bounds_.lower;
    if (futility() && !request.bounds.binding_futility)
      std::fill(goes_on_above_.begin(), goes_on_above_.end(), -kInfinite);
  }

  GroupSequentialAnalysisResult run() {
    result_.method = request_.bounds.spending.function;
    for (std::size_t k = 0; k < looks_.size(); ++k) analyse_look(k);
    find_stop();
    return std::move(result_);
  }

 private:
  bool two_sided() const { return request_.bounds.sides == 2; }
  bool futility() const { return request_.bounds.beta_spending.has_value(); }
  std::span<const double> information() const { return request_.bounds.information; }

  // Ends as they lie after turning back.
  IntervalEnds turned(double lower, double upper) const {
    if (sign_ < 0) return {-upper, -lower};
    return {lower, upper};
  }

  void analyse_look(std::size_t k) {
    const MonitoredLook& look = looks_[k];
    AnalysisLook out;
    out.information = information()[k];
    out.estimate = look.estimate;
    out.standard_error = look.standard_error;
    const double sides = static_cast<double>(request_.bounds.sides);
    const double upper = std::min(bounds_.upper[k], kGreatestBound);
    const double lower = std::max(bounds_.lower[k], -kGreatestBound);
    const IntervalEnds bounds = turned(two_sided() || futility() ? lower : kUndefined, upper);
    out.lower = bounds.lower;
    out.upper = bounds.upper;
    out.alpha_spent = sides * bounds_.alpha_spent[k];
    out.nominal_p = std::min(1.0, sides * normal_upper_tail(upper));
    double z = kUndefined;
    if (look.standard_error > 0 && std::isfinite(look.estimate))
      z = sign_ * (look.estimate - request_.null_value) / look.standard_error;
    if (!std::isfinite(z)) {
      z = kUndefined;
      result_.warnings.push_back(
          {"no_standard_error", fmt::format("looks[{}]", k),
           "The estimate or its standard error is undefined or 0: this look tests nothing."});
    }
    turned_statistics_.push_back(z);
    if (!std::isnan(z)) set_statistic(out, k, z, upper);
    result_.looks.push_back(out);
  }

  void set_statistic(AnalysisLook& out, std::size_t k, double z, double upper) const {
    out.statistic = sign_ * z;
    const double evidence = two_sided() ? std::abs(z) : z;
    out.crossed = evidence >= bounds_.upper[k];
    out.futility_crossed = futility() && !out.crossed && z <= bounds_.lower[k];
    const std::span<const double> lower =
        futility() ? std::span<const double>(goes_on_above_) : std::span<const double>();
    out.repeated_p_value = repeated_p_value(
        {information(), request_.bounds.spending, two_sided(), lower}, k, evidence);
    const double half = upper * out.standard_error;
    const double estimate = sign_ * out.estimate;
    out.repeated_interval = turned(estimate - half, two_sided() ? estimate + half : kUndefined);
  }

  void find_stop() {
    for (std::size_t k = 0; k < looks_.size() && !result_.stopped; ++k) {
      const AnalysisLook& look = result_.looks[k];
      const bool is_latest = k + 1 == looks_.size();
      const bool gives_up =
          look.futility_crossed && (request_.bounds.binding_futility || is_latest);
      if (!look.crossed && !gives_up && look.information < 1) continue;
      result_.stopped = true;
      result_.stopped_at_look = static_cast<std::int64_t>(k) + 1;
      result_.stop_reason = look.crossed ? "crossed" : look.information < 1 ? "futility" : "end";
      if (!std::isnan(turned_statistics_[k])) infer_at(k);
    }
  }

  void infer_at(std::size_t k) {
    const StoppedTest test{information().first(k + 1), goes_on_above_, bounds_.upper,
                           turned_statistics_[k]};
    const double tail = request_.bounds.alpha / static_cast<double>(request_.bounds.sides);
    // The information of a unit of t is taken from the look of the stop.
    const double unit = std::sqrt(information()[k]) * looks_[k].standard_error;
    const double turned_null = sign_ * request_.null_value;
    const auto effect = [&](double probability) {
      return turned_null + unit * drift_with_probability(test, probability);
    };
    result_.median_unbiased_estimate = sign_ * effect(0.5);
    result_.stage_wise_interval = turned(effect(tail), two_sided() ? effect(1 - tail) : kUndefined);
    const double beyond = probability_beyond(test, 0);
    result_.stage_wise_p_value =
        two_sided() ? std::min(1.0, 2 * std::min(beyond, 1 - beyond)) : beyond;
  }

  const GroupSequentialAnalysisRequest& request_;
  LookBounds bounds_;
  std::vector<MonitoredLook> looks_;
  double sign_ = 1;
  std::vector<double> goes_on_above_;
  std::vector<double> turned_statistics_;
  GroupSequentialAnalysisResult result_;
};

}  // namespace

Result<GroupSequentialAnalysisResult> group_sequential_analysis(
    const GroupSequentialAnalysisRequest& request) {
  DESCANT_CHECK(check_bounds_request(request.bounds, true));
  if (request.alternative != "greater" && request.alternative != "less")
    return invalid_request(fmt::format("unknown alternative '{}'", request.alternative),
                           "alternative", "Known: greater, less.");
  DESCANT_ASSIGN(auto looks, analysed_looks(request));
  const auto& information = request.bounds.information;
  if (looks.size() > information.size())
    return invalid_request(
        fmt::format("{} looks, but information for {}", looks.size(), information.size()),
        "information", "Give the information of every look that was taken.");
  DESCANT_ASSIGN(auto bounds, look_bounds(request.bounds));
  return Analysis(request, std::move(bounds), std::move(looks)).run();
}

void describe(Describer& d, GroupSequentialAnalysisRequest& request) {
  describe_bounds_fields(d, request.bounds);
  d.field(request.estimates,
          {.name = "estimates", .doc = "of the effect, treatment minus control, by look"});
  d.field(request.standard_errors,
          {.name = "standard_errors", .doc = "of the estimates", .minimum = 0});
  d.field(request.looks, {.name = "looks",
                          .doc = "instead of the two lists: control and treatment so far, or "
                                 "estimate and standard_error"});
  d.field(request.alternative, {.name = "alternative",
                                .doc = "of a one-sided test; greater: the treatment is larger",
                                .choices = {"greater", "less"}});
  d.field(request.null_value, {.name = "null_value", .doc = "effect under the null"});
  describe_effect_scale(d, request.effect_scale);
}

void describe(Describer& d, IntervalEnds& interval) {
  d.field(interval.lower, {.name = "lower", .doc = "null when unbounded"});
  d.field(interval.upper, {.name = "upper", .doc = "null when unbounded"});
}

void describe(Describer& d, AnalysisLook& look) {
  d.field(look.information, {.name = "information", .doc = "share of the planned information"});
  d.field(look.estimate, {.name = "estimate", .doc = "of the effect"});
  d.field(look.standard_error, {.name = "standard_error", .doc = "of the estimate"});
  d.field(look.statistic, {.name = "statistic", .doc = "(estimate - null_value) / standard_error"});
  d.field(look.lower, {.name = "lower", .doc = "bound of the statistic"});
  d.field(look.upper, {.name = "upper", .doc = "bound of the statistic; null when there is none"});
  d.field(look.alpha_spent, {.name = "alpha_spent", .doc = "up to this look"});
  d.field(look.nominal_p,
          {.name = "nominal_p", .doc = "what an ordinary p-value of the look is held against"});
  d.field(look.crossed, {.name = "crossed", .doc = "whether this look rejects the null"});
  d.field(look.futility_crossed, {.name = "futility_crossed",
                                  .doc = "whether this look lies at or below the futility "
                                         "bound"});
  d.field(look.repeated_p_value,
          {.name = "repeated_p_value", .doc = "the smallest alpha at which this look crosses"});
  d.field(look.repeated_interval, {.name = "repeated_interval",
                                   .doc = "effects that this look does not reject; at all looks "
                                          "together with 1 - alpha"});
}

void describe(Describer& d, GroupSequentialAnalysisResult& result) {
  d.field(result.method, {.name = "method", .doc = "the spending function"});
  d.field(result.looks, {.name = "looks", .doc = "those taken, in order"});
  d.field(result.stopped, {.name = "stopped", .doc = "a bound was crossed or the end reached"});
  d.field(result.stopped_at_look,
          {.name = "stopped_at_look", .doc = "counted from 1; null while the test goes on"});
  d.field(result.stop_reason, {.name = "stop_reason",
                               .doc = "what stopped it",
                               .choices = {"none", "crossed", "futility", "end"}});
  d.field(result.median_unbiased_estimate,
          {.name = "median_unbiased_estimate", .doc = "at the stop, by stage-wise ordering"});
  d.field(result.stage_wise_interval,
          {.name = "stage_wise_interval", .doc = "of confidence 1 - alpha at the stop"});
  d.field(result.stage_wise_p_value,
          {.name = "stage_wise_p_value", .doc = "at the stop, by stage-wise ordering"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
