// SPDX-License-Identifier: Apache-2.0
#include "experiment/decision_record.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/file.h"
#include "timelines/entity_key.h"

namespace descant::experiment {

namespace {

constexpr std::size_t kDifferencesShown = 20;

std::string file_name(std::string_view name) {
  std::string safe(name);
  for (char& c : safe)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '_';
  return safe.empty() ? "_" : safe;
}

std::string shown(const Json& json) {
  const std::string text = write_json(json);
  constexpr std::size_t kLongest = 80;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
}

void add_difference(const std::string& path, const std::string& before, const std::string& now,
                    RecordComparison& out) {
  ++out.differing_fields;
  if (out.differences.size() < kDifferencesShown)
    out.differences.push_back(fmt::format("{}: {} then, {} now", path, before, now));
}

void compare(const Json& before, const Json& now, const std::string& path, RecordComparison& out) {
  if (before == now) return;
  if (before.is_object() && now.is_object()) {
    for (const auto& [key, value] : before.items()) {
      const std::string field = path.empty() ? key : path + "." + key;
      if (const auto found = now.find(key); found != now.end())
        compare(value, *found, field, out);
      else
        add_difference(field, shown(value), "absent", out);
    }
    for (const auto& [key, value] : now.items())
      if (!before.contains(key))
        add_difference(path.empty() ? key : path + "." + key, "absent", shown(value), out);
    return;
  }
  if (before.is_array() && now.is_array() && before.size() == now.size()) {
    for (std::size_t i = 0; i < before.size(); ++i)
      compare(before[i], now[i], fmt::format("{}[{}]", path, i), out);
    return;
  }
  add_difference(path, shown(before), shown(now), out);
}

std::vector<std::string> causes_between(const Json& before, const Json& now) {
  static constexpr std::pair<const char*, const char*> kCauses[] = {
      {"descant_version", "the version of Descant"},
      {"definition_hash", "the definition"},
      {"data_fingerprint", "the data"}};
  std::vector<std::string> causes;
  for (const auto& [field, what] : kCauses) {
    const Json then = before.value("record", Json::object()).value(field, Json());
    const Json today = now.value("record", Json::object()).value(field, Json());
    if (then != today)
      causes.push_back(fmt::format("{}: {} then, {} now", what, shown(then), shown(today)));
  }
  return causes;
}

}  // namespace

DecisionRecord record_of(const ReadoutOptions& options, const ExperimentResult& result) {
  return {result.experiment.name,  result.experiment.as_of, options.by_day,
          options.by_segment,      options.since_exposure,  options.heterogeneity,
          to_json_document(result)};
}

std::string write_record(const DecisionRecord& record) {
  return write_json(to_json_document(record), 1) + "\n";
}

Result<DecisionRecord> read_record(const std::string& text, const std::string& source) {
  DESCANT_ASSIGN(const Json json, parse_json(text, source));
  auto record = from_json<DecisionRecord>(json);
  if (!record) {
    record.error().code = ErrorCode::kInvalidData;
    record.error().message = "this is no decision record: " + record.error().message;
    record.error().where = source;
    record.error().hint = "Name a file that `descant experiment analyze` wrote into records/.";
  }
  return record;
}

Result<std::string> keep_record(const std::string& project_folder, const DecisionRecord& record) {
  const std::string text = write_record(record);
  const std::string folder =
      fmt::format("{}/records/{}", project_folder, file_name(record.experiment));
  const std::string path = fmt::format("{}/{}_{:016x}.json", folder, file_name(record.as_of),
                                       timelines::hash_string_key(text));
  DESCANT_CHECK(make_folders(folder));
  if (const auto kept = read_file(path); kept.ok() && *kept == text) return path;
  DESCANT_CHECK(write_file_atomically(path, text));
  return path;
}

Result<RecordComparison> rerun(const definitions::Project& project, const DecisionRecord& record,
                               std::size_t threads) {
  ReadoutOptions options;
  options.threads = threads;
  options.by_day = record.by_day;
  options.by_segment = record.by_segment;
  options.since_exposure = record.since_exposure;
  options.heterogeneity = record.heterogeneity;
  DESCANT_ASSIGN(options.as_of, parse_instant(record.as_of));
  DESCANT_ASSIGN(const auto result, read_out(project, record.experiment, options));
  const DecisionRecord again = record_of(options, result);
  RecordComparison comparison;
  comparison.same_bytes = write_record(again) == write_record(record);
  if (comparison.same_bytes) return comparison;
  comparison.causes = causes_between(record.result, again.result);
  compare(record.result, again.result, {}, comparison);
  return comparison;
}

void describe(Describer& d, DecisionRecord& record) {
  d.field(record.experiment, {.name = "experiment", .doc = "name of it", .required = true});
  d.field(record.as_of,
          {.name = "as_of", .doc = "instant up to which data were used", .required = true});
  d.field(record.by_day, {.name = "by_day", .doc = "the effect by day was asked for"});
  d.field(record.by_segment, {.name = "by_segment", .doc = "segments were asked for"});
  d.field(record.since_exposure,
          {.name = "since_exposure", .doc = "the effect by day since exposure was asked for"});
  d.field(record.heterogeneity,
          {.name = "heterogeneity", .doc = "whether effects differ between segments was asked"});
  d.field(record.result, {.name = "result", .doc = "the whole result", .required = true});
}

}  // namespace descant::experiment
