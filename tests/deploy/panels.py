"""Every panel of the generated dashboards, asked of a real Prometheus."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.prometheus import DEPLOY, ask, label_values, waited

GENERATED = DEPLOY / "grafana" / "generated"
Document = dict[str, Any]
Values = dict[str, str]


@dataclass(frozen=True)
class Query:
    """`where` says which panel of which dashboard asks it."""

    where: str
    expr: str


def assert_every_panel_answers(prometheus_url: str) -> None:
    """Every query of every panel gives a series, for every value of the variables in it.

    Rates need two scrapes, so queries without an answer are asked again for a while.
    """
    open_queries = {query for file in dashboards() for query in _queries(prometheus_url, file)}
    assert open_queries

    def all_answered() -> bool | None:
        open_queries.difference_update(
            [query for query in open_queries if ask(prometheus_url, query.expr)]
        )
        return True if not open_queries else None

    try:
        waited(all_answered, "series", timeout_s=15)
    except AssertionError as error:
        listed = "\n".join(f"{one.where}: {one.expr}" for one in open_queries)
        raise AssertionError(f"{error} for these queries:\n{listed}") from error


def dashboards() -> list[Path]:
    return sorted(GENERATED.glob("*.json"))


def document_of(file: Path) -> Document:
    document: Document = json.loads(file.read_text(encoding="utf-8"))
    return document


def expressions(file: Path) -> Iterator[str]:
    """All PromQL of the file, of panels and variables."""
    document = document_of(file)
    yield from (target["expr"] for panel in document["panels"] for target in panel["targets"])
    yield from (one["query"] for one in _variables(document))


def _queries(prometheus_url: str, file: Path) -> Iterator[Query]:
    document = document_of(file)
    chosen = _chosen(prometheus_url, document)
    for panel in document["panels"]:
        for target in panel["targets"]:
            where = f"{file.stem}, {panel['title']}, {target['refId']}"
            for expr in {_filled(target["expr"], values) for values in chosen}:
                yield Query(where, expr)


def _variables(document: Document) -> list[Document]:
    return [one for one in document["templating"]["list"] if one["type"] == "query"]


def _chosen(prometheus_url: str, document: Document) -> list[Values]:
    """Each choice of values that a reader can make; a later variable may depend on an earlier."""
    chosen: list[Values] = [{}]
    for variable in _variables(document):
        chosen = [
            {**values, variable["name"]: value}
            for values in chosen
            for value in _values(prometheus_url, variable, values)
        ]
    return chosen


def _values(prometheus_url: str, variable: Document, earlier: Values) -> list[str]:
    query = re.fullmatch(r"label_values\((.+), (\w+)\)", _filled(variable["query"], earlier))
    assert query, variable["query"]
    known = label_values(prometheus_url, query[2], query[1])
    assert known, f"variable {variable['name']} has no values"
    return [variable["allValue"]] if variable.get("allValue") else known


def _filled(text: str, values: Values) -> str:
    """The text with its variables replaced; one without a value is an AssertionError."""
    filled = re.sub(r"\$(\w+)", lambda name: values.get(name[1], name[0]), text)
    assert "$" not in filled, f"unknown variable in {filled}"
    return filled
