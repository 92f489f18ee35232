// SPDX-License-Identifier: Apache-2.0
#pragma once

// The project that the tests of this folder read, change and break: every section, every metric
// type, and most keys. Its lines are not to be renumbered lightly: tests name places in it.

namespace descant::definitions {

constexpr const char* kExample = R"yaml(# The listening project
name: listening
timezone: America/New_York
week_start: monday
warehouse: {duckdb: ":memory:"}          # or a .duckdb file
entities:
  listener: {key: listener_id}

fact_tables:
  plays:
    from: data/plays/*.parquet           # file, glob, table, or `sql: SELECT …`
    entity: listener
    timestamp: played_at
    order_by: play_id
    dimensions: [platform, surface, genre, is_organic]
    measures:
      minutes: ms_played / 60000.0
      stream: ms_played >= 30000         # 0/1
      skip: skipped
      track: track_id
    completeness_lag: 6h
assignment_tables:
  assignments: {from: data/assignments.parquet, entity: listener, experiment: experiment, variant: variant, timestamp: assigned_at}
dimension_tables:
  listeners: {from: data/listeners.parquet, entity: listener, dimensions: [country, plan, signup_date]}

metrics:
  minutes_played:  {type: mean, fact_table: plays, measure: minutes, aggregate: sum, window: 14d, cap: {percentile: 99.9}, direction: increase, unit: min,
                    description: Minutes listened per listener in the first 14 days}
  skip_rate:       {type: ratio, fact_table: plays, numerator: {measure: skip, aggregate: sum}, denominator: {aggregate: count}, window: 14d, direction: decrease}
  week2_retention: {type: retention, fact_table: plays, from: 7d, to: 14d, direction: increase}
  discovery_minutes: {type: mean, fact_table: plays, measure: minutes, where: "surface IN ('discover','radio')", window: 14d, direction: increase}

experiments:
  home_ranker:
    hypothesis: A ranker trained on completed plays raises listening time
    assignment_table: assignments
    control: control
    variants: {control: 0.5, new_ranker: 0.5}
    start: 2026-03-02
    end: 2026-03-29
    metrics:
      - {metric: minutes_played,  role: success,   minimum_detectable_effect: 1%}
      - {metric: skip_rate,       role: guardrail, non_inferiority_margin: 2%}
      - {metric: week2_retention, role: guardrail, non_inferiority_margin: 1pp}
    alpha: 0.05
    power: 0.8
    variance_reduction: {method: cuped, lookback: 14d}
    segments: [platform, country]
)yaml";

}  // namespace descant::definitions
