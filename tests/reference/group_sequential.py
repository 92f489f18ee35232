# SPDX-License-Identifier: Apache-2.0
"""Group-sequential probabilities by recursive quadrature, written apart from the core.

Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, chapter 19. The score S_k = Z_k sqrt(t_k) has independent
normal increments. Its density inside the bounds is carried on Gauss-Legendre panels no wider than the narrower of the two
neighbouring increments' standard deviations, twelve nodes each, so that no rule of the core's is repeated here.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

NEVER = 8.0  # a bound above it is reported as 8 and never crossed
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
REACH = 9.5  # standard deviations kept where there is no bound


def spending(function, t, level, parameter=None):
    """Error spent by information t, of `level` in all."""
    t = min(float(t), 1.0)
    if function == "lan_demets_obrien_fleming":
        return 2 * ndtr(ndtri(level / 2) / np.sqrt(t))
    if function == "lan_demets_pocock":
        return level * np.log1p((np.e - 1) * t)
    if function == "power":
        return level * t**parameter
    if function == "hwang_shih_decani":
        return level * t if parameter == 0 else level * np.expm1(-parameter * t) / np.expm1(-parameter)
    raise ValueError(function)


EXPONENT = {"obrien_fleming": 0.0, "pocock": 0.5}  # Wang and Tsiatis 1987: bound c t^(exponent - 1/2)


class Walk:
    """The density of the score at the looks so far, among the paths that have not stopped."""

    def __init__(self, drift=0.0):
        self.drift, self.t, self.points, self.mass = drift, 0.0, np.zeros(1), np.ones(1)

    def above(self, t, z):
        """P(not stopped before, Z >= z at information t)."""
        step = t - self.t
        return float(self.mass @ ndtr((self.points + self.drift * step - z * np.sqrt(t)) / np.sqrt(step)))

    def below(self, t, z):
        step = t - self.t
        return float(self.mass @ ndtr((z * np.sqrt(t) - self.points - self.drift * step) / np.sqrt(step)))

    def advance(self, t, lower, upper, following=None):
        """Keep the paths with lower < Z < upper at information t; `following` is the next look's information."""
        step, scale, mean = t - self.t, np.sqrt(t), self.drift * t
        low = max(lower * scale, mean - REACH * scale)
        high = min(upper * scale, mean + REACH * scale)
        if high <= low:  # nothing worth counting goes on
            self.points, self.mass, self.t = np.array([low]), np.zeros(1), t
            return self
        width = np.sqrt(min(step, (following or t) - t or step))
        edges = np.linspace(low, high, int(np.ceil((high - low) / width)) + 1)
        half = np.diff(edges) / 2
        points = (edges[:-1] + half)[:, None] + half[:, None] * NODES
        weights = (half[:, None] * WEIGHTS).ravel()
        points = points.ravel()
        density = np.zeros_like(points)
        for part in np.array_split(np.arange(len(points)), max(1, len(points) * len(self.points) // 2_000_000)):
            d = points[part, None] - self.points[None, :] - self.drift * step
            density[part] = np.exp(-d * d / (2 * step)) @ self.mass
        self.points, self.mass, self.t = points, weights * density / np.sqrt(2 * np.pi * step), t
        return self


def walls(upper, sides, lower=None):
    """(lower, upper) as the paths meet them: a bound of 8 is no bound."""
    up = [np.inf if u >= NEVER else u for u in upper]
    if lower is not None:
        return list(lower), up
    return [-u if sides == 2 else -np.inf for u in up], up


def next_information(information, k):
    return information[k + 1] if k + 1 < len(information) else None


def spent_bounds(information, increments_of, sides):
    """Upper bounds whose cumulative crossing of one tail at look k is increments_of[k]."""
    walk, upper, spent = Walk(), [], 0.0
    for k, (t, target) in enumerate(zip(information, increments_of)):
        want = target - spent
        if walk.above(t, NEVER) >= want:
            upper.append(NEVER)
        else:
            low = -NEVER if sides == 1 else 0.0
            if walk.above(t, low) <= want:
                upper.append(low)
            else:
                upper.append(brentq(lambda z: np.log(walk.above(t, z) / want), low, NEVER, xtol=1e-13, rtol=1e-14))
            spent += walk.above(t, upper[-1])
        lower, up = walls(upper, sides)
        if k + 1 < len(information):
            walk.advance(t, lower[k], up[k], next_information(information, k))
    return upper


def crossing(information, lower, upper, drift=0.0):
    """P(first crossing of the upper bound at look k), the same of the lower bound."""
    walk, up, down = Walk(drift), [], []
    for k, t in enumerate(information):
        up.append(walk.above(t, upper[k]) if np.isfinite(upper[k]) else 0.0)
        down.append(walk.below(t, lower[k]) if np.isfinite(lower[k]) else 0.0)
        if k + 1 < len(information):
            walk.advance(t, lower[k], upper[k], next_information(information, k))
    return np.array(up), np.array(down)


def upper_bounds(information, alpha, sides, spend):
    """Upper bounds on the z scale."""
    information, tail = [float(t) for t in information], alpha / sides
    function, parameter = spend["function"], spend.get("parameter")
    if function in EXPONENT or function == "wang_tsiatis":
        exponent = EXPONENT.get(function, parameter)
        shape = np.array(information) ** (exponent - 0.5)

        def excess(c):
            lower, up = walls(c * shape, sides)
            return crossing(information, lower, up)[0].sum() - tail

        c = brentq(excess, 0.01, 20.0, xtol=1e-13, rtol=1e-14)
        return [min(NEVER, b) for b in c * shape]
    targets = [spending(function, t, tail, parameter) for t in information]
    targets[-1] = tail if information[-1] >= 1 else targets[-1]
    return spent_bounds(information, targets, sides)


def futility_bounds(information, upper, beta, spend):
    """(lower bounds, drift): non-binding futility of a one-sided test, beta spent at the drift where both meet at the end."""

    def lower_at(drift):
        walk, lower, spent = Walk(drift), [], 0.0
        for k, t in enumerate(information[:-1]):
            want = spending(spend["function"], t, beta, spend.get("parameter")) - spent
            if walk.below(t, walls(upper, 1)[1][k]) <= want:  # too little is left to spend: the drift is too large
                return lower, beta
            lower.append(brentq(lambda z: walk.below(t, z) - want, -20, min(20, walls(upper, 1)[1][k]), xtol=1e-13))
            spent += walk.below(t, lower[-1])
            walk.advance(t, lower[-1], walls(upper, 1)[1][k], next_information(information, k))
        return lower, beta - spent - walk.below(information[-1], upper[-1])

    fixed = ndtri(1 - beta) + upper[-1]
    drift = brentq(lambda d: lower_at(d)[1], 0.8 * fixed, 1.8 * fixed, xtol=1e-12)
    return lower_at(drift)[0] + [upper[-1]], drift


def drift_for_power(information, upper, sides, power):
    """Drift sqrt(I_max) * effect at which the upper bound is crossed with probability `power`."""
    lower, up = walls(upper, sides)
    return brentq(lambda d: crossing(information, lower, up, d)[0].sum() - power, 0.5, 15.0, xtol=1e-12)


def fixed_drift(alpha, sides, power):
    return ndtri(1 - alpha / sides) + ndtri(power)


def repeated_p_value(information, k, z, sides, spend):
    """The alpha whose bound at look k equals the statistic (Jennison and Turnbull 2000, section 9.5)."""
    magnitude = abs(z) if sides == 2 else z
    if spend["function"] in EXPONENT or spend["function"] == "wang_tsiatis":
        # The constant that puts the bound at the statistic; its crossing over every look is the p-value.
        shape = np.array(information) ** (EXPONENT.get(spend["function"], spend.get("parameter")) - 0.5)
        lower, up = walls(magnitude / shape[k] * shape, sides)
        return float(sides * crossing(information, lower, up)[0].sum())
    part = list(information[: k + 1])

    def bound(alpha):
        return upper_bounds(part, alpha, sides, spend)[k]

    top = 1 - 1e-9
    if bound(top) >= magnitude:
        return 1.0
    x = brentq(lambda a: bound(np.exp(a)) - magnitude, np.log(1e-15), np.log(top), xtol=1e-12)
    return float(np.exp(x))


def stage_wise_upper(information, upper, sides, k, z, drift):
    """P(an outcome at least as high as stopping at look k with z), stage-wise ordering (Tsiatis, Rosner, Mehta 1984)."""
    part = list(information[: k + 1])
    lower, up = walls(upper[: k + 1], sides)
    walk, higher, lowest = Walk(drift), 0.0, 0.0
    for j, t in enumerate(part[:-1]):
        higher += walk.above(t, up[j]) if np.isfinite(up[j]) else 0.0
        lowest += walk.below(t, lower[j]) if np.isfinite(lower[j]) else 0.0
        walk.advance(t, lower[j], up[j], next_information(part, j))
    if z <= lower[-1]:  # stopped low: everything not lower is higher
        return 1 - lowest - walk.below(part[-1], z)
    return higher + walk.above(part[-1], z)


def stage_wise_effect(information, upper, sides, k, z, standard_error, probability):
    """The effect at which the observed outcome has that upper probability; information is standardised at look k."""
    root = np.sqrt(information[k])
    f = lambda d: stage_wise_upper(information, upper, sides, k, z, d) - probability
    d = brentq(f, (z - 12) / root, (z + 12) / root, xtol=1e-12)
    return d * root * standard_error
