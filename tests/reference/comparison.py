# SPDX-License-Identifier: Apache-2.0
"""The blocks every comparison shares, from two estimates and their joint variance (50 digits)."""

import mpmath as mp

from exact import mpf, normal_quantile, number, quantile, upper_tail


def welch_satterthwaite(*parts):
    """Degrees of freedom of a sum of independent variance estimates, parts = (variance, its degrees of freedom)."""
    total = mp.fsum(v for v, _ in parts)
    return total**2 / mp.fsum(v**2 / d for v, d in parts)


def ends(estimate, se, q):
    return {"lower": estimate - q * se, "upper": estimate + q * se}


def one_sided(block, alternative):
    if alternative == "greater":
        block["upper"] = None
    elif alternative == "less":
        block["lower"] = None
    return block


def level_quantile(request, df):
    level = number(request.get("confidence_level", 0.95))
    two_sided = request.get("alternative", "two_sided") == "two_sided"
    return quantile((1 + level) / 2 if two_sided else level, df)


def p_value(statistic, df, alternative):
    if alternative == "greater":
        return upper_tail(statistic, df)
    if alternative == "less":
        return upper_tail(-statistic, df)
    return 2 * upper_tail(abs(statistic), df)


def relative_block(m_c, m_t, v_c, v_t, cov, q, request):
    """Treatment / control - 1 by delta, Fieller or log, covariance carried through."""
    method = request.get("relative_method", "delta")
    alternative = request.get("alternative", "two_sided")
    r = m_t / m_c
    out = {"estimate": r - 1}
    if method == "delta":
        se = mp.sqrt((v_t - 2 * r * cov + r * r * v_c) / m_c**2)
        out["standard_error"] = se
        out.update(ends(r - 1, se, q))
    elif method == "log":
        se = mp.sqrt(v_t / m_t**2 + v_c / m_c**2 - 2 * cov / (m_t * m_c))
        out.update({"lower": r * mp.exp(-q * se) - 1, "upper": r * mp.exp(q * se) - 1})
    else:
        # Fieller 1954: the rho with (m_t - rho m_c)^2 <= q^2 (v_t - 2 rho cov + rho^2 v_c).
        a, b, c = m_c**2 - q * q * v_c, m_t * m_c - q * q * cov, m_t**2 - q * q * v_t
        if a <= 0:
            out.update({"lower": None, "upper": None})
        else:
            root = mp.sqrt(b * b - a * c)
            out.update({"lower": (b - root) / a - 1, "upper": (b + root) / a - 1})
    return one_sided(out, alternative)


def compare(request, control, treatment, degrees, joint=None):
    """Result blocks.

    control, treatment: (n, estimate, variance of the estimate).
    degrees(k_t, k_c): degrees of freedom of k_t v_t + k_c v_c, or None for the normal distribution.
    joint: (v_c, v_t, covariance) when the two estimates are not independent.
    """
    n_c, m_c, var_c = control
    n_t, m_t, var_t = treatment
    v_c, v_t, cov = joint or (var_c, var_t, mpf(0))
    delta, se = m_t - m_c, mp.sqrt(v_t + v_c - 2 * cov)
    alternative = request.get("alternative", "two_sided")
    margin = request.get("non_inferiority_margin")
    out = {
        "control": {"n": n_c, "estimate": m_c, "standard_error": mp.sqrt(var_c)},
        "treatment": {"n": n_t, "estimate": m_t, "standard_error": mp.sqrt(var_t)},
    }
    absolute = {"estimate": delta, "standard_error": se}
    if margin is None:
        df = degrees(mpf(1), mpf(1))
        statistic = (delta - number(request.get("null_value", 0))) / se
        out["p_value"] = p_value(statistic, df, alternative)
        q = level_quantile(request, df)
        absolute.update(one_sided(ends(delta, se, q), alternative))
        out["relative"] = relative_block(m_c, m_t, v_c, v_t, cov, q, request)
    else:
        sign = 1 if request.get("direction", "increase") == "increase" else -1
        margin = number(margin)
        if request.get("margin_scale", "absolute") == "absolute":
            df, numerator, spread = degrees(mpf(1), mpf(1)), delta + sign * margin, se
        elif request.get("margin_treatment") == "fixed":
            df, numerator, spread = degrees(mpf(1), mpf(1)), delta + sign * margin * m_c, se
        else:
            k = 1 - sign * margin
            df, numerator = degrees(mpf(1), k * k), m_t - k * m_c
            spread = mp.sqrt(v_t + k * k * v_c - 2 * k * cov)
        statistic = numerator / spread
        out["p_value"] = upper_tail(sign * statistic, df)
        # Which interval accompanies a margin test is not fixed by the contract: its ends are left unasserted.
        r = m_t / m_c
        out["relative"] = {"estimate": r - 1}
    out["absolute"] = absolute
    out["statistic"] = statistic
    out["degrees_of_freedom"] = df
    return out


def normal_degrees(k_t, k_c):
    return None


__all__ = ["compare", "welch_satterthwaite", "normal_degrees", "normal_quantile"]
