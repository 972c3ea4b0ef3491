"""Where a source is written almost right, what is wrong says how it is written."""

from pathlib import Path
from typing import Any

import pytest

from collector.settings.load import inspect
from tests.makers import Draft, drafted


def problems(draft: Draft, folder: Path) -> list[str]:
    _, findings = inspect(draft.write(folder), {})
    errors = [one for one in findings if one.severity == "error"]
    return [f"{one.place.key}: {one.problem}" for one in errors]


def described(**changes: Any) -> Draft:
    draft = drafted("https://register.example")
    draft.sources["counts"] |= changes
    return draft


def test_a_secret_that_stands_there_itself(tmp_path: Path) -> None:
    draft = described(auth={"type": "bearer", "token": "s3cret"})

    (problem,) = problems(draft, tmp_path)

    form = "should be a mapping: write {env: NAME} or {file: PATH}"
    assert problem == f"sources.counts.auth.token: {form}"


def test_a_name_in_no_language(tmp_path: Path) -> None:
    (problem,) = problems(described(name="Register"), tmp_path)

    assert problem == "sources.counts.name: should be a mapping: write {vi: …, en: …}"


@pytest.mark.parametrize(
    ("key", "given", "form"),
    [("metrics", {"sent": "sent"}, "{path: …}"), ("agency", "code", "{code: …}")],
)
def test_a_path_that_stands_alone(tmp_path: Path, key: str, given: Any, form: str) -> None:
    draft = described()
    draft.sources["counts"]["requests"][0][key] = given

    (problem,) = problems(draft, tmp_path)

    assert problem.endswith(f"should be a mapping: write {form}")


def test_a_total_without_a_period(tmp_path: Path) -> None:
    draft = described()
    del draft.sources["counts"]["requests"][0]["window"]
    del draft.sources["counts"]["requests"][0]["query"]

    found = problems(draft, tmp_path)

    assert len(found) == 2
    for problem in found:
        assert problem.endswith("is a period_total: add `window: {period: year}` to requests[0]")


@pytest.mark.parametrize("name", ["volume:sum", "số lượng", "1st"])
def test_a_name_with_other_signs(tmp_path: Path, name: str) -> None:
    draft = described()
    draft.sources["counts"]["requests"][0]["metrics"]["sent"]["path"] = name

    (problem,) = problems(draft, tmp_path)

    assert f"is no JMESPath; a name with other signs is quoted: '\"{name}\"'" in problem


def with_preset(folder: Path, requests: dict[str, Any]) -> Draft:
    (folder / "presets").symlink_to(Path(__file__).parents[2] / "config" / "presets")
    draft = drafted("https://register.example")
    given = draft.sources["counts"]
    kept = {key: given[key] for key in ("name", "owner", "schedule", "freshness", "base_url")}
    values = {"resource": "spots"}
    draft.sources["counts"] = {**kept, "use": "presets/ckan-datastore", "values": values}
    draft.sources["counts"]["requests"] = requests
    return draft


ROWS: dict[str, Any] = {
    "agency": {"code": "unit", "system": "register"},
    "metrics": {"spots": {"path": "spots"}},
}


@pytest.mark.parametrize(
    ("name", "near"),
    [("row", "; did you mean rows?"), ("rows_", "; did you mean rows?"), ("x", "")],
)
def test_a_request_that_its_preset_does_not_have_is_the_source_s_mistake(
    tmp_path: Path, name: str, near: str
) -> None:
    draft = with_preset(tmp_path, {name: ROWS})

    found = problems(draft, tmp_path / "config")

    assert found == [f"sources.counts.requests.{name}: the preset has rows{near}"]


def test_a_request_beside_the_one_of_its_preset_is_none(tmp_path: Path) -> None:
    draft = with_preset(tmp_path, {"rows": ROWS, "more": {**ROWS, "path": "/more"}})

    assert not any("the preset has" in problem for problem in problems(draft, tmp_path / "config"))
