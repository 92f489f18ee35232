# SPDX-License-Identifier: Apache-2.0
"""Writes false_positive_rate.json: what re-randomised A/A runs must give whatever the random numbers.

The rows are the sample `units`; `rate` comes with `lower` and `upper`.
"""

import numpy as np
from scipy import stats

from cases import Cases

rng = np.random.default_rng(3)
cases = Cases("false_positive_rate")
REPLICATES = 4000


def permutation_rate(values, alpha, runs=40000):
    """Rate of Welch tests at alpha over random halves, by a long run here, with its own error."""
    x = np.array(values)
    n = len(x)
    rejected = 0
    for _ in range(runs // 2000):
        order = np.argsort(rng.random((2000, n)), axis=1)
        a, b = x[order[:, : n // 2]], x[order[:, n // 2 :]]
        rejected += np.sum(stats.ttest_ind(a, b, axis=1, equal_var=False).pvalue <= alpha)
    return rejected / runs


def add(name, values, alpha, **options):
    request = {"units": {"values": [float(v) for v in values]}, "replicates": REPLICATES, "seed": 5, "method": "welch", **options}
    if alpha != 0.05:
        request["alpha"] = alpha
    rate = permutation_rate(values, alpha)
    # Halves by permutation or by a coin for each unit differ by far less than the slack added.
    slack = 5 * np.sqrt(rate * (1 - rate) * (1 / REPLICATES + 1 / 40000)) + 0.1 * alpha
    cases.add(
        name, request, {"rate": rate}, "random halves of the same rows, long NumPy run", 0, absolute_tolerance=slack
    )


add("normal", np.round(rng.normal(10, 2, 200), 3), 0.05)
add("normal_alpha_0.2", np.round(rng.normal(10, 2, 200), 3), 0.2)
add("normal_alpha_0.01", np.round(rng.normal(10, 2, 200), 3), 0.01)
add("skewed", np.round(rng.lognormal(0, 1, 300), 3), 0.05)
add("zero_inflated", np.where(rng.random(300) < 0.8, 0, np.round(rng.exponential(5, 300), 2)), 0.05)
add("another_seed", np.round(rng.normal(0, 1, 250), 3), 0.05, seed=2**62)

# One row holds everything: |t| is near 1 in any split that is not tiny, so that nothing is ever rejected.
one_giant = [0.0] * 199 + [1e6]
cases.add(
    "one_row_holds_everything",
    {"units": {"values": one_giant}, "replicates": 1000, "seed": 1, "method": "welch"},
    {"rate": 0.0, "lower": 0.0},
    "mean M/m, error M/m: t = 1 in every split, never rejected at .05",
    relative_tolerance=0,
    absolute_tolerance=1e-9,
)
cases.insufficient(
    "zero_variance",
    {"units": {"values": [2.0] * 50}, "replicates": 100, "seed": 1, "method": "welch"},
    {},
    "no run has a p-value",
)
for name, values in (("no_rows", []), ("one_row", [1.0]), ("two_rows", [1.0, 2.0])):
    cases.insufficient(name, {"units": {"values": values}, "replicates": 100, "seed": 1, "method": "welch"}, {})
GOOD = {"units": {"values": [1.0, 2.0, 3.0, 4.0, 5.0, 7.0]}, "replicates": 100, "seed": 1, "method": "welch"}
for name, change in {
    "null_in_values": {"units": {"values": [1.0, None]}},
    "text_in_values": {"units": {"values": [1.0, "2"]}},
    "no_replicates": {"replicates": 0},
    "negative_replicates": {"replicates": -10},
    "unknown_method": {"method": "magic"},
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "text_seed": {"seed": "one"},
    "unknown_field": {"runs": 10},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_rows_given", {"replicates": 100, "seed": 1})
cases.write()
