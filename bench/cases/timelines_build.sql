-- The tables that the timelines hold, with the same columns in the same order of rows.
CREATE OR REPLACE TABLE assignments AS
SELECT listener_id, assigned_at, experiment, variant
FROM read_parquet('{data}/assignments.parquet') ORDER BY listener_id, assigned_at;

-- form: text
-- Columns as the Parquet files have them.
CREATE OR REPLACE TABLE plays AS
SELECT listener_id, played_at, ms_played / 60000.0 AS minutes, skipped AS skip, surface, platform
FROM read_parquet('{data}/plays/*.parquet') ORDER BY listener_id, played_at

-- form: enumerated
-- The dimensions as enumerations whose values are known beforehand, so that less is sorted.
CREATE TYPE surfaces AS ENUM ('home', 'search', 'playlist', 'library', 'radio', 'autoplay', 'discover');
CREATE TYPE platforms AS ENUM ('android', 'ios', 'desktop', 'web', 'tv', 'car');
CREATE OR REPLACE TABLE plays AS
SELECT listener_id, played_at, ms_played / 60000.0 AS minutes, skipped AS skip,
       surface::surfaces AS surface, platform::platforms AS platform
FROM read_parquet('{data}/plays/*.parquet') ORDER BY listener_id, played_at
