# SPDX-License-Identifier: Apache-2.0
"""Writes switchback.json: difference of bucket means after carry-over buckets are left out, exact.

A bucket counts once, whatever its rows. The first `carryover_buckets` buckets after each change of arm are left out. Only
estimates are in `expected`; `reference` has the Welch comparison of buckets, since the contract leaves the errors open.
"""

import numpy as np
from scipy import stats

from cases import Cases, close

cases = Cases("switchback", ("numpy", "scipy"))


def kept_means(request):
    """Means of the buckets kept, by arm. The first run has no change before it, so it is kept whole."""
    arm_of, rows = {}, {}
    for b, a, y in zip(request["time_bucket"], request["arm"], request["outcome"]):
        assert arm_of.setdefault(b, a) == a
        rows.setdefault(b, []).append(y)
    out, previous, since = {"control": [], "treatment": []}, None, 10**9
    for b in sorted(arm_of):
        since = since + 1 if previous in (None, arm_of[b]) else 0
        previous = arm_of[b]
        if since >= request.get("carryover_buckets", 0):
            out[arm_of[b]].append(float(np.mean(rows[b])))
    return out


def add(name, request, source="difference of bucket means", **extra):
    means = kept_means(request)
    c, t = np.mean(means["control"]), np.mean(means["treatment"])
    welch = stats.ttest_ind(means["treatment"], means["control"], equal_var=False)
    se = (
        np.var(means["control"], ddof=1) / len(means["control"])
        + np.var(means["treatment"], ddof=1) / len(means["treatment"])
    ) ** 0.5
    if len(set(means["control"])) > 1:
        close(welch.statistic, (t - c) / se)
    cases.add(
        name,
        request,
        {
            "control": {"n": len(means["control"]), "estimate": c},
            "treatment": {"n": len(means["treatment"]), "estimate": t},
            "absolute": {"estimate": t - c, "standard_error": se},
            "degrees_of_freedom": welch.df,
            "p_value": welch.pvalue,
        },
        source,
        **extra,
    )


def design(runs, seed, rows=(3, 3), effect=2.0, first=0, carryover=0, even_first=True):
    """runs: (arm, buckets). The first bucket is set to its arm's mean over the rest, so that leaving it out changes nothing."""
    rng = np.random.default_rng(seed)
    buckets, b = [], first
    for arm, length in runs:
        for _ in range(length):
            n = int(rng.integers(rows[0], rows[1] + 1))
            level = 10 + (effect if arm == "treatment" else 0) + rng.normal(0, 1)
            buckets.append((b, arm, [round(float(v), 3) for v in level + rng.normal(0, 0.5, n)]))
            b += 1
    request = {}

    def flatten():
        for key, pick in (("time_bucket", lambda k: k[0]), ("arm", lambda k: k[1])):
            request[key] = [pick(k) for k in buckets for _ in k[2]]
        request["outcome"] = [v for k in buckets for v in k[2]]

    flatten()
    if carryover:
        request["carryover_buckets"] = carryover
        if even_first:  # every bucket of the first run that a stricter reading would drop
            arm = buckets[0][1]
            size = min(carryover, runs[0][1])
            means = kept_means(request)[arm][size:]
            for i in range(size):
                buckets[i] = (buckets[i][0], arm, [float(np.mean(means))] * len(buckets[i][2]))
            flatten()
    return request


C, T = "control", "treatment"
ALTERNATE = [(C, 1), (T, 1)] * 8
BLOCKS = [(C, 4), (T, 4), (T, 3), (C, 5), (T, 4), (C, 4)]
add("alternating", design(ALTERNATE, 1))
add("blocks", design(BLOCKS, 2))
add("treatment_first", design([(T, 3), (C, 3)] * 4, 3))
add("negative_effect", design(BLOCKS, 4, effect=-5.0))
add("no_effect", design(BLOCKS, 5, effect=0.0))
add("one_row_a_bucket", design(ALTERNATE, 6, rows=(1, 1)))
add("buckets_start_anywhere", design(BLOCKS, 7, first=19000))
add("carryover_stated_zero", {**design(BLOCKS, 8), "carryover_buckets": 0})
for k in (1, 2):
    add(
        f"carryover_{k}",
        design([(C, 5), (T, 5)] * 3, 10 + k, carryover=k),
        "the first buckets after a change of arm are left out",
    )
    add(f"carryover_{k}_blocks", design(BLOCKS, 20 + k, carryover=k), "two runs of one arm in a row are no change")
add("unequal_rows", design(BLOCKS, 30, rows=(1, 9)), "a bucket counts once, whatever its rows")
add(
    "unequal_rows_carryover",
    design([(C, 5), (T, 5)] * 3, 31, rows=(1, 9), carryover=1),
    "a bucket counts once, whatever its rows",
)
mixed = design(BLOCKS, 32)
order = np.random.default_rng(1).permutation(len(mixed["outcome"]))
add(
    "rows_in_any_order",
    {k: [v[i] for i in order] for k, v in mixed.items()},
    "buckets are ordered by time_bucket, not by row",
)
strong = design([(C, 5), (T, 5)] * 3, 33, carryover=2)
order = np.random.default_rng(2).permutation(len(strong["outcome"]))
add("rows_in_any_order_carryover", {k: [v[i] for i in order] if isinstance(v, list) else v for k, v in strong.items()})

NULLS = {"absolute": {"standard_error": None, "lower": None, "upper": None}, "p_value": None}
for name, request in {
    "no_rows": {"time_bucket": [], "arm": [], "outcome": []},
    "one_bucket": {"time_bucket": [1, 1], "arm": [C, C], "outcome": [1.0, 2.0]},
    "one_bucket_an_arm": {"time_bucket": [1, 1, 2, 2], "arm": [C, C, T, T], "outcome": [1.0, 2.0, 3.0, 4.5]},
    "one_arm": {"time_bucket": [1, 2, 3], "arm": [T, T, T], "outcome": [1.0, 2.0, 3.0]},
    "carryover_leaves_nothing": {
        "time_bucket": [1, 2, 3, 4],
        "arm": [C, T, C, T],
        "outcome": [1.0, 2.0, 1.5, 2.5],
        "carryover_buckets": 5,
    },
}.items():
    cases.insufficient(name, request, NULLS)
GOOD = design(ALTERNATE, 1)
for name, change in {
    "lengths_differ": {"arm": GOOD["arm"][1:]},
    "negative_carryover": {"carryover_buckets": -1},
    "null_outcome": {"outcome": [None] + GOOD["outcome"][1:]},
    "text_outcome": {"outcome": ["NaN"] + GOOD["outcome"][1:]},
    "null_bucket": {"time_bucket": [None] + GOOD["time_bucket"][1:]},
    "level_zero": {"confidence_level": 0},
    "unknown_field": {"bucket": [1]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
