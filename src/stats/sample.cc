// SPDX-License-Identifier: Apache-2.0
#include "stats/sample.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "base/describe_json.h"

namespace descant::stats {
namespace {

using Outcome = NamedMoments::Outcome;

std::string at(std::string_view where, std::string_view field) {
  return where.empty() ? std::string(field) : fmt::format("{}.{}", where, field);
}

struct PartMoments {
  double mean = 0;
  double variance = 0;
};

void describe(Describer& d, PartMoments& part) {
  d.field(part.mean, {.name = "mean", .doc = "mean of the part", .required = true});
  d.field(part.variance,
          {.name = "variance", .doc = "divisor n - 1", .required = true, .minimum = 0});
}

struct ColumnValues {
  std::vector<double> values;
};

void describe(Describer& d, ColumnValues& column) { d.field(column.values, {.name = "values"}); }

struct CovarianceMatrix {
  std::vector<std::vector<double>> rows;
};

void describe(Describer& d, CovarianceMatrix& matrix) { d.field(matrix.rows, {.name = "rows"}); }

// Reads a list of numbers that stands in a field of more than one form.
Result<std::vector<double>> numbers(const Json& json, const std::string& path) {
  auto read = from_json<ColumnValues>(Json{{"values", json}});
  if (read) return std::move(read->values);
  Error error = std::move(read.error());
  error.where =
      path + error.where.substr(std::min(error.where.size(), std::string("values").size()));
  return error;
}

// What is given, as a list of field names: one entry for each form's own fields.
struct Form {
  std::string_view name;
  std::vector<std::string_view> required;
};

std::vector<std::string_view> given_fields(const Sample& s) {
  std::vector<std::string_view> given;
  const auto note = [&](bool present, std::string_view field) {
    if (present) given.push_back(field);
  };
  note(s.values.has_value(), "values");
  note(!s.numerator.is_null(), "numerator");
  note(!s.denominator.is_null(), "denominator");
  note(!s.covariates.empty(), "covariates");
  note(!s.cluster.is_null(), "cluster");
  note(!s.stratum.is_null(), "stratum");
  note(s.n.has_value(), "n");
  note(s.mean.has_value(), "mean");
  note(s.variance.has_value(), "variance");
  note(s.sum.has_value(), "sum");
  note(s.sum_of_squares.has_value(), "sum_of_squares");
  note(s.successes.has_value(), "successes");
  note(!s.covariance.is_null(), "covariance");
  note(s.names.has_value(), "names");
  note(s.means.has_value(), "means");
  return given;
}

Form form_of(const Sample& s) {
  if (s.values) return {"raw rows", {"values"}};
  if (s.numerator.is_array() || s.denominator.is_array())
    return {"raw ratio", {"numerator", "denominator"}};
  if (!s.numerator.is_null() || !s.denominator.is_null())
    return {"moments of a ratio", {"n", "numerator", "denominator", "covariance"}};
  if (s.names || s.means)
    return {"moments of several columns", {"n", "names", "means", "covariance"}};
  if (s.successes) return {"proportion", {"n", "successes"}};
  if (s.sum || s.sum_of_squares) return {"sums of a mean", {"n", "sum", "sum_of_squares"}};
  return {"moments of a mean", {"n", "mean", "variance"}};
}

bool is_extra_of_rows(std::string_view field) {
  return field == "covariates" || field == "cluster" || field == "stratum";
}

// A sample is one form, whole and unmixed.
Result<Form> checked_form(const Sample& s, std::string_view where) {
  const auto given = given_fields(s);
  if (given.empty())
    return invalid_request("the sample is empty", std::string(where),
                           "Give values, or n with mean and variance, or n and successes, …");
  Form form = form_of(s);
  for (const auto field : form.required)
    if (std::find(given.begin(), given.end(), field) == given.end())
      return invalid_request(fmt::format("{} is missing", field), at(where, field),
                             fmt::format("A sample of the form '{}' has {}.", form.name,
                                         fmt::join(form.required, ", ")));
  const bool is_raw = form.name == "raw rows" || form.name == "raw ratio";
  for (const auto field : given) {
    if (is_raw && is_extra_of_rows(field)) continue;
    if (std::find(form.required.begin(), form.required.end(), field) == form.required.end())
      return invalid_request(
          fmt::format("{} does not belong to a sample of the form '{}'", field, form.name),
          at(where, field), fmt::format("That form has {}.", fmt::join(form.required, ", ")));
  }
  return form;
}

Result<void> add_column(Rows& rows, std::string name, std::vector<std::optional<double>> column,
                        const std::string& path) {
  if (!rows.columns.empty() && column.size() != rows.size())
    return invalid_request(
        fmt::format("{} has {} rows, expected {}", name, column.size(), rows.size()), path);
  if (std::find(rows.names.begin(), rows.names.end(), name) != rows.names.end())
    return invalid_request(fmt::format("a covariate cannot have the name '{}'", name), path);
  rows.names.push_back(std::move(name));
  rows.columns.push_back(std::move(column));
  return {};
}

Result<void> add_part(Rows& rows, std::string_view name, const Json& json, std::string_view where) {
  if (!json.is_array())
    return invalid_request(fmt::format("{} must be a list, as the other part is", name),
                           at(where, name));
  DESCANT_ASSIGN(const std::vector<double> column, numbers(json, at(where, name)));
  return add_column(rows, std::string(name), {column.begin(), column.end()}, at(where, name));
}

// A label as text: whole numbers are written alike whether they came as 3 or 3.0.
std::optional<std::string> label_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_number()) return std::nullopt;
  const double number = json.get<double>();
  if (json.is_number_float() && number == std::floor(number) && std::abs(number) < 0x1p53)
    return std::to_string(static_cast<std::int64_t>(number));
  return json.dump();
}

Result<Labels> labels(const Json& json, std::size_t rows, const std::string& path) {
  if (!json.is_array())
    return invalid_request("labels are a list, one per row", path, "Give numbers or text.");
  if (json.size() != rows)
    return invalid_request(fmt::format("{} labels for {} rows", json.size(), rows), path);
  Labels out;
  out.index.reserve(rows);
  std::unordered_map<std::string, std::uint32_t> found;
  for (std::size_t i = 0; i < rows; ++i) {
    auto text = label_text(json[i]);
    if (!text)
      return invalid_request("a label must be a number or text", fmt::format("{}[{}]", path, i),
                             "Give rows without one a label of their own, or leave them out.");
    const auto [at, is_new] =
        found.try_emplace(std::move(*text), static_cast<std::uint32_t>(out.names.size()));
    if (is_new) out.names.push_back(at->first);
    out.index.push_back(at->second);
  }
  return out;
}

Result<NamedMoments> mean_moments(const Sample& s, std::string_view where) {
  const double n = static_cast<double>(*s.n);
  NamedMoments out{Outcome::kMean, {"values"}, Moments(1)};
  Moments& m = out.moments;
  m.n = *s.n;
  if (s.successes) {
    if (*s.successes > *s.n)
      return invalid_request(fmt::format("successes {} exceed n {}", *s.successes, *s.n),
                             at(where, "successes"));
    const double successes = static_cast<double>(*s.successes);
    m.mean[0] = m.n > 0 ? successes / n : 0;
    m.cross[0] = successes * (1 - m.mean[0]);
  } else if (s.sum) {
    m.mean[0] = m.n > 0 ? *s.sum / n : 0;
    const double cross = *s.sum_of_squares - *s.sum * m.mean[0];
    if (*s.sum_of_squares < 0 || cross < -1e-9 * *s.sum_of_squares)
      return invalid_request("sum_of_squares is smaller than these n and sum allow",
                             at(where, "sum_of_squares"),
                             "It is the sum of the squared values, not of squared deviations.");
    m.cross[0] = std::max(cross, 0.0);
  } else {
    m.mean[0] = *s.mean;
    m.cross[0] = *s.variance * std::max(n - 1, 0.0);
  }
  return out;
}

Result<void> set_covariances(Moments& m, const std::vector<std::vector<double>>& covariance,
                             const std::string& path) {
  const std::size_t k = m.columns();
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const double c = covariance[i][j];
      if (i == j && c < 0)
        return invalid_request("a variance is negative", fmt::format("{}[{}][{}]", path, i, j));
      if (std::abs(c - covariance[j][i]) > 1e-9 * std::abs(c))
        return invalid_request("the covariance matrix is not symmetric",
                               fmt::format("{}[{}][{}]", path, i, j));
      if (c * c > covariance[i][i] * covariance[j][j] * (1 + 1e-9))
        return invalid_request("a covariance is larger than the two variances allow",
                               i == j || k == 2 ? path : fmt::format("{}[{}][{}]", path, i, j));
      m.cross[i * k + j] = c * std::max(static_cast<double>(m.n - 1), 0.0);
    }
  return {};
}

Result<NamedMoments> ratio_moments(const Sample& s, std::string_view where) {
  DESCANT_ASSIGN(const auto numerator, from_json<PartMoments>(s.numerator, at(where, "numerator")));
  DESCANT_ASSIGN(const auto denominator,
                 from_json<PartMoments>(s.denominator, at(where, "denominator")));
  if (!s.covariance.is_number())
    return invalid_request("covariance must be a number", at(where, "covariance"));
  const double covariance = s.covariance.get<double>();
  NamedMoments out{Outcome::kRatio, {"numerator", "denominator"}, Moments(2)};
  out.moments.n = *s.n;
  out.moments.mean = {numerator.mean, denominator.mean};
  DESCANT_CHECK(set_covariances(
      out.moments, {{numerator.variance, covariance}, {covariance, denominator.variance}},
      at(where, "covariance")));
  return out;
}

Result<NamedMoments> several_moments(const Sample& s, std::string_view where) {
  const std::size_t k = s.names->size();
  if (s.means->size() != k)
    return invalid_request(fmt::format("{} means for {} names", s.means->size(), k),
                           at(where, "means"));
  auto matrix = from_json<CovarianceMatrix>(Json{{"rows", s.covariance}});
  if (!matrix) {
    Error error = std::move(matrix.error());
    error.where =
        at(where, "covariance") + error.where.substr(std::min<std::size_t>(4, error.where.size()));
    return error;
  }
  bool square = matrix->rows.size() == k;
  for (const auto& row : matrix->rows) square = square && row.size() == k;
  if (!square)
    return invalid_request(
        fmt::format("the covariance matrix must have {0} rows of {0} numbers", k),
        at(where, "covariance"));
  for (std::size_t i = 0; i < k; ++i)
    if (std::count(s.names->begin(), s.names->end(), (*s.names)[i]) > 1)
      return invalid_request(fmt::format("the name '{}' stands twice", (*s.names)[i]),
                             at(where, "names"));
  NamedMoments out{Outcome::kNamed, *s.names, Moments(k)};
  out.moments.n = *s.n;
  out.moments.mean = *s.means;
  DESCANT_CHECK(set_covariances(out.moments, matrix->rows, at(where, "covariance")));
  return out;
}

}  // namespace

Sample::Sample() = default;
Sample::Sample(const Sample&) = default;
Sample::Sample(Sample&&) noexcept = default;
Sample& Sample::operator=(const Sample&) = default;
Sample& Sample::operator=(Sample&&) noexcept = default;
Sample::~Sample() = default;

bool has_rows(const Sample& sample) {
  return sample.values || sample.numerator.is_array() || sample.denominator.is_array();
}

Result<Rows> rows_of(const Sample& sample, std::string_view where) {
  if (!has_rows(sample))
    return invalid_request("this method needs raw rows", std::string(where),
                           "Give values (or numerator and denominator) with one entry per unit.");
  DESCANT_CHECK(checked_form(sample, where));
  Rows rows;
  if (sample.values) {
    DESCANT_CHECK(add_column(rows, "values", {sample.values->begin(), sample.values->end()},
                             at(where, "values")));
  } else {
    DESCANT_CHECK(add_part(rows, "numerator", sample.numerator, where));
    DESCANT_CHECK(add_part(rows, "denominator", sample.denominator, where));
  }
  for (const auto& [name, column] : sample.covariates)
    DESCANT_CHECK(add_column(rows, name, column, at(where, "covariates." + name)));
  if (!sample.cluster.is_null()) {
    DESCANT_ASSIGN(rows.cluster, labels(sample.cluster, rows.size(), at(where, "cluster")));
  }
  if (!sample.stratum.is_null()) {
    DESCANT_ASSIGN(rows.stratum, labels(sample.stratum, rows.size(), at(where, "stratum")));
  }
  return rows;
}

Moments moments_of_rows(const Rows& rows) {
  const std::size_t k = rows.columns.size();
  Moments moments(k);
  std::vector<double> row(k);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < k; ++j) row[j] = rows.columns[j][i].value_or(0.0);
    moments.add(row);
  }
  return moments;
}

Result<NamedMoments> moments_of(const Sample& sample, std::string_view where) {
  DESCANT_ASSIGN(const Form form, checked_form(sample, where));
  if (has_rows(sample)) {
    Sample outcome = sample;
    outcome.covariates.clear();
    DESCANT_ASSIGN(const Rows rows, rows_of(outcome, where));
    return NamedMoments{sample.values ? Outcome::kMean : Outcome::kRatio, rows.names,
                        moments_of_rows(rows)};
  }
  if (form.name == "moments of a ratio") return ratio_moments(sample, where);
  if (form.name == "moments of several columns") return several_moments(sample, where);
  return mean_moments(sample, where);
}

Result<SuccessCount> successes_of(const Sample& sample, std::string_view where) {
  DESCANT_CHECK(checked_form(sample, where));
  if (sample.values) {
    SuccessCount count{static_cast<std::int64_t>(sample.values->size()), 0};
    for (std::size_t i = 0; i < sample.values->size(); ++i) {
      const double value = (*sample.values)[i];
      if (value != 0 && value != 1)
        return invalid_request(fmt::format("a proportion's values are 0 or 1, got {}", value),
                               fmt::format("{}.values[{}]", where, i),
                               "Use mean_difference for other numbers.");
      count.successes += value == 1 ? 1 : 0;
    }
    return count;
  }
  if (!sample.successes)
    return invalid_request("this needs a proportion", std::string(where),
                           "Give n and successes, or values of 0 and 1.");
  DESCANT_CHECK(mean_moments(sample, where));
  return SuccessCount{*sample.n, *sample.successes};
}

std::map<std::string, std::int64_t> fill_missing(Rows& control, Rows& treatment) {
  std::map<std::string, std::int64_t> missing;
  const std::size_t columns = std::min(control.columns.size(), treatment.columns.size());
  for (std::size_t j = 0; j < columns; ++j) {
    double sum = 0;
    std::int64_t present = 0;
    std::int64_t absent = 0;
    for (const Rows* rows : {&control, &treatment})
      for (const auto& value : rows->columns[j]) {
        sum += value.value_or(0.0);
        ++(value ? present : absent);
      }
    if (absent == 0) continue;
    missing[control.names[j]] = absent;
    const double mean = present > 0 ? sum / static_cast<double>(present) : 0.0;
    for (Rows* rows : {&control, &treatment}) {
      std::vector<std::optional<double>> indicator;
      for (auto& value : rows->columns[j]) {
        indicator.emplace_back(value ? 0.0 : 1.0);
        value = value.value_or(mean);
      }
      rows->names.push_back(control.names[j] + " missing");
      rows->columns.push_back(std::move(indicator));
    }
  }
  return missing;
}

void describe(Describer& d, Sample& sample) {
  d.field(sample.values, {.name = "values", .doc = "one number per unit"});
  d.field(sample.numerator, {.name = "numerator",
                             .doc = "one number per unit, or {mean, variance} with divisor n - 1"});
  d.field(sample.denominator,
          {.name = "denominator", .doc = "one number per unit, or {mean, variance}"});
  d.field(
      sample.covariates,
      {.name = "covariates", .doc = "columns by name, one number or null per unit; with raw rows"});
  d.field(sample.cluster,
          {.name = "cluster", .doc = "a number or text per row: rows that vary together"});
  d.field(sample.stratum, {.name = "stratum", .doc = "a number or text per row: its stratum"});
  d.field(sample.n, {.name = "n", .doc = "units", .minimum = 0});
  d.field(sample.mean, {.name = "mean"});
  d.field(sample.variance, {.name = "variance", .doc = "divisor n - 1", .minimum = 0});
  d.field(sample.sum, {.name = "sum", .doc = "of the values"});
  d.field(sample.sum_of_squares,
          {.name = "sum_of_squares", .doc = "of the values themselves, not of deviations"});
  d.field(sample.successes,
          {.name = "successes", .doc = "units of n with the property", .minimum = 0});
  d.field(sample.covariance,
          {.name = "covariance",
           .doc = "of numerator and denominator; or a matrix over names, divisor n - 1"});
  d.field(sample.names, {.name = "names", .doc = "columns that means and covariance are about"});
  d.field(sample.means, {.name = "means", .doc = "by column"});
}

}  // namespace descant::stats
