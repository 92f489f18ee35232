// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/mean_difference.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace descant::stats {
namespace {

Result<EstimatePair> pair_of(const Moments& control, const Moments& treatment,
                             const RatioColumns& outcome) {
  const std::array metrics = {outcome};
  DESCANT_ASSIGN(const auto c, linearise(control, metrics, "control"));
  DESCANT_ASSIGN(const auto t, linearise(treatment, metrics, "treatment"));
  return unadjusted_pair(c, t);
}

void pool_variances(EstimatePair& pair) {
  const double nc = static_cast<double>(pair.control.n);
  const double nt = static_cast<double>(pair.treatment.n);
  const double pooled =
      (pair.control_variance * nc * (nc - 1) + pair.treatment_variance * nt * (nt - 1)) /
      (nc + nt - 2);
  pair.control_variance = pooled / nc;
  pair.treatment_variance = pooled / nt;
  pair.control.standard_error = std::sqrt(pair.control_variance);
  pair.treatment.standard_error = std::sqrt(pair.treatment_variance);
  pair.reference.kind = ReferenceDistribution::Kind::kPooled;
}

}  // namespace

Result<Comparison> mean_difference(const Moments& control, const Moments& treatment,
                                   const std::string& method, const ComparisonOptions& options) {
  if (method != "welch" && method != "student" && method != "z")
    return invalid_request(fmt::format("unknown method '{}'", method), "method",
                           "Known: welch, student, z.");
  DESCANT_ASSIGN(EstimatePair pair, pair_of(control, treatment, {}));
  pair.method = method;
  if (method == "student") pool_variances(pair);
  if (method == "z") pair.reference.kind = ReferenceDistribution::Kind::kNormal;
  return compare(pair, options);
}

Result<Comparison> ratio_difference(const Moments& control, const Moments& treatment,
                                    const RatioColumns& outcome, const std::string& method,
                                    const ComparisonOptions& options) {
  if (method != "delta" && method != "fieller")
    return invalid_request(fmt::format("unknown method '{}'", method), "method",
                           "Known: delta, fieller.");
  DESCANT_ASSIGN(EstimatePair pair, pair_of(control, treatment, outcome));
  pair.method = method;
  ComparisonOptions chosen = options;
  if (method == "fieller") chosen.relative_method = "fieller";
  return compare(pair, chosen);
}

}  // namespace descant::stats
