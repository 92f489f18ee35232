# SPDX-License-Identifier: Apache-2.0
"""Runs every example of docs/methods and compares its output with the page, number by number."""

import json
import math
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = os.environ["DESCANT_PROGRAM"]
PAGES = sorted((ROOT / "docs" / "methods").glob("*.md"))
RELATIVE_TOLERANCE = 1e-9
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Example(NamedTuple):
    page: str
    line: int
    command: str
    output: str


def examples_of(page: str, text: str) -> list[Example]:
    found = []
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        first_line = text.count("\n", 0, block.start(1)) + 1
        lines = block.group(1).splitlines()
        starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
        assert starts[:1] == [0], f"{page}:{first_line}: a console block begins with `$ `"
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            output = "\n".join(lines[start + 1 : end])
            found.append(Example(page, first_line + start, lines[start][2:], output))
    return found


EXAMPLES = [example for page in PAGES for example in examples_of(page.name, page.read_text())]


def run(command: str) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}"},
    )
    return (done.stdout + done.stderr).rstrip("\n")


def close(written: float, computed: float) -> bool:
    return math.isclose(written, computed, rel_tol=RELATIVE_TOLERANCE)


def same(written: object, computed: object) -> bool:
    if {type(written), type(computed)} <= {int, float}:
        return close(written, computed)
    return type(written) is type(computed) and written == computed


def compare_values(written: object, computed: object, where: str) -> list[str]:
    """Every place where two JSON values differ; the order of an object's fields counts."""
    said = f"{where.lstrip('.') or 'result'}: the page has"
    if isinstance(written, dict) and isinstance(computed, dict):
        if list(written) != list(computed):
            return [f"{said} the fields {list(written)}, not {list(computed)}"]
        parts = [(value, computed[name], f".{name}") for name, value in written.items()]
    elif isinstance(written, list) and isinstance(computed, list):
        if len(written) != len(computed):
            return [f"{said} {len(written)} entries, not {len(computed)}"]
        pairs = zip(written, computed, strict=True)
        parts = [(one, other, f"[{i}]") for i, (one, other) in enumerate(pairs)]
    else:
        return [] if same(written, computed) else [f"{said} {written!r}, not {computed!r}"]
    return [line for one, other, step in parts for line in compare_values(one, other, where + step)]


def compare_texts(written: str, computed: str) -> list[str]:
    same_words = NUMBER.sub("#", written) == NUMBER.sub("#", computed)
    pairs = zip(NUMBER.findall(written), NUMBER.findall(computed), strict=False)
    if same_words and all(close(float(a), float(b)) for a, b in pairs):
        return []
    return [f"the page has {written!r}, not {computed!r}"]


def compare_lines(written: str, computed: str) -> list[str]:
    try:
        return compare_values(json.loads(written), json.loads(computed), "")
    except json.JSONDecodeError:
        return compare_texts(written, computed)


def compare_outputs(written: str, computed: str) -> list[str]:
    written_lines, computed_lines = written.splitlines(), computed.splitlines()
    if len(written_lines) != len(computed_lines):
        return [f"the page has {len(written_lines)} lines, not {len(computed_lines)}: {computed}"]
    pairs = zip(written_lines, computed_lines, strict=True)
    return [difference for pair in pairs for difference in compare_lines(*pair)]


def operations() -> list[str]:
    listed = json.loads(run("descant operations --json"))
    return [operation["name"] for operation in listed]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.page}:{example.line}")
def test_an_example_gives_what_the_page_shows(example: Example) -> None:
    assert compare_outputs(example.output, run(example.command)) == []


def test_every_operation_has_a_page_with_an_example_of_it() -> None:
    calculated = [e for e in EXAMPLES if e.command.startswith("descant calc ")]
    shown = {(e.page, e.command.split()[2]) for e in calculated}
    assert [name for name in operations() if (f"{name}.md", name) not in shown] == []


@pytest.mark.parametrize(
    ("written", "computed"),
    [
        ('{"p": 0.25}', '{"p": 0.2500000005}'),
        ('{"p": 0.25}', '{"p": null}'),
        ('{"p": 1}', '{"p": true}'),
        ('{"p": "a"}', '{"p": "b"}'),
        ('{"p": 1, "q": 2}', '{"q": 2, "p": 1}'),
        ('{"p": [1, 2]}', '{"p": [1]}'),
        ("n is 12", "n is 13"),
        ("n is 12", "m is 12"),
        ("one line", "one line\nand another"),
    ],
)
def test_a_difference_is_seen(written: str, computed: str) -> None:
    assert compare_outputs(written, computed) != []


def test_only_rounding_is_let_pass() -> None:
    assert compare_outputs('{"p":0.25,"n":[3]}', '{"p": 0.25000000001, "n": [3.0]}') == []
    assert compare_outputs("p = 0.25", "p = 0.25000000001") == []
