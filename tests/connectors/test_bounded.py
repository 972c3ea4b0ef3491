"""Work that hangs is left behind, and nothing is begun beside it."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import SourceError
from connectors.bounded import Worker


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe: whoever opens it to read waits until somebody opens it to write."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def do(worker: Worker, path: Path, stop: threading.Event | None = None) -> bytes:
    return worker.do(
        path.read_bytes, total_s=0.2, stop=stop or threading.Event(), cancel=lambda: None
    )


def threads() -> Iterator[threading.Thread]:
    return (one for one in threading.enumerate() if one.name == "bounded")


def test_what_hangs_is_left_behind_and_nothing_is_begun_until_it_ends(pipe: Path) -> None:
    worker, before = Worker(), set(threads())
    with pytest.raises(SourceError, match=r"no whole answer within 0\.2 s"):
        do(worker, pipe)
    (hanging,) = set(threads()) - before

    with pytest.raises(SourceError, match="what an earlier run began still hangs") as caught:
        do(worker, pipe)

    assert (caught.value.reason, caught.value.permanent) == ("source", False)
    assert set(threads()) - before == {hanging}
    pipe.open("wb").close()
    hanging.join(10)
    (pipe.parent / "file").write_bytes(b"here")
    assert do(worker, pipe.parent / "file") == b"here"


def test_what_hangs_does_not_hold_up_the_end_of_the_service(pipe: Path) -> None:
    stop = threading.Event()
    stop.set()
    began_s = time.monotonic()

    with pytest.raises(SourceError, match="the service stops"):
        do(Worker(), pipe, stop)

    assert time.monotonic() - began_s < 2.0
    pipe.open("wb").close()


def test_what_comes_while_it_is_parted_from_is_not_thrown_away() -> None:
    told = threading.Event()

    given = Worker().do(
        lambda: told.wait(10), total_s=0.05, stop=threading.Event(), cancel=told.set
    )

    assert given
