# SPDX-License-Identifier: Apache-2.0
# Made by tools/python_stubs from the registry of operations: change those, not this file.
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypedDict, Union

from ._records import Record
from ._results import OperationResult

class _Column(Protocol):
    """An array or a series: NumPy, pandas, polars, pyarrow."""
    def __len__(self) -> int: ...

class _Frame(Protocol):
    """A table that speaks Arrow."""
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

Numbers = Union[Sequence[float], Sequence[Union[float, None]], _Column]

SampleForm = TypedDict('SampleForm', {'values': Numbers, 'numerator': Any, 'denominator': Any, 'covariates': Mapping[str, Numbers], 'n': int, 'mean': float, 'variance': float, 'sum': float, 'sum_of_squares': float, 'successes': int, 'covariance': Any, 'names': Sequence[str], 'means': Numbers}, total=False)

class ArmEstimate(Record):
    n: int
    """units in the arm"""
    estimate: float
    """the arm's mean, share or ratio"""
    standard_error: float
    """of the estimate"""

class EffectInterval(Record):
    estimate: float
    """the effect"""
    standard_error: float
    """of the effect"""
    lower: float
    """lower end; null is unbounded or undefined"""
    upper: float
    """upper end; null is unbounded or undefined"""

class Remark(Record):
    code: str
    """stable name of the remark"""
    field: str
    """path of the field it is about"""
    message: str
    """what the reader must know"""

class MeanDifferenceResult(OperationResult):
    """Compares the means of two arms by a t or z test."""
    method: str
    """the method that ran"""
    control: ArmEstimate
    """the control arm"""
    treatment: ArmEstimate
    """the treatment arm"""
    absolute: EffectInterval
    """treatment minus control"""
    relative: EffectInterval
    """treatment / control - 1"""
    statistic: float
    """of the absolute test, or of the margin test if one is given"""
    degrees_of_freedom: float
    """null for a normal reference distribution"""
    p_value: float
    """by the alternative or the direction"""
    warnings: list[Remark]
    """what the reader must know"""

class ProportionDifferenceResult(OperationResult):
    """Compares two shares by normal, score, exact or contingency tests."""
    method: str
    """the method that ran"""
    control: ArmEstimate
    """the control arm"""
    treatment: ArmEstimate
    """the treatment arm"""
    absolute: EffectInterval
    """treatment minus control"""
    relative: EffectInterval
    """treatment / control - 1"""
    statistic: float
    """of the absolute test, or of the margin test if one is given"""
    degrees_of_freedom: float
    """null for a normal reference distribution"""
    p_value: float
    """by the alternative or the direction"""
    warnings: list[Remark]
    """what the reader must know"""
    odds_ratio: EffectInterval
    """standard_error is that of its logarithm"""
    risk_ratio: EffectInterval
    """standard_error is that of its logarithm"""

class RatioDifferenceResult(OperationResult):
    """Compares two ratios of totals by the delta method or Fieller's theorem."""
    method: str
    """the method that ran"""
    control: ArmEstimate
    """the control arm"""
    treatment: ArmEstimate
    """the treatment arm"""
    absolute: EffectInterval
    """treatment minus control"""
    relative: EffectInterval
    """treatment / control - 1"""
    statistic: float
    """of the absolute test, or of the margin test if one is given"""
    degrees_of_freedom: float
    """null for a normal reference distribution"""
    p_value: float
    """by the alternative or the direction"""
    warnings: list[Remark]
    """what the reader must know"""

class Comparison(Record):
    method: str
    """the method that ran"""
    control: ArmEstimate
    """the control arm"""
    treatment: ArmEstimate
    """the treatment arm"""
    absolute: EffectInterval
    """treatment minus control"""
    relative: EffectInterval
    """treatment / control - 1"""
    statistic: float
    """of the absolute test, or of the margin test if one is given"""
    degrees_of_freedom: float
    """null for a normal reference distribution"""
    p_value: float
    """by the alternative or the direction"""
    warnings: list[Remark]
    """what the reader must know"""

class AdjustedDifferenceResult(OperationResult):
    """Compares two means or ratios with covariates: CUPED or regression adjustment."""
    method: str
    """the method that ran"""
    control: ArmEstimate
    """the control arm"""
    treatment: ArmEstimate
    """the treatment arm"""
    absolute: EffectInterval
    """treatment minus control"""
    relative: EffectInterval
    """treatment / control - 1"""
    statistic: float
    """of the absolute test, or of the margin test if one is given"""
    degrees_of_freedom: float
    """null for a normal reference distribution"""
    p_value: float
    """by the alternative or the direction"""
    warnings: list[Remark]
    """what the reader must know"""
    variance_reduction: float
    """share of the effect's variance removed"""
    covariates: list[str]
    """as used, indicators of missing values included"""
    coefficients: list[float]
    """by covariate: what the adjusted effect subtracts per unit of difference in its means; null when it was left out"""
    unadjusted: Comparison
    """the same comparison without them"""

SampleSizeSampleForm = TypedDict('SampleSizeSampleForm', {'values': Numbers, 'numerator': Any, 'denominator': Any, 'covariates': Mapping[str, Numbers], 'n': int, 'mean': float, 'variance': float, 'sum': float, 'sum_of_squares': float, 'successes': int, 'covariance': Any, 'names': Sequence[str], 'means': Numbers, 'proportion': float}, total=False)

class SampleSizeResult(OperationResult):
    """How many units a test needs to find an effect or keep a margin."""
    method: str
    """distribution of the test statistic"""
    n_total: int
    """units of all arms (in units)"""
    n_control: int
    """units of the control (in units)"""
    n_treatment: int
    """units of each treatment (in units)"""
    alpha_corrected: float
    """what the test's p-value is held against"""
    power_corrected: float
    """what the decision rule asks of the test"""
    deterioration_alpha_corrected: float
    """of each deterioration and quality test of the rule"""
    warnings: list[Remark]
    """what the reader must know"""

class PowerResult(OperationResult):
    """The probability that a test of a given size finds an effect."""
    method: str
    """distribution of the test statistic"""
    power: float
    """probability to find the effect"""
    alpha_corrected: float
    """what the test's p-value is held against"""
    power_corrected: float
    """what the decision rule asks of the test"""
    warnings: list[Remark]
    """what the reader must know"""

class MinimumDetectableEffectResultMinimumDetectableEffect(Record):
    absolute: float
    """in the baseline's unit"""
    relative: float
    """share of the baseline"""

class MinimumDetectableEffectResult(OperationResult):
    """The smallest effect that a test of a given size finds with the power asked for."""
    method: str
    """distribution of the test statistic"""
    minimum_detectable_effect: MinimumDetectableEffectResultMinimumDetectableEffect
    """found with the power asked for"""
    alpha_corrected: float
    """what the test's p-value is held against"""
    power_corrected: float
    """what the decision rule asks of the test"""
    warnings: list[Remark]
    """what the reader must know"""

class AdjustPValuesResult(OperationResult):
    """Adjusts p-values for being one of many."""
    method: str
    """the method that ran"""
    adjusted: list[float]
    """in the order given, at most 1"""
    rejected: list[bool]
    """adjusted <= alpha"""
    true_null_share: float
    """estimated by storey"""
    warnings: list[Remark]
    """what the reader must know"""

class SampleRatioTestResult(OperationResult):
    """Tests whether the arms got the shares they should have."""
    method: str
    """the method that ran"""
    statistic: float
    """chi-squared, or the log Bayes factor"""
    degrees_of_freedom: float
    """null for the sequential test"""
    p_value: float
    """that the shares are as expected"""
    observed_shares: list[float]
    """by arm"""
    expected_shares: list[float]
    """by arm, adding up to 1"""
    warnings: list[Remark]
    """what the reader must know"""

DecisionRequestMetricsForm = TypedDict('DecisionRequestMetricsForm', {'name': str, 'role': Literal['success', 'guardrail', 'deterioration', 'quality', 'exploratory'], 'direction': Literal['increase', 'decrease'], 'p_value': float, 'deterioration_p_value': float, 'comparison': Any}, total=False)

class DecisionResultMetrics(Record):
    name: str
    """the metric"""
    role: str
    """what it does in the decision"""
    p_value: float
    """one-sided"""
    alpha_used: float
    """what the p-value is held against; null: nothing"""
    power_planned: float
    """what the test must have had"""
    passed: bool
    """success: superior; guardrail: non-inferior; deterioration and quality: nothing found wrong"""
    deterioration_p_value: float
    """one-sided"""
    deterioration_alpha_used: float
    """what that p-value is held against"""
    deteriorated: bool
    """the metric got worse"""

class DecisionResult(OperationResult):
    """Ship, stop, continue or invalid, from the tests of all metrics with bounded risks."""
    method: str
    """the rule that ran"""
    action: Literal['ship', 'stop', 'continue', 'invalid']
    """the verdict (ship | stop | continue | invalid)"""
    explanation: str
    """why, in a sentence"""
    metrics: list[DecisionResultMetrics]
    """each metric's tests, in the order given"""
    warnings: list[Remark]
    """what the reader must know"""

def mean_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    method: Literal['welch', 'student', 'z'] = 'welch',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> MeanDifferenceResult:
    """Compares the means of two arms by a t or z test.

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    method: variances of their own, pooled, or a normal reference (welch | student | z; default welch).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def proportion_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    method: Literal['z_unpooled', 'z_pooled', 'newcombe', 'agresti_caffo', 'miettinen_nurminen', 'fisher', 'barnard', 'boschloo', 'chi_squared', 'g_test'] = 'z_unpooled',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> ProportionDifferenceResult:
    """Compares two shares by normal, score, exact or contingency tests.

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    method: the test or interval (z_unpooled | z_pooled | newcombe | agresti_caffo | miettinen_nurminen | fisher | barnard | boschloo | chi_squared | g_test; default z_unpooled).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def ratio_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    method: Literal['delta', 'fieller'] = 'delta',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> RatioDifferenceResult:
    """Compares two ratios of totals by the delta method or Fieller's theorem.

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    method: delta; fieller is the same test with Fieller's relative interval (delta | fieller; default delta).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def adjusted_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    covariates: Sequence[Any],
    outcome: Any | None = None,
    method: Literal['cuped', 'cuped_per_arm', 'lin'] = 'cuped',
    robust: bool = False,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> AdjustedDifferenceResult:
    """Compares two means or ratios with covariates: CUPED or regression adjustment.

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    covariates: columns, or {numerator, denominator} pairs.
    outcome: a column, or {numerator, denominator}; raw samples need not say.
    method: cuped: one theta; cuped_per_arm: one for each arm; lin: interacted regression (cuped | cuped_per_arm | lin; default cuped).
    robust: lin with HC2 standard errors, from raw rows (default False).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def sample_size(
    *,
    baseline: Union[SampleSizeSampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    effect_scale: Literal['relative', 'absolute'] = 'relative',
    alpha: float = 0.05,
    power: float = 0.8,
    alternative: Literal['auto', 'two_sided', 'greater', 'less'] = 'auto',
    arms: int = 2,
    allocation: float | None = None,
    covariate_correlation: float = 0.0,
    design_effect: float = 1.0,
    distribution: Literal['normal', 't'] = 'normal',
    decision_rule: Literal['none', 'spotify'] = 'none',
    success_metrics: int = 1,
    guardrail_metrics: int = 0,
    deterioration_metrics: int = 0,
    quality_metrics: int = 0,
    deterioration_alpha: float = 0.01,
    compatibility: Literal['none', 'confidence_docs'] = 'none',
    minimum_detectable_effect: float | None = None,
    non_inferiority_margin: float | None = None,
) -> SampleSizeResult:
    """How many units a test needs to find an effect or keep a margin.

    baseline: the control as it is today: mean and variance, a proportion, moments of a ratio, or any sample.
    effect_scale: whether the effect or margin is a share of the baseline or in its unit (relative | absolute; default relative).
    alpha: type I error rate, in both tails if two-sided (greater than 0, less than 1; default 0.05).
    power: probability to find the effect (greater than 0, less than 1; default 0.8).
    alternative: auto: two_sided, but greater under the spotify rule; a margin is always one-sided (auto | two_sided | greater | less; default auto).
    arms: the control and the treatments; the spotify rule divides alpha by the number of treatments (at least 2, at most 1000; default 2).
    allocation: share of all units in one treatment; default equal arms (greater than 0, less than 1).
    covariate_correlation: of the outcome with its covariate (CUPED); leaves 1 - its square of the variance (greater than -1, less than 1; default 0.0).
    design_effect: factor of the variance, as of clustering (greater than 0; default 1.0).
    distribution: of the test statistic (normal | t; default normal).
    decision_rule: spotify divides alpha and beta over the experiment's metrics (none | spotify; default none).
    success_metrics: in the decision rule (at least 0, at most 100000; default 1).
    guardrail_metrics: in the decision rule (at least 0, at most 100000; default 0).
    deterioration_metrics: in the decision rule, beyond the success and guardrail metrics (at least 0, at most 100000; default 0).
    quality_metrics: in the decision rule (at least 0, at most 100000; default 0).
    deterioration_alpha: of the decision rule, shared by its deterioration and quality tests (at least 0, at most 1; default 0.01).
    compatibility: confidence_docs divides the type II error by the number of guardrails alone (none | confidence_docs; default none).
    minimum_detectable_effect: the smallest effect worth finding.
    non_inferiority_margin: instead of an effect: how much worse is still acceptable (greater than 0).
    """

def power(
    *,
    baseline: Union[SampleSizeSampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    n_total: int,
    effect_scale: Literal['relative', 'absolute'] = 'relative',
    alpha: float = 0.05,
    power: float = 0.8,
    alternative: Literal['auto', 'two_sided', 'greater', 'less'] = 'auto',
    arms: int = 2,
    allocation: float | None = None,
    covariate_correlation: float = 0.0,
    design_effect: float = 1.0,
    distribution: Literal['normal', 't'] = 'normal',
    decision_rule: Literal['none', 'spotify'] = 'none',
    success_metrics: int = 1,
    guardrail_metrics: int = 0,
    deterioration_metrics: int = 0,
    quality_metrics: int = 0,
    deterioration_alpha: float = 0.01,
    compatibility: Literal['none', 'confidence_docs'] = 'none',
    minimum_detectable_effect: float | None = None,
    non_inferiority_margin: float | None = None,
) -> PowerResult:
    """The probability that a test of a given size finds an effect.

    baseline: the control as it is today: mean and variance, a proportion, moments of a ratio, or any sample.
    n_total: units of all arms together (at least 0).
    effect_scale: whether the effect or margin is a share of the baseline or in its unit (relative | absolute; default relative).
    alpha: type I error rate, in both tails if two-sided (greater than 0, less than 1; default 0.05).
    power: probability to find the effect (greater than 0, less than 1; default 0.8).
    alternative: auto: two_sided, but greater under the spotify rule; a margin is always one-sided (auto | two_sided | greater | less; default auto).
    arms: the control and the treatments; the spotify rule divides alpha by the number of treatments (at least 2, at most 1000; default 2).
    allocation: share of all units in one treatment; default equal arms (greater than 0, less than 1).
    covariate_correlation: of the outcome with its covariate (CUPED); leaves 1 - its square of the variance (greater than -1, less than 1; default 0.0).
    design_effect: factor of the variance, as of clustering (greater than 0; default 1.0).
    distribution: of the test statistic (normal | t; default normal).
    decision_rule: spotify divides alpha and beta over the experiment's metrics (none | spotify; default none).
    success_metrics: in the decision rule (at least 0, at most 100000; default 1).
    guardrail_metrics: in the decision rule (at least 0, at most 100000; default 0).
    deterioration_metrics: in the decision rule, beyond the success and guardrail metrics (at least 0, at most 100000; default 0).
    quality_metrics: in the decision rule (at least 0, at most 100000; default 0).
    deterioration_alpha: of the decision rule, shared by its deterioration and quality tests (at least 0, at most 1; default 0.01).
    compatibility: confidence_docs divides the type II error by the number of guardrails alone (none | confidence_docs; default none).
    minimum_detectable_effect: the smallest effect worth finding.
    non_inferiority_margin: instead of an effect: how much worse is still acceptable (greater than 0).
    """

def minimum_detectable_effect(
    *,
    baseline: Union[SampleSizeSampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    n_total: int,
    effect_scale: Literal['relative', 'absolute'] = 'relative',
    alpha: float = 0.05,
    power: float = 0.8,
    alternative: Literal['auto', 'two_sided', 'greater', 'less'] = 'auto',
    arms: int = 2,
    allocation: float | None = None,
    covariate_correlation: float = 0.0,
    design_effect: float = 1.0,
    distribution: Literal['normal', 't'] = 'normal',
    decision_rule: Literal['none', 'spotify'] = 'none',
    success_metrics: int = 1,
    guardrail_metrics: int = 0,
    deterioration_metrics: int = 0,
    quality_metrics: int = 0,
    deterioration_alpha: float = 0.01,
    compatibility: Literal['none', 'confidence_docs'] = 'none',
) -> MinimumDetectableEffectResult:
    """The smallest effect that a test of a given size finds with the power asked for.

    baseline: the control as it is today: mean and variance, a proportion, moments of a ratio, or any sample.
    n_total: units of all arms together (at least 0).
    effect_scale: whether the effect or margin is a share of the baseline or in its unit (relative | absolute; default relative).
    alpha: type I error rate, in both tails if two-sided (greater than 0, less than 1; default 0.05).
    power: probability to find the effect (greater than 0, less than 1; default 0.8).
    alternative: auto: two_sided, but greater under the spotify rule; a margin is always one-sided (auto | two_sided | greater | less; default auto).
    arms: the control and the treatments; the spotify rule divides alpha by the number of treatments (at least 2, at most 1000; default 2).
    allocation: share of all units in one treatment; default equal arms (greater than 0, less than 1).
    covariate_correlation: of the outcome with its covariate (CUPED); leaves 1 - its square of the variance (greater than -1, less than 1; default 0.0).
    design_effect: factor of the variance, as of clustering (greater than 0; default 1.0).
    distribution: of the test statistic (normal | t; default normal).
    decision_rule: spotify divides alpha and beta over the experiment's metrics (none | spotify; default none).
    success_metrics: in the decision rule (at least 0, at most 100000; default 1).
    guardrail_metrics: in the decision rule (at least 0, at most 100000; default 0).
    deterioration_metrics: in the decision rule, beyond the success and guardrail metrics (at least 0, at most 100000; default 0).
    quality_metrics: in the decision rule (at least 0, at most 100000; default 0).
    deterioration_alpha: of the decision rule, shared by its deterioration and quality tests (at least 0, at most 1; default 0.01).
    compatibility: confidence_docs divides the type II error by the number of guardrails alone (none | confidence_docs; default none).
    """

def adjust_p_values(
    *,
    p_values: Numbers,
    method: Literal['bonferroni', 'sidak', 'holm', 'holm_sidak', 'hochberg', 'hommel', 'benjamini_hochberg', 'benjamini_yekutieli', 'storey'] = 'holm',
    alpha: float = 0.05,
    lambda_: float = 0.5,
) -> AdjustPValuesResult:
    """Adjusts p-values for being one of many.

    p_values: of the tests of one family.
    method: the first six bound the family-wise error rate, the others the false discovery rate (bonferroni | sidak | holm | holm_sidak | hochberg | hommel | benjamini_hochberg | benjamini_yekutieli | storey; default holm).
    alpha: error rate of the family (greater than 0, less than 1; default 0.05).
    lambda_: storey: p-values above it are taken for true nulls (greater than 0, less than 1; default 0.5).
    """

def sample_ratio_test(
    *,
    counts: Numbers,
    expected: Numbers,
    method: Literal['chi_squared', 'sequential'] = 'chi_squared',
    concentration: float = 10000.0,
) -> SampleRatioTestResult:
    """Tests whether the arms got the shares they should have.

    counts: units seen in each arm.
    expected: share each arm should have; weights that do not add up to 1 are scaled.
    method: sequential may be looked at at any time (chi_squared | sequential; default chi_squared).
    concentration: prior weight of the sequential test at the shares (in units; greater than 0; default 10000.0).
    """

def decision(
    *,
    metrics: Sequence[Union[DecisionRequestMetricsForm, Mapping[str, Any], Record]],
    complete: bool = True,
    alpha: float = 0.05,
    power: float = 0.8,
    deterioration_alpha: float = 0.01,
    treatments: int = 1,
    rule: str = 'spotify',
    compatibility: Literal['none', 'confidence_docs'] = 'none',
) -> DecisionResult:
    """Ship, stop, continue or invalid, from the tests of all metrics with bounded risks.

    metrics: the metrics of one treatment.
    complete: the planned end is reached, or a boundary is crossed (default True).
    alpha: probability of shipping something useless or harmful, one-sided (greater than 0, less than 1; default 0.05).
    power: probability of shipping something good (greater than 0, less than 1; default 0.8).
    deterioration_alpha: shared by the deterioration and quality tests; 0 turns them off (at least 0, at most 1; default 0.01).
    treatments: alpha is divided by their number (at least 1; default 1).
    rule: spotify (any success metric and all guardrails), or an expression of AND, OR and parentheses over metric names (default spotify).
    compatibility: confidence_docs divides the type II error by the number of guardrails alone (none | confidence_docs; default none).
    """

def run(operation: str, **request: Any) -> Record:
    """Runs an operation by its name."""
