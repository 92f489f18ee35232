-- The moments of one experiment from plays and assignments: per variant the units whose window is
-- complete, mean, variance and covariance of the minutes in the 14 days after first exposure (y)
-- and in the 14 days before (x). Every form below gives the same rows.
--
-- The bounds of each listener's windows are made once, by integer arithmetic: adding an INTERVAL to
-- a TIMESTAMPTZ goes through the calendar and is slower.
WITH exposed AS MATERIALIZED (
  SELECT listener_id, min(variant) AS variant, min(assigned_at) AS at,
         make_timestamptz(epoch_us(min(assigned_at)) - 1209600000000) AS low,
         make_timestamptz(epoch_us(min(assigned_at)) + 1209600000000) AS high
  FROM {assignments}
  WHERE experiment = 'home_ranker' AND variant IN ('control', 'new_ranker')
    AND assigned_at >= TIMESTAMPTZ '{begin}'
    AND assigned_at < least(TIMESTAMPTZ '{end}', TIMESTAMPTZ '{as_of}')
  GROUP BY listener_id
  HAVING min(variant) = max(variant)
     AND make_timestamptz(epoch_us(min(assigned_at)) + 1209600000000) <= TIMESTAMPTZ '{as_of}'),

-- form: conditional
-- Join, then both windows as filters of the sums; only plays that some window can hold are read.
totals AS (
  SELECT p.listener_id,
         sum({minutes}) FILTER (p.played_at >= e.at AND p.played_at < e.high) AS y,
         sum({minutes}) FILTER (p.played_at >= e.low AND p.played_at < e.at) AS x
  FROM {plays} p JOIN exposed e ON p.listener_id = e.listener_id
  WHERE p.played_at >= TIMESTAMPTZ '{begin}' - INTERVAL 336 HOURS
    AND p.played_at < TIMESTAMPTZ '{end}' + INTERVAL 336 HOURS
  GROUP BY p.listener_id),
units AS (
  SELECT e.variant, coalesce(t.y, 0.0) AS y, coalesce(t.x, 0.0) AS x
  FROM exposed e LEFT JOIN totals t USING (listener_id))
SELECT variant, count(*), avg(y), avg(x), var_samp(y), var_samp(x), covar_samp(y, x)
FROM units GROUP BY variant

-- form: conditional_all_plays
-- The same without the range of dates that lets row groups be skipped.
totals AS (
  SELECT p.listener_id,
         sum({minutes}) FILTER (p.played_at >= e.at AND p.played_at < e.high) AS y,
         sum({minutes}) FILTER (p.played_at >= e.low AND p.played_at < e.at) AS x
  FROM {plays} p JOIN exposed e ON p.listener_id = e.listener_id
  GROUP BY p.listener_id),
units AS (
  SELECT e.variant, coalesce(t.y, 0.0) AS y, coalesce(t.x, 0.0) AS x
  FROM exposed e LEFT JOIN totals t USING (listener_id))
SELECT variant, count(*), avg(y), avg(x), var_samp(y), var_samp(x), covar_samp(y, x)
FROM units GROUP BY variant

-- form: window_join
-- The windows in the join's condition, so that fewer rows reach the sums.
totals AS (
  SELECT p.listener_id,
         sum({minutes}) FILTER (p.played_at >= e.at) AS y,
         sum({minutes}) FILTER (p.played_at < e.at) AS x
  FROM {plays} p JOIN exposed e
    ON p.listener_id = e.listener_id AND p.played_at >= e.low AND p.played_at < e.high
  WHERE p.played_at >= TIMESTAMPTZ '{begin}' - INTERVAL 336 HOURS
    AND p.played_at < TIMESTAMPTZ '{end}' + INTERVAL 336 HOURS
  GROUP BY p.listener_id),
units AS (
  SELECT e.variant, coalesce(t.y, 0.0) AS y, coalesce(t.x, 0.0) AS x
  FROM exposed e LEFT JOIN totals t USING (listener_id))
SELECT variant, count(*), avg(y), avg(x), var_samp(y), var_samp(x), covar_samp(y, x)
FROM units GROUP BY variant

-- form: one_conditional_sum
-- As window_join; the minutes before are those of both windows less those after.
totals AS (
  SELECT p.listener_id, sum({minutes}) AS both_windows,
         coalesce(sum({minutes}) FILTER (p.played_at >= e.at), 0.0) AS y
  FROM {plays} p JOIN exposed e
    ON p.listener_id = e.listener_id AND p.played_at >= e.low AND p.played_at < e.high
  WHERE p.played_at >= TIMESTAMPTZ '{begin}' - INTERVAL 336 HOURS
    AND p.played_at < TIMESTAMPTZ '{end}' + INTERVAL 336 HOURS
  GROUP BY p.listener_id),
units AS (
  SELECT e.variant, coalesce(t.y, 0.0) AS y, coalesce(t.both_windows - t.y, 0.0) AS x
  FROM exposed e LEFT JOIN totals t USING (listener_id))
SELECT variant, count(*), avg(y), avg(x), var_samp(y), var_samp(x), covar_samp(y, x)
FROM units GROUP BY variant

-- form: sums_of_the_active
-- No outer join: the silent add nothing to a sum, so they are only counted.
totals AS (
  SELECT any_value(e.variant) AS variant,
         coalesce(sum({minutes}) FILTER (p.played_at >= e.at AND p.played_at < e.high), 0.0) AS y,
         coalesce(sum({minutes}) FILTER (p.played_at >= e.low AND p.played_at < e.at), 0.0) AS x
  FROM {plays} p JOIN exposed e ON p.listener_id = e.listener_id
  WHERE p.played_at >= TIMESTAMPTZ '{begin}' - INTERVAL 336 HOURS
    AND p.played_at < TIMESTAMPTZ '{end}' + INTERVAL 336 HOURS
  GROUP BY p.listener_id),
sums AS (
  SELECT variant, sum(y) AS sy, sum(x) AS sx, sum(y * y) AS syy, sum(x * x) AS sxx, sum(x * y) AS sxy
  FROM totals GROUP BY variant),
counts AS (SELECT variant, count(*) AS n FROM exposed GROUP BY variant)
SELECT variant, n, sy / n, sx / n, (syy - sy * sy / n) / (n - 1), (sxx - sx * sx / n) / (n - 1),
       (sxy - sy * sx / n) / (n - 1)
FROM sums JOIN counts USING (variant)

-- form: outer_join_first
-- One aggregate over an outer join of exposures and plays.
units AS (
  SELECT any_value(e.variant) AS variant,
         coalesce(sum({minutes}) FILTER (p.played_at >= e.at), 0.0) AS y,
         coalesce(sum({minutes}) FILTER (p.played_at < e.at), 0.0) AS x
  FROM exposed e LEFT JOIN {plays} p
    ON p.listener_id = e.listener_id AND p.played_at >= e.low AND p.played_at < e.high
   AND p.played_at >= TIMESTAMPTZ '{begin}' - INTERVAL 336 HOURS
   AND p.played_at < TIMESTAMPTZ '{end}' + INTERVAL 336 HOURS
  GROUP BY e.listener_id)
SELECT variant, count(*), avg(y), avg(x), var_samp(y), var_samp(x), covar_samp(y, x)
FROM units GROUP BY variant

-- form: semi_join
-- As window_join, with the exposed listeners also pushed down as a semi-join.
totals AS (
  SELECT p.listener_id,
         sum({minutes}) FILTER (p.played_at >= e.at) AS y,
         sum({minutes}) FILTER (p.played_at < e.at) AS x
  FROM {plays} p JOIN exposed e
    ON p.listener_id = e.listener_id AND p.played_at >= e.low AND p.played_at < e.high
  WHERE p.listener_id IN (SELECT listener_id FROM exposed)
    AND p.played_at >= TIMESTAMPTZ '{begin}' - INTERVAL 336 HOURS
    AND p.played_at < TIMESTAMPTZ '{end}' + INTERVAL 336 HOURS
  GROUP BY p.listener_id),
units AS (
  SELECT e.variant, coalesce(t.y, 0.0) AS y, coalesce(t.x, 0.0) AS x
  FROM exposed e LEFT JOIN totals t USING (listener_id))
SELECT variant, count(*), avg(y), avg(x), var_samp(y), var_samp(x), covar_samp(y, x)
FROM units GROUP BY variant
