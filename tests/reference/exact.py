# SPDX-License-Identifier: Apache-2.0
"""Distribution functions in 50 digits (mpmath), so that the reference numbers carry no rounding of their own.

Quantiles start from scipy's double value and are polished by Newton steps on the 50-digit distribution function.
"""

import functools

import mpmath as mp
from scipy import stats as scipy_stats

mp.mp.dps = 50
mpf = mp.mpf


def number(x):
    """A JSON number as its exact decimal value, so that 0.1 means one tenth in every script."""
    return x if isinstance(x, mp.mpf) else mpf(repr(x)) if isinstance(x, float) else mpf(x)


def normal_cdf(x):
    return mp.ncdf(x)


def t_cdf(x, df):
    x, df = mpf(x), mpf(df)
    tail = mp.betainc(df / 2, mpf(1) / 2, 0, df / (df + x * x), regularized=True) / 2
    return 1 - tail if x > 0 else tail


def t_upper(x, df):
    return t_cdf(-mpf(x), df)


def t_pdf(x, df):
    return (
        mp.exp(mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2))
        / mp.sqrt(df * mp.pi)
        * (1 + x * x / df) ** (-(df + 1) / 2)
    )


def _newton(x, cdf, pdf, p):
    for _ in range(6):
        step = (cdf(x) - p) / pdf(x)
        x -= step
        if abs(step) < mpf(10) ** -40 * (1 + abs(x)):
            break
    return x


@functools.lru_cache(maxsize=None)
def normal_quantile(p):
    return _newton(mpf(float(scipy_stats.norm.ppf(float(p)))), mp.ncdf, mp.npdf, mpf(p))


@functools.lru_cache(maxsize=None)
def t_quantile(p, df):
    start = mpf(float(scipy_stats.t.ppf(float(p), float(df))))
    return _newton(start, lambda x: t_cdf(x, df), lambda x: t_pdf(x, df), mpf(p))


def chi_squared_upper(x, df):
    return mp.gammainc(mpf(df) / 2, mpf(x) / 2, mp.inf, regularized=True)


def upper_tail(statistic, df):
    """P(T > statistic); df None is the normal distribution."""
    return normal_cdf(-statistic) if df is None else t_upper(statistic, df)


def quantile(p, df):
    return normal_quantile(p) if df is None else t_quantile(p, df)
