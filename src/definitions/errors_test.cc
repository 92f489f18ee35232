// SPDX-License-Identifier: Apache-2.0
// Each rule of the grammar, broken alone in the example: the place, the message, the hint.
#include <algorithm>

#include <gtest/gtest.h>

#include "definitions/example_for_tests.h"
#include "definitions/load.h"

namespace descant::definitions {
namespace {

// The example with one text in place of another, which must occur.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kExample;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "not in the example: " << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string lines_of(const std::vector<Error>& errors) {
  std::string text;
  for (const auto& error : errors) text += to_text(error) + "\n";
  return text;
}

// Line and column of the @ in `marked`, where the rest of it first stands in `text`.
std::string place_of(const std::string& marked, const std::string& text) {
  std::string snippet = marked;
  const auto mark = snippet.find('@');
  snippet.erase(mark, 1);
  const auto found = text.find(snippet);
  EXPECT_NE(found, std::string::npos) << "not in the text: " << snippet;
  const std::string before = text.substr(0, found + mark);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto start = before.rfind('\n') + 1;  // 0 when there is none
  return "d.yaml:" + std::to_string(line) + ":" + std::to_string(before.size() - start + 1);
}

struct Case {
  const char* name;
  const char* from;
  const char* to;
  const char* at;  // some of the changed text, with @ where the error is
  const char* message;
  const char* hint;
};

class OneError : public testing::TestWithParam<Case> {};

TEST_P(OneError, IsReportedAtItsPlace) {
  const Case& c = GetParam();
  const std::string text = changed(c.from, c.to);
  const auto errors = load_project_text(text, "d.yaml", "/p").errors;
  ASSERT_EQ(errors.size(), 1U) << lines_of(errors);
  EXPECT_EQ(errors[0].code, ErrorCode::kInvalidDefinition);
  EXPECT_EQ(errors[0].where, place_of(c.at, text));
  EXPECT_NE(errors[0].message.find(c.message), std::string::npos) << errors[0].message;
  EXPECT_NE(errors[0].hint.find(c.hint), std::string::npos) << errors[0].hint;
}

const auto case_name = [](const testing::TestParamInfo<Case>& info) { return info.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Grammar, OneError,
    testing::Values(
        Case{"UnknownKey", "order_by", "ordr_by", "@ordr_by:", "unknown key 'ordr_by'",
             "Did you mean 'order_by'?"},
        Case{"UnknownSection", "\nmetrics:", "\nmodels: {}\nmetrics:", "@models:",
             "unknown key 'models'", "Known: name, timezone"},
        Case{"MisspeltRequiredKey", "timestamp: played_at", "timestmap: played_at", "@timestmap",
             "unknown key 'timestmap'", "Did you mean 'timestamp'?"},
        Case{"MissingKey", "    timestamp: played_at\n", "", "@plays:\n", "'timestamp' is missing",
             "Add `timestamp`: column that holds the time."},
        Case{"MissingProjectKey", "name: listening\n", "", "@# The", "'name' is missing", "Add"},
        Case{"ListForText", "order_by: play_id", "order_by: [a]", "order_by: @[a]",
             "'order_by' must be text, got a list", "Write one value"},
        Case{"TextForList", "[platform, surface, genre, is_organic]", "platform",
             "dimensions: @platform", "'dimensions' must be a list, got a single value",
             "Write [first, second]"},
        Case{"TextForMapping", "warehouse: {duckdb: \":memory:\"}", "warehouse: duckdb",
             "warehouse: @duckdb", "'warehouse' must be a mapping", "{key: value"},
        Case{"EmptyValue", "control: control", "control:", "@control:\n",
             "'control' must be text, got nothing", "Write one value"},
        Case{"EmptyText", "control: control", "control: \"\"", "control: @\"\"",
             "'control' is empty", "Write the"},
        Case{"KeyTwice", "    order_by: play_id\n", "    order_by: play_id\n    order_by: other\n",
             "@order_by: other", "'order_by' is written twice", "already at line 14"},
        Case{"NameTwice", "      skip: skipped\n", "      skip: skipped\n      skip: x\n",
             "@skip: x", "'skip' is written twice", "already at line 19"},
        Case{"KeyThatIsNoName", "{key: listener_id}", "{key: listener_id, [a]: b}", "@[a]",
             "a key must be a name", "name: value"},
        Case{"SyntaxError", "experiments:\n", "experiments: [\n", "hypothesis@:", "not valid YAML",
             "Check indentation"},
        Case{"BooleanForText", "skip: skipped", "skip: Yes", "skip: @Yes", "'skip' must be text",
             "Quote it: \"Yes\"."},
        Case{"EmptySql", "skip: skipped", "skip: \" \"", "skip: @\" \"", "skip", "Write"},
        Case{"NoDuration", "completeness_lag: 6h", "completeness_lag: 6 hours",
             "completeness_lag: @6", "completeness_lag: '6 hours' is not a duration", "14d"},
        Case{"NoDate", "end: 2026-03-29", "end: 2026-02-29", "end: @2026",
             "end: '2026-02-29' is not a date", "2026-03-02"},
        Case{"NoZone", "timezone: America/New_York", "timezone: America/Nowhere", "timezone: @A",
             "unknown time zone 'America/Nowhere'", "IANA"},
        Case{"NoWeekday", "week_start: monday", "week_start: mondy", "week_start: @m",
             "unknown week_start 'mondy'", "Did you mean 'monday'?"},
        Case{"NoChoice", "direction: decrease", "direction: down", "direction: @down",
             "unknown direction 'down'", "Known: increase, decrease."},
        Case{"NoNumber", "alpha: 0.05", "alpha: 5%", "alpha: @5", "alpha: '5%' is not a number",
             "Write a finite number"},
        Case{"NotFinite", "alpha: 0.05", "alpha: .inf", "alpha: @.inf", "is not a number", ""},
        Case{"OutOfRange", "alpha: 0.05", "alpha: 1", "alpha: @1",
             "alpha must be less than 1, got 1", ""},
        Case{"NoEffectSize", "minimum_detectable_effect: 1%",
             "minimum_detectable_effect: 1 percent", "effect: @1 p",
             "'1 percent' is not an effect size", "Write 1%"},
        Case{"NoColumn", "genre, is_organic", "genre/x, is_organic", "@genre/x", "column", "'/'"},
        Case{"MergeKey", "{key: listener_id}", "{key: listener_id, <<: {a: b}}", "@<<",
             "merge keys", "Write the keys out"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Tables, OneError,
    testing::Values(
        Case{"BadName", "  listeners: {", "  Listeners: {", "@Listeners:", "", ""},
        Case{"UnknownEntity", "    entity: listener\n", "    entity: listner\n", "entity: @listner",
             "there is no entity 'listner'", "Did you mean 'listener'?"},
        Case{"NoSource", "    from: data/plays/*.parquet", "    timezone: UTC", "@plays:\n",
             "neither `from` nor `sql`", "from: data"},
        Case{"TwoSources", "    entity: listener\n", "    entity: listener\n    sql: SELECT 1\n",
             "sql: @SELECT 1", "either `from` or `sql`, not both", "Keep"},
        Case{"DimensionTwice", "genre, is_organic", "genre, platform", "genre, @platform",
             "the dimension 'platform' is listed twice", "Remove"},
        Case{"MeasureNamedLikeDimension", "track: track_id", "genre: track_id", "@genre: track",
             "the measure 'genre' has the name of a dimension", "another name"},
        Case{"MeasureNamedLikeTimestamp", "track: track_id", "played_at: track_id",
             "@played_at: track", "has the name of the timestamp", "another name"},
        Case{"BadMeasureName", "track: track_id", "Track: track_id",
             "@Track:", "'Track' cannot be a name", "small letters"},
        Case{"TwoTablesOfOneName", "  listeners: {", "  plays: {", "@plays: {",
             "another table has the name 'plays'", "It is at d.yaml:10:3"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Metrics, OneError,
    testing::Values(
        Case{"UnknownFactTable", "{type: mean, fact_table: plays, measure: minutes, where",
             "{type: mean, fact_table: play, measure: minutes, where", "fact_table: @play,",
             "there is no fact table 'play'", "Did you mean 'plays'?"},
        Case{"UnknownMeasure", "measure: minutes, where", "measure: minuts, where",
             "measure: @minuts", "there is no measure of plays 'minuts'",
             "Did you mean 'minutes'?"},
        Case{"MeanWithoutAggregate", "measure: minutes, where", "where", "@discovery_minutes",
             "neither `aggregate` nor `measure`", "aggregate: count"},
        Case{"SumWithoutMeasure", "measure: minutes, where", "aggregate: sum, where", "@sum, where",
             "the aggregate sum needs a measure", "Add `measure`"},
        Case{"DistinctWithoutMeasure", "measure: minutes, where", "aggregate: distinct, where",
             "@distinct", "the aggregate distinct needs a measure", "Add `measure`"},
        Case{"RatioWithMeasure", "{type: ratio, ", "{type: ratio, measure: skip, ",
             "ratio, @measure", "a ratio has no 'measure' of its own", "inside `numerator`"},
        Case{"RatioWithoutDenominator", "denominator: {aggregate: count}, ", "",
             "@skip_rate:", "'denominator' is missing", "A ratio needs both"},
        Case{"RatioWithoutNumerator", "numerator: {measure: skip, aggregate: sum}, ", "",
             "@skip_rate:", "'numerator' is missing", "A ratio needs both"},
        Case{"EmptyPartOfRatio", "denominator: {aggregate: count}", "denominator: {}",
             "@denominator: {}", "neither `aggregate` nor `measure`", "aggregate: count"},
        Case{"UnknownMeasureInRatio", "{measure: skip,", "{measure: skips,", "@skips",
             "there is no measure of plays 'skips'", "'skip'"},
        Case{"MeanWithDenominator", "measure: minutes, where",
             "measure: minutes, denominator: {aggregate: count}, where", "minutes, @denominator",
             "a metric of type mean has no 'denominator'", "make it a ratio"},
        Case{"ProportionOfSum", "{type: mean, fact_table: plays, measure: minutes, where",
             "{type: proportion, fact_table: plays, measure: minutes, aggregate: sum, where",
             "@sum, where", "its aggregate is any, not sum", "Remove `aggregate`"},
        Case{"RetentionWithMeasure", "{type: retention, ", "{type: retention, measure: skip, ",
             "retention, @measure", "a retention metric has no measure", "Remove `measure`"},
        Case{"RetentionWithoutFrom", "from: 7d, ", "", "@week2_retention:", "'from' is missing",
             "from: 7d"},
        Case{"RetentionWithoutTo", "to: 14d, ", "", "@week2_retention:", "'to' is missing",
             "from: 7d"},
        Case{"FromAfterTo", "from: 7d, to: 14d", "from: 14d, to: 14d", "to: @14d",
             "`to` must be later than `from`", "[exposure"},
        Case{"WindowAndTo", "window: 14d, direction: increase}\n\n",
             "window: 14d, to: 7d, direction: increase}\n\n", "@to: 7d",
             "`window` and `to` exclude each other", "begins at exposure"},
        Case{"EmptyWindow", "window: 14d, direction: decrease", "window: 0d, direction: decrease",
             "window: @0d", "the window is empty", "14d"},
        Case{"CapTwice", "cap: {percentile: 99.9}", "cap: {percentile: 99.9, value: 3}", "@cap",
             "a cap has either `value` or `percentile`", "Write"},
        Case{"CapEmpty", "cap: {percentile: 99.9}", "cap: {}", "@cap",
             "a cap has either `value` or `percentile`", "Write"},
        Case{"CapOutOfRange", "percentile: 99.9", "percentile: 100", "percentile: @100",
             "percentile must be less than 100, got 100", ""},
        Case{"CapOfRetention", "from: 7d, ", "from: 7d, cap: {value: 1}, ", "@cap: {value",
             "a retention is 0 or 1 and has no cap", "Remove `cap`"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Experiments, OneError,
    testing::Values(
        Case{"BadName", "  home_ranker:\n", "  home-ranker:\n", "@home-ranker",
             "'home-ranker' cannot be a name", "small letters"},
        Case{"UnknownAssignments", "assignment_table: assignments", "assignment_table: assigned",
             "assignment_table: @a", "there is no assignment table 'assigned'", "assignments"},
        Case{"ControlNotAVariant", "control: control", "control: contrl", "control: @contrl",
             "the control 'contrl' is not one of the variants", "Did you mean 'control'?"},
        Case{"OneVariant", "{control: 0.5, new_ranker: 0.5}", "{control: 0.5}",
             "@variants:", "at least two variants", "variants: {"},
        Case{"NegativeShare", "new_ranker: 0.5", "new_ranker: -0.5", "@-0.5",
             "new_ranker must be greater than 0, got -0.5", ""},
        Case{"SharesNotOne", "new_ranker: 0.5", "new_ranker: 0.4",
             "@variants:", "sum to 0.9, not 1", "share"},
        Case{"EndBeforeStart", "end: 2026-03-29", "end: 2026-03-01", "end: @2026",
             "ends before it starts", "last date"},
        Case{"NoMetrics",
             "    metrics:\n      - {metric: minutes_played,  role: success,   "
             "minimum_detectable_effect: 1%}\n      - {metric: skip_rate,       role: "
             "guardrail, non_inferiority_margin: 2%}\n      - {metric: "
             "week2_retention, role: guardrail, non_inferiority_margin: 1pp}\n",
             "    metrics: []\n", "@metrics: []", "has no metrics", "Add one"},
        Case{"UnknownMetric", "{metric: minutes_played, ", "{metric: minuts_played, ",
             "@minuts_played", "there is no metric 'minuts_played'", "'minutes_played'"},
        Case{"MetricTwice", "{metric: week2_retention,", "{metric: skip_rate,", "@skip_rate, role",
             "the metric 'skip_rate' is listed twice", "one role"},
        Case{"UnknownRole", "role: success", "role: succes", "@succes,", "unknown role 'succes'",
             "Did you mean 'success'?"},
        Case{"GuardrailWithoutMargin", "role: guardrail, non_inferiority_margin: 2%",
             "role: guardrail", "@{metric: skip_rate", "'skip_rate' has no non_inferiority_margin",
             "Add"},
        Case{"MarginZero", "non_inferiority_margin: 2%", "non_inferiority_margin: 0%", "@0%",
             "must be greater than 0", "direction"},
        Case{"MarginOfSuccess", "minimum_detectable_effect: 1%", "non_inferiority_margin: 1%",
             "@non_inferiority_margin: 1%", "a success metric has no non_inferiority_margin",
             "guardrail"},
        Case{"EffectOfGuardrail", "non_inferiority_margin: 2%",
             "non_inferiority_margin: 2%, minimum_detectable_effect: 1%", "2%, @minimum",
             "a guardrail metric has no minimum_detectable_effect", "success"},
        Case{"DeteriorationAlphaTooLarge", "    power: 0.8\n",
             "    power: 0.8\n    deterioration_alpha: 0.2\n", "@0.2\n",
             "must be less than 1 - power", "Lower"},
        Case{"PowerTooLarge", "power: 0.8", "power: 0.995", "@0.995", "must be less than 1 - power",
             "Lower"},
        Case{"UnknownMethod", "method: cuped", "method: cupid", "@cupid", "unknown method 'cupid'",
             "Did you mean 'cuped'?"},
        Case{"EmptyLookback", "lookback: 14d", "lookback: 0d", "@0d", "lookback is empty", "14d"},
        Case{"UnknownSegment", "[platform, country]", "[platform, contry]", "@contry", "'contry'",
             "Did you mean 'country'?"},
        Case{"AmbiguousSegment", "[country, plan, signup_date]", "[country, plan, platform]",
             "[@platform, country]",
             "the segment 'platform' is a dimension of 'listeners' and of 'plays'",
             "Write listeners.platform or plays.platform."},
        Case{"SegmentTwice", "[platform, country]", "[platform, platform]", ", @platform]",
             "listed twice", "Remove"}),
    case_name);

TEST(Errors, AMetricOfAnotherEntityIsReported) {
  std::string text = changed("  listener: {key: listener_id}\n",
                             "  listener: {key: listener_id}\n  artist: {key: artist_id}\n");
  text.replace(text.find("assignments.parquet, entity: listener"), 37,
               "assignments.parquet, entity: artist");
  text.replace(text.find("[platform, country]"), 19, "[platform]");
  const auto errors = load_project_text(text, "d.yaml", "/p").errors;
  ASSERT_EQ(errors.size(), 3U) << lines_of(errors);
  EXPECT_EQ(errors[0].where, place_of("{metric: @minutes_played", text));
  EXPECT_EQ(errors[0].message,
            "the metric 'minutes_played' is about the entity 'listener', but 'assignments' "
            "assigns the entity 'artist'");
}

TEST(Errors, ManyMistakesAreReportedAtOnceInOrder) {
  const std::string text =
      "nmae: x\n"
      "timezone: Mars\n"
      "entities:\n"
      "  Listener: {}\n"
      "fact_tables:\n"
      "  plays: {entity: user, timestamp: [t]}\n"
      "metrics:\n"
      "  m: {type: mean, fact_table: plays, cap: {percentile: 0}}\n"
      "  r: {type: ratios, fact_table: play}\n";
  const auto errors = load_project_text(text, "d.yaml", "/p").errors;
  std::vector<std::string> places;
  for (const auto& error : errors) places.push_back(error.where.substr(7));
  EXPECT_EQ(places, (std::vector<std::string>{"1:1", "2:11", "4:3", "4:3", "6:3", "6:19", "6:36",
                                              "8:3", "8:56", "9:13", "9:33"}))
      << lines_of(errors);
}

TEST(Errors, QualifiedSegmentsResolveWhatIsAmbiguous) {
  std::string text = changed("[country, plan, signup_date]", "[country, plan, platform]");
  text.replace(text.find("[platform, country]"), 19, "[plays.platform, listeners.country]");
  const auto errors = load_project_text(text, "d.yaml", "/p").errors;
  EXPECT_TRUE(errors.empty()) << lines_of(errors);
}

TEST(Errors, EveryRoleIsAccepted) {
  for (const char* role : {"success", "deterioration", "quality", "exploratory"}) {
    const auto text =
        changed("role: success,   minimum_detectable_effect: 1%", std::string("role: ") + role);
    const auto errors = load_project_text(text, "d.yaml", "/p").errors;
    EXPECT_TRUE(errors.empty()) << lines_of(errors);
  }
}

}  // namespace
}  // namespace descant::definitions
