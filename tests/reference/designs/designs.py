# SPDX-License-Identifier: Apache-2.0
"""The expected numbers of each experiment of descant.yaml, in the shape of the program's JSON."""

import collections
import math

import numpy as np
from scipy import stats

import comparing
from comparing import compare, ones
from readout import METRICS, Table, alone, days, ratio_p
from streaming import AS_OF, DAY, HOUR, MARKETS, START, STOP

SHARES = {"control": 0.5, "treatment": 0.5}
LARGE = {"control": 0.4, "large": 0.3, "small": 0.3}


def relative(size):
    return "guardrail", ("relative", size)


def absolute(size):
    return "guardrail", ("absolute", size)


SUCCESS, SHOWN = ("success", None), ("exploratory", None)
SEVERAL = {
    "minutes": SUCCESS,
    "plays": SUCCESS,
    "skip_rate": relative(0.15),
    "active": absolute(0.01),
    "tracks": SHOWN,
}
STRATIFIED = {"minutes": SUCCESS, "skip_rate": SHOWN, "active": absolute(0.01)}
EXPERIMENTS = {
    "aggregates": {
        "metrics": {
            "mean_play": SUCCESS,
            "longest_play": SUCCESS,
            "shortest_play": relative(0.05),
            "tracks": SUCCESS,
            "winsorised": SUCCESS,
            "winsorised_skip": relative(0.02),
            "capped": SHOWN,
        },
        "segments": ["plan", "genre"],
    },
    "covariates": {
        "metrics": {
            "minutes": SUCCESS,
            "skip_rate": relative(0.02),
            "retention": absolute(0.01),
            "mean_play": SHOWN,
        },
        "covariates": ["tracks", "active", "skip_rate", "longest_play"],
        "segments": ["plan", "genre"],
    },
    "strata": {"metrics": STRATIFIED, "cuped": False, "strata": ["plan"], "segments": ["genre", "country"]},
    "strata_adjusted": {"metrics": STRATIFIED, "strata": ["plan", "country"], "segments": ["genre"]},
    "households": {
        "metrics": {
            "minutes": SUCCESS,
            "minutes_so_far": SUCCESS,
            "skip_rate": relative(0.02),
            "active": absolute(0.01),
        },
        "cluster": True,
        "segments": ["country", "plan"],
    },
    "bonferroni": {"metrics": SEVERAL, "variants": LARGE, "days": False},
    "holm": {"metrics": SEVERAL, "variants": LARGE, "days": False},
    "dunnett": {"metrics": SEVERAL, "variants": LARGE, "days": False},
    "nudge": {
        "metrics": {"minutes": SUCCESS, "skip_rate": absolute(0.02), "retention": absolute(0.01)},
        "segments": ["plan"],
        "days": False,
    },
    "nudge_relative": {
        "metrics": {"minutes": SUCCESS, "skip_rate": relative(0.02), "retention": absolute(0.01)},
        "segments": ["plan"],
        "days": False,
    },
    "rollout": {
        "metrics": {
            "minutes": SUCCESS,
            "plays": SUCCESS,
            "skip_rate": relative(0.05),
            "retention": absolute(0.02),
        },
        "variants": {"waiting": 0.55, "launched": 0.45},
        "segments": ["plan", "country"],
        "before_and_after": True,
    },
}


def households(log, exposed):
    """{unit: (variant, members)}, and how many listeners are in households of two variants."""
    groups = collections.defaultdict(list)
    for who, (variant, time) in exposed.items():
        household = log.value(who, "household", time)
        groups[household if household != "unknown" else f"alone {who}"].append((who, variant, time))
    kept = {name: rows for name, rows in groups.items() if len({v for _, v, _ in rows}) == 1}
    mixed = sum(len(rows) for name, rows in groups.items() if name not in kept)
    return {name: (rows[0][1], [(w, t) for w, _, t in rows]) for name, rows in kept.items()}, mixed


def changes(log, metric, subjects, as_of, since=0):
    """A table whose covariate is the same length of time before: with a slope of 1, differences in differences."""
    m = METRICS[metric]
    first = m.get("from", 0) * DAY
    length = m["to"] * DAY - first
    after = Table(log, metric, subjects, as_of, periods=(first, m["to"] * DAY))
    before = Table(log, metric, subjects, as_of, periods=(-length, 0))
    earlier = Table(log, metric, subjects, as_of, periods=(-2 * length, -length))
    now, then = (after, before) if since == 0 else (before, earlier)
    now.x = then.y[:, None, :]
    return now


def table_of(log, name, metric, subjects, as_of):
    design = EXPERIMENTS[name]
    if design.get("before_and_after"):
        return changes(log, metric, subjects, as_of)
    covariates = [metric] if design.get("cuped", True) else []
    covariates += [c for c in design.get("covariates", []) if c != metric]
    return Table(log, metric, subjects, as_of, covariates, design.get("cluster", False))


def plain(pieces):
    """Without covariates and strata."""
    y = np.concatenate([y for y, _ in pieces])
    return [(y, np.empty((len(y), 0, 2)))]


def pair(name, table, strata, metric, treatment, keep=None, unadjusted=False):
    design = EXPERIMENTS[name]
    control = next(iter(design.get("variants", SHARES)))
    arms = [table.pieces(v, strata, keep) for v in (control, treatment)]
    if unadjusted:
        arms = [plain(pieces) for pieces in arms]
    role, margin = design["metrics"][metric]
    theta = [1.0] if design.get("before_and_after") and not unadjusted else None
    return compare(*arms, METRICS[metric].get("good", 1), role, margin, theta)


def strata_of(log, name, table):
    dimensions = EXPERIMENTS[name].get("strata")
    return table.labels(log, dimensions) if dimensions else None


def in_segment(log, subjects, dimension, value):
    """The subjects' members in a segment: of a cluster perhaps only some."""
    inside = {n: (v, [m for m in members if log.value(m[0], dimension, m[1]) == value]) for n, (v, members) in subjects.items()}
    return {name: row for name, row in inside.items() if row[1]}


def segments(log, name, metric, treatment, table, subjects):
    """(dimension, value, comparison). Caps are those of all units, so that listeners are picked from the whole table."""
    for dimension in EXPERIMENTS[name].get("segments", []):
        for value in sorted({log.value(*member[:1], dimension, member[1]) for _, rows in subjects.values() for member in rows}):
            keep, part = None, table
            if EXPERIMENTS[name].get("cluster"):
                part = table_of(log, name, metric, in_segment(log, subjects, dimension, value), AS_OF)
            else:
                keep = table.labels(log, [dimension]) == value
            comparison = pair(name, part, strata_of(log, name, part), metric, treatment, keep=keep)[0]
            yield {"dimension": dimension, "value": value, "comparison": comparison}


def metric_row(log, name, metric, treatment, table, daily, subjects):
    strata = strata_of(log, name, table)
    main, p, harm, more = pair(name, table, strata, metric, treatment)
    row = {"name": metric, "treatment": treatment, "comparison": main, "p_value_one_sided": p}
    row["deterioration_p_value"] = harm
    row["unadjusted"] = pair(name, table, strata, metric, treatment, unadjusted=True)[0]
    row["segments"], row["days"] = list(segments(log, name, metric, treatment, table, subjects)), []
    for day, day_table, day_strata in daily:
        part = pair(name, day_table, day_strata, metric, treatment)[0]
        part.pop("statistic", None), part.pop("degrees_of_freedom", None)
        row["days"].append({"day": day, "comparison": part})
    return row, more


def subjects_of(log, name, as_of):
    exposed, several = log.exposures(name, as_of)
    if EXPERIMENTS[name].get("cluster"):
        groups, mixed = households(log, exposed)
        return groups, {"several_variants": several, "mixed_clusters": mixed}
    return alone(exposed), {"several_variants": several}


def randomised(log, name):
    """An experiment whose units are listeners or households."""
    design = EXPERIMENTS[name]
    variants = design.get("variants", SHARES)
    subjects, left_out = subjects_of(log, name, AS_OF)
    counts = {v: sum(variant == v for variant, _ in subjects.values()) for v in variants}
    result = {"experiment": name, "arms": counts, "left_out": left_out, "metrics": [], "checks": {}}
    if not design.get("before_and_after"):
        result["checks"]["sample_ratio"] = ratio_p(list(counts.values()), list(variants.values()))
        result["checks"] |= splits(log, name, subjects, variants)
    by_day = [(d, end, subjects_of(log, name, end)[0]) for d, end in days(AS_OF)] if design.get("days", True) else []
    for metric in design["metrics"]:
        table = table_of(log, name, metric, subjects, AS_OF)
        daily = []
        for day, end, seen in by_day:
            day_table = table_of(log, name, metric, seen, end)
            daily.append((day, day_table, strata_of(log, name, day_table)))
        rows = [metric_row(log, name, metric, t, table, daily, subjects) for t in list(variants)[1:]]
        for (row, _), treatment in zip(rows, list(variants)[1:]):
            row["mature_units"] = int(np.isin(table.arms, [next(iter(variants)), treatment]).sum())
            row["missing_units"] = sum(v in (next(iter(variants)), treatment) for v, _ in subjects.values())
            row["missing_units"] -= row["mature_units"]
        if len(rows) > 1:
            adjust(name, rows)
        result["metrics"] += [row for row, _ in rows]
        before_exposure(name, metric, table, log, subjects, result)
    if name in ("bonferroni", "holm", "dunnett"):
        result["decisions"] = [decide(name, treatment, result) for treatment in list(variants)[1:]]
    return result


def before_exposure(name, metric, table, log, subjects, result):
    """Whether arms were alike before; of differences in differences, whether their trends were."""
    design = EXPERIMENTS[name]
    variants = list(design.get("variants", SHARES))
    if design.get("before_and_after"):
        table = changes(log, metric, subjects, AS_OF, since=1)
        theta = [1.0]
    elif design.get("cuped", True):
        theta = None
        table.y = table.x[:, 0]
        if table.x.shape[1] > 1 and METRICS[metric].get("gaps"):  # a total over those who have one
            table.y = table.y * (table.x[:, 1, :1] == 0)
    else:
        return
    if not theta:
        table.x = np.empty((len(table.y), 0, 2))
    strata = strata_of(log, name, table)
    for treatment in variants[1:]:
        out, _, _, more = compare(*[table.pieces(v, strata) for v in (variants[0], treatment)], theta=theta)
        place = f"pre_exposure:{metric}" + (f"/{treatment}" if len(variants) > 2 else "")
        result["checks"][place] = {"p_value": comparing.two_sided(out, more)}


def splits(log, name, subjects, shares):
    """Sample ratios by segment and by the day of a unit's first exposure."""
    checks = {}
    for dimension in EXPERIMENTS[name].get("segments", []):
        checks[f"segment_sample_ratio:{dimension}"] = dealt(
            subjects, shares, lambda who, time, d=dimension: log.value(who, d, time)
        )
    first = {unit: (variant, [min(members, key=lambda m: m[1])]) for unit, (variant, members) in subjects.items()}
    checks["day_sample_ratio"] = dealt(first, shares, lambda _, time: (time - START) // DAY)
    return checks


def decide(name, treatment, result):
    """The risk-aware rule; quality tests are the sample ratio and, of each metric in a role, the test before exposure."""
    design = EXPERIMENTS[name]
    treatments = len(design.get("variants", SHARES)) - 1
    roles = {m: role for m, (role, _) in design["metrics"].items() if role != "exploratory"}
    successes = sum(role == "success" for role in roles.values())
    rows = {row["name"]: row for row in result["metrics"] if row["treatment"] == treatment and row["name"] in roles}
    alpha = 0.05 / treatments if name == "bonferroni" else 0.05
    passed, used = {}, {}
    for metric, role in roles.items():
        row = rows[metric]
        used[metric] = alpha / successes if role == "success" else alpha
        p = row["p_value_one_sided"] if name == "bonferroni" else row.get("p_value_adjusted", row["p_value_one_sided"])
        passed[metric] = p <= used[metric]
    harmed = min(row["deterioration_p_value"] for row in rows.values()) <= 0.01 / (2 * len(roles) + 1)
    wins = any(passed[m] for m, role in roles.items() if role == "success")
    safe = all(passed[m] for m, role in roles.items() if role == "guardrail")
    action = "ship" if wins and safe and not harmed else "stop"
    return {"treatment": treatment, "action": action, "alpha_used": used}


def dealt(subjects, shares, label):
    """The split within each label's units; the furthest from what was declared, Bonferroni's p-value."""
    counts = {}
    for variant, members in subjects.values():
        for value in {label(*member) for member in members}:
            counts.setdefault(value, dict.fromkeys(shares, 0))[variant] += 1
    tests = [ratio_p(list(row.values()), list(shares.values())) for row in counts.values()]
    worst = min(tests, key=lambda test: test["p_value"])
    return {"statistic": worst["statistic"], "p_value": min(1.0, len(tests) * worst["p_value"])}


def adjust(name, rows):
    """p_value_adjusted of the treatments of one metric."""
    p = [row["p_value_one_sided"] for row, _ in rows]
    if p[0] is None:
        return
    if name == "bonferroni":
        adjusted = [min(1.0, len(p) * q) for q in p]
    elif name == "holm":
        adjusted = comparing.holm(p)
    else:
        first, second = (more for _, more in rows)
        alike = comparing.correlation(*(row for row, _ in rows))
        adjusted = comparing.many_to_one([first["statistic"], second["statistic"]], [first["df"], second["df"]], alike)
    for (row, _), value in zip(rows, adjusted):
        row["p_value_adjusted"] = value
