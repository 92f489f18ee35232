# SPDX-License-Identifier: Apache-2.0
"""Writes instrumental_variables.json: two-stage least squares in 50 digits, held to statsmodels IV2SLS.

The first-stage F and the Anderson-Rubin interval are described in the contract without a field name: they stand in
`anderson_rubin`, and the HC1 standard error where `standard_errors` asks for it.
"""

import mpmath as mp
import numpy as np
from scipy import stats
from statsmodels.sandbox.regression.gmm import IV2SLS

from cases import Cases, close
from exact import mpf, number, t_quantile, t_upper

cases = Cases("instrumental_variables", ("mpmath", "numpy", "scipy", "statsmodels"))


def matrix(columns):
    return mp.matrix([[number(v) for v in row] for row in zip(*columns)])


def residual_sum(y, x):
    b = mp.lu_solve(x.T * x, x.T * y)
    e = y - x * b
    return (e.T * e)[0], b, e


def solve(outcome, received, instrument, covariates, level=0.95):
    n = len(outcome)
    ones, extra = [1] * n, list((covariates or {}).values())
    y, w, z = matrix([outcome]), matrix([ones, *extra]), matrix([ones, *extra, instrument])
    d, k = matrix([received]), 2 + len(extra)
    first_restricted, _, _ = residual_sum(d, w)
    first_full, g, _ = residual_sum(d, z)
    f = (first_restricted - first_full) / (first_full / (n - k)) if first_full > mpf(10) ** -30 else None
    fitted = z * g
    xhat = matrix([ones, *extra, [fitted[i] for i in range(n)]])
    x = matrix([ones, *extra, received])
    bread = (xhat.T * xhat) ** -1
    b = bread * xhat.T * y
    e = y - x * b
    s2 = (e.T * e)[0] / (n - k)
    se = mp.sqrt(s2 * bread[k - 1, k - 1])
    weighted = mp.matrix(n, k)
    for i in range(n):
        weighted[i, :] = xhat[i, :] * e[i]
    hc0 = (bread * (weighted.T * weighted) * bread)[k - 1, k - 1]
    # Anderson and Rubin 1949: the effects b0 at which y - b0 d is unrelated to the instrument, F with 1 and n - k.
    cut = t_quantile((1 + number(level)) / 2, n - k) ** 2 / (n - k)
    parts = {}
    for name, m in (("full", z), ("restricted", w)):
        ey, ed = residual_sum(y, m)[2], residual_sum(d, m)[2]
        parts[name] = ((ey.T * ey)[0], (ey.T * ed)[0], (ed.T * ed)[0])
    # restricted(b0) - full(b0) <= cut full(b0), a quadratic a b0^2 - 2 h b0 + c <= 0
    c, h, a = (r - (1 + cut) * u for r, u in zip(parts["restricted"], parts["full"]))
    root = h * h - a * c
    if a > 0:
        ar = {"lower": (h - mp.sqrt(root)) / a, "upper": (h + mp.sqrt(root)) / a}
    else:
        ar = {"lower": None, "upper": None}
    q = t_quantile((1 + number(level)) / 2, n - k)
    estimate = b[k - 1]
    fit = IV2SLS(np.array(outcome, float), np.array(x.tolist(), float), np.array(z.tolist(), float)).fit()
    close(fit.params[-1], estimate, 1e-7), close(fit.bse[-1], se, 1e-7)
    expected = {
        "absolute": {
            "estimate": estimate,
            "standard_error": se,
            "lower": estimate - q * se,
            "upper": estimate + q * se,
        },
        "statistic": estimate / se,
        "degrees_of_freedom": n - k,
        "p_value": 2 * t_upper(abs(estimate / se), n - k),
    }
    expected["first_stage"] = {"f_statistic": f}
    expected["anderson_rubin"] = {"region": [ar]}
    return expected, mp.sqrt(hc0 * n / (n - k))


def data(n, seed, compliance=0.6, binary=True, effect=2.0, covariates=0):
    rng = np.random.default_rng(seed)
    z = rng.integers(0, 2, n)
    hidden = rng.normal(size=n)
    x = {f"x{j}": np.round(rng.normal(size=n), 3) for j in range(1, covariates + 1)}
    d = np.where(z == 1, rng.random(n) < compliance + 0.1 * np.tanh(hidden), rng.random(n) < 0.1).astype(float)
    if not binary:
        d = np.round(compliance * z + 0.5 * hidden + rng.normal(size=n), 3)
    y = np.round(1 + effect * d + hidden + sum(0.5 * v for v in x.values()) + rng.normal(size=n), 3)
    integer = [int(v) for v in d] if binary else d.tolist()
    return y.tolist(), integer, z.tolist(), {k: v.tolist() for k, v in x.items()}


def add(
    name,
    rows,
    level=None,
    source="2SLS with classical errors and n - k degrees of freedom (AER ivreg); equals statsmodels IV2SLS",
    **extra,
):
    y, d, z, x = rows
    expected, robust = solve(y, d, z, x, level or 0.95)
    request = {"outcome": y, "treatment_received": d, "instrument": z}
    request |= {k: v for k, v in (("covariates", x), ("confidence_level", level)) if v}
    cases.add(name, request, expected, source, **extra)
    cases.add(
        f"{name}_robust",
        request | {"standard_errors": "robust"},
        {"absolute": {"estimate": expected["absolute"]["estimate"], "standard_error": robust}},
        "HC1 sandwich, factor n / (n - k), as ivreg with sandwich",
        1e-7,
    )
    return expected


ORDINARY, WITH = data(80, 1), data(90, 2, covariates=2)
expected = add("binary", ORDINARY)
y, d, z = (np.array(v, float) for v in ORDINARY[:3])
close(expected["absolute"]["estimate"], (y[z == 1].mean() - y[z == 0].mean()) / (d[z == 1].mean() - d[z == 0].mean()))
add("binary_level_0.9", ORDINARY, 0.9)
add("binary_level_0.99", ORDINARY, 0.99)
add("one_covariate", data(70, 3, covariates=1))
add("two_covariates", WITH)
add("two_covariates_level_0.9", WITH, 0.9)
add("continuous_treatment", data(80, 4, binary=False))
add("continuous_treatment_covariates", data(80, 5, binary=False, covariates=2))
add("no_effect", data(100, 6, effect=0.0))
add("negative_effect", data(100, 7, effect=-3.0))
add("one_sided_noncompliance", (ORDINARY[0], [a * b for a, b in zip(ORDINARY[1], ORDINARY[2])], ORDINARY[2], {}))
full = data(60, 8)
add("full_compliance_is_the_difference", (full[0], full[2], full[2], {}))
y, z = np.array(full[0]), np.array(full[2])
close(cases.cases[-2]["expected"]["p_value"], stats.ttest_ind(y[z == 1], y[z == 0]).pvalue, 1e-9)
graded = data(80, 9)
add("graded_instrument", (graded[0], graded[1], [v + (i % 5) / 4 for i, v in enumerate(graded[2])], {}))
add("small", data(12, 10, compliance=0.9))
weak = data(60, 12, compliance=0.14)
expected = add("weak_instrument", weak, warnings_not_empty=True)
assert expected["first_stage"]["f_statistic"] < 10
large = data(80, 13)
add("large_common_mean", ([v + 1e6 for v in large[0]], *large[1:]))

y, d, z, x = ORDINARY
NULLS = {"absolute": {"standard_error": None, "lower": None, "upper": None}, "p_value": None}
GOOD = {"outcome": y, "treatment_received": d, "instrument": z}
for name, change in {
    "instrument_constant": {"instrument": [1] * len(y)},
    "treatment_constant": {"treatment_received": [0] * len(y)},
    "no_rows": {"outcome": [], "treatment_received": [], "instrument": []},
    "one_row": {"outcome": [1.0], "treatment_received": [1], "instrument": [1]},
    "two_rows": {"outcome": [1.0, 2.0], "treatment_received": [0, 1], "instrument": [0, 1]},
}.items():
    cases.insufficient(name, {**GOOD, **change}, NULLS)
for name, column in {"copies_instrument": z, "constant": [3.0] * len(y)}.items():
    cases.insufficient(f"covariate_{name}", {**GOOD, "covariates": {"x": column}}, {})
for name, change in {
    "lengths_differ": {"instrument": z[:-1]},
    "covariate_length_differs": {"covariates": {"x": y[1:]}},
    "null_outcome": {"outcome": [None] + y[1:]},
    "null_instrument": {"instrument": [None] + z[1:]},
    "text_outcome": {"outcome": ["NaN"] + y[1:]},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"instruments": z},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
