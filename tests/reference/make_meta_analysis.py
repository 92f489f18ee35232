# SPDX-License-Identifier: Apache-2.0
"""Writes meta_analysis.json in 50 digits; checked against metafor (meta_analysis.R) and statsmodels combine_effects."""

import mpmath as mp
import numpy as np
from statsmodels.stats.meta_analysis import combine_effects

from cases import Cases, close
from exact import mpf, normal_quantile, number

# Colditz et al. 1994: (vaccinated with tuberculosis, without, controls with, without), log risk ratios as in metafor.
BCG = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]
BCG_Y = [float(mp.log(mpf(a) * (c + d) / (mpf(c) * (a + b)))) for a, b, c, d in BCG]
BCG_S = [float(mp.sqrt(mpf(1) / a - mpf(1) / (a + b) + mpf(1) / c - mpf(1) / (c + d))) for a, b, c, d in BCG]
DATA = {
    "bcg": (BCG_Y, BCG_S),
    "experiments": (
        [0.012, 0.004, -0.003, 0.021, 0.009, 0.001, 0.015],
        [0.004, 0.005, 0.006, 0.007, 0.003, 0.005, 0.009],
    ),
    "homogeneous": ([0.50, 0.52, 0.49, 0.51], [0.1, 0.12, 0.09, 0.2]),
    "equal_errors": ([1.0, 3.0, 2.5, 4.5, 0.5, 2.0], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
    "two_studies": ([0.2, 0.9], [0.1, 0.2]),
    "one_dominates": ([0.1, 2.0, -1.5], [0.001, 0.8, 0.9]),
    "wide_scale": ([1200.5, 1350.25, 990.0, 1110.75], [60.0, 45.5, 80.25, 52.0]),
}
METHODS = ("fixed", "dersimonian_laird", "reml", "paule_mandel")
SOURCE = {
    "fixed": "inverse-variance weights, normal interval",
    "dersimonian_laird": "DerSimonian, Laird 1986, truncated at 0",
    "reml": "restricted maximum likelihood (Viechtbauer 2005), truncated at 0",
    "paule_mandel": "Paule, Mandel 1982: Q(tau^2) = k - 1, truncated at 0",
}


def pooled(y, v, tau):
    w = [1 / (x + tau) for x in v]
    mu = mp.fsum(a * b for a, b in zip(w, y)) / mp.fsum(w)
    return w, mu, mp.fsum(a * (b - mu) ** 2 for a, b in zip(w, y))


def reml_score(y, v, tau):
    """Derivative of the restricted log-likelihood by tau^2, twice."""
    w, mu, _ = pooled(y, v, tau)
    s = mp.fsum(w)
    s2 = mp.fsum(a * a for a in w)
    return mp.fsum(a * a * (b - mu) ** 2 for a, b in zip(w, y)) - s + s2 / s


def positive_root(f, start):
    """The root of a function that falls through 0 on (0, inf), or 0."""
    if f(mpf(0)) <= 0:
        return mpf(0)
    high = start
    while f(high) > 0:
        high *= 2
    low = mpf(0)
    for _ in range(170):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return (low + high) / 2


def tau_squared(method, y, v):
    k = len(y)
    if method == "fixed":
        return mpf(0)
    w, mu, q = pooled(y, v, mpf(0))
    start = mp.fsum((a - mu) ** 2 for a in y) + max(v)
    if method == "dersimonian_laird":
        return max(mpf(0), (q - (k - 1)) / (mp.fsum(w) - mp.fsum(a * a for a in w) / mp.fsum(w)))
    if method == "paule_mandel":
        return positive_root(lambda t: pooled(y, v, t)[2] - (k - 1), start)
    return positive_root(lambda t: reml_score(y, v, t), start)


def expected(request):
    y = [number(x) for x in request["estimates"]]
    v = [number(x) ** 2 for x in request["standard_errors"]]
    method, k = request["method"], len(y)
    q = pooled(y, v, mpf(0))[2]
    tau = tau_squared(method, y, v)
    w, mu, _ = pooled(y, v, tau)
    se = 1 / mp.sqrt(mp.fsum(w))
    z = normal_quantile((1 + number(request.get("confidence_level", 0.95))) / 2)
    out = {"estimate": mu, "standard_error": se, "lower": mu - z * se, "upper": mu + z * se, "tau_squared": tau, "q": q}
    if method in ("fixed", "dersimonian_laird"):
        out["i_squared"] = max(mpf(0), (q - (k - 1)) / q)
    if tau > 0 and method in ("dersimonian_laird", "paule_mandel"):  # statsmodels does not truncate at 0
        name = {"dersimonian_laird": "chi2", "paule_mandel": "iterated"}[method]
        r = combine_effects(np.array(request["estimates"]), np.array([float(x) for x in v]), method_re=name, atol=1e-14)
        close(mu, r.mean_effect_re, 1e-7), close(q, r.q, 1e-8)
    return out


cases = Cases("meta_analysis", ("mpmath", "numpy", "statsmodels"))


def add(name, data, method, **options):
    request = {"estimates": data[0], "standard_errors": data[1], "method": method, **options}
    cases.add(name, request, expected(request), SOURCE[method])
    return cases.cases[-1]["expected"]


for label, data in DATA.items():
    for method in METHODS:
        out = add(f"{label}_{method}", data, method)
        if label == "bcg":  # metafor 3.8.1, meta_analysis.R
            known = {
                "fixed": (-0.4302851636541, 0.0404987517109, 0.0),
                "dersimonian_laird": (-0.714117222073, 0.178742089535, 0.308760262862),
                "reml": (-0.714532342158, 0.179781516105, 0.313243258136),
                "paule_mandel": (-0.714968153493, 0.180892191538, 0.318068452205),
            }[method]
            for field, value in zip(("estimate", "standard_error", "tau_squared"), known):
                assert abs(out[field] - value) < 1e-8, (method, field, out[field], value)
            assert abs(out["q"] - 152.233008082373) < 1e-9
for method in METHODS:
    add(f"level_0.9_{method}", DATA["bcg"], method, confidence_level=0.9)
# One study has nothing to compare with: the estimate is its own.
cases.add(
    "one_study_fixed",
    {"estimates": [0.5], "standard_errors": [0.2], "method": "fixed"},
    {"estimate": 0.5, "standard_error": 0.2, "q": 0.0},
    SOURCE["fixed"],
)
for method in METHODS:
    cases.insufficient(
        f"no_studies_{method}",
        {"estimates": [], "standard_errors": [], "method": method},
        {"estimate": None, "standard_error": None, "lower": None, "upper": None},
    )
GOOD = {"estimates": [0.1, 0.2, 0.3], "standard_errors": [0.1, 0.1, 0.2], "method": "reml"}
for name, change in {
    "unequal_lengths": {"standard_errors": [0.1, 0.1]},
    "negative_standard_error": {"standard_errors": [0.1, -0.1, 0.2]},
    "null_estimate": {"estimates": [0.1, None, 0.3]},
    "null_standard_error": {"standard_errors": [0.1, None, 0.2]},
    "text_estimate": {"estimates": [0.1, "0.2", 0.3]},
    "unknown_method": {"method": "sidik_jonkman"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"variances": [1, 1, 1]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_standard_errors", {"estimates": [0.1, 0.2]})
cases.write()
