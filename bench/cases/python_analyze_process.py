# SPDX-License-Identifier: Apache-2.0
"""A frame of units in one process, analysed by the tool that each line on standard input names."""
import importlib.util
import itertools
import json
import resource
import sys
import time
import warnings
from unittest.mock import MagicMock

import numpy
import pandas

SEED = 7
METRICS = [f"metric_{place}" for place in range(5)]
SEGMENTS = {"platform": 4, "country": 12, "plan": 3}
CHARTS = ("bokeh", "bokeh.models", "chartify", "IPython", "IPython.display", "ipywidgets")
VARIANT, CONTROL, TREATMENT = "variant", "control", "treatment"


def make_frame(units: int) -> pandas.DataFrame:
    random = numpy.random.default_rng(SEED)
    treated = random.integers(0, 2, units, dtype=numpy.int8)
    columns = {VARIANT: pandas.Categorical.from_codes(treated, [CONTROL, TREATMENT])}
    for place, name in enumerate(METRICS):
        before = random.gamma(2.0, 10.0, units)
        columns[f"{name}_before"] = before
        columns[name] = 0.7 * before + random.gamma(2.0, 5.0, units) + 0.05 * place * treated
    for name, values in SEGMENTS.items():
        codes = random.integers(0, values, units, dtype=numpy.int8)
        columns[name] = pandas.Categorical.from_codes(codes, [f"{name}_{value}" for value in range(values)])
    return pandas.DataFrame(columns)


class Descant:
    """The package; and the bare C call on the same stream, whose request it prepared."""

    def __init__(self, frame: pandas.DataFrame):
        import descant
        from descant import _core, _frames
        warnings.simplefilter("ignore", descant.DescantWarning)
        self.package, self.core, self.frame = descant, _core, frame
        self.table = _frames._pandas_table(frame, None)
        self.metrics = {name: descant.Mean(name, covariate=f"{name}_before") for name in METRICS}
        self.request = json.dumps({
            "file": "table", "variant": VARIANT, "control": CONTROL, "segments": list(SEGMENTS),
            "metrics": [metric.for_units(name) for name, metric in self.metrics.items()], "threads": 2})

    def analyze(self, data: object) -> object:
        return self.package.analyze(data, variant=VARIANT, control=CONTROL, metrics=self.metrics,
                                    segments=list(SEGMENTS), threads=2)

    def descant(self) -> dict:
        result = self.analyze(self.frame)
        answer = {}
        for metric in result.metrics:
            plain = metric.unadjusted
            answer[metric.name] = [metric.comparison.absolute.estimate, metric.comparison.absolute.standard_error,
                                   plain.absolute.estimate, plain.p_value]
            for part in metric.segments:
                absolute = part.comparison.absolute
                answer[f"{metric.name}, {part.value}"] = [absolute.estimate, absolute.standard_error, None, None]
        return answer

    def descant_stream(self) -> dict:
        self.analyze(self.table)
        return {}

    def c_call(self) -> dict:
        self.core.call("analyze_units", self.request, None, {"units": self.table.__arrow_c_stream__()})
        return {}


class TeaTasting:
    """One experiment over everyone, and one for each value of each segment."""

    def __init__(self, frame: pandas.DataFrame):
        import tea_tasting
        self.frame = frame
        adjusted = {name: tea_tasting.Mean(name, f"{name}_before") for name in METRICS}
        self.experiment = tea_tasting.Experiment(adjusted, variant=VARIANT)
        self.plain = tea_tasting.Experiment({name: tea_tasting.Mean(name) for name in METRICS}, variant=VARIANT)

    def tea_tasting(self) -> dict:
        answer = {}
        whole = self.experiment.analyze(self.frame, control=CONTROL)
        plain = self.plain.analyze(self.frame, control=CONTROL)
        for name in METRICS:
            answer[name] = [*self.effect(whole[name]), plain[name].effect_size, plain[name].pvalue]
        for segment in SEGMENTS:
            for value, part in self.frame.groupby(segment, observed=True):
                found = self.experiment.analyze(part, control=CONTROL)
                for name in METRICS:
                    answer[f"{name}, {value}"] = [*self.effect(found[name]), None, None]
        return answer

    @staticmethod
    def effect(found: object) -> list:
        return [found.effect_size, found.effect_size / found.statistic]


class SpotifyConfidence:
    """Sums by group, which it takes, made by one pass of pandas for each split; then a test of each metric."""

    def __init__(self, frame: pandas.DataFrame):
        self.frame = frame

    def spotify_confidence(self) -> dict:
        sums = self.prepared()
        answer = {}
        for name in METRICS:
            whole = self.tested(self.grouped(sums, [VARIANT]), name, None)[0]
            plain = self.plain(self.grouped(sums, [VARIANT]), name)
            answer[name] = [*whole, *plain]
        for segment in SEGMENTS:
            table = self.grouped(sums, [VARIANT, segment])
            for name in METRICS:
                values = sorted(table[segment].unique())
                for value, effect in zip(values, self.tested(table, name, segment)):
                    answer[f"{name}, {value}"] = [*effect, None, None]
        return answer

    def prepared(self) -> pandas.DataFrame:
        """The products whose sums CUPED needs, beside the columns that split them."""
        columns = {name: self.frame[name] for name in (VARIANT, *SEGMENTS)}
        for name in METRICS:
            y, x = self.frame[name], self.frame[f"{name}_before"]
            columns |= {f"{name} y": y, f"{name} yy": y * y, f"{name} x": x, f"{name} xx": x * x, f"{name} xy": x * y}
        return pandas.DataFrame(columns)

    @staticmethod
    def grouped(sums: pandas.DataFrame, by: list[str]) -> pandas.DataFrame:
        numbers = [f"{name} {part}" for name, part in itertools.product(METRICS, ("y", "yy", "x", "xx", "xy"))]
        groups = sums.groupby(by, observed=True)
        table = groups[numbers].sum()
        table["n"] = groups.size()
        table = table.reset_index()
        return table.astype({name: str for name in by})

    @staticmethod
    def tested(table: pandas.DataFrame, name: str, segment: str | None) -> list[list]:
        """Its test with a covariate has a normal reference: estimate and standard error agree with Welch's."""
        for chart in CHARTS:  # which it imports, and which draw nothing here
            sys.modules.setdefault(chart, MagicMock())
        from spotify_confidence import ZTestLinreg
        groups = [VARIANT] + ([segment] if segment else [])
        test = ZTestLinreg(table, numerator_column=f"{name} y", numerator_sum_squares_column=f"{name} yy",
                           denominator_column="n", categorical_group_columns=groups,
                           feature_column=f"{name} x", feature_sum_squares_column=f"{name} xx",
                           feature_cross_sum_column=f"{name} xy")
        found = test.difference(level_1=CONTROL, level_2=TREATMENT, groupby=segment) if segment else test.difference(
            level_1=CONTROL, level_2=TREATMENT)
        width = 2 * 1.959963984540054
        return [[row.difference, (row.ci_upper - row.ci_lower) / width] for row in found.itertuples()]

    @staticmethod
    def plain(table: pandas.DataFrame, name: str) -> list:
        from spotify_confidence import StudentsTTest
        test = StudentsTTest(table, numerator_column=f"{name} y", numerator_sum_squares_column=f"{name} yy",
                             denominator_column="n", categorical_group_columns=VARIANT)
        found = test.difference(level_1=CONTROL, level_2=TREATMENT).iloc[0]
        return [found["difference"], found["p-value"]]


def main() -> None:
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # what a tool prints is no answer
    frame = make_frame(int(sys.argv[1]))
    kinds = {"tea_tasting": TeaTasting, "spotify_confidence": SpotifyConfidence}
    tools = {name: kind for name, kind in kinds.items() if importlib.util.find_spec(name)}
    made = {name: getattr(kind(frame), name) for name, kind in tools.items()}
    ours = Descant(frame)
    made |= {name: getattr(ours, name) for name in ("descant", "descant_stream", "c_call")}
    for line in sys.stdin:
        tool = json.loads(line)["tool"]
        if tool == "installed":
            print(json.dumps({"tools": list(tools)}), file=answers, flush=True)
            continue
        begin = time.perf_counter()
        answer = made[tool]()
        seconds = time.perf_counter() - begin
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "rss": rss, "answer": answer}), file=answers, flush=True)


if __name__ == "__main__":
    main()
