# SPDX-License-Identifier: Apache-2.0
"""Writes bootstrap_difference.json: exact moments of the Poisson bootstrap and a long NumPy run for the interval ends."""

import mpmath as mp
import numpy as np
from scipy import stats

from cases import Cases, close

REPLICATES = 20000  # asked of the core
LONG = 200000  # drawn here
rng = np.random.default_rng(99)
NORMAL = (np.round(rng.normal(10, 3, 60), 2), np.round(rng.normal(11.5, 4, 75), 2))
SKEWED = (np.round(rng.lognormal(1.0, 1.0, 80), 2), np.round(rng.lognormal(1.2, 1.0, 70), 2))
ZEROS = (np.repeat([0.0, 1.0, 4.0, 9.5], [50, 15, 8, 2]), np.repeat([0.0, 1.0, 4.0, 9.5, 20.0], [45, 18, 10, 4, 1]))
SOURCE = {
    "percentile": "Efron, Tibshirani 1993 chapter 13 with Poisson weights, long run",
    "bca": "Efron 1987: bias from the replicates, acceleration from the two-sample jackknife, long run",
    "studentized": "Efron, Tibshirani 1993 chapter 12 (bootstrap-t, unpooled standard error), long run",
}


def weights(n, seed):
    """Poisson(1) weights in pieces of 20000 replicates."""
    r = np.random.default_rng(seed)
    for _ in range(LONG // 20000):
        yield r.poisson(1.0, (20000, n)).astype(np.float32)


def mean_replicates(y, seed):
    """Means and their standard errors, each replicate a weighted sample of Poisson size."""
    means, errors = [], []
    for w in weights(len(y), seed):
        w = w.astype(float)
        n = w.sum(1)
        m = w @ y / n
        means.append(m), errors.append((w @ (y * y) - n * m * m) / (n - 1) / n)
    return np.concatenate(means), np.concatenate(errors)


def ratio_replicates(y, z, seed):
    return np.concatenate([(w @ y) / (w @ z) for w in (x.astype(float) for x in weights(len(y), seed))])


def quantile_replicates(y, q, seed):
    x = np.sort(y)
    out = []
    for w in weights(len(y), seed):
        c = np.cumsum(w, axis=1)
        out.append(x[np.argmax(c >= q * c[:, -1:], axis=1)])
    return np.concatenate(out)


def slack(draws, levels, scale):
    """Five binomial errors of the asked replicates in the units of the draws, and 3 % of the spread (order 1/n)."""
    worst = 0.0
    for p in levels:
        error = 5 * np.sqrt(p * (1 - p) / REPLICATES)
        at = np.quantile(draws, [max(1e-5, p - error), p, min(1 - 1e-5, p + error)])
        worst = max(worst, at[2] - at[1], at[1] - at[0])
    return (worst + 0.03 * np.std(draws)) * scale


def poisson_mean_variance(y):
    """Exact: given the total weight N > 0 a replicate is a mean of N draws, so the variance is s^2 (divisor n) E[1/N | N > 0]."""
    n = len(y)
    inverse = mp.nsum(lambda k: mp.exp(-n + k * mp.log(n) - mp.loggamma(k + 1)) / k, [1, 6 * n]) / (1 - mp.exp(-n))
    return float(inverse) * np.var(y)


cases = Cases("bootstrap_difference")


def cases_of(name, request, estimate, absolute, tolerance, source):
    cases.add(f"{name}_estimate", request, estimate, "the statistic of the rows themselves")
    for part, fields in absolute.items():
        cases.add(
            f"{name}_{part}",
            request,
            {"absolute": fields},
            source if part == "interval" else "spread of the Poisson bootstrap",
            relative_tolerance=0,
            absolute_tolerance=float(tolerance[part]),
        )


def request_of(control, treatment, statistic, interval, **options):
    return {
        "control": control,
        "treatment": treatment,
        "statistic": statistic,
        "interval": interval,
        "replicates": REPLICATES,
        "seed": 20240229,
        **options,
    }


def levels_of(options):
    level, alternative = options.get("confidence_level", 0.95), options.get("alternative", "two_sided")
    return {"two_sided": ((1 - level) / 2, (1 + level) / 2), "greater": (1 - level, None), "less": (None, level)}[
        alternative
    ]


def means(name, pair, intervals=("percentile", "bca", "studentized"), **options):
    c, t = pair
    (mc, vc), (mt, vt) = mean_replicates(c, 1), mean_replicates(t, 2)
    draws, observed = mt - mc, t.mean() - c.mean()
    sd = np.sqrt(poisson_mean_variance(c) + poisson_mean_variance(t))
    close(sd, draws.std(), 0.01)
    low, high = levels_of(options)
    used = [p for p in (low, high) if p is not None]
    influence = np.concatenate([(t - t.mean()) / len(t), -(c - c.mean()) / len(c)])
    acceleration = np.sum(influence**3) / (6 * np.sum(influence**2) ** 1.5)
    z0 = stats.norm.ppf(np.mean(draws < observed) + np.mean(draws == observed) / 2)
    se = np.sqrt(np.var(t, ddof=1) / len(t) + np.var(c, ddof=1) / len(c))
    pivots = (draws - observed) / np.sqrt(vc + vt)
    for interval in intervals:
        if interval == "percentile":
            ends = [None if p is None else np.quantile(draws, p) for p in (low, high)]
            tolerance = slack(draws, used, 1)
        elif interval == "bca":
            shifted = []
            for p in (low, high):
                if p is None:
                    shifted.append(None)
                    continue
                z = z0 + stats.norm.ppf(p)
                shifted.append(stats.norm.cdf(z0 + z / (1 - acceleration * z)))
            ends = [None if p is None else np.quantile(draws, p) for p in shifted]
            # The bias is itself estimated: its error moves the end by about twice as many standard deviations.
            bias_error = 5 * 2 * 1.2533 / np.sqrt(REPLICATES) * draws.std()
            tolerance = slack(draws, [p for p in shifted if p is not None], 1) + bias_error
        else:
            ends = [None if p is None else observed - np.quantile(pivots, 1 - p) * se for p in (low, high)]
            tolerance = slack(pivots, [1 - p for p in used], se)
        cases_of(
            f"{name}_{interval}",
            request_of({"values": list(c)}, {"values": list(t)}, "mean", interval, **options),
            {
                "control": {"n": len(c), "estimate": c.mean()},
                "treatment": {"n": len(t), "estimate": t.mean()},
                "absolute": {"estimate": observed},
                "relative": {"estimate": t.mean() / c.mean() - 1},
            },
            {"interval": {"lower": ends[0], "upper": ends[1]}, "standard_error": {"standard_error": sd}},
            {"interval": tolerance, "standard_error": 5 * sd * np.sqrt(1.5 / (2 * REPLICATES)) + 0.01 * sd},
            SOURCE[interval],
        )


means("mean_normal", NORMAL)
means("mean_skewed", SKEWED)
means("mean_zero_inflated", ZEROS, ("percentile",))
means("mean_level_0.8", NORMAL, ("percentile", "bca"), confidence_level=0.8)
means("mean_greater", NORMAL, ("percentile",), alternative="greater")
means("mean_less", NORMAL, ("studentized",), alternative="less")

c, t = np.round(rng.gamma(2, 5, 201), 2), np.round(rng.gamma(2.4, 5, 251), 2)
for q in (0.5, 0.8):
    draws = quantile_replicates(t, q, 4) - quantile_replicates(c, q, 3)
    ends = np.quantile(draws, [0.025, 0.975])
    middle = [np.sort(v)[int(len(v) * (q - 0.1)) : int(len(v) * (q + 0.1))] for v in (c, t)]
    gap = max(np.max(np.diff(m)) for m in middle)
    observed = np.quantile(t, q) - np.quantile(c, q)
    cases_of(
        f"quantile_{q}_percentile",
        request_of({"values": list(c)}, {"values": list(t)}, "quantile", "percentile", quantile=q),
        {
            "control": {"n": len(c), "estimate": np.quantile(c, q)},
            "treatment": {"n": len(t), "estimate": np.quantile(t, q)},
            "absolute": {"estimate": observed},
        },
        {"interval": {"lower": ends[0], "upper": ends[1]}, "standard_error": {"standard_error": draws.std()}},
        {"interval": slack(draws, (0.025, 0.975), 1) + gap, "standard_error": 0.1 * draws.std()},
        SOURCE["percentile"] + "; a weighted quantile may differ by one gap between neighbours",
    )

zc, zt = rng.poisson(8, 90) + 1.0, rng.poisson(8, 100) + 1.0
yc, yt = np.round(zc * rng.beta(2, 5, 90), 2), np.round(zt * rng.beta(2.3, 5, 100), 2)
draws = ratio_replicates(yt, zt, 6) - ratio_replicates(yc, zc, 5)
rc, rt = yc.sum() / zc.sum(), yt.sum() / zt.sum()
delta = np.sqrt(sum(np.sum((y - y.sum() / z.sum() * z) ** 2) / z.sum() ** 2 for y, z in ((yc, zc), (yt, zt))))
close(delta, draws.std(), 0.02)
cases_of(
    "ratio_percentile",
    request_of(
        {"numerator": list(yc), "denominator": list(zc)},
        {"numerator": list(yt), "denominator": list(zt)},
        "ratio",
        "percentile",
    ),
    {
        "control": {"n": 90, "estimate": rc},
        "treatment": {"n": 100, "estimate": rt},
        "absolute": {"estimate": rt - rc},
        "relative": {"estimate": rt / rc - 1},
    },
    {
        "interval": dict(zip(("lower", "upper"), np.quantile(draws, [0.025, 0.975]))),
        "standard_error": {"standard_error": draws.std()},
    },
    {"interval": slack(draws, (0.025, 0.975), 1), "standard_error": 0.04 * draws.std()},
    SOURCE["percentile"],
)

NULL_INTERVAL = {"standard_error": None, "lower": None, "upper": None}
few = {"statistic": "mean", "interval": "percentile", "replicates": 1000, "seed": 1}
for name, control, treatment, estimate in (
    ("no_rows", [], [1.0, 2.0, 4.0], None),
    ("one_row", [1.0], [2.0, 3.0, 4.0], 2.0),
):
    cases.insufficient(
        name,
        {"control": {"values": control}, "treatment": {"values": treatment}, **few},
        {"absolute": {"estimate": estimate, **NULL_INTERVAL}},
    )
cases.insufficient(
    "zero_variance_both",
    {"control": {"values": [2.0] * 10}, "treatment": {"values": [3.0] * 12}, **few},
    {"absolute": {"estimate": 1.0}},
)
GOOD = {"control": {"values": list(NORMAL[0])}, "treatment": {"values": list(NORMAL[1])}, **few}
for name, change in {
    "unknown_statistic": {"statistic": "mode"},
    "unknown_interval": {"interval": "basic_bca"},
    "no_replicates": {"replicates": 0},
    "negative_replicates": {"replicates": -1},
    "moments_instead_of_rows": {"control": {"n": 10, "mean": 1.0, "variance": 1.0}},
    "proportion_instead_of_rows": {"control": {"n": 10, "successes": 3}},
    "null_in_values": {"control": {"values": [1.0, None]}},
    "text_seed": {"seed": "one"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "quantile_above_one": {"statistic": "quantile", "quantile": 1.5},
    "ratio_of_values": {"statistic": "ratio"},
    "unequal_lengths": {
        "statistic": "ratio",
        "control": {"numerator": [1, 2], "denominator": [1]},
        "treatment": {"numerator": [1, 2], "denominator": [1, 1]},
    },
    "unknown_field": {"draws": 10},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_treatment", {"control": GOOD["control"], **few})
cases.write()
