// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.h"
#include "report/report.h"
#include "report/text_layout.h"

namespace descant::report {
namespace {

timelines::ProjectStatus sample_status() {
  timelines::TableStatus plays;
  plays.table = "plays";
  plays.kind = "fact_table";
  plays.source = "data/plays/*.parquet";
  plays.state = "stale";
  plays.why = "the source changed";
  plays.rows = 5'123'456;
  plays.left_out = 12;
  plays.distinct_entities = 99'871;
  plays.bytes = 123'000'000;
  plays.first = "2026-01-01T00:00:03Z";
  plays.last = "2026-03-11T23:59:58Z";
  plays.watermark = "2026-03-11T17:59:58Z";
  plays.refreshed = "2026-03-12T08:00:00Z";
  plays.definition_hash = "00ff00ff00ff00ff";
  for (int d = 1; d <= 9; ++d)
    plays.events_per_day.push_back({"2026-01-0" + std::to_string(d), d * 1000});
  plays.warnings = {{"null_keys", "", "12 rows have no listener_id."}};
  timelines::TableStatus listeners;
  listeners.table = "listeners";
  listeners.kind = "dimension_table";
  listeners.state = "current";
  listeners.rows = 100'000;
  return {"listening", "/projects/listening", "1234567890abcdef", {plays, listeners}};
}

TEST(StatusText, ShowsWhatTheTimelinesHold) {
  const auto text = status_text(sample_status(), {});
  for (const char* part :
       {"listening", "1234567890abcdef", "5,123,456", "99,871", "123 MB", "2026-03-11 17:59 UTC",
        "stale: the source changed", "5,000 on average; least 1,000 on 2026-01-01", "12 rows left",
        "12 rows have no listener_id.", "00ff00ff00ff00ff", "descant refresh", "█"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(StatusText, FitsEveryWidth) {
  for (const std::size_t width : {40U, 80U, 100U})
    for (const auto& line : split(status_text(sample_status(), {.width = width}), '\n'))
      EXPECT_LE(display_width(line), width) << line;
}

TEST(StatusText, WithoutTimelinesItSaysWhatToDo) {
  const auto text = status_text({"listening", "/p", "hash", {}}, {});
  EXPECT_NE(text.find("Make them with `descant refresh`"), std::string::npos);
}

TEST(RefreshText, SaysWhatWasBuiltAndWhatWasKept) {
  timelines::RefreshReport report;
  report.tables = {{"plays", "fact_table", true, 1000, 10, 5000, 1.5, {{"w", "", "careful"}}},
                   {"listeners", "dimension_table", false, 20, 20, 100, 0, {}}};
  report.seconds = 1.6;
  const auto text = refresh_text(report, {});
  for (const char* part : {"built", "unchanged, kept", "1,000 rows in 1.6 s", "plays: careful"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  report.tables[0].rebuilt = false;
  EXPECT_NE(refresh_text(report, {}).find("Nothing to do"), std::string::npos);
}

}  // namespace
}  // namespace descant::report
