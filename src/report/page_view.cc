// SPDX-License-Identifier: Apache-2.0
#include "report/page_view.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "report/chart.h"
#include "report/wording.h"

namespace descant::report {
namespace {

using experiment::ExperimentResult;
using experiment::MetricResult;
using MetricList = std::vector<const MetricResult*>;

// A hyphen before a number becomes a minus sign.
std::string typeset(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == ' ' || text[i - 1] == '(';
    const bool number = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (text[i] == '-' && begins && number)
      out += "\u2212";
    else
      out += text[i];
  }
  return out;
}

Json action_view(const experiment::TreatmentDecision& decision) {
  const auto word = action_wording(decision.action);
  return {{"treatment", decision.treatment},
          {"action", decision.action},
          {"label", word.label},
          {"symbol", word.symbol},
          {"meaning", word.meaning},
          {"explanation", explanation_text(decision)},
          {"reasons", decision.reasons},
          {"has_reasons", !decision.reasons.empty()}};
}

Json figure_view(const Json& spec, const std::string& kind, const std::string& title,
                 const std::string& description) {
  if (spec.is_null()) return false;
  Json described = spec;
  described["description"] = description;  // what a screen reader says once the chart is drawn
  return {{"spec", script_json(described)},
          {"kind", kind},
          {"title", title},
          {"description", description}};
}

std::string effect_words(const std::string& name, const stats::Comparison& comparison,
                         const MetricResult& metric) {
  const auto effect = effect_text(comparison, metric);
  return fmt::format("{} {} ({})", name, effect.estimate, effect.interval);
}

Json comparison_view(const std::string& name, const stats::Comparison& comparison,
                     const MetricResult& metric) {
  const auto effect = effect_text(comparison, metric);
  return {{"name", name},
          {"control", estimate_text(comparison.control.estimate, metric)},
          {"treated", estimate_text(comparison.treatment.estimate, metric)},
          {"effect", typeset(effect.estimate)},
          {"interval", typeset(effect.interval)},
          {"units", format_count(static_cast<std::uint64_t>(comparison.control.n +
                                                            comparison.treatment.n))}};
}

Json metric_view(const ExperimentResult& result, const MetricResult& metric) {
  Json view = comparison_view(metric_title(metric), metric.comparison, metric);
  view["role"] = role_text(metric);
  view["description"] = metric.description;
  view["p_value"] = p_value_text(result, metric);
  view["verdict"] = verdict_label(metric);
  view["verdict_class"] = metric.verdict;
  view["movement"] = typeset(movement_sentence(result, metric));
  view["meaning"] = meaning_sentence(result, metric);
  view["cuped"] = typeset(cuped_sentence(result, metric));
  view["method"] = metric.comparison.method;
  if (metric.sequential) view["sequential"] = metric.sequential->message;
  return view;
}

Json effects_figure(const ExperimentResult& result, const MetricList& metrics) {
  std::string words;
  for (const auto* metric : metrics)
    words += effect_words(metric->name, metric->comparison, *metric) + ". ";
  return figure_view(effects_chart(metrics), "effects", "Effect of each metric",
                     fmt::format("Effect relative to {}, with {}: {}", result.experiment.control,
                                 level_text(result), words));
}

Json day_figures(const MetricList& metrics) {
  Json figures = Json::array();
  for (const auto* metric : metrics) {
    const Json spec = days_chart(*metric);
    if (spec.is_null()) continue;
    const auto days = days_with_effect(*metric);
    const auto &first = days.front(), &last = days.back();
    Json figure = figure_view(spec, "days", metric->name,
                              fmt::format("Effect on {} by day: from {} to {}", metric->name,
                                          effect_words(first.day, first.comparison, *metric),
                                          effect_words(last.day, last.comparison, *metric)));
    for (const auto& day : days)
      figure["rows"].push_back(comparison_view(day.day, day.comparison, *metric));
    figure["rows_title"] = "As numbers";
    figure["has_rows"] = true;
    figure["first_column"] = "Up to";
    figures.push_back(std::move(figure));
  }
  return figures;
}

Json since_exposure_figures(const MetricList& metrics) {
  Json figures = Json::array();
  for (const auto* metric : metrics) {
    const std::string words =
        metric->novelty ? metric->novelty->message : "Too few days since exposure for a trend yet.";
    Json figure = figure_view(since_exposure_chart(*metric), "days", metric->name, words);
    if (!figure.is_object()) continue;
    for (const auto& day : metric->days_since_exposure)
      figure["rows"].push_back(
          comparison_view(fmt::format("day {}", day.day), day.comparison, *metric));
    figure["note"] = typeset(words);
    figure["rows_title"] = "As numbers";
    figure["has_rows"] = true;
    figure["first_column"] = "Since exposure";
    figures.push_back(std::move(figure));
  }
  return figures;
}

Json segment_figures(const MetricList& metrics) {
  std::vector<std::string> dimensions;
  for (const auto* metric : metrics)
    for (const auto& segment : metric->segments)
      if (std::find(dimensions.begin(), dimensions.end(), segment.dimension) == dimensions.end())
        dimensions.push_back(segment.dimension);
  Json groups = Json::array();
  for (const auto& dimension : dimensions) {
    Json figures = Json::array();
    for (const auto* metric : metrics) {
      std::string words;
      Json rows = Json::array();
      for (const auto& segment : metric->segments) {
        if (segment.dimension != dimension) continue;
        words += effect_words(segment.value, segment.comparison, *metric) + ". ";
        Json row = comparison_view(segment.value, segment.comparison, *metric);
        if (metric->heterogeneity) {
          const auto shrunk = shrunk_text(segment, *metric);
          row["shrunk"] = typeset(shrunk.estimate);
          row["shrunk_interval"] = typeset(shrunk.interval);
        }
        rows.push_back(std::move(row));
      }
      Json figure =
          figure_view(segments_chart(*metric, dimension), "segments", metric->name,
                      fmt::format("Effect on {} by {}: {}", metric->name, dimension, words));
      if (!figure.is_object()) continue;
      figure["rows"] = std::move(rows);
      figure["has_shrunk"] = metric->heterogeneity.has_value();
      figure["rows_title"] = "As numbers";
      figure["has_rows"] = true;
      figure["first_column"] = dimension;
      figures.push_back(std::move(figure));
    }
    if (!figures.empty()) groups.push_back({{"dimension", dimension}, {"figures", figures}});
  }
  return groups;
}

Json heterogeneity_view(const MetricList& metrics) {
  Json list = Json::array();
  for (const auto* metric : metrics) {
    if (!metric->heterogeneity) continue;
    Json groups = Json::array();
    for (const auto& group : tree_groups(*metric))
      groups.push_back({{"depth", std::to_string(group.depth)},
                        {"name", group.name},
                        {"units", group.units},
                        {"effect", typeset(group.effect.estimate)},
                        {"interval", typeset(group.effect.interval)}});
    list.push_back({{"message", typeset(metric->heterogeneity->message)},
                    {"groups", groups},
                    {"has_groups", !groups.empty()}});
  }
  return list;
}

// The verdicts that occur, each once.
Json legend_view(const MetricList& metrics) {
  Json legend = Json::array();
  for (const auto* metric : metrics) {
    Json entry = {{"verdict", verdict_label(*metric)}, {"verdict_class", metric->verdict}};
    if (std::find(legend.begin(), legend.end(), entry) == legend.end())
      legend.push_back(std::move(entry));
  }
  return legend;
}

Json treatment_view(const ExperimentResult& result, const std::string& treatment,
                    const MetricList& metrics, bool several) {
  Json rows = Json::array();
  bool any_margin = false;
  for (const auto* metric : metrics) {
    rows.push_back(metric_view(result, *metric));
    any_margin = any_margin || metric->margin.has_value();
  }
  const Json days = day_figures(metrics), segments = segment_figures(metrics);
  const Json since_exposure = since_exposure_figures(metrics);
  const Json heterogeneity = heterogeneity_view(metrics);
  return {{"treatment", treatment},
          {"control", result.experiment.control},
          {"several", several},
          {"level", level_text(result)},
          {"metrics", rows},
          {"legend", legend_view(metrics)},
          {"any_margin", any_margin},
          {"p_values_withheld", !p_values_shown(result)},
          {"effects", effects_figure(result, metrics)},
          {"days", days},
          {"has_days", !days.empty()},
          {"since_exposure", since_exposure},
          {"has_since_exposure", !since_exposure.empty()},
          {"segments", segments},
          {"has_segments", !segments.empty()},
          {"heterogeneity", heterogeneity},
          {"has_heterogeneity", !heterogeneity.empty()},
          {"entities", plural(result.experiment.entity)}};
}

Json treatments_view(const ExperimentResult& result) {
  std::vector<std::string> order;
  std::map<std::string, MetricList> by_treatment;
  for (const auto& metric : result.metrics) {
    if (!by_treatment.contains(metric.treatment)) order.push_back(metric.treatment);
    by_treatment[metric.treatment].push_back(&metric);
  }
  Json views = Json::array();
  for (const auto& treatment : order)
    views.push_back(treatment_view(result, treatment, by_treatment[treatment], order.size() > 1));
  return views;
}

Json arms_view(const experiment::ExperimentSummary& experiment) {
  const auto total = static_cast<double>(units_total(experiment));
  Json arms = Json::array();
  for (const auto& arm : experiment.arms) {
    const double share = total > 0 ? static_cast<double>(arm.units) / total : 0.0;
    arms.push_back({{"variant", arm.variant},
                    {"is_control", arm.variant == experiment.control && arm.variant != "control"},
                    {"units", format_count(static_cast<std::uint64_t>(arm.units))},
                    {"share", total > 0 ? format_percent(share) : "–"},
                    {"expected", arm.expected_share > 0 ? format_percent(arm.expected_share) : "–"},
                    {"bar", fmt::format("{:.2f}", share * 100.0)}});
  }
  return arms;
}

Json left_out_view(const experiment::ExperimentSummary& experiment) {
  Json list = Json::array();
  for (const auto& left : experiment.left_out) {
    if (left.count == 0) continue;
    list.push_back(left.message);
  }
  return list;
}

Json checks_view(const ExperimentResult& result) {
  Json list = Json::array();
  for (const auto& check : result.checks) {
    const auto mark = check_mark(check);
    list.push_back({{"kind", mark.kind},
                    {"mark", mark.symbol},
                    {"state", mark.state},
                    {"title", check_title(check)},
                    {"message", check.message}});
  }
  return list;
}

// Names of the metrics of one role, each once.
std::string names_with_role(const ExperimentResult& result, std::string_view role) {
  std::vector<std::string> names;
  for (const auto& metric : result.metrics)
    if (metric.role == role && std::find(names.begin(), names.end(), metric.name) == names.end())
      names.push_back(metric.name);
  return listed(names);
}

std::string tested_sentence(const ExperimentResult& result) {
  const auto& experiment = result.experiment;
  std::vector<std::string> arms;
  for (const auto& arm : experiment.arms) arms.push_back(arm.variant);
  std::string text = fmt::format("{} took part, split between {}.",
                                 counted(units_total(experiment), experiment.entity), listed(arms));
  const std::string success = names_with_role(result, "success");
  const std::string guardrails = names_with_role(result, "guardrail");
  if (!success.empty()) text += fmt::format(" It was to improve {}", success);
  if (!guardrails.empty())
    text += success.empty() ? fmt::format(" It was not to harm {}", guardrails)
                            : fmt::format(" without harming {}", guardrails);
  if (!success.empty() || !guardrails.empty()) text += ".";
  return text;
}

Json record_view(const ExperimentResult& result) {
  const auto& record = result.record;
  Json rows = Json::array();
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty() && value != "–") rows.push_back({{"name", name}, {"value", value}});
  };
  add("Descant", record.descant_version);
  add("Definition", record.definition_hash);
  add("Data", record.data_fingerprint);
  add("As of", result.experiment.as_of);
  add("Alpha", format_number(record.alpha));
  add("Power", format_number(record.power));
  add("Deterioration alpha", format_number(record.deterioration_alpha));
  add("Power planned per test", format_number(record.power_planned));
  add("Confidence level", format_number(record.confidence_level));
  return rows;
}

Json warnings_view(const ExperimentResult& result) {
  Json list = Json::array();
  for (const auto& warning : shown_warnings(result))
    list.push_back({{"about", warning.field}, {"message", warning.message}});
  return list;
}

Json experiment_view(const ExperimentResult& result, std::size_t index) {
  const auto& experiment = result.experiment;
  Json decisions = Json::array();
  for (const auto& decision : result.decisions) decisions.push_back(action_view(decision));
  const Json left_out = left_out_view(experiment), warnings = warnings_view(result);
  const Json checks = checks_view(result), notes = unknowns(result);
  return {{"anchor", fmt::format("experiment-{}", index + 1)},
          {"name", experiment.name},
          {"hypothesis", experiment.hypothesis},
          {"period", period_text(experiment)},
          {"as_of", instant_text(experiment.as_of)},
          {"running", !experiment.complete},
          {"units", format_count(static_cast<std::uint64_t>(units_total(experiment)))},
          {"entities", plural(experiment.entity)},
          {"decisions", decisions},
          {"several_treatments", result.decisions.size() > 1},
          {"tested", tested_sentence(result)},
          {"arms", arms_view(experiment)},
          {"left_out", left_out},
          {"has_left_out", !left_out.empty()},
          {"checks", checks},
          {"has_checks", !checks.empty()},
          {"treatments", treatments_view(result)},
          {"unknowns", notes},
          {"has_unknowns", !notes.empty()},
          {"warnings", warnings},
          {"has_warnings", !warnings.empty()},
          {"record", record_view(result)}};
}

}  // namespace

std::string script_json(const Json& json) {
  std::string safe;
  for (const char c : write_json(json)) {
    switch (c) {
      case '<':
        safe += "\\u003c";
        break;
      case '>':
        safe += "\\u003e";
        break;
      case '&':
        safe += "\\u0026";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

Json page_view(const std::string& title, std::span<const ExperimentResult> results) {
  Json experiments = Json::array(), verdicts = Json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    experiments.push_back(experiment_view(results[i], i));
    for (const auto& decision : results[i].decisions) {
      Json verdict = action_view(decision);
      verdict["anchor"] = experiments.back()["anchor"];
      verdict["name"] = results[i].experiment.name;
      verdict["units"] = experiments.back()["units"];
      verdicts.push_back(std::move(verdict));
    }
  }
  return {{"title", title},
          {"several", verdicts.size() > 1},
          {"verdicts", verdicts},
          {"experiments", experiments}};
}

}  // namespace descant::report
