# SPDX-License-Identifier: Apache-2.0
"""Comparisons of two arms in plain numpy: adjusted, stratified, clustered, encouraged; each a sum of linearised rows.

An arm is a list of pieces (its strata; one where there are none). A piece has y, an n × 2 array of numerator and
denominator (1 for a mean), and x, an n × k × 2 array of covariates.
"""

import math

import numpy as np
from scipy import stats

FEWEST = 5  # a piece with fewer units carries no asserted numbers: they hang on rounding


def ones(column):
    return np.column_stack([column, np.ones(len(column))])


class Arm:
    """Post-stratified ratios of outcome and covariates, and their linearised rows by stratum, outcome first."""

    def __init__(self, pieces, weights):
        self.n = sum(len(y) for y, _ in pieces)
        columns = [np.concatenate([y[:, None, :], x], axis=1) for y, x in pieces]
        means = [c.mean(axis=0) for c in columns]
        totals = sum(w * m for w, m in zip(weights, means))
        self.ratios = totals[:, 0] / totals[:, 1]
        self.sizes = totals[:, 1] * self.n  # the weight of the arm in the ratio of both
        rows = [(c[:, :, 0] - self.ratios * c[:, :, 1]) / totals[:, 1] for c in columns]
        self.counts = np.array([len(r) for r in rows])
        self.centres = [r.mean(axis=0) for r in rows]  # 0 where there is one stratum
        self.spreads = [np.atleast_2d(np.cov(r, rowvar=False)) for r in rows]
        self.weights = weights

    def variance(self, a):
        """Of a'ratios, by stratum."""
        return [w * w * a @ s @ a / n for w, s, n in zip(self.weights, self.spreads, self.counts)]


def between(control, treatment):
    """What the strata's shares, known from the sample only, add to the covariance of a difference."""
    apart = [t - c for c, t in zip(control.centres, treatment.centres)]
    return sum(w * np.outer(d, d) for w, d in zip(control.weights, apart)) / (control.n + treatment.n)


def slopes(control, treatment):
    """From the (n - 1)-weighted covariances of the arms, each n times that of its post-stratified means."""
    half = between(control, treatment) / 2
    pooled = np.zeros_like(half)
    for arm in (control, treatment):
        means = sum(w * w * s / n for w, s, n in zip(arm.weights, arm.spreads, arm.counts))
        pooled += (arm.n - 1) * arm.n * (means + half)
    theta = np.zeros(len(pooled) - 1)
    kept = [k for k in range(len(theta)) if pooled[k + 1, k + 1] > 1e-12]
    if kept:  # of covariates that repeat others the fit is the same whichever is left out
        scale = np.sqrt(np.diag(pooled)[1:][kept])
        block = pooled[1:, 1:][np.ix_(kept, kept)] / np.outer(scale, scale)
        theta[kept] = np.linalg.pinv(block, rcond=1e-10, hermitian=True) @ (pooled[1:, 0][kept] / scale) / scale
    return theta


def welch(parts):
    return sum(v for v, _ in parts) ** 2 / sum(v * v / d for v, d in parts if v > 0)


def short(pieces_c, pieces_t):
    n_c, n_t = (sum(len(y) for y, _ in pieces) for pieces in (pieces_c, pieces_t))
    return {"control": {"n": n_c}, "treatment": {"n": n_t}}


def moving(c, t, theta, share):
    """The covariance of two sums of the arms' ratios, and what control's and treatment's estimates are of them.

    Both move with the covariates' mean over both arms; theta is taken as known.
    """
    control = np.concatenate([[1.0], -theta * (1 - share)]), np.concatenate([[0.0], theta * (1 - share)])
    treatment = np.concatenate([[0.0], theta * share]), np.concatenate([[1.0], -theta * share])

    def joint(p, q):
        return sum(
            w * w * p[i] @ s @ q[i] / n
            for i, arm in enumerate((c, t))
            for w, s, n in zip(arm.weights, arm.spreads, arm.counts)
        )

    return joint, control, treatment


def compare(pieces_c, pieces_t, good=1, role="exploratory", margin=None, theta=None):
    """(asserted fields, one-sided p, p of harm, what the other analyses need)."""
    out = short(pieces_c, pieces_t)
    pairs = [(c, t) for c, t in zip(pieces_c, pieces_t) if min(len(c[0]), len(t[0])) > 0]
    whole = sum(len(c[0]) + len(t[0]) for c, t in pairs)
    if not pairs or min(min(len(c[0]), len(t[0])) for c, t in pairs) < FEWEST:
        return out, None, None, None
    weights = [(len(c[0]) + len(t[0])) / whole for c, t in pairs]
    with np.errstate(all="ignore"):
        c, t = Arm([p[0] for p in pairs], weights), Arm([p[1] for p in pairs], weights)
        if not (np.isfinite(c.ratios).all() and np.isfinite(t.ratios).all()):
            return out, None, None, None
    theta = slopes(c, t) if theta is None else np.array(theta)
    share = c.sizes[1:] / (c.sizes[1:] + t.sizes[1:])
    everywhere = share * c.ratios[1:] + (1 - share) * t.ratios[1:]
    m_c = c.ratios[0] - theta @ (c.ratios[1:] - everywhere)
    m_t = t.ratios[0] - theta @ (t.ratios[1:] - everywhere)
    own = np.concatenate([[1.0], -theta])
    parts_c, parts_t = c.variance(own), t.variance(own)
    delta = m_t - m_c
    shares = float(own @ between(c, t) @ own)
    res_c, res_t = sum(parts_c) + shares / 2, sum(parts_t) + shares / 2
    variance = res_c + res_t
    if variance <= 1e-20 * max(1.0, m_c * m_c):
        return out, None, None, None
    joint, a, b = moving(c, t, theta, share)
    v_c, v_t = joint(a, a) + shares / 2, joint(b, b) + shares / 2
    cov = joint(a, b)
    assert math.isclose(v_c + v_t - 2 * cov, variance, rel_tol=1e-7)
    se = math.sqrt(variance)
    degrees = list(zip(parts_c, c.counts - 1)) + list(zip(parts_t, t.counts - 1))
    df = welch(degrees)
    if len(pairs) == 1:
        out["control"] |= {"estimate": m_c, "standard_error": math.sqrt(res_c)}
        out["treatment"] |= {"estimate": m_t, "standard_error": math.sqrt(res_t)}
    else:
        out["control"]["estimate"], out["treatment"]["estimate"] = m_c, m_t
    out["absolute"] = {"estimate": delta, "standard_error": se}
    if m_c > 0:
        r = m_t / m_c
        out["relative"] = {"estimate": r - 1}
        if len(pairs) == 1:
            out["relative"]["standard_error"] = math.sqrt((v_t - 2 * r * cov + r * r * v_c) / m_c**2)
    statistic, p = delta / se, None
    harm = float(stats.t.cdf(good * statistic, df))
    if role == "success":
        p = float(stats.t.sf(good * statistic, df))
    elif role == "guardrail":
        scale, size = margin
        if scale == "absolute":
            statistic = (delta + good * size) / se
        else:
            k = 1 - good * size
            statistic = (m_t - k * m_c) / math.sqrt(v_t + k * k * v_c - 2 * k * cov)
            df = welch([(v, d) for v, d in degrees[len(parts_c) :]] + [(k * k * v, d) for v, d in degrees[: len(parts_c)]])
        p = float(stats.t.sf(good * statistic, df))
    if role != "exploratory":
        out["statistic"] = float(statistic)
        out["degrees_of_freedom"] = df
    more = {"statistic": good * statistic, "df": df, "arms": (c, t), "own": own, "variance": variance, "error": se}
    return out, p, harm, more


def two_sided(out, more):
    if "absolute" not in out:
        return None
    z = out["absolute"]["estimate"] / out["absolute"]["standard_error"]
    return float(2 * stats.t.sf(abs(z), more["df"]))


def correlation(one, other):
    """Of two comparisons that share a control arm: λ_i λ_j, λ_i² the control's part of the variance."""
    parts = [[row["comparison"][arm]["standard_error"] ** 2 for arm in ("control", "treatment")] for row in (one, other)]
    return math.sqrt(math.prod(c / (c + t) for c, t in parts))


def many_to_one(statistics, degrees, correlation):
    """One-sided p-values of the largest of two statistics against one control.

    The two integrals are over the control's part and over the standard deviation that all share.
    """
    z, z_weights = np.polynomial.hermite_e.hermegauss(160)
    z_weights = z_weights / math.sqrt(2 * math.pi)
    loading, rest = math.sqrt(correlation), math.sqrt(1 - correlation)
    result = []
    for statistic, df in zip(statistics, degrees):

        def below(s):
            inner = stats.norm.cdf((statistic * s - loading * z) / rest) ** 2
            return float(z_weights @ inner) * stats.chi.pdf(s * math.sqrt(df), df) * math.sqrt(df)

        width = 12 / math.sqrt(2 * df)
        s, s_weights = np.polynomial.legendre.leggauss(300)
        inside = sum(width * w * below(1 + width * x) for x, w in zip(s, s_weights))
        result.append(1 - inside)
    return result


def holm(p_values):
    order, worst, out = np.argsort(p_values, kind="stable"), 0.0, [0.0] * len(p_values)
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        out[i] = worst
    return out


def benjamini_hochberg(p_values):
    order, least, out = np.argsort(p_values, kind="stable")[::-1], 1.0, [0.0] * len(p_values)
    for rank, i in enumerate(order):
        least = min(least, len(p_values) / (len(p_values) - rank) * p_values[i])
        out[i] = least
    return out
