"""One thread that has every request end at its deadline, whichever source it belongs to."""

import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from connectors.base import SourceError
from connectors.fetch.guard import Guard
from connectors.fetch.watch import Watch
from connectors.http import Client
from tests.connectors.asking import bare
from tests.source_server import Served, SourceServer, as_json
from tests.waiting import until

SOON_S = 0.02
LONG_S = 60.0


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard()
    yield made
    made.end()


class Request:
    """A request whose end can be waited for, and the guard's first look at it."""

    def __init__(self, within_s: float) -> None:
        self._deadline_s = time.monotonic() + within_s
        self.is_done = False
        self.ended = threading.Event()
        self.seen = threading.Event()

    @property
    def deadline_s(self) -> float:
        if threading.current_thread().name == "guard":
            self.seen.set()
        return self._deadline_s

    def cut(self) -> None:
        self.ended.set()


class Broken(Request):
    def cut(self) -> None:
        super().cut()
        raise ValueError("this one cannot be cut")


class Deadly(Request):
    def cut(self) -> None:
        super().cut()
        raise SystemExit


def asleep(guard: Guard, request: Request) -> None:
    """Begin it; whoever asks the guard for more then waits until its thread sleeps."""
    guard.begin("asleep", request)
    assert request.seen.wait(5.0)


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        for one in (near, far):
            one.settimeout(5.0)
        yield near, far


def open_sockets() -> int:
    opened = (each for each in Path("/proc/self/fd").iterdir() if each.is_symlink())
    return sum(str(each.readlink()).startswith("socket:") for each in opened)


def guards() -> int:
    return sum(thread.name == "guard" for thread in threading.enumerate())


def test_a_thousand_clients_have_one_guard(source_server: SourceServer, guard: Guard) -> None:
    source_server.answer = lambda _: as_json([])
    before, stop = guards(), threading.Event()
    with ExitStack() as stack:
        clients = [
            stack.enter_context(closing(Client(bare(source_server.url), guard=guard)))
            for _ in range(1000)
        ]
        assert guards() == before  # nothing to guard yet
        for client in clients:
            stack.enter_context(client.watch.until(time.monotonic() + LONG_S))
        assert guards() == before + 1
        for client in clients[:20]:
            client.begin(stop).send("GET", "/stat")
        assert guards() == before + 1


def test_a_guard_that_was_given_outlives_its_clients(
    source_server: SourceServer, guard: Guard
) -> None:
    source_server.answer = lambda _: as_json([])
    before = guards()
    with closing(Client(bare(source_server.url), guard=guard)) as client:
        client.begin(threading.Event()).send("GET", "/stat")

    assert guards() == before + 1
    guard.end()
    assert guards() == before


def test_a_client_that_was_given_none_ends_its_own(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([])
    before, stop = guards(), threading.Event()
    client = Client(bare(source_server.url))
    for _ in range(2):  # it can still be used once it was closed
        client.begin(stop).send("GET", "/stat")
        assert guards() == before + 1
        client.close()
        assert guards() == before


def test_what_ends_sooner_is_cut_sooner_although_it_came_later(guard: Guard) -> None:
    late, soon = Request(LONG_S), Request(SOON_S)
    asleep(guard, late)
    guard.begin("soon", soon)

    assert soon.ended.wait(5.0)
    assert not late.ended.is_set()


def test_what_has_ended_by_itself_is_left_alone(guard: Guard) -> None:
    done, other = Request(0.3), Request(0.3 + SOON_S)
    asleep(guard, done)
    done.is_done = True
    guard.begin("other", other)

    assert other.ended.wait(5.0)
    assert not done.ended.is_set()


def test_only_the_last_request_of_an_owner_is_guarded(guard: Guard) -> None:
    first, last = Request(SOON_S), Request(2 * SOON_S)
    guard.begin("one", first)
    guard.begin("one", last)

    assert last.ended.wait(5.0)
    assert not first.ended.is_set()


def test_an_owner_that_is_forgotten_is_not_guarded(guard: Guard) -> None:
    gone, other = Request(SOON_S), Request(2 * SOON_S)
    guard.begin("gone", gone)
    guard.forget("gone")
    guard.begin("other", other)

    assert other.ended.wait(5.0)
    assert not gone.ended.is_set()


def test_what_cannot_be_cut_leaves_the_others_guarded() -> None:
    failures: list[Exception] = []
    guard = Guard(failures.append)
    broken, other, later = Broken(SOON_S), Request(SOON_S), Request(2 * SOON_S)
    guard.begin("broken", broken)
    guard.begin("other", other)
    guard.begin("later", later)

    assert other.ended.wait(5.0)
    assert later.ended.wait(5.0)
    guard.end()
    assert [str(error) for error in failures] == ["this one cannot be cut"]


def test_whoever_is_told_of_it_may_ask_again_and_may_fail() -> None:
    later, other = Request(SOON_S), Request(3 * SOON_S)

    def failed(_: Exception) -> None:
        own.begin("later", later)
        raise BrokenPipeError

    own = Guard(failed)
    own.begin("broken", Broken(SOON_S))
    own.begin("other", other)

    assert later.ended.wait(5.0)
    assert other.ended.wait(5.0)
    own.end()


@pytest.mark.parametrize("long_s", [1e10, math.inf])
def test_a_deadline_beyond_all_clocks_leaves_the_others_guarded(
    guard: Guard, long_s: float
) -> None:
    asleep(guard, Request(long_s))
    soon = Request(SOON_S)
    guard.begin("soon", soon)

    assert soon.ended.wait(5.0)


def test_a_thread_that_cannot_start_is_started_by_the_next_request(guard: Guard) -> None:
    refused, soon = Request(SOON_S), Request(2 * SOON_S)
    usual_bytes = threading.stack_size(2**47)  # more than the system has
    try:
        with pytest.raises(RuntimeError, match="thread"):
            guard.begin("refused", refused)
    finally:
        threading.stack_size(usual_bytes)
    guard.begin("soon", soon)

    assert soon.ended.wait(5.0)
    assert not refused.ended.is_set()  # it never began


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # as meant
def test_a_thread_that_has_died_is_replaced(guard: Guard) -> None:
    before, deadly, soon = guards(), Deadly(SOON_S), Request(SOON_S)
    guard.begin("deadly", deadly)
    assert deadly.ended.wait(5.0)
    assert until(lambda: guards() == before, 5.0)
    guard.begin("soon", soon)

    assert soon.ended.wait(5.0)


def test_what_is_under_way_when_the_guard_ends_is_cut(guard: Guard) -> None:
    request = Request(LONG_S)
    asleep(guard, request)
    guard.end()

    assert request.ended.is_set()


def test_an_ended_guard_stands_again_for_a_new_request(guard: Guard) -> None:
    guard.begin("one", Request(LONG_S))
    guard.end()
    again = Request(SOON_S)
    guard.begin("one", again)

    assert again.ended.wait(5.0)


def test_each_source_is_cut_at_its_own_deadline(guard: Guard) -> None:
    with ExitStack() as stack:
        near, far = (stack.enter_context(one) for one in socket.socketpair())
        watch, other = Watch(guard), Watch(guard)
        watch.hold(1, near)
        turn = stack.enter_context(watch.until(time.monotonic() + SOON_S))
        untouched = stack.enter_context(other.until(time.monotonic() + LONG_S))

        assert near.recv(1) == b""  # shut, and so no longer waited for
        assert (turn.was_cut, untouched.was_cut) == (True, False)
        assert far.recv(1) == b""
        watch.end()


def test_a_socket_opened_after_the_deadline_is_shut_at_once(guard: Guard) -> None:
    with pair() as (near, _):
        watch = Watch(guard)
        with watch.until(time.monotonic() + LONG_S) as turn:
            watch.cut(turn)
            watch.hold(1, near)
            assert near.recv(1) == b""
        watch.end()


def test_a_socket_opened_after_the_watch_has_ended_is_shut_while_the_turn_lasts(
    guard: Guard,
) -> None:
    with pair() as (near, _), pair() as (later, far):
        watch = Watch(guard)
        with watch.until(time.monotonic() + LONG_S):
            watch.end()
            watch.hold(1, near)
            assert near.recv(1) == b""
        watch.hold(2, later)
        far.sendall(b"x")
        assert later.recv(1) == b"x"
        watch.end()


def test_a_connection_that_was_left_is_held_no_more(guard: Guard) -> None:
    with pair() as (near, far):
        watch = Watch(guard)
        watch.hold(1, near)
        near.close()
        watch.leave(1)

        assert far.recv(1) == b""


def test_pulls_that_fail_leave_no_socket_open(source_server: SourceServer, guard: Guard) -> None:
    source_server.answer = lambda _: Served(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    before = open_sockets()
    client = Client(bare(source_server.url), guard=guard)
    with pytest.raises(SourceError, match="cut short"):
        client.begin(threading.Event()).send("GET", "/stat")

    assert until(lambda: open_sockets() == before, 5.0)  # the source's own end a little later
    client.close()


def test_a_turn_that_has_ended_is_cut_no_more(guard: Guard) -> None:
    with ExitStack() as stack:
        near, far = (stack.enter_context(one) for one in socket.socketpair())
        watch = Watch(guard)
        watch.hold(1, near)
        with watch.until(time.monotonic() + LONG_S) as turn:
            pass
        watch.cut(turn)

        far.sendall(b"x")
        assert near.recv(1) == b"x"
        assert not turn.was_cut
        watch.end()
