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

SampleForm = TypedDict('SampleForm', {'values': Numbers, 'numerator': Any, 'denominator': Any, 'covariates': Mapping[str, Numbers], 'cluster': Any, 'stratum': Any, 'n': int, 'mean': float, 'variance': float, 'sum': float, 'sum_of_squares': float, 'successes': int, 'covariance': Any, 'names': Sequence[str], 'means': Numbers}, total=False)

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

class QuantileDifferenceResult(OperationResult):
    """Compares a quantile of two arms, with rows alone or in clusters."""
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
    quantile: float
    """which one was compared"""

class BootstrapDifferenceResult(OperationResult):
    """Compares two means, ratios or quantiles by the Poisson bootstrap."""
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

class RankSumTestResult(OperationResult):
    """Compares the ranks of two arms by Mann and Whitney's test."""
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
    z: float
    """standardised U; null for the exact method"""
    probability_of_superiority: float
    """share of pairs in which the treatment is larger, ties by half"""
    hodges_lehmann: float
    """the shift from control to treatment, whose interval is in absolute"""

StratifiedDifferenceRequestStrataForm = TypedDict('StratifiedDifferenceRequestStrataForm', {'name': str, 'weight': float, 'control': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'treatment': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record]}, total=False)

class StratifiedDifferenceResultStrata(Record):
    name: str
    """the stratum's label or position"""
    weight: float
    """as used, all adding up to 1"""
    control: ArmEstimate
    """the control arm in it"""
    treatment: ArmEstimate
    """the treatment arm in it"""
    absolute: EffectInterval
    """the difference in it, alone"""

class StratifiedDifferenceResult(OperationResult):
    """Compares two arms within strata: post-stratification or Mantel-Haenszel."""
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
    """share of the unadjusted effect's variance removed"""
    strata: list[StratifiedDifferenceResultStrata]
    """each by itself, with the weight it had"""
    unadjusted: Comparison
    """the comparison without strata"""
    odds_ratio: EffectInterval
    """mantel_haenszel; standard_error is that of its logarithm"""
    risk_ratio: EffectInterval
    """mantel_haenszel; standard_error is that of its logarithm"""

class ClusterDifferenceResultClusters(Record):
    control: int
    """with rows in the control arm"""
    treatment: int
    """with rows in the treatment arm"""
    in_both: int
    """with rows in both arms"""

class ClusterDifferenceResult(OperationResult):
    """Compares means or ratios of rows that come in clusters."""
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
    clusters: ClusterDifferenceResultClusters
    """how many there are"""
    design_effect: float
    """variance of the effect, in units of that of independent rows"""

class EquivalenceTestResultLowerTest(Record):
    statistic: float
    """of this one-sided test"""
    degrees_of_freedom: float
    """null for z"""
    p_value: float
    """one-sided"""

class EquivalenceTestResultUpperTest(Record):
    statistic: float
    """of this one-sided test"""
    degrees_of_freedom: float
    """null for z"""
    p_value: float
    """one-sided"""

class EquivalenceTestResult(OperationResult):
    """Tests that two arms differ by less than a margin (TOST)."""
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
    equivalent: bool
    """p_value <= 1 - confidence_level"""
    lower_test: EquivalenceTestResultLowerTest
    """against a difference of -lower_margin or less"""
    upper_test: EquivalenceTestResultUpperTest
    """against a difference of upper_margin or more"""
    equivalence_interval: EffectInterval
    """of level 2 confidence_level - 1, on the margins' scale: inside the margins when equivalent"""

BayesianDifferenceRequestPriorForm = TypedDict('BayesianDifferenceRequestPriorForm', {'mean': float, 'variance': float, 'proper': bool, 'scale': Literal['relative', 'absolute']}, total=False)

class BayesianDifferenceResultRisk(Record):
    control: float
    """of keeping the control"""
    treatment: float
    """of taking the treatment"""

class BayesianDifferenceResult(OperationResult):
    """Weighs a difference against a prior: probability to be better, risk, interval."""
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
    scale: str
    """of the fields below"""
    probability_better: float
    """that the treatment is better by direction"""
    risk: BayesianDifferenceResultRisk
    """expected loss of choosing an arm"""
    credible_interval: EffectInterval
    """equal-tailed, with posterior mean and deviation"""

InteractionRequestCellsForm = TypedDict('InteractionRequestCellsForm', {'control_control': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'control_treatment': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'treatment_control': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'treatment_treatment': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record]}, total=False)

class InteractionResultCells(Record):
    control_control: ArmEstimate
    """control of both"""
    control_treatment: ArmEstimate
    """second treatment alone"""
    treatment_control: ArmEstimate
    """first treatment alone"""
    treatment_treatment: ArmEstimate
    """both treatments"""

class InteractionResult(OperationResult):
    """Tests whether two experiments change each other's effect."""
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
    cells: InteractionResultCells
    """the four estimates"""

class ManyToOneDifferenceResultEffectsSimultaneous(Record):
    absolute: EffectInterval
    """treatment minus control"""
    relative: EffectInterval
    """treatment / control - 1"""

class ManyToOneDifferenceResultEffects(Record):
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
    adjusted_p_value: float
    """of this treatment, for being one of many"""
    rejected: bool
    """adjusted_p_value <= 1 - confidence_level"""
    simultaneous: ManyToOneDifferenceResultEffectsSimultaneous
    """intervals that all hold at once with confidence_level; of holm: bonferroni's"""

class ManyToOneDifferenceResult(OperationResult):
    """Compares several treatments with one control: Dunnett, Holm or Bonferroni."""
    method: str
    """the method that ran"""
    variances: str
    """pooled or separate"""
    effects: list[ManyToOneDifferenceResultEffects]
    """one a treatment, in the order given"""
    warnings: list[Remark]
    """what the reader must know"""

class DifferenceInDifferencesResultEffects(Record):
    group: float
    """time of the group's first treatment"""
    time: float
    """of the effect"""
    n_treated: int
    """units of the group"""
    n_control: int
    """units compared with"""
    estimate: float
    """the effect"""
    standard_error: float
    """of the effect"""
    lower: float
    """lower end; null is unbounded or undefined"""
    upper: float
    """upper end; null is unbounded or undefined"""
    simultaneous_lower: float
    """of an interval that holds for the whole list at once"""
    simultaneous_upper: float
    """of the same"""

class DifferenceInDifferencesResultAggregatesGroupEffects(Record):
    at: float
    """group, time since treatment, or calendar time"""
    estimate: float
    """the effect"""
    standard_error: float
    """of the effect"""
    lower: float
    """lower end; null is unbounded or undefined"""
    upper: float
    """upper end; null is unbounded or undefined"""
    simultaneous_lower: float
    """of an interval that holds for the whole list at once"""
    simultaneous_upper: float
    """of the same"""

class DifferenceInDifferencesResultAggregatesGroup(Record):
    overall: EffectInterval
    """one number from all after treatment"""
    effects: list[DifferenceInDifferencesResultAggregatesGroupEffects]
    """in order"""

class DifferenceInDifferencesResultAggregatesEventTimeEffects(Record):
    at: float
    """group, time since treatment, or calendar time"""
    estimate: float
    """the effect"""
    standard_error: float
    """of the effect"""
    lower: float
    """lower end; null is unbounded or undefined"""
    upper: float
    """upper end; null is unbounded or undefined"""
    simultaneous_lower: float
    """of an interval that holds for the whole list at once"""
    simultaneous_upper: float
    """of the same"""

class DifferenceInDifferencesResultAggregatesEventTime(Record):
    overall: EffectInterval
    """one number from all after treatment"""
    effects: list[DifferenceInDifferencesResultAggregatesEventTimeEffects]
    """in order"""

class DifferenceInDifferencesResultAggregatesCalendarEffects(Record):
    at: float
    """group, time since treatment, or calendar time"""
    estimate: float
    """the effect"""
    standard_error: float
    """of the effect"""
    lower: float
    """lower end; null is unbounded or undefined"""
    upper: float
    """upper end; null is unbounded or undefined"""
    simultaneous_lower: float
    """of an interval that holds for the whole list at once"""
    simultaneous_upper: float
    """of the same"""

class DifferenceInDifferencesResultAggregatesCalendar(Record):
    overall: EffectInterval
    """one number from all after treatment"""
    effects: list[DifferenceInDifferencesResultAggregatesCalendarEffects]
    """in order"""

class DifferenceInDifferencesResultAggregates(Record):
    simple: EffectInterval
    """all cells, by group size"""
    group: DifferenceInDifferencesResultAggregatesGroup
    """by group, averaged over its times"""
    event_time: DifferenceInDifferencesResultAggregatesEventTime
    """by time since treatment"""
    calendar: DifferenceInDifferencesResultAggregatesCalendar
    """by calendar time"""

class DifferenceInDifferencesResultPreTrend(Record):
    statistic: float
    """chi-squared"""
    degrees_of_freedom: float
    """of the statistic"""
    p_value: float
    """upper tail"""

class DifferenceInDifferencesResult(OperationResult):
    """Compares changes of treated units with changes of others, at one date or many."""
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
    effects: list[DifferenceInDifferencesResultEffects]
    """by group and time"""
    aggregates: DifferenceInDifferencesResultAggregates
    """of the effects"""
    pre_trend: DifferenceInDifferencesResultPreTrend
    """are all effects before treatment 0? null: none to test"""
    n_units: int
    """that take part (in units)"""
    n_clusters: int
    """independent groups of units"""

class AverageTreatmentEffectResultOverlapControl(Record):
    minimum: float
    """propensity in the arm"""
    mean: float
    """propensity in the arm"""
    maximum: float
    """propensity in the arm"""
    effective_sample_size: float
    """rows the weighted arm is worth"""

class AverageTreatmentEffectResultOverlapTreatment(Record):
    minimum: float
    """propensity in the arm"""
    mean: float
    """propensity in the arm"""
    maximum: float
    """propensity in the arm"""
    effective_sample_size: float
    """rows the weighted arm is worth"""

class AverageTreatmentEffectResultOverlapBalance(Record):
    covariate: str
    """its name"""
    before: float
    """standardised difference of the arms"""
    after: float
    """the same with the weights"""

class AverageTreatmentEffectResultOverlap(Record):
    control: AverageTreatmentEffectResultOverlapControl
    """propensities of the untreated"""
    treatment: AverageTreatmentEffectResultOverlapTreatment
    """propensities of the treated"""
    outside_support: float
    """share of rows with a propensity that the other arm does not reach"""
    balance: list[AverageTreatmentEffectResultOverlapBalance]
    """by covariate"""

class AverageTreatmentEffectResultEValue(Record):
    scale: str
    """what the risk ratio comes from"""
    risk_ratio: float
    """of the estimate"""
    estimate: float
    """risk ratio a hidden confounder needs with treatment and with outcome to explain the effect away"""
    interval: float
    """the same for the 95 % interval to reach no effect; 1 if it does"""

class AverageTreatmentEffectResult(OperationResult):
    """Estimates an effect from rows that were not randomised, by weights and regression."""
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
    estimand: str
    """ate or att"""
    overlap: AverageTreatmentEffectResultOverlap
    """have rows their like in the other arm?"""
    e_value: AverageTreatmentEffectResultEValue
    """how much hidden confounding it stands"""

class InstrumentalVariablesResultFirstStage(Record):
    instruments: list[str]
    """that were used"""
    coefficients: list[float]
    """of the treatment received on each instrument"""
    f_statistic: float
    """of the instruments together"""
    numerator_degrees: float
    """of F"""
    denominator_degrees: float
    """of F"""
    p_value: float
    """of F"""
    partial_r_squared: float
    """share of the treatment that instruments explain"""

class InstrumentalVariablesResultAndersonRubinRegion(Record):
    lower: float
    """lower end; null is unbounded"""
    upper: float
    """upper end; null is unbounded"""

class InstrumentalVariablesResultAndersonRubin(Record):
    statistic: float
    """F of the null value"""
    p_value: float
    """of the null value"""
    region: list[InstrumentalVariablesResultAndersonRubinRegion]
    """effects not rejected, in pieces; valid with weak instruments"""

class InstrumentalVariablesResultSargan(Record):
    statistic: float
    """chi-squared"""
    degrees_of_freedom: float
    """of the statistic"""
    p_value: float
    """upper tail"""

class InstrumentalVariablesResult(OperationResult):
    """Estimates the effect of what was taken up by what only moved the take-up."""
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
    n: int
    """rows"""
    standard_errors: str
    """that were used"""
    first_stage: InstrumentalVariablesResultFirstStage
    """the treatment received on the instruments"""
    anderson_rubin: InstrumentalVariablesResultAndersonRubin
    """test and region that hold with weak instruments"""
    sargan: InstrumentalVariablesResultSargan
    """do several instruments agree? assumes equal variances"""
    least_squares: EffectInterval
    """the outcome on the treatment received, which is confounded; for contrast"""

class SwitchbackResultBuckets(Record):
    control: int
    """kept"""
    treatment: int
    """kept"""
    dropped: int
    """left out as carry-over"""
    switches: int
    """changes of arm"""
    blocks: int
    """drawn or dealt as a whole"""

class SwitchbackResult(OperationResult):
    """Compares arms that take turns in time, by bucket."""
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
    buckets: SwitchbackResultBuckets
    """how many buckets took part"""
    autocorrelation: float
    """of neighbouring buckets' deviations from their arm's estimate"""
    bootstrap: EffectInterval
    """percentile interval of the block bootstrap"""
    randomisation_p_value: float
    """of no effect on any bucket"""

class InterleavingResultSignTest(Record):
    prefer_control: int
    """units (in units)"""
    prefer_treatment: int
    """units (in units)"""
    undecided: int
    """units with as many wins (in units)"""
    share: float
    """of the decided units that prefer the treatment"""
    lower: float
    """Clopper-Pearson, of the share"""
    upper: float
    """Clopper-Pearson, of the share"""
    p_value: float
    """exact, of a share of one half"""

class InterleavingResult(OperationResult):
    """Compares two rankers shown in one list, by credited wins."""
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
    preference: EffectInterval
    """the treatment's share of all wins, ties halved, less 1/2; bootstrap interval"""
    sign_test: InterleavingResultSignTest
    """which arm more units prefer"""
    empty_units: int
    """without wins and ties, left out (in units)"""

HeterogeneousEffectsRequestTreeForm = TypedDict('HeterogeneousEffectsRequestTreeForm', {'maximum_depth': int, 'minimum_leaf': int, 'alpha': float, 'seed': int}, total=False)

class HeterogeneousEffectsResultSegments(Record):
    dimension: str
    """the segment column"""
    value: str
    """its value"""
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
    adjusted_p_value: float
    """Benjamini-Hochberg over all segments"""
    rejected: bool
    """an effect here, at alpha"""
    shrunk: EffectInterval
    """the absolute effect, shrunk to its dimension's mean"""

class HeterogeneousEffectsResultDimensions(Record):
    dimension: str
    """of the segments"""
    segments: int
    """with an effect that took part"""
    q: float
    """Cochran's Q: do the effects differ?"""
    degrees_of_freedom: float
    """of Q"""
    p_value: float
    """of Q"""
    adjusted_p_value: float
    """Benjamini-Hochberg over the dimensions"""
    rejected: bool
    """the effects differ, at alpha"""
    i_squared: float
    """share of the variation beyond chance"""
    tau_squared: float
    """variance of the true effects"""
    mean_effect: float
    """which the effects are shrunk to"""

class HeterogeneousEffectsResultTreeNodesConditions(Record):
    dimension: str
    """a segment column"""
    values: list[str]
    """its values in the node"""

class HeterogeneousEffectsResultTreeNodes(Record):
    parent: int
    """its place in the list; null for the root"""
    depth: int
    """cuts from the root"""
    leaf: bool
    """it was not cut further"""
    conditions: list[HeterogeneousEffectsResultTreeNodesConditions]
    """all hold for the node's units"""
    n_control: int
    """of the estimating half"""
    n_treatment: int
    """of the estimating half"""
    absolute: EffectInterval
    """treatment minus control, honest"""
    p_value: float
    """of no effect in the node"""

class HeterogeneousEffectsResultTreeLeaves(Record):
    dimension: str
    """of the segments"""
    segments: int
    """with an effect that took part"""
    q: float
    """Cochran's Q: do the effects differ?"""
    degrees_of_freedom: float
    """of Q"""
    p_value: float
    """of Q"""
    adjusted_p_value: float
    """Benjamini-Hochberg over the dimensions"""
    rejected: bool
    """the effects differ, at alpha"""
    i_squared: float
    """share of the variation beyond chance"""
    tau_squared: float
    """variance of the true effects"""
    mean_effect: float
    """which the effects are shrunk to"""

class HeterogeneousEffectsResultTree(Record):
    nodes: list[HeterogeneousEffectsResultTreeNodes]
    """level by level, the root first"""
    leaves: HeterogeneousEffectsResultTreeLeaves
    """do the leaves' effects differ?"""

class HeterogeneousEffectsResult(OperationResult):
    """Finds segments whose effects differ: Q, false discovery rate, shrinkage, a tree."""
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
    segments: list[HeterogeneousEffectsResultSegments]
    """the comparison in each segment"""
    dimensions: list[HeterogeneousEffectsResultDimensions]
    """do effects differ along it?"""
    tree: HeterogeneousEffectsResultTree
    """honest causal tree over the segments"""

SampleSizeSampleForm = TypedDict('SampleSizeSampleForm', {'values': Numbers, 'numerator': Any, 'denominator': Any, 'covariates': Mapping[str, Numbers], 'cluster': Any, 'stratum': Any, 'n': int, 'mean': float, 'variance': float, 'sum': float, 'sum_of_squares': float, 'successes': int, 'covariance': Any, 'names': Sequence[str], 'means': Numbers, 'proportion': float}, total=False)

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

GroupSequentialBoundsRequestSpendingForm = TypedDict('GroupSequentialBoundsRequestSpendingForm', {'function': Literal['lan_demets_obrien_fleming', 'lan_demets_pocock', 'power', 'hwang_shih_decani', 'obrien_fleming', 'pocock', 'wang_tsiatis'], 'parameter': float}, total=False)

GroupSequentialBoundsRequestBetaSpendingForm = TypedDict('GroupSequentialBoundsRequestBetaSpendingForm', {'function': Literal['lan_demets_obrien_fleming', 'lan_demets_pocock', 'power', 'hwang_shih_decani', 'obrien_fleming', 'pocock', 'wang_tsiatis'], 'parameter': float}, total=False)

class GroupSequentialBoundsResult(OperationResult):
    """Bounds for a test that is looked at several times, from a spending function."""
    method: str
    """the spending function"""
    upper: list[float]
    """bound of the statistic by look; 8 is never crossed"""
    lower: list[float]
    """-upper, or the futility bound; null when there is neither"""
    alpha_spent: list[float]
    """up to each look, in both tails if two-sided"""
    beta_spent: list[float]
    """up to each look, below the futility bound"""
    nominal_p: list[float]
    """what an ordinary p-value of the look is held against"""
    inflation_factor: float
    """largest sample size over that of a test with one look, at the power asked for"""
    drift: float
    """mean of the statistic at information 1 that has this power"""
    warnings: list[Remark]
    """what the reader must know"""

GroupSequentialAnalysisRequestSpendingForm = TypedDict('GroupSequentialAnalysisRequestSpendingForm', {'function': Literal['lan_demets_obrien_fleming', 'lan_demets_pocock', 'power', 'hwang_shih_decani', 'obrien_fleming', 'pocock', 'wang_tsiatis'], 'parameter': float}, total=False)

GroupSequentialAnalysisRequestBetaSpendingForm = TypedDict('GroupSequentialAnalysisRequestBetaSpendingForm', {'function': Literal['lan_demets_obrien_fleming', 'lan_demets_pocock', 'power', 'hwang_shih_decani', 'obrien_fleming', 'pocock', 'wang_tsiatis'], 'parameter': float}, total=False)

GroupSequentialAnalysisRequestLooksForm = TypedDict('GroupSequentialAnalysisRequestLooksForm', {'control': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'treatment': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'n': float, 'estimate': float, 'standard_error': float}, total=False)

class GroupSequentialAnalysisResultLooksRepeatedInterval(Record):
    lower: float
    """null when unbounded"""
    upper: float
    """null when unbounded"""

class GroupSequentialAnalysisResultLooks(Record):
    information: float
    """share of the planned information"""
    estimate: float
    """of the effect"""
    standard_error: float
    """of the estimate"""
    statistic: float
    """(estimate - null_value) / standard_error"""
    lower: float
    """bound of the statistic"""
    upper: float
    """bound of the statistic; null when there is none"""
    alpha_spent: float
    """up to this look"""
    nominal_p: float
    """what an ordinary p-value of the look is held against"""
    crossed: bool
    """whether this look rejects the null"""
    futility_crossed: bool
    """whether this look lies at or below the futility bound"""
    repeated_p_value: float
    """the smallest alpha at which this look crosses"""
    repeated_interval: GroupSequentialAnalysisResultLooksRepeatedInterval
    """effects that this look does not reject; at all looks together with 1 - alpha"""

class GroupSequentialAnalysisResultStageWiseInterval(Record):
    lower: float
    """null when unbounded"""
    upper: float
    """null when unbounded"""

class GroupSequentialAnalysisResult(OperationResult):
    """Analyses the looks of a group-sequential test, and its stop."""
    method: str
    """the spending function"""
    looks: list[GroupSequentialAnalysisResultLooks]
    """those taken, in order"""
    stopped: bool
    """a bound was crossed or the end reached"""
    stopped_at_look: int
    """counted from 1; null while the test goes on"""
    stop_reason: Literal['none', 'crossed', 'futility', 'end']
    """what stopped it (none | crossed | futility | end)"""
    median_unbiased_estimate: float
    """at the stop, by stage-wise ordering"""
    stage_wise_interval: GroupSequentialAnalysisResultStageWiseInterval
    """of confidence 1 - alpha at the stop"""
    stage_wise_p_value: float
    """at the stop, by stage-wise ordering"""
    warnings: list[Remark]
    """what the reader must know"""

ConfidenceSequenceRequestLooksForm = TypedDict('ConfidenceSequenceRequestLooksForm', {'control': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'treatment': Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record], 'n': float, 'estimate': float, 'standard_error': float}, total=False)

class ConfidenceSequenceResultLooks(Record):
    n: float
    """units of both arms (in units)"""
    estimate: float
    """of the effect"""
    standard_error: float
    """of the estimate"""
    statistic: float
    """(estimate - null_value) / standard_error"""
    bound: float
    """what the statistic must exceed"""
    lower: float
    """end of this look's interval"""
    upper: float
    """end of this look's interval"""
    p_value: float
    """the smallest of the looks so far; always valid"""
    crossed: bool
    """at this look or before"""

class ConfidenceSequenceResult(OperationResult):
    """Intervals and p-values of a comparison that may be looked at at any time."""
    method: str
    """as requested"""
    alternative: str
    """as tested"""
    alpha: float
    """type I error rate over all looks"""
    looks: list[ConfidenceSequenceResultLooks]
    """in the order given"""
    first_crossed_look: int
    """counted from 1; null when none crosses"""
    warnings: list[Remark]
    """what the reader must know"""

SequentialPlanRequestSpendingForm = TypedDict('SequentialPlanRequestSpendingForm', {'function': Literal['lan_demets_obrien_fleming', 'lan_demets_pocock', 'power', 'hwang_shih_decani', 'obrien_fleming', 'pocock', 'wang_tsiatis'], 'parameter': float}, total=False)

class SequentialPlanResultMethods(Record):
    method: str
    """fixed, a spending function, asymptotic, gavi, msprt, yeast or fixed_power"""
    parameter: float
    """of the spending function"""
    n_maximum: float
    """units of both arms at the planned end (in units)"""
    n_expected: float
    """when the effect is there (in units)"""
    n_expected_without_effect: float
    """when there is no effect (in units)"""
    inflation_factor: float
    """largest sample size over the fixed one"""
    power: float
    """over all looks"""
    false_positive_rate: float
    """over these looks, when there is no effect"""

class SequentialPlanResult(OperationResult):
    """Expected and largest sample size of every way to look at a test, side by side."""
    method: str
    """how the numbers were computed"""
    information: list[float]
    """share of the planned end at each look"""
    methods: list[SequentialPlanResultMethods]
    """side by side"""
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

class FalsePositiveRateResultUniformity(Record):
    statistic: float
    """largest distance from the uniform distribution"""
    p_value: float
    """Kolmogorov-Smirnov"""

class FalsePositiveRateResultEffects(Record):
    effect: float
    """as asked"""
    power: float
    """share of runs that reject"""
    lower: float
    """of its exact binomial interval"""
    upper: float
    """of its exact binomial interval"""

class FalsePositiveRateResult(OperationResult):
    """Re-randomises units into A/A runs and counts how often a comparison rejects."""
    method: str
    """the comparison under test"""
    replicates: int
    """runs with a defined p-value"""
    alpha: float
    """the rate a calibrated method has"""
    rate: float
    """share of A/A runs that reject"""
    lower: float
    """of its exact binomial interval"""
    upper: float
    """of its exact binomial interval"""
    calibrated: bool
    """whether the interval holds alpha"""
    uniformity: FalsePositiveRateResultUniformity
    """of the p-values, which a calibrated method spreads evenly"""
    histogram: list[int]
    """p-values in twenty equal intervals from 0 to 1"""
    effects: list[FalsePositiveRateResultEffects]
    """power at each effect asked for"""
    warnings: list[Remark]
    """what the reader must know"""

class MetaAnalysisResultPredictionInterval(Record):
    lower: float
    """lower end"""
    upper: float
    """upper end"""

class MetaAnalysisResult(OperationResult):
    """Pools estimates of one effect from several studies."""
    method: str
    """the method that ran"""
    studies: int
    """estimates pooled"""
    estimate: float
    """the pooled effect"""
    standard_error: float
    """of the pooled effect"""
    lower: float
    """lower end of the interval"""
    upper: float
    """upper end of the interval"""
    statistic: float
    """estimate / standard error"""
    degrees_of_freedom: float
    """null for a normal reference distribution"""
    p_value: float
    """two-sided, of no effect"""
    tau_squared: float
    """variance of the true effects between studies"""
    i_squared: float
    """share of the spread that sampling does not explain"""
    q: float
    """Cochran's Q"""
    q_degrees_of_freedom: float
    """k - 1"""
    q_p_value: float
    """of no spread between studies"""
    prediction_interval: MetaAnalysisResultPredictionInterval
    """of the true effect in a new study"""
    weights: list[float]
    """share of each study in the estimate"""
    warnings: list[Remark]
    """what the reader must know"""

class ShrinkEffectsResultPrior(Record):
    mean: float
    """of the prior; of its slab"""
    standard_deviation: float
    """of the normal or the slab; the scale of t"""
    null_share: float
    """spike_and_slab: share of exact nulls"""
    degrees_of_freedom: float
    """of t, as given"""
    log_likelihood: float
    """marginal, at the fitted prior; compares priors"""

class ShrinkEffectsResultEffects(Record):
    estimate: float
    """as given"""
    standard_error: float
    """as given"""
    posterior_mean: float
    """the shrunk effect"""
    posterior_standard_deviation: float
    """its uncertainty"""
    lower: float
    """lower end of the credible interval"""
    upper: float
    """upper end of the credible interval"""
    probability_positive: float
    """that the true effect is above 0"""
    probability_null: float
    """spike_and_slab: that the true effect is 0"""
    selected: bool
    """counts in the cumulative effect"""

class ShrinkEffectsResultCumulativeEffect(Record):
    selected: int
    """effects that count"""
    naive: float
    """sum of their estimates"""
    estimate: float
    """sum of their posterior means"""
    standard_error: float
    """posterior"""
    lower: float
    """lower end of the credible interval"""
    upper: float
    """upper end of the credible interval"""
    winners_curse: float
    """naive minus estimate: what selection added"""
    bias_corrected: float
    """with a threshold: naive less its bias by Lee and Shen, without any prior"""

class ShrinkEffectsResult(OperationResult):
    """Shrinks many experiments' effects to what they have in common."""
    method: str
    """the prior's form"""
    prior: ShrinkEffectsResultPrior
    """as fitted"""
    effects: list[ShrinkEffectsResultEffects]
    """in the order given"""
    cumulative_effect: ShrinkEffectsResultCumulativeEffect
    """of the selected, corrected for selection"""
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

def quantile_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    quantile: float = 0.5,
    method: Literal['order_statistic', 'cluster', 'bootstrap'] = 'order_statistic',
    replicates: int = 10000,
    seed: int = 1,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> QuantileDifferenceResult:
    """Compares a quantile of two arms, with rows alone or in clusters.

    control: the control arm's raw rows.
    treatment: the treatment arm's raw rows.
    quantile: which one, of type 7; 0.5 is the median (greater than 0, less than 1; default 0.5).
    method: order statistics, the same with rows that vary together by cluster, or the bootstrap without resampling (order_statistic | cluster | bootstrap; default order_statistic).
    replicates: of the bootstrap (at least 1, at most 1e+06; default 10000).
    seed: of the bootstrap (default 1).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def bootstrap_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    statistic: Literal['mean', 'ratio', 'quantile'] = 'mean',
    quantile: float = 0.5,
    replicates: int = 2000,
    seed: int = 1,
    interval: Literal['percentile', 'bca', 'studentized'] = 'percentile',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> BootstrapDifferenceResult:
    """Compares two means, ratios or quantiles by the Poisson bootstrap.

    control: the control arm's raw rows.
    treatment: the treatment arm's raw rows.
    statistic: of each arm (mean | ratio | quantile; default mean).
    quantile: for the statistic quantile: which one, of type 7 (greater than 0, less than 1; default 0.5).
    replicates: resamples of each arm (at least 1, at most 100000; default 2000).
    seed: the same seed gives the same result (default 1).
    interval: how the replicates become an interval (percentile | bca | studentized; default percentile).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def rank_sum_test(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    method: Literal['normal', 'exact'] = 'normal',
    continuity_correction: bool = True,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> RankSumTestResult:
    """Compares the ranks of two arms by Mann and Whitney's test.

    control: the control arm's raw rows.
    treatment: the treatment arm's raw rows.
    method: normal approximation with tie correction, or the exact distribution (normal | exact; default normal).
    continuity_correction: of 1/2, for the normal approximation (default True).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def stratified_difference(
    *,
    strata: Sequence[Union[StratifiedDifferenceRequestStrataForm, Mapping[str, Any], Record]] | None = None,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record] | None = None,
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record] | None = None,
    method: Literal['post_stratified', 'mantel_haenszel'] = 'post_stratified',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> StratifiedDifferenceResult:
    """Compares two arms within strata: post-stratification or Mantel-Haenszel.

    strata: two samples each.
    control: instead of strata: raw rows with stratum labels.
    treatment: instead of strata: raw rows with stratum labels.
    method: post_stratified weighs by shares of units; mantel_haenszel, of shares, holds with many sparse strata (post_stratified | mantel_haenszel; default post_stratified).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def cluster_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    method: Literal['cr1', 'delta'] = 'cr1',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> ClusterDifferenceResult:
    """Compares means or ratios of rows that come in clusters.

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    method: cr1: regression with cluster-robust errors; delta: clusters are the units of a ratio of sums (cr1 | delta; default cr1).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def equivalence_test(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    lower_margin: float,
    upper_margin: float,
    confidence_level: float = 0.95,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> EquivalenceTestResult:
    """Tests that two arms differ by less than a margin (TOST).

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    lower_margin: how much lower is still the same: a positive number (greater than 0).
    upper_margin: how much higher is still the same: a positive number (greater than 0).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def bayesian_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    model: Literal['normal', 'beta_binomial'] = 'normal',
    prior: Union[BayesianDifferenceRequestPriorForm, Mapping[str, Any], Record] | None = None,
    scale: Literal['relative', 'absolute'] | None = None,
    prior_alpha: float = 1.0,
    prior_beta: float = 1.0,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    direction: Literal['increase', 'decrease'] = 'increase',
) -> BayesianDifferenceResult:
    """Weighs a difference against a prior: probability to be better, risk, interval.

    control: the control arm's sample.
    treatment: the treatment arm's sample.
    model: normal effect, or beta-distributed shares (normal | beta_binomial; default normal).
    prior: normal, on the effect; default: flat.
    scale: which effect prior, risk and credible interval are about; default: relative, and absolute for beta_binomial (relative | absolute).
    prior_alpha: beta_binomial: successes before the data (at least 0.05, at most 1e+09; default 1.0).
    prior_beta: beta_binomial: failures before the data (at least 0.05, at most 1e+09; default 1.0).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    """

def interaction(
    *,
    cells: Union[InteractionRequestCellsForm, Mapping[str, Any], Record],
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    direction: Literal['increase', 'decrease'] = 'increase',
) -> InteractionResult:
    """Tests whether two experiments change each other's effect.

    cells: a sample for each pair of arms, first experiment first.
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    """

def many_to_one_difference(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    treatments: Sequence[Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record]],
    method: Literal['dunnett', 'holm', 'bonferroni'] = 'dunnett',
    variances: Literal['pooled', 'separate'] | None = None,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> ManyToOneDifferenceResult:
    """Compares several treatments with one control: Dunnett, Holm or Bonferroni.

    control: the sample that all are compared with.
    treatments: a sample for each treatment.
    method: dunnett uses that all share the control; holm and bonferroni hold under any dependence (dunnett | holm | bonferroni; default dunnett).
    variances: pooled over all arms, or each arm's own; default: pooled for means by dunnett, else separate (pooled | separate).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def difference_in_differences(
    *,
    unit: Sequence[Any],
    time: Numbers,
    treated_from: Numbers,
    outcome: Numbers,
    covariates: Mapping[str, Numbers] | None = None,
    cluster: Sequence[Any] | None = None,
    method: Literal['auto', 'two_by_two', 'group_time'] = 'auto',
    control_group: Literal['never_treated', 'not_yet_treated'] = 'never_treated',
    base_period: Literal['varying', 'universal'] = 'varying',
    anticipation: float = 0.0,
    aggregate: Literal['group', 'simple', 'event_time', 'calendar'] = 'group',
    simultaneous: bool = False,
    replicates: int = 1000,
    seed: int = 0,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> DifferenceInDifferencesResult:
    """Compares changes of treated units with changes of others, at one date or many.

    unit: of each row.
    time: of each row, a number.
    treated_from: of each row: the time the unit is first treated; null is never.
    outcome: of each row.
    covariates: by name, of each row; group_time reads those of the base period.
    cluster: of each row, when coarser than units: units of one depend.
    method: auto: two_by_two with one date of treatment and never treated units, else group_time (auto | two_by_two | group_time; default auto).
    control_group: of group_time: units never treated, or those not treated by then (never_treated | not_yet_treated; default never_treated).
    base_period: of effects before treatment: the period before each, or the group's one (varying | universal; default varying).
    anticipation: time before treatment in which units may already react (at least 0; default 0.0).
    aggregate: of group_time: whose overall effect is the headline (group | simple | event_time | calendar; default group).
    simultaneous: intervals that hold for whole lists, by bootstrap (default False).
    replicates: of the multiplier bootstrap (at least 1, at most 100000; default 1000).
    seed: of the multiplier bootstrap (default 0).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def average_treatment_effect(
    *,
    outcome: Numbers,
    treated: Sequence[Any],
    covariates: Mapping[str, Numbers] | None = None,
    outcome_covariates: Sequence[str] | None = None,
    propensity_covariates: Sequence[str] | None = None,
    cluster: Sequence[Any] | None = None,
    method: Literal['aipw', 'regression_adjustment', 'ipw', 'ipwra'] = 'aipw',
    estimand: Literal['ate', 'att'] = 'ate',
    propensity_model: Literal['logit', 'probit'] = 'logit',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> AverageTreatmentEffectResult:
    """Estimates an effect from rows that were not randomised, by weights and regression.

    outcome: of each row.
    treated: of each row: 0 or 1, false or true.
    covariates: by name, of each row, from before the treatment; null is missing.
    outcome_covariates: names for the outcome regression; all if left out.
    propensity_covariates: names for the propensity; all if left out.
    cluster: of each row: rows of one depend.
    method: outcome model, weights, both, or weighted outcome model (aipw | regression_adjustment | ipw | ipwra; default aipw).
    estimand: over all rows, or over the treated (ate | att; default ate).
    propensity_model: of being treated (logit | probit; default logit).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def instrumental_variables(
    *,
    outcome: Numbers,
    treatment_received: Numbers,
    instrument: Any,
    covariates: Mapping[str, Numbers] | None = None,
    cluster: Sequence[Any] | None = None,
    standard_errors: Literal['auto', 'classical', 'robust', 'cluster'] = 'auto',
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> InstrumentalVariablesResult:
    """Estimates the effect of what was taken up by what only moved the take-up.

    outcome: of each row.
    treatment_received: of each row: what was taken up, 0 or 1 or an amount.
    instrument: of each row: what moved the treatment and nothing else, such as the encouragement; a list, or several lists by name.
    covariates: by name, of each row; null is missing.
    cluster: of each row: the unit of assignment.
    standard_errors: auto: cluster when clusters are given, else classical; robust is HC1 (auto | classical | robust | cluster; default auto).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def switchback(
    *,
    time_bucket: Sequence[Any],
    arm: Sequence[Any],
    outcome: Numbers,
    denominator: Numbers | None = None,
    place: Sequence[Any] | None = None,
    control: Any | None = None,
    carryover_buckets: int = 0,
    weighting: Literal['buckets', 'rows'] = 'buckets',
    block_buckets: int | None = None,
    bootstrap_replicates: int = 0,
    randomisation_replicates: int = 0,
    seed: int = 0,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> SwitchbackResult:
    """Compares arms that take turns in time, by bucket.

    time_bucket: of each row: the stretch of time that has one arm; numbers or texts in the order of time.
    arm: of each row: control or treatment, 0 or 1, or any two labels.
    outcome: of each row.
    denominator: of each row, when the metric is a ratio.
    place: of each row, when places change arm at times of their own.
    control: the control's label among other labels.
    carryover_buckets: buckets to leave out after each change of arm (at least 0, at most 1e+06; default 0).
    weighting: buckets count the same, or by their rows (or denominator) (buckets | rows; default buckets).
    block_buckets: buckets in a block that is drawn or dealt as a whole; left out: the stretches between changes of arm (at least 1, at most 1e+06).
    bootstrap_replicates: of the block bootstrap; 0 leaves it out (at least 0, at most 100000; default 0).
    randomisation_replicates: of the randomisation test; 0 leaves it out (at least 0, at most 100000; default 0).
    seed: of the draws (default 0).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def interleaving(
    *,
    unit: Sequence[Any],
    wins_control: Numbers,
    wins_treatment: Numbers,
    ties: Numbers | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence_level: float = 0.95,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    null_value: float = 0.0,
    non_inferiority_margin: float | None = None,
    margin_scale: Literal['absolute', 'relative'] = 'absolute',
    margin_treatment: Literal['exact', 'fixed'] = 'exact',
    direction: Literal['increase', 'decrease'] = 'increase',
    relative_method: Literal['delta', 'fieller', 'log'] = 'delta',
) -> InterleavingResult:
    """Compares two rankers shown in one list, by credited wins.

    unit: of each row: the listener, session or query; rows of one add up.
    wins_control: credited to the control's ranker.
    wins_treatment: credited to the treatment's ranker.
    ties: credited to both; none when left out.
    replicates: of the bootstrap (at least 1, at most 100000; default 1000).
    seed: of the bootstrap (default 0).
    confidence_level: of the intervals and bounds (greater than 0, less than 1; default 0.95).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    null_value: absolute effect under the null hypothesis (default 0.0).
    non_inferiority_margin: how much worse is still acceptable; tested one-sided by direction (greater than 0).
    margin_scale: whether the margin is in the outcome's unit or a share of the control (absolute | relative; default absolute).
    margin_treatment: exact carries the control's uncertainty through a relative margin, fixed takes the margin times the control estimate as a known number (exact | fixed; default exact).
    direction: which way is good; used with a margin (increase | decrease; default increase).
    relative_method: interval of the relative effect (delta | fieller | log; default delta).
    """

def heterogeneous_effects(
    *,
    arm: Sequence[Any],
    outcome: Numbers,
    segments: Mapping[str, Sequence[Any]],
    denominator: Numbers | None = None,
    covariate: Numbers | None = None,
    control: Any | None = None,
    confidence_level: float = 0.95,
    alpha: float = 0.05,
    tree: Union[HeterogeneousEffectsRequestTreeForm, Mapping[str, Any], Record] | None = None,
) -> HeterogeneousEffectsResult:
    """Finds segments whose effects differ: Q, false discovery rate, shrinkage, a tree.

    arm: of each unit: control or treatment, 0 or 1, or any two labels.
    outcome: of each unit.
    segments: by dimension, each unit's value.
    denominator: of each unit, when the metric is a ratio.
    covariate: of each unit, from before the exposure; null is missing.
    control: the control's label among other labels.
    confidence_level: of all intervals (greater than 0, less than 1; default 0.95).
    alpha: false discovery rate among segments, and among dimensions (greater than 0, less than 1; default 0.05).
    tree: how the causal tree is grown.
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

def group_sequential_bounds(
    *,
    information: Numbers,
    alpha: float = 0.05,
    sides: int = 2,
    spending: Union[GroupSequentialBoundsRequestSpendingForm, Mapping[str, Any], Record] | None = None,
    beta_spending: Union[GroupSequentialBoundsRequestBetaSpendingForm, Mapping[str, Any], Record] | None = None,
    binding_futility: bool = False,
    power: float = 0.8,
) -> GroupSequentialBoundsResult:
    """Bounds for a test that is looked at several times, from a spending function.

    information: share of the planned information reached at each look, increasing, up to 1.
    alpha: type I error rate of the whole test, in both tails if two-sided (greater than 0, less than 1; default 0.05).
    sides: 1 or 2 (at least 1, at most 2; default 2).
    spending: how alpha is divided over the looks.
    beta_spending: how beta = 1 - power is divided over the looks; gives a futility bound to a one-sided test.
    binding_futility: whether one always stops below the futility bound, which lowers the upper one (default False).
    power: of inflation_factor and of the futility bound (greater than 0, less than 1; default 0.8).
    """

def group_sequential_analysis(
    *,
    information: Numbers,
    alpha: float = 0.05,
    sides: int = 2,
    spending: Union[GroupSequentialAnalysisRequestSpendingForm, Mapping[str, Any], Record] | None = None,
    beta_spending: Union[GroupSequentialAnalysisRequestBetaSpendingForm, Mapping[str, Any], Record] | None = None,
    binding_futility: bool = False,
    power: float = 0.8,
    estimates: Numbers | None = None,
    standard_errors: Numbers | None = None,
    looks: Sequence[Union[GroupSequentialAnalysisRequestLooksForm, Mapping[str, Any], Record]] | None = None,
    alternative: Literal['greater', 'less'] = 'greater',
    null_value: float = 0.0,
    effect_scale: Literal['absolute', 'relative'] = 'absolute',
) -> GroupSequentialAnalysisResult:
    """Analyses the looks of a group-sequential test, and its stop.

    information: share of the planned information reached at each look, increasing, up to 1.
    alpha: type I error rate of the whole test, in both tails if two-sided (greater than 0, less than 1; default 0.05).
    sides: 1 or 2 (at least 1, at most 2; default 2).
    spending: how alpha is divided over the looks.
    beta_spending: how beta = 1 - power is divided over the looks; gives a futility bound to a one-sided test.
    binding_futility: whether one always stops below the futility bound, which lowers the upper one (default False).
    power: of inflation_factor and of the futility bound (greater than 0, less than 1; default 0.8).
    estimates: of the effect, treatment minus control, by look.
    standard_errors: of the estimates.
    looks: instead of the two lists: control and treatment so far, or estimate and standard_error.
    alternative: of a one-sided test; greater: the treatment is larger (greater | less; default greater).
    null_value: effect under the null (default 0.0).
    effect_scale: of samples: the difference, or treatment / control - 1 (absolute | relative; default absolute).
    """

def confidence_sequence(
    *,
    control: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record] | None = None,
    treatment: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record] | None = None,
    looks: Sequence[Union[ConfidenceSequenceRequestLooksForm, Mapping[str, Any], Record]] | None = None,
    method: Literal['asymptotic', 'gavi', 'msprt', 'yeast', 'fixed_power'] = 'asymptotic',
    alpha: float | None = None,
    confidence_level: float | None = None,
    alternative: Literal['auto', 'two_sided', 'greater', 'less'] = 'auto',
    null_value: float = 0.0,
    effect_scale: Literal['absolute', 'relative'] = 'absolute',
    optimal_n: float | None = None,
    rho: float | None = None,
    optimal_intrinsic_time: float | None = None,
    tau_squared: float | None = None,
    planned_n: float | None = None,
    minimum_detectable_effect: float | None = None,
    power: float = 0.8,
) -> ConfidenceSequenceResult:
    """Intervals and p-values of a comparison that may be looked at at any time.

    control: one look: the control arm's sample so far.
    treatment: one look: the treatment arm's sample so far.
    looks: in order: control and treatment so far, or n, estimate and standard_error.
    method: asymptotic, gavi and msprt are valid at any time; yeast up to planned_n; fixed_power tests once, when it is precise enough (asymptotic | gavi | msprt | yeast | fixed_power; default asymptotic).
    alpha: type I error rate over all looks; default 0.05 (greater than 0, less than 1).
    confidence_level: instead of alpha (greater than 0, less than 1).
    alternative: greater: the treatment is larger; auto: two_sided, but greater for yeast, whose test is one-sided (auto | two_sided | greater | less; default auto).
    null_value: effect under the null (default 0.0).
    effect_scale: of samples: the difference, or treatment / control - 1 (absolute | relative; default absolute).
    optimal_n: asymptotic: units at which the interval is narrowest (greater than 0).
    rho: gavi: the mixture's precision, on the scale of intrinsic time (greater than 0).
    optimal_intrinsic_time: gavi, instead of rho: n times the variance of one unit's contribution at which the interval is narrowest (greater than 0).
    tau_squared: msprt: variance of the effect under the mixture, a constant chosen before the data (greater than 0).
    planned_n: yeast: units at the planned end (greater than 0).
    minimum_detectable_effect: fixed_power: the effect to find with `power` (greater than 0).
    power: fixed_power: to find minimum_detectable_effect (greater than 0, less than 1; default 0.8).
    """

def sequential_plan(
    *,
    effect: float,
    looks: int = 5,
    information: Numbers | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    standard_deviation: float = 1.0,
    sides: int = 2,
    allocation: float = 0.5,
    spending: Union[SequentialPlanRequestSpendingForm, Mapping[str, Any], Record] | None = None,
    optimal_n: float | None = None,
    optimal_intrinsic_time: float | None = None,
    tau_squared: float | None = None,
) -> SequentialPlanResult:
    """Expected and largest sample size of every way to look at a test, side by side.

    effect: difference of the arms' means to find, in the unit of standard_deviation.
    looks: equally spaced looks, the last at the planned end (at least 1, at most 500; default 5).
    information: instead of looks: share of the planned end at each.
    alpha: type I error rate over all looks (greater than 0, less than 1; default 0.05).
    power: to find the effect by the last look (greater than 0, less than 1; default 0.8).
    standard_deviation: of one unit's outcome; at 1 the effect is in standard deviations (greater than 0; default 1.0).
    sides: 1 or 2 (at least 1, at most 2; default 2).
    allocation: share of all units in the treatment (greater than 0, less than 1; default 0.5).
    spending: one more group-sequential method to show.
    optimal_n: of asymptotic; default the fixed sample size.
    optimal_intrinsic_time: of gavi; default that of the fixed sample size.
    tau_squared: of msprt; default the effect squared.
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

def false_positive_rate(
    *,
    units: Union[SampleForm, Mapping[str, Any], Numbers, _Frame, Record],
    method: Literal['welch', 'student', 'z', 'delta', 'cuped', 'cuped_per_arm', 'lin', 'mann_whitney', 'quantile', 'quantile_cluster'] = 'welch',
    quantile: float = 0.5,
    replicates: int = 1000,
    seed: int = 1,
    alpha: float = 0.05,
    alternative: Literal['two_sided', 'greater', 'less'] = 'two_sided',
    treatment_share: float = 0.5,
    effects: Numbers | None = None,
    effect_scale: Literal['relative', 'absolute'] = 'relative',
    confidence_level: float = 0.95,
) -> FalsePositiveRateResult:
    """Re-randomises units into A/A runs and counts how often a comparison rejects.

    units: raw rows of all units; where they have a cluster, clusters are re-randomised.
    method: the comparison under test; cuped and lin use all covariates, quantile is order statistics (welch | student | z | delta | cuped | cuped_per_arm | lin | mann_whitney | quantile | quantile_cluster; default welch).
    quantile: for the quantile methods: which one (greater than 0, less than 1; default 0.5).
    replicates: re-randomised A/A runs (at least 1, at most 100000; default 1000).
    seed: the same seed gives the same result (default 1).
    alpha: a run rejects when p is at most this (greater than 0, less than 1; default 0.05).
    alternative: greater: the treatment is larger (two_sided | greater | less; default two_sided).
    treatment_share: probability of a unit to be in the treatment (greater than 0, less than 1; default 0.5).
    effects: planted in the treatment, for power.
    effect_scale: times 1 + effect, or plus the effect in the outcome's unit (relative | absolute; default relative).
    confidence_level: of the rates' intervals (greater than 0, less than 1; default 0.95).
    """

def meta_analysis(
    *,
    estimates: Numbers,
    standard_errors: Numbers,
    method: Literal['fixed', 'dersimonian_laird', 'reml', 'paule_mandel'] = 'reml',
    confidence_level: float = 0.95,
    knapp_hartung: bool = False,
) -> MetaAnalysisResult:
    """Pools estimates of one effect from several studies.

    estimates: of the same effect, one a study.
    standard_errors: of the estimates.
    method: fixed: one common effect; the others estimate the variance between studies (fixed | dersimonian_laird | reml | paule_mandel; default reml).
    confidence_level: of the intervals (greater than 0, less than 1; default 0.95).
    knapp_hartung: t with k - 1 degrees of freedom and a standard error from the observed spread (default False).
    """

def shrink_effects(
    *,
    estimates: Numbers,
    standard_errors: Numbers,
    prior: Literal['normal', 'spike_and_slab', 't'] = 'normal',
    prior_mean: float | None = None,
    prior_degrees_of_freedom: float = 4.0,
    confidence_level: float = 0.95,
    selected: Sequence[bool] | None = None,
    selection_threshold: float | None = None,
) -> ShrinkEffectsResult:
    """Shrinks many experiments' effects to what they have in common.

    estimates: effects in one unit, one an experiment.
    standard_errors: of the estimates.
    prior: the form of the distribution that the true effects come from; its parameters are fitted (normal | spike_and_slab | t; default normal).
    prior_mean: fixes its mean; else estimated, and 0 for the slab of spike_and_slab.
    prior_degrees_of_freedom: of the t prior (at least 1, at most 1000; default 4.0).
    confidence_level: of the intervals (greater than 0, less than 1; default 0.95).
    selected: whether each counts in the cumulative effect, such as those shipped; default: all.
    selection_threshold: instead of selected: those with estimate / standard error above it.
    """

def run(operation: str, **request: Any) -> Record:
    """Runs an operation by its name."""
