# SPDX-License-Identifier: Apache-2.0
"""Writes stratified_difference.json: post-stratified and Mantel-Haenszel differences in 50 digits, checked with statsmodels."""

import mpmath as mp
import numpy as np
from statsmodels.stats.contingency_tables import StratifiedTable

from arms import outcome_arm, proportion_arm
from cases import Cases, close
from comparison import ends, level_quantile, one_sided, p_value, welch_satterthwaite
from exact import mpf, number, upper_tail

MEANS = [
    {"control": {"n": 420, "mean": 10.5, "variance": 16.2}, "treatment": {"n": 440, "mean": 11.2, "variance": 18.5}},
    {"control": {"n": 300, "mean": 14.0, "variance": 25.5}, "treatment": {"n": 280, "mean": 14.9, "variance": 22.0}},
    {"control": {"n": 80, "mean": 30.25, "variance": 90.0}, "treatment": {"n": 95, "mean": 29.5, "variance": 110.0}},
]
HUGE = [
    {
        "control": {"n": 41_000_000, "mean": 10.5, "variance": 16.2},
        "treatment": {"n": 40_500_000, "mean": 10.502, "variance": 16.5},
    },
    {
        "control": {"n": 29_000_000, "mean": 14.0, "variance": 25.5},
        "treatment": {"n": 29_300_000, "mean": 14.001, "variance": 25.0},
    },
]
ROWS = [
    {"control": {"values": [4.0, 5.5, 3.25, 6.0, 4.75]}, "treatment": {"values": [5.0, 6.5, 7.25, 4.0, 6.75, 5.5]}},
    {"control": {"values": [14.5, 16.0, 13.75, 15.25]}, "treatment": {"values": [18.0, 19.5, 17.25, 20.0, 16.5]}},
]
SUMS = [
    {
        "control": {"n": 40, "sum": 200.5, "sum_of_squares": 1100.0},
        "treatment": {"n": 41, "sum": 215.0, "sum_of_squares": 1240.5},
    },
    {
        "control": {"n": 39, "sum": 190.25, "sum_of_squares": 1010.25},
        "treatment": {"n": 42, "sum": 260.5, "sum_of_squares": 1800.5},
    },
]
# Berkeley admissions 1973 by department: (men, admitted), (women, admitted).
BERKELEY = [
    {"control": {"n": m, "successes": a}, "treatment": {"n": w, "successes": b}}
    for m, a, w, b in (
        (825, 512, 108, 89),
        (560, 353, 25, 17),
        (325, 120, 593, 202),
        (417, 138, 375, 131),
        (191, 53, 393, 94),
        (373, 22, 341, 24),
    )
]
RARE = [
    {"control": {"n": 120, "successes": 2}, "treatment": {"n": 118, "successes": 6}},
    {"control": {"n": 40, "successes": 0}, "treatment": {"n": 45, "successes": 3}},
    {"control": {"n": 15, "successes": 5}, "treatment": {"n": 12, "successes": 12}},
]
POST = "Miratrix, Sekhon, Yu 2013: sum of p_k Delta_k with shares p_k of both arms, plus the multinomial variance of the shares"
FIXED = "direct standardisation: given weights, made to sum to 1, carry no variance"
MH = "Mantel, Haenszel 1959; risk difference with the variance of Sato, Greenland, Robins 1989 (as metafor and SAS); equals statsmodels for the ratio"


def post_stratified(request):
    strata = request["strata"]
    arms = [(outcome_arm(s["control"]), outcome_arm(s["treatment"])) for s in strata]
    given = "weight" in strata[0]
    sizes = [number(s["weight"]) if given else mpf(c[0] + t[0]) for s, (c, t) in zip(strata, arms)]
    total = mp.fsum(sizes)
    p = [x / total for x in sizes]
    m_c = mp.fsum(w * c[1] for w, (c, _) in zip(p, arms))
    m_t = mp.fsum(w * t[1] for w, (_, t) in zip(p, arms))
    within_c = mp.fsum(w * w * c[2] / c[0] for w, (c, _) in zip(p, arms))
    within_t = mp.fsum(w * w * t[2] / t[0] for w, (_, t) in zip(p, arms))
    shares = mpf(0) if given else 1 / total

    def multinomial(f, g):
        mf, mg = mp.fsum(w * a for w, a in zip(p, f)), mp.fsum(w * b for w, b in zip(p, g))
        return shares * (mp.fsum(w * a * b for w, a, b in zip(p, f, g)) - mf * mg)

    cs, ts = [c[1] for c, _ in arms], [t[1] for _, t in arms]
    v_c, v_t, cov = within_c + multinomial(cs, cs), within_t + multinomial(ts, ts), multinomial(cs, ts)
    delta, se = m_t - m_c, mp.sqrt(v_c + v_t - 2 * cov)
    r = m_t / m_c
    out = {
        "control": {"estimate": m_c},
        "treatment": {"estimate": m_t},
        "absolute": {"estimate": delta, "standard_error": se},
        "relative": {"estimate": r - 1, "standard_error": mp.sqrt(v_t - 2 * r * cov + r * r * v_c) / m_c},
        "statistic": (delta - number(request.get("null_value", 0))) / se,
    }
    if request.get("non_inferiority_margin"):
        sign = 1 if request["direction"] == "increase" else -1
        out["statistic"] = (delta + sign * number(request["non_inferiority_margin"])) / se
        del out["relative"]
    parts = [(w * w * a[2] / a[0], a[0] - 1) for w, pair in zip(p, arms) for a in pair]
    return out, welch_satterthwaite(*(x for x in parts if x[1] > 0))


def mantel_haenszel(request):
    tables = [(proportion_arm(s["control"]), proportion_arm(s["treatment"])) for s in request["strata"]]
    w = [mpf(n0) * n1 / (n0 + n1) for (n0, _), (n1, _) in tables]
    total = mp.fsum(w)
    m_c = mp.fsum(x * c / n0 for x, ((n0, c), _) in zip(w, tables)) / total
    m_t = mp.fsum(x * a / n1 for x, (_, (n1, a)) in zip(w, tables)) / total
    # Sato 1989: (d P + Q) / (sum of w)^2, consistent for many small strata as for a few large ones.
    p = mp.fsum(
        (mpf(n1) ** 2 * c - mpf(n0) ** 2 * a + mpf(n1) * n0 * (n0 - n1) / 2) / (n0 + n1) ** 2
        for (n0, c), (n1, a) in tables
    )
    q = mp.fsum(mpf(a * (n0 - c) + c * (n1 - a)) / (2 * (n0 + n1)) for (n0, c), (n1, a) in tables)
    se = mp.sqrt((m_t - m_c) * p + q) / total
    table = StratifiedTable([np.array([[a, n1 - a], [c, n0 - c]]) for (n0, c), (n1, a) in tables])
    close(m_t / m_c, table.riskratio_pooled, 1e-10)
    out = {
        "absolute": {"estimate": m_t - m_c, "standard_error": se},
        "relative": {"estimate": m_t / m_c - 1},
    }
    return out, se


cases = Cases("stratified_difference", ("mpmath", "numpy", "statsmodels"))


def post(name, strata, source=POST, **options):
    request = {"strata": strata, **options}
    cases.add(name, request, post_stratified(request)[0], source)


def weighted(strata, weights):
    return [{"weight": w, **s} for s, w in zip(strata, weights)]


for label, strata in {"means": MEANS, "huge": HUGE, "rows": ROWS, "sums": SUMS, "proportions": BERKELEY}.items():
    post(f"post_{label}", strata)
    post(f"post_{label}_stated", strata, method="post_stratified")
    weights = [0.2, 0.3, 0.5, 0.1, 0.4, 0.6][: len(strata)]
    scaled = [w / sum(weights) for w in weights[:-1]]
    weights = [round(w, 3) for w in scaled] + [round(1 - sum(round(w, 3) for w in scaled), 3)]
    post(f"post_{label}_weights", weighted(strata, weights), FIXED)
post("post_weights_as_counts", weighted(MEANS, [200, 300, 500]), FIXED)
post("post_weight_zero", weighted(MEANS, [0.5, 0.5, 0.0]), FIXED)
post("post_one_stratum", MEANS[:1], "one stratum is a plain Welch difference")
post("post_order_does_not_matter", MEANS[::-1])
post("post_mixed_forms", [MEANS[0], ROWS[1]])
post("post_null_value", MEANS, null_value=0.25)
post("post_margin_increase", MEANS, non_inferiority_margin=0.5, direction="increase")
post("post_margin_decrease", MEANS, non_inferiority_margin=0.5, direction="decrease")
# Large enough that t and normal agree to the stated tolerance, whichever degrees of freedom are meant.
for alternative in ("two_sided", "greater", "less"):
    request = {"strata": HUGE, "alternative": alternative}
    out, _ = post_stratified(request)
    a = out["absolute"]
    out["p_value"] = p_value(out["statistic"], None, alternative)
    q = level_quantile(request, None)
    a.update(one_sided(ends(a["estimate"], a["standard_error"], q), alternative))
    out["relative"].update(
        one_sided(ends(out["relative"]["estimate"], out["relative"]["standard_error"], q), alternative)
    )
    cases.add(f"post_huge_interval_{alternative}", request, out, POST, relative_tolerance=1e-6)
request = {"strata": HUGE, "non_inferiority_margin": 0.001, "direction": "increase"}
out, _ = post_stratified(request)
cases.add("post_huge_margin_p", request, {"p_value": upper_tail(out["statistic"], None)}, POST, relative_tolerance=1e-6)
request = {"strata": weighted(MEANS, [0.5, 0.3, 0.2])}
out, df = post_stratified(request)
cases.add(
    "reading_degrees_of_freedom",
    request,
    {"degrees_of_freedom": df, "p_value": p_value(out["statistic"], df, "two_sided")},
    "a reading: Welch-Satterthwaite over every arm of every stratum, its share squared times its variance",
)

for label, strata in {"berkeley": BERKELEY, "rare": RARE, "one_stratum": BERKELEY[:1]}.items():
    request = {"strata": strata, "method": "mantel_haenszel"}
    out, _ = mantel_haenszel(request)
    cases.add(f"mantel_haenszel_{label}", request, out, MH)
for alternative in ("two_sided", "greater", "less"):
    request = {"strata": BERKELEY, "method": "mantel_haenszel", "alternative": alternative, "confidence_level": 0.9}
    out, se = mantel_haenszel(request)
    d = out["absolute"]["estimate"]
    out["absolute"].update(one_sided(ends(d, se, level_quantile(request, None)), alternative))
    out.update({"statistic": d / se, "degrees_of_freedom": None, "p_value": p_value(d / se, None, alternative)})
    cases.add(f"mantel_haenszel_interval_{alternative}", request, out, MH + "; a reading: the test is estimate / error")
# An empty stratum (in one arm or both) is left out with a warning, or leaves nulls: only the warning is asserted.
empty = {"control": {"n": 0, "successes": 0}, "treatment": {"n": 30, "successes": 4}}
both = {"control": {"n": 0, "successes": 0}, "treatment": {"n": 0, "successes": 0}}
for name, stratum in (("one_arm", empty), ("both_arms", both)):
    for method in ("post_stratified", "mantel_haenszel"):
        cases.insufficient(f"empty_stratum_{name}_{method}", {"strata": BERKELEY + [stratum], "method": method}, {})
single = {"control": {"values": [3.0]}, "treatment": {"values": [4.0, 5.0]}}
cases.insufficient("one_row_in_a_stratum", {"strata": ROWS + [single]}, {})
flat = [{"control": {"values": [2.0, 2.0]}, "treatment": {"values": [2.0, 2.0, 2.0]}}] * 2
cases.insufficient("zero_variance_everywhere", {"strata": flat}, {"statistic": None, "p_value": None})
no_success = [{"control": {"n": 10, "successes": 0}, "treatment": {"n": 12, "successes": 0}}] * 2
cases.insufficient(
    "mantel_haenszel_no_successes",
    {"strata": no_success, "method": "mantel_haenszel"},
    {"absolute": {"estimate": 0.0}, "relative": {"estimate": None}, "p_value": None},
)
for name, request in {
    "unknown_method": {"strata": MEANS, "method": "neyman"},
    "mantel_haenszel_of_means": {"strata": MEANS, "method": "mantel_haenszel"},
    "negative_weight": {"strata": weighted(MEANS, [0.5, 0.6, -0.1])},
    "weights_all_zero": {"strata": weighted(MEANS, [0, 0, 0])},
    "weight_of_some_strata": {"strata": weighted(MEANS, [0.5]) + MEANS[1:]},
    "null_in_values": {"strata": [{"control": {"values": [None]}, "treatment": {"values": [1.0]}}]},
    "negative_n": {"strata": [{"control": {"n": -1, "successes": 0}, "treatment": {"n": 1, "successes": 0}}]},
    "successes_above_n": {"strata": [{"control": {"n": 1, "successes": 2}, "treatment": {"n": 1, "successes": 0}}]},
    "stratum_without_treatment": {"strata": [{"control": MEANS[0]["control"]}]},
    "level_one": {"strata": MEANS, "confidence_level": 1},
    "level_zero": {"strata": MEANS, "confidence_level": 0},
    "unknown_field": {"strata": MEANS, "weights": [1, 1, 1]},
    "no_strata": {},
}.items():
    cases.error(f"error_{name}", request)
cases.write()
