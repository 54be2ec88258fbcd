"""What an engine tells of its own accord makes us look, and ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pausetui.backends.docker.backend import DockerBackend
from pausetui.backends.docker.client import Client
from pausetui.backends.docker.finding import DockerOptions
from pausetui.backends.docker.hints import changes
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from tests.backends.docker.engine import FakeEngine, running
from tests.backends.docker.test_asking import NOTHING
from tests.waiting import until


class Heard:
    """What a listener was told."""

    def __init__(self) -> None:
        self.hints = 0
        self.ids: list[str] = []


@contextmanager
def listening(engine: FakeEngine) -> Iterator[Heard]:
    heard, stop = Heard(), threading.Event()

    def listen() -> None:
        for _ in changes(lambda: Client(engine.endpoint, 5, {}), heard.ids.append, stop):
            heard.hints += 1

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    until(lambda: heard.hints == 1, what="the stream to begin")
    heard.hints = 0
    try:
        yield heard
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def test_an_event_of_a_container_is_a_hint_and_names_it(engine: FakeEngine) -> None:
    with listening(engine) as heard:
        engine.say("die", "abc")
        until(lambda: heard.hints == 1)
        assert heard.ids == ["abc"]


def test_a_network_that_is_connected_is_news_of_its_container(engine: FakeEngine) -> None:
    with listening(engine) as heard:
        engine.say("connect", "abc", kind="network")
        until(lambda: heard.ids == ["abc"])


def test_what_changes_nothing_that_is_shown_is_no_hint(engine: FakeEngine) -> None:
    with listening(engine) as heard:
        for action in ("exec_create: sh -c true", "exec_start: sh", "exec_die", "top", "health_status: healthy"):
            engine.say(action, "noise")
        engine.say("start", "news")
        until(lambda: heard.hints == 1)
        assert heard.ids == ["news"]


def test_an_event_that_cannot_be_read_is_a_hint_all_the_same(engine: FakeEngine) -> None:
    with listening(engine) as heard:
        with engine.said:
            engine.events += [{"Type": 7}, {"Action": None}]
        until(lambda: heard.hints == 2)


def test_an_engine_that_comes_back_is_heard_again_and_looked_at_at_once(engine: FakeEngine) -> None:
    with listening(engine) as heard:
        engine.up = False
        until(lambda: heard.hints == 1, what="a hint that it is there again")
        engine.up = True
        engine.asked.clear()
        until(lambda: "/events" in engine.asked)
        engine.say("start", "after")
        until(lambda: "after" in heard.ids)


def test_waiting_for_an_engine_that_is_away_ends_when_it_is_told_to(engine: FakeEngine) -> None:
    def nobody() -> Client:
        raise CannotLook("finding docker", "there is none")

    stop = threading.Event()
    thread = threading.Thread(target=lambda: list(changes(nobody, print, stop)), daemon=True)
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_an_event_makes_the_backend_ask_about_its_container(engine: FakeEngine) -> None:
    web = engine.add(1, "web")
    backend = DockerBackend(HostRoot(), DockerOptions(host=str(engine.path)), {})
    backend.inventory(NOTHING)
    stop = threading.Event()
    hints = backend.hints(stop)
    next(hints)
    engine.say("update", web.id)
    next(hints)
    engine.inspected()
    backend.inventory(NOTHING)
    assert engine.inspected() == ["web"]
    stop.set()
    hints.close()  # type: ignore[attr-defined]
    backend.close()


def test_the_socket_may_come_after_us(engine: FakeEngine) -> None:
    late = FakeEngine(engine.path.with_name("late.sock"))
    heard, stop = Heard(), threading.Event()

    def listen() -> None:
        for _ in changes(lambda: Client(late.endpoint, 5, {}), heard.ids.append, stop):
            heard.hints += 1

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    with running(late):
        until(lambda: heard.hints >= 1, seconds=30)
        stop.set()
        thread.join(5)
