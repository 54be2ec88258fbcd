"""Trying a port of localhost from inside real pods: whose it is, and what stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pausetui.backends.lab import LabBackend
from pausetui.core.probe_telling import Asked, Probed, choices, told
from pausetui.core.vantage import Vantage, vantage
from pausetui.errors import ActionRefused
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real import labs
from tests.real.labs import Lab, alive
from tests.real.spawn import python
from tests.waiting import until

pytestmark = pytest.mark.real

FULL = """
import socket, sys
with socket.create_server(("127.0.0.1", 8081), backlog=0) as server:
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", 8081))
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with labs.lab("web", "no-pause") as lab:
        yield lab


class Watcher:
    """A session on the lab, and the newest of what it shows."""

    def __init__(self, journal: Path, *, read_only: bool = False) -> None:
        self.picture: Picture | None = None
        host = HostRoot()
        self.session = LiveSession(
            LabBackend(host), Observer(host), read_only=read_only, journal=Journal(journal), host=host
        )
        self.session.start(self._take)

    def _take(self, picture: Picture) -> None:
        self.picture = picture

    def seen_from(self, pod: str, container: str | None = None) -> Vantage | str | None:
        snapshot = self.picture.snapshot if self.picture is not None else None
        one = next((each for each in snapshot.pods if each.name == pod), None) if snapshot else None
        if snapshot is None or one is None:
            return None
        key = next((each.key for each in one.containers() if each.name == container), None)
        return vantage(snapshot, one.key, key)

    def vantage(self, pod: str, container: str | None = None) -> Vantage:
        found = until(lambda: self.seen_from(pod, container))
        assert isinstance(found, Vantage), found
        return found

    def tell(self, seen: Vantage, asked: Asked) -> list[str]:
        return sentences(seen, asked, self.session.probe(seen, asked))


def sentences(seen: Vantage, asked: Asked, found: Probed) -> list[str]:
    return [f"{one.label}  {one.text}" if one.label else one.text for one in told(seen, asked, found)]


@pytest.fixture
def watcher(lab: Lab, tmp_path: Path) -> Iterator[Watcher]:
    watcher = Watcher(tmp_path / "journal.jsonl")
    try:
        yield watcher
    finally:
        watcher.session.stop()


@contextmanager
def full_backlog(pid: int) -> Iterator[int]:
    """Somebody in the network of a process who listens on 8081 and whose queue is full; its pid."""
    argv = ["nsenter", "-n", "-t", str(pid), *python(FULL)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.pid
        finally:
            process.kill()


def test_the_sidecars_localhost_is_the_servers(watcher: Watcher, lab: Lab) -> None:
    pid = lab.process("web", "web").pid
    lines = watcher.tell(watcher.vantage("web", "sidecar"), Asked(80))
    assert lines[0].startswith("From sidecar, localhost:80 is web's: ")
    assert f"(pid {pid}) accepted." in lines[0]
    assert lines[1].endswith("pause, web, sidecar.")


def test_from_the_server_it_is_its_own_and_from_the_pod_it_is_the_servers(watcher: Watcher, lab: Lab) -> None:
    assert "localhost:80 is its own: " in watcher.tell(watcher.vantage("web", "web"), Asked(80))[0]
    assert "From lab/web, localhost:80 is web's: " in watcher.tell(watcher.vantage("web"), Asked(80))[0]


def test_head_gives_the_first_line_of_the_answer(watcher: Watcher) -> None:
    lines = watcher.tell(watcher.vantage("web", "sidecar"), Asked(80, head=True))
    assert any(line.startswith("  HEAD /  HTTP/1.") for line in lines), lines


def test_the_ports_to_choose_from_are_those_that_listen_there(watcher: Watcher, lab: Lab) -> None:
    seen = watcher.vantage("web", "sidecar")
    (one,) = choices(seen, watcher.session.look_from(seen))
    assert (one.port, f"(pid {lab.process('web', 'web').pid})" in one.who) == (80, True)


def test_where_nobody_listens_it_is_refused(watcher: Watcher) -> None:
    lines = watcher.tell(watcher.vantage("web", "sidecar"), Asked(8080))
    assert lines[0] == "From sidecar, localhost:8080 was not accepted."
    assert all(": nobody listens there" in line for line in lines[1:])


def test_a_queue_that_is_full_is_told_as_what_it_may_be(watcher: Watcher, lab: Lab) -> None:
    with full_backlog(lab.process("web", "web").pid) as pid:
        until(lambda: pid in watcher.vantage("web", "sidecar").owners)
        lines = watcher.tell(watcher.vantage("web", "sidecar"), Asked(8081))
    said = next(line for line in lines if line.startswith("127.0.0.1:8081"))
    assert "no answer within 2 s" in said
    assert f"somebody listens, from outside: {Path(sys.executable).name[:15]} (pid {pid}): its queue may" in said


def test_an_orphans_localhost_is_another_one_and_has_nothing(watcher: Watcher, lab: Lab) -> None:
    os.kill(lab.process("no-pause", "a").pid, signal.SIGKILL)

    def orphan() -> Vantage | None:
        seen = watcher.seen_from("no-pause", "b")
        return seen if isinstance(seen, Vantage) and seen.orphan else None

    seen = until(orphan, 20)
    assert seen.net.inode == os.stat(f"/proc/{lab.process('no-pause', 'b').pid}/ns/net").st_ino
    lines = watcher.tell(seen, Asked(80))
    assert lines[0] == "From b, localhost:80 was not accepted."
    assert lines[1].startswith(f"b is an orphan: it is alone in net {seen.net.inode}, not in its pod's.")
    assert lines[1].endswith("Its localhost has nothing.")


def test_a_pod_that_has_ended_meanwhile_is_not_tried(watcher: Watcher, lab: Lab, tmp_path: Path) -> None:
    seen = watcher.vantage("web", "sidecar")
    os.kill(seen.process.pid, signal.SIGKILL)
    until(lambda: not alive(seen.process))
    with pytest.raises(ActionRefused, match=f"pid {seen.process.pid} of sidecar of lab/web has ended"):
        watcher.session.probe(seen, Asked(80))
    assert not (tmp_path / "journal.jsonl").exists()


def test_a_pod_that_ends_while_nobody_answers_is_let_go(watcher: Watcher, lab: Lab) -> None:
    sidecar = lab.process("web", "sidecar")
    with full_backlog(sidecar.pid):
        seen = watcher.vantage("web", "sidecar")
        answers: list[Probed] = []
        trying = threading.Thread(target=lambda: answers.append(watcher.session.probe(seen, Asked(8081))))
        trying.start()
        os.kill(lab.pause("web").pid, signal.SIGKILL)
        trying.join(30)
        assert answers[0].results[0].error == "no answer within 2 s"
    until(lambda: seen.net.inode not in open_namespaces(), what="no descriptor of ours in the old network")


def test_what_was_tried_is_in_the_journal(watcher: Watcher, tmp_path: Path) -> None:
    watcher.session.probe(watcher.vantage("web", "sidecar"), Asked(80))
    asked, four, six = map(json.loads, (tmp_path / "journal.jsonl").read_text().splitlines())
    assert (asked["action"], asked["subject"], asked["step"], asked["text"]) == (
        "probe",
        "sidecar of lab/web",
        "intent",
        "connect to localhost:80",
    )
    assert asked["who"]
    assert asked["at"]
    assert (four["step"], four["address"], four["connected"]) == ("observed", "127.0.0.1", True)
    assert {one["action_id"] for one in (asked, four, six)} == {asked["action_id"]}


def test_read_only_it_is_refused(lab: Lab, tmp_path: Path) -> None:
    watcher = Watcher(tmp_path / "journal.jsonl", read_only=True)
    try:
        seen = watcher.vantage("web", "sidecar")
        with pytest.raises(ActionRefused, match="read-only"):
            watcher.session.probe(seen, Asked(80))
    finally:
        watcher.session.stop()


def open_namespaces() -> set[int]:
    """The inodes of the network namespaces that we have a descriptor of."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            continue
        if target.startswith("net:["):
            found.add(int(target[5:-1]))
    return found
