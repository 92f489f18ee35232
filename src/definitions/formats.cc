// SPDX-License-Identifier: Apache-2.0
#include "definitions/formats.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace descant::definitions {
namespace {

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

// The same Error, as one about a definition.
template <class T>
Result<T> as_definition(Result<T> read) {
  if (!read) read.error().code = ErrorCode::kInvalidDefinition;
  return read;
}

Error not_an_effect_size(std::string_view text) {
  return invalid_definition(
      fmt::format("'{}' is not an effect size", text), {},
      "Write 1% (relative to control), 1pp (percentage points) or a number in the metric's unit.");
}

// Fewest digits that parse back to `value` once the scale is taken off again.
std::string write_scaled(double value, double scale) {
  for (int digits = 1; digits < 17; ++digits) {
    std::string text = fmt::format("{:.{}g}", value * scale, digits);
    if (const auto read = parse_number(text); read && *read / scale == value) return text;
  }
  return fmt::format("{:.17g}", value * scale);
}

}  // namespace

bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && text.size() <= kLongest && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Result<std::string> Column::read(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (text.empty() || text.size() > kLongest || std::any_of(text.begin(), text.end(), is_control) ||
      text.find('/') != std::string_view::npos)
    return invalid_definition("this cannot be a column's name", {},
                              "Write a column's name of at most 200 characters, without '/'.");
  return std::string(text);
}

Result<std::string> Sql::read(std::string_view text) {
  if (trim(text).empty())
    return invalid_definition("the SQL is empty", {}, "Write an expression or leave the key out.");
  return std::string(trim(text));
}

Result<std::int64_t> Duration::read(std::string_view text) {
  return as_definition(parse_duration(text));
}

std::string Duration::write(std::int64_t value) { return format_duration(value); }

Result<Date> CalendarDate::read(std::string_view text) {
  auto date = as_definition(parse_date(text));
  if (date && (*date < 0 || *date >= kEndInstant / kMicrosecondsPerDay))
    return invalid_definition(fmt::format("the date {} is not between 1970 and 2099", text), {},
                              "Timelines hold events of those years only.");
  return date;
}

std::string CalendarDate::write(Date value) { return format_date(value); }

Result<std::string> ZoneName::read(std::string_view text) {
  DESCANT_ASSIGN(const TimeZone zone, as_definition(TimeZone::find(text)));
  return zone.name();
}

Result<EffectSize> EffectSizeText::read(std::string_view text) {
  std::string_view number = trim(text);
  EffectSize effect;
  double scale = 1;
  if (number.ends_with('%')) {
    number.remove_suffix(1);
    effect.relative = true;
    scale = 100;
  } else if (number.ends_with("pp")) {
    number.remove_suffix(2);
    scale = 100;
  }
  const auto value = parse_number(trim(number));
  if (!value) return not_an_effect_size(text);
  effect.value = *value / scale;
  return effect;
}

std::string EffectSizeText::write(const EffectSize& value) {
  return value.relative ? write_scaled(value.value, 100) + "%" : write_scaled(value.value, 1);
}

Result<double> parse_number(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const bool starts_like_one =
      !digits.empty() && (digits[0] == '-' || digits[0] == '.' || std::isdigit(digits[0]) != 0);
  double value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!starts_like_one || (text.starts_with('+') && digits[0] == '-') || failure != std::errc{} ||
      end != digits.data() + digits.size() || !std::isfinite(value))
    return invalid_definition(fmt::format("'{}' is not a number", text), {},
                              "Write a finite number such as 0.05.");
  return value;
}

template <>
const Names<MetricType>& names<MetricType>() {
  static const Names<MetricType> all = {
      {"mean", MetricType::kMean},         {"proportion", MetricType::kProportion},
      {"ratio", MetricType::kRatio},       {"retention", MetricType::kRetention},
      {"quantile", MetricType::kQuantile}, {"count_distinct", MetricType::kCountDistinct}};
  return all;
}

template <>
const Names<Aggregate>& names<Aggregate>() {
  static const Names<Aggregate> all = {
      {"sum", Aggregate::kSum},   {"count", Aggregate::kCount},
      {"any", Aggregate::kAny},   {"distinct", Aggregate::kDistinct},
      {"mean", Aggregate::kMean}, {"min", Aggregate::kMin},
      {"max", Aggregate::kMax}};
  return all;
}

template <>
const Names<Direction>& names<Direction>() {
  static const Names<Direction> all = {{"increase", Direction::kIncrease},
                                       {"decrease", Direction::kDecrease}};
  return all;
}

template <>
const Names<Role>& names<Role>() {
  static const Names<Role> all = {{"success", Role::kSuccess},
                                  {"guardrail", Role::kGuardrail},
                                  {"deterioration", Role::kDeterioration},
                                  {"quality", Role::kQuality},
                                  {"exploratory", Role::kExploratory}};
  return all;
}

template <>
const Names<QuantileOf>& names<QuantileOf>() {
  static const Names<QuantileOf> all = {{"units", QuantileOf::kUnits},
                                        {"events", QuantileOf::kEvents}};
  return all;
}

template <>
const Names<SequentialMethod>& names<SequentialMethod>() {
  static const Names<SequentialMethod> all = {
      {"none", SequentialMethod::kNone},
      {"group_sequential", SequentialMethod::kGroupSequential},
      {"asymptotic", SequentialMethod::kAsymptotic},
      {"gavi", SequentialMethod::kGavi},
      {"msprt", SequentialMethod::kMsprt},
      {"yeast", SequentialMethod::kYeast},
      {"fixed_power", SequentialMethod::kFixedPower}};
  return all;
}

template <>
const Names<Spending>& names<Spending>() {
  static const Names<Spending> all = {
      {"lan_demets_obrien_fleming", Spending::kLanDeMetsObrienFleming},
      {"lan_demets_pocock", Spending::kLanDeMetsPocock},
      {"power", Spending::kPower},
      {"hwang_shih_decani", Spending::kHwangShihDeCani}};
  return all;
}

template <>
const Names<Looks>& names<Looks>() {
  static const Names<Looks> all = {{"daily", Looks::kDaily}, {"weekly", Looks::kWeekly}};
  return all;
}

template <>
const Names<SeveralTreatments>& names<SeveralTreatments>() {
  static const Names<SeveralTreatments> all = {{"bonferroni", SeveralTreatments::kBonferroni},
                                               {"holm", SeveralTreatments::kHolm},
                                               {"dunnett", SeveralTreatments::kDunnett}};
  return all;
}

template <>
const Names<DesignType>& names<DesignType>() {
  static const Names<DesignType> all = {
      {"randomised", DesignType::kRandomised},
      {"encouragement", DesignType::kEncouragement},
      {"switchback", DesignType::kSwitchback},
      {"interleaving", DesignType::kInterleaving},
      {"difference_in_differences", DesignType::kDifferenceInDifferences}};
  return all;
}

const Names<int>& names_of(Weekday) {
  static const Names<int> all = {{"monday", 1}, {"tuesday", 2},  {"wednesday", 3}, {"thursday", 4},
                                 {"friday", 5}, {"saturday", 6}, {"sunday", 7}};
  return all;
}

const Names<bool>& names_of(Method) {
  static const Names<bool> all = {{"cuped", true}, {"none", false}};
  return all;
}

}  // namespace descant::definitions
