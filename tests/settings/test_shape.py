from pathlib import Path

import pytest

from collector.settings.load import inspect
from tests.makers import drafted
from tests.settings.folder import Folder


def test_what_a_variable_holds_is_never_shown(folder: Folder) -> None:
    folder.change("province.yaml", "id: son-la", "id: {env: WHO, default: son-la}")
    folder.environ["WHO"] = "Hidden Value"

    says = folder.says()

    assert says[0].startswith("province.yaml:2: province.id: … is no id")
    assert says[0].endswith("(from WHO)")
    assert "Hidden" not in "\n".join(says)


def test_a_list_in_place_of_a_mapping_is_one_finding(folder: Folder) -> None:
    folder.write("metrics.yaml", "metrics: [a, b]\n")

    assert "metrics.yaml:1: metrics: should be a mapping" in folder.says()


@pytest.mark.parametrize("name", ["province.yaml", "sources.yaml", "indicators-2024.yaml"])
def test_an_unknown_key_at_the_top_of_a_file_is_found(folder: Folder, name: str) -> None:
    folder.add(name, "extra: 1\n")

    line = folder.line(name, "extra")
    assert folder.says() == [f"{name}:{line}: extra: no such key"]


def test_keys_of_a_rule_are_not_those_of_another(folder: Folder) -> None:
    folder.change(
        "indicators-2024.yaml", "{max: 5, rule: yes_no}", "{max: 5, rule: yes_no, step: 1}"
    )

    line = folder.line("indicators-2024.yaml", "step: 1")
    key = "groups.people.indicators.officer.points.step"
    assert folder.says() == [f"indicators-2024.yaml:{line}: {key}: no such key"]


def test_a_list_whose_members_are_wrong_is_not_called_empty(tmp_path: Path) -> None:
    draft = drafted("http://127.0.0.1:9")
    for request in draft.sources["counts"]["requests"]:
        request["records"] = "rows["

    settings, findings = inspect(draft.write(tmp_path), environ={})

    assert settings is None
    assert [one.place.key for one in findings if one.severity == "error"] == [
        "sources.counts.requests.0.records",
        "sources.counts.requests.1.records",
    ]
