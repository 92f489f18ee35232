# SPDX-License-Identifier: Apache-2.0
"""Writes sample_ratio_test.json: Pearson's test in 50 digits, cross-checked with scipy.stats.chisquare."""

import mpmath as mp
from scipy import stats

from cases import Cases, close
from exact import chi_squared_upper, mpf, number

cases = Cases("sample_ratio_test")


def chi_squared(counts, shares):
    n = sum(counts)
    expected = [n * number(s) for s in shares]
    statistic = mp.fsum((c - e) ** 2 / e for c, e in zip(counts, expected))
    df = len(counts) - 1
    out = {"statistic": statistic, "degrees_of_freedom": df, "p_value": chi_squared_upper(statistic, df)}
    library = stats.chisquare(counts, [float(e) for e in expected])
    if statistic > 0:
        close(statistic, library.statistic), close(out["p_value"], library.pvalue)
    return out


def sequential(counts, shares, concentration):
    """Lindon and Malek 2022: the Dirichlet-multinomial against the multinomial of the expected shares."""
    alpha = [number(s) * concentration for s in shares]
    log_bayes_factor = (
        mp.loggamma(concentration)
        - mp.loggamma(concentration + sum(counts))
        + mp.fsum(mp.loggamma(a + c) - mp.loggamma(a) for a, c in zip(alpha, counts))
        - mp.fsum(c * mp.log(number(s)) for c, s in zip(counts, shares))
    )
    return {"p_value": min(mpf(1), mp.exp(-log_bayes_factor))}


DATA = {
    "published": ([50421, 49579], [0.5, 0.5]),
    "balanced": ([5000, 5000], [0.5, 0.5]),
    "mismatch": ([10123, 9640], [0.5, 0.5]),
    "uneven": ([9012, 988], [0.9, 0.1]),
    "three": ([3390, 3301, 3309], [0.4, 0.3, 0.3]),
    "three_balanced_shares": ([412, 377, 398], [0.3333333333333333, 0.3333333333333333, 0.3333333333333334]),
    "small": ([9, 3], [0.5, 0.5]),
    "five": ([101, 205, 298, 201, 195], [0.1, 0.2, 0.3, 0.2, 0.2]),
    "one_arm_empty": ([40, 0], [0.5, 0.5]),
    "far_tail": ([503000, 497000], [0.5, 0.5]),
}
for name, (counts, shares) in DATA.items():
    request = {"counts": counts, "expected": shares}
    source = "scipy.stats.chisquare"
    if name == "published":
        source += "; published as 7.08964, p .007753"
        assert abs(chi_squared(counts, shares)["p_value"] - 0.007753) < 1e-6
    cases.add(f"{name}", request, chi_squared(counts, shares), source)
cases.add(
    "method_stated",
    {"counts": [520, 480], "expected": [0.5, 0.5], "method": "chi_squared"},
    chi_squared([520, 480], [0.5, 0.5]),
    "scipy.stats.chisquare",
)
for name in ("published", "balanced", "mismatch", "uneven", "three"):
    counts, shares = DATA[name]
    cases.add(
        f"sequential_{name}",
        {"counts": counts, "expected": shares, "method": "sequential"},
        sequential(counts, shares, 10000),
        "Lindon and Malek 2022, prior Dirichlet(10000 times the shares) as in the authors' package ssrm; p = min(1, 1/BF)",
    )
cases.insufficient("no_units", {"counts": [0, 0], "expected": [0.5, 0.5]}, {"statistic": None, "p_value": None})
GOOD = {"counts": [520, 480], "expected": [0.5, 0.5]}
for name, change in {
    "lengths_differ": {"expected": [0.5, 0.3, 0.2]},
    "negative_count": {"counts": [-1, 480]},
    "null_count": {"counts": [None, 480]},
    "negative_share": {"expected": [1.5, -0.5]},
    "null_share": {"expected": [0.5, None]},
    "empty": {"counts": [], "expected": []},
    "fractional_count": {"counts": [520.5, 480]},
    "unknown_method": {"method": "g"},
    "unknown_field": {"observed": [1, 2]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
