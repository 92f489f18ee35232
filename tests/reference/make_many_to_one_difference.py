# SPDX-License-Identifier: Apache-2.0
"""Writes many_to_one_difference.json: Dunnett's distribution by quadrature, cross-checked with scipy.stats.dunnett."""

import functools

import mpmath as mp
import numpy as np
from scipy import optimize, stats

from arms import mean_arm
from cases import Cases, close
from comparison import compare, welch_satterthwaite

# Dunnett 1955, table 1: blood counts of animals under a control and two drugs.
BLOOD = (
    {"values": [7.40, 8.50, 7.20, 8.24, 9.84, 8.32]},
    [{"values": [9.76, 8.80, 7.68, 9.36]}, {"values": [12.80, 9.68, 12.16, 9.20, 10.55]}],
)
# Dunnett 1955, section 5: breaking strength of fabric under three processes, summarised.
ROWS = (
    {"values": [55.0, 47.0, 48.0]},
    [{"values": [55.0, 64.0, 64.0]}, {"values": [55.0, 49.0, 52.0]}, {"values": [50.0, 44.0, 41.0]}],
)
MOMENTS = (
    {"n": 5120, "mean": 18.32, "variance": 402.5},
    [
        {"n": 5087, "mean": 19.02, "variance": 410.75},
        {"n": 5140, "mean": 18.51, "variance": 398.25},
        {"n": 2500, "mean": 17.3, "variance": 405.0},
    ],
)
SUMS = (
    {"n": 60, "sum": 301.5, "sum_of_squares": 1800.25},
    [{"n": 55, "sum": 310.0, "sum_of_squares": 2010.5}, {"n": 58, "sum": 288.75, "sum_of_squares": 1720.0}],
)
ONE = (BLOOD[0], BLOOD[1][1:])
MANY = (
    {"n": 30, "mean": 10.0, "variance": 4.0},
    [{"n": 30 + i, "mean": 10.0 + 0.3 * i, "variance": 4.0 + 0.1 * i} for i in range(8)],
)
SOURCE = {
    "dunnett": "Dunnett 1955: multivariate t with pooled variance, by quadrature; equals scipy.stats.dunnett within its error",
    "holm": "Holm 1979 over the Welch tests",
    "bonferroni": "Bonferroni over the Welch tests",
}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)


def grid(low, high):
    return (high - low) / 2 * NODES + (high + low) / 2, (high - low) / 2 * WEIGHTS


def probability(c, lam, df, two_sided):
    """P(all |T_i| <= c) or P(all T_i <= c): correlation lam_i lam_j, so independent given a normal and the scale."""
    z, wz = grid(-9.0, 9.0)
    s_low, s_high = np.sqrt(stats.chi2.ppf([1e-16, 1.0], df) / df)
    s_high = np.sqrt(stats.chi2.isf(1e-17, df) / df)
    s, ws = grid(s_low, s_high)
    density = np.exp(np.log(2 * s * df) + stats.chi2.logpdf(df * s * s, df))
    inner = np.ones((len(s), len(z)))
    for r in lam:
        scale = np.sqrt(1 - r * r)
        up = stats.norm.cdf((c * s[:, None] - r * z) / scale)
        inner *= up - stats.norm.cdf((-c * s[:, None] - r * z) / scale) if two_sided else up
    return float(ws @ (density * (inner @ (wz * stats.norm.pdf(z)))))


@functools.lru_cache(maxsize=None)
def critical(lam, df, level, two_sided):
    return optimize.brentq(lambda c: probability(c, lam, df, two_sided) - level, 0.01, 30, xtol=1e-13, rtol=1e-13)


def dunnett(request):
    arms = [mean_arm(request["control"])] + [mean_arm(t) for t in request["treatments"]]
    df = sum(n for n, _, _ in arms) - len(arms)
    pooled = mp.fsum((n - 1) * v for n, _, v in arms) / df
    n0, m0, _ = arms[0]
    lam = tuple(float(mp.sqrt(mp.mpf(n) / (n + n0))) for n, _, _ in arms[1:])
    alternative = request.get("alternative", "two_sided")
    level = request.get("confidence_level", 0.95)
    c = critical(lam, df, level, alternative == "two_sided")
    comparisons = []
    for n, m, _ in arms[1:]:
        se = mp.sqrt(pooled / n + pooled / n0)
        t = (m - m0) / se
        x = {"two_sided": abs(t), "greater": t, "less": -t}[alternative]
        p = 1 - probability(float(x), lam, df, alternative == "two_sided")
        absolute = {"estimate": m - m0, "standard_error": se}
        joint = {**absolute, "lower": m - m0 - c * se, "upper": m - m0 + c * se}
        if alternative != "two_sided":
            joint["upper" if alternative == "greater" else "lower"] = None
        entry = {"control": {"n": n0, "estimate": m0}, "treatment": {"n": n, "estimate": m}, "absolute": absolute}
        entry["simultaneous"] = {"absolute": joint}
        entry.update({"statistic": t, "degrees_of_freedom": df})
        if p > 1e-5:  # smaller ones only say that the quadrature has no digits left
            entry["adjusted_p_value"] = p
        comparisons.append(entry)
    if all("values" in s for s in [request["control"], *request["treatments"]]):
        r = stats.dunnett(
            *[s["values"] for s in request["treatments"]],
            control=request["control"]["values"],
            alternative=alternative.replace("_", "-"),
            rng=np.random.default_rng(1),
        )
        for entry, p, t in zip(comparisons, r.pvalue, r.statistic):
            close(entry["statistic"], t)
            assert abs(entry["adjusted_p_value"] - p) < 1e-3, (entry["adjusted_p_value"], p)
    return {"effects": comparisons}, c


def stepwise(request):
    comparisons = []
    for t in request["treatments"]:
        (nc, mc, sc), (nt, mt, st) = mean_arm(request["control"]), mean_arm(t)
        parts = (st / nt, nt - 1), (sc / nc, nc - 1)
        own = {k: request[k] for k in ("alternative",) if k in request}
        out = compare(own, (nc, mc, sc / nc), (nt, mt, st / nt), lambda *_: welch_satterthwaite(*parts))
        # Of holm the simultaneous intervals are Bonferroni's, as it has none of its own on both sides.
        joint = {**own, "confidence_level": float(1 - 0.05 / len(request["treatments"]))}
        out["simultaneous"] = {
            "absolute": compare(joint, (nc, mc, sc / nc), (nt, mt, st / nt), lambda *_: welch_satterthwaite(*parts))[
                "absolute"
            ]
        }
        out["absolute"] = {k: out["absolute"][k] for k in ("estimate", "standard_error")}
        out["relative"] = {"estimate": out["relative"]["estimate"]}
        comparisons.append(out)
    m = len(comparisons)
    if request["method"] == "bonferroni":
        for c in comparisons:
            c["adjusted_p_value"] = min(mp.mpf(1), m * c["p_value"])
    else:
        running = mp.mpf(0)
        for rank, c in enumerate(sorted(comparisons, key=lambda c: c["p_value"])):
            running = max(running, min(mp.mpf(1), (m - rank) * c["p_value"]))
            c["adjusted_p_value"] = running
    return {"effects": comparisons}


cases = Cases("many_to_one_difference")


def add(name, data, method, **options):
    request = {"control": data[0], "treatments": data[1], "method": method, **options}
    if method == "dunnett":
        cases.add(name, request, dunnett(request)[0], SOURCE[method], relative_tolerance=1e-6)
    else:
        cases.add(name, request, stepwise(request), SOURCE[method])
    return cases.cases[-1]["expected"]


DATA = {
    "blood": BLOOD,
    "fabric": ROWS,
    "moments": MOMENTS,
    "sums": SUMS,
    "one_treatment": ONE,
    "eight_treatments": MANY,
}
for label, data in DATA.items():
    for method in ("dunnett", "holm", "bonferroni"):
        add(f"{label}_{method}", data, method)
for alternative in ("greater", "less"):
    for method in ("dunnett", "holm", "bonferroni"):
        add(f"blood_{method}_{alternative}", BLOOD, method, alternative=alternative)
    add(f"moments_dunnett_{alternative}", MOMENTS, "dunnett", alternative=alternative)
for level in (0.9, 0.99):
    add(f"fabric_dunnett_level_{level}", ROWS, "dunnett", confidence_level=level)

# Dunnett's printed critical values (1964, two-sided; 1955, one-sided), equal sizes: k treatments, df degrees.
for k, df, level, two_sided, printed in (
    (2, 20, 0.95, True, 2.38),
    (3, 20, 0.95, True, 2.54),
    (2, 10, 0.95, False, 2.15),
    (4, 12, 0.95, False, 2.41),
):
    c = critical((0.5**0.5,) * k, df, level, two_sided)
    print(k, df, level, two_sided, c, printed)
    assert abs(c - printed) < 0.0051, (c, printed)
# With one treatment Dunnett's test is Student's.
one = next(c for c in cases.cases if c["name"] == "one_treatment_dunnett")["expected"]
r = stats.ttest_ind(ONE[1][0]["values"], ONE[0]["values"])
(
    close(one["effects"][0]["adjusted_p_value"], r.pvalue, 1e-8),
    close(dunnett({"control": ONE[0], "treatments": ONE[1]})[1], stats.t.ppf(0.975, r.df), 1e-9),
)

for method in ("holm", "bonferroni"):
    cases.insufficient(
        f"one_treatment_too_small_{method}",
        {"control": BLOOD[0], "treatments": [{"values": [1.0]}], "method": method},
        {"effects": [{"p_value": None, "adjusted_p_value": None}]},
    )
flat = {"values": [2.0, 2.0, 2.0]}
for method in ("dunnett", "holm"):
    cases.insufficient(
        f"zero_variance_everywhere_{method}",
        {"control": flat, "treatments": [flat, flat], "method": method},
        {"effects": [{"statistic": None, "adjusted_p_value": None}] * 2},
    )
cases.insufficient(
    "empty_control",
    {"control": {"values": []}, "treatments": BLOOD[1], "method": "dunnett"},
    {"effects": [{"adjusted_p_value": None}] * 2},
)
GOOD = {"control": BLOOD[0], "treatments": BLOOD[1], "method": "dunnett"}
for name, change in {
    "unknown_method": {"method": "tukey"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_alternative": {"alternative": "up"},
    "null_in_values": {"treatments": [{"values": [1.0, None, 2.0]}]},
    "negative_variance": {"control": {"n": 10, "mean": 1.0, "variance": -1.0}},
    "treatments_not_a_list": {"treatments": BLOOD[1][0]},
    "unknown_field": {"treatment": BLOOD[1][0]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_control", {"treatments": BLOOD[1]})
cases.error("error_no_treatments", {"control": BLOOD[0]})
cases.write()
