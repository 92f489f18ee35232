# SPDX-License-Identifier: Apache-2.0
"""Writes bayesian_difference.json: normal-normal in closed form, beta-binomial by quadrature against Miller's sums."""

import functools

import mpmath as mp
import numpy as np
from scipy import optimize, special, stats

from arms import mean_arm, ratio_arm
from cases import Cases, close
from exact import normal_cdf, normal_quantile, number

MOMENTS = ({"n": 5120, "mean": 18.32, "variance": 402.5}, {"n": 5087, "mean": 19.02, "variance": 410.75})
SMALL = ({"n": 25, "mean": 10.5, "variance": 16.2}, {"n": 40, "mean": 12.1, "variance": 9.5})
SUMS = (
    {"n": 3407, "sum": 1396.87, "sum_of_squares": 52377.9767},
    {"n": 3461, "sum": 2422.7, "sum_of_squares": 134698.29},
)
ROWS = (
    {"values": [12.5, 10.0, 13.25, 7.75, 18.0, 11.5, 9.0, 14.125]},
    {"values": [19.0, 15.5, 11.0, 10.0, 13.75, 12.25, 17.5, 18.0, 12.0]},
)
RATIO = (
    {
        "n": 950,
        "numerator": {"mean": 2.5, "variance": 6.25},
        "denominator": {"mean": 9.0, "variance": 30.5},
        "covariance": 11.0,
    },
    {
        "n": 980,
        "numerator": {"mean": 2.8, "variance": 7.5},
        "denominator": {"mean": 9.2, "variance": 28.0},
        "covariance": 10.25,
    },
)
NORMAL = "normal posterior of the effect; risk: E max(effect, 0) of the control, E max(-effect, 0) of the treatment"
BETA = "independent beta posteriors; quadrature, probability equal to Miller 2014, formula (6)"


def effect(request):
    """Estimate and variance of the effect on the scale of the prior."""
    arm = ratio_arm if "numerator" in request["control"] else mean_arm
    (nc, mc, sc), (nt, mt, st) = arm(request["control"]), arm(request["treatment"])
    vc, vt = sc / nc, st / nt
    prior_scale = request.get("prior", {}).get("scale", "relative")
    if prior_scale == "absolute":
        return mt - mc, vt + vc
    return mt / mc - 1, vt / mc**2 + mt**2 * vc / mc**4


def normal(request):
    estimate, variance = effect(request)
    prior = request.get("prior", {"proper": False})
    if prior.get("proper"):
        w, w0 = 1 / variance, 1 / number(prior["variance"])
        estimate, variance = (w * estimate + w0 * number(prior["mean"])) / (w + w0), 1 / (w + w0)
    sd = mp.sqrt(variance)
    z = normal_quantile((1 + number(request.get("confidence_level", 0.95))) / 2)
    x = estimate / sd
    gain = sd * mp.npdf(x) + estimate * normal_cdf(x)
    return {
        "probability_better": normal_cdf(x),
        "risk": {"control": gain, "treatment": gain - estimate},
        "credible_interval": {"lower": estimate - z * sd, "upper": estimate + z * sd},
    }


def posteriors(request):
    a, b = request.get("prior_alpha", 1), request.get("prior_beta", 1)
    return [
        (a + request[k]["successes"], b + request[k]["n"] - request[k]["successes"]) for k in ("control", "treatment")
    ]


NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)


@functools.lru_cache(maxsize=None)
def bulk(a, b):
    inner = [
        stats.beta.ppf([1e-17, 1e-10, 1e-6, 1e-3, 0.1, 0.5, 0.9], a, b),
        stats.beta.isf([1e-3, 1e-6, 1e-10, 1e-17], a, b),
    ]
    return np.arcsin(np.sqrt([0.0, *np.concatenate(inner), 1.0]))


def grid(a, b, more=()):
    """Nodes and probability weights of a beta posterior, in pieces around its bulk; x = sin(u)^2 removes poles at the ends."""
    edges = np.unique(np.clip([*bulk(a, b), *more], 0, np.pi / 2))
    u = np.concatenate([(high - low) / 2 * NODES + (high + low) / 2 for low, high in zip(edges, edges[1:])])
    w = np.concatenate([(high - low) / 2 * WEIGHTS for low, high in zip(edges, edges[1:])])
    density = np.exp((2 * a - 1) * np.log(np.sin(u)) + (2 * b - 1) * np.log(np.cos(u)) - special.betaln(a, b))
    return np.sin(u) ** 2, 2 * w * density


def expectation(a, b, f, more=()):
    x, w = grid(a, b, more)
    return float(w @ f(x))


def beta_binomial(request):
    (ac, bc), (at, bt) = posteriors(request)
    close(expectation(ac, bc, np.ones_like), 1, 1e-9)
    better = expectation(ac, bc, lambda x: stats.beta.sf(x, at, bt))
    mean_c, mean_t = ac / (ac + bc), at / (at + bt)
    # E max(T - C, 0) = E over C of [E T 1{T > c} - c P(T > c)]
    gain = expectation(ac, bc, lambda x: mean_t * stats.beta.sf(x, at + 1, bt) - x * stats.beta.sf(x, at, bt))
    loss = expectation(at, bt, lambda x: mean_c * stats.beta.sf(x, ac + 1, bc) - x * stats.beta.sf(x, ac, bc))
    assert abs((gain - loss) - (mean_t - mean_c)) < 1e-10

    def below(d):
        """P(T - C <= d); pieces shrink towards the share of the control where the treatment's reaches an end."""
        corner = np.arcsin(np.sqrt(min(max(-d if d < 0 else 1 - d, 0.0), 1.0)))
        steps = corner + np.outer([-1, 1], np.pi / 2 * 2.0 ** -np.arange(1, 50)).ravel()
        return expectation(ac, bc, lambda x: stats.beta.cdf(x + d, at, bt), [corner, *steps])

    level = request.get("confidence_level", 0.95)
    ends = [optimize.brentq(lambda d: below(d) - p, -1, 1, xtol=1e-13) for p in ((1 - level) / 2, (1 + level) / 2)]
    if all(v == int(v) for v in (ac, bc, at, bt)) and at < 3000:
        close(better, miller(ac, bc, at, bt), 1e-8)
    return {"probability_better": better, "risk": {"control": gain, "treatment": loss}}, dict(
        zip(("lower", "upper"), ends)
    )


def miller(ac, bc, at, bt):
    """P(T > C) for whole at: sum_{i < at} B(ac + i, bc + bt) / ((bt + i) B(1 + i, bt) B(ac, bc))."""
    beta = lambda x, y: mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)
    return mp.fsum(mp.exp(beta(ac + i, bc + bt) - beta(1 + i, bt) - beta(ac, bc)) / (bt + i) for i in range(int(at)))


cases = Cases("bayesian_difference")


def add_normal(name, pair, source=NORMAL, **options):
    request = {"control": pair[0], "treatment": pair[1], **options}
    cases.add(name, request, normal(request), source)
    return cases.cases[-1]["expected"]


FLAT = {"mean": 0, "variance": 1, "proper": False}
PRIORS = {
    "flat": FLAT,
    "skeptical": {"mean": 0, "variance": 0.0025, "proper": True},
    "optimistic": {"mean": 0.05, "variance": 0.01, "proper": True},
    "pessimistic": {"mean": -0.2, "variance": 0.09, "proper": True},
    "tight": {"mean": 0, "variance": 1e-8, "proper": True},
    "flat_absolute": {**FLAT, "scale": "absolute"},
    "skeptical_absolute": {"mean": 0, "variance": 0.25, "proper": True, "scale": "absolute"},
    "relative_stated": {"mean": 0.1, "variance": 0.04, "proper": True, "scale": "relative"},
}
for label, prior in PRIORS.items():
    add_normal(f"moments_{label}", MOMENTS, prior=prior)
    add_normal(f"small_{label}", SMALL, prior=prior)
for label, pair in {"rows": ROWS, "sums": SUMS, "ratio": RATIO}.items():
    for prior in ("flat", "skeptical", "skeptical_absolute"):
        add_normal(f"{label}_{prior}", pair, prior=PRIORS[prior])
    add_normal(f"{label}_no_prior", pair, NORMAL + "; without a prior it is flat, on the relative effect")
add_normal("level_0.8", MOMENTS, prior=PRIORS["skeptical"], confidence_level=0.8)
add_normal("level_0.99", MOMENTS, prior=FLAT, confidence_level=0.99)
add_normal("swapped", MOMENTS[::-1], prior=FLAT)
# gbstats' own check of this data: relative .70732, error .37879.
one = next(c["expected"] for c in cases.cases if c["name"] == "sums_flat")
assert abs(one["probability_better"] - stats.norm.cdf(0.70732 / 0.37879)) < 1e-5

COUNTS = {
    "ordinary": ({"n": 900, "successes": 131}, {"n": 910, "successes": 160}),
    "small": ({"n": 12, "successes": 3}, {"n": 10, "successes": 6}),
    "none_and_all": ({"n": 8, "successes": 0}, {"n": 9, "successes": 9}),
    "none_at_all": ({"n": 20, "successes": 0}, {"n": 25, "successes": 0}),
    "large": ({"n": 10000, "successes": 1012}, {"n": 9800, "successes": 1083}),
    "rows": ({"values": [0, 1, 0, 0, 1, 0, 0]}, {"values": [1, 1, 0, 1, 0, 1]}),
}
for label, pair in COUNTS.items():
    for word, prior in {
        "default": {},
        "uniform": {"prior_alpha": 1, "prior_beta": 1},
        "jeffreys": {"prior_alpha": 0.5, "prior_beta": 0.5},
        "informed": {"prior_alpha": 12, "prior_beta": 88},
    }.items():
        if label != "ordinary" and word == "default" or label in ("rows", "large") and word == "jeffreys":
            continue
        request = {"control": pair[0], "treatment": pair[1], "model": "beta_binomial", **prior}
        counts = {
            **request,
            **{
                k: request[k]
                if "n" in request[k]
                else {"n": len(request[k]["values"]), "successes": sum(request[k]["values"])}
                for k in ("control", "treatment")
            },
        }
        out, interval = beta_binomial(counts)
        cases.add(f"beta_{label}_{word}", request, out, BETA, relative_tolerance=1e-7)
        cases.add(
            f"beta_{label}_{word}_interval",
            request,
            {"credible_interval": interval},
            "equal tails of the difference of the two rates, by quadrature",
            relative_tolerance=1e-6,
        )

EMPTY = {"probability_better": None, "credible_interval": {"lower": None, "upper": None}}
cases.insufficient("one_row", {"control": {"values": [1.0]}, "treatment": {"values": [2.0, 3.0]}, "prior": FLAT}, EMPTY)
cases.insufficient("no_rows", {"control": {"values": []}, "treatment": {"values": [2.0, 3.0]}, "prior": FLAT}, EMPTY)
cases.insufficient(
    "zero_control",
    {"control": {"n": 10, "mean": 0.0, "variance": 1.0}, "treatment": SMALL[1], "prior": FLAT},
    EMPTY,
    "a zero control has no relative effect",
)
GOOD = {"control": SMALL[0], "treatment": SMALL[1], "prior": PRIORS["skeptical"]}
for name, change in {
    "negative_prior_variance": {"prior": {"mean": 0, "variance": -1, "proper": True}},
    "zero_prior_variance": {"prior": {"mean": 0, "variance": 0, "proper": True}},
    "unknown_scale": {"prior": {**FLAT, "scale": "log"}},
    "null_prior_mean": {"prior": {"mean": None, "variance": 1, "proper": True}},
    "unknown_field_in_prior": {"prior": {**FLAT, "sd": 1}},
    "unknown_model": {"model": "poisson_gamma"},
    "negative_variance": {"control": {"n": 10, "mean": 1.0, "variance": -1.0}},
    "null_in_values": {"control": {"values": [1.0, None]}},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"draws": 100},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
BINARY = {"control": COUNTS["small"][0], "treatment": COUNTS["small"][1], "model": "beta_binomial"}
for name, change in {
    "zero_prior_alpha": {"prior_alpha": 0},
    "negative_prior_beta": {"prior_beta": -1},
    "beta_of_means": {"control": SMALL[0]},
    "successes_above_n": {"control": {"n": 5, "successes": 6}},
}.items():
    cases.error(f"error_{name}", {**BINARY, **change})
cases.write()
