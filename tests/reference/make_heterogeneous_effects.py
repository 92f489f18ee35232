# SPDX-License-Identifier: Apache-2.0
"""Writes heterogeneous_effects.json: segment effects (Welch), Cochran's Q, Benjamini-Hochberg and normal shrinkage.

Dimensions and their values come in alphabetical order. Of the tree only what any honest tree must give is stated.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from cases import Cases, close

cases = Cases("heterogeneous_effects", ("numpy", "scipy", "statsmodels"))


def column_reference(dimension, y, d, labels):
    """Welch by segment in the order of the values, and what the dimension says of them."""
    y, d = np.asarray(y, float), np.asarray(d)
    segments, usable = [], []
    for label in sorted(set(labels)):
        own = np.array([v == label for v in labels])
        c, t = y[own & (d == 0)], y[own & (d == 1)]
        row = {"dimension": dimension, "value": label, "control": {"n": len(c)}, "treatment": {"n": len(t)}}
        segments.append(row)
        if min(len(c), len(t)) < 2:
            row |= {"p_value": None, "adjusted_p_value": None, "shrunk": {"estimate": None}}
            continue
        se = (c.var(ddof=1) / len(c) + t.var(ddof=1) / len(t)) ** 0.5
        test = stats.ttest_ind(t, c, equal_var=False)
        close(test.statistic, (t.mean() - c.mean()) / se)
        interval = test.confidence_interval(0.95)
        absolute = {"estimate": t.mean() - c.mean(), "standard_error": se, "lower": interval.low, "upper": interval.high}
        row |= {"absolute": absolute, "degrees_of_freedom": test.df, "p_value": test.pvalue}
        usable.append(row)
    finding = {"dimension": dimension, "segments": len(usable), "q": None, "p_value": None, "adjusted_p_value": None}
    if len(usable) > 1:
        e, s = (np.array([r["absolute"][k] for r in usable]) for k in ("estimate", "standard_error"))
        w = 1 / s**2
        pooled = w @ e / w.sum()
        q, df = w @ (e - pooled) ** 2, len(e) - 1
        close(q, combine_effects(e, s**2).q, 1e-8)
        tau2 = max(0.0, (q - df) / (w.sum() - (w**2).sum() / w.sum()))
        w = 1 / (s**2 + tau2)
        center = w @ e / w.sum()
        finding |= {"q": q, "degrees_of_freedom": df, "p_value": stats.chi2.sf(q, df)}
        finding |= {"i_squared": max(0.0, 1 - df / q), "tau_squared": tau2, "mean_effect": center}
        for r, estimate, error in zip(usable, e, s):
            b = error**2 / (error**2 + tau2)  # Morris 1983: the share pulled to the mean, whose error comes with it
            spread = (b * tau2 + b * b / w.sum()) ** 0.5
            mean, half = center + (1 - b) * (estimate - center), stats.norm.ppf(0.975) * spread
            r["shrunk"] = {"estimate": mean, "standard_error": spread, "lower": mean - half, "upper": mean + half}
    return segments, finding


def adjust(rows):
    own = [r for r in rows if r["p_value"] is not None]
    rejected, adjusted, *_ = multipletests([r["p_value"] for r in own], 0.05, "fdr_bh")
    for r, p, yes in zip(own, adjusted, rejected):
        r |= {"adjusted_p_value": p, "rejected": bool(yes)}


def add(name, request, **extra):
    segments, dimensions = [], []
    for column, labels in sorted(request["segments"].items()):
        rows, finding = column_reference(column, request["outcome"], request["arm"], labels)
        segments += rows
        dimensions.append(finding)
    for rows in (segments, [f for f in dimensions]):
        if any(r["p_value"] is not None for r in rows):
            adjust(rows)
    source = "Welch by segment; Cochran 1954, DerSimonian and Laird 1986, Morris 1983; equals scipy and statsmodels"
    cases.add(name, request, {"segments": segments, "dimensions": dimensions}, source, **extra)


def people(n, seed, effect, columns=("country", "device"), noise=3.0, share=0.5):
    rng = np.random.default_rng(seed)
    choices = {
        "country": ["BR", "DE", "SE", "US"],
        "device": ["desktop", "mobile"],
        "plan": ["free", "premium", "trial"],
    }
    segments = {c: [str(v) for v in rng.choice(choices[c], n)] for c in columns}
    d = (rng.random(n) < share).astype(int)
    rows = [{c: v[i] for c, v in segments.items()} for i in range(n)]
    y = [round(float(20 + (effect(r) if t else 0) + noise * rng.normal()), 3) for r, t in zip(rows, d)]
    return {"outcome": y, "arm": d.tolist(), "segments": segments}


add("same_effect_everywhere", people(240, 1, lambda r: 1.0))
add("effect_in_one_country", people(240, 2, lambda r: 5.0 if r["country"] == "SE" else 0.0))
add("opposite_effects", people(240, 3, lambda r: 3.0 if r["device"] == "mobile" else -3.0))
add("no_effect", people(240, 4, lambda r: 0.0))
add("one_column", people(120, 5, lambda r: 1.0, columns=("device",)))
add(
    "three_columns",
    people(300, 6, lambda r: 2.0 if r["plan"] == "trial" else 0.5, columns=("country", "device", "plan")),
)
add("unequal_arms", people(300, 7, lambda r: 1.5, share=0.15))
add("wide_noise", people(200, 8, lambda r: 1.0, noise=30.0))
numbered = people(120, 9, lambda r: 1.0, columns=("device",))
add("labels_of_digits", {**numbered, "segments": {"age_band": [str(18 + 10 * (i % 3)) for i in range(120)]}})


def exact(effect, n=400, seed=12):
    """Hardly any noise: an honest tree must find the effects. Without any, no effect has an error to be tested by."""
    rng = np.random.default_rng(seed)
    device = ["mobile" if i % 2 else "desktop" for i in range(n)]
    d = [(i // 2) % 2 for i in range(n)]
    country = [str(v) for v in rng.choice(["DE", "SE"], n)]
    y = [10.0 + (effect(device[i]) if d[i] else 0.0) + 0.001 * float(rng.integers(-2, 3)) for i in range(n)]
    return {"outcome": y, "arm": d, "segments": {"country": country, "device": device}, "tree": {"minimum_leaf": 20}}


def add_tree(name, request, leaves):
    """The root, and a cut by device alone where the effects differ (values in their order)."""
    cut = [[{"dimension": "device", "values": [v]}] for v in ("desktop", "mobile")]
    nodes = [{"parent": None, "leaf": len(leaves) == 1, "conditions": []}]
    if len(leaves) == 1:
        nodes[0]["absolute"] = {"estimate": leaves[0]}
    else:
        nodes += [
            {"parent": 0, "leaf": True, "conditions": c, "absolute": {"estimate": e}} for c, e in zip(cut, leaves)
        ]
    cases.add(
        name,
        request,
        {"tree": {"nodes": nodes}},
        "an honest tree on data with hardly any noise",
        relative_tolerance=0,
        absolute_tolerance=0.002,
    )


add_tree("tree_two_leaves", exact(lambda v: 4.0 if v == "mobile" else 0.0), [0.0, 4.0])
add_tree("tree_opposite_leaves", exact(lambda v: 4.0 if v == "mobile" else -4.0), [-4.0, 4.0])
add_tree("tree_one_leaf", exact(lambda v: 3.0), [3.0])

ORDINARY = people(120, 20, lambda r: 1.0, columns=("device",))
n = len(ORDINARY["outcome"])
lone = {**ORDINARY, "segments": {"device": ["tv"] + ORDINARY["segments"]["device"][1:]}}
add("a_segment_of_one_row", lone)
one_arm = {
    **ORDINARY,
    "segments": {"device": ["treated_only" if t and i < 40 else "rest" for i, t in enumerate(ORDINARY["arm"])]},
}
add("a_segment_without_control", one_arm, warnings_not_empty=True)
for name, change in {
    "one_segment": {"segments": {"device": ["mobile"] * n}},
    "no_rows": {"outcome": [], "arm": [], "segments": {"device": []}},
    "nobody_treated": {"arm": [0] * n},
    "constant_outcome": {"outcome": [2.0] * n},
}.items():
    cases.insufficient(name, {**ORDINARY, **change}, {})
for name, change in {
    "lengths_differ": {"arm": ORDINARY["arm"][1:]},
    "segment_length_differs": {"segments": {"device": ["mobile"]}},
    "null_outcome": {"outcome": [None] + ORDINARY["outcome"][1:]},
    "text_outcome": {"outcome": ["NaN"] + ORDINARY["outcome"][1:]},
    "a_third_arm": {"arm": [2] + ORDINARY["arm"][1:]},
    "unknown_field": {"segmentz": {}},
}.items():
    cases.error(f"error_{name}", {**ORDINARY, **change})
cases.write()
