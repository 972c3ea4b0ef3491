"""The demo's year ends in what was published, and no kill on the way changes it."""

import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import requests

from collector.facts import StoredRun
from collector.store.store import Store
from tests.years import Year, finished, once, served, sources

KILLS = 20


def test_the_year_ends_in_the_published_result(year: Year) -> None:
    board = year.document
    provincial, district = board["blocks"]

    assert (board["province"]["score"], board["province"]["band"]) == (74.8, "kha")
    assert (provincial["score"], provincial["agencies_scored"]) == (73.2, 20)
    assert (district["score"], district["agencies_scored"]) == (76.4, 12)
    assert leaders(board, "provincial") == [("so-tttt", 91.48), ("so-gtvt", 89.94)]
    assert leaders(board, "district") == [("thanh-pho", 89.77), ("huyen-phu-yen", 84.13)]
    assert bands(board, "provincial") == {"tot": 2, "kha": 11, "trung-binh": 7}
    assert bands(board, "district") == {"tot": 1, "kha": 7, "trung-binh": 4}


def test_province_wide_ratios_end_as_published(year: Year) -> None:
    values = {one["id"]: one["value"] for one in year.document["indicators"]}

    assert values["documents-personally-signed"] > 0.97
    assert 0.855 < values["services-with-dossiers"] < 0.86
    assert values["dossiers-online"] > 0.95
    assert values["dossiers-digitised"] > 0.95
    assert values["procedures-full-process"] == 1.0


def test_every_source_is_pulled_at_least_daily_and_the_year_has_its_events(year: Year) -> None:
    with_store = Store.open(year.url, read_only=True)
    counts = with_store.count_runs()
    runs = with_store.runs(limit=5000)
    with_store.close()

    by_source: dict[str, int] = {}
    for (source, _), count in counts.items():
        by_source[source] = by_source.get(source, 0) + count
    assert len(by_source) == 5
    assert min(by_source.values()) >= 366
    assert sum(by_source.values()) >= 1500
    assert counts["documents", "failed"] == 5
    assert counts["dossiers", "held"] == 1
    assert {run.outcome for run in runs if run.source == "wifi"} == {"ok"}


def test_killed_twenty_times_the_year_ends_the_same_and_each_due_is_stored_once(
    year: Year, tmp_path: Path
) -> None:
    chance = random.Random(766)  # noqa: S311  moments, not secrets
    with sources(tmp_path / "province") as neighbour:
        store_file = tmp_path / "year.db"
        kills = 0
        while kills < KILLS:
            process = once(store_file, neighbour)
            kills += killed(process, store_file, chance)
        ended = finished(store_file, neighbour)

        runs, kept = runs_of(ended), runs_of(year)
        dues = [(run.source, run.due_us) for run in runs]
        assert len(dues) == len(set(dues))
        assert {(run.source, run.due_us): run.outcome for run in runs} == {
            (run.source, run.due_us): run.outcome for run in kept
        }
        served = neighbour.digests()
        for run in runs:
            if run.outcome in {"ok", "held"} and run.received:
                moment = 0 if run.source == "reports" else run.due_us
                assert run.digest in served[run.source, moment], run
    assert timeless(ended.document) == timeless(year.document)


def killed(process: subprocess.Popen[str], store_file: Path, chance: random.Random) -> bool:
    """Kill a service at a random moment once it has stored something more; False: it was done."""
    before = written(store_file)
    while written(store_file) == before and not ended_within(process, 0.01):
        pass
    was_running = not ended_within(process, chance.uniform(0.0, 1.0))
    process.kill()
    process.communicate()
    return was_running


def ended_within(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def written(store_file: Path) -> list[int]:
    """When store and journal were last written; empty before either is there."""
    files = (store_file, store_file.with_name(store_file.name + "-wal"))
    return [file.stat().st_mtime_ns for file in files if file.exists()]


def runs_of(year: Year) -> tuple[StoredRun, ...]:
    store = Store.open(year.url, read_only=True)
    try:
        return store.runs(limit=10_000)
    finally:
        store.close()


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    """A document without its number and the times at which we learned things."""
    return {key: value for key, value in document.items() if key not in {"number", "published_at"}}


def leaders(board: dict[str, Any], block: str) -> list[tuple[str, float]]:
    ranked = [one for one in board["agencies"] if one["block"] == block]
    return [(one["id"], one["score"]) for one in sorted(ranked, key=lambda one: one["rank"])[:2]]


def bands(board: dict[str, Any], block: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in board["agencies"]:
        if one["block"] == block:
            found[one["band"]] = found.get(one["band"], 0) + 1
    return found


def test_a_second_demo_goes_on_from_the_stored_instant(year: Year, tmp_path: Path) -> None:
    store_file = tmp_path / "demo.db"
    shutil.copy(year.store_file, store_file)

    for _ in range(2):
        before = newest_us(store_file)
        with served(store_file) as url:
            assert requests.get(f"{url}/readyz", timeout=10).status_code in {200, 503}
        assert newest_us(store_file) > before
    assert outcomes(store_file) <= {"ok", "failed", "held", "interrupted"}


def outcomes(store_file: Path) -> set[str]:
    """Of all runs; a change of pace owes nothing that was not owed at the old one."""
    store = Store.open(f"sqlite:///{store_file}", read_only=True)
    try:
        return {outcome for _, outcome in store.count_runs()}
    finally:
        store.close()


def newest_us(store_file: Path) -> int:
    store = Store.open(f"sqlite:///{store_file}", read_only=True)
    try:
        return store.newest_us() or 0
    finally:
        store.close()
