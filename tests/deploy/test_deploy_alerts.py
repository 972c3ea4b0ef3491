"""The Prometheus job and the alert rules, judged by promtool."""

import re
import subprocess
from typing import Any

import pytest
from ruamel.yaml import YAML

from collector.clock import MINUTE_US
from collector.sources import STANDINGS, STATES
from deploy.alerts import alert_name, generated, main
from tests.deploy.made_up import page_text, series_names
from tests.programs import require
from tests.prometheus import DEPLOY


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_accepts(arguments: tuple[str, ...]) -> None:
    command = [require("promtool"), *arguments]

    done = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_no_fault_in_the_families() -> None:
    command = [require("promtool"), "check", "metrics"]

    done = subprocess.run(command, input=page_text(), capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_every_name_in_a_rule_is_one_that_chiso_exposes() -> None:
    asked = {name for rule in _rules() for name in re.findall(r"\bdti_\w+", rule["expr"])}

    assert asked
    assert asked <= series_names()


def test_every_alert_is_tested_as_firing_and_as_silent() -> None:
    tests: list[Any] = YAML(typ="safe").load(DEPLOY / "alerts_test.yml")["tests"]
    tested = {
        (case["alertname"], bool(case["exp_alerts"]))
        for test in tests
        for case in test["alert_rule_test"]
    }

    assert tested == {(rule["alert"], fires) for rule in _rules() for fires in (True, False)}


def test_the_committed_rules_are_what_their_code_gives() -> None:
    assert (DEPLOY / "alerts.yml").read_text(encoding="utf-8") == generated()
    assert [main(["--check"]), main(["--chek"])] == [0, 2]


def test_each_state_calls_as_it_is_declared_and_no_rule_has_ages_of_its_own() -> None:
    found = {rule["alert"]: (rule["labels"]["severity"], rule["for"]) for rule in _rules()}

    for one in STANDINGS:
        declared = one.alert and (one.alert.severity, f"{one.alert.for_us // MINUTE_US}m")
        assert found.get(alert_name(one)) == declared
    assert {one.state for one in STANDINGS if one.alert} == set(STATES) - {"never", "fresh"}
    by_state = [rule["expr"] for rule in _rules() if "dti_source_state" in rule["expr"]]
    assert not any(re.search(r"[<>]", expr) for expr in by_state)


def test_every_alert_says_how_bad_it_is_and_has_its_place_on_the_page() -> None:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")

    for rule in _rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["runbook"] == f"deploy/README.md, {rule['alert']}"
        assert f"### {rule['alert']}\n" in page


def _rules() -> list[Any]:
    (group,) = YAML(typ="safe").load(DEPLOY / "alerts.yml")["groups"]
    rules: list[Any] = group["rules"]
    return rules
