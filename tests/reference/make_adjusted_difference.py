# SPDX-License-Identifier: Apache-2.0
"""Writes adjusted_difference.json: CUPED and interacted regression in 50 digits, cross-checked with statsmodels OLS."""

import mpmath as mp
import numpy as np
import statsmodels.api as sm

from arms import moments
from cases import Cases, close
from comparison import compare, welch_satterthwaite
from exact import mpf, number


def rows(seed, n, shift, missing=()):
    """Twelve to forty rows of listening minutes, sessions and two covariates, rounded so that JSON holds them exactly."""
    g = np.random.default_rng(seed)
    before = g.gamma(1.5, 40, n).round(2)
    age = g.integers(16, 70, n).astype(float)
    minutes = (8 + shift + 0.6 * before + 0.1 * age + g.gamma(2, 8, n)).round(2)
    sessions = (1 + g.poisson(minutes / 12)).astype(float)
    sessions_before = (1 + g.poisson(before / 10)).astype(float)
    columns = {
        "minutes": minutes,
        "sessions": sessions,
        "before": before,
        "age": age,
        "sessions_before": sessions_before,
    }
    columns = {k: v.tolist() for k, v in columns.items()}
    for i in missing:
        columns["before"][i] = None
    return columns


C, T = rows(11, 30, 0), rows(12, 36, 6)
C_MISSING, T_MISSING = rows(13, 28, 0, missing=(3, 9)), rows(14, 31, 4, missing=(0, 17, 22))
COLUMNS = ["minutes", "sessions", "before", "age", "sessions_before"]


def raw(columns, *covariates):
    return {"values": columns["minutes"], "covariates": {c: columns[c] for c in covariates}}


def raw_ratio(columns, *covariates):
    return {
        "numerator": columns["minutes"],
        "denominator": columns["sessions"],
        "covariates": {c: columns[c] for c in covariates},
    }


def column_moments(columns, names):
    n, means, cov = moments([columns[k] for k in names])
    return {
        "n": n,
        "names": list(names),
        "means": [float(m) for m in means],
        "covariance": [[float(v) for v in row] for row in cov],
    }


def with_indicators(control, treatment):
    """Missing covariate values become the mean of those present in both arms, and a 0/1 column says so."""
    control, treatment = ({**s, "covariates": dict(s.get("covariates", {}))} for s in (control, treatment))
    extra = []
    for name in list(control["covariates"]):
        present = [number(v) for s in (control, treatment) for v in s["covariates"][name] if v is not None]
        if len(present) == sum(len(s["covariates"][name]) for s in (control, treatment)):
            continue
        mean = mp.fsum(present) / len(present)
        for s in (control, treatment):
            v = s["covariates"][name]
            s["covariates"][name] = [mean if x is None else number(x) for x in v]
            s["covariates"][name + " missing"] = [mpf(int(x is None)) for x in v]
        extra.append(name + " missing")
    return control, treatment, extra


def columns_of(sample):
    """(n, {name: index}, means, covariance) of any form."""
    if "names" in sample:
        return (
            sample["n"],
            {k: i for i, k in enumerate(sample["names"])},
            [number(m) for m in sample["means"]],
            [[number(v) for v in row] for row in sample["covariance"]],
        )
    named = {k: sample[k] for k in ("values", "numerator", "denominator") if k in sample}
    named.update(sample.get("covariates", {}))
    n, means, cov = moments(list(named.values()))
    return n, {k: i for i, k in enumerate(named)}, means, cov


def linearised(sample, specs):
    """n, estimates and covariance of the outcome and covariates, ratios linearised at the arm's own ratio."""
    n, index, means, cov = columns_of(sample)
    values, gradients, denominators = [], [], []
    for spec in specs:
        g = [mpf(0)] * len(means)
        if isinstance(spec, dict):
            i, j = index[spec["numerator"]], index[spec["denominator"]]
            r = means[i] / means[j]
            g[i] += 1 / means[j]
            g[j] -= r / means[j]
            values.append(r), denominators.append(means[j])
        else:
            g[index[spec]] = mpf(1)
            values.append(means[index[spec]]), denominators.append(mpf(1))
        gradients.append(g)
    g = mp.matrix(gradients)
    return n, values, g * mp.matrix(cov) * g.T, denominators


def spread_of_all_rows(s_c, s_t, n_c, n_t, gap_c, gap_t):
    """Covariance (divisor n - 1) of the covariates of both arms together; gap: an arm's means minus those of all rows."""
    k = len(gap_c)
    out = mp.matrix(k, k)
    for i in range(k):
        for j in range(k):
            out[i, j] = (
                (n_c - 1) * s_c[i + 1, j + 1]
                + (n_t - 1) * s_t[i + 1, j + 1]
                + n_c * gap_c[i] * gap_c[j]
                + n_t * gap_t[i] * gap_t[j]
            ) / (n_c + n_t - 1)
    return out


def joint_variance(theta, weight_c, s_c, s_t, n_c, n_t):
    """(v_c, v_t, covariance) of the adjusted estimates: the mean over both arms moves with the data, theta is known."""
    pairs = list(zip(theta, weight_c))
    c_in_c, t_in_c = mp.matrix([1] + [-b * (1 - w) for b, w in pairs]), mp.matrix([0] + [b * (1 - w) for b, w in pairs])
    t_in_t, c_in_t = mp.matrix([1] + [-b * w for b, w in pairs]), mp.matrix([0] + [b * w for b, w in pairs])

    def form(a, b, p, q):
        return (a.T * s_c * b)[0] / n_c + (p.T * s_t * q)[0] / n_t

    return (
        form(c_in_c, c_in_c, t_in_c, t_in_c),
        form(c_in_t, c_in_t, t_in_t, t_in_t),
        form(c_in_c, c_in_t, t_in_c, t_in_t),
    )


def adjusted(request):
    control, treatment, extra = request["control"], request["treatment"], []
    if "names" not in control:
        control, treatment, extra = with_indicators(control, treatment)
    outcome = request.get("outcome")
    if outcome is None:
        outcome = "values" if "values" in control else {"numerator": "numerator", "denominator": "denominator"}
    specs = [outcome] + request["covariates"] + extra
    k = len(specs) - 1
    method = request.get("method", "cuped")
    n_c, e_c, s_c, d_c = linearised(control, specs)
    n_t, e_t, s_t, d_t = linearised(treatment, specs)
    n = n_c + n_t
    weight_c = [n_c * d_c[i] / (n_c * d_c[i] + n_t * d_t[i]) for i in range(1, k + 1)]
    weight_t = [1 - w for w in weight_c]
    x_all = [w * a + v * b for w, a, v, b in zip(weight_c, e_c[1:], weight_t, e_t[1:])]

    def slopes(s):
        return mp.lu_solve(s[1:, 1:], s[1:, 0])

    if method == "cuped":
        pooled = (n_c - 1) * s_c + (n_t - 1) * s_t
        theta_c = theta_t = slopes(pooled)
    else:
        theta_c, theta_t = slopes(s_c), slopes(s_t)

    def estimate(e, theta):
        return e[0] - mp.fsum(theta[i] * (e[i + 1] - x_all[i]) for i in range(k))

    def residual_variance(s, theta):
        v = mp.matrix([1] + [-theta[i] for i in range(k)])
        return (v.T * s * v)[0]

    r_c, r_t = residual_variance(s_c, theta_c), residual_variance(s_t, theta_t)
    m_c, m_t = estimate(e_c, theta_c), estimate(e_t, theta_t)
    if method == "cuped":
        joint = joint_variance(theta_c, weight_c, s_c, s_t, n_c, n_t)
        close(joint[0] + joint[1] - 2 * joint[2], r_c / n_c + r_t / n_t, 1e-25)
        freedom_c, freedom_t = n_c - 1, n_t - 1
    elif method == "cuped_per_arm":
        joint, freedom_c, freedom_t = None, n_c - 1, n_t - 1
    else:
        freedom_c, freedom_t = n_c - k - 1, n_t - k - 1
        r_c, r_t = r_c * (n_c - 1) / freedom_c, r_t * (n_t - 1) / freedom_t
        gap_c, gap_t = ([e[i + 1] - x_all[i] for i in range(k)] for e in (e_c, e_t))
        spread = spread_of_all_rows(s_c, s_t, n_c, n_t, gap_c, gap_t)
        around = lambda a, b: (a.T * spread * b)[0] / n
        joint = (r_c / n_c + around(theta_c, theta_c), r_t / n_t + around(theta_t, theta_t), around(theta_t, theta_c))
    degrees = lambda k_t, k_c: welch_satterthwaite((k_t * r_t / n_t, freedom_t), (k_c * r_c / n_c, freedom_c))
    out = compare(request, (n_c, m_c, r_c / n_c), (n_t, m_t, r_t / n_t), degrees, joint)
    v_c, v_t = s_c[0, 0] / n_c, s_t[0, 0] / n_t
    out["unadjusted"] = compare(
        request,
        (n_c, e_c[0], v_c),
        (n_t, e_t[0], v_t),
        lambda k_t, k_c: welch_satterthwaite((k_t * v_t, n_t - 1), (k_c * v_c, n_c - 1)),
    )
    out["variance_reduction"] = 1 - out["absolute"]["standard_error"] ** 2 / (v_c + v_t)
    if method != "cuped":
        if method == "lin":  # which part of the variance an arm shows is left open
            del out["control"]["standard_error"], out["treatment"]["standard_error"]
        else:
            out["relative"] = {"estimate": out["relative"]["estimate"]}
    names = [s if isinstance(s, str) else s["numerator"] + " / " + s["denominator"] for s in specs[1:]]
    coefficients = {m: [theta[i] for i in range(k)] for m, theta in (("control", theta_c), ("treatment", theta_t))}
    return out, {"covariates": names, **coefficients}


def cross_check(request, out, coefficients):
    """ANCOVA (cuped), one regression an arm (the other two), by statsmodels OLS on raw rows without missing values."""
    c, t = request["control"], request["treatment"]
    if "values" not in c or any(v is None for s in (c, t) for col in s["covariates"].values() for v in col):
        return
    names = request["covariates"]
    y = np.array(c["values"] + t["values"])
    d = np.array([0.0] * len(c["values"]) + [1.0] * len(t["values"]))
    x = np.column_stack([c["covariates"][k] + t["covariates"][k] for k in names])
    x = x - x.mean(axis=0)
    if request.get("method", "cuped") == "cuped":
        fit = sm.OLS(y, np.column_stack([np.ones_like(d), d, x])).fit()
        close(fit.params[1], out["absolute"]["estimate"])
        for a, b in zip(fit.params[2:], coefficients["control"]):
            close(a, b)
        return
    fit = sm.OLS(y, np.column_stack([np.ones_like(d), d, x, x * d[:, None]])).fit()
    close(fit.params[1], out["absolute"]["estimate"])
    close(fit.params[0], out["control"]["estimate"])
    for a, b in zip(fit.params[2:], coefficients["control"]):
        close(a, b)


CUPED = "Deng, Xu, Kohavi, Walker 2013; theta from within-arm covariances equals the ANCOVA slope of statsmodels OLS"
LIN = "Lin 2013, Negi and Wooldridge 2021: sigma2_C/n_C + sigma2_T/n_T + (dbeta)' S dbeta / n; estimate equals statsmodels OLS"
SOURCES = {"cuped": CUPED, "lin": LIN, "cuped_per_arm": "Deng et al. 2013 with a theta an arm, residual variances"}
cases = Cases("adjusted_difference", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, control, treatment, covariates, **options):
    request = {"control": control, "treatment": treatment, "covariates": covariates, **options}
    out, coefficients = adjusted(request)
    cross_check(request, out, coefficients)
    if options.get("method", "cuped") == "cuped":  # the others have slopes of their own in either arm
        out["coefficients"] = coefficients["control"]
    cases.add(name, request, out, SOURCES[options.get("method", "cuped")])


BEFORE_RATIO = {"numerator": "before", "denominator": "sessions_before"}
MINUTES_A_SESSION = {"numerator": "minutes", "denominator": "sessions"}
c_all, t_all = column_moments(C, COLUMNS), column_moments(T, COLUMNS)
big = {"n": 25210, "names": ["y", "x"], "means": [41.2, 39.9], "covariance": [[910.0, 610.0], [610.0, 850.0]]}
big_t = {"n": 24870, "names": ["y", "x"], "means": [41.9, 40.1], "covariance": [[940.0, 633.0], [633.0, 861.0]]}
for method in ("cuped", "cuped_per_arm", "lin"):
    m = {"method": method}
    add(f"{method}_raw", raw(C, "before"), raw(T, "before"), ["before"], **m)
    add(f"{method}_raw_two", raw(C, "before", "age"), raw(T, "before", "age"), ["before", "age"], **m)
    add(f"{method}_moments", c_all, t_all, ["before"], outcome="minutes", **m)
    add(f"{method}_moments_two", c_all, t_all, ["before", "age"], outcome="minutes", **m)
    add(f"{method}_large", big, big_t, ["x"], outcome="y", **m)
    add(f"{method}_large_less", big, big_t, ["x"], outcome="y", alternative="less", **m)
    add(
        f"{method}_greater_level_0.9",
        raw(C, "before"),
        raw(T, "before"),
        ["before"],
        alternative="greater",
        confidence_level=0.9,
        **m,
    )
    add(f"{method}_null_value", big, big_t, ["x"], outcome="y", null_value=0.25, **m)
    add(f"{method}_missing", raw(C_MISSING, "before"), raw(T_MISSING, "before"), ["before"], **m)
    add(
        f"{method}_missing_two",
        raw(C_MISSING, "before", "age"),
        raw(T_MISSING, "before", "age"),
        ["before", "age"],
        **m,
    )
    for direction in ("increase", "decrease"):
        add(
            f"{method}_ni_absolute_{direction}",
            big,
            big_t,
            ["x"],
            outcome="y",
            non_inferiority_margin=0.3,
            direction=direction,
            **m,
        )
add("default_raw", raw(C, "before"), raw(T, "before"), ["before"])
add("default_level_0.99", raw(C, "before"), raw(T, "before"), ["before"], confidence_level=0.99)
for relative_method in ("fieller", "log"):
    add(
        f"cuped_relative_{relative_method}",
        raw(C, "before"),
        raw(T, "before"),
        ["before"],
        relative_method=relative_method,
    )
    add(f"cuped_large_relative_{relative_method}", big, big_t, ["x"], outcome="y", relative_method=relative_method)
for direction in ("increase", "decrease"):
    add(
        f"cuped_ni_relative_{direction}",
        big,
        big_t,
        ["x"],
        outcome="y",
        non_inferiority_margin=0.02,
        margin_scale="relative",
        direction=direction,
    )
    add(
        f"cuped_ni_relative_fixed_{direction}",
        big,
        big_t,
        ["x"],
        outcome="y",
        non_inferiority_margin=0.02,
        margin_scale="relative",
        margin_treatment="fixed",
        direction=direction,
    )
add("ratio_raw_plain_covariate", raw_ratio(C, "before"), raw_ratio(T, "before"), ["before"])
add(
    "ratio_raw_ratio_covariate",
    raw_ratio(C, "before", "sessions_before"),
    raw_ratio(T, "before", "sessions_before"),
    [BEFORE_RATIO],
)
add("ratio_moments_plain_covariate", c_all, t_all, ["before"], outcome=MINUTES_A_SESSION)
add("ratio_moments_ratio_covariate", c_all, t_all, [BEFORE_RATIO], outcome=MINUTES_A_SESSION)
add("ratio_moments_both", c_all, t_all, [BEFORE_RATIO, "age"], outcome=MINUTES_A_SESSION, alternative="greater")
add("mean_with_ratio_covariate", c_all, t_all, [BEFORE_RATIO], outcome="minutes")
add(
    "ratio_ni_absolute",
    c_all,
    t_all,
    [BEFORE_RATIO],
    outcome=MINUTES_A_SESSION,
    non_inferiority_margin=0.5,
    direction="increase",
)


def hc2(control, treatment, names):
    """lm_lin with HC2 errors: statsmodels on the fully interacted design, covariates centred at the mean of all rows."""
    y = np.array(control["values"] + treatment["values"])
    d = np.array([0.0] * len(control["values"]) + [1.0] * len(treatment["values"]))
    x = np.column_stack([control["covariates"][k] + treatment["covariates"][k] for k in names])
    x = x - x.mean(axis=0)
    fit = sm.OLS(y, np.column_stack([np.ones_like(d), d, x, x * d[:, None]])).fit().get_robustcov_results("HC2")
    return {"absolute": {"estimate": fit.params[1], "standard_error": fit.bse[1]}, "statistic": fit.tvalues[1]}


for names in (["before"], ["before", "age"]):
    cases.add(
        f"lin_hc2_{len(names)}",
        {"control": raw(C, *names), "treatment": raw(T, *names), "covariates": names, "method": "lin", "robust": True},
        hc2(raw(C, *names), raw(T, *names), names),
        "statsmodels OLS, fully interacted, HC2 (estimatr lm_lin)",
    )

one = {"values": [3.0], "covariates": {"x": [1.0]}}
two = {"values": [3.0, 5.0, 4.0], "covariates": {"x": [1.0, 3.0, 2.5]}}
NOTHING = {"statistic": None, "degrees_of_freedom": None, "p_value": None}
cases.insufficient(
    "one_row",
    {"control": one, "treatment": two, "covariates": ["x"]},
    {**NOTHING, "absolute": {"standard_error": None, "lower": None, "upper": None}},
)
cases.insufficient(
    "zero_variance_outcome",
    {
        "control": {"values": [2.0, 2.0, 2.0], "covariates": {"x": [1.0, 2.0, 4.0]}},
        "treatment": {"values": [2.0, 2.0, 2.0, 2.0], "covariates": {"x": [1.0, 3.0, 4.0, 7.0]}},
        "covariates": ["x"],
    },
    {"statistic": None, "p_value": None, "absolute": {"estimate": 0.0}},
)
constant_c, constant_t = ({"values": s["minutes"], "covariates": {"x": [4.0] * len(s["minutes"])}} for s in (C, T))
(nc, mc, sc), (nt, mt, st) = moments([C["minutes"]]), moments([T["minutes"]])
plain = compare(
    {},
    (nc, mc[0], sc[0][0] / nc),
    (nt, mt[0], st[0][0] / nt),
    lambda a, b: welch_satterthwaite((st[0][0] / nt, nt - 1), (sc[0][0] / nc, nc - 1)),
)
cases.add(
    "constant_covariate",
    {"control": constant_c, "treatment": constant_t, "covariates": ["x"]},
    {**plain, "variance_reduction": 0.0},
    "a covariate without variance explains nothing: the plain Welch comparison",
    warnings_not_empty=True,
)
GOOD = {"control": raw(C, "before"), "treatment": raw(T, "before"), "covariates": ["before"]}
for name, change in {
    "unknown_covariate": {"covariates": ["after"]},
    "unknown_method": {"method": "cupac"},
    "lengths_differ": {"control": {"values": [1.0, 2.0, 3.0], "covariates": {"before": [1.0, 2.0]}}},
    "null_outcome": {"control": {"values": [1.0, None, 3.0], "covariates": {"before": [1.0, 2.0, 3.0]}}},
    "text_covariate": {"control": {"values": [1.0, 2.0, 3.0], "covariates": {"before": [1.0, "x", 3.0]}}},
    "covariate_only_in_one_arm": {"treatment": raw(T, "age")},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"covariate": "before"},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
MOMENTS = {"control": big, "treatment": big_t, "outcome": "y", "covariates": ["x"]}
for name, change in {
    "unknown_outcome": {"outcome": "z"},
    "negative_variance": {"control": {**big, "covariance": [[-1.0, 0.0], [0.0, 850.0]]}},
    "covariance_of_wrong_size": {"control": {**big, "covariance": [[910.0, 610.0]]}},
    "means_of_wrong_length": {"control": {**big, "means": [41.2]}},
    "null_in_means": {"control": {**big, "means": [41.2, None]}},
    "negative_n": {"control": {**big, "n": -1}},
    "robust_needs_rows": {"method": "lin", "robust": True},
}.items():
    cases.error(f"error_{name}", {**MOMENTS, **change})
cases.write()
