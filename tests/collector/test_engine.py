"""What an engine holds for all of its sources, and lets go of when it ends."""

import threading
from pathlib import Path

from tests.makers import Counts, drafted, rigged
from tests.source_server import SourceServer


def guards() -> int:
    return sum(thread.name == "guard" for thread in threading.enumerate())


def test_all_sources_of_an_engine_have_one_guard_which_ends_with_it(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    before = guards()
    settings = drafted(source_server.url).settings(tmp_path / "config")
    with rigged(settings, url) as rig:
        client = rig.engine.desk.clients["counts"]
        assert rig.pull().run.outcome == "ok"
        client.close()
        assert guards() == before + 1

    assert guards() == before
