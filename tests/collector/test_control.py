"""The socket beside the store: who is asked, who may ask, and what is said when it goes wrong."""

import json
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from collector.control import Control, ControlError, Document, ask_service, socket_path


@contextmanager
def listening(path: Path, answer: Any) -> Iterator[Control]:
    control = Control(path, answer)
    control.start()
    try:
        yield control
    finally:
        control.stop()


def echo(request: Document) -> Document:
    return {"asked": request}


def ask(path: Path, request: Document, timeout_s: float = 5.0) -> Document | None:
    return ask_service(path, request, timeout_s=timeout_s)


class TestPath:
    def test_is_beside_the_file_of_a_sqlite_store(self) -> None:
        assert socket_path("sqlite:////srv/chiso.db") == Path("/srv/chiso.db.socket")
        assert socket_path("sqlite:///var/a.db") == Path("var/a.db.socket").absolute()

    def test_is_a_short_one_where_the_folders_name_is_too_long(self) -> None:
        path = socket_path(f"sqlite:////srv/{'long' * 40}/chiso.db")

        assert len(str(path)) < 108
        assert path.name.startswith("chiso-")

    def test_differs_between_two_folders_of_long_names(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths = set()
        for name in ("one", "two"):
            folder = tmp_path / (name + "long" * 40)
            folder.mkdir()
            monkeypatch.chdir(folder)
            paths.add(socket_path("sqlite:///var/chiso.db"))

        assert len(paths) == 2

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://chiso:secret@db.example/chiso?host=/run/db",
            "postgresql+psycopg://chiso:other@db.example/chiso?host=/run/db",
            "postgresql://db.example/chiso?host=/run/db&password=secret",
        ],
    )
    def test_is_the_same_whether_the_password_is_told_or_not(self, url: str) -> None:
        """A command has the whole URL, the service the one that may be shown."""
        shown = "postgresql://chiso:***@db.example/chiso?host=%2Frun%2Fdb"

        assert socket_path(url) == socket_path(shown)

    def test_differs_between_databases(self) -> None:
        urls = ("//a@db.example/one", "//a@db.example/two", "///one?host=/a", "///one?host=/b")

        assert len({socket_path(f"postgresql:{url}") for url in urls}) == 4


class TestAsking:
    def test_is_answered(self, tmp_path: Path) -> None:
        with listening(tmp_path / "s", echo):
            assert ask(tmp_path / "s", {"one": "Sơn La"}) == {"asked": {"one": "Sơn La"}}

    def test_only_the_owner_may(self, tmp_path: Path) -> None:
        with listening(tmp_path / "s", echo):
            assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600

    def test_where_none_runs_is_no_error(self, tmp_path: Path) -> None:
        assert ask(tmp_path / "s", {}) is None

    def test_where_one_was_killed_is_none_either_and_the_next_can_begin(
        self, tmp_path: Path
    ) -> None:
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(tmp_path / "s"))
        left.close()

        assert ask(tmp_path / "s", {}) is None
        with listening(tmp_path / "s", echo):
            assert ask(tmp_path / "s", {}) == {"asked": {}}
        assert not (tmp_path / "s").exists()

    def test_by_a_path_that_cannot_be_one_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(ControlError, match="Not a directory"):
            ask(tmp_path / "file" / "s", {})

    def test_at_a_place_that_is_taken_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "s").mkdir()

        with pytest.raises(ControlError, match="cannot listen on"):
            Control(tmp_path / "s", echo)

    def test_what_the_service_refuses_is_said(self, tmp_path: Path) -> None:
        def refuse(_: Document) -> Document:
            raise ControlError("no such source")

        with listening(tmp_path / "s", refuse), pytest.raises(ControlError, match="no such source"):
            ask(tmp_path / "s", {})

    def test_one_that_hangs_is_not_waited_for_longer_than_allowed(self, tmp_path: Path) -> None:
        done = threading.Event()

        def hang(_: Document) -> Document:
            done.wait(10)
            return {}

        with listening(tmp_path / "s", hang):
            with pytest.raises(ControlError, match="does not answer"):
                ask(tmp_path / "s", {}, timeout_s=0.2)
            done.set()


@pytest.mark.parametrize("line", [b"{", b"[]", b'"pull"', b"\xff", b"1" * 70_000])
def test_what_is_no_request_gets_an_answer_and_harms_nobody(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "s"
    with listening(path, echo):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(5)
            raw.connect(str(path))
            raw.sendall(line + b"\n")
            answer = json.loads(raw.makefile("rb").readline())

        assert "problem" in answer
        assert ask(path, {}) == {"asked": {}}


def test_a_bug_in_the_answer_is_said_and_the_service_goes_on(tmp_path: Path) -> None:
    def broken(request: Document) -> Document:
        return {"value": request["value"]}

    with listening(tmp_path / "s", broken):
        with pytest.raises(ControlError, match="KeyError"):
            ask(tmp_path / "s", {})
        assert ask(tmp_path / "s", {"value": 1}) == {"value": 1}
