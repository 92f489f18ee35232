// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/spending.h"

#include <cmath>

#include <fmt/format.h>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

struct Family {
  std::string_view name;
  bool classical;
  bool has_parameter;
  double least = 0;  // of the parameter
  double most = 0;
};

constexpr double kLeastPower = 1e-3;

constexpr Family kFamilies[] = {
    {"lan_demets_obrien_fleming", false, false},
    {"lan_demets_pocock", false, false},
    {"power", false, true, kLeastPower, 100},
    {"hwang_shih_decani", false, true, -100, 100},
    {"obrien_fleming", true, false},
    {"pocock", true, false},
    {"wang_tsiatis", true, true, -10, 10},
};

const Family* find_family(const SpendingFunction& spending) {
  for (const Family& family : kFamilies)
    if (family.name == spending.function) return &family;
  return nullptr;
}

}  // namespace

Result<void> check_spending(const SpendingFunction& spending, std::string_view where) {
  const Family* family = find_family(spending);
  if (!family)
    return invalid_request(fmt::format("unknown spending function '{}'", spending.function),
                           fmt::format("{}.function", where));
  const std::string field = fmt::format("{}.parameter", where);
  if (!family->has_parameter) {
    if (!spending.parameter) return {};
    return invalid_request(fmt::format("{} has no parameter", family->name), field);
  }
  if (!spending.parameter)
    return invalid_request(fmt::format("{} needs a parameter", family->name), field);
  if (*spending.parameter >= family->least && *spending.parameter <= family->most) return {};
  return invalid_request(fmt::format("the parameter of {} must be between {} and {}", family->name,
                                     family->least, family->most),
                         field);
}

bool is_classical(const SpendingFunction& spending) {
  const Family* family = find_family(spending);
  return family && family->classical;
}

double error_spent(const SpendingFunction& spending, double t, double alpha) {
  if (t >= 1) return alpha;
  if (!(t > 0)) return 0;
  const double parameter = spending.parameter.value_or(0);
  if (spending.function == "lan_demets_obrien_fleming")
    return 2 * normal_upper_tail(-normal_quantile(alpha / 2) / std::sqrt(t));
  if (spending.function == "lan_demets_pocock") return alpha * std::log1p(std::expm1(1) * t);
  if (spending.function == "power") return alpha * std::pow(t, parameter);
  if (parameter == 0) return alpha * t;
  return alpha * std::expm1(-parameter * t) / std::expm1(-parameter);
}

double classical_shape(const SpendingFunction& spending, double t) {
  if (spending.function == "pocock") return 1;
  const double exponent = spending.function == "obrien_fleming" ? 0 : *spending.parameter;
  return std::pow(t, exponent - 0.5);
}

void describe(Describer& d, SpendingFunction& spending) {
  d.field(spending.function,
          {.name = "function",
           .doc = "a spending function of the information fraction, or a classical family of "
                  "bounds (obrien_fleming, pocock, wang_tsiatis)",
           .choices = {"lan_demets_obrien_fleming", "lan_demets_pocock", "power",
                       "hwang_shih_decani", "obrien_fleming", "pocock", "wang_tsiatis"}});
  d.field(spending.parameter,
          {.name = "parameter",
           .doc = "exponent of power, gamma of hwang_shih_decani, Delta of wang_tsiatis"});
}

}  // namespace descant::stats
