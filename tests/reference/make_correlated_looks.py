# SPDX-License-Identifier: Apache-2.0
"""Writes correlated_looks.json: bounds of looks whose statistics have any correlation (no independent increments).

The joint probability of staying inside is integrated over the Cholesky variables on nested Gauss-Legendre grids (Genz
1992, section 2, without the sampling), held to scipy's multivariate normal and, where increments are independent, to
the recursion. A file of its own shape: `cases`, each with correlation, information, alpha, sides, spending, bounds and
tolerance, and `probability_inside` up to each look.
"""

import json
import os
import platform

import numpy as np
import scipy
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from group_sequential import spending, upper_bounds

REACH = 8.5


def inside(correlation, lower, upper, nodes):
    """P(lower < Z < upper) for a zero-mean normal vector, one grid of `nodes` per dimension but the last."""
    root = np.linalg.cholesky(np.asarray(correlation))
    x, w = np.polynomial.legendre.leggauss(nodes)
    shift, mass, chosen = np.zeros(1), np.ones(1), np.zeros((0, 1))
    for k in range(len(upper)):
        shift = root[k, :k] @ chosen if k else np.zeros(1)
        low = np.clip((lower[k] - shift) / root[k, k], -REACH, REACH)
        high = np.clip((upper[k] - shift) / root[k, k], -REACH, REACH)
        if k + 1 == len(upper):
            return float(mass @ (ndtr(high) - ndtr(low)))
        half = (high - low)[:, None] / 2
        y = (high + low)[:, None] / 2 + half * x
        mass = (mass[:, None] * half * w * np.exp(-y * y / 2) / np.sqrt(2 * np.pi)).ravel()
        chosen = np.vstack([np.repeat(chosen, nodes, axis=1), y.ravel()])


def nodes_for(k):
    return {1: 8, 2: 96, 3: 80, 4: 64, 5: 28}[k]


def bounds(correlation, information, alpha, sides, spend):
    out, probabilities = [], []
    for k, t in enumerate(information, start=1):
        target = sides * spending(spend["function"], t, alpha / sides, spend.get("parameter"))
        part = np.asarray(correlation)[:k, :k]

        def stay(z, nodes=None):
            upper = out + [z]
            lower = [-u for u in upper] if sides == 2 else [-REACH] * k
            return inside(part, lower, upper, nodes or nodes_for(k))

        low = 0.0 if sides == 2 else -4.0
        z = brentq(lambda z: stay(z) - (1 - target), low, 8.0, xtol=1e-12)
        if k > 1:  # another grid gives the same
            other = brentq(lambda z: stay(z, nodes_for(k) - 6) - (1 - target), low, 8.0, xtol=1e-12)
            assert abs(z - other) < 1e-7, (k, z, other)
        out.append(z)
        probabilities.append(1 - target)
    return out, probabilities


def independent(information):
    t = np.array(information)
    return np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))


def autoregressive(k, rho):
    i = np.arange(k)
    return rho ** abs(np.subtract.outer(i, i))


def exchangeable(k, rho):
    return np.full((k, k), rho) + (1 - rho) * np.eye(k)


# Open-ended metrics: units keep contributing, so early and late looks share less than their information says.
OPEN_ENDED = np.array([[1, 0.62, 0.48, 0.37], [0.62, 1, 0.81, 0.66], [0.48, 0.81, 1, 0.88], [0.37, 0.66, 0.88, 1.0]])
NEGATIVE = np.array([[1, -0.3, 0.1], [-0.3, 1, 0.4], [0.1, 0.4, 1.0]])
LDOF, POCOCK = {"function": "lan_demets_obrien_fleming"}, {"function": "lan_demets_pocock"}
SQUARE, HSD = {"function": "power", "parameter": 2}, {"function": "hwang_shih_decani", "parameter": -4}
equal = lambda k: [(i + 1) / k for i in range(k)]
UNEQUAL = [0.2, 0.45, 0.8, 1]

REQUESTS = []
for label, spend in (("ldof", LDOF), ("pocock", POCOCK), ("square", SQUARE), ("hsd", HSD)):
    for sides, alpha in ((1, 0.025), (2, 0.05)):
        REQUESTS.append((f"open_ended_{label}_sides_{sides}", OPEN_ENDED, UNEQUAL, alpha, sides, spend))
for label, spend in (("pocock", POCOCK), ("square", SQUARE)):
    REQUESTS += [
        (f"two_looks_{label}", exchangeable(2, 0.4), [0.5, 1], 0.05, 2, spend),
        (f"two_looks_nearly_one_{label}", exchangeable(2, 0.98), [0.5, 1], 0.05, 2, spend),
        (f"uncorrelated_{label}", np.eye(3), equal(3), 0.05, 2, spend),
        (f"negative_{label}", NEGATIVE, equal(3), 0.05, 2, spend),
        (f"autoregressive_{label}", autoregressive(4, 0.8), equal(4), 0.01, 2, spend),
        (f"exchangeable_{label}", exchangeable(4, 0.5), equal(4), 0.1, 1, spend),
        (f"independent_increments_{label}", independent(UNEQUAL), UNEQUAL, 0.05, 2, spend),
        (f"five_looks_{label}", autoregressive(5, 0.7), equal(5), 0.05, 2, spend),
        (f"one_look_{label}", np.eye(1), [1], 0.05, 2, spend),
    ]

rows = []
for name, correlation, information, alpha, sides, spend in REQUESTS:
    z, stay = bounds(correlation, information, alpha, sides, spend)
    if name.startswith("independent_increments"):
        assert np.allclose(z, upper_bounds(information, alpha, sides, spend), atol=1e-8)
    if name.startswith("uncorrelated"):  # the product of the tails
        assert abs(np.prod(1 - sides * ndtr(-np.array(z))) - (1 - alpha)) < 1e-9
    k = len(z)
    if k > 1:
        low = [-x for x in z] if sides == 2 else [-np.inf] * k
        mvn = multivariate_normal(np.zeros(k), correlation, abseps=1e-7, releps=1e-7, maxpts=2_000_000, seed=1)
        assert abs(mvn.cdf(z, lower_limit=low) - stay[-1]) < 5e-6, name
    rows.append(
        {
            "name": name,
            "correlation": np.asarray(correlation).tolist(),
            "information": information,
            "alpha": alpha,
            "sides": sides,
            "spending": spend,
            "bounds": [float(x) for x in z],
            "probability_inside": [float(x) for x in stay],
            "tolerance": 1e-6,
        }
    )
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "correlated_looks.json")
with open(path, "w") as f:
    made = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    f.write('{"made_with": %s,\n "cases": [\n' % json.dumps(made))
    f.write(",\n".join("  " + json.dumps(r, allow_nan=False) for r in rows))
    f.write("\n ]}\n")
print("correlated_looks", len(rows))
