"""A source that wants to be left alone for hours: nothing fails, and it is asked after them."""

from pathlib import Path

from collector.agenda import agenda_of
from collector.clock import MINUTE_US
from collector.schedule import run_owed
from tests.makers import NOW_US, Counts, drafted, label, rigged
from tests.source_server import SourceServer


def test_a_due_in_quiet_hours_is_no_failed_run(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    """It is four in the afternoon there, and the source rests from five to six."""
    limits = {"attempts": 1, "quiet": ["17:00-18:00"]}
    settings = drafted(source_server.url, limits=limits).settings(tmp_path / "config")
    source = settings.sources["counts"]
    agenda = agenda_of([source], settings.zone, {})
    source_server.answer = counts
    with rigged(settings, url) as rig:
        ended = []
        while rig.clock.now_us() < NOW_US + 150 * MINUTE_US:
            ended.append(run_owed(source, agenda, rig.engine.desk))
            rig.move(5 * MINUTE_US)

        runs = [one.run for one in ended if one is not None]
        failures = rig.metrics()["dti_run_failures_total", label(source="counts", reason="source")]

    began = [(run.began_us - NOW_US) // MINUTE_US for run in runs]
    assert (failures, {run.outcome for run in runs}) == (0, {"ok"})
    assert began == [0, 15, 30, 45, 120, 135]
    assert runs[4].due_us == NOW_US + 120 * MINUTE_US
