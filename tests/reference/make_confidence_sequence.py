# SPDX-License-Identifier: Apache-2.0
"""Writes confidence_sequence.json: closed forms in 50 digits, held to published numbers."""

import mpmath as mp

from arms import mean_arm
from cases import Cases
from exact import mpf, normal_cdf, normal_quantile, number

PARAMETERS = ("optimal_n", "rho", "optimal_intrinsic_time", "tau_squared", "planned_n")


def gavi_rho(intrinsic_time, alpha):
    """Howard et al. 2021, the mixture tightest at that intrinsic time (confseq's best_rho, two-sided)."""
    return intrinsic_time / (-2 * mp.log(alpha) + mp.log(1 - 2 * mp.log(alpha)))


def gavi_two_sided(v, rho, alpha):
    return mp.sqrt((v + rho) * mp.log((v + rho) / (rho * alpha**2)))


def gavi_one_sided(v, rho, alpha):
    """The s with sqrt(4 rho / (v + rho)) exp(s^2 / (2 (v + rho))) Phi(s / sqrt(v + rho)) = 1 / alpha."""
    f = lambda s: (
        mp.log(4 * rho / (v + rho)) / 2
        + s * s / (2 * (v + rho))
        + mp.log(mp.ncdf(s / mp.sqrt(v + rho)))
        + mp.log(alpha)
    )
    return mp.findroot(f, gavi_two_sided(v, rho, 2 * alpha))


def look_of(look):
    if "control" not in look:
        return number(look["n"]), number(look["estimate"]), number(look["standard_error"])
    (nc, mc, vc), (nt, mt, vt) = mean_arm(look["control"]), mean_arm(look["treatment"])
    return mpf(nc + nt), mt - mc, mp.sqrt(vt / nt + vc / nc)


def sequence(request):
    method, alpha = request["method"], 1 - number(request.get("confidence_level", 0.95))
    side = request.get("alternative", "two_sided")
    rows, smallest = [], mpf(1)
    for look in request["looks"]:
        n, d, se = look_of(look)
        z = d / se
        if method == "asymptotic":  # Waudby-Smith et al. 2103.06476, rho tuned to optimal_n
            rho2 = (-2 * mp.log(alpha) + mp.log(1 - 2 * mp.log(alpha))) / number(request["optimal_n"])
            half = se * mp.sqrt(2 * (n * rho2 + 1) / (n * rho2) * mp.log(mp.sqrt(n * rho2 + 1) / alpha))
            p = mp.sqrt(n * rho2 + 1) * mp.exp(-z * z * n * rho2 / (2 * (n * rho2 + 1)))
        elif method == "gavi":  # sum n d, intrinsic time n sigma^2 with sigma^2 = n se^2
            v, s = n * n * se * se, n * d
            rho = (
                number(request["rho"])
                if "rho" in request
                else gavi_rho(number(request["optimal_intrinsic_time"]), alpha)
            )
            if side == "two_sided":
                half = gavi_two_sided(v, rho, alpha) / n
                p = mp.sqrt((v + rho) / rho) * mp.exp(-s * s / (2 * (v + rho)))
            else:
                half = gavi_one_sided(v, rho, alpha) / n
                s = s if side == "greater" else -s
                p = 1 / (mp.sqrt(4 * rho / (v + rho)) * mp.exp(s * s / (2 * (v + rho))) * mp.ncdf(s / mp.sqrt(v + rho)))
        elif method == "msprt":  # Johari et al. 2017, normal mixture with constant tau^2 on the absolute effect
            tau2 = number(request["tau_squared"])
            p = mp.sqrt((se**2 + tau2) / se**2) * mp.exp(-tau2 * d * d / (2 * se**2 * (se**2 + tau2)))
            half = mp.sqrt(2 * se**2 * (se**2 + tau2) / tau2 * mp.log(mp.sqrt((se**2 + tau2) / se**2) / alpha))
        else:  # YEAST, arXiv 2406.16523: Levy's inequality doubles one tail
            stretch = mp.sqrt(number(request["planned_n"]) / n)
            tails = 4 if side == "two_sided" else 2
            half = normal_quantile(1 - alpha / tails) * stretch * se
            signed = abs(z) if side == "two_sided" else z if side == "greater" else -z
            p = tails * normal_cdf(-signed / stretch)
        p = min(mpf(1), p)
        assert p <= smallest, "evidence must grow, so that running and current p-values agree"
        smallest = p
        row = {"lower": d - half, "upper": d + half}
        if side == "greater":
            row["upper"] = None
        if side == "less":
            row["lower"] = None
        crossed = (row["lower"] is not None and row["lower"] > 0) or (row["upper"] is not None and row["upper"] < 0)
        assert crossed == (p < alpha)
        rows.append({**row, "p_value": p, "crossed": bool(crossed)})
    return {"looks": rows}


cases = Cases("confidence_sequence", ("mpmath", "numpy", "scipy"))
SOURCES = {
    "asymptotic": "Waudby-Smith et al. 2103.06476, rho as gbstats: (-2 ln a + ln(1 - 2 ln a)) / optimal_n",
    "gavi": "Howard et al. 2021, normal mixture",
    "msprt": "Johari et al. 2017",
    "yeast": "arXiv 2406.16523, constant bound",
}


def add(name, method, looks, source=None, only=None, **options):
    request = {"method": method, "looks": looks, **options}
    expected = sequence(request)
    if only:
        expected["looks"] = [{k: row[k] for k in only} for row in expected["looks"]]
    cases.add(name, request, expected, source or SOURCES[method])


def path(pairs, scale=1.0):
    """Looks of one effect size in standard errors: estimate z / sqrt(n), standard error scale / sqrt(n)."""
    return [{"n": n, "estimate": z * scale / n**0.5, "standard_error": scale / n**0.5} for n, z in pairs]


GROWING = [(100, 0.5), (400, 1.1), (900, 2.4), (1600, 3.6), (2500, 5.0)]
UNIT = [{"n": 4**k, "estimate": e, "standard_error": 2.0**-k} for k, e in ((3, 0.05), (4, 0.12), (5, 0.13), (6, 0.1))]
ARMS = [
    {
        "control": {"n": 1000, "mean": 10.0, "variance": 25.0},
        "treatment": {"n": 1010, "mean": 10.3, "variance": 26.0},
    },
    {
        "control": {"n": 4000, "mean": 10.1, "variance": 25.5},
        "treatment": {"n": 3990, "mean": 10.6, "variance": 26.5},
    },
]
ROWS = [
    {
        "control": {"values": [1.0, 2.0, 4.0, 2.5, 3.0, 1.5]},
        "treatment": {"values": [2.0, 3.5, 4.0, 3.0, 5.0]},
    }
]
SETTINGS = {
    "asymptotic": [{"optimal_n": 1000}, {"optimal_n": 100000}],
    "msprt": [{"tau_squared": 0.01}, {"tau_squared": 1.5}],
    "gavi": [{"rho": 12.5}, {"optimal_intrinsic_time": 1000}],
}
for method, settings in SETTINGS.items():
    for i, options in enumerate(settings, start=1):
        add(f"{method}_growing_{i}", method, path(GROWING), **options)
        add(f"{method}_unit_variance_{i}", method, UNIT, **options)
        add(f"{method}_level_0.99_{i}", method, UNIT, confidence_level=0.99, **options)
        add(f"{method}_samples_{i}", method, ARMS, **options)
        add(f"{method}_rows_{i}", method, ROWS, **options)
    add(f"{method}_negative", method, [{**l, "estimate": -l["estimate"]} for l in UNIT], **settings[0])
    add(f"{method}_level_0.8", method, UNIT[:2], confidence_level=0.8, **settings[0])
    add(f"{method}_no_effect", method, [{"n": 500, "estimate": 0.0, "standard_error": 0.04}], **settings[0])
add("gavi_variance_nine", "gavi", path(GROWING, 3.0), source=SOURCES["gavi"] + "; intrinsic time n^2 se^2", rho=200.0)
add(
    "gavi_greater", "gavi", UNIT, rho=12.5, alternative="greater", source="Howard et al. 2021, one-sided normal mixture"
)
add(
    "gavi_less",
    "gavi",
    [{**l, "estimate": -l["estimate"]} for l in UNIT],
    rho=12.5,
    alternative="less",
    source="Howard et al. 2021, one-sided normal mixture",
)
for alternative, sign in (("greater", 1), ("less", -1)):
    looks = [{**l, "estimate": sign * l["estimate"]} for l in UNIT]
    add(f"yeast_{alternative}", "yeast", looks, planned_n=5000, alternative=alternative)
    add(f"yeast_{alternative}_0.99", "yeast", looks, planned_n=5000, alternative=alternative, confidence_level=0.99)
add("yeast_greater_samples", "yeast", ARMS, planned_n=10000, alternative="greater")
add(
    "yeast_at_planned_n",
    "yeast",
    [{"n": 5000, "estimate": 0.05, "standard_error": 0.02}],
    planned_n=5000,
    alternative="greater",
)
# Without `alternative` only a crossing that one- and two-sided readings share.
add("yeast_crossing", "yeast", UNIT, only=("crossed",), planned_n=5000)
add("one_pair_alone_is_one_look", "msprt", ARMS[1:], tau_squared=0.01)
cases.cases[-1]["request"] = {"method": "msprt", "tau_squared": 0.01, **ARMS[1]}

# Published: confseq's unit tests; gbstats' sequential relative effect; YEAST's constant.
rho, rho_one = gavi_rho(mpf(100), mpf("0.05")), gavi_rho(mpf(100), mpf("0.1"))  # one-sided: tuned at twice alpha
for value, known in (
    (rho, "12.60056"),
    (gavi_two_sided(100, rho, mpf("0.05")), "30.35209"),
    (gavi_one_sided(100, rho_one, mpf("0.05")), "27.66071"),
):
    assert abs(value - mpf(known)) < 6e-6, (value, known)
assert abs(normal_quantile(mpf("0.975")) - mpf("1.95996")) < 5e-6
a = {"n": 3000, "sum": 1396.87, "sum_of_squares": 52377.9767}
b = {"n": 3461, "sum": 2422.7, "sum_of_squares": 134698.29}
(nc, mc, vc), (nt, mt, vt) = mean_arm(a), mean_arm(b)
relative, se = mt / mc - 1, mp.sqrt(vt / nt / mc**2 + vc / nc * mt**2 / mc**4)
out = sequence(
    {"method": "asymptotic", "optimal_n": 1000, "looks": [{"n": nc + nt, "estimate": relative, "standard_error": se}]}
)
for value, known in (
    (relative, 0.50336),
    (se, 0.33341),
    (out["looks"][0]["lower"], -0.55844),
    (out["looks"][0]["upper"], 1.56516),
):
    assert abs(value - known) < 6e-6, (value, known)
add(
    "asymptotic_published_relative",
    "asymptotic",
    [{"n": nc + nt, "estimate": float(relative), "standard_error": float(se)}],
    "gbstats: .50336, standard error .33341, interval (-.55844, 1.56516)",
    optimal_n=1000,
)

EMPTY = {"lower": None, "upper": None, "p_value": None}
for name, look in {
    "no_rows": {"control": {"values": []}, "treatment": {"values": [1.0, 2.0]}},
    "one_row": {"control": {"values": [1.0]}, "treatment": {"values": [1.0, 2.0]}},
    "zero_variance": {"control": {"values": [2.0, 2.0]}, "treatment": {"values": [3.0, 3.0]}},
    "zero_standard_error": {"n": 50, "estimate": 0.3, "standard_error": 0},
}.items():
    for method, options in (("asymptotic", {"optimal_n": 1000}), ("msprt", {"tau_squared": 0.1})):
        cases.insufficient(f"{method}_{name}", {"method": method, "looks": [look], **options}, {"looks": [EMPTY]})

GOOD = {"method": "asymptotic", "optimal_n": 1000, "looks": UNIT}
for name, request in {
    "unknown_method": {"method": "sprt", "looks": UNIT},
    "optimal_n_zero": {**GOOD, "optimal_n": 0},
    "optimal_n_negative": {**GOOD, "optimal_n": -5},
    "rho_zero": {"method": "gavi", "rho": 0, "looks": UNIT},
    "intrinsic_time_negative": {"method": "gavi", "optimal_intrinsic_time": -1, "looks": UNIT},
    "tau_squared_zero": {"method": "msprt", "tau_squared": 0, "looks": UNIT},
    "tau_squared_negative": {"method": "msprt", "tau_squared": -0.1, "looks": UNIT},
    "planned_n_zero": {"method": "yeast", "planned_n": 0, "looks": UNIT},
    "planned_n_missing": {"method": "yeast", "looks": UNIT},
    "level_one": {**GOOD, "confidence_level": 1},
    "level_zero": {**GOOD, "confidence_level": 0},
    "negative_n": {**GOOD, "looks": [{"n": -4, "estimate": 0.1, "standard_error": 0.1}]},
    "negative_standard_error": {**GOOD, "looks": [{"n": 4, "estimate": 0.1, "standard_error": -0.1}]},
    "null_estimate": {**GOOD, "looks": [{"n": 4, "estimate": None, "standard_error": 0.1}]},
    "null_row": {**GOOD, "looks": [{"control": {"values": [1.0, None]}, "treatment": {"values": [1.0, 2.0]}}]},
    "unknown_field": {**GOOD, "optimaln": 3},
}.items():
    cases.error(f"error_{name}", request)
cases.write()
