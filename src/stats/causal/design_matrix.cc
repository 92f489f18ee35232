// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/design_matrix.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::string_view kMissingSuffix = " missing";

void add_column(CovariateTable& table, const std::string& name, VectorXd values) {
  table.names.push_back(name);
  table.values.conservativeResize(values.size(), table.values.cols() + 1);
  table.values.rightCols(1) = values;
}

}  // namespace

Result<CovariateTable> covariate_table(const Covariates& covariates, std::size_t rows) {
  CovariateTable table;
  table.values.resize(static_cast<Index>(rows), 0);
  for (const auto& [name, column] : covariates) {
    DESCANT_CHECK(check_same_length(column.size(), "covariates." + name, rows, "outcome"));
    double sum = 0, present = 0;
    for (const auto& value : column) {
      sum += value.value_or(0.0);
      present += value ? 1 : 0;
    }
    const double mean = present > 0 ? sum / present : 0.0;
    VectorXd filled(static_cast<Index>(rows)), missing(static_cast<Index>(rows));
    for (std::size_t i = 0; i < rows; ++i) {
      filled(static_cast<Index>(i)) = column[i].value_or(mean);
      missing(static_cast<Index>(i)) = column[i] ? 0.0 : 1.0;
    }
    add_column(table, name, std::move(filled));
    const auto count = static_cast<std::int64_t>(static_cast<double>(rows) - present);
    if (count == 0) continue;
    add_column(table, name + std::string(kMissingSuffix), std::move(missing));
    table.warnings.push_back(
        {"missing_covariate", "covariates." + name,
         fmt::format("{} of {} values are missing: replaced by the mean of the others, with an "
                     "indicator.",
                     count, rows)});
  }
  return table;
}

CovariateTable without_one_sided_indicators(CovariateTable table, const VectorXd& member) {
  CovariateTable out;
  out.warnings = std::move(table.warnings);
  out.values.resize(table.values.rows(), 0);
  for (std::size_t j = 0; j < table.names.size(); ++j) {
    const std::string& name = table.names[j];
    const VectorXd column = table.values.col(static_cast<Index>(j));
    const double ones_within = column.dot(member), ones = column.sum();
    const double within = member.sum(), rows = static_cast<double>(column.size());
    const bool varies = ones_within > 0 && ones_within < within && ones > ones_within &&
                        ones - ones_within < rows - within;
    if (!name.ends_with(kMissingSuffix) || varies) {
      add_column(out, name, column);
      continue;
    }
    out.warnings.push_back({"missing_in_one_arm", "covariates",
                            fmt::format("{}: in one arm none or all are, so that its indicator is "
                                        "left out.",
                                        name)});
  }
  return out;
}

Result<MatrixXd> chosen_columns(const CovariateTable& table, const std::vector<std::string>& names,
                                std::string_view where) {
  MatrixXd out(table.values.rows(), 0);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = std::find(table.names.begin(), table.names.end(), names[i]);
    if (at == table.names.end())
      return invalid_request(fmt::format("there is no covariate '{}'", names[i]),
                             fmt::format("{}[{}]", where, i), did_you_mean(names[i], table.names));
    const Index first = at - table.names.begin();
    const bool indicator =
        at + 1 != table.names.end() && *(at + 1) == names[i] + std::string(kMissingSuffix);
    const Index count = indicator ? 2 : 1;
    out.conservativeResize(Eigen::NoChange, out.cols() + count);
    out.rightCols(count) = table.values.middleCols(first, count);
  }
  return out;
}

std::vector<Index> independent_columns(const MatrixXd& columns) {
  const MatrixXd gram = columns.transpose() * columns;
  std::vector<Index> kept;
  MatrixXd factor(columns.cols(), columns.cols());  // of the kept columns' Gram matrix, by rows
  for (Index j = 0; j < columns.cols(); ++j) {
    VectorXd row(static_cast<Index>(kept.size()));
    for (Index i = 0; i < row.size(); ++i) {
      const double above = factor.row(i).head(i).dot(row.head(i));
      row(i) = (gram(kept[static_cast<std::size_t>(i)], j) - above) / factor(i, i);
    }
    const double rest = gram(j, j) - row.squaredNorm();
    if (!(rest > 1e-10 * gram(j, j))) continue;
    factor.row(row.size()).head(row.size()) = row.transpose();
    factor(row.size(), row.size()) = std::sqrt(rest);
    kept.push_back(j);
  }
  return kept;
}

MatrixXd design_with_intercept(const MatrixXd& columns, const std::vector<std::string>& names,
                               Warnings& warnings) {
  const Index n = columns.rows();
  MatrixXd standard = columns;
  for (Index j = 0; j < columns.cols(); ++j) {
    if (n == 0) break;
    const double mean = columns.col(j).mean();
    const double largest = columns.col(j).cwiseAbs().maxCoeff();
    standard.col(j).array() -= mean;
    const double spread = std::sqrt(standard.col(j).squaredNorm() / static_cast<double>(n));
    standard.col(j) /= spread > 1e-12 * largest ? spread : 1.0;
    if (!(spread > 1e-12 * largest)) standard.col(j).setZero();
  }
  const auto kept = independent_columns(standard);
  MatrixXd design(n, static_cast<Index>(kept.size()) + 1);
  design.col(0).setOnes();
  for (std::size_t i = 0; i < kept.size(); ++i)
    design.col(static_cast<Index>(i) + 1) = standard.col(kept[i]);
  for (Index j = 0; j < columns.cols(); ++j) {
    if (std::find(kept.begin(), kept.end(), j) != kept.end()) continue;
    const auto& name = names[static_cast<std::size_t>(j)];
    warnings.push_back(
        {"collinear_covariate", "covariates." + name,
         fmt::format("{} does not vary or repeats other covariates and is left out.", name)});
  }
  return design;
}

MatrixXd cluster_sums(const MatrixXd& rows, const std::optional<CodedLabels>& clusters) {
  if (!clusters) return rows;
  MatrixXd sums = MatrixXd::Zero(static_cast<Index>(clusters->names.size()), rows.cols());
  for (Index i = 0; i < rows.rows(); ++i)
    sums.row(clusters->codes[static_cast<std::size_t>(i)]) += rows.row(i);
  return sums;
}

double independent_count(Index rows, const std::optional<CodedLabels>& clusters) {
  return clusters ? static_cast<double>(clusters->names.size()) : static_cast<double>(rows);
}

VectorXd column_of(const std::vector<double>& values) {
  return Eigen::Map<const VectorXd>(values.data(), static_cast<Index>(values.size()));
}

Result<std::optional<CodedLabels>> clusters_of(const std::optional<std::vector<Json>>& column,
                                               std::size_t rows) {
  if (!column) return std::optional<CodedLabels>();
  DESCANT_CHECK(check_same_length(column->size(), "cluster", rows, "outcome"));
  DESCANT_ASSIGN(auto labels, code_labels(*column, "cluster"));
  return std::optional<CodedLabels>(std::move(labels));
}

}  // namespace descant::stats
