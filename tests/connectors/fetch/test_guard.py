"""One thread that has every request end at its deadline, whichever source it belongs to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from connectors.fetch.guard import Guard
from connectors.fetch.watch import Watch
from connectors.http import Client
from tests.connectors.asking import bare
from tests.source_server import SourceServer, as_json

SOON_S = 0.02
LONG_S = 60.0


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard()
    yield made
    made.end()


class Request:
    """A request whose end can be waited for."""

    def __init__(self, within_s: float) -> None:
        self.deadline_s = time.monotonic() + within_s
        self.is_done = False
        self.ended = threading.Event()

    def cut(self) -> None:
        self.ended.set()


class Broken(Request):
    def cut(self) -> None:
        super().cut()
        raise ValueError("this one cannot be cut")


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
    guard.begin("late", late)
    guard.begin("soon", soon)

    assert soon.ended.wait(5.0)
    assert not late.ended.is_set()


def test_what_has_ended_by_itself_is_left_alone(guard: Guard) -> None:
    done, other = Request(SOON_S), Request(2 * SOON_S)
    guard.begin("done", done)
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
    with ExitStack() as stack:
        near, _far = (stack.enter_context(one) for one in socket.socketpair())
        watch = Watch(guard)
        with watch.until(time.monotonic() + LONG_S) as turn:
            watch.cut(turn)
            watch.hold(1, near)
            assert near.recv(1) == b""
        watch.end()


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
