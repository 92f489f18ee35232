// SPDX-License-Identifier: Apache-2.0
// The recorded differences of Spotify's open-source confidence package.
#include <optional>

#include "recorded_calls.h"

namespace descant::oracles {
namespace {

std::optional<std::size_t> column_of(const Json& frame, const Json& name) {
  for (std::size_t j = 0; j < frame["columns"].size(); ++j)
    if (frame["columns"][j] == name) return j;
  return {};
}

Json cell(const Json& frame, const Json& row, const Json& column) {
  const auto j = column_of(frame, column);
  return j ? row[*j] : Json();
}

std::vector<std::string> labels_of(const Json& level) {
  std::vector<std::string> labels;
  if (level.is_array())
    for (const auto& part : level)
      labels.push_back(part.is_string() ? part.get<std::string>() : part.dump());
  else
    labels.push_back(level.is_string() ? level.get<std::string>() : level.dump());
  // BetaBinomial writes its levels as Python does.
  if (labels.size() == 1 && labels[0].starts_with("('")) {
    std::string text = labels[0].substr(2, labels[0].size() - 4);
    labels.clear();
    for (std::size_t at; (at = text.find("', '")) != std::string::npos; text = text.substr(at + 4))
      labels.push_back(text.substr(0, at));
    labels.push_back(text);
  }
  return labels;
}

bool has_label(const Json& row, const std::string& label) {
  return std::any_of(row.begin(), row.end(), [&](const Json& value) {
    return value.is_string() ? value.get<std::string>() == label : value.dump() == label;
  });
}

// Sums over the rows of sufficient statistics that bear all labels of an arm.
struct Sums {
  double n = 0, sum = 0, squares = 0;
  bool is_share = true;
};

std::optional<Sums> sums_of(const Json& constructor, const std::vector<std::string>& labels) {
  const Json& frame = constructor["data_frame"];
  const Json squares_column = constructor.value("numerator_sum_squares_column", Json());
  Sums sums;
  sums.is_share = !squares_column.is_string() || squares_column == constructor["numerator_column"];
  for (const auto& row : frame["rows"]) {
    if (!std::all_of(labels.begin(), labels.end(),
                     [&](const auto& label) { return has_label(row, label); }))
      continue;
    const Json n = cell(frame, row, constructor["denominator_column"]);
    const Json sum = cell(frame, row, constructor["numerator_column"]);
    const Json squares = sums.is_share ? sum : cell(frame, row, squares_column);
    if (!n.is_number() || !sum.is_number() || !squares.is_number()) return {};
    sums.n += n.get<double>();
    sums.sum += sum.get<double>();
    sums.squares += squares.get<double>();
  }
  return sums.n > 0 ? std::optional(sums) : std::nullopt;
}

// A share's variance has the divisor n there.
Json sample_of(const Sums& sums) {
  if (!sums.is_share) return {{"n", sums.n}, {"sum", sums.sum}, {"sum_of_squares", sums.squares}};
  const double mean = sums.sum / sums.n;
  return {{"n", sums.n}, {"mean", mean}, {"variance", mean * (1 - mean)}};
}

struct Arms {
  Sums control, treatment;
};

// The arms of one row of an answer: its levels, and the group the row is about.
std::optional<Arms> arms_of(const Json& inputs, const Json& output, const Json& row) {
  std::vector<std::string> group;
  const Json groups = inputs["args"].value("groupby", Json());
  for (const auto& name : groups.is_array() ? groups : Json::array({groups}))
    if (column_of(output, name))
      for (const auto& label : labels_of(cell(output, row, name))) group.push_back(label);
  const auto arm = [&](const char* level) {
    auto labels = labels_of(cell(output, row, level));
    labels.insert(labels.end(), group.begin(), group.end());
    return sums_of(inputs["constructor"], labels);
  };
  const auto control = arm("level_1"), treatment = arm("level_2");
  if (!control || !treatment) return {};
  return Arms{*control, *treatment};
}

Json finite(const Json& value) { return value.is_number() ? value : Json(); }

// What one row tests: the interval has the end that its hypothesis leaves.
void set_hypothesis(Json& request, const Json& output, const Json& row, bool upper, bool lower) {
  if (upper && lower) return;
  request["alternative"] = lower ? "greater" : "less";
  const Json margin = cell(output, row, "non-inferiority margin");
  if (!margin.is_number()) return;
  request.update({{"non_inferiority_margin", margin},
                  {"margin_scale", "relative"},
                  {"margin_treatment", "fixed"},
                  {"direction", lower ? "increase" : "decrease"}});
}

Outcome compared_row(const Json& inputs, const Json& output, const Json& row, const char* method) {
  const auto arms = arms_of(inputs, output, row);
  if (!arms) return Outcome::not_applicable("an arm without users");
  const Json lower = finite(cell(output, row, "ci_lower")),
             upper = finite(cell(output, row, "ci_upper"));
  const bool chi_squared = std::string_view(method) == "chi_squared";
  Json request = {{"control", sample_of(arms->control)},
                  {"treatment", sample_of(arms->treatment)},
                  {"method", chi_squared ? "z" : method},
                  {"confidence_level", inputs["constructor"].value("interval_size", 0.95)}};
  const bool two_sided = !lower.is_null() && !upper.is_null();
  const Json preference = cell(output, row, "preference");
  const Json margin = cell(output, row, "non-inferiority margin");
  if (two_sided && margin.is_number() && !preference.is_string())
    return Outcome::not_applicable("a margin on both sides, tested by the smaller p-value");
  if (two_sided && preference.is_string() && (preference == "increase" || preference == "decrease"))
    return Outcome::not_applicable("a directed margin reported two-sided");
  set_hypothesis(request, output, row, !upper.is_null(), !lower.is_null());
  const Json ours = ask("mean_difference", request);
  Outcome outcome;
  outcome
      .near("difference", number_at(ours, "absolute.estimate"), cell(output, row, "difference"),
            1e-9)
      .near("lower", number_at(ours, "absolute.lower"), lower, 1e-8)
      .near("upper", number_at(ours, "absolute.upper"), upper, 1e-8);
  double p = number_at(ours, "p_value");
  if (chi_squared)
    p = number_at(
        ask("proportion_difference",
            {{"control", {{"n", arms->control.n}, {"successes", arms->control.sum}}},
             {"treatment", {{"n", arms->treatment.n}, {"successes", arms->treatment.sum}}},
             {"method", "chi_squared"}}),
        "p_value");
  // Its t test of margins takes the degrees of freedom of another variance; the intervals agree.
  return outcome.near("p_value", p, finite(cell(output, row, "p-value")), 1e-6);
}

// The method of the case at hand: the record has only the constructor's default, the case's name
// says what the test set.
std::string correction;

// p-values of all rows together; its corrections of "spot-1" count as the plain ones here.
void compare_adjusted(const Json& output, Outcome& outcome) {
  static const std::map<std::string, std::string> methods = {{"bonferroni", "bonferroni"},
                                                             {"holm", "holm"},
                                                             {"hommel", "hommel"},
                                                             {"simes-hochberg", "hochberg"},
                                                             {"sidak", "sidak"},
                                                             {"holm-sidak", "holm_sidak"},
                                                             {"fdr_bh", "benjamini_hochberg"},
                                                             {"fdr_by", "benjamini_yekutieli"}};
  const auto method = methods.find(correction);
  if (method == methods.end()) return;
  Json p_values = Json::array(), adjusted = Json::array();
  for (const auto& row : output["rows"]) {
    p_values.push_back(finite(cell(output, row, "p-value")));
    adjusted.push_back(finite(cell(output, row, "adjusted p-value")));
    if (p_values.back().is_null() || adjusted.back().is_null()) return;
  }
  const Json ours = ask("adjust_p_values", {{"p_values", p_values}, {"method", method->second}});
  for (std::size_t i = 0; i < adjusted.size(); ++i)
    outcome.near("adjusted", ours["adjusted"][i].get<double>(), adjusted[i], 1e-7);
}

Outcome differences(const Json& inputs, const Json& output, const char* method) {
  if (inputs["args"].value("absolute", Json(true)) == false)
    return Outcome::not_applicable("it divides by the control as a known number");
  Outcome all = Outcome::not_applicable("no row");
  for (const auto& row : output["rows"]) all.merge(compared_row(inputs, output, row, method));
  if (all.compared()) compare_adjusted(output, all);
  return all;
}

Outcome z_difference(const Json& in, const Json& out) { return differences(in, out, "z"); }
Outcome t_difference(const Json& in, const Json& out) { return differences(in, out, "welch"); }
Outcome chi_difference(const Json& in, const Json& out) {
  return differences(in, out, "chi_squared");
}

// Its posterior is drawn, ours integrated: two places are what a million draws give.
Outcome beta_difference(const Json& inputs, const Json& output) {
  if (inputs["args"].value("absolute", Json(true)) == false)
    return Outcome::not_applicable("a relative difference of beta posteriors");
  const auto is_column = [&](const char* name) {
    return inputs["constructor"].value(name, Json()).is_string();
  };
  if (is_column("prior_alpha_column") || is_column("prior_beta_column"))
    return Outcome::not_applicable("a prior of each arm's own");
  Outcome all = Outcome::not_applicable("no row");
  for (const auto& row : output["rows"]) {
    const auto arms = arms_of(inputs, output, row);
    if (!arms) continue;
    const auto counts = [](const Sums& sums) {
      return Json{{"n", sums.n}, {"successes", sums.sum}};
    };
    const Json ours =
        ask("bayesian_difference",
            {{"control", counts(arms->control)},
             {"treatment", counts(arms->treatment)},
             {"model", "beta_binomial"},
             {"prior_alpha", 0.5},
             {"prior_beta", 0.5},
             {"confidence_level", inputs["constructor"].value("interval_size", 0.95)}});
    constexpr double kDraws = 2e-3;
    const auto compare = [&](const char* field, const char* column, double sign) {
      all.within(column, number_at(ours, field), sign * cell(output, row, column).get<double>(),
                 kDraws);
    };
    compare("credible_interval.estimate", "difference", 1);
    compare("credible_interval.lower", "ci_lower", 1);
    compare("credible_interval.upper", "ci_upper", 1);
    compare("probability_better", "P(level_2 > level_1)", 1);
    compare("risk.control", "level_1 potential loss", -1);
    compare("risk.treatment", "level_2 potential loss", -1);
  }
  return all;
}

Outcome planned_size(const Json& inputs, const Json& output, Json baseline, const Json& effect) {
  if (inputs["treatments"] != 2)
    return Outcome::not_applicable("sizes of several treatments by its own allocation");
  const Json ours = ask("sample_size", {{"baseline", std::move(baseline)},
                                        {"minimum_detectable_effect", effect},
                                        {"effect_scale", "absolute"},
                                        {"alpha", inputs["alpha"]},
                                        {"power", inputs["power"]}});
  const Json allocations = inputs.value("treatment_allocations", Json());
  if (!allocations.is_null()) return Outcome::not_applicable("sizes by its own allocation");
  // Both arms have the variance of the baseline there, and its shares round on the way.
  return Outcome().near("n_total", number_at(ours, "n_total"), output[0], 2e-3);
}

Outcome size_continuous(const Json& inputs, const Json& output) {
  return planned_size(inputs, output, {{"mean", 1}, {"variance", inputs["baseline_variance"]}},
                      inputs["average_absolute_mde"]);
}

Outcome size_binomial(const Json& inputs, const Json& output) {
  const double p = inputs["baseline_proportion"];
  return planned_size(inputs, output, {{"mean", p}, {"variance", p * (1 - p)}},
                      inputs["absolute_percentage_mde"]);
}

Outcome sample_ratio(const Json& inputs, const Json& output) {
  Json counts = Json::array(), expected = Json::array();
  for (const auto& row : output[1]["rows"]) {
    counts.push_back(cell(output[1], row, inputs["constructor"]["denominator_column"]));
    expected.push_back(cell(output[1], row, "expected_proportion"));
  }
  double sum = 0;
  for (const auto& share : expected) sum += share.get<double>();
  if (std::abs(sum - 1) > 1e-9)
    return Outcome::not_applicable("expected shares that do not sum to 1");
  const Json ours = ask("sample_ratio_test", {{"counts", counts}, {"expected", expected}});
  return Outcome().near("p_value", number_at(ours, "p_value"), output[0], 1e-8);
}

Outcome summaries(const Json&, const Json&) {
  return Outcome::not_applicable("an interval of one arm alone");
}
Outcome its_calculator(const Json&, const Json&) {
  return Outcome::not_applicable(
      "sizes of several arms and metrics from one frame: experiment design does that");
}
Outcome achieved_power(const Json&, const Json&) {
  return Outcome::not_applicable("power from the observed, pooled variance");
}
Outcome regression(const Json&, const Json&) {
  return Outcome::not_applicable("theta of all rows together, variances with the divisor n");
}
Outcome joint(const Json&, const Json&) {
  return Outcome::not_applicable("the probability to be the best of many arms");
}

// Its grid is coarse: its bounds wander by some hundredths, and it skips looks that it cannot
// resolve (README.md).
Outcome bounds(const Json& inputs, const Json& output) {
  const double alpha = inputs["alpha"];
  const double sides = inputs["sides"];
  Json request = {{"information", inputs["t"]},
                  {"alpha", alpha},
                  {"sides", sides},
                  {"spending", {{"function", "power"}, {"parameter", inputs.value("phi", 2.0)}}}};
  const Json ours = ask("group_sequential_bounds", request);
  Outcome outcome;
  const Json& peer = output["bounds"];
  for (std::size_t k = 0; k < peer.size(); ++k)
    if (peer[k].get<double>() < 8)
      outcome.within(fmt::format("bounds[{}]", k), ours["upper"][k].get<double>(), peer[k], 0.08);
  return outcome;
}

Outcome overrun_alpha(const Json& inputs, const Json& output) {
  const Json& frame = inputs["df"];
  Json information = Json::array();
  const auto users = [&](const Json& row) {
    return cell(frame, row, "count_1").get<double>() + cell(frame, row, "count_2").get<double>();
  };
  // The last look beyond the plan sets the final size itself.
  const double planned = cell(frame, frame["rows"][0], "total_expected_users");
  const double last = std::max(planned, users(frame["rows"].back()));
  for (const auto& row : frame["rows"]) information.push_back(users(row) / last);
  const Json ours =
      ask("group_sequential_bounds", {{"information", information},
                                      {"alpha", cell(frame, frame["rows"][0], "alpha")},
                                      {"spending", {{"function", "power"}, {"parameter", 2}}}});
  return Outcome().within("alpha", ours["nominal_p"].back().get<double>(),
                          output["data"].begin()->get<double>(), 5e-6);
}

const Adapters kSpotifyConfidence = {
    {"ZTest.difference", z_difference},
    {"ZTest.multiple_difference", z_difference},
    {"StudentsTTest.difference", t_difference},
    {"StudentsTTest.multiple_difference", t_difference},
    {"ChiSquared.difference", chi_difference},
    {"ChiSquared.differences", chi_difference},
    {"ChiSquared.multiple_difference", chi_difference},
    {"ChiSquared.sample_ratio_test", sample_ratio},
    {"BetaBinomial.difference", beta_difference},
    {"BetaBinomial.multiple_difference", beta_difference},
    {"BetaBinomial.multiple_difference_joint", joint},
    {"SampleSize.continuous", size_continuous},
    {"SampleSize.binomial", size_binomial},
    {"SampleSizeCalculator.sample_size", its_calculator},
    {"SampleSizeCalculator.optimal_weights_and_sample_size", its_calculator},
    {"SampleSizeCalculator.powered_effect", its_calculator},
    {"ZTestLinreg.difference", regression},
    {"ChiSquared.achieved_power", achieved_power},
    {"StudentsTTest.achieved_power", achieved_power},
    {"ZTest.summary", summaries},
    {"ZTestLinreg.summary", summaries},
    {"StudentsTTest.summary", summaries},
    {"ChiSquared.summary", summaries},
    {"BetaBinomial.summary", summaries},
    {"sequential_bounds", bounds},
    {"compute_sequential_adjusted_alpha", overrun_alpha}};

// Between "correction method: " and the bracket, less "spot-1-".
std::string correction_of(const std::string& id, const Json& item) {
  const std::string before = "correction method: ";
  const auto at = id.find(before);
  if (at == std::string::npos) {
    for (const auto& call : item["calls"])
      if (call["inputs"].contains("constructor"))
        return call["inputs"]["constructor"].value("correction_method", "");
    return "";
  }
  std::string name = id.substr(at + before.size());
  name = name.substr(0, name.find(']'));
  return name.starts_with("spot-1-") ? name.substr(7) : name;
}

Outcome spotify_case(const Json& item, const Json&) {
  const std::string id = item["id"];
  if (id.find("interval_sizes") != std::string::npos ||
      id.find("MultipleMetricsSegments3") != std::string::npos)
    return Outcome::not_applicable("a confidence level set after construction: not in the record");
  correction = correction_of(id, item);
  return outcome_of(item, kSpotifyConfidence);
}

TEST(OraclesTest, SpotifyConfidence) { run_cases("spotify_confidence", spotify_case); }

}  // namespace
}  // namespace descant::oracles
