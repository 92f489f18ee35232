// SPDX-License-Identifier: Apache-2.0
// The recorded differences of Spotify's open-source confidence package.
#include <optional>

#include "recorded_calls.h"

namespace descant::oracles {
namespace {

// The row of a frame of sufficient statistics whose group is `level`.
const Json* row_of(const Json& frame, const std::string& group_column, const std::string& level) {
  for (std::size_t j = 0; j < frame["columns"].size(); ++j)
    if (frame["columns"][j] == group_column)
      for (const auto& row : frame["rows"])
        if (row[j] == level) return &row;
  return nullptr;
}

std::optional<double> cell(const Json& frame, const Json& row, const Json& column) {
  for (std::size_t j = 0; j < frame["columns"].size(); ++j)
    if (frame["columns"][j] == column && row[j].is_number()) return row[j].get<double>();
  return {};
}

// Without sums of squares the outcome is a share, whose variance has the divisor n there.
std::optional<Json> arm(const Json& constructor, const Json& level) {
  const Json& frame = constructor["data_frame"];
  const Json& groups = constructor["categorical_group_columns"];
  const std::string column = groups.is_array() && groups.size() == 1 ? groups[0].get<std::string>()
                             : groups.is_string()                    ? groups.get<std::string>()
                                                                     : std::string();
  if (!level.is_string()) return {};
  const Json* row = row_of(frame, column, level);
  if (row == nullptr) return {};
  const auto n = cell(frame, *row, constructor["denominator_column"]);
  const auto sum = cell(frame, *row, constructor["numerator_column"]);
  if (!n || !sum) return {};
  const Json squares_column = constructor.value("numerator_sum_squares_column", Json());
  const double mean = *sum / *n;
  if (!squares_column.is_string() || squares_column == constructor["numerator_column"])
    return Json{{"n", *n}, {"mean", mean}, {"variance", mean * (1 - mean)}};
  const auto squares = cell(frame, *row, squares_column);
  if (!squares) return {};
  return Json{{"n", *n}, {"sum", *sum}, {"sum_of_squares", *squares}};
}

struct Hypothesis {
  Json margin, direction;
};

Hypothesis hypothesis_of(const Json& args) {
  const Json margins = args.value("non_inferiority_margins", Json());
  if (!margins.is_array() || margins.size() != 2) return {};
  return {margins[0], margins[1]};
}

double at_column(const Json& frame, std::string_view column) {
  for (std::size_t j = 0; j < frame["columns"].size(); ++j)
    if (frame["columns"][j] == column)
      return frame["rows"][0][j].is_number() ? frame["rows"][0][j].get<double>() : std::nan("");
  return std::nan("");
}

Outcome difference(const Json& inputs, const Json& output, const char* method) {
  const Json& args = inputs["args"];
  const Json& constructor = inputs["constructor"];
  if (args.contains("groupby") && !args["groupby"].is_null())
    return Outcome::not_applicable("several groups in one call");
  if (args.value("absolute", Json(true)) == false)
    return Outcome::not_applicable("it divides by the control as a known number");
  const auto control = arm(constructor, args["level_1"]);
  const auto treatment = arm(constructor, args["level_2"]);
  if (!control || !treatment) return Outcome::not_applicable("several rows make one arm");
  const Hypothesis hypothesis = hypothesis_of(args);
  if (hypothesis.margin.is_number() && !hypothesis.direction.is_string())
    return Outcome::not_applicable("a margin on both sides (equivalence) is not offered yet");
  // The same recorded inputs also gave a one-sided result: what made the peer test both sides here
  // is not in the record.
  if (hypothesis.direction.is_string() && !std::isnan(at_column(output, "ci_upper")) &&
      !std::isnan(at_column(output, "ci_lower")))
    return Outcome::not_applicable("a directed margin reported two-sided");
  Json request = {{"control", *control},
                  {"treatment", *treatment},
                  {"method", method},
                  {"confidence_level", constructor.value("interval_size", 0.95)}};
  if (hypothesis.direction.is_string()) {
    request["alternative"] = hypothesis.direction == "increase" ? "greater" : "less";
    if (hypothesis.margin.is_number()) {
      request.update({{"non_inferiority_margin", hypothesis.margin},
                      {"margin_scale", "relative"},
                      {"margin_treatment", "fixed"},
                      {"direction", hypothesis.direction}});
    }
  }
  const Json ours = ask("mean_difference", request);
  const auto as_json = [&](std::string_view column) {
    const double value = at_column(output, column);
    return std::isnan(value) ? Json(nullptr) : Json(value);
  };
  return Outcome()
      .near("difference", number_at(ours, "absolute.estimate"), as_json("difference"), 1e-9)
      .near("lower", number_at(ours, "absolute.lower"), as_json("ci_lower"), 1e-8)
      .near("upper", number_at(ours, "absolute.upper"), as_json("ci_upper"), 1e-8)
      .near("p_value", number_at(ours, "p_value"), as_json("p-value"), 1e-6);
}

Outcome z_difference(const Json& in, const Json& out) { return difference(in, out, "z"); }
Outcome t_difference(const Json& in, const Json& out) { return difference(in, out, "welch"); }

const Adapters kSpotifyConfidence = {{"ZTest.difference", z_difference},
                                     {"StudentsTTest.difference", t_difference}};

TEST(OraclesTest, SpotifyConfidence) {
  run_recorded_calls("spotify_confidence", kSpotifyConfidence);
}

}  // namespace
}  // namespace descant::oracles
