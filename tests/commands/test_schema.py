import json

import pytest

from collector.settings.schema import schema_of
from connectors.registry import CONNECTORS
from tests.commands.calling import called, chiso


def test_prints_the_schema_of_a_file_without_any_configuration() -> None:
    said = chiso("schema", "sources")

    assert said.code == 0
    assert said.json() == json.loads(json.dumps(schema_of("sources", CONNECTORS)))


def test_without_a_name_it_prints_all_by_their_names() -> None:
    assert list(called("schema").json()) == ["province", "metrics", "sources", "indicators"]


@pytest.mark.parametrize("name", ["agencies", "sources.yaml"])
def test_a_file_that_is_none_is_wrong_usage(name: str) -> None:
    assert called("schema", name).code == 2
