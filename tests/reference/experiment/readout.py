# SPDX-License-Identifier: Apache-2.0
"""An experiment read-out in plain numpy, straight from the written rules: one loop over listeners, nothing clever."""

import collections
import datetime as dt
import math
import zoneinfo

import numpy as np
from scipy import stats

from listening import DAY, FIRST, SECOND

ZONE = zoneinfo.ZoneInfo("America/New_York")
FEWEST = 5  # an arm with fewer units carries no asserted numbers: they hang on rounding


def local_midnight(day):
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()) * SECOND


# Metrics: rows -> unit total. A row is (time, play_id, ms, skipped, surface, platform, track).
def minutes(rows):
    return math.fsum(r[2] / 60000.0 for r in rows if r[2] is not None)


def plays(rows):
    return float(len(rows))


METRICS = {
    "minutes_played": dict(parts=[minutes], to=14, percentile=98.5, good=1),
    "capped_minutes": dict(parts=[minutes], to=7, value=60.0, good=1),
    "radio_plays": dict(parts=[lambda rows: float(sum(r[4] in ("radio", "discover") for r in rows))], to=14, good=1),
    "skip_rate": dict(
        parts=[lambda rows: float(sum(r[3] is True for r in rows)), plays], to=14, percentile=97, good=-1
    ),
    "stream_rate": dict(
        parts=[lambda rows: float(sum(r[2] is not None and r[2] >= 30000 for r in rows)), plays], to=7, good=1
    ),
    "week2_retention": dict(parts=[lambda rows: float(len(rows) > 0)], start=7, to=14, good=1),
    "listened": dict(parts=[lambda rows: float(any(r[2] is not None and r[2] >= 30000 for r in rows))], to=7, good=1),
    "distinct_tracks": dict(parts=[lambda rows: float(len({r[6] for r in rows if r[6] is not None}))], to=14, good=1),
    "minutes_so_far": dict(parts=[minutes], to=None, good=1),
}

EXPERIMENTS = {
    "ranker": dict(
        variants={"control": 0.5, "large": 0.25, "small": 0.25},
        start=dt.date(2026, 2, 24),
        end=dt.date(2026, 3, 20),
        lookback=14,
        segments=["platform", "country"],
        metrics=[
            ("minutes_played", "success", None),
            ("radio_plays", "success", None),
            ("skip_rate", "guardrail", ("relative", 0.01)),
            ("week2_retention", "guardrail", ("absolute", 0.01)),
            ("capped_minutes", "guardrail", ("absolute", 2.0)),
            ("listened", "deterioration", None),
            ("stream_rate", "exploratory", None),
            ("distinct_tracks", "exploratory", None),
            ("minutes_so_far", "exploratory", None),
        ],
    ),
    "radio": dict(
        variants={"control": 0.5, "treatment": 0.5},
        start=dt.date(2026, 3, 5),
        end=dt.date(2026, 4, 10),
        lookback=7,
        segments=["country", "platform"],
        metrics=[
            ("minutes_played", "success", None),
            ("skip_rate", "guardrail", ("relative", 0.05)),
            ("week2_retention", "guardrail", ("absolute", 0.02)),
            ("capped_minutes", "guardrail", ("absolute", 1.5)),
            ("minutes_so_far", "exploratory", None),
        ],
    ),
}
ALPHA, POWER, ALPHA_MINUS = 0.05, 0.8, 0.01


def exposures(log, name, as_of):
    """{listener: (variant, first time)} and what was left out, in the order of the rules."""
    design = EXPERIMENTS[name]
    start, stop = local_midnight(design["start"]), local_midnight(design["end"] + dt.timedelta(days=1))
    left = collections.Counter()
    kept = collections.defaultdict(list)
    touched = collections.defaultdict(set)
    for who, experiment, variant, time in log.assignments:
        if experiment != name:
            continue
        left["assignment_rows"] += 1
        touched["all"].add(who)
        if variant not in design["variants"]:
            reason = "undeclared_variant"
        elif not start <= time < stop:
            reason = "outside_dates"
        elif time >= as_of:
            reason = "after_as_of"
        else:
            kept[who].append((time, variant))
            continue
        left[reason + "_rows"] += 1
        touched[reason].add(who)
    exposed = {}
    for who, rows in kept.items():
        if len({v for _, v in rows}) > 1:
            left["several_variants_listeners"] += 1
            left["several_variants_rows"] += len(rows)
        else:
            left["repeated_rows"] += len(rows) - 1
            exposed[who] = (rows[0][1], min(t for t, _ in rows))
    for reason in ("undeclared_variant", "outside_dates", "after_as_of"):
        left[reason + "_listeners_left_out"] = len(touched[reason] - set(kept))
        left[reason + "_rows"] += 0
    left["listeners_assigned"] = len(touched["all"])
    left["listeners_exposed"] = len(exposed)
    return exposed, dict(left)


def timelines(log):
    rows = collections.defaultdict(list)
    for play, who, time, ms, skipped, surface, platform, track in log.plays:
        rows[who].append((time, play, ms, skipped, surface, platform, track))
    return {who: sorted(r, key=lambda x: x[:2]) for who, r in rows.items()}


def between(rows, start, stop):
    return [r for r in rows if start <= r[0] < stop]


def segments_of(log, exposed, lines):
    country = dict(log.listeners)
    out = {}
    for who, (_, time) in exposed.items():
        before = [r for r in lines.get(who, []) if r[0] < time]
        out[who] = {
            "country": country.get(who) or "unknown",
            "platform": (before[-1][5] if before else None) or "unknown",
        }
    return out


def units(m, exposed, lines, lookback, as_of):
    """(listeners, outcome columns, covariate columns), capped; immature units left out."""
    names, outcome, covariate = [], [], []
    for who, (_, time) in exposed.items():
        stop = as_of if m["to"] is None else time + m["to"] * DAY
        if stop > as_of:
            continue
        rows = lines.get(who, [])
        window, before = between(rows, time + m.get("start", 0) * DAY, stop), between(rows, time - lookback * DAY, time)
        names.append(who)
        outcome.append([f(window) for f in m["parts"]])
        covariate.append([f(before) for f in m["parts"]])
    columns = []
    for block in (outcome, covariate):
        x = np.array(block, dtype=float).reshape(len(names), len(m["parts"]))
        if len(names) and "percentile" in m:
            x = np.minimum(x, np.percentile(x, m["percentile"], axis=0, method="linear"))  # type 7
        if "value" in m:
            x = np.minimum(x, m["value"])
        if x.shape[1] == 1:  # a mean is a ratio with denominator 1
            x = np.column_stack([x, np.ones(len(names))])
        columns.append(x)
    return names, columns[0], columns[1]


def linearised(x):
    """(ratio, per-row linearised values around it, denominator total); ratio None when the denominator is 0."""
    d = x[:, 1].mean()
    if d == 0:
        return None, None, 0.0
    r = x[:, 0].mean() / d
    return r, (x[:, 0] - r * x[:, 1]) / d, x[:, 1].sum()


def welch(parts):
    return sum(v for v, _ in parts) ** 2 / sum(v * v / d for v, d in parts)


def compare(y_c, y_t, x_c, x_t, good, role, margin):
    """One comparison; x_c None is the unadjusted one. Returns (asserted fields, p, deterioration p)."""
    n_c, n_t = len(y_c), len(y_t)
    short = {"control": {"n": n_c}, "treatment": {"n": n_t}}
    if min(n_c, n_t) < FEWEST:
        return short, None, None
    (r_c, l_c, _), (r_t, l_t, _) = linearised(y_c), linearised(y_t)
    if r_c is None or r_t is None:
        return short, None, None
    m_c, m_t = r_c, r_t
    v_c, v_t, cov = l_c.var(ddof=1) / n_c, l_t.var(ddof=1) / n_t, 0.0
    res_c, res_t = v_c, v_t
    if x_c is not None:
        (q_c, k_c, d_c), (q_t, k_t, d_t) = linearised(x_c), linearised(x_t)
        if q_c is None or q_t is None:
            return short, None, None
        s_c, s_t = np.cov(l_c, k_c), np.cov(l_t, k_t)
        spread = (n_c - 1) * s_c[1, 1] + (n_t - 1) * s_t[1, 1]
        theta = ((n_c - 1) * s_c[0, 1] + (n_t - 1) * s_t[0, 1]) / spread if spread > 0 else 0.0
        w_c = d_c / (d_c + d_t)
        w_t = 1 - w_c
        everywhere = w_c * q_c + w_t * q_t
        m_c, m_t = r_c - theta * (q_c - everywhere), r_t - theta * (q_t - everywhere)
        form = lambda s, a, b: s[0, 0] + (a + b) * s[0, 1] + a * b * s[1, 1]
        res_c, res_t = form(s_c, -theta, -theta) / n_c, form(s_t, -theta, -theta) / n_t
        # Joint variance: the mean over both arms moves with the data, theta is taken as known.
        v_c = form(s_c, -theta * w_t, -theta * w_t) / n_c + theta**2 * w_t**2 * s_t[1, 1] / n_t
        v_t = form(s_t, -theta * w_c, -theta * w_c) / n_t + theta**2 * w_c**2 * s_c[1, 1] / n_c
        cov = (
            theta * w_c * (s_c[0, 1] - theta * w_t * s_c[1, 1]) / n_c
            + theta * w_t * (s_t[0, 1] - theta * w_c * s_t[1, 1]) / n_t
        )
        assert math.isclose(v_c + v_t - 2 * cov, res_c + res_t, rel_tol=1e-7)
    variance = res_c + res_t
    if variance <= 1e-20 * max(1.0, m_c * m_c):
        return short, None, None
    se, delta = math.sqrt(variance), m_t - m_c
    df = welch([(res_t, n_t - 1), (res_c, n_c - 1)])
    harm = float(stats.t.cdf(good * delta / se, df))
    out = {
        "control": {"n": n_c, "estimate": m_c, "standard_error": math.sqrt(res_c)},
        "treatment": {"n": n_t, "estimate": m_t, "standard_error": math.sqrt(res_t)},
        "absolute": {"estimate": delta, "standard_error": se},
    }
    if m_c > 0:
        r = m_t / m_c
        out["relative"] = {"estimate": r - 1, "standard_error": math.sqrt((v_t - 2 * r * cov + r * r * v_c) / m_c**2)}
    statistic, p = delta / se, None
    if role == "success":
        p = float(stats.t.sf(good * statistic, df))
    elif role == "deterioration":
        p = harm
    elif role == "guardrail":
        scale, size = margin
        if scale == "absolute":
            statistic = (delta + good * size) / se
        else:
            k = 1 - good * size
            statistic = (m_t - k * m_c) / math.sqrt(v_t + k * k * v_c - 2 * k * cov)
            df = welch([(res_t, n_t - 1), (k * k * res_c, n_c - 1)])
        p = float(stats.t.sf(good * statistic, df))
    out["degrees_of_freedom"] = df
    if role != "exploratory":
        out["statistic"] = float(statistic)
    return out, p, harm


def arms(names, exposed, variant, keep=None):
    return np.array([exposed[w][0] == variant and (keep is None or keep(w)) for w in names], dtype=bool)


def pre_exposure(x_c, x_t):
    out, _, _ = compare(x_c, x_t, None, None, 1, "exploratory", None)
    if "absolute" not in out:
        return None
    z = out["absolute"]["estimate"] / out["absolute"]["standard_error"]
    return float(2 * stats.t.sf(abs(z), out["degrees_of_freedom"]))


def decide(design, rows, complete, ratio_p):
    """The risk-aware rule for one treatment; the sample-ratio test is the one quality test."""
    treatments = len(design["variants"]) - 1
    count = collections.Counter(role for _, role, _ in design["metrics"])
    s, g = count["success"], count["guardrail"]
    alpha = ALPHA / treatments
    family = ALPHA_MINUS / (s + g + count["deterioration"] + 1)
    out, passed = [], {}
    for row in rows:
        role = row["role"]
        if role == "exploratory":
            continue
        used = {"success": alpha / max(s, 1), "guardrail": alpha, "deterioration": family}[role]
        ok = row["p"] > used if role == "deterioration" else row["p"] <= used
        passed[row["name"]] = ok
        out.append(
            {
                "name": row["name"],
                "role": role,
                "alpha_used": used,
                "passed": bool(ok) if complete or role == "deterioration" else None,
                "p_value": row["p"] if complete or role == "deterioration" else None,
                "deterioration_p_value": row["harm"],
            }
        )
    harmed = any(row["role"] != "exploratory" and row["harm"] <= family for row in rows)
    wins = any(passed[r["name"]] for r in rows if r["role"] == "success")
    safe = all(passed[r["name"]] for r in rows if r["role"] == "guardrail")
    action = (
        "invalid"
        if ratio_p <= family
        else "stop"
        if harmed
        else "continue"
        if not complete
        else "ship"
        if wins and safe
        else "stop"
    )
    return {"action": action, "metrics": out}


def sample_ratio(design, exposed):
    counts = [sum(v == variant for v, _ in exposed.values()) for variant in design["variants"]]
    expected = [sum(counts) * share for share in design["variants"].values()]
    chi = sum((c - e) ** 2 / e for c, e in zip(counts, expected))
    return {
        "counts": dict(zip(design["variants"], counts)),
        "statistic": chi,
        "degrees_of_freedom": len(counts) - 1,
        "p_value": float(stats.chi2.sf(chi, len(counts) - 1)),
    }


def local_days(design, as_of):
    """(day, the midnight that ends it) for every day from start that ends by as_of."""
    day = design["start"]
    while local_midnight(day + dt.timedelta(days=1)) <= as_of:
        yield day, local_midnight(day + dt.timedelta(days=1))
        day += dt.timedelta(days=1)


def metric_row(metric, treatment, table, daily, places, dimensions, complete):
    """One metric of one treatment; returns the row, its p-value and its deterioration p-value."""
    name, role, margin = metric

    def pair(exposed, names, y, x, keep=None, adjusted=True):
        c, t = arms(names, exposed, "control", keep), arms(names, exposed, treatment, keep)
        before = (x[c], x[t]) if adjusted else (None, None)
        return compare(y[c], y[t], *before, METRICS[name]["good"], role, margin)

    main, p, harm = pair(*table)
    plain, _, _ = pair(*table, adjusted=False)
    # Before the planned end no p-value is shown. Exploratory tests have no side, so none is asserted there.
    if not complete:
        main["p_value"] = plain["p_value"] = None
    elif role != "exploratory":
        main["p_value"] = p
    row = {"name": name, "role": role, "treatment": treatment, "comparison": main, "unadjusted": plain}
    row["segments"], row["days"] = [], []
    for dimension in dimensions:
        for value in sorted({place[dimension] for place in places.values()}):
            part, _, _ = pair(*table, keep=lambda w: places[w][dimension] == value)
            row["segments"].append({"dimension": dimension, "value": value, "comparison": part})
    for day, day_table in daily:
        part, _, _ = pair(*day_table)
        part.pop("statistic", None), part.pop("degrees_of_freedom", None)
        row["days"].append({"day": day.isoformat(), "comparison": part})
    return row, p, harm


def analyse(log, name, as_of, stated):
    design = EXPERIMENTS[name]
    lines = timelines(log)
    exposed, left = exposures(log, name, as_of)
    left["silent_listeners"] = sum(not between(lines.get(w, []), FIRST, as_of) for w in exposed)
    complete = as_of >= local_midnight(design["end"] + dt.timedelta(days=1))
    ratio = sample_ratio(design, exposed)
    places = segments_of(log, exposed, lines)
    days = [(day, stop, exposures(log, name, stop)[0]) for day, stop in local_days(design, as_of)]
    metrics, immature, before, decided = [], {}, [], collections.defaultdict(list)
    for metric in design["metrics"]:
        definition, lookback = METRICS[metric[0]], design["lookback"]
        table = (exposed, *units(definition, exposed, lines, lookback, as_of))
        daily = [(day, (seen, *units(definition, seen, lines, lookback, stop))) for day, stop, seen in days]
        _, names, _, x = table
        immature[metric[0]] = len(exposed) - len(names)
        for treatment in list(design["variants"])[1:]:
            row, p, harm = metric_row(metric, treatment, table, daily, places, design["segments"], complete)
            metrics.append(row)
            c, t = arms(names, exposed, "control"), arms(names, exposed, treatment)
            before.append({"name": metric[0], "treatment": treatment, "p_value": pre_exposure(x[c], x[t])})
            decided[treatment].append({"name": metric[0], "role": metric[1], "p": p, "harm": harm})
    return {
        "experiment": name,
        "as_of_argument": stated,
        "as_of_microseconds": as_of,
        "complete": bool(complete),
        "decisions": [
            {"treatment": t, **decide(design, rows, complete, ratio["p_value"])} for t, rows in decided.items()
        ],
        "checks": {"sample_ratio": ratio, "left_out": left, "immature": immature, "pre_exposure": before},
        "metrics": metrics,
    }
