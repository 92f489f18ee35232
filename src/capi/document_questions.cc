// SPDX-License-Identifier: Apache-2.0
#include "capi/question.h"
#include "definitions/grammar.h"
#include "definitions/load.h"
#include "experiment/result.h"
#include "report/report.h"
#include "simulator/simulate.h"

namespace descant::capi {

namespace {

// ---- report ----

struct ReportRequest {
  std::vector<Json> results;
  std::string format = "text";
  std::string title = "Experiments";
  std::uint64_t width = 100;
};

void describe(Describer& d, ReportRequest& request) {
  d.field(request.results,
          {.name = "results", .doc = "results of analysed experiments", .required = true});
  d.field(request.format, {.name = "format",
                           .doc = "aligned text, or one page that loads nothing",
                           .choices = {"text", "html"}});
  d.field(request.title, {.name = "title", .doc = "of the page"});
  d.field(request.width, {.name = "width", .doc = "of the text", .minimum = 40, .maximum = 1000});
}

struct Document {
  std::string text;
};

void describe(Describer& d, Document& document) {
  d.field(document.text, {.name = "text", .doc = "the whole document"});
}

// A result as it was written: an undefined number is null there, and undefined when it is absent.
Json without_nulls(const Json& json) {
  if (!json.is_structured()) return json;
  Json out = json.is_array() ? Json::array() : Json::object();
  for (const auto& [key, value] : json.items()) {
    if (json.is_array())
      out.push_back(without_nulls(value));
    else if (!value.is_null())
      out[key] = without_nulls(value);
  }
  return out;
}

Result<Document> report(Call&, const ReportRequest& request) {
  std::vector<experiment::ExperimentResult> results;
  for (std::size_t i = 0; i < request.results.size(); ++i) {
    DESCANT_ASSIGN(auto result,
                   from_json<experiment::ExperimentResult>(without_nulls(request.results[i]),
                                                           "results[" + std::to_string(i) + "]"));
    results.push_back(std::move(result));
  }
  if (request.format == "html") return Document{report::experiments_html(request.title, results)};
  Document document;
  report::TextStyle style;
  style.width = request.width;
  for (const auto& result : results) document.text += report::experiment_text(result, style);
  return document;
}

// ---- read_yaml ----

struct YamlRequest {
  std::string yaml;
  std::string folder = ".";
};

void describe(Describer& d, YamlRequest& request) {
  d.field(request.yaml, {.name = "yaml", .doc = "text of a descant.yaml", .required = true});
  d.field(request.folder, {.name = "folder", .doc = "the folder its paths are relative to"});
}

Result<definitions::Project> read_yaml(Call&, const YamlRequest& request) {
  return definitions::require_project(
      definitions::load_project_text(request.yaml, "descant.yaml", request.folder));
}

// ---- simulate ----

struct SimulateRequest {
  simulator::SimulateOptions options;
};

void describe(Describer& d, SimulateRequest& request) {
  auto& options = request.options;
  d.field(options.folder, {.name = "folder", .doc = "where the project is made", .required = true});
  d.field(options.listeners, {.name = "listeners", .doc = "how many listeners", .minimum = 1});
  std::uint64_t days = options.days;
  d.field(days, {.name = "days", .doc = "how many days", .minimum = 1, .maximum = 100'000});
  options.days = static_cast<std::uint32_t>(days);
  d.field(options.seed, {.name = "seed", .doc = "the same seed gives the same data"});
  d.field(options.plays_per_listener,
          {.name = "plays_per_listener", .doc = "expected over all days", .minimum = 0});
  d.field(options.listener_key, {.name = "listener_key",
                                 .doc = "what listeners are known by",
                                 .choices = {"integer", "sparse", "string"}});
}

struct SimulateResult {
  simulator::SimulateReport report;
};

void describe(Describer& d, SimulateResult& result) {
  auto& report = result.report;
  d.field(report.plays, {.name = "plays", .doc = "rows of the plays table"});
  d.field(report.listeners, {.name = "listeners", .doc = "rows of the listeners table"});
  d.field(report.assignments, {.name = "assignments", .doc = "rows of the assignments table"});
  d.field(report.seconds, {.name = "seconds", .doc = "how long it took", .unit = "s"});
}

Result<SimulateResult> simulate(Call& call, const SimulateRequest& request) {
  DESCANT_ASSIGN(const auto report, simulator::simulate(request.options, call.watch));
  return SimulateResult{report};
}

}  // namespace

std::vector<Question> document_questions() {
  return {
      question<ReportRequest, Document, report>(
          {"report", "Writes analysed experiments as text or as a page, for people."}),
      question<YamlRequest, definitions::Project, read_yaml>(
          {"read_yaml", "Checks the text of a descant.yaml and gives its definitions."}),
      question<SimulateRequest, SimulateResult, simulate>(
          {"simulate", "Makes a project of synthetic listening with planted truths."}),
  };
}

}  // namespace descant::capi
