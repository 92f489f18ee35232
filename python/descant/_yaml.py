# SPDX-License-Identifier: Apache-2.0
"""Definitions as YAML text: blocks outside, short mappings and lists on one line."""
from __future__ import annotations

import json
import re
from typing import Any

_ON_ONE_LINE = 88
# What YAML would read as something else than this text, or not at all.
_PLAIN = re.compile(r"[A-Za-z_./*][\w ./*()+<>=-]*(?<! )|-?\d+(\.\d+)?(%|[a-z]{1,2})?|\d{4}-\d\d-\d\d")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def write(value: dict[str, Any]) -> str:
    return "".join(line + "\n" for line in _block(value, ""))


def _block(value: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, one in value.items():
        head = f"{indent}{_text(key)}:"
        flow = _flow(one)
        if not isinstance(one, (dict, list)) or (len(head) + len(flow) < _ON_ONE_LINE and not _is_table(one)):
            lines.append(f"{head} {flow}")
        elif isinstance(one, dict):
            lines += [head, *_block(one, indent + "  ")]
        else:
            lines += [head, *(f"{indent}  - {_flow(item)}" for item in one)]
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(one, dict) for one in value.values())


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)
