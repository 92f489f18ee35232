// SPDX-License-Identifier: Apache-2.0
#pragma once

// What regressions on request rows share: covariates with their missing values replaced by the mean
// of those present beside an indicator; a design whose columns are an intercept and the chosen
// covariates, standardised, without those that do not vary or repeat the others (left out with a
// warning, since they change no estimate); and sums of unit rows over clusters, which turn any
// independent-rows variance into a clustered one. Columns of another length and unknown names are
// errors.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "base/result.h"
#include "stats/labels.h"

namespace descant::stats {

using Covariates = std::map<std::string, std::vector<std::optional<double>>>;

struct CovariateTable {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  // rows x names, none missing
  Warnings warnings;
};

Result<CovariateTable> covariate_table(const Covariates& covariates, std::size_t rows);

// Without the indicators of missing values that do not vary within one of the arms (`member` 0 and
// 1), where they would tell the arms apart, or have no slope; each is a warning.
CovariateTable without_one_sided_indicators(CovariateTable table, const Eigen::VectorXd& member);

// The table's columns of these names and their indicators of missing values.
Result<Eigen::MatrixXd> chosen_columns(const CovariateTable& table,
                                       const std::vector<std::string>& names,
                                       std::string_view where);

// [1, columns], standardised and linearly independent; `names` of the columns, for warnings.
Eigen::MatrixXd design_with_intercept(const Eigen::MatrixXd& columns,
                                      const std::vector<std::string>& names, Warnings& warnings);

// Places of the columns that no earlier ones repeat, to a relative 1e-10 of their squared length.
std::vector<Eigen::Index> independent_columns(const Eigen::MatrixXd& columns);

// Rows added up by cluster; the rows themselves without clusters.
Eigen::MatrixXd cluster_sums(const Eigen::MatrixXd& rows,
                             const std::optional<CodedLabels>& clusters);

// Clusters, or rows without clusters.
double independent_count(Eigen::Index rows, const std::optional<CodedLabels>& clusters);

Eigen::VectorXd column_of(const std::vector<double>& values);

// No labels stand for no clusters.
Result<std::optional<CodedLabels>> clusters_of(const std::optional<std::vector<Json>>& column,
                                               std::size_t rows);

}  // namespace descant::stats
