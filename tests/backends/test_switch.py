"""Which backend is used, and what is told of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pausetui.backends.candidates import Candidate, Elsewhere, Finding, best
from pausetui.backends.switch import AUTO, Switch
from pausetui.core.actions import Action, ActionKind
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.observation import Observation
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.signals import CheckedProcess
from tests import factories
from tests.commands.machines import observation, record
from tests.waiting import until

SEEN = observation()


@dataclass
class Backend:
    """Has so many pods, or is away; its hints last until they are told to stop."""

    name: str
    pods: int = 0
    away: bool = False
    asked: int = 0
    closed: bool = False
    listening: threading.Event = field(default_factory=threading.Event)

    def inventory(self, observation: Observation) -> Inventory:
        self.asked += 1
        if self.away:
            raise CannotLook(f"asking {self.name}", "no answer")
        pods = tuple(record(name=f"{self.name}{number}") for number in range(self.pods))
        return Inventory(self.name, factories.NOW, Runtime(self.name), pods)

    def hints(self, stop: threading.Event) -> Iterator[None]:
        self.listening.set()
        yield
        stop.wait()
        self.listening.clear()

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        return f"{self.name} did it"

    def close(self) -> None:
        self.closed = True


def switch(*backends: Backend, wanted: str = AUTO, absent: tuple[str, ...] = ()) -> Switch:
    def candidate(backend: Backend) -> Candidate:
        there = backend.name not in absent
        return Candidate(backend.name, lambda: backend, lambda: there, concludes=backend.name == "proc")

    return Switch([candidate(backend) for backend in backends], wanted)


def test_the_first_that_has_pods_is_used_and_those_after_it_are_not_asked() -> None:
    crictl, proc = Backend("crictl", 2), Backend("proc", 2)
    used = switch(crictl, proc)
    assert used.inventory(SEEN).backend == used.name == "crictl"
    assert proc.asked == 0


def test_one_that_answers_and_has_no_pods_yields_to_one_that_has() -> None:
    assert switch(Backend("crictl"), Backend("lab", 3)).inventory(SEEN).backend == "lab"


def test_if_none_has_pods_it_is_the_first_that_answers() -> None:
    assert switch(Backend("crictl", away=True), Backend("lab"), Backend("proc")).inventory(SEEN).backend == "lab"


def test_one_that_does_not_answer_is_told_beside_the_one_that_took_its_place() -> None:
    found = switch(Backend("crictl", away=True), Backend("proc", 1)).inventory(SEEN)
    assert (found.backend, found.remarks) == ("proc", ("crictl does not answer",))


def test_what_is_shown_instead_of_one_that_does_not_answer_is_said_to_be_not_its() -> None:
    found = switch(Backend("crictl", away=True), Backend("docker", 1)).inventory(SEEN)
    (problem,) = found.problems
    assert (problem.subject, problem.next) == (
        "backend:crictl",
        "these are the pods of docker; b changes to crictl when it answers",
    )


def test_one_that_was_missed_is_used_as_soon_as_it_is_found_to_answer() -> None:
    crictl = Backend("crictl", 2, away=True)
    used = switch(crictl, Backend("docker", 1))
    assert used.inventory(SEEN).backend == "docker"
    crictl.away = False
    used._findings["crictl"] = Finding("crictl", 2)
    assert used.inventory(SEEN).backend == "crictl"


def test_one_that_is_not_there_is_neither_asked_nor_told() -> None:
    crictl = Backend("crictl", 5)
    found = switch(crictl, Backend("proc", 1), absent=("crictl",)).inventory(SEEN)
    assert (crictl.asked, found.backend, found.remarks) == (0, "proc", ())


def test_if_nobody_answers_all_the_reasons_are_told() -> None:
    with pytest.raises(CannotLook, match="crictl: asking crictl: no answer; lab: asking lab: no answer"):
        switch(Backend("crictl", away=True), Backend("lab", away=True)).inventory(SEEN)


def test_the_one_in_use_is_kept_while_it_has_pods_and_while_it_is_away() -> None:
    crictl, lab = Backend("crictl", 1), Backend("lab", 1)
    used = switch(crictl, lab)
    used.inventory(SEEN)
    crictl.away = True
    with pytest.raises(CannotLook):
        used.inventory(SEEN)
    assert (used.name, lab.asked) == ("crictl", 0)


def test_while_the_one_in_use_has_no_pods_the_others_are_tried_each_time() -> None:
    crictl, lab = Backend("crictl"), Backend("lab")
    used = switch(crictl, lab)
    assert used.inventory(SEEN).backend == "crictl"
    lab.pods = 1
    assert used.inventory(SEEN).backend == "lab"


def test_one_that_was_asked_for_is_used_whatever_it_has() -> None:
    lab = Backend("lab", 3)
    used = switch(Backend("crictl"), lab, wanted="crictl")
    assert used.inventory(SEEN).backend == "crictl"
    assert lab.asked == 0


def test_another_can_be_used_in_place() -> None:
    used = switch(Backend("crictl", 1), Backend("lab", 1))
    used.inventory(SEEN)
    used.use("lab")
    assert used.inventory(SEEN).backend == used.name == "lab"


def test_the_hints_follow_the_one_in_use() -> None:
    crictl, lab = Backend("crictl", 1), Backend("lab", 1)
    used = switch(crictl, lab, wanted="crictl")
    listener = threading.Thread(target=lambda: list(used.hints(threading.Event())), daemon=True)
    listener.start()
    until(crictl.listening.is_set)
    used.use("lab")
    until(lab.listening.is_set)
    until(lambda: not crictl.listening.is_set())
    used.close()
    listener.join(5)
    assert not listener.is_alive()


def test_what_the_others_have_is_looked_up_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pausetui.backends.switch._SOON_SECONDS", 0.0)
    used = switch(Backend("crictl", 1), Backend("lab", 4), Backend("proc", 5))
    used.inventory(SEEN)
    listener = threading.Thread(target=lambda: list(used.hints(threading.Event())), daemon=True)
    listener.start()
    until(lambda: used.inventory(SEEN).remarks == ("also lab: 4 pods",))
    used.close()
    listener.join(5)


def test_what_only_concludes_yields_as_soon_as_the_one_it_stands_in_for_has_pods(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_SOON_SECONDS", "MISSED_SECONDS"):
        monkeypatch.setattr(f"pausetui.backends.switch.{name}", 0.01)
    crictl = Backend("crictl", 2, away=True)
    used = switch(crictl, Backend("proc", 2))
    assert used.inventory(SEEN).backend == "proc"
    listener = threading.Thread(target=lambda: list(used.hints(threading.Event())), daemon=True)
    listener.start()
    before = crictl.asked
    until(lambda: crictl.asked > before + 1)
    assert used.inventory(SEEN).backend == "proc"
    crictl.away = False
    until(lambda: used.inventory(SEEN).backend == used.name == "crictl")
    used.close()
    listener.join(5)


def test_what_only_concludes_stays_if_it_was_asked_for() -> None:
    crictl = Backend("crictl", 2)
    used = switch(crictl, Backend("proc", 2))
    used.inventory(SEEN)
    used.use("proc")
    assert used.inventory(SEEN).backend == used.inventory(SEEN).backend == "proc"


def test_an_action_is_carried_out_by_the_one_in_use() -> None:
    used = switch(Backend("crictl", 1), Backend("lab", 1))
    action = Action("1", ActionKind.STOP_SANDBOX, "p", "p", "web", None, "id")
    with pytest.raises(ActionRefused, match="no backend is in use"):
        used.perform(action, None)
    used.inventory(SEEN)
    assert used.perform(action, None) == "crictl did it"


def test_all_that_were_asked_are_closed() -> None:
    crictl, lab = Backend("crictl"), Backend("lab", 1)
    used = switch(crictl, lab)
    used.inventory(SEEN)
    used.close()
    assert crictl.closed
    assert lab.closed


OTHERS = (Elsewhere("alice", "--backend podman -H unix:///run/user/1500/podman/podman.sock"),)


def with_others(pods: int, *, there: bool = True, wanted: str = AUTO) -> Switch:
    podman = Candidate("podman", lambda: Backend("podman", pods), lambda: there, elsewhere=lambda: OTHERS)
    return Switch([podman, Candidate("proc", lambda: Backend("proc", 1), concludes=True)], wanted)


def test_what_is_somebody_elses_is_told_beside_what_is_found() -> None:
    assert with_others(2).inventory(SEEN).remarks == ("also podman of alice",)
    assert with_others(2, wanted="proc").inventory(SEEN).remarks == ()
    podman, _ = with_others(2).findings(SEEN)
    assert podman.text == f"2 pods; also alice's: {OTHERS[0].options}"


def test_what_is_somebody_elses_is_known_without_asking() -> None:
    podman, _ = with_others(0, there=False).known()
    assert podman.text == f"not found here; also alice's: {OTHERS[0].options}"


def test_whoever_says_already_how_to_ask_another_is_not_made_to_say_it_twice() -> None:
    finding = Finding("podman", None, f"there is no socket. alice has one: {OTHERS[0].options}.", OTHERS)
    assert finding.text.count("alice") == 1


def test_auto_means_the_first_with_pods_then_the_first_that_answers() -> None:
    away, empty, full = Finding("a", None, "no"), Finding("b", 0), Finding("c", 2)
    assert best([away, empty, full]) == "c"
    assert best([away, empty]) == "b"
    assert best([away]) == ""
