// SPDX-License-Identifier: Apache-2.0
#include "capi/question.h"
#include "definitions/grammar.h"
#include "definitions/load.h"
#include "experiment/readout.h"
#include "timelines/refresh.h"
#include "timelines/status.h"
#include "warehouse/project_database.h"

namespace descant::capi {

namespace {

// ---- check ----

struct CheckRequest {
  bool deep = false;
};

void describe(Describer& d, CheckRequest& request) {
  d.field(request.deep, {.name = "deep", .doc = "also verify the content of the stored timelines"});
}

struct Finding {
  Error error;
};

void describe(Describer& d, Finding& finding) {
  std::string code(error_code_name(finding.error.code));
  d.field(code, {.name = "code", .doc = "stable name of what is wrong"});
  d.field(finding.error.message, {.name = "message", .doc = "what is wrong"});
  d.field(finding.error.hint, {.name = "hint", .doc = "what to do about it"});
  d.field(finding.error.where, {.name = "where", .doc = "file, line and column, or a name"});
}

struct CheckResult {
  bool in_order = true;
  std::vector<Finding> errors;
};

void describe(Describer& d, CheckResult& result) {
  d.field(result.in_order, {.name = "in_order", .doc = "nothing was found"});
  d.field(result.errors, {.name = "errors", .doc = "everything that was found, all at once"});
}

Result<CheckResult> check(Call& call, const CheckRequest& request) {
  auto loaded = definitions::load_project(call.folder);
  auto errors = std::move(loaded.errors);
  if (errors.empty()) errors = timelines::check_sources(loaded.project);
  if (errors.empty() && request.deep)
    if (const auto status = timelines::status(loaded.project, true); !status)
      errors.push_back(status.error());
  CheckResult result;
  for (auto& error : errors) result.errors.push_back({std::move(error)});
  result.in_order = result.errors.empty();
  return result;
}

// ---- refresh ----

struct RefreshRequest {
  bool force = false;
  std::uint64_t threads = 0;
};

void describe_threads(Describer& d, std::uint64_t& threads) {
  d.field(threads,
          {.name = "threads", .doc = "threads to use; 0: all processors", .maximum = 4096});
}

void describe(Describer& d, RefreshRequest& request) {
  d.field(request.force, {.name = "force", .doc = "rebuild although nothing changed"});
  describe_threads(d, request.threads);
}

struct RefreshedTable {
  timelines::TableRefresh table;
};

void describe(Describer& d, RefreshedTable& refreshed) {
  auto& table = refreshed.table;
  d.field(table.table, {.name = "table", .doc = "name of the table"});
  d.field(table.kind, {.name = "kind", .doc = "fact_table, assignment_table or dimension_table"});
  d.field(table.rebuilt, {.name = "rebuilt", .doc = "false: nothing had changed"});
  d.field(table.rows, {.name = "rows", .doc = "rows kept in the timelines", .unit = "rows"});
  d.field(table.entities, {.name = "entities", .doc = "entities with at least one row"});
  d.field(table.bytes, {.name = "bytes", .doc = "size on disk", .unit = "bytes"});
  d.field(table.seconds, {.name = "seconds", .doc = "how long it took", .unit = "s"});
  d.field(table.warnings, {.name = "warnings", .doc = "rows left out, and why"});
}

struct RefreshResult {
  std::vector<RefreshedTable> tables;
  double seconds = 0;
};

void describe(Describer& d, RefreshResult& result) {
  d.field(result.tables, {.name = "tables", .doc = "what was done for each table"});
  d.field(result.seconds, {.name = "seconds", .doc = "how long it took", .unit = "s"});
}

Result<RefreshResult> refresh(Call& call, const RefreshRequest& request) {
  DESCANT_ASSIGN(const auto project, call.project());
  DESCANT_ASSIGN(auto report,
                 timelines::refresh(project, {request.threads, request.force}, call.watch));
  RefreshResult result;
  for (auto& table : report.tables) result.tables.push_back({std::move(table)});
  result.seconds = report.seconds;
  return result;
}

// ---- status, definitions ----

Result<timelines::ProjectStatus> status(Call& call, const NoFields&) {
  DESCANT_ASSIGN(const auto project, call.project());
  return timelines::status(project);
}

Result<definitions::Project> read_definitions(Call& call, const NoFields&) {
  return call.project();
}

// ---- analyze_experiment ----

struct ExperimentRequest {
  std::string name;
  std::string as_of;
  bool by_day = true;
  bool by_segment = true;
  std::uint64_t threads = 0;
};

void describe(Describer& d, ExperimentRequest& request) {
  d.field(request.name, {.name = "name", .doc = "name of the experiment", .required = true});
  d.field(request.as_of,
          {.name = "as_of",
           .doc = "use data up to this instant, such as 2026-03-20T12:00:00Z; empty: all"});
  d.field(request.by_day, {.name = "by_day", .doc = "give the effect by day"});
  d.field(request.by_segment, {.name = "by_segment", .doc = "give the effect by segment"});
  describe_threads(d, request.threads);
}

Result<experiment::ExperimentResult> analyze_experiment(Call& call,
                                                        const ExperimentRequest& request) {
  DESCANT_ASSIGN(const auto project, call.project());
  experiment::ReadoutOptions options;
  options.threads = request.threads;
  options.by_day = request.by_day;
  options.by_segment = request.by_segment;
  if (!request.as_of.empty()) {
    DESCANT_ASSIGN(options.as_of, parse_instant(request.as_of));
  }
  return experiment::read_out(project, request.name, options);
}

// ---- sql ----

struct SqlRequest {
  std::string query;
  std::uint64_t threads = 0;
};

void describe(Describer& d, SqlRequest& request) {
  d.field(request.query, {.name = "query", .doc = "one SELECT statement", .required = true});
  describe_threads(d, request.threads);
}

Result<NoFields> sql(Call& call, const SqlRequest& request) {
  DESCANT_ASSIGN(const auto project, call.project());
  DESCANT_ASSIGN(auto database, warehouse::open_project_database(project, request.threads));
  DESCANT_ASSIGN(call.rows, std::move(database).query_arrow(request.query, call.watch));
  return NoFields{};
}

}  // namespace

std::vector<Question> project_questions() {
  return {
      question<CheckRequest, CheckResult, check>(
          {"check", "Checks a project's definitions and their sources.", true}),
      question<RefreshRequest, RefreshResult, refresh>(
          {"refresh", "Brings a project's timelines up to date with its sources.", true}),
      question<NoFields, timelines::ProjectStatus, status>(
          {"status", "What a project's timelines hold, and how fresh they are.", true}),
      question<NoFields, definitions::Project, read_definitions>(
          {"definitions", "A project's definitions, in the words of its YAML.", true}),
      question<ExperimentRequest, experiment::ExperimentResult, analyze_experiment>(
          {"analyze_experiment", "Reads an experiment of a project out and decides it.", true}),
      question<SqlRequest, NoFields, sql>({"sql",
                                           "Queries the sources of a project; its tables are there "
                                           "under their names.",
                                           true,
                                           {},
                                           true}),
  };
}

}  // namespace descant::capi
