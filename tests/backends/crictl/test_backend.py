"""The backend as a whole, with a crictl that says what a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pausetui.backends.crictl import backend as module
from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.backends.crictl.finding import CrictlOptions, Found
from pausetui.backends.crictl.hints import Speaker
from pausetui.backends.crictl.program import Ran
from pausetui.core.actions import Action, ActionKind
from pausetui.core.inventory import Runtime
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.host import HostRoot
from tests.backends.crictl.node import Node
from tests.backends.crictl.recorded import ENDPOINT, found


@dataclass
class Looked:
    """How often crictl was looked for, and what was found."""

    found: Found
    times: int = 0


@pytest.fixture
def node() -> Node:
    node = Node()
    node.pod("web", "nginx")
    return node


@pytest.fixture
def looked(node: Node, monkeypatch: pytest.MonkeyPatch) -> Looked:
    looked = Looked(found(node.crictl))

    def find(*_: object) -> Found:
        looked.times += 1
        return looked.found

    monkeypatch.setattr(module, "find", find)
    return looked


@pytest.fixture
def backend(looked: Looked) -> CrictlBackend:
    return CrictlBackend(HostRoot())


def test_the_inventory_says_who_was_asked_why_and_how(backend: CrictlBackend, node: Node) -> None:
    inventory = backend.inventory(node.observe())
    assert inventory.backend == "crictl"
    assert inventory.runtime == Runtime("containerd", "1.6.20~ds1", ENDPOINT, "from a test", ("crictl",))
    assert inventory.remarks == ("no kubelet",)
    assert [pod.name for pod in inventory.pods] == ["web"]
    assert inventory.problems == ()


def test_what_can_be_done_is_by_the_runtime_or_by_a_signal(backend: CrictlBackend, node: Node) -> None:
    abilities = backend.inventory(node.observe()).abilities
    assert abilities.by_signal == {ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE}
    assert abilities.by_runtime == {ActionKind.RESTART_MEMBER, ActionKind.STOP_SANDBOX, ActionKind.REMOVE_SANDBOX}


def test_crictl_is_looked_for_once_and_again_after_a_failure(
    backend: CrictlBackend, node: Node, looked: Looked
) -> None:
    for _ in range(3):
        backend.inventory(node.observe())
    assert looked.times == 1
    node.away = True
    for _ in range(2):
        with pytest.raises(CannotLook):
            backend.inventory(node.observe())
    node.away = False
    backend.inventory(node.observe())
    assert looked.times == 3


def test_after_a_failure_of_the_same_runtime_only_news_is_asked_about(backend: CrictlBackend, node: Node) -> None:
    backend.inventory(node.observe())
    node.away = True
    with pytest.raises(CannotLook):
        backend.inventory(node.observe())
    node.away = False
    node.calls()
    backend.inventory(node.observe())
    assert node.calls() == [("version",), ("pods",), ("ps",)]


def test_another_runtime_is_asked_about_everything(backend: CrictlBackend, node: Node, looked: Looked) -> None:
    backend.inventory(node.observe())
    node.away = True
    with pytest.raises(CannotLook):
        backend.inventory(node.observe())
    node.away = False
    looked.found = Found(node.crictl, "unix:///run/crio/crio.sock", "from another test", 2.0)
    node.calls()
    backend.inventory(node.observe())
    assert ("inspectp", "web-0") in node.calls()


def test_a_machine_without_crictl_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotLook, match="finding crictl: there is none"):
        CrictlBackend(HostRoot(str(tmp_path)), CrictlOptions(), {}).inventory(Node().observe())


def test_two_inventories_are_never_asked_for_at_once(backend: CrictlBackend, node: Node) -> None:
    inside, most = [], []
    both = threading.Barrier(2)
    pods = node.crictl.answers["pods"]

    def slowly(*args: str) -> Ran:
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.02)
        inside.pop()
        answer: Ran = pods(*args)
        return answer

    node.crictl.answers["pods"] = slowly

    def ask() -> None:
        both.wait()
        backend.inventory(node.observe())

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]


def action(kind: ActionKind, runtime_id: str | None) -> Action:
    return Action("a1", kind, "uid-web", "uid-web/member/nginx", "default/web nginx", None, runtime_id)


def test_what_has_an_id_in_the_runtime_is_done_by_the_runtime(backend: CrictlBackend, node: Node) -> None:
    backend.inventory(node.observe())
    node.crictl.answers["-t"] = "web-0"
    said = backend.perform(action(ActionKind.STOP_SANDBOX, "web-0"), None)
    assert said == "crictl stopp web-0…: stopped"


@dataclass
class Ended:
    """A process that takes any signal."""

    process: ProcessId
    name: str
    sent: list[int]

    def send(self, signal: int) -> None:
        self.sent.append(signal)

    def ended_within(self, seconds: float) -> bool:
        return True


@pytest.mark.parametrize("kind", [ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE])
def test_what_is_done_by_a_signal_asks_the_runtime_nothing(
    backend: CrictlBackend, node: Node, kind: ActionKind
) -> None:
    backend.inventory(node.observe())
    node.calls()
    process = Ended(ProcessId(4711, 1), "nginx", [])
    assert backend.perform(action(kind, None), process) == "sent SIGKILL to pid 4711 (nginx)"  # type: ignore[arg-type]
    assert process.sent == [9]
    assert node.calls() == []


def test_an_action_without_id_and_process_is_refused(backend: CrictlBackend) -> None:
    with pytest.raises(ActionRefused):
        backend.perform(action(ActionKind.RESTART_MEMBER, None), None)


def test_whom_to_listen_to_is_known_once_it_has_answered(
    backend: CrictlBackend, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Speaker | None] = []

    def changes(_: HostRoot, stop: threading.Event, speaker: Callable[[], Speaker | None]) -> Iterator[None]:
        told.append(speaker())
        yield
        told.append(speaker())

    monkeypatch.setattr(module, "changes", changes)
    heard = backend.hints(threading.Event())
    next(heard)
    backend.inventory(node.observe())
    assert list(heard) == []
    assert told[0] is None
    assert told[1] == Speaker(node.crictl, "containerd", "1.6.20~ds1")


def test_while_nothing_changes_the_very_same_records_are_given(backend: CrictlBackend, node: Node) -> None:
    first, second = (backend.inventory(node.observe()).pods for _ in range(2))
    assert second is first


def test_a_member_that_ended_is_no_record_of_before(backend: CrictlBackend, node: Node) -> None:
    before = backend.inventory(node.observe()).pods
    node.end("web-0-nginx-0", code=3)
    (after,) = backend.inventory(node.observe()).pods
    assert (before[0].members[0].exit_code, after.members[0].exit_code) == (None, 3)
