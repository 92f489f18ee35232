# SPDX-License-Identifier: Apache-2.0
"""Writes proportion_difference.json: formulas in 50 digits, cross-checked with scipy.stats and statsmodels."""

import mpmath as mp
import numpy as np
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest, test_proportions_2indep

from arms import proportion_arm
from cases import Cases, close
from comparison import compare, ends, level_quantile, normal_degrees, one_sided, p_value
from exact import chi_squared_upper, mpf, number

LARGE = ({"n": 10000, "successes": 1012}, {"n": 9800, "successes": 1083})
SMALL = ({"n": 40, "successes": 9}, {"n": 35, "successes": 14})
RARE = ({"n": 30, "successes": 1}, {"n": 28, "successes": 5})
EMPTY_CELL = ({"n": 25, "successes": 0}, {"n": 20, "successes": 4})
RAW = ({"values": [0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]}, {"values": [1, 1, 0, 1, 0, 1, 1, 0, 1, 1]})
LOWER_TREATMENT = ({"n": 120, "successes": 66}, {"n": 110, "successes": 41})
PAIRS = {"large": LARGE, "small": SMALL, "raw": RAW, "lower_treatment": LOWER_TREATMENT}


def arms(request):
    return proportion_arm(request["control"]), proportion_arm(request["treatment"])


def unpooled(request):
    (nc, xc), (nt, xt) = arms(request)
    pc, pt = mpf(xc) / nc, mpf(xt) / nt
    return compare(request, (nc, pc, pc * (1 - pc) / nc), (nt, pt, pt * (1 - pt) / nt), normal_degrees)


def estimates(request):
    (nc, xc), (nt, xt) = arms(request)
    pc, pt = mpf(xc) / nc, mpf(xt) / nt
    return {
        "control": {"n": nc, "estimate": pc},
        "treatment": {"n": nt, "estimate": pt},
        "absolute": {"estimate": pt - pc},
    }


def ratio_blocks(request):
    """Wald intervals on the log scale, as statsmodels Table2x2 has them."""
    (nc, xc), (nt, xt) = arms(request)
    q = level_quantile(request, None)
    fc, ft = nc - xc, nt - xt
    odds, risk = mp.log(mpf(xt) * fc / (mpf(ft) * xc)), mp.log(mpf(xt) * nc / (mpf(xc) * nt))
    se_odds = mp.sqrt(mpf(1) / xt + mpf(1) / ft + mpf(1) / xc + mpf(1) / fc)
    se_risk = mp.sqrt(mpf(1) / xt - mpf(1) / nt + mpf(1) / xc - mpf(1) / nc)
    out = {}
    for name, centre, se in (("odds_ratio", odds, se_odds), ("risk_ratio", risk, se_risk)):
        out[name] = {"estimate": mp.exp(centre), "lower": mp.exp(centre - q * se), "upper": mp.exp(centre + q * se)}
    table = Table2x2([[xt, ft], [xc, fc]])
    level = request.get("confidence_level", 0.95)
    close(out["odds_ratio"]["estimate"], table.oddsratio), close(out["risk_ratio"]["estimate"], table.riskratio)
    for end, value in zip(("lower", "upper"), table.oddsratio_confint(1 - level)):
        close(out["odds_ratio"][end], value)
    for end, value in zip(("lower", "upper"), table.riskratio_confint(1 - level)):
        close(out["risk_ratio"][end], value)
    return out


def pooled(request):
    (nc, xc), (nt, xt) = arms(request)
    p = mpf(xc + xt) / (nc + nt)
    out = estimates(request)
    se = mp.sqrt(p * (1 - p) * (mpf(1) / nc + mpf(1) / nt))
    out["statistic"] = (out["absolute"]["estimate"] - number(request.get("null_value", 0))) / se
    out["degrees_of_freedom"] = None
    alternative = request.get("alternative", "two_sided")
    out["p_value"] = p_value(out["statistic"], None, alternative)
    z, pv = proportions_ztest(
        [xt, xc],
        [nt, nc],
        value=request.get("null_value", 0),
        alternative={"two_sided": "two-sided", "greater": "larger", "less": "smaller"}[alternative],
    )
    close(out["statistic"], z), close(out["p_value"], pv)
    return out


def wilson(x, n, q):
    p = mpf(x) / n
    centre, half = p + q * q / (2 * n), q * mp.sqrt(p * (1 - p) / n + q * q / (4 * mpf(n) ** 2))
    return (centre - half) / (1 + q * q / n), (centre + half) / (1 + q * q / n)


def newcombe(request):
    """Newcombe 1998, method 10: the hybrid of two Wilson intervals."""
    (nc, xc), (nt, xt) = arms(request)
    q = level_quantile(request, None)
    (lc, uc), (lt, ut) = wilson(xc, nc, q), wilson(xt, nt, q)
    out = estimates(request)
    pc, pt = out["control"]["estimate"], out["treatment"]["estimate"]
    low, high = pt - pc - mp.sqrt((pt - lt) ** 2 + (uc - pc) ** 2), pt - pc + mp.sqrt((ut - pt) ** 2 + (pc - lc) ** 2)
    return interval(request, out, low, high, "newcomb")


def agresti_caffo(request):
    """Agresti and Caffo 2000: one success and one failure added to each arm."""
    (nc, xc), (nt, xt) = arms(request)
    pc, pt = mpf(xc + 1) / (nc + 2), mpf(xt + 1) / (nt + 2)
    e = ends(pt - pc, mp.sqrt(pc * (1 - pc) / (nc + 2) + pt * (1 - pt) / (nt + 2)), level_quantile(request, None))
    return interval(request, estimates(request), e["lower"], e["upper"], "agresti-caffo")


def interval(request, out, low, high, library_method):
    (nc, xc), (nt, xt) = arms(request)
    if request.get("alternative", "two_sided") == "two_sided":
        library = confint_proportions_2indep(
            xt, nt, xc, nc, method=library_method, compare="diff", alpha=1 - request.get("confidence_level", 0.95)
        )
        assert abs(float(low) - library[0]) < 1e-7 and abs(float(high) - library[1]) < 1e-7
    out["absolute"].update(one_sided({"lower": low, "upper": high}, request.get("alternative", "two_sided")))
    return out


def score_statistic(xc, nc, xt, nt, delta):
    """Miettinen and Nurminen 1985: constrained estimates by the closed-form root, variance times N / (N - 1)."""
    n, x = mpf(nc + nt), mpf(xc + xt)
    pc, pt = mpf(xc) / nc, mpf(xt) / nt
    if delta == 0:
        rc = rt = x / n
    else:
        l3, l2 = n, (nt + 2 * nc) * delta - n - x
        l1, l0 = (nc * delta - n - 2 * xc) * delta + x, xc * delta * (1 - delta)
        q = l2**3 / (3 * l3) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
        p = (1 if q >= 0 else -1) * mp.sqrt(abs(l2**2 / (3 * l3) ** 2 - l1 / (3 * l3)))
        a = (mp.pi + mp.acos(max(min(q / p**3, mpf(1)), mpf(-1)))) / 3
        rc = 2 * p * mp.cos(a) - l2 / (3 * l3)
        rt = rc + delta
    variance = (rc * (1 - rc) / nc + rt * (1 - rt) / nt) * n / (n - 1)
    return (pt - pc - delta) / mp.sqrt(variance)


def miettinen_nurminen(request):
    (nc, xc), (nt, xt) = arms(request)
    out = estimates(request)
    q = level_quantile(request, None)
    delta = out["absolute"]["estimate"]
    f = lambda d: score_statistic(xc, nc, xt, nt, d)

    def bound(target, lo, hi):
        for _ in range(120):
            middle = (lo + hi) / 2
            lo, hi = (middle, hi) if f(middle) > target else (lo, middle)
        return (lo + hi) / 2

    edge = mpf(1) - mpf(10) ** -15
    low, high = bound(q, -edge, delta), bound(-q, delta, edge)
    alternative = request.get("alternative", "two_sided")
    out["statistic"] = score_statistic(xc, nc, xt, nt, number(request.get("null_value", 0)))
    out["degrees_of_freedom"] = None
    out["p_value"] = p_value(out["statistic"], None, alternative)
    if not request.get("null_value"):
        # With another null, statsmodels 0.15 solves a cubic with count0 where the paper has nobs0, so the constrained
        # estimate is checked against the likelihood equation instead.
        library = test_proportions_2indep(
            xt,
            nt,
            xc,
            nc,
            value=0,
            method="score",
            alternative={"two_sided": "two-sided", "greater": "larger", "less": "smaller"}[alternative],
        )
        close(out["statistic"], library.statistic), close(out["p_value"], library.pvalue)
    for d in (low, high):
        likelihood_check(xc, nc, xt, nt, d)
    out["absolute"].update(one_sided({"lower": low, "upper": high}, alternative))
    return out


def likelihood_check(xc, nc, xt, nt, d):
    """The constrained shares of the statistic at d solve the likelihood equation (or sit at its edge)."""
    lo, hi = max(mpf(0), -d), min(mpf(1), 1 - d)
    log_likelihood = lambda p: mp.fsum(
        k * mp.log(s) for k, s in ((xc, p), (nc - xc, 1 - p), (xt, p + d), (nt - xt, 1 - p - d)) if k
    )
    best = max((lo + (hi - lo) * i / 100 for i in range(1, 100)), key=log_likelihood)
    width = (hi - lo) / 100
    a, b = best - width, best + width
    for _ in range(130):
        third = (b - a) / 3
        if log_likelihood(a + third) < log_likelihood(b - third):
            a += third
        else:
            b -= third
    rc, n = (a + b) / 2, mpf(nc + nt)
    rt = rc + d
    z = (mpf(xt) / nt - mpf(xc) / nc - d) / mp.sqrt((rc * (1 - rc) / nc + rt * (1 - rt) / nt) * n / (n - 1))
    close(z, score_statistic(xc, nc, xt, nt, d), 1e-12)


def hypergeometric(k, nt, nc, x):
    return mp.binomial(nt, k) * mp.binomial(nc, x - k) / mp.binomial(nt + nc, x)


def fisher_p(xt, nt, xc, nc, alternative):
    x = xt + xc
    support = range(max(0, x - nc), min(nt, x) + 1)
    p = {k: hypergeometric(k, nt, nc, x) for k in support}
    if alternative == "greater":
        return mp.fsum(p[k] for k in support if k >= xt)
    if alternative == "less":
        return mp.fsum(p[k] for k in support if k <= xt)
    return mp.fsum(v for v in p.values() if v <= p[xt] * (1 + mpf(10) ** -7))


def fisher(request):
    (nc, xc), (nt, xt) = arms(request)
    alternative = request.get("alternative", "two_sided")
    out = estimates(request)
    out["p_value"] = fisher_p(xt, nt, xc, nc, alternative)
    library = stats.fisher_exact([[xt, nt - xt], [xc, nc - xc]], alternative=alternative.replace("_", "-"))
    close(out["p_value"], library.pvalue)
    return out


def supremum(more_extreme, nt, nc):
    """The largest probability of a set of tables over the common success share: a grid, then a polished maximum."""
    counts = [(t, c) for t in range(nt + 1) for c in range(nc + 1) if more_extreme[t, c]]
    weights = np.array(
        [
            stats.binom(nt, 0.5).logpmf(t) + nt * np.log(2) + stats.binom(nc, 0.5).logpmf(c) + nc * np.log(2)
            for t, c in counts
        ]
    )
    x = np.array([t + c for t, c in counts])
    probability = lambda p: float(np.exp(weights + x * np.log(p) + (nt + nc - x) * np.log1p(-p)).sum())
    grid = np.linspace(0.0005, 0.9995, 4000)
    values = np.array([probability(p) for p in grid])
    best = 0.0
    for i in np.argsort(values)[-40:]:
        lo, hi = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
        r = optimize.minimize_scalar(
            lambda p: -probability(p), bounds=(lo, hi), method="bounded", options={"xatol": 1e-12}
        )
        best = max(best, -r.fun)
    return best


def barnard(request):
    """Barnard 1947 with the pooled Wald statistic (Suissa and Shuster 1985)."""
    (nc, xc), (nt, xt) = arms(request)
    alternative = request.get("alternative", "two_sided")
    t, c = np.meshgrid(np.arange(nt + 1), np.arange(nc + 1), indexing="ij")
    p = (t + c) / (nt + nc)
    variance = p * (1 - p) * (1 / nt + 1 / nc)
    wald = np.where(variance > 0, (t / nt - c / nc) / np.sqrt(np.where(variance > 0, variance, 1)), 0.0)
    observed = wald[xt, xc]
    slack = 1e-12 * abs(observed)
    extreme = {
        "two_sided": np.abs(wald) >= abs(observed) - slack,
        "greater": wald >= observed - slack,
        "less": wald <= observed + slack,
    }[alternative]
    out = estimates(request)
    out["p_value"] = supremum(extreme, nt, nc)
    library = stats.barnard_exact([[xt, xc], [nt - xt, nc - xc]], alternative=alternative.replace("_", "-"), n=256)
    close(out["p_value"], library.pvalue, 1e-4)
    return out


def boschloo_one_sided(xt, nt, xc, nc, side):
    p = np.array([[float(fisher_p(t, nt, c, nc, side)) for c in range(nc + 1)] for t in range(nt + 1)])
    return supremum(p <= p[xt, xc] * (1 + 1e-11), nt, nc)


def boschloo(request):
    """Boschloo 1970: Fisher's p-value as the statistic; two-sided is twice the smaller one-sided value (as in scipy)."""
    (nc, xc), (nt, xt) = arms(request)
    alternative = request.get("alternative", "two_sided")
    out = estimates(request)
    if alternative == "two_sided":
        out["p_value"] = min(1.0, 2 * min(boschloo_one_sided(xt, nt, xc, nc, s) for s in ("greater", "less")))
    else:
        out["p_value"] = boschloo_one_sided(xt, nt, xc, nc, alternative)
    library = stats.boschloo_exact([[xt, xc], [nt - xt, nc - xc]], alternative=alternative.replace("_", "-"), n=256)
    close(out["p_value"], library.pvalue, 1e-4)
    return out


def contingency(request):
    """Pearson's or the likelihood-ratio statistic, without continuity correction."""
    (nc, xc), (nt, xt) = arms(request)
    observed = [[mpf(xt), mpf(nt - xt)], [mpf(xc), mpf(nc - xc)]]
    n = nc + nt
    columns = [xt + xc, n - xt - xc]
    cells = [(o, mpf(row) * col / n) for orow, row in zip(observed, (nt, nc)) for o, col in zip(orow, columns)]
    g = request["method"] == "g_test"
    statistic = mp.fsum(2 * o * mp.log(o / e) if g and o else 0 if g else (o - e) ** 2 / e for o, e in cells)
    out = estimates(request)
    out.update({"statistic": statistic, "degrees_of_freedom": 1, "p_value": chi_squared_upper(statistic, 1)})
    library = stats.chi2_contingency(
        [[xt, nt - xt], [xc, nc - xc]], correction=False, lambda_="log-likelihood" if g else None
    )
    close(statistic, library.statistic), close(out["p_value"], library.pvalue)
    return out


METHODS = {
    "z_unpooled": unpooled,
    "z_pooled": pooled,
    "newcombe": newcombe,
    "agresti_caffo": agresti_caffo,
    "miettinen_nurminen": miettinen_nurminen,
    "fisher": fisher,
    "barnard": barnard,
    "boschloo": boschloo,
    "chi_squared": contingency,
    "g_test": contingency,
}
SOURCE = {
    "z_unpooled": "Wald test in 50 digits",
    "z_pooled": "statsmodels proportions_ztest",
    "newcombe": "Newcombe 1998 method 10; statsmodels confint_proportions_2indep(newcomb)",
    "agresti_caffo": "Agresti and Caffo 2000; statsmodels confint_proportions_2indep(agresti-caffo)",
    "miettinen_nurminen": "Miettinen and Nurminen 1985 in 50 digits; statsmodels method='score' at null 0; interval against the likelihood itself",
    "fisher": "hypergeometric sum in 50 digits; scipy.stats.fisher_exact",
    "barnard": "polished supremum over the nuisance share; scipy.stats.barnard_exact to 1e-4",
    "boschloo": "polished supremum over the nuisance share; scipy.stats.boschloo_exact to 1e-4",
    "chi_squared": "scipy.stats.chi2_contingency(correction=False)",
    "g_test": "scipy.stats.chi2_contingency(correction=False, lambda_='log-likelihood')",
}
TOLERANCE = {"barnard": 1e-6, "boschloo": 1e-6}
cases = Cases("proportion_difference", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, pair, ratios=False, **options):
    request = {"control": pair[0], "treatment": pair[1], **options}
    method = options.get("method", "z_unpooled")
    out = METHODS[method](request)
    if ratios:
        out.update(ratio_blocks(request))
    cases.add(name, request, out, SOURCE[method], TOLERANCE.get(method, 1e-8))


for name, pair in PAIRS.items():
    add(f"default_{name}", pair, ratios=True)
    for method in METHODS:
        if name == "large" and method in ("barnard", "boschloo"):
            continue
        add(f"{method}_{name}", pair, method=method)
for alternative in ("greater", "less"):
    for method in METHODS:
        if method not in ("chi_squared", "g_test"):
            add(f"{method}_{alternative}", SMALL, method=method, alternative=alternative)
for method in ("z_unpooled", "z_pooled", "miettinen_nurminen"):
    add(f"{method}_null_value", LARGE, method=method, null_value=0.005)
for method in ("z_unpooled", "newcombe", "agresti_caffo", "miettinen_nurminen"):
    add(f"{method}_level_0.9", SMALL, method=method, confidence_level=0.9)
    add(f"{method}_level_0.99_less", LARGE, method=method, confidence_level=0.99, alternative="less")
for method in ("newcombe", "agresti_caffo", "miettinen_nurminen", "fisher", "barnard", "boschloo", "chi_squared"):
    add(f"{method}_empty_cell", EMPTY_CELL, method=method)
    add(f"{method}_rare", RARE, method=method)
add("ratios_level_0.9", LARGE, ratios=True, confidence_level=0.9)
for relative_method in ("fieller", "log"):
    add(f"relative_{relative_method}", LARGE, relative_method=relative_method)
    add(f"relative_{relative_method}_greater", SMALL, relative_method=relative_method, alternative="greater")
for direction in ("increase", "decrease"):
    add(f"ni_absolute_{direction}", LARGE, non_inferiority_margin=0.01, direction=direction)
    add(f"ni_relative_{direction}", LARGE, non_inferiority_margin=0.05, margin_scale="relative", direction=direction)
    add(
        f"ni_relative_fixed_{direction}",
        LARGE,
        non_inferiority_margin=0.05,
        margin_scale="relative",
        margin_treatment="fixed",
        direction=direction,
    )
cases.add(
    "ratios_empty_cell",
    {"control": EMPTY_CELL[0], "treatment": EMPTY_CELL[1]},
    {
        "odds_ratio": {"lower": None, "upper": None},
        "risk_ratio": {"lower": None, "upper": None},
        "relative": {"estimate": None, "lower": None, "upper": None},
    },
    "a log ratio with an empty cell has no interval",
    warnings_not_empty=True,
)

NOTHING = {"statistic": None, "p_value": None}
cases.insufficient(
    "no_units",
    {"control": {"n": 0, "successes": 0}, "treatment": LARGE[1]},
    {**NOTHING, "control": {"n": 0, "estimate": None}, "absolute": {"estimate": None, "lower": None, "upper": None}},
)
cases.insufficient(
    "nobody_succeeds",
    {"control": {"n": 50, "successes": 0}, "treatment": {"n": 60, "successes": 0}},
    {**NOTHING, "absolute": {"estimate": 0.0}, "relative": {"estimate": None}},
)
cases.insufficient(
    "everybody_succeeds",
    {"control": {"n": 50, "successes": 50}, "treatment": {"n": 60, "successes": 60}},
    {**NOTHING, "absolute": {"estimate": 0.0}},
)
GOOD = {"control": SMALL[0], "treatment": SMALL[1]}
for name, change in {
    "successes_above_n": {"control": {"n": 10, "successes": 11}},
    "negative_successes": {"control": {"n": 10, "successes": -1}},
    "negative_n": {"control": {"n": -10, "successes": 0}},
    "null_successes": {"control": {"n": 10, "successes": None}},
    "value_not_zero_or_one": {"control": {"values": [0, 1, 2]}},
    "null_in_values": {"control": {"values": [0, 1, None]}},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_method": {"method": "wald"},
    "unknown_field": {"correction": True},
    "negative_margin": {"non_inferiority_margin": -0.01, "direction": "increase"},
    "incomplete_sample": {"treatment": {"n": 10}},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
