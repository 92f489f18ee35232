// SPDX-License-Identifier: Apache-2.0
#pragma once

// A ship rule as an expression of AND, OR and parentheses over metric names, and the error rates it
// implies for each test. Any one of m alternatives joined by OR suffices, so each gets alpha / m;
// all of m parts joined by AND are needed, so alpha stays whole and each gets beta / m (union
// bounds; Schultzberg, Ankargren, Franberg 2024, arXiv 2402.11609, section 3). Names with spaces or
// operators stand in double quotes. An unreadable rule is an error at the field `rule`.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace descant::stats {

struct RuleNode {
  enum class Kind { kMetric, kAnd, kOr };
  Kind kind = Kind::kAnd;
  std::string metric;           // of a leaf
  std::vector<RuleNode> parts;  // never a node of the same kind: chains are flat
};

struct ErrorRates {
  double alpha = 0;
  double beta = 0;
};

Result<RuleNode> parse_rule(std::string_view text);

// Any success metric and every guardrail. Without success metrics the guardrails alone.
RuleNode success_and_guardrails(std::span<const std::string> success,
                                std::span<const std::string> guardrails);

std::vector<std::string> metrics_of(const RuleNode& rule);  // each once, in order of appearance

// Rates by metric; one that stands twice gets the smaller ones.
std::map<std::string, ErrorRates> error_rates(const RuleNode& rule, ErrorRates total);

// An empty AND holds.
bool holds(const RuleNode& rule, const std::map<std::string, bool>& passed);

}  // namespace descant::stats
