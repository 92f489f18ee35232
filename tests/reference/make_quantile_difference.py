# SPDX-License-Identifier: Apache-2.0
"""Writes quantile_difference.json: order statistics and binomial indices, cross-checked with numpy and an exact convolution."""

import math

import mpmath as mp
import numpy as np
from scipy import stats

from cases import Cases, close
from comparison import compare, normal_degrees
from exact import mpf, normal_quantile, number

rng = np.random.default_rng(7)


def blocks(count, width, step, start=0.0):
    """Values in runs of equal ones, so that an index a little off meets the same value: rounding cannot matter."""
    return [round(start + step * i * (1 + 0.01 * i), 4) for i in range(count) for _ in range(width)]


def settled(n, q, width):
    """Every reading of L and U (floor, ceil, nearest, one up or down) lies in one run of equal values."""
    z = float(normal_quantile(mpf("0.975")))
    for sign in (-1, 1):
        x = n * (q + sign * z * math.sqrt(q * (1 - q) / n))
        ranks = [r for r in range(math.floor(x) - 1, math.ceil(x) + 2)]
        if len({(max(1, min(n, r)) - 1) // width for r in ranks}) > 1:
            return False
    return True


def type7(values, q):
    x = sorted(number(v) for v in values)
    h = (len(x) - 1) * number(q)
    low = int(mp.floor(h))
    return x[low] + (h - low) * (x[min(low + 1, len(x) - 1)] - x[low])


def order_statistic(values, q, z):
    """L rounded down, U rounded up, kept within 1..n."""
    x, n, q = sorted(number(v) for v in values), len(values), number(q)
    spread = z * mp.sqrt(q * (1 - q) / n)
    low = max(1, min(n, int(mp.floor(n * (q - spread)))))
    high = max(1, min(n, int(mp.ceil(n * (q + spread)))))
    return (x[high - 1] - x[low - 1]) / (2 * z)


def cluster_inflation(values, cluster, q):
    """Cluster over independent variance of 1{Y <= quantile}: ratio of sums by cluster (divisor k - 1), Yao, Li, Lu 2024."""
    cut, q = type7(values, q), number(q)
    groups = {}
    for v, g in zip(values, cluster):
        s, n = groups.get(g, (0, 0))
        groups[g] = (s + (number(v) <= cut), n + 1)
    k = len(groups)
    n = sum(b for _, b in groups.values())
    share = mpf(sum(a for a, _ in groups.values())) / n
    assert share == q, "the cases keep the share at the quantile, so that p(1-p) has one reading"
    clustered = mp.fsum((a - share * b) ** 2 for a, b in groups.values()) * k / (k - 1) / mpf(n) ** 2
    return clustered / (q * (1 - q) / n)


def expected(request):
    q = request["quantile"]
    z = normal_quantile((1 + number(request.get("confidence_level", 0.95))) / 2)
    arms = []
    for arm in ("control", "treatment"):
        values = request[arm]["values"]
        variance = order_statistic(values, q, z) ** 2
        if request.get("method") == "cluster":
            variance *= cluster_inflation(values, request[arm]["cluster"], q)
        close(type7(values, q), np.quantile(values, q))
        arms.append((len(values), type7(values, q), variance))
    return compare(request, *arms, normal_degrees)


cases = Cases("quantile_difference")
SOURCE = {
    "order_statistic": "type 7 estimate; Deng, Knoblich, Lu 2018 section 4: standard error (Y_U - Y_L) / 2z, normal test",
    "cluster": "Yao, Li, Lu 2024: the order-statistic error times the root of cluster over independent variance of 1{Y <= q}",
    "bootstrap": "exact distribution of the order statistics at Binomial(n + 1, q) (Schultzberg, Ankargren 2022)",
}


def add(name, control, treatment, quantile, source=None, **options):
    request = {"control": control, "treatment": treatment, "quantile": quantile, **options}
    cases.add(name, request, expected(request), source or SOURCE[options.get("method", "order_statistic")])


def rows(values):
    return {"values": values}


# Runs of equal values where rounding cannot matter; sizes are searched for, and the same for every reading.
SETTLED = {}
for quantile in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95):
    found = [(n // 8, 8) for n in range(160, 900, 8) if settled(n, quantile, 8)]
    SETTLED[quantile] = found[0], found[min(3, len(found) - 1)]
    (a, wa), (b, wb) = SETTLED[quantile]
    control, treatment = blocks(a, wa, 1.5, 20.0), blocks(b, wb, 1.45, 21.0)
    mixed = list(rng.permutation(treatment))
    add(f"order_statistic_{quantile}", rows(control), rows([float(v) for v in mixed]), quantile)
    if quantile in (0.5, 0.9):
        for option in (
            {"alternative": "greater"},
            {"alternative": "less"},
            {"null_value": 2.0},
            {"relative_method": "log"},
            {"method": "order_statistic"},
            {"non_inferiority_margin": 4.0, "direction": "increase"},
            {"non_inferiority_margin": 4.0, "direction": "decrease"},
            {"non_inferiority_margin": 0.1, "margin_scale": "relative", "direction": "increase"},
        ):
            word = "_".join(str(v) for v in option.values())
            add(f"order_statistic_{quantile}_{word}", rows(control), rows(treatment), quantile, **option)
# A reading: L rounded down, U rounded up; z by the two-sided confidence level.
SMOOTH = (
    rows([round(float(v), 3) for v in rng.gamma(2.0, 5.0, 150)]),
    rows([round(float(v), 3) for v in rng.gamma(2.2, 5.0, 170)]),
)
for quantile in (0.5, 0.9):
    add(
        f"reading_outward_rounding_{quantile}",
        *SMOOTH,
        quantile,
        source="a reading: L rounded down and U rounded up (outer interval)",
    )
add("reading_level_0.9", *SMOOTH, 0.5, source="a reading: z of the two-sided confidence level", confidence_level=0.9)


# Estimates alone, on any values.
def estimates(name, control, treatment, quantile, **options):
    c, t = type7(control, quantile), type7(treatment, quantile)
    request = {"control": rows(control), "treatment": rows(treatment), "quantile": quantile, **options}
    close(c, np.quantile(control, quantile)), close(t, np.quantile(treatment, quantile))
    cases.add(
        name,
        request,
        {
            "control": {"n": len(control), "estimate": c},
            "treatment": {"n": len(treatment), "estimate": t},
            "absolute": {"estimate": t - c},
            "relative": {"estimate": t / c - 1 if c else None},
        },
        "Hyndman, Fan 1996 type 7; equals numpy.quantile",
    )


ODD = [12.5, 0.5, 33.25, 7.75, 18.0, 21.5, 0.25, 44.125, 9.5, 15.0, 27.25]
EVEN = [19.0, 5.5, 41.0, 0.75, 30.75, 22.25, 17.5, 58.0, 12.0, 26.5, 8.25, 35.0]
for quantile in (0.01, 0.1, 0.25, 0.333, 0.5, 0.75, 0.9, 0.99):
    estimates(f"estimate_{quantile}", ODD, EVEN, quantile)
estimates("estimate_two_rows", [1.0, 2.0], [4.0, 8.0], 0.25)


def clustered(count, width, step, start, size):
    values = blocks(count, width, step, start)
    labels = [(7 * i * i + 3 * i) % 29 if i % size else i % 5 for i in range(len(values))]
    return {"values": values, "cluster": labels}


# Clusters: the share at or below the quantile must equal it exactly, so the cut falls between two runs.
def share_is_exact(n, q, width):
    return (n * round(q * 1000)) % (1000 * width) == 0


for quantile in (0.5, 0.75, 0.9):
    # an even run boundary under the cut: n q a multiple of the width
    sizes = [
        (n // w, w)
        for w in (5, 6, 8)
        for n in range(120, 1200, w)
        if share_is_exact(n, quantile, w) and settled(n, quantile, w)
    ]
    (a, wa), (b, wb) = sizes[0], sizes[len(sizes) // 2]
    control, treatment = clustered(a, wa, 1.5, 20.0, 3), clustered(b, wb, 1.4, 21.0, 4)
    add(f"cluster_{quantile}", control, treatment, quantile, method="cluster")
    if quantile == 0.5:
        for option in ({"alternative": "greater"}, {"alternative": "less"}, {"null_value": -1.0}):
            add(
                f"cluster_{quantile}_{list(option.values())[0]}",
                control,
                treatment,
                quantile,
                method="cluster",
                **option,
            )
        text = [{"values": arm["values"], "cluster": [f"u{g}" for g in arm["cluster"]]} for arm in (control, treatment)]
        add(f"cluster_{quantile}_text_labels", *text, quantile, method="cluster")


# Bootstrap: the difference of two independent order statistics at binomial indices has an exact distribution.
def bootstrap_case(name, control, treatment, quantile, replicates=20000, level=0.95, **extra):
    tables = []
    for values in (control, treatment):
        x, n = np.sort(values), len(values)
        k = np.arange(n + 2)
        index = np.clip(k, 1, n) - 1
        p = stats.binom.pmf(k, n + 1, quantile)
        keep = p > 1e-12
        tables.append((x[index[keep]], p[keep] / p[keep].sum()))
    (xc, pc), (xt, pt) = tables
    d = (xt[None, :] - xc[:, None]).ravel()
    w = (pt[None, :] * pc[:, None]).ravel()
    order = np.argsort(d, kind="stable")
    d, cdf, w = d[order], np.cumsum(w[order]), w[order]

    def at(p):
        return d[min(np.searchsorted(cdf, p), len(d) - 1)]

    low, high = (1 - level) / 2, (1 + level) / 2
    mean = np.sum(w * d)
    sd = np.sqrt(np.sum(w * (d - mean) ** 2))
    error = 5 * np.sqrt(low * (1 - low) / replicates)
    # The end may fall anywhere the binomial error of its level leaves it, and one rank or one interpolation further.
    slack = max(abs(at(p + s * error) - at(p)) for p in (low, high) for s in (-1, 1) if 0 < p + s * error < 1)
    slack += max(np.max(np.diff(np.sort(values))) if len(values) < 50 else 0 for values in (control, treatment))
    slack = max(slack, 5 * sd / np.sqrt(2 * replicates) * 1.5, 1e-9)
    request = {
        "control": rows([float(v) for v in control]),
        "treatment": rows([float(v) for v in treatment]),
        "quantile": quantile,
        "method": "bootstrap",
        "replicates": replicates,
        "seed": 11,
        **extra,
    }
    if level != 0.95:
        request["confidence_level"] = level
    estimate = type7(request["treatment"]["values"], quantile) - type7(request["control"]["values"], quantile)
    cases.add(
        name + "_estimate",
        request,
        {"absolute": {"estimate": estimate}},
        "type 7",
    )
    cases.add(
        name,
        request,
        {"absolute": {"lower": at(low), "upper": at(high), "standard_error": sd}},
        SOURCE["bootstrap"],
        relative_tolerance=0,
        absolute_tolerance=float(slack),
    )


zero = [0.0] * 1000
# The printed interval of one sample: values 1..1000 against a constant; n = 1000, q = 0.5 gives ranks 470 and 531.
assert stats.binom.ppf([0.025, 0.975], 1001, 0.5).tolist() == [470, 531]
bootstrap_case("bootstrap_published_ranks", zero, [float(i) for i in range(1, 1001)], 0.5)
GAMMA = (np.round(rng.gamma(2.0, 5.0, 400), 3), np.round(rng.gamma(2.3, 5.0, 500), 3))
for quantile in (0.1, 0.5, 0.9):
    bootstrap_case(f"bootstrap_{quantile}", *GAMMA, quantile)
bootstrap_case("bootstrap_level_0.9", *GAMMA, 0.75, level=0.9)

NOTHING = {"statistic": None, "p_value": None}
NULL_INTERVAL = {"standard_error": None, "lower": None, "upper": None}
for method in ("order_statistic", "bootstrap"):
    cases.insufficient(
        f"no_rows_{method}",
        {"control": rows([]), "treatment": rows([1.0, 2.0, 3.0]), "quantile": 0.5, "method": method},
        {"control": {"n": 0, "estimate": None}, "absolute": {"estimate": None, **NULL_INTERVAL}, "p_value": None},
    )
cases.insufficient(
    "one_row",
    {"control": rows([1.0]), "treatment": rows([2.0, 3.0, 5.0]), "quantile": 0.5},
    {**NOTHING, "absolute": {"estimate": 2.0, **NULL_INTERVAL}},
)
cases.insufficient(
    "zero_variance_both",
    {"control": rows([2.0] * 20), "treatment": rows([3.0] * 20), "quantile": 0.5},
    {**NOTHING, "absolute": {"estimate": 1.0}},
)
cases.insufficient(
    "one_cluster",
    {
        "control": {"values": ODD, "cluster": [1] * len(ODD)},
        "treatment": {"values": EVEN, "cluster": list(range(len(EVEN)))},
        "quantile": 0.5,
        "method": "cluster",
    },
    {**NOTHING, "absolute": NULL_INTERVAL},
)
cases.insufficient(
    "zero_control_quantile",
    {"control": rows([0.0] * 30 + [1.0] * 10), "treatment": rows(EVEN * 3), "quantile": 0.25},
    {
        "control": {"estimate": 0.0},
        "relative": {"estimate": None, "standard_error": None, "lower": None, "upper": None},
    },
    "a zero control has no relative effect",
)
GOOD = {"control": rows(ODD), "treatment": rows(EVEN), "quantile": 0.5}
for name, change in {
    "quantile_zero": {"quantile": 0},
    "quantile_one": {"quantile": 1},
    "quantile_percent": {"quantile": 90},
    "quantile_negative": {"quantile": -0.1},
    "moments_instead_of_rows": {"control": {"n": 10, "mean": 1.0, "variance": 1.0}},
    "proportion_instead_of_rows": {"treatment": {"n": 10, "successes": 4}},
    "null_in_values": {"control": rows([1.0, None])},
    "text_in_values": {"control": rows([1.0, "2"])},
    "cluster_without_labels": {"method": "cluster"},
    "cluster_of_another_length": {
        "method": "cluster",
        "control": {"values": ODD, "cluster": [1, 2]},
        "treatment": {"values": EVEN, "cluster": list(range(12))},
    },
    "no_replicates": {"method": "bootstrap", "replicates": 0},
    "negative_replicates": {"method": "bootstrap", "replicates": -5},
    "unknown_method": {"method": "kernel"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"percentile": 0.5},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_treatment", {"control": GOOD["control"], "quantile": 0.5})
cases.write()
