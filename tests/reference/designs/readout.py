# SPDX-License-Identifier: Apache-2.0
"""The read-out of each design, one plain loop over subjects, from the written rules."""

import bisect
import collections
import datetime as dt
import math
import zoneinfo

import numpy as np
from scipy import stats

import comparing
from streaming import AS_OF, DAY, HOUR, SECOND, START, STOP

ZONE = zoneinfo.ZoneInfo("Europe/Stockholm")
LOOKBACK = 10


# Metrics: rows -> a part of a unit's value, None without a value. A row is (time, id, ms, skipped, surface, genre, track).
def lengths(rows):
    return [r[2] / 60000.0 for r in rows if r[2] is not None]


def minutes(rows):
    return math.fsum(lengths(rows))


def plays(rows):
    return float(len(rows))


def skips(rows):
    return float(sum(r[3] for r in rows))


def some(rows):
    return float(len(rows) > 0)


def tracks(rows):
    return float(len({r[6] for r in rows if r[6] is not None}))


def mean_play(rows):
    values = lengths(rows)
    return math.fsum(values) / len(values) if values else None


METRICS = {
    "minutes": {"parts": [minutes], "to": 5},
    "minutes_so_far": {"parts": [minutes], "to": None},
    "plays": {"parts": [plays], "to": 5},
    "skip_rate": {"parts": [skips, plays], "to": 5, "good": -1},
    "active": {"parts": [some], "to": 5},
    "retention": {"parts": [some], "from": 2, "to": 6},
    "mean_play": {"parts": [mean_play], "to": 5, "gaps": True},
    "longest_play": {"parts": [lambda rows: max(lengths(rows), default=None)], "to": 5, "gaps": True},
    "shortest_play": {"parts": [lambda rows: min(lengths(rows), default=None)], "to": 5, "gaps": True, "good": -1},
    "tracks": {"parts": [tracks], "to": 5},
    "winsorised": {"parts": [minutes], "to": 5, "percentiles": (30, 97)},
    "winsorised_skip": {"parts": [skips, minutes], "to": 5, "percentiles": (35, 95.5), "good": -1},
    "capped": {"parts": [minutes], "to": 5, "values": (2.0, 40.0)},
    "tried_feature": {"parts": [lambda rows: float(any(r[4] == "feature" for r in rows))], "to": 5},
}


class Log:
    """The log by listener, in the order of time and id."""

    def __init__(self, log):
        self.log = log
        rows = collections.defaultdict(list)
        for play, who, _, time, *rest in log.plays:
            rows[who].append((time, play, *rest))
        self.rows = {who: sorted(r, key=lambda x: x[:2]) for who, r in rows.items()}
        self.times = {who: [r[0] for r in rows] for who, rows in self.rows.items()}

    def between(self, who, start, stop):
        if who not in self.rows:
            return []
        times = self.times[who]
        return self.rows[who][bisect.bisect_left(times, start) : bisect.bisect_left(times, stop)]

    def value(self, who, dimension, exposed):
        """A dimension at exposure."""
        if dimension == "genre":
            before = self.between(who, 0, exposed)
            return (before[-1][5] if before else None) or "unknown"
        return self.log.listeners.get(who, {}).get(dimension) or "unknown"

    def exposures(self, name, as_of):
        """{listener: (variant, first time)} of those in one variant only, and the number of the others."""
        seen = collections.defaultdict(list)
        for who, experiment, variant, time in self.log.assignments:
            if experiment == name and START <= time < STOP and time < as_of:
                seen[who].append((time, variant))
        alone = {who: rows for who, rows in seen.items() if len({v for _, v in rows}) == 1}
        return {who: (rows[0][1], min(t for t, _ in rows)) for who, rows in alone.items()}, len(seen) - len(alone)


def capped(block, metric):
    """Columns limited by their own percentiles, or by fixed values; None stays."""
    x = np.array(block, dtype=float)  # None becomes NaN
    if len(x) and "percentiles" in metric:
        low, high = np.percentile(x, metric["percentiles"], axis=0)
        x = np.clip(x, low, high)
    if "values" in metric:
        x = np.clip(x, *metric["values"])
    return x if x.shape[1:] == (2,) else comparing.ones(x.reshape(len(block)))


class Table:
    """The mature units of one metric: outcome, covariates, and who they are."""

    def __init__(self, log, metric, subjects, as_of, covariates=(), clustered=False, periods=None):
        """subjects: {unit: (variant, [(listener, exposed)])}; covariates: names of metrics, looked at before exposure."""
        m = METRICS[metric]
        self.names, self.arms, outcome, before = [], [], [], [[] for _ in covariates]
        start, stop = periods or (m.get("from", 0) * DAY, None if m["to"] is None else m["to"] * DAY)
        for name, (variant, members) in subjects.items():
            ripe = [(w, t) for w, t in members if stop is None or t + (m["to"] or 0) * DAY <= as_of]
            if not ripe:
                continue
            windows = [log.between(w, t + start, as_of if stop is None else t + stop) for w, t in ripe]
            value = together(m, windows, clustered)
            if value[0] is None:
                continue
            self.names.append((name, ripe))
            self.arms.append(variant)
            outcome.append(value)
            for column, covariate in zip(before, covariates):
                windows = [log.between(w, t - LOOKBACK * DAY, t) for w, t in ripe]
                column.append(together(METRICS[covariate], windows, clustered))
        self.arms = np.array(self.arms)
        self.y = capped(outcome, m) if outcome else np.empty((0, 2))
        columns = []
        for column, covariate in zip(before, covariates):
            x = capped(column, METRICS[covariate]) if column else np.empty((0, 2))
            gone = np.isnan(x[:, 0])
            columns.append(np.where(gone[:, None], [0.0, 1.0], x))
            if gone.any():
                columns.append(comparing.ones(gone.astype(float)))
        self.x = np.stack(columns, axis=1) if columns else np.empty((len(self.y), 0, 2))

    def pieces(self, variant, strata=None, keep=None):
        inside = self.arms == variant
        if keep is not None:
            inside &= keep
        if strata is None:
            return [(self.y[inside], self.x[inside])]
        return [(self.y[inside & (strata == s)], self.x[inside & (strata == s)]) for s in sorted(set(strata))]

    def labels(self, log, dimensions):
        """Of each unit, joined; of a cluster's first member."""
        return np.array(["/".join(log.value(*m[0][:1], d, m[0][1]) for d in dimensions) for _, m in self.names])


def together(metric, windows, clustered):
    """A listener's parts; of a cluster, a mean is total over members."""
    values = [[f(rows) for f in metric["parts"]] for rows in windows]
    if not clustered:
        return values[0]
    sums = [math.fsum(column) for column in zip(*values)]
    return sums if len(sums) == 2 else [sums[0], float(len(values))]


def alone(exposed):
    return {who: (variant, [(who, time)]) for who, (variant, time) in exposed.items()}


def days(as_of):
    """(day, the midnight that ends it), from the start to the as-of."""
    day = dt.date(2026, 3, 2)
    while True:
        following = day + dt.timedelta(days=1)
        end = int(dt.datetime(following.year, following.month, following.day, tzinfo=ZONE).timestamp()) * SECOND
        if end > as_of:
            return
        yield day.isoformat(), end
        day = following


def ratio_p(counts, shares):
    whole = sum(counts)
    chi = sum((c - whole * s) ** 2 / (whole * s) for c, s in zip(counts, shares))
    return {"statistic": chi, "p_value": float(stats.chi2.sf(chi, len(counts) - 1))}
