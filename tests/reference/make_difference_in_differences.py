# SPDX-License-Identifier: Apache-2.0
"""Writes difference_in_differences.json: 2x2 by formula and clusters CR1 (equals statsmodels), staggered group-time
effects by Callaway and Sant'Anna 2021 without covariates (differences of means, never- or not-yet-treated controls).

Panels whose aggregates all agree assert the overall effect, whichever of them it is.
"""

import warnings

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from cases import Cases, close

warnings.simplefilter("ignore")
cases = Cases("difference_in_differences", ("numpy", "scipy", "statsmodels", "pandas"))


def rows(frame):
    return {
        "unit": frame["unit"].tolist(),
        "time": [int(t) for t in frame["time"]],
        "treated_from": [None if pd.isna(g) else int(g) for g in frame["treated_from"]],
        "outcome": [float(y) for y in frame["outcome"]],
    }


def two_by_two(frame, level):
    """Saturated regression on treated, post and their product; errors clustered by unit with CR1, t with G - 1."""
    start = frame["treated_from"].min()
    f = frame.assign(treated=frame["treated_from"].notna().astype(float), post=(frame["time"] >= start).astype(float))
    x = np.column_stack([np.ones(len(f)), f["treated"], f["post"], f["treated"] * f["post"]])
    y, n = f["outcome"].to_numpy(), len(f)
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    e = y - x @ b
    units = f["unit"].to_numpy()
    scores = np.array([x[units == u].T @ e[units == u] for u in dict.fromkeys(units)])
    g = len(scores)
    v = bread @ (scores.T @ scores) @ bread * g / (g - 1) * (n - 1) / (n - 4)
    se = v[3, 3] ** 0.5
    fit = smf.ols("outcome ~ treated * post", f).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(units)[0]})
    close(b[3], fit.params["treated:post"]), close(se, fit.bse["treated:post"], 1e-8)
    means = f.groupby(["treated", "post"])["outcome"].mean()
    close(b[3], means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0])
    q = stats.t.ppf(1 - (1 - level) / 2, g - 1)
    return {
        "absolute": {"estimate": b[3], "standard_error": se, "lower": b[3] - q * se, "upper": b[3] + q * se},
        "statistic": b[3] / se,
        "degrees_of_freedom": g - 1,
        "p_value": 2 * stats.t.sf(abs(b[3] / se), g - 1),
    }


def panel(treated, never, seed, effect=1.5, spread=1.0, times=(1, 2), start=2):
    rng = np.random.default_rng(seed)
    out = []
    for i in range(treated + never):
        level = rng.normal(10, 2)
        for t in times:
            g = start if i < treated else None
            y = level + 0.4 * t + (effect if g and t >= g else 0) + rng.normal(0, spread)
            out.append((f"u{i}", t, g, round(float(y), 3)))
    return pd.DataFrame(out, columns=["unit", "time", "treated_from", "outcome"])


def add_2x2(name, frame, level=None):
    request = rows(frame) | ({"confidence_level": level} if level else {})
    cases.add(
        name,
        request,
        two_by_two(frame, level or 0.95),
        "saturated OLS, CR1 by unit with t(G - 1); equals statsmodels cov_type='cluster'",
    )


ORDINARY = panel(12, 15, 1)
add_2x2("two_by_two", ORDINARY)
add_2x2("two_by_two_level_0.9", ORDINARY, 0.9)
add_2x2("two_by_two_unequal_groups", panel(5, 40, 2))
add_2x2("two_by_two_negative_effect", panel(20, 20, 3, -3.0))
add_2x2("two_by_two_no_effect", panel(30, 25, 4, 0.0, 2.0))
add_2x2("two_by_two_small", panel(3, 3, 5))
add_2x2("two_by_two_rows_shuffled", ORDINARY.sample(frac=1, random_state=3))
add_2x2("two_by_two_late_calendar", panel(10, 9, 6, times=(2019, 2020), start=2020))
years = ORDINARY.assign(unit=[int(u[1:]) + 1000 for u in ORDINARY["unit"]])
add_2x2("two_by_two_number_units", years)


def group_time(frame, control_group):
    """ATT(g, t) against the base period g - 1, before treatment against t - 1 (did's base_period='varying'), as
    did::att_gt(est_method='reg') with no covariates (balanced panel)."""
    wide = frame.pivot(index="unit", columns="time", values="outcome")
    first = frame.groupby("unit")["treated_from"].first()
    out = []
    for g in sorted(first.dropna().unique()):
        if g - 1 not in wide.columns:
            continue
        own = first == g
        for t in wide.columns:
            base = g - 1 if t >= g else t - 1
            later = (first > t) & ~own
            other = first.isna() if control_group == "never_treated" else (first.isna() | later)
            if other.sum() < 2 or base not in wide.columns:
                continue
            delta = wide[t] - wide[base]
            v = delta[own].var(ddof=0) / own.sum() + delta[other].var(ddof=0) / other.sum()
            out.append(
                {
                    "group": int(g),
                    "time": int(t),
                    "estimate": delta[own].mean() - delta[other].mean(),
                    "standard_error": float(v**0.5),
                    "n_treated": int(own.sum()),
                    "n_control": int(other.sum()),
                }
            )
    return out


def aggregates(effects):
    """Their section 3: cells weighted by the units of their group; only cells after treatment are an effect."""
    w = lambda cells: sum(r["estimate"] * r["n_treated"] for r in cells) / sum(r["n_treated"] for r in cells)
    at = lambda key, cells: [
        {"at": v, "estimate": w([r for r in cells if key(r) == v])} for v in sorted({key(r) for r in cells})
    ]
    after = [r for r in effects if r["time"] >= r["group"]]
    by_event = at(lambda r: r["time"] - r["group"], effects)
    by_group = []
    for g in sorted({r["group"] for r in after}):
        part = [r for r in after if r["group"] == g]
        by_group.append({"at": g, "estimate": np.mean([r["estimate"] for r in part]), "n_treated": part[0]["n_treated"]})
    overall = w(by_group)
    for row in by_group:
        del row["n_treated"]
    mean = lambda rows_: {"estimate": float(np.mean([r["estimate"] for r in rows_]))}
    by_time = at(lambda r: r["time"], after)
    return {
        "simple": {"estimate": w(after)},
        "group": {"overall": {"estimate": overall}, "effects": by_group},
        "event_time": {"overall": mean([e for e in by_event if e["at"] >= 0]), "effects": by_event},
        "calendar": {"overall": mean(by_time), "effects": by_time},
    }


def staggered(seed, groups, times, effect, noise=1.0, never=12):
    rng = np.random.default_rng(seed)
    out, i = [], 0
    for g, size in [*groups.items(), (None, never)]:
        for _ in range(size):
            level = rng.normal(5, 1.5) if noise else 5 + i % 7
            for t in times:
                y = level + 0.3 * t + (effect(t - g, g) if g and t >= g else 0) + noise * rng.normal()
                out.append((f"s{i}", t, g, round(float(y), 3)))
            i += 1
    return pd.DataFrame(out, columns=["unit", "time", "treated_from", "outcome"])


def add_staggered(name, frame, control_group=None, expected=None, source=None):
    request = rows(frame) | ({"control_group": control_group} if control_group else {})
    effects = group_time(frame, control_group or "never_treated")
    answer = {"effects": effects, "aggregates": aggregates(effects)}
    if frame["treated_from"].nunique() == 1:  # one start is the two-by-two comparison of before and after
        answer = two_by_two(frame, 0.95)
    cases.add(
        name,
        request,
        {**answer, **(expected or {})},
        source or "Callaway and Sant'Anna 2021, equations 2.6-2.8, section 3",
    )
    return answer


GROUPS = {3: 8, 4: 10, 6: 6}
growing = lambda e, g: 1.0 + 0.5 * e + 0.2 * (g == 4)
NOISY = staggered(11, GROUPS, range(1, 8), growing)
add_staggered("staggered_noisy", NOISY)
add_staggered("staggered_never_treated", NOISY, "never_treated")
add_staggered("staggered_not_yet_treated", NOISY, "not_yet_treated")
add_staggered("staggered_no_never_treated", staggered(12, GROUPS, range(1, 8), growing, never=0), "not_yet_treated")
add_staggered("staggered_gap_in_groups", staggered(13, {2: 9, 5: 9}, range(1, 6), growing))
# Without noise and with one effect everywhere, every control group and every aggregate is that effect.
exact = staggered(14, GROUPS, range(1, 8), lambda e, g: 2.0, noise=0.0)
ref = add_staggered(
    "staggered_one_exact_effect",
    exact,
    expected={"absolute": {"estimate": 2.0}},
    source="every aggregate of a constant effect without noise is that effect",
)
for kind in ("group", "event_time", "calendar"):
    close(ref["aggregates"][kind]["overall"]["estimate"], 2.0)
one_group = staggered(15, {3: 14}, range(1, 6), growing)
add_staggered("one_group_several_periods", one_group)

simple = [(f"a{i}", t, 2 if i < 4 else None) for i in range(8) for t in (1, 2)]
as_frame = lambda f: pd.DataFrame(
    [(u, t, g, f(int(u[1:]), t, g)) for u, t, g in simple], columns=["unit", "time", "treated_from", "outcome"]
)
flat = as_frame(lambda i, t, g: float(i + t + (2 if g and t >= g else 0)))
cases.insufficient(
    "no_noise_at_all", rows(flat), {"absolute": {"estimate": 2.0}}, "an exact effect without noise: no statistic"
)
cases.cases[-1].pop("warnings_not_empty")
NULLS = {"absolute": {"estimate": None, "standard_error": None, "lower": None, "upper": None}, "p_value": None}
cases.insufficient("no_rows", {"unit": [], "time": [], "treated_from": [], "outcome": []}, NULLS)
cases.insufficient("nobody_treated", rows(ORDINARY.assign(treated_from=None)), NULLS)
cases.insufficient("everybody_treated_at_once", rows(ORDINARY.assign(treated_from=2)), NULLS)
cases.insufficient("one_period", rows(ORDINARY[ORDINARY["time"] == 2]), NULLS)
one_each = ORDINARY[ORDINARY["unit"].isin(["u0", "u26"])]
cases.insufficient("one_unit_a_group", rows(one_each), {"absolute": {"standard_error": None}, "p_value": None})
GOOD = rows(ORDINARY)
for name, change in {
    "lengths_differ": {"outcome": GOOD["outcome"][:-1]},
    "null_outcome": {"outcome": [None] + GOOD["outcome"][1:]},
    "text_outcome": {"outcome": ["nan"] + GOOD["outcome"][1:]},
    "null_time": {"time": [None] + GOOD["time"][1:]},
    "a_unit_changes_group": {"treated_from": [5] + GOOD["treated_from"][1:]},
    "level_zero": {"confidence_level": 0},
    "unknown_field": {"treated": [1]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
