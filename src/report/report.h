// SPDX-License-Identifier: Apache-2.0
#pragma once

// Results for people: aligned text with the verdict first (coloured only when asked), and one
// self-contained HTML page with prose and charts that makes no network request. Everything shown
// comes from the result; nothing is computed anew.

#include <span>
#include <string>

#include "experiment/aa.h"
#include "experiment/design.h"
#include "experiment/explain.h"
#include "experiment/result.h"
#include "timelines/refresh.h"
#include "timelines/status.h"

namespace descant::report {

struct TextStyle {
  bool color = false;
  std::size_t width = 100;  // columns of the terminal
  bool segments = true;
  bool days = true;
};

std::string experiment_text(const experiment::ExperimentResult& result, const TextStyle& style);

// Several experiments make one page with a table of verdicts on top.
std::string experiments_html(const std::string& title,
                             std::span<const experiment::ExperimentResult> results);

// Which adjustment moved which interval.
std::string explain_text(const experiment::Explanation& explanation, const TextStyle& style);

std::string aa_text(const experiment::AaResult& result, const TextStyle& style);

std::string design_text(const experiment::DesignResult& result, const TextStyle& style);

std::string status_text(const timelines::ProjectStatus& status, const TextStyle& style);
std::string refresh_text(const timelines::RefreshReport& refresh, const TextStyle& style);

}  // namespace descant::report
