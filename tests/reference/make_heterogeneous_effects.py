# SPDX-License-Identifier: Apache-2.0
"""Writes heterogeneous_effects.json: segment effects (Welch), Cochran's Q, Benjamini-Hochberg and normal shrinkage.

The contract describes the answer without field names, so `expected` only says which requests succeed, warn or fail; the
numbers are in `reference`, by segment column and label. Of the tree only what any honest tree must give is stated.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from cases import Cases, close

cases = Cases("heterogeneous_effects", ("numpy", "scipy", "statsmodels"))


def column_reference(y, d, labels):
    y, d = np.asarray(y, float), np.asarray(d)
    effects = []
    for label in sorted(set(labels)):
        own = np.array([v == label for v in labels])
        c, t = y[own & (d == 0)], y[own & (d == 1)]
        row = {"segment": label, "n_control": len(c), "n_treatment": len(t)}
        if min(len(c), len(t)) >= 2:
            v_c, v_t = c.var(ddof=1) / len(c), t.var(ddof=1) / len(t)
            test = stats.ttest_ind(t, c, equal_var=False)
            se = (v_c + v_t) ** 0.5
            close(test.statistic, (t.mean() - c.mean()) / se)
            interval = test.confidence_interval(0.95)
            row |= {"estimate": t.mean() - c.mean(), "standard_error": se, "degrees_of_freedom": test.df}
            row |= {"lower": interval.low, "upper": interval.high, "p_value": test.pvalue}
        effects.append(row)
    usable = [r for r in effects if "estimate" in r]
    out = {"segments": effects}
    if len(usable) > 1:
        e, s = (np.array([r[k] for r in usable]) for k in ("estimate", "standard_error"))
        w = 1 / s**2
        pooled = w @ e / w.sum()
        q, df = w @ (e - pooled) ** 2, len(e) - 1
        close(q, combine_effects(e, s**2).q, 1e-8)
        tau2 = max(0.0, (q - df) / (w.sum() - (w**2).sum() / w.sum()))
        center = (1 / (s**2 + tau2)) @ e / (1 / (s**2 + tau2)).sum()
        share = tau2 / (tau2 + s**2)
        out |= {"cochran_q": q, "degrees_of_freedom": df, "p_value": stats.chi2.sf(q, df), "pooled_estimate": pooled}
        out |= {"i_squared": max(0.0, 1 - df / q), "tau_squared_dersimonian_laird": tau2}
        for r, b, estimate in zip(usable, share, e):
            r["shrunk_dersimonian_laird"] = center + b * (estimate - center)
    return out


def add(name, request, source="Welch by segment; Cochran 1954; equals scipy and statsmodels", **extra):
    columns = {c: column_reference(request["outcome"], request["treated"], v) for c, v in request["segments"].items()}
    every = [r for c in columns.values() for r in c["segments"] if "p_value" in r]
    p = [r["p_value"] for r in every]
    for r, adjusted in zip(every, multipletests(p, method="fdr_bh")[1]):
        r["p_value_benjamini_hochberg_over_all_columns"] = adjusted
    for c in columns.values():
        own = [r for r in c["segments"] if "p_value" in r]
        for r, adjusted in zip(own, multipletests([r["p_value"] for r in own], method="fdr_bh")[1]):
            r["p_value_benjamini_hochberg_in_column"] = adjusted
    cases.add(name, request, {}, source, reference={**extra.pop("reference", {}), "columns": columns}, **extra)


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
    return {"outcome": y, "treated": d.tolist(), "segments": segments}


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
    """No noise but a fixed pattern that both arms share: an honest tree must find the effects to the last digit."""
    rng = np.random.default_rng(seed)
    device = ["mobile" if i % 2 else "desktop" for i in range(n)]
    d = [(i // 2) % 2 for i in range(n)]
    country = [str(v) for v in rng.choice(["DE", "SE"], n)]
    y = [10.0 + (effect(device[i]) if d[i] else 0.0) for i in range(n)]
    return {"outcome": y, "treated": d, "segments": {"country": country, "device": device}}


def add_tree(name, request, leaves):
    cases.add(
        name,
        request,
        {},
        "an honest tree on data without noise",
        reference={"tree_leaf_effects": leaves, "tree_splits_only_on": ["device"] if len(leaves) > 1 else []},
    )


add_tree("tree_two_leaves", exact(lambda v: 4.0 if v == "mobile" else 0.0), [0.0, 4.0])
add_tree("tree_opposite_leaves", exact(lambda v: 4.0 if v == "mobile" else -4.0), [-4.0, 4.0])
add_tree("tree_one_leaf", exact(lambda v: 3.0), [3.0])

ORDINARY = people(120, 20, lambda r: 1.0, columns=("device",))
n = len(ORDINARY["outcome"])
lone = {**ORDINARY, "segments": {"device": ["tv"] + ORDINARY["segments"]["device"][1:]}}
add("a_segment_of_one_row", lone, warnings_not_empty=True)
one_arm = {
    **ORDINARY,
    "segments": {"device": ["treated_only" if t and i < 40 else "rest" for i, t in enumerate(ORDINARY["treated"])]},
}
add("a_segment_without_control", one_arm, warnings_not_empty=True)
for name, change in {
    "one_segment": {"segments": {"device": ["mobile"] * n}},
    "no_rows": {"outcome": [], "treated": [], "segments": {"device": []}},
    "nobody_treated": {"treated": [0] * n},
    "constant_outcome": {"outcome": [2.0] * n},
}.items():
    cases.insufficient(name, {**ORDINARY, **change}, {})
for name, change in {
    "lengths_differ": {"treated": ORDINARY["treated"][1:]},
    "segment_length_differs": {"segments": {"device": ["mobile"]}},
    "null_outcome": {"outcome": [None] + ORDINARY["outcome"][1:]},
    "text_outcome": {"outcome": ["NaN"] + ORDINARY["outcome"][1:]},
    "treated_two": {"treated": [2] + ORDINARY["treated"][1:]},
    "unknown_field": {"segmentz": {}},
}.items():
    cases.error(f"error_{name}", {**ORDINARY, **change})
cases.write()
