// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the values of a definition are written as text: each format reads one kind of scalar, with an
// Error that says what is wrong and how to write it, and writes it back so that reading what was
// written gives the same value. Enums are written as the names listed here. Nothing here knows
// YAML.

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "definitions/project.h"

namespace descant::definitions {

// Names of tables, measures, metrics and experiments: they become SQL identifiers and file names.
bool is_name(std::string_view text);

struct Column {  // of a source, under the name it has there
  static constexpr std::string_view kKind = "column";
  static Result<std::string> read(std::string_view text);
  static std::string write(const std::string& value) { return value; }
};

struct Sql {
  static constexpr std::string_view kKind = "SQL expression";
  static Result<std::string> read(std::string_view text);
  static std::string write(const std::string& value) { return value; }
};

struct Duration {  // microseconds
  static constexpr std::string_view kKind = "duration";
  static Result<std::int64_t> read(std::string_view text);
  static std::string write(std::int64_t value);
};

struct CalendarDate {
  static constexpr std::string_view kKind = "date";
  static Result<Date> read(std::string_view text);
  static std::string write(Date value);
};

struct ZoneName {
  static constexpr std::string_view kKind = "time zone";
  static Result<std::string> read(std::string_view text);
  static std::string write(const std::string& value) { return value; }
};

struct EffectSizeText {  // 1%, 1pp or a bare number
  static constexpr std::string_view kKind = "effect size";
  static Result<EffectSize> read(std::string_view text);
  static std::string write(const EffectSize& value);
};

// A finite number in any decimal form: 0.5, .5, +5e-1, "5".
Result<double> parse_number(std::string_view text);

template <class T>
using Names = std::vector<std::pair<std::string_view, T>>;

// The names of an enum's values, in the order in which pages list them.
template <class T>
const Names<T>& names();
template <>
const Names<MetricType>& names<MetricType>();
template <>
const Names<Aggregate>& names<Aggregate>();
template <>
const Names<Direction>& names<Direction>();
template <>
const Names<Role>& names<Role>();
template <>
const Names<QuantileOf>& names<QuantileOf>();
template <>
const Names<SequentialMethod>& names<SequentialMethod>();
template <>
const Names<Spending>& names<Spending>();
template <>
const Names<Looks>& names<Looks>();
template <>
const Names<SeveralTreatments>& names<SeveralTreatments>();
template <>
const Names<DesignType>& names<DesignType>();

struct Weekday {};  // ISO: 1 is Monday
struct Method {};   // of variance reduction: whether it is CUPED
const Names<int>& names_of(Weekday);
const Names<bool>& names_of(Method);
template <class T>
const Names<T>& names_of(T) {
  return names<T>();
}

// The name of an enum's value: name_of(Role::kGuardrail) is "guardrail".
template <class T>
std::string_view name_of(T value) {
  for (const auto& [name, known] : names<T>())
    if (known == value) return name;
  return {};
}

// One of the names of a tag: an enum, Weekday or Method.
template <class Tag>
struct NameOf {
  static constexpr std::string_view kKind = "name";
  using Value = typename std::decay_t<decltype(names_of(Tag{}))>::value_type::second_type;

  static std::vector<std::string_view> choices() {
    std::vector<std::string_view> all;
    for (const auto& [name, value] : names_of(Tag{})) all.push_back(name);
    return all;
  }
  static Result<Value> read(std::string_view text) {
    for (const auto& [name, value] : names_of(Tag{}))
      if (name == text) return value;
    const auto known = choices();
    return invalid_definition("unknown name '" + std::string(text) + "'", {},
                              did_you_mean(text, std::span(known)));
  }
  static std::string write(const Value& value) {
    for (const auto& [name, known] : names_of(Tag{}))
      if (known == value) return std::string(name);
    return {};
  }
};

}  // namespace descant::definitions
