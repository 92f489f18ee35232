# SPDX-License-Identifier: Apache-2.0
"""tools/tidy passes a clean tree, and names file and line of every kind of violation."""
import subprocess
import sys
from pathlib import Path

import pytest

TIDY = Path(__file__).parent.parent / "tools" / "tidy"
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HASH_SPDX = "# SPDX-License-Identifier: Apache-2.0\n"
CONTRACT = "// One paragraph that says what this header promises, in which units, and how it fails.\n"
HEADER = SPDX + "#pragma once\n" + CONTRACT + "\n"

CLEAN = {
    "src/layers.txt": "# bottom first\nbase\nstats\ndefinitions\nwarehouse\nexperiment metrics\ncli\n",
    "src/base/README.md": "# base\n",
    "src/base/result.h": HEADER + "namespace descant {\nstruct Result {};\n}  // namespace descant\n",
    "src/stats/README.md": "# stats\n",
    "src/stats/welch.cc": SPDX + '#include "stats/welch.h"\n\n#include <vector>\n\n#include "base/result.h"\n',
    "src/stats/welch.h": SPDX + CONTRACT + "#pragma once\n",
    "src/definitions/README.md": "# definitions\n",
    "src/definitions/read.cc": SPDX + "#include <yaml-cpp/yaml.h>\n",
    "src/warehouse/README.md": "# warehouse\n",
    "src/warehouse/query.cc": SPDX + '#include "duckdb.h"\n',
    "src/experiment/README.md": "# experiment\n",
    "src/experiment/decision.cc": SPDX
    + "namespace descant {\n// a comment may name printf(\"x\") and exit(1)\nint f() { return 0; }\n}\n",
    "src/metrics/README.md": "# metrics\n",
    "src/metrics/query.cc": SPDX + "int g(Job& job) { return job.exit(1); }\n",
    "src/cli/README.md": "# cli\n",
    "src/cli/main.cc": SPDX + "int main() { std::cout << 1; std::exit(2); }\n",
    "tools/run": "#!/usr/bin/env python3\n" + HASH_SPDX + "print(1)\n",
    "README.md": "# A project\n",
}

LONG_CPP = "int before() { return 1; }\n\nint f(int n) {\n" + "  ++n;\n" * 69 + "  return n;\n}\n"
LONG_CONSTRUCTOR = "struct S {\n  S(int a)\n      : a_{a}, b_(2) {\n" + "    ++a_;\n" * 80 + "  }\n};\n"
LONG_PYTHON = "def f(n):\n" + "    n += 1\n" * 70 + "    return n\n"

VIOLATIONS = {
    "higher layer": ("src/base/a.cc", SPDX + '\n#include "stats/welch.h"\n', 3, "a higher layer"),
    "sibling": ("src/metrics/a.cc", SPDX + '#include "experiment/x.h"\n', 2, "a sibling"),
    "bare include": ("src/stats/a.cc", SPDX + '#include "welch.h"\n', 2, "from src/"),
    "duckdb outside": ("src/stats/a.cc", SPDX + "#include <duckdb.h>\n", 2, "wrapped by src/warehouse"),
    "yaml outside": ("src/base/a.cc", SPDX + "#include <yaml-cpp/yaml.h>\n", 2, "src/definitions"),
    "file name": ("src/base/string_utils.cc", SPDX, 1, "string_utils.cc"),
    "bare file name": ("src/base/helpers_test.cc", SPDX, 1, "helpers_test.cc"),
    "class name": ("src/base/a.cc", SPDX + "\nclass DateHelpers {};\n", 3, "DateHelpers"),
    "python class": ("tools/a.py", HASH_SPDX + "class Common:\n    pass\n", 2, "Common"),
    "long file": ("src/base/a.cc", SPDX + "int a;\n" * 600, 601, "601 lines"),
    "long function": ("src/base/a.cc", SPDX + LONG_CPP, 4, "function of 72 lines"),
    "long constructor": ("src/base/a.cc", SPDX + LONG_CONSTRUCTOR, 3, "function of 83 lines"),
    "long python": ("tools/a.py", HASH_SPDX + LONG_PYTHON, 2, "function of 72 lines"),
    "no contract": ("src/base/a.h", SPDX + "#pragma once\n// Short.\n#include <vector>\n", 1, "contract"),
    "late contract": ("src/base/a.h", SPDX + "#pragma once\n#include <vector>\n" + CONTRACT, 1, "contract"),
    "no pragma": ("src/base/a.h", SPDX + CONTRACT, 1, "#pragma once"),
    "no licence": ("src/base/a.cc", "int a;\n", 1, "missing licence"),
    "no licence, script": ("tools/a", "#!/bin/sh\ntrue\n", 2, "missing licence"),
    "placeholder": ("src/base/a.cc", SPDX + "// TO" "DO later\n", 2, "unfinished"),
    "fix": ("docs/a.md", "# A\n\nFIX" "ME: say more\n", 3, "unfinished"),
    "hack": ("tools/a.py", HASH_SPDX + "# HA" "CK\n", 2, "unfinished"),
    "gap": ("src/base/a.cc", SPDX + 'auto e = "Not implemen' 'ted";\n', 2, "unfinished"),
    "output": ("src/base/a.cc", SPDX + "void f() {\n  std::cout << 1;\n}\n", 3, "prints"),
    "printf": ("src/stats/a.cc", SPDX + "void f() { printf(1); }\n", 2, "prints"),
    "exit": ("src/stats/a.cc", SPDX + "void f() { std::exit(1); }\n", 2, "ends the program"),
    "abort": ("src/stats/a.cc", SPDX + "void f() { if (x) abort(); }\n", 2, "ends the program"),
    "path": ("tools/a.py", HASH_SPDX + 'x = "/ho' 'me/someone/x"\n', 2, "absolute path"),
    "registry": ("tools/a.py", HASH_SPDX + 'x = "https://py' 'pi.org/simple"\n', 2, "registry's host"),
    "unknown folder": ("src/extra/README.md", "# extra\n", None, "src/extra:1: the folder has no line"),
}


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def run_tidy(root: Path) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, TIDY, root], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_clean_tree_passes(tmp_path):
    assert run_tidy(plant(tmp_path, CLEAN)) == (0, [])


@pytest.mark.parametrize("violation", VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_violation_is_found_at_its_line(tmp_path, violation):
    name, text, line, message = violation
    status, lines = run_tidy(plant(tmp_path, CLEAN | {name: text}))
    assert status == 1
    assert len(lines) == 1, lines
    assert message in lines[0]
    if line is not None:
        assert lines[0].startswith(f"{name}:{line}: ")


def test_missing_readme(tmp_path):
    files = {name: text for name, text in CLEAN.items() if name != "src/stats/README.md"}
    assert run_tidy(plant(tmp_path, files)) == (1, ["src/stats:1: the folder has no README.md"])


def test_all_findings_are_reported_at_once(tmp_path):
    planted = {"src/base/a.cc": "#include <duckdb.h>\nvoid f() { exit(1); }\n"}
    status, lines = run_tidy(plant(tmp_path, CLEAN | planted))
    assert status == 1
    assert [line.split(": ")[0] for line in lines] == ["src/base/a.cc:1", "src/base/a.cc:1", "src/base/a.cc:2"]
