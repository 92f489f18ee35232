// SPDX-License-Identifier: Apache-2.0
#include "stats/decision_rule.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

namespace descant::stats {
namespace {

using Kind = RuleNode::Kind;

constexpr int kDeepestNesting = 64;

Error unreadable(std::string message) {
  return invalid_request(std::move(message), "rule",
                         "Write metric names joined by AND and OR, with parentheses: "
                         "minutes AND (skips OR retention).");
}

RuleNode join(Kind kind, std::vector<RuleNode> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  RuleNode node{kind, {}, {}};
  for (auto& part : parts) {
    if (part.kind == kind)
      std::move(part.parts.begin(), part.parts.end(), std::back_inserter(node.parts));
    else
      node.parts.push_back(std::move(part));
  }
  return node;
}

// Recursive descent; AND binds closer than OR.
class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : text_(text) {}

  Result<RuleNode> parse() {
    DESCANT_ASSIGN(RuleNode rule, either(0));
    skip_space();
    if (position_ < text_.size())
      return unreadable(fmt::format("unexpected '{}' in the rule", text_.substr(position_)));
    return rule;
  }

 private:
  void skip_space() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])))
      ++position_;
  }

  static bool is_name_character(char c) {
    return c != '(' && c != ')' && c != '"' && !std::isspace(static_cast<unsigned char>(c));
  }

  std::string_view peek_word() {
    skip_space();
    std::size_t end = position_;
    while (end < text_.size() && is_name_character(text_[end])) ++end;
    return text_.substr(position_, end - position_);
  }

  static bool is_word(std::string_view word, std::string_view keyword) {
    return std::equal(word.begin(), word.end(), keyword.begin(), keyword.end(), [](char a, char b) {
      return std::toupper(static_cast<unsigned char>(a)) == b;
    });
  }

  bool take_keyword(std::string_view keyword) {
    const auto word = peek_word();
    if (!is_word(word, keyword)) return false;
    position_ += word.size();
    return true;
  }

  bool take(char c) {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  Result<RuleNode> either(int depth) {
    std::vector<RuleNode> parts;
    do {
      DESCANT_ASSIGN(RuleNode part, all(depth));
      parts.push_back(std::move(part));
    } while (take_keyword("OR"));
    return join(Kind::kOr, std::move(parts));
  }

  Result<RuleNode> all(int depth) {
    std::vector<RuleNode> parts;
    do {
      DESCANT_ASSIGN(RuleNode part, single(depth));
      parts.push_back(std::move(part));
    } while (take_keyword("AND"));
    return join(Kind::kAnd, std::move(parts));
  }

  Result<RuleNode> single(int depth) {
    if (depth > kDeepestNesting) return unreadable("the rule is nested too deeply");
    if (take('(')) {
      DESCANT_ASSIGN(RuleNode inner, either(depth + 1));
      if (!take(')')) return unreadable("a parenthesis of the rule is not closed");
      return inner;
    }
    if (take('"')) {
      const std::size_t end = text_.find('"', position_);
      if (end == std::string_view::npos) return unreadable("a quoted name of the rule has no end");
      RuleNode leaf{Kind::kMetric, std::string(text_.substr(position_, end - position_)), {}};
      position_ = end + 1;
      return leaf;
    }
    const auto word = peek_word();
    if (word.empty() || is_word(word, "AND") || is_word(word, "OR"))
      return unreadable("the rule lacks a metric name");
    position_ += word.size();
    return RuleNode{Kind::kMetric, std::string(word), {}};
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

void add_rates(const RuleNode& node, ErrorRates rates, std::map<std::string, ErrorRates>& out) {
  if (node.kind == Kind::kMetric) {
    const auto [found, inserted] = out.emplace(node.metric, rates);
    if (inserted) return;
    found->second.alpha = std::min(found->second.alpha, rates.alpha);
    found->second.beta = std::min(found->second.beta, rates.beta);
    return;
  }
  const auto parts = static_cast<double>(node.parts.size());
  if (node.kind == Kind::kOr)
    rates.alpha /= parts;
  else
    rates.beta /= parts;
  for (const auto& part : node.parts) add_rates(part, rates, out);
}

void add_metrics(const RuleNode& node, std::vector<std::string>& out) {
  if (node.kind == Kind::kMetric && std::find(out.begin(), out.end(), node.metric) == out.end())
    out.push_back(node.metric);
  for (const auto& part : node.parts) add_metrics(part, out);
}

RuleNode joined_leaves(Kind kind, std::span<const std::string> names) {
  RuleNode node{kind, {}, {}};
  for (const auto& name : names) node.parts.push_back({Kind::kMetric, name, {}});
  return node;
}

}  // namespace

Result<RuleNode> parse_rule(std::string_view text) { return RuleParser(text).parse(); }

RuleNode success_and_guardrails(std::span<const std::string> success,
                                std::span<const std::string> guardrails) {
  RuleNode rule = joined_leaves(Kind::kAnd, guardrails);
  if (!success.empty()) rule.parts.insert(rule.parts.begin(), joined_leaves(Kind::kOr, success));
  return rule;
}

std::vector<std::string> metrics_of(const RuleNode& rule) {
  std::vector<std::string> names;
  add_metrics(rule, names);
  return names;
}

std::map<std::string, ErrorRates> error_rates(const RuleNode& rule, ErrorRates total) {
  std::map<std::string, ErrorRates> rates;
  add_rates(rule, total, rates);
  return rates;
}

bool holds(const RuleNode& rule, const std::map<std::string, bool>& passed) {
  const auto part_holds = [&](const RuleNode& part) { return holds(part, passed); };
  if (rule.kind == Kind::kAnd) return std::all_of(rule.parts.begin(), rule.parts.end(), part_holds);
  if (rule.kind == Kind::kOr) return std::any_of(rule.parts.begin(), rule.parts.end(), part_holds);
  const auto found = passed.find(rule.metric);
  return found != passed.end() && found->second;
}

}  // namespace descant::stats
