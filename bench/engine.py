# SPDX-License-Identifier: Apache-2.0
"""The engines, each a process of its own that answers one line at a time, and rounds of them."""
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

THREADS = 2


class BenchError(Exception):
    """Why a benchmark cannot be trusted or made."""


class Engine:
    """A running engine; leaving the `with` block ends it."""

    def __init__(self, command: list, environment: dict[str, str] | None = None):
        self.process = subprocess.Popen([str(part) for part in command], text=True, bufsize=1, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, line: str) -> dict:
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its last words, or their absence, say why
        text = self.process.stdout.readline()
        if not text:
            raise BenchError(f"an engine ended: {self.process.args}")
        answer = json.loads(text)
        if "error" in answer:
            raise BenchError(answer["error"])
        return answer


class Descant(Engine):
    """`program` is descant_bench."""

    def __init__(self, program: Path, project: Path):
        super().__init__([program, project, THREADS])

    def run(self, case: str) -> dict:
        return self.ask(f"run {case}")


class DuckDB(Engine):
    """A database file, or `:memory:`."""

    def __init__(self, database: Path | str = ":memory:"):
        super().__init__([sys.executable, Path(__file__).parent / "duckdb_process.py", database, THREADS])

    def run(self, sql: str) -> dict:
        return self.ask(json.dumps({"sql": sql}))


@dataclass
class Timing:
    """What the rounds of one engine took."""

    seconds: list[float] = field(default_factory=list)
    rss: int = 0

    def add(self, answer: dict) -> None:
        self.seconds.append(answer["seconds"])
        self.rss = max(self.rss, answer["rss"])

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        return min(self.seconds)


def take_turns(rounds: int, runs: dict[str, Callable[[], dict]]) -> dict[str, Timing]:
    """Runs each in turn, `rounds` times, so that what disturbs the machine disturbs all alike."""
    timings = {name: Timing() for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            timings[name].add(run())
    return timings
