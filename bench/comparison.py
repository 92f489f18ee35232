# SPDX-License-Identifier: Apache-2.0
"""What follows from an engine's moments, computed apart from the engine under test.

Welch's test, and CUPED with the pooled within-arm slope (Deng, Xu, Kohavi, Walker 2013).
"""
import math
from dataclasses import dataclass

from engine import BenchError

TOLERANCE = 1e-9


@dataclass
class Arm:
    """Moments of outcome y and covariate x."""

    n: int
    mean_y: float
    mean_x: float
    var_y: float
    var_x: float
    covariance: float

    def residual_variance(self, slope: float) -> float:
        return self.var_y - 2 * slope * self.covariance + slope * slope * self.var_x


def answer_of(rows: list[list]) -> dict:
    """What the read-out says, from a row per variant: its name, then the fields of Arm."""
    arms = {row[0]: Arm(*row[1:]) for row in rows}
    control, treatment = arms["control"], arms["new_ranker"]
    degrees = control.n + treatment.n - 2
    covariance, variance = (
        sum((arm.n - 1) * value(arm) for arm in (control, treatment)) / degrees
        for value in (lambda arm: arm.covariance, lambda arm: arm.var_x))
    theta = covariance / variance
    mean_x = (control.n * control.mean_x + treatment.n * treatment.mean_x) / (control.n + treatment.n)

    def arm_answer(arm: Arm) -> dict:
        return {"n": arm.n, "mean": arm.mean_y, "variance": arm.var_y,
                "adjusted_mean": arm.mean_y - theta * (arm.mean_x - mean_x),
                "adjusted_variance": arm.residual_variance(theta)}

    def effect(slope: float) -> dict:
        absolute = (treatment.mean_y - slope * treatment.mean_x) - (control.mean_y - slope * control.mean_x)
        return {"absolute": absolute} | welch(absolute, *(
            (arm.residual_variance(slope) / arm.n, arm.n) for arm in (control, treatment)))

    return {"control": arm_answer(control), "treatment": arm_answer(treatment),
            "unadjusted": effect(0.0), "adjusted": effect(theta)}


def welch(absolute: float, control: tuple[float, int], treatment: tuple[float, int]) -> dict:
    """From each arm's variance of the mean and its size."""
    variance = control[0] + treatment[0]
    degrees = variance**2 / sum(part**2 / (n - 1) for part, n in (control, treatment))
    error = math.sqrt(variance)
    return {"standard_error": error, "p_value": two_sided_p_value(absolute / error, degrees)}


def two_sided_p_value(t: float, degrees: float) -> float:
    """Student's t: its density from |t| on by exp-sinh quadrature (Takahasi and Mori 1974)."""
    scale = -math.log(degrees) / 2 - log_beta_half(degrees / 2)
    step, tail = 1 / 64, 0.0
    for k in range(-256, 257):
        beyond = math.exp(math.pi / 2 * math.sinh(k * step))
        weight = math.pi / 2 * math.cosh(k * step) * beyond
        tail += weight * math.exp(scale - (degrees + 1) / 2 * math.log1p((abs(t) + beyond)**2 / degrees))
    return 2 * step * tail


def log_beta_half(a: float) -> float:
    """log B(a, 1/2); differences of lgamma lose digits for large a, the series does not."""
    if a < 500:
        return math.lgamma(a) + math.lgamma(0.5) - math.lgamma(a + 0.5)
    series = 1 - 1 / (8 * a) + 1 / (128 * a**2) + 5 / (1024 * a**3) - 21 / (32768 * a**4)
    return math.log(math.pi) / 2 - math.log(a) / 2 - math.log(series)


def assert_same(ours: dict, theirs: dict, peer: str, path: str = "") -> None:
    """Every number of both to a relative tolerance."""
    if ours.keys() != theirs.keys():
        raise BenchError(f"{peer} answers {sorted(theirs)} for {sorted(ours)} in {path or 'the answer'}")
    for name, value in ours.items():
        where = f"{path}.{name}".lstrip(".")
        if isinstance(value, dict):
            assert_same(value, theirs[name], peer, where)
        elif not math.isclose(value, theirs[name], rel_tol=TOLERANCE):
            raise BenchError(f"answers differ: {where} is {value!r}, {peer} says {theirs[name]!r}")
