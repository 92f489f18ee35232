# SPDX-License-Identifier: Apache-2.0
"""Writes interaction.json: the difference of two differences in 50 digits, cross-checked with OLS and HC2 errors."""

import mpmath as mp
import numpy as np
import statsmodels.api as sm

from arms import outcome_arm, ratio_arm
from cases import Cases, close
from comparison import ends, level_quantile, one_sided, p_value, welch_satterthwaite
from exact import number, upper_tail

NAMES = ("control_control", "control_treatment", "treatment_control", "treatment_treatment")
SIGNS = {"control_control": 1, "control_treatment": -1, "treatment_control": -1, "treatment_treatment": 1}
ROWS = dict(
    zip(
        NAMES,
        (
            {"values": [4.0, 5.5, 3.25, 6.0, 4.75]},
            {"values": [5.0, 6.5, 7.25, 4.0, 6.75, 5.5]},
            {"values": [4.5, 6.0, 3.75, 5.25]},
            {"values": [8.0, 9.5, 7.25, 10.0, 6.5, 9.75, 8.25]},
        ),
    )
)
MOMENTS = {
    name: {"n": n, "mean": m, "variance": v}
    for name, n, m, v in zip(
        NAMES, (25100, 24950, 25040, 24890), (12.41, 12.77, 12.38, 12.55), (310.2, 322.9, 305.5, 318.75)
    )
}
PROPORTIONS = {name: {"n": n, "successes": s} for name, n, s in zip(NAMES, (500, 510, 495, 505), (50, 61, 48, 75))}
SUMS = {
    name: {"n": n, "sum": s, "sum_of_squares": q}
    for name, n, s, q in zip(NAMES, (40, 41, 39, 42), (200.5, 215.0, 190.25, 260.5), (1100.0, 1240.5, 1010.25, 1800.5))
}
RATIOS = {
    name: {
        "n": n,
        "numerator": {"mean": y, "variance": 6.5},
        "denominator": {"mean": 9.0, "variance": 30.0},
        "covariance": 10.5,
    }
    for name, n, y in zip(NAMES, (120, 130, 125, 128), (2.5, 2.7, 2.4, 3.2))
}
SOURCE = "(TT - TC) - (CT - CC), sum of the four variances, Welch-Satterthwaite over the four cells, normal for counted shares"


def expected(request):
    cells = request["cells"]
    arms = {k: (ratio_arm if "numerator" in s else outcome_arm)(s) for k, s in cells.items()}
    estimate = mp.fsum(SIGNS[k] * a[1] for k, a in arms.items())
    parts = [(a[2] / a[0], a[0] - 1) for a in arms.values()]
    shares = all("successes" in s for s in cells.values())
    se, df = mp.sqrt(mp.fsum(v for v, _ in parts)), None if shares else welch_satterthwaite(*parts)
    absolute = {"estimate": estimate, "standard_error": se}
    if "non_inferiority_margin" in request:
        sign = 1 if request["direction"] == "increase" else -1
        statistic = (estimate + sign * number(request["non_inferiority_margin"])) / se
        p = upper_tail(sign * statistic, df)
    else:
        alternative = request.get("alternative", "two_sided")
        statistic = (estimate - number(request.get("null_value", 0))) / se
        p = p_value(statistic, df, alternative)
        absolute.update(one_sided(ends(estimate, se, level_quantile(request, df)), alternative))
    if all("values" in s for s in cells.values()):
        y = np.concatenate([cells[k]["values"] for k in NAMES])
        cell = np.concatenate([[i] * len(cells[k]["values"]) for i, k in enumerate(NAMES)])
        first, second = cell // 2, cell % 2
        fit = sm.OLS(y, np.column_stack([np.ones(len(y)), first, second, first * second])).fit(cov_type="HC2")
        close(estimate, fit.params[3]), close(se, fit.bse[3])
    return {"absolute": absolute, "statistic": statistic, "degrees_of_freedom": df, "p_value": p}


cases = Cases("interaction", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, cells, **options):
    request = {"cells": cells, **options}
    cases.add(name, request, expected(request), SOURCE)


for form, cells in {
    "rows": ROWS,
    "moments": MOMENTS,
    "proportions": PROPORTIONS,
    "sums": SUMS,
    "ratios": RATIOS,
}.items():
    add(form, cells)
    add(f"{form}_greater", cells, alternative="greater")
    add(f"{form}_less_0.9", cells, alternative="less", confidence_level=0.9)
add("null_value", ROWS, null_value=1.5)
add("level_0.99", ROWS, confidence_level=0.99)
add("mixed_forms", {**ROWS, "control_control": {"n": 25, "mean": 4.5, "variance": 2.25}})
add("additive_effects", {k: {"n": 100, "mean": m, "variance": 4.0} for k, m in zip(NAMES, (10.0, 11.0, 12.0, 13.0))})
add("one_cell_constant", {**ROWS, "treatment_control": {"values": [5.0, 5.0, 5.0]}})
swapped = {**ROWS, "control_treatment": ROWS["treatment_control"], "treatment_control": ROWS["control_treatment"]}
add("symmetric_in_the_two_experiments", swapped)

NOTHING = {
    "statistic": None,
    "degrees_of_freedom": None,
    "p_value": None,
    "absolute": {"standard_error": None, "lower": None, "upper": None},
}
cases.insufficient("one_row_in_a_cell", {"cells": {**ROWS, "treatment_treatment": {"values": [3.0]}}}, NOTHING)
cases.insufficient("empty_cell", {"cells": {**ROWS, "control_control": {"values": []}}}, NOTHING)
flat = {k: {"values": [1.0, 1.0, 1.0]} for k in NAMES}
cases.insufficient(
    "zero_variance_everywhere", {"cells": flat}, {"statistic": None, "p_value": None, "absolute": {"estimate": 0.0}}
)
for name, cells in {
    "missing_cell": {k: v for k, v in ROWS.items() if k != "treatment_treatment"},
    "unknown_cell": {**ROWS, "both": ROWS["control_control"]},
    "null_in_values": {**ROWS, "control_control": {"values": [1.0, None]}},
    "negative_variance": {**MOMENTS, "control_control": {"n": 10, "mean": 1.0, "variance": -1.0}},
    "negative_n": {**MOMENTS, "control_control": {"n": -10, "mean": 1.0, "variance": 1.0}},
    "empty_sample": {**MOMENTS, "control_control": {}},
}.items():
    cases.error(f"error_{name}", {"cells": cells})
for name, change in {
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_alternative": {"alternative": "up"},
    "unknown_field": {"cell": {}},
}.items():
    cases.error(f"error_{name}", {"cells": ROWS, **change})
cases.error("error_no_cells", {})
cases.write()
