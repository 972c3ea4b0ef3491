"""The demo's year scored again: the same by the same set, and back again after another."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from collector.insight.rescore import Task, rescore
from collector.settings.load import load, load_set
from collector.store.store import Store
from tests.years import ROOT, Year

SONLA = ROOT / "config/sonla"


@pytest.fixture
def store(year: Year, tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{shutil.copy(year.store_file, tmp_path / 'year.db')}")


def test_a_year_by_its_own_set_is_byte_for_byte_what_was_stored_also_after_another(
    store: Store, tmp_path: Path
) -> None:
    settings = load(SONLA, environ={})
    text = (SONLA / "indicators-2024.yaml").read_text(encoding="utf-8")
    file = tmp_path / "indicators-2024.yaml"
    file.write_text(text.replace("target: 0.97}", "target: 0.5}"), encoding="utf-8")
    other = load_set(SONLA, file, environ={})
    live = store.cells_between("sonla-2024", 1, store.head())

    with closing(store):
        results = [
            rescore(settings, store, Task(one, "sonla-2024", 0, 2**62), lambda *_: None, now_us=0)
            for one in (settings.sets[0], other, settings.sets[0])
        ]
        cells = [store.rescored_cells(each["rescoring"]) for each in results]

        assert cells[0] == live
        assert cells[1] != live
        assert results[0] == results[2]
        assert store.cells_between("sonla-2024", 1, store.head()) == live
    gains = [one["gain"] for one in results[1]["agencies"]]
    assert max(gains) > 0 == min(gains)
