# SPDX-License-Identifier: Apache-2.0
"""The designs that compare something else than arms of listeners, and what encouragement and interaction add."""

import math

import numpy as np
from scipy import stats

import comparing
import designs
from comparing import compare
from readout import METRICS, Table, alone, days
from streaming import AS_OF, DAY, HOUR, MARKETS, START, STOP

BUCKET, CARRYOVER = 6 * HOUR, 2 * HOUR
PICKS_WINDOW = 5 * DAY


# Switchback
def stretches(schedule, market):
    """[(from, to, variant)] of one market; a row that repeats the variant is no switch."""
    rows = sorted((time, variant) for m, _, variant, time in schedule if m == market)
    changes = [rows[0]]
    for time, variant in rows[1:]:
        if variant != changes[-1][1]:
            changes.append((time, variant))
    ends = [time for time, _ in changes[1:]] + [math.inf]
    return [(start, end, variant) for (start, variant), end in zip(changes, ends)]


def buckets(log, as_of):
    """(stretch, variant, minutes, skips, plays) of each bucket that is kept, and how many were not, by reason."""
    kept, left_out = [], {"switched": 0, "carryover": 0}
    for market in MARKETS:
        plays = [row for row in log.plays if row[2] == market]
        held = stretches(log.schedule, market)
        for start in range(START, min(STOP, as_of - BUCKET + 1), BUCKET):
            end = start + BUCKET
            inside = [h for h in held if h[0] < end and h[1] > start]
            if len(inside) > 1:
                left_out["switched"] += 1
                continue
            since, _, variant = inside[0]
            if since != held[0][0] and start < since + CARRYOVER:
                left_out["carryover"] += 1
                continue
            rows = [r for r in plays if start <= r[3] < end]
            total = math.fsum(r[4] / 60000.0 for r in rows if r[4] is not None)
            kept.append(((market, since), variant, total, float(sum(r[5] for r in rows)), float(len(rows))))
    return kept, left_out


def arm_of(kept, variant, ratio):
    """Sums by stretch: total and buckets, or numerator and denominator."""
    sums = {}
    for stretch, v, minutes, skips, plays in kept:
        if v == variant:
            a, b = sums.get(stretch, (0.0, 0.0))
            sums[stretch] = (a + skips, b + plays) if ratio else (a + minutes, b + 1.0)
    y = np.array(list(sums.values())).reshape(len(sums), 2)
    return [(y, np.empty((len(y), 0, 2)))]


def switchback(log):
    kept, left_out = buckets(log.log, AS_OF)
    result = {"experiment": "turns", "left_out": left_out, "metrics": []}
    tests = {"market_minutes": (False, 1, "success", None), "market_skips": (True, -1, "guardrail", ("relative", 0.05))}
    by_day = [(day, buckets(log.log, end)[0]) for day, end in days(AS_OF)]
    for metric, (ratio, good, role, margin) in tests.items():
        arms = [arm_of(kept, v, ratio) for v in ("control", "treatment")]
        out, p, harm, _ = compare(*arms, good, role, margin)
        row = {"name": metric, "treatment": "treatment", "comparison": out, "unadjusted": out}
        row |= {"p_value_one_sided": p, "deterioration_p_value": harm, "segments": [], "days": []}
        for day, there in by_day:
            part = compare(*[arm_of(there, v, ratio) for v in ("control", "treatment")])[0]
            row["days"].append({"day": day, "comparison": part})
        result["metrics"].append(row)
    return result


# Interleaving
def picks(log, as_of):
    """(picks of the old, of the new) of each unit whose window is complete, and those without any."""
    exposed, _ = log.exposures("blend", as_of)
    rows = {}
    for _, who, time, ranker in log.log.picks:
        rows.setdefault(who, []).append((time, ranker))
    result, empty = [], 0
    for who, (_, time) in exposed.items():
        if time + PICKS_WINDOW > as_of:
            continue
        inside = [ranker for at, ranker in rows.get(who, []) if time <= at < time + PICKS_WINDOW]
        old, new = inside.count("old"), inside.count("new")
        if old + new:
            result.append((old, new))
        else:
            empty += 1
    return result, empty


def credit(wins):
    share = np.array([new / (old + new) for old, new in wins])
    n, error = len(wins), share.std(ddof=1) / math.sqrt(len(wins))
    arms = {"control": (1 - share, error), "treatment": (share, error)}
    out = {arm: {"n": n, "estimate": float(x.mean()), "standard_error": float(e)} for arm, (x, e) in arms.items()}
    statistic = (2 * share.mean() - 1) / (2 * error)
    out["absolute"] = {"estimate": float(2 * share.mean() - 1), "standard_error": float(2 * error)}
    out["relative"] = {"estimate": float(share.mean() / (1 - share.mean()) - 1)}
    return out, float(statistic)


def sign_test(wins):
    fewer, more = sum(old > new for old, new in wins), sum(new > old for old, new in wins)
    test = stats.binomtest(more, fewer + more)
    interval = test.proportion_ci(0.95, "exact")
    return {
        "prefer_control": fewer,
        "prefer_treatment": more,
        "undecided": len(wins) - fewer - more,
        "share": more / (fewer + more),
        "lower": float(interval.low),
        "upper": float(interval.high),
        "p_value": float(test.pvalue),
    }


def interleaving(log):
    as_of = max(time for _, _, time, _ in log.log.picks)  # the picks' own watermark
    wins, empty = picks(log, as_of)
    out, statistic = credit(wins)
    degrees = len(wins) - 1
    out |= {"statistic": statistic, "degrees_of_freedom": float(degrees)}
    out["p_value"] = float(2 * stats.t.sf(abs(statistic), degrees))
    row = {"name": "preference", "treatment": "new", "comparison": out, "segments": [], "days": []}
    row["p_value_one_sided"] = float(stats.t.sf(statistic, degrees))
    all_picks = sum(new for _, new in wins) / sum(old + new for old, new in wins)
    row["picks"] = {"sign_test": sign_test(wins), "units_without_picks": empty, "preference": {"estimate": all_picks - 0.5}}
    row["missing_units"] = empty
    for day, end in days(as_of):
        there, _ = picks(log, end)
        part = credit(there)[0] if len(there) >= comparing.FEWEST else {"control": {"n": len(there)}}
        row["days"].append({"day": day, "comparison": part})
    return {"experiment": "blend", "left_out": {}, "metrics": [row]}


# Encouragement
def take_up(table, log):
    """What the units of a table did, as an outcome beside the metric's."""
    m = METRICS["tried_feature"]
    rows = [log.between(who, time, time + m["to"] * DAY) for ((who, time),) in (members for _, members in table.names)]
    return np.array([m["parts"][0](r) for r in rows])


def complier_effect(log, table):
    """Wald's ratio of two differences, the outcome's adjusted as in the comparison."""
    d = take_up(table, log)
    arms = [(table.pieces(v)[0], d[table.arms == v]) for v in ("control", "treatment")]
    _, _, _, more = compare(*[[piece] for piece, _ in arms])
    outcome = sum(arm.ratios @ more["own"] * sign for arm, sign in zip(more["arms"], (-1, 1)))
    moved = arms[1][1].mean() - arms[0][1].mean()
    parts, v_dd, v_yd = [], 0.0, 0.0
    effect = outcome / moved
    for (y, x), taken in arms:
        n = len(taken)
        columns = np.concatenate([y[:, None, :], x], axis=1)
        means = columns.mean(axis=0)
        rows = ((columns[:, :, 0] - means[:, 0] / means[:, 1] * columns[:, :, 1]) / means[:, 1]) @ more["own"]
        s = np.cov(rows, taken) / n
        parts.append((s[0, 0] - 2 * effect * s[0, 1] + effect**2 * s[1, 1], n - 1))
        v_dd, v_yd = v_dd + s[1, 1], v_yd + s[0, 1]
    error = math.sqrt(sum(v for v, _ in parts)) / abs(moved)
    degrees = comparing.welch(parts)
    v_yy = more["variance"]
    critical = stats.t.ppf(0.975, degrees) ** 2
    # |outcome - β moved|² ≤ critical (v_yy - 2 β v_yd + β² v_dd)
    a, b, c = moved**2 - critical * v_dd, -2 * (outcome * moved - critical * v_yd), outcome**2 - critical * v_yy
    root = math.sqrt(b * b - 4 * a * c)
    assert a > 0, "the first stage is strong"
    return {
        "take_up_control": float(arms[0][1].mean()),
        "take_up_treatment": float(arms[1][1].mean()),
        "first_stage_f": float(moved**2 / v_dd),
        "comparison": {
            "absolute": {"estimate": float(effect), "standard_error": error},
            "degrees_of_freedom": float(degrees),
        },
        "anderson_rubin": [{"lower": (-b - root) / (2 * a), "upper": (-b + root) / (2 * a)}],
    }


# Interaction
def interaction(log, name, other, metrics):
    one, _ = log.exposures(name, AS_OF)
    two, _ = log.exposures(other, AS_OF)
    both = {who: row for who, row in one.items() if who in two}
    variants = ("control", "treatment")
    counts = [[sum(both[w][0] == a and two[w][0] == b for w in both) for b in variants] for a in variants]
    result = {"experiment": name, "other": other, "units": len(both)}
    result["cells"] = [
        {"variant": a, "other_variant": b, "units": counts[i][j]}
        for i, a in enumerate(variants)
        for j, b in enumerate(variants)
    ]
    table = np.array(counts, dtype=float)
    fitted = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    result["independence_p_value"] = float(stats.chi2.sf(((table - fitted) ** 2 / fitted).sum(), 1))
    result["metrics"] = []
    for metric in metrics:
        t = Table(log, metric, alone(both), AS_OF)
        others = np.array([two[who][0] for who, _ in t.names])
        cells, parts = {}, []
        for a in variants:
            for b in variants:
                y = t.y[(t.arms == a) & (others == b)]
                ratio = y[:, 0].mean() / y[:, 1].mean()
                error = ((y[:, 0] - ratio * y[:, 1]) / y[:, 1].mean()).std(ddof=1) / math.sqrt(len(y))
                cells[f"{a}_{b}"] = {"n": len(y), "estimate": float(ratio), "standard_error": float(error)}
                parts.append((error**2, len(y) - 1))
        cc, ct, tc, tt = (cell["estimate"] for cell in cells.values())
        error, degrees = math.sqrt(sum(v for v, _ in parts)), comparing.welch(parts)
        effect = (tt - tc) - (ct - cc)
        comparison = {"absolute": {"estimate": effect, "standard_error": error}, "statistic": effect / error}
        comparison |= {"control": {"estimate": ct - cc}, "treatment": {"estimate": tt - tc}, "degrees_of_freedom": degrees}
        comparison["p_value"] = float(2 * stats.t.sf(abs(effect / error), degrees))
        comparison["relative"] = {"estimate": tt / tc - ct / cc}
        result["metrics"].append({"name": metric, "comparison": comparison, "cells": cells})
    adjusted = comparing.benjamini_hochberg([row["comparison"]["p_value"] for row in result["metrics"]])
    for row, p in zip(result["metrics"], adjusted):
        row["adjusted_p_value"] = p
    return result


def add_complier_effects(log, result):
    subjects, _ = designs.subjects_of(log, result["experiment"], AS_OF)
    for row in result["metrics"]:
        table = designs.table_of(log, result["experiment"], row["name"], subjects, AS_OF)
        row["complier_effect"] = complier_effect(log, table)
