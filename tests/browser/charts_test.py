# SPDX-License-Identifier: Apache-2.0
"""The pinned chart libraries draw offline in the system's Chromium."""
import os
from pathlib import Path

DEPS = Path(os.environ.get("DESCANT_DEPS", "build/deps"))
CHART = """
vegaEmbed("#chart", {data: {values: [{day: 1, effect: 2}, {day: 2, effect: 3}]}, mark: "line",
  encoding: {x: {field: "day", type: "quantitative"}, y: {field: "effect", type: "quantitative"}}},
  {renderer: "svg", actions: false})
"""


def test_a_chart_is_drawn_without_the_network(page, tmp_path):
    names = ("vega", "vega-lite", "vega-embed")
    scripts = "".join(f"<script>{(DEPS / 'vega' / f'{name}.min.js').read_text()}</script>" for name in names)
    html = tmp_path / "chart.html"
    html.write_text(f"<!doctype html><meta charset=utf-8><div id=chart></div>{scripts}<script>{CHART}</script>")
    page.goto(html.as_uri())
    page.wait_for_selector("#chart svg path")
    assert page.errors == []
    assert page.requests == [html.as_uri()]
