# SPDX-License-Identifier: Apache-2.0
"""Writes decision.json: the risk-aware rule (Schultzberg, Ankargren, Franberg 2024, arXiv 2402.11609) in plain arithmetic."""

from cases import Cases
from exact import number

cases = Cases("decision", ("mpmath", "numpy"))


def planned_beta(beta, alpha_minus, s, g, compatibility=None):
    tests = g if s == 0 or compatibility == "confidence_docs" else g + 1
    return (beta - alpha_minus) / ((1 - alpha_minus) * tests)


def decide(request):
    metrics = request["metrics"]
    count = {
        role: sum(m["role"] == role for m in metrics) for role in ("success", "guardrail", "deterioration", "quality")
    }
    alpha = number(request.get("alpha", 0.05)) / request.get("treatments", 1)
    alpha_minus = number(request.get("deterioration_alpha", 0.01))
    beta = 1 - number(request.get("power", 0.8))
    s, g = count["success"], count["guardrail"]
    family = alpha_minus / sum(count.values())
    power = 1 - planned_beta(beta, alpha_minus, s, g, request.get("compatibility")) if s + g else None
    out, harmed, spoiled = [], False, False
    for m in metrics:
        role = m["role"]
        harm = m.get("deterioration_p_value")
        deteriorates = harm is not None and role != "exploratory" and alpha_minus > 0 and number(harm) <= family
        row = {"name": m["name"]}
        if role in ("success", "guardrail"):
            used = alpha / s if role == "success" else alpha
            row.update({"alpha_used": used, "power_planned": power, "passed": number(m["p_value"]) <= used})
            harmed |= deteriorates
        elif role in ("deterioration", "quality"):
            rejects = alpha_minus > 0 and number(m["p_value"]) <= family
            row.update({"alpha_used": family, "passed": not rejects})
            spoiled |= role == "quality" and rejects
            harmed |= role == "deterioration" and (rejects or deteriorates)
        out.append(row)
    passed = {m["name"]: r.get("passed") for m, r in zip(metrics, out)}
    wins = s == 0 or any(passed[m["name"]] for m in metrics if m["role"] == "success")
    safe = all(passed[m["name"]] for m in metrics if m["role"] == "guardrail")
    if spoiled:
        action = "invalid"
    elif harmed:
        action = "stop"
    elif not request["complete"]:
        action = "continue"
    else:
        action = "ship" if wins and safe else "stop"
    return {"action": action, "metrics": out}


def success(p, harm=0.9, name="minutes"):
    return {"name": name, "role": "success", "p_value": p, "deterioration_p_value": harm}


def guardrail(p, harm=0.6, name="skips"):
    return {"name": name, "role": "guardrail", "p_value": p, "deterioration_p_value": harm}


def watched(p, name="crashes"):
    return {"name": name, "role": "deterioration", "p_value": p, "deterioration_p_value": p}


def quality(p, name="sample_ratio"):
    return {"name": name, "role": "quality", "p_value": p}


SOURCE = "risk-aware rule: success alpha/S, guardrail alpha, deterioration and quality alpha_minus/(S+G+D+Q)"


def add(name, metrics, complete=True, action=None, **options):
    request = {"metrics": metrics, "complete": complete, **options}
    out = decide(request)
    assert action in (None, out["action"]), (name, out)
    cases.add(name, request, out, SOURCE)
    return out


two, three = (
    [success(0.01), success(0.2, name="retention")],
    [guardrail(0.01), guardrail(0.02, name="ads"), guardrail(0.03, name="churn")],
)
out = add("two_success_three_guardrails", two + three, action="ship")
assert (
    abs(float(1 - out["metrics"][0]["power_planned"]) - 0.04798) < 5e-6
)  # published: alpha .05, beta .2, alpha_minus .01
add("success_between_alpha_over_s_and_alpha", [success(0.03), success(0.2, name="retention")] + three, action="stop")
add("success_at_alpha_over_s", [success(0.024), success(0.2, name="retention")], action="ship")
add("guardrail_fails", [success(0.001), guardrail(0.051)], action="stop")
add("guardrail_is_not_divided", [success(0.001)] + [guardrail(0.049, name=f"g{i}") for i in range(6)], action="ship")
add("no_success_all_guardrails_pass", [guardrail(0.01), guardrail(0.04, name="ads")], action="ship")
add("no_success_one_guardrail_fails", [guardrail(0.01), guardrail(0.2, name="ads")], action="stop")
add("only_success", [success(0.049)], action="ship")
add("nothing_significant", [success(0.4), guardrail(0.3)], action="stop")
add("not_complete", [success(0.0001), guardrail(0.0001)], complete=False, action="continue")
add("not_complete_and_losing", [success(0.6), guardrail(0.5)], complete=False, action="continue")
add("success_deteriorates", [success(0.999, 0.001), guardrail(0.01)], action="stop")
add("guardrail_deteriorates_though_non_inferior", [success(0.0001), guardrail(0.001, 0.004)], action="stop")
add("deterioration_above_its_share", [success(0.0001), guardrail(0.001, 0.006)], action="ship")
add("deteriorates_before_the_end", [success(0.5), guardrail(0.9, 0.0001)], complete=False, action="stop")
add("watched_metric_deteriorates", [success(0.0001), guardrail(0.001), watched(0.002)], action="stop")
add("watched_metric_at_rest", [success(0.0001), guardrail(0.001), watched(0.02)], action="ship")
add("sample_ratio_rejects", [success(0.0001), guardrail(0.001), quality(0.0001)], action="invalid")
add("sample_ratio_above_its_share", [success(0.0001), guardrail(0.001), quality(0.004)], action="ship")
add("invalid_comes_before_stop", [success(0.9, 0.0001), quality(0.00001)], action="invalid")
add("invalid_before_the_end", [success(0.9), quality(0.00001)], complete=False, action="invalid")
add(
    "all_roles",
    two + three + [watched(0.3), watched(0.5, "latency"), quality(0.4), quality(0.7, "pre_exposure")],
    action="ship",
)
add(
    "exploratory_decides_nothing",
    [success(0.2), {"name": "curious", "role": "exploratory", "p_value": 1e-9}],
    action="stop",
)
add(
    "exploratory_does_not_count",
    [success(0.04), {"name": "curious", "role": "exploratory", "p_value": 0.5}],
    action="ship",
)
add(
    "alpha_0.1_power_0.9",
    [success(0.04), success(0.3, name="retention"), guardrail(0.09)],
    alpha=0.1,
    power=0.9,
    action="ship",
)
add("alpha_minus_0.05", [success(0.01, 0.02), guardrail(0.01)], deterioration_alpha=0.05, action="stop")
for g, uncorrected, corrected in ((1, 0.640, 0.810), (3, 0.410, 0.8145), (5, 0.262, 0.8159)):
    out = add(
        f"rule_1_one_success_{g}_guardrails",
        [success(0.01)] + [guardrail(0.01, name=f"g{i}") for i in range(g)],
        deterioration_alpha=0,
        action="ship",
    )
    power = float(out["metrics"][0]["power_planned"])
    # Published power of the whole decision with independent metrics, each test at 0.8 and each at the planned power.
    assert abs(0.8 ** (g + 1) - uncorrected) < 6e-4 and abs(power ** (g + 1) - corrected) < 6e-5
add("rule_1_ignores_deterioration", [success(0.01, 0.0), guardrail(0.01, 0.0001)], deterioration_alpha=0, action="ship")
add("rule_1_no_success", [guardrail(0.01), guardrail(0.02, name="ads")], deterioration_alpha=0, action="ship")
add(
    "confidence_docs",
    [success(0.01), guardrail(0.01), guardrail(0.02, name="ads")],
    deterioration_alpha=0,
    compatibility="confidence_docs",
    action="ship",
)
add("two_treatments_success", [success(0.03), guardrail(0.01)], treatments=2, action="stop")
add("two_treatments_guardrail", [success(0.01), guardrail(0.03)], treatments=2, action="stop")
add("two_treatments_ship", [success(0.01), guardrail(0.02)], treatments=2, action="ship")
add("three_treatments", [success(0.008), success(0.5, name="retention"), guardrail(0.016)], treatments=3, action="ship")
add("rule_stated", [success(0.01), guardrail(0.01)], rule="spotify", action="ship")

EXPRESSION = "an AND/OR expression over metric names, AND binding before OR"
a, b, c = success(0.001, name="a"), success(0.7, name="b"), guardrail(0.01, name="c")
for name, rule, action in (
    ("and", "a AND c", "ship"),
    ("and_fails", "a AND b", "stop"),
    ("or", "a OR b", "ship"),
    ("parentheses", "(a OR b) AND c", "ship"),
    ("precedence", "c OR a AND b", "ship"),
    ("parentheses_matter", "(c OR a) AND b", "stop"),
):
    cases.add(
        f"expression_{name}", {"metrics": [a, b, c], "complete": True, "rule": rule}, {"action": action}, EXPRESSION
    )
cases.add(
    "expression_not_complete",
    {"metrics": [a, b, c], "complete": False, "rule": "a AND c"},
    {"action": "continue"},
    EXPRESSION,
)

GOOD = {"metrics": [success(0.01), guardrail(0.02)], "complete": True}
for name, change in {
    "unknown_role": {"metrics": [{"name": "x", "role": "hope", "p_value": 0.1}]},
    "p_above_one": {"metrics": [success(1.5)]},
    "negative_p": {"metrics": [success(-0.1)]},
    "deterioration_p_above_one": {"metrics": [success(0.1, 1.1)]},
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "power_one": {"power": 1},
    "power_zero": {"power": 0},
    "negative_deterioration_alpha": {"deterioration_alpha": -0.01},
    "deterioration_alpha_above_beta": {"deterioration_alpha": 0.25},
    "no_metrics": {"metrics": []},
    "zero_treatments": {"treatments": 0},
    "same_name_twice": {"metrics": [success(0.1), success(0.2)]},
    "rule_with_unknown_metric": {"rule": "minutes AND retention"},
    "rule_with_bad_grammar": {"rule": "minutes AND"},
    "unknown_field": {"completed": True},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
