// SPDX-License-Identifier: Apache-2.0
#include "cli/present.h"

#include <vector>

#include "base/describe_json.h"
#include "report/report.h"

namespace descant::cli {

void add_output_flags(CLI::App* app, OutputOptions& options) {
  app->add_option("--format", options.format, "how to show the result")
      ->check(CLI::IsMember({"text", "json", "html"}))
      ->capture_default_str();
  app->add_option("--output,-o", options.file, "write to this file instead of the terminal");
}

Result<void> present(Terminal& terminal, const experiment::ExperimentResult& result,
                     const OutputOptions& options) {
  if (options.format == "json")
    return terminal.deliver(write_json(to_json_document(result), 2) + "\n", options.file);
  if (options.format == "html")
    return terminal.deliver(report::experiments_html(result.experiment.name, std::vector{result}),
                            options.file);
  return terminal.deliver(report::experiment_text(result, terminal.text_style(options.file)),
                          options.file);
}

}  // namespace descant::cli
