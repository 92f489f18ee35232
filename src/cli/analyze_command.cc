// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/present.h"
#include "experiment/unit_file.h"

namespace descant::cli {
namespace {

struct AnalyzeFileOptions {
  experiment::UnitFileRequest request;
  std::vector<std::string> metrics;  // as written
  OutputOptions output;
};

constexpr const char* kFooter = R"(Examples:
  descant analyze players.csv --variant version --control gate_30 \
      --metric retention_7:proportion --metric rounds:mean
  descant analyze users.parquet --variant arm --control A \
      --metric minutes:mean:covariate=minutes_before:cap=p99.9 \
      --metric skips/plays:ratio:role=guardrail:direction=decrease:margin=2%
)";

Result<int> analyze_file(Terminal& terminal, const AnalyzeFileOptions& options) {
  auto request = options.request;
  request.threads = terminal.threads;
  for (const auto& text : options.metrics) {
    DESCANT_ASSIGN(auto metric, experiment::parse_unit_metric(text));
    request.metrics.push_back(std::move(metric));
  }
  DESCANT_ASSIGN(const auto result, experiment::analyze_unit_file(request));
  DESCANT_CHECK(present(terminal, result, options.output));
  return 0;
}

}  // namespace

void add_analyze_command(const Program& program) {
  auto options = std::make_shared<AnalyzeFileOptions>();
  auto& request = options->request;
  auto* app = program.app.add_subcommand(
      "analyze", "analyse a table of your own as an experiment: one row per unit, no project");
  app->add_option("FILE", request.file, "CSV or Parquet file")->required();
  app->add_option("--variant", request.variant, "column that holds the variant")->required();
  app->add_option("--control", request.control,
                  "the variant others are compared with; default: the first by name");
  app->add_option("--metric,-m", options->metrics,
                  "COLUMN:TYPE[:OPTION=VALUE…]; types mean, proportion, ratio (as "
                  "NUMERATOR/DENOMINATOR), quantile (with q=0.9); options role, direction, margin, "
                  "cap, covariate")
      ->required()
      ->type_name("METRIC")
      ->allow_extra_args(false);
  app->add_option("--segment,-s", request.segments, "column to split by")->allow_extra_args(false);
  app->add_option("--unit", request.unit, "column that identifies the unit; default: each row");
  app->add_option("--share", request.shares, "VARIANT=SHARE expected; default: equal shares")
      ->allow_extra_args(false);
  app->add_option("--alpha", request.alpha, "one-sided error rate of the decision")
      ->capture_default_str();
  app->add_option("--power", request.power, "power the experiment was planned for")
      ->capture_default_str();
  app->add_option("--deterioration-alpha", request.deterioration_alpha,
                  "error rate of the tests for harm")
      ->capture_default_str();
  app->add_option("--confidence-level", request.confidence_level, "level of the intervals")
      ->capture_default_str();
  add_output_flags(app, options->output);
  app->footer(kFooter);
  runs(app, program.chosen, options, analyze_file);
}

}  // namespace descant::cli
