// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a group-sequential test divides its error over the looks: as a spending function of the
// information fraction t (Lan and DeMets 1983), which needs no fixed schedule, or as a classical
// family of boundaries whose constant belongs to one schedule. With `alpha` the error of one tail:
//
//   lan_demets_obrien_fleming   2 (1 - Phi(z_{1 - alpha/2} / sqrt t))
//   lan_demets_pocock           alpha log(1 + (e - 1) t)
//   power                       alpha t^parameter                        parameter > 0
//   hwang_shih_decani           alpha (1 - e^{-parameter t}) / (1 - e^{-parameter}); 0: alpha t
//   obrien_fleming, pocock      bound C / sqrt t, bound C                (O'Brien, Fleming 1979;
//                                                                        Pocock 1977)
//   wang_tsiatis                bound C t^{parameter - 1/2}              (Wang, Tsiatis 1987)
//
// A parameter where none is used, or a missing one, is an error naming the field.

#include <optional>
#include <string>
#include <string_view>

#include "base/describe.h"
#include "base/result.h"

namespace descant::stats {

struct SpendingFunction {
  std::string function = "lan_demets_obrien_fleming";
  std::optional<double> parameter;
};

Result<void> check_spending(const SpendingFunction& spending, std::string_view where);

// Whether a schedule, and not a spending function, fixes the bounds.
bool is_classical(const SpendingFunction& spending);

// Error of one tail spent at information fraction t; all of it from t = 1 on. For spending
// functions only.
double error_spent(const SpendingFunction& spending, double t, double alpha);

// Bound at t relative to the bound at t = 1. For classical families only.
double classical_shape(const SpendingFunction& spending, double t);

void describe(Describer& d, SpendingFunction& spending);

}  // namespace descant::stats
