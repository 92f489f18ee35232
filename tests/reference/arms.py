# SPDX-License-Identifier: Apache-2.0
"""One arm of one metric, from any form of a sample to its estimate and the variance of that estimate (50 digits)."""

import mpmath as mp

from exact import mpf, number


def moments(columns):
    """n, means and covariance matrix (divisor n - 1) of equally long columns."""
    columns = [[number(v) for v in c] for c in columns]
    n = len(columns[0])
    means = [mp.fsum(c) / n for c in columns]
    cov = [
        [mp.fsum((a - ma) * (b - mb) for a, b in zip(ca, cb)) / (n - 1) for cb, mb in zip(columns, means)]
        for ca, ma in zip(columns, means)
    ]
    return n, means, cov


def mean_arm(sample):
    """(n, mean, variance with divisor n - 1)."""
    if "values" in sample:
        n, m, c = moments([sample["values"]])
        return n, m[0], c[0][0]
    n = sample["n"]
    if "successes" in sample:
        p = mpf(sample["successes"]) / n
        return n, p, p * (1 - p) * n / (n - 1)
    if "sum" in sample:
        s, q = number(sample["sum"]), number(sample["sum_of_squares"])
        return n, s / n, (q - s * s / n) / (n - 1)
    return n, number(sample["mean"]), number(sample["variance"])


def outcome_arm(sample):
    """As mean_arm, but the variance of counted successes is p (1 - p)."""
    n, m, v = mean_arm(sample)
    return (n, m, m * (1 - m)) if "successes" in sample else (n, m, v)


def ratio_moments(sample):
    """(n, numerator mean, denominator mean, variance, variance, covariance)."""
    if isinstance(sample["numerator"], list):
        n, m, c = moments([sample["numerator"], sample["denominator"]])
        return n, m[0], m[1], c[0][0], c[1][1], c[0][1]
    y, z = sample["numerator"], sample["denominator"]
    return (
        sample["n"],
        number(y["mean"]),
        number(z["mean"]),
        number(y["variance"]),
        number(z["variance"]),
        number(sample["covariance"]),
    )


def ratio_arm(sample):
    """(n, ratio, linearised variance): Deng, Knoblich, Lu 2018, section 2."""
    n, y, z, vy, vz, c = ratio_moments(sample)
    r = y / z
    return n, r, (vy - 2 * r * c + r * r * vz) / (z * z)


def proportion_arm(sample):
    """(n, successes)."""
    if "values" in sample:
        return len(sample["values"]), sum(sample["values"])
    return sample["n"], sample["successes"]
