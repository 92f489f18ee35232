// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the tests of one treatment's metrics to ship, stop, continue or invalid, with bounded risks
// (Schultzberg, Ankargren, Franberg 2024, arXiv 2402.11609, sections 3 and 4). All p-values are
// one-sided: `p_value` is superiority in the metric's direction for a success metric,
// non-inferiority for a guardrail, the test itself for a quality metric; `deterioration_p_value`
// is the test that the metric got worse. In this order: a quality test rejects: invalid; a metric
// deteriorates: stop; not complete: continue; the rule holds: ship; else stop. Success metrics
// share alpha, guardrails have it whole, deterioration and quality tests share deterioration_alpha;
// 0 turns those off. A missing (NaN) p-value never passes and never rejects, with a warning.
// Duplicate names, unknown roles and rates outside their domain are errors.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct MetricTests {
  std::string name;
  std::string role = "success";  // success | guardrail | deterioration | quality | exploratory
  double p_value = kUndefined;
  // A success metric without one is tested at 1 - p_value, the other side of its own test.
  double deterioration_p_value = kUndefined;
};

struct DecisionPlan {
  bool complete = true;  // planned end reached or boundary crossed
  double alpha = 0.05;
  double power = 0.8;
  double deterioration_alpha = 0.01;
  std::int64_t treatments = 1;         // alpha is divided by it
  std::string rule = "spotify";        // or an expression, see decision_rule.h
  std::string compatibility = "none";  // confidence_docs: beta is divided by the guardrails alone
};

struct MetricDecision {
  std::string name;
  std::string role;
  double p_value = kUndefined;
  double alpha_used = kUndefined;     // of p_value; NaN when the rule does not ask for it
  double power_planned = kUndefined;  // that the test must have; success and guardrail
  bool passed = false;  // success: superior; guardrail: non-inferior; else: nothing found wrong
  double deterioration_p_value = kUndefined;
  double deterioration_alpha_used = kUndefined;
  bool deteriorated = false;
};

struct Decision {
  std::string method;  // the rule that ran
  std::string action;  // ship | stop | continue | invalid
  std::string explanation;
  std::vector<MetricDecision> metrics;
  Warnings warnings;
};

Result<Decision> decide(const std::vector<MetricTests>& metrics, const DecisionPlan& plan);

// The one-sided tests of a comparison: its statistic in the metric's direction for a success
// metric, its margin test for a guardrail, and the effect against its standard error the other way
// round for deterioration.
MetricTests tests_of(const Comparison& comparison, std::string name, std::string role,
                     const std::string& direction);

// The type II error rate each test is planned at, before the rule divides it: (beta - a) / (1 - a)
// with a the deterioration alpha. An error unless deterioration_alpha < 1 - power.
Result<double> planned_beta(double power, double deterioration_alpha);

void describe(Describer& d, DecisionPlan& plan);
void describe(Describer& d, MetricDecision& metric);
void describe(Describer& d, Decision& decision);

}  // namespace descant::stats
