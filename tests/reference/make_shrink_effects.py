# SPDX-License-Identifier: Apache-2.0
"""Writes shrink_effects.json: the normal prior in closed form where errors are equal, limits for the other priors."""

import mpmath as mp
import numpy as np
from scipy import stats

from cases import Cases
from exact import mpf, normal_quantile, number

MEAN = "posterior_mean"  # the contract names the number, not the field
PRIORS = ("normal", "spike_and_slab", "t")
CLOSED = "Efron, Morris 1975, equal errors: tau^2 = S^2 - s^2 by moments, REML or Paule-Mandel; tau^2 / (tau^2 + s^2) is kept"


def equal_errors(y, s, level, divisor=None):
    """Posterior means and intervals; the prior mean is estimated, the spread has the divisor k - 1 unless given."""
    y, s = [number(float(v)) for v in y], number(s)
    k = len(y)
    mu = mp.fsum(y) / k
    spread = mp.fsum((v - mu) ** 2 for v in y) / (divisor or k - 1)
    tau = max(mpf(0), spread - s * s)
    b = tau / (tau + s * s)
    z = normal_quantile((1 + number(level)) / 2)
    half = z * mp.sqrt(b) * s
    return [{MEAN: mu + b * (v - mu), "lower": mu + b * (v - mu) - half, "upper": mu + b * (v - mu) + half} for v in y]


cases = Cases("shrink_effects")


def request_of(y, s, **options):
    y = [float(v) for v in y]
    return {"estimates": y, "standard_errors": [float(s)] * len(y) if np.isscalar(s) else s, **options}


def add(name, request, effects, source, **tolerance):
    cases.add(name, request, {"effects": effects}, source, **tolerance)


# Symmetric about zero and many, so that a prior mean of zero or estimated, and a divisor of k or k - 1, agree within 1 %.
SCORES = stats.norm.ppf((np.arange(200) + 0.5) / 200)
for ratio in (0.5, 1.0, 3.0):
    y = np.round(0.02 * SCORES * np.sqrt(1 + ratio**2), 8)
    for level in (0.95, 0.8):
        options = {} if level == 0.95 else {"confidence_level": level}
        for word in ({}, {"prior": "normal"}):
            if word and options:
                continue
            add(
                f"symmetric_{ratio}_{level}_{word.get('prior', 'default')}",
                request_of(y, 0.02, **options, **word),
                equal_errors(y, 0.02, level),
                CLOSED,
                relative_tolerance=0,
                absolute_tolerance=0.04 * 0.02 * (1 + ratio),
            )
# Estimated prior mean, known once estimated.
FEW = [0.012, 0.034, -0.008, 0.051, 0.027, 0.003, 0.044, 0.019]
add(
    "reading_estimated_mean_and_plug_in_interval",
    request_of(FEW, 0.01, prior="normal"),
    equal_errors(FEW, 0.01, 0.95, len(FEW)),
    "marginal maximum likelihood, tau^2 = S^2 - s^2 with divisor k; a reading: so is the prior fitted, and then taken as known",
)
add(
    "reading_no_spread_beyond_error",
    request_of([0.010, 0.012, 0.009, 0.011], 0.05, prior="normal"),
    [{MEAN: 0.0105}] * 4,
    CLOSED + "; a reading: the prior mean is estimated, so all effects become it",
)
add(
    "no_spread_around_zero",
    request_of([-0.01, 0.01, -0.02, 0.02, 0.0], 0.5, prior="normal"),
    [{MEAN: 0.0}] * 5,
    CLOSED,
    relative_tolerance=0,
    absolute_tolerance=1e-9,
)
# Errors far below the spread: nothing is shrunk, whatever the prior.
WIDE = [-3.0, 1.5, 2.0, -0.75, 4.25, -2.5, 0.9, 3.1, -1.4, -4.05]
for prior in PRIORS:
    z = float(normal_quantile(mpf("0.975")))
    add(
        f"exact_estimates_{prior}",
        request_of(WIDE, 1e-5, prior=prior),
        [{MEAN: v, "lower": v - z * 1e-5, "upper": v + z * 1e-5} for v in WIDE],
        "standard errors far below the spread leave every estimate as it is",
        relative_tolerance=0,
        absolute_tolerance=2e-6,
    )
# Ninety effects of nothing and ten large ones.
NULLS = [round(float(v), 4) for v in stats.norm.ppf((np.arange(90) + 0.5) / 90)]
LARGE = [9.0, -9.0, 11.0, -11.0, 13.0, -13.0, 10.0, -10.0, 12.0, -12.0]
middle = [i for i, v in enumerate(NULLS) if abs(v) < 1]
for prior, slack in (
    ("spike_and_slab", 0.5),
    ("t", 1.5),
):  # a t prior with v degrees still shrinks y by about (v + 1) / y
    request = request_of(NULLS + LARGE, 1.0, prior=prior)
    why = "many nulls and a few effects of ten errors: heavy or split priors "
    large = [{}] * 90 + [{MEAN: v} for v in LARGE]
    small = [{MEAN: 0.0} if i in middle else {} for i in range(100)]
    add(
        f"sparse_{prior}_large",
        request,
        large,
        why + "keep the large ones",
        relative_tolerance=0,
        absolute_tolerance=slack,
    )
    add(
        f"sparse_{prior}_small", request, small, why + "shrink the small", relative_tolerance=0, absolute_tolerance=0.75
    )
add(
    "sparse_normal",
    request_of(NULLS + LARGE, 1.0, prior="normal"),
    [{MEAN: e[MEAN]} for e in equal_errors(NULLS + LARGE, 1.0, 0.95)],
    CLOSED,
    relative_tolerance=0.02,
    absolute_tolerance=0.01,
)
for prior in PRIORS:
    cases.insufficient(f"no_effects_{prior}", request_of([], [], prior=prior), {"effects": []})
    cases.insufficient(f"one_effect_{prior}", request_of([0.3], 0.1, prior=prior), {})
GOOD = request_of([0.1, 0.2, 0.3], 0.1)
for name, change in {
    "unequal_lengths": {"standard_errors": [0.1, 0.1]},
    "negative_standard_error": {"standard_errors": [0.1, -0.1, 0.2]},
    "null_estimate": {"estimates": [0.1, None, 0.3]},
    "null_standard_error": {"standard_errors": [0.1, None, 0.2]},
    "text_estimate": {"estimates": [0.1, "0.2", 0.3]},
    "unknown_prior": {"prior": "horseshoe"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"variances": [1, 1, 1]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_standard_errors", {"estimates": [0.1, 0.2]})
cases.write()
