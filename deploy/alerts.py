# ruff: noqa: INP001  what operators copy is a folder, not a package
"""Writes `alerts.yml`: `python -m deploy.alerts`; with `--check` it only compares.

The alerts of sources are those that `collector.sources` declares, a state each. What is late or
stale is the service's own judgement, by each source's policy: the rules need no ages.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from collector.clock import MINUTE_US
from collector.sources import STANDINGS, Standing
from collector.web.words.dictionary import WORDS
from deploy.kept import keep

FILE = Path(__file__).with_name("alerts.yml")
Rule = dict[str, Any]

_HEAD = """\
# Made by alerts.py from the states that chiso declares; a test compares. Do not edit.
# What each alert means and what to do stands in README.md beside this file, under its name.
# A source has one state at a time, so no two alerts tell the same cause.
"""
_USE = {
    "keep": "What it says is in use.",
    "hold": "What is wrong is not used; last good readings stay.",
    "alarm": "Its readings are still in use.",
}
# A run has been due for as long and no scoreboard came; and the same for a service without runs.
_OVERDUE_S, _SILENT_S = 900, 86_400
# What the store did not take is tried again once a minute.
_TRIED_WITHIN = "3m"


def main(arguments: list[str]) -> int:
    """As `keep` says."""
    return keep({FILE: generated()}, arguments, "python -m deploy.alerts")


def generated() -> str:
    """The text that the file should have."""
    yaml, text = YAML(), io.StringIO()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({"groups": [{"name": "chiso", "rules": list(rules())}]}, text)
    return _HEAD + text.getvalue()


def rules() -> Iterator[Rule]:
    """The service's own, then one for each state that calls, worst first."""
    yield _rule(
        "ChisoDown",
        'up{job="chiso"} == 0 or absent(up{job="chiso"})',
        ("critical", 2),
        "chiso does not answer",
        "Prometheus has had no answer from chiso {{ $labels.instance }} for 2 minutes: no source is"
        " collected, no score is updated.",
    )
    yield _rule(
        "ChisoNoNewScoreboard",
        "(\n"
        f"    time() - dti_scoreboard_timestamp_seconds > {_OVERDUE_S}\n"
        "  and on (job, instance)\n"
        "    time() - min by (job, instance) (dti_source_next_due_timestamp_seconds) >"
        f" {_OVERDUE_S}\n"
        ")\n"
        f"or time() - dti_scoreboard_timestamp_seconds > {_SILENT_S}\n",
        ("critical", 5),
        "No new scoreboard",
        "chiso {{ $labels.instance }} published its last scoreboard {{ $value | humanizeDuration }}"
        " ago.",
    )
    yield _rule(
        "ChisoStoreFailing",
        f"increase(dti_store_failures_total[{_TRIED_WITHIN}]) > 0",
        ("critical", 5),
        "The store takes nothing",
        "chiso {{ $labels.instance }} has not been able to store a run for 5 minutes: what it shows"
        " stays as it was, and what it pulls is pulled again.",
    )
    yield _failing()
    yield from (_of_state(one) for one in STANDINGS if one.alert)


def alert_name(standing: Standing) -> str:
    """`wrong_content` calls as ChisoSourceWrongContent."""
    return "ChisoSource" + "".join(word.title() for word in standing.state.split("_"))


def _failing() -> Rule:
    """Runs without an answer, unless what it answered last is a cause of its own."""
    told = "|".join(one.state for one in STANDINGS if one.alert and not one.aged)
    return _rule(
        "ChisoSourceFailing",
        "dti_source_up == 0\n"
        "  and on (job, instance, source) dti_source_last_attempt_timestamp_seconds\n"
        "  unless on (job, instance, source)\n"
        f'    dti_source_state{{dti_source_state=~"{told}"}} == 1\n',
        ("warning", 30),
        "Source {{ $labels.source }} is failing",
        "Runs of {{ $labels.source }} have had no usable answer for 30 minutes; its last good"
        " readings stay in use.",
    )


def _of_state(standing: Standing) -> Rule:
    assert standing.alert is not None  # noqa: S101  the caller has left out the others
    is_so = f'dti_source_state{{dti_source_state="{standing.state}"}} == 1'
    word = WORDS[f"state_{standing.state}"][1].lower()
    said = f"{{{{ $labels.source }}}}: {standing.meaning}."
    if standing.aged:
        # The age is the alert's value, so that its text can tell it.
        age = "time() - dti_source_data_timestamp_seconds\n  and on (job, instance, source)"
        is_so = f"{age} {is_so}\n"
        said += " They are {{ $value | humanizeDuration }} old."
    minutes = standing.alert.for_us // MINUTE_US
    use = _USE[standing.consequence]
    level = (standing.alert.severity, minutes)
    summary = f"Source {{{{ $labels.source }}}}: {word}"
    return _rule(alert_name(standing), is_so, level, summary, f"{said} {use}")


def _rule(name: str, expr: str, level: tuple[str, int], summary: str, description: str) -> Rule:
    severity, minutes = level
    return {
        "alert": name,
        "expr": LiteralScalarString(expr) if "\n" in expr else expr,
        "for": f"{minutes}m",
        "labels": {"severity": severity},
        "annotations": {
            "summary": summary,
            "description": description,
            "runbook": f"deploy/README.md, {name}",
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
