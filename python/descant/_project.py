# SPDX-License-Identifier: Apache-2.0
"""A project as an object: its experiments, metrics and tables by attribute, and what it can be asked."""
from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from . import _core
from ._ask import ask, ask_rows
from ._errors import NotFound
from ._frames import Rows
from ._records import Record
from ._results import Distributions, ExperimentResult
from .definitions import Definitions, Experiment, Metric

T = TypeVar("T")


class Names(Mapping[str, T], Generic[T]):
    """Things by name: `names.home_ranker` or `names["home-ranker"]`, both with completion."""

    def __init__(self, what: str, things: Mapping[str, T]) -> None:
        self._what = what
        self._things = dict(things)

    def __getitem__(self, name: str) -> T:
        if name in self._things:
            return self._things[name]
        import difflib
        near = difflib.get_close_matches(name, self._things, 1)
        raise NotFound(f"there is no {self._what} '{name}'",
                       f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(self._things) or 'none'}.", name)

    def __getattr__(self, name: str) -> T:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except NotFound as missing:
            raise AttributeError(str(missing)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name in self._things if name.isidentifier())]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._things)

    def __repr__(self) -> str:
        return f"{self._what}s: {', '.join(self._things) or 'none'}"


class ExperimentHandle:
    """One experiment of a project."""

    def __init__(self, project: Project, name: str, definition: Experiment) -> None:
        self.project = project
        self.name = name
        self.definition = definition

    def analyze(self, *, as_of: Any = None, by_day: bool = True, by_segment: bool = True, threads: int = 0,
                progress: bool | None = None) -> ExperimentResult:
        """Reads the experiment out over the timelines, and decides it.

        `as_of`: use data up to this instant (text or datetime); all of it unless given.
        """
        result = self.project.ask("analyze_experiment", name=self.name, as_of=_instant(as_of), by_day=by_day,
                                  by_segment=by_segment, threads=threads, progress=progress)
        assert isinstance(result, ExperimentResult)
        return result

    def aa(self, *, replicates: int = 2000, seed: int = 1, alpha: float = 0.05, as_of: Any = None,
           threads: int = 0, progress: bool | None = None) -> Record:
        """How its tests behave when nothing differs: its units assigned at random, again and again."""
        return self.project.ask("experiment_aa", name=self.name, replicates=replicates, seed=seed, alpha=alpha,
                                as_of=_instant(as_of), threads=threads, progress=progress)

    def explain(self, metric: str | None = None, *, as_of: Any = None, threads: int = 0) -> Record:
        """Which adjustment moved which interval, one step at a time."""
        return self.project.ask("explain_experiment", name=self.name, metric=metric, as_of=_instant(as_of),
                                threads=threads)

    def distributions(self, *, bins: int = 40, as_of: Any = None, threads: int = 0) -> Distributions:
        """How the values of its units are distributed in each arm."""
        result = self.project.ask("experiment_distributions", name=self.name, bins=bins, as_of=_instant(as_of),
                                  threads=threads)
        assert isinstance(result, Distributions)
        return result

    def __repr__(self) -> str:
        words = self.definition
        return f"experiment {self.name}: {words.start} to {words.end}, {', '.join(words.variants)}"


def _instant(moment: Any) -> str | None:
    if moment is None or isinstance(moment, str):
        return moment
    text = str(moment.isoformat())
    return text if len(text) > len("2026-03-20") else text + "T00:00:00"


class Project:
    """A folder with a descant.yaml. Definitions are read anew for every question."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).resolve()
        self._project = _core.Project(str(self.folder))

    def ask(self, question: str, *, progress: bool | None = None, **request: Any) -> Record:
        """The answer to any question that a project takes, by its name."""
        return ask(question, request, project=self._project, progress=progress)

    @property
    def definitions(self) -> Definitions:
        """Everything its YAML states, as objects."""
        read, _ = ask_rows("definitions", project=self._project)
        return Definitions.from_dict(read)

    @property
    def name(self) -> str:
        return str(self.definitions.name)

    @property
    def experiments(self) -> Names[ExperimentHandle]:
        """Its experiments by name."""
        found = getattr(self.definitions, "experiments", {})
        return Names("experiment", {name: ExperimentHandle(self, name, one) for name, one in found.items()})

    @property
    def metrics(self) -> Names[Metric]:
        """Its metrics by name."""
        return Names("metric", getattr(self.definitions, "metrics", {}))

    @property
    def tables(self) -> Names[dict[str, Any]]:
        """Its fact, assignment and dimension tables by name."""
        stated = self.definitions
        kinds = ("fact_tables", "assignment_tables", "dimension_tables")
        return Names("table", {name: {"kind": kind[:-1], **table} for kind in kinds
                               for name, table in getattr(stated, kind, {}).items()})

    def experiment(self, name: str) -> ExperimentHandle:
        """One experiment."""
        return self.experiments[name]

    def check(self, *, deep: bool = False) -> Record:
        """Everything wrong with the definitions and their sources; `deep` also verifies the timelines."""
        return self.ask("check", deep=deep)

    def refresh(self, *, force: bool = False, threads: int = 0, progress: bool | None = None) -> Record:
        """Brings the timelines up to date with the sources."""
        return self.ask("refresh", force=force, threads=threads, progress=progress)

    def status(self) -> Record:
        """What the timelines hold, and how fresh they are."""
        return self.ask("status")

    def sql(self, query: str, *, threads: int = 0) -> Rows:
        """Rows of a query over the sources, whose tables are there under their names."""
        _, rows = ask_rows("sql", {"query": query, "threads": threads}, project=self._project)
        assert rows is not None
        return Rows(rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return Project, (str(self.folder),)

    def __repr__(self) -> str:
        return f"project {self.name} in {self.folder}: {len(self.experiments)} experiments, {len(self.metrics)} metrics"


def demo(folder: str | os.PathLike[str] = "descant-demo", *, listeners: int = 100_000, days: int = 70,
         seed: int = 7, progress: bool | None = None) -> Project:
    """A project of synthetic listening whose truths are known, made once and ready to be asked."""
    place = Path(folder)
    made = place / "truth.json"
    options = {"listeners": listeners, "days": days, "seed": seed}
    if not made.exists() or not options.items() <= _options(made).items():
        ask("simulate", {"folder": str(place), **options}, progress=progress)
    project = Project(place)
    project.refresh(progress=progress)
    return project


def _options(made: Path) -> dict[str, Any]:
    import json
    found: dict[str, Any] = json.loads(made.read_text(encoding="utf-8")).get("options", {})
    return found
