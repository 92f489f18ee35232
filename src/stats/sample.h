// SPDX-License-Identifier: Apache-2.0
#pragma once

// One arm of one metric in whichever form its owner has it: rows, sums, moments, counts, or moments
// of several named columns; and the two things methods make of it: moments of named columns, or
// successes of so many. A form is recognised by its fields; incomplete, mixed or contradictory
// fields are errors that name the field (`control.variance`), as is a form that cannot give what a
// method asks for. Missing covariates are null; missing outcomes are not accepted. Clusters and
// strata are labels, numbers or text, one per row; the number 1 and the text "1" are the same
// label.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/moments.h"

namespace descant::stats {

struct Sample {
  // Not inline: so many members make much code, and GCC 12 loses track of which are initialised.
  Sample();
  Sample(const Sample&);
  Sample(Sample&&) noexcept;
  Sample& operator=(const Sample&);
  Sample& operator=(Sample&&) noexcept;
  ~Sample();

  std::optional<std::vector<double>> values;
  Json numerator;    // rows, or {mean, variance}
  Json denominator;  // the same
  std::map<std::string, std::vector<std::optional<double>>> covariates;
  Json cluster;  // one label per row
  Json stratum;  // the same

  std::optional<std::int64_t> n;
  std::optional<double> mean;
  std::optional<double> variance;
  std::optional<double> sum;
  std::optional<double> sum_of_squares;
  std::optional<std::int64_t> successes;
  Json covariance;  // of numerator and denominator, or a matrix of the named columns
  std::optional<std::vector<std::string>> names;
  std::optional<std::vector<double>> means;
};

// Column 0 is the outcome, or its numerator with the denominator in column 1; covariates follow. Of
// several named columns none is the outcome by itself.
struct NamedMoments {
  enum class Outcome { kMean, kRatio, kNamed };
  Outcome outcome = Outcome::kMean;
  std::vector<std::string> names;
  Moments moments;
};

// A label per row, as an index into the distinct ones in the order they first appear.
struct Labels {
  std::vector<std::uint32_t> index;
  std::vector<std::string> names;
};

// Rows of raw samples; an empty optional is a missing covariate.
struct Rows {
  std::vector<std::string> names;
  std::vector<std::vector<std::optional<double>>> columns;
  std::optional<Labels> cluster;
  std::optional<Labels> stratum;
  std::size_t size() const { return columns.empty() ? 0 : columns.front().size(); }
};

struct SuccessCount {
  std::int64_t n = 0;
  std::int64_t successes = 0;
};

bool has_rows(const Sample& sample);
Result<Rows> rows_of(const Sample& sample, std::string_view where);
// Without covariates unless `rows` have none missing: callers fill them first (fill_missing).
Result<NamedMoments> moments_of(const Sample& sample, std::string_view where);
Moments moments_of_rows(const Rows& rows);
Result<SuccessCount> successes_of(const Sample& sample, std::string_view where);

// Replaces missing values of a covariate by the mean of those present in both arms and adds a 0/1
// column `<name> missing`, in both, wherever one is missing. Returns the covariates' missing
// counts.
std::map<std::string, std::int64_t> fill_missing(Rows& control, Rows& treatment);

void describe(Describer& d, Sample& sample);

}  // namespace descant::stats
