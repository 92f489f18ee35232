# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of every file in tests/golden/cases and compares what they print.

A case is text. A line `project: NAME` copies tests/golden/data/NAME to an empty folder and runs
there. A line `$ descant …` is a command (`< FILE` gives it standard input); the lines below it, up
to the next command, are what it prints on both outputs. `# exit 2` at the end of a command says
that it fails so; without it the command succeeds. Other lines before the first command are remarks.

After an intended change:  python tests/golden/golden_test.py --update [CASE…]
An exit status is written by hand: a command that fails unexpectedly is never recorded.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = Path(os.environ.get("DESCANT_PROGRAM") or ROOT / "build" / "descant").resolve()
CASES = sorted((HERE / "cases").glob("*.txt"))
# A measured time, with the padding that depends on its length; and the heading above such times.
TIMES = [(re.compile(r" +\d+(?:\.\d+)? (?:ms|s)\b"), " TIME"), (re.compile(r" {2,}time$", re.M), "  time")]


@dataclass
class Command:
    line: str
    expected: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        stated = re.search(r"# exit (\d+)$", self.line)
        return int(stated[1]) if stated else 0

    def arguments(self) -> tuple[list[str], str | None]:
        words = shlex.split(self.line, comments=True)[1:]
        if "<" in words:
            at = words.index("<")
            return words[:at], words[at + 1]
        return words, None


@dataclass
class Case:
    remarks: list[str]
    commands: list[Command]

    @staticmethod
    def read(path: Path) -> "Case":
        case = Case([], [])
        for line in path.read_text().splitlines():
            if line.startswith("$ "):
                case.commands.append(Command(line.removeprefix("$ ")))
            elif case.commands:
                case.commands[-1].expected.append(line)
            else:
                case.remarks.append(line)
        return case

    def write(self, path: Path) -> None:
        lines = list(self.remarks)
        for command in self.commands:
            lines += ["$ " + command.line, *command.expected]
        path.write_text("\n".join(lines) + "\n")

    def project(self) -> str | None:
        named = [line.removeprefix("project:").strip() for line in self.remarks
                 if line.startswith("project:")]
        return named[0] if named else None


def run(command: Command, folder: Path) -> tuple[int, list[str]]:
    words, stdin = command.arguments()
    environment = {**os.environ, "NO_COLOR": "1", "TZ": "UTC"}
    with (open(folder / stdin) if stdin else open(os.devnull)) as source:
        done = subprocess.run([PROGRAM, *words], cwd=folder, stdin=source, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
                              env=environment)
    text = done.stdout.replace(str(folder), "PROJECT")
    for pattern, written in TIMES:
        text = pattern.sub(written, text)
    return done.returncode, text.splitlines()


def results(case: Case):
    """Yields (command, exit status, lines) in order, all in one folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "project"
        if project := case.project():
            shutil.copytree(HERE / "data" / project, folder)
        else:
            folder.mkdir()
        for command in case.commands:
            yield command, *run(command, folder)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path):
    case = Case.read(path)
    assert case.commands, f"{path.name} has no command"
    for command, status, lines in results(case):
        assert status == command.exit_status, "\n".join([command.line, *lines])
        assert lines == command.expected, command.line


def test_a_wrong_expectation_is_noticed(tmp_path):
    path = tmp_path / "case.txt"
    path.write_text("$ descant version\nsomething else\n")
    with pytest.raises(AssertionError):
        test_case(path)
    path.write_text("$ descant no_such_command\n")
    assert not update(path), "an unexpected error must not be recorded"
    assert path.read_text() == "$ descant no_such_command\n"


def update(path: Path) -> bool:
    case = Case.read(path)
    for command, status, lines in results(case):
        if status != command.exit_status:
            print(f"{path.name}: not updated: `{command.line}` ended with {status}, "
                  f"not {command.exit_status}:", *lines, sep="\n  ")
            return False
        command.expected = lines
    case.write(path)
    return True


def main() -> int:
    if sys.argv[1:2] != ["--update"]:
        return pytest.main([__file__, *sys.argv[1:]])
    wanted = set(sys.argv[2:])
    return 0 if all([update(path) for path in CASES if not wanted or path.stem in wanted]) else 1


if __name__ == "__main__":
    sys.exit(main())
