// SPDX-License-Identifier: Apache-2.0
#include "report/chart.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/wording.h"

namespace descant::report {
namespace {

using experiment::MetricResult;

constexpr std::string_view kVegaLiteSchema = "https://vega.github.io/schema/vega-lite/v6.json";
// The page's own, spelled out: text is measured with it before it is placed.
constexpr std::string_view kFont =
    "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, "
    "'DejaVu Sans', sans-serif";
constexpr std::string_view kPercentLabel =
    "datum.value === 0 ? '0%' : format(datum.value, '+.1~%')";

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

// Looks that all charts share.
Json theme() {
  const Json quiet_axis = {{"labelColor", "var(--muted)"},
                           {"titleColor", "var(--muted)"},
                           {"gridColor", "var(--line)"},
                           {"domain", false},
                           {"ticks", false},
                           {"labelFontSize", 12},
                           {"titleFontSize", 12},
                           {"titleFontWeight", 400},
                           {"labelPadding", 8}};
  return {{"background", "transparent"},
          {"font", kFont},
          {"view", {{"stroke", nullptr}}},
          {"axis", quiet_axis},
          {"axisY", {{"labelColor", "var(--ink)"}}}};
}

Json chart(const std::string& description, Json values, Json layers) {
  return {{"$schema", kVegaLiteSchema},
          {"description", description},
          {"width", "container"},
          {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}},
          {"padding", 4},
          {"config", theme()},
          {"data", {{"values", std::move(values)}}},
          {"layer", std::move(layers)}};
}

Json effect_axis(const char* field, const Json& title) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title},
          {"scale", {{"zero", true}, {"nice", true}}},
          {"axis", {{"labelExpr", kPercentLabel}, {"tickCount", 5}}}};
}

Json zero_rule(const char* channel) {
  return {{"data", {{"values", Json::array({Json::object()})}}},
          {"mark", {{"type", "rule"}, {"color", "var(--ink)"}, {"opacity", 0.55}}},
          {"encoding", {{channel, {{"datum", 0}}}}}};
}

Json verdict_color() {
  return {{"field", "verdict"},
          {"type", "nominal"},
          {"legend", nullptr},
          {"scale",
           {{"domain", {"passed", "not passed", "deteriorated", "undecided", "for information"}},
            {"range",
             {"var(--passed)", "var(--not-passed)", "var(--deteriorated)", "var(--undecided)",
              "var(--undecided)"}}}}};
}

Json tooltip(std::initializer_list<std::pair<const char*, const char*>> fields) {
  Json list = Json::array();
  for (const auto& [field, label] : fields)
    list.push_back({{"field", field}, {"type", "nominal"}, {"title", label}});
  return list;
}

Json row_of(const stats::Comparison& comparison, const MetricResult& metric) {
  const auto effect = effect_text(comparison, metric);
  return {{"effect", number(comparison.relative.estimate)},
          {"lower", number(comparison.relative.lower)},
          {"upper", number(comparison.relative.upper)},
          {"verdict", verdict_label(metric)},
          {"shown", effect.estimate},
          {"interval", effect.interval}};
}

bool drawable(const stats::Comparison& comparison) {
  return std::isfinite(comparison.relative.estimate);
}

// Interval as a thick line, estimate as a dot on it, one row per `row`.
Json interval_layers(const Json& color, const Json& tips) {
  const Json y = {{"field", "row"},
                  {"type", "nominal"},
                  {"sort", nullptr},
                  {"title", nullptr},
                  {"axis", {{"labelLimit", 190}, {"labelFontSize", 13}}}};
  const Json interval = {
      {"mark", {{"type", "rule"}, {"strokeWidth", 6}, {"opacity", 0.4}, {"strokeCap", "round"}}},
      {"encoding",
       {{"y", y},
        {"x", effect_axis("lower", "Effect relative to control")},
        {"x2", {{"field", "upper"}}},
        {"color", color},
        {"tooltip", tips}}}};
  const Json estimate = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}}},
      {"encoding",
       {{"y", y},
        {"x", effect_axis("effect", "Effect relative to control")},
        {"color", color},
        {"tooltip", tips}}}};
  return Json::array({zero_rule("x"), interval, estimate});
}

}  // namespace

std::optional<double> margin_position(const MetricResult& metric) {
  if (!metric.margin) return std::nullopt;
  double size = *metric.margin;
  if (metric.margin_scale != "relative") size /= std::abs(metric.comparison.control.estimate);
  if (!std::isfinite(size)) return std::nullopt;
  return metric.direction == "decrease" ? size : -size;
}

Json effects_chart(const std::vector<const MetricResult*>& metrics) {
  Json values = Json::array();
  bool has_margin = false;
  for (const auto* metric : metrics) {
    if (!drawable(metric->comparison)) continue;
    Json row = row_of(metric->comparison, *metric);
    row["row"] = metric->name;
    row["role"] = metric->role;
    if (const auto margin = margin_position(*metric)) {
      row["margin"] = *margin;
      row["allowed"] = margin_text(*metric);
      has_margin = true;
    }
    values.push_back(std::move(row));
  }
  if (values.empty()) return nullptr;
  const Json tips = tooltip({{"row", "Metric"},
                             {"role", "Role"},
                             {"shown", "Effect"},
                             {"interval", "Interval"},
                             {"verdict", "Verdict"}});
  Json layers = interval_layers(verdict_color(), tips);
  if (has_margin)
    layers.push_back(
        {{"transform", {{{"filter", "isValid(datum.margin)"}}}},
         {"mark", {{"type", "tick"}, {"thickness", 3}, {"size", 24}, {"color", "var(--margin)"}}},
         {"encoding",
          {{"y", {{"field", "row"}, {"type", "nominal"}, {"sort", nullptr}}},
           {"x", {{"field", "margin"}, {"type", "quantitative"}}},
           {"tooltip", tooltip({{"row", "Metric"}, {"allowed", "Most harm allowed"}})}}}});
  Json spec = chart("Effect of each metric relative to control, with its interval",
                    std::move(values), std::move(layers));
  spec["height"] = 46 * spec["data"]["values"].size();
  return spec;
}

namespace {

// The range worth seeing: zero, the margin, and the intervals of the later days. Those of the first
// days are many times as wide and are cut off at the edge.
template <class Days>
Json days_domain(const Days& days, double margin) {
  double low = std::min(0.0, margin), high = std::max(0.0, margin);
  for (std::size_t d = days.size() / 3; d < days.size(); ++d)
    for (const double end :
         {days[d].comparison.relative.lower, days[d].comparison.relative.upper}) {
      if (!std::isfinite(end)) continue;
      low = std::min(low, end);
      high = std::max(high, end);
    }
  return Json::array({low, high});
}

Json band_layer(const Json& x, const Json& y) {
  return {
      {"mark", {{"type", "area"}, {"color", "var(--accent)"}, {"opacity", 0.2}, {"clip", true}}},
      {"encoding", {{"x", x}, {"y", y}, {"y2", {{"field", "upper"}}}}}};
}

Json margin_layer(double margin) {
  return {
      {"data", {{"values", Json::array({{{"margin", margin}}})}}},
      {"mark",
       {{"type", "rule"}, {"color", "var(--margin)"}, {"strokeWidth", 2}, {"strokeDash", {5, 4}}}},
      {"encoding", {{"y", {{"field", "margin"}, {"type", "quantitative"}}}}}};
}

Json line_layer(const Json& x, const Json& y, const char* x_title) {
  const Json point = {{"color", "var(--accent)"}, {"size", 26}};
  return {
      {"mark",
       {{"type", "line"},
        {"color", "var(--accent)"},
        {"strokeWidth", 2},
        {"point", point},
        {"clip", true}}},
      {"encoding",
       {{"x", x},
        {"y", y},
        {"tooltip", tooltip({{"day", x_title}, {"shown", "Effect"}, {"interval", "Interval"}})}}}};
}

}  // namespace

Json days_chart(const MetricResult& metric) {
  Json values = Json::array();
  for (const auto& day : metric.days) {
    if (!drawable(day.comparison)) continue;
    Json row = row_of(day.comparison, metric);
    row["day"] = day.day;
    values.push_back(std::move(row));
  }
  if (values.size() < 2) return nullptr;
  const Json x = {{"field", "day"},
                  {"type", "temporal"},
                  {"scale", {{"type", "utc"}}},
                  {"title", nullptr},
                  {"axis",
                   {{"format", "%-d %b"},
                    {"tickCount", 5},
                    {"grid", false},
                    {"labelOverlap", true},
                    {"labelColor", "var(--muted)"}}}};
  Json y = effect_axis("lower", nullptr), estimate = effect_axis("effect", nullptr);
  y["scale"]["domain"] = estimate["scale"]["domain"] =
      days_domain(days_with_effect(metric), margin_position(metric).value_or(0.0));
  Json layers = Json::array({band_layer(x, y), zero_rule("y")});
  if (const auto margin = margin_position(metric)) layers.push_back(margin_layer(*margin));
  layers.push_back(line_layer(x, estimate, "Up to"));
  Json spec = chart("Effect on " + metric.name + " by day, with its interval", std::move(values),
                    std::move(layers));
  spec["height"] = 180;
  return spec;
}

Json since_exposure_chart(const MetricResult& metric) {
  Json values = Json::array();
  for (const auto& day : metric.days_since_exposure) {
    if (!drawable(day.comparison)) continue;
    Json row = row_of(day.comparison, metric);
    row["day"] = day.day;
    values.push_back(std::move(row));
  }
  if (values.size() < 2) return nullptr;
  const Json x = {{"field", "day"},
                  {"type", "quantitative"},
                  {"title", nullptr},
                  {"scale", {{"zero", false}, {"nice", false}}},
                  {"axis",
                   {{"format", "d"},
                    {"tickMinStep", 1},
                    {"grid", false},
                    {"labelOverlap", true},
                    {"labelColor", "var(--muted)"}}}};
  Json y = effect_axis("lower", nullptr), estimate = effect_axis("effect", nullptr);
  y["scale"]["domain"] = estimate["scale"]["domain"] = days_domain(metric.days_since_exposure, 0.0);
  Json spec = chart("Effect on " + metric.name + " by day since exposure, with its interval",
                    std::move(values),
                    Json::array({band_layer(x, y), zero_rule("y"),
                                 line_layer(x, estimate, "Day since exposure")}));
  spec["height"] = 180;
  return spec;
}

Json segments_chart(const MetricResult& metric, const std::string& dimension) {
  Json values = Json::array();
  if (drawable(metric.comparison)) {
    Json everyone = row_of(metric.comparison, metric);
    everyone["row"] = "everyone";
    everyone["whole"] = true;
    everyone["units"] = format_count(
        static_cast<std::uint64_t>(metric.comparison.control.n + metric.comparison.treatment.n));
    values.push_back(std::move(everyone));
  }
  bool any = false;
  for (const auto& segment : metric.segments) {
    if (segment.dimension != dimension || !drawable(segment.comparison)) continue;
    Json row = row_of(segment.comparison, metric);
    row["row"] = segment.value;
    row["whole"] = false;
    row["units"] = format_count(
        static_cast<std::uint64_t>(segment.comparison.control.n + segment.comparison.treatment.n));
    values.push_back(std::move(row));
    any = true;
  }
  if (!any) return nullptr;
  const Json color = {{"condition", {{"test", "datum.whole"}, {"value", "var(--ink)"}}},
                      {"value", "var(--accent)"}};
  const Json tips = tooltip(
      {{"row", "Segment"}, {"units", "Units"}, {"shown", "Effect"}, {"interval", "Interval"}});
  Json spec = chart("Effect on " + metric.name + " by " + dimension + ", with intervals",
                    std::move(values), interval_layers(color, tips));
  spec["height"] = 28 * spec["data"]["values"].size();
  return spec;
}

}  // namespace descant::report
