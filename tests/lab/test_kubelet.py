from __future__ import annotations

import errno
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.inventory import ContainerState, PodState
from pausetui.errors import CannotLook
from pausetui.lab.life import KEPT
from pausetui.lab.scenarios import SCENARIOS
from tests.lab.machines import Supervised

FAILED = 1 << 8
"""The status of wait(2) of a process that ended with exit code 1."""


def supervised(*names: str) -> Supervised:
    return Supervised(*(SCENARIOS[name] for name in names))


def test_the_pause_is_started_first_and_the_members_join_it() -> None:
    lab = supervised("web")
    assert lab.machine.done == ["start web/pause", "connect web 10.244.1.2", "start web/web", "start web/sidecar"]
    for name in ("web/web", "web/sidecar"):
        holder = lab.machine.joined[lab.machine.pid(name)]
        assert holder is not None
        assert holder.pid == lab.machine.pid("web/pause")


def test_members_wait_for_the_init_containers() -> None:
    lab = supervised("init")
    assert lab.member("init", "main").state is ContainerState.CREATED
    lab.end("init/setup", 0)
    assert lab.member("init", "main").state is ContainerState.RUNNING


def test_an_init_container_that_fails_is_tried_again_before_any_member_starts() -> None:
    lab = supervised("init")
    lab.end("init/setup", FAILED)
    assert lab.member("init", "setup").attempt == 1
    assert lab.member("init", "main").state is ContainerState.CREATED


def test_a_member_that_ended_is_started_again_at_once() -> None:
    lab = supervised("web")
    lab.end("web/web")
    web = lab.member("web", "web")
    assert (web.state, web.attempt, web.restarts) == (ContainerState.RUNNING, 1, 1)
    assert lab.member("web", "sidecar").attempt == 0
    assert lab.pod("web").runtime_addresses == ("10.244.1.2",)


def test_a_member_that_keeps_ending_waits_longer_each_time() -> None:
    lab = supervised("web")
    waits = []
    for _ in range(8):
        lab.end("web/web", FAILED)
        before = lab.machine.seconds
        lab.wait((lab.again or before) - before)
        waits.append(lab.machine.seconds - before)
    assert waits == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_member_that_is_held_back_is_named_in_the_pods_note() -> None:
    lab = supervised("web")
    lab.end("web/web", FAILED)
    lab.end("web/web", FAILED)
    assert lab.pod("web").note == "web: held back before the next start"
    assert (lab.member("web", "web").state, lab.member("web", "web").reason) == (ContainerState.EXITED, "Error")


def test_a_member_that_ran_for_a_minute_is_started_again_at_once() -> None:
    lab = supervised("web")
    for _ in range(3):
        lab.end("web/web", FAILED)
        lab.wait(70)
    lab.end("web/web", FAILED)
    assert lab.member("web", "web").state is ContainerState.RUNNING


def test_when_pause_dies_the_members_are_asked_and_the_pod_is_made_again_elsewhere() -> None:
    lab = supervised("web")
    lab.end("web/pause")
    assert lab.pod("web").state is PodState.NOTREADY
    assert lab.member("web", "web").state is ContainerState.RUNNING
    lab.machine.done.clear()
    lab.wait(5)
    assert lab.machine.done == [
        "SIGTERM web/web",
        "SIGTERM web/sidecar",
        "start web/pause",
        "connect web 10.244.1.3",
        "start web/web",
        "start web/sidecar",
    ]
    pod = lab.pod("web")
    assert (pod.state, pod.attempt, pod.runtime_addresses) == (PodState.READY, 1, ("10.244.1.3",))
    assert [(sandbox.attempt, sandbox.state) for sandbox in pod.sandboxes] == [
        (1, PodState.READY),
        (0, PodState.NOTREADY),
    ]


def test_members_that_do_not_end_when_asked_are_killed_after_a_second() -> None:
    lab = supervised("web")
    lab.machine.stubborn = {"web/web"}
    lab.end("web/pause")
    lab.wait(1.2)
    assert lab.pod("web").attempt == 0
    lab.wait(0.2)
    assert "SIGKILL web/web" in lab.machine.done
    assert lab.pod("web").attempt == 1


def test_a_member_that_ends_while_the_pod_is_taken_down_is_not_started_in_the_old_sandbox() -> None:
    lab = supervised("web")
    lab.end("web/pause")
    lab.machine.done.clear()
    lab.end("web/web")
    assert lab.machine.done == []


def test_ending_with_the_pod_counts_against_no_member() -> None:
    lab = supervised("web")
    for _ in range(6):
        lab.end("web/pause")
        lab.wait(2)
    assert lab.member("web", "web").attempt == 6
    assert lab.member("web", "web").state is ContainerState.RUNNING


def test_the_probe_goes_with_the_pod_and_asks_the_new_address() -> None:
    lab = supervised("mesh")
    assert "start mesh/probe 10.244.1.2" in lab.machine.done
    lab.end("mesh/pause")
    lab.wait(3)
    assert [name for name in lab.machine.running.values() if "probe" in name] == ["mesh/probe 10.244.1.3"]


def test_a_pod_that_cannot_be_connected_says_why_and_is_tried_again() -> None:
    lab = supervised("mesh")
    lab.machine.refuse["connect"] = CannotLook("setting the packet rule", "this kernel has no nf_tables")
    lab.end("mesh/pause")
    lab.wait(3)
    assert lab.pod("mesh").state is PodState.NOTREADY
    assert lab.kubelet.waiting() == ("lab/mesh: setting the packet rule: this kernel has no nf_tables",)
    assert lab.pod("mesh").note == "setting the packet rule: this kernel has no nf_tables"
    assert not lab.machine.running
    del lab.machine.refuse["connect"]
    lab.wait(60)
    assert lab.pod("mesh").state is PodState.READY
    assert not any("nf_tables" in text for text in lab.kubelet.waiting())


def test_one_pod_that_cannot_be_made_does_not_hold_up_the_others() -> None:
    lab = supervised("web", "init")
    lab.machine.refuse["web/pause"] = OSError(errno.ENOSPC, "No space left on device", "clone")
    lab.end("web/pause")
    lab.end("init/pause")
    lab.wait(3)
    assert lab.pod("web").state is PodState.NOTREADY
    assert lab.pod("init").state is PodState.READY


def test_a_member_that_cannot_be_started_says_why() -> None:
    lab = supervised("web")
    lab.machine.refuse["web/web"] = OSError(errno.ENOMEM, "Cannot allocate memory", "clone")
    lab.end("web/web")
    assert "Cannot allocate memory" in (lab.member("web", "web").reason or "")
    assert any("Cannot allocate memory" in text for text in lab.kubelet.waiting())


def test_everything_works_once_every_member_has_said_so() -> None:
    lab = supervised("web")
    assert lab.kubelet.waiting() == ("lab/web: member web is starting", "lab/web: member sidecar is starting")
    lab.works("web/web", "web/sidecar")
    assert lab.kubelet.waiting() == ()


def test_a_remade_pod_is_waited_for_again() -> None:
    lab = supervised("web")
    lab.works("web/web", "web/sidecar")
    lab.end("web/pause")
    assert lab.kubelet.waiting() == ("lab/web: its sandbox is not made yet",)
    lab.wait(3)
    assert len(lab.kubelet.waiting()) == 2


def test_without_a_pause_the_first_member_makes_the_namespaces_and_the_second_joins_it() -> None:
    lab = supervised("no-pause")
    assert lab.machine.done == ["start no-pause/a", "connect no-pause 10.244.1.2", "start no-pause/b"]
    assert lab.machine.joined[lab.machine.pid("no-pause/a")] is None
    holder = lab.machine.joined[lab.machine.pid("no-pause/b")]
    assert holder is not None
    assert holder.pid == lab.machine.pid("no-pause/a")


def test_without_a_pause_the_link_goes_with_the_first_member_and_the_second_is_left_where_it_is() -> None:
    lab = supervised("no-pause")
    a, b = lab.machine.pid("no-pause/a"), lab.machine.pid("no-pause/b")
    lab.machine.done.clear()
    lab.end("no-pause/a")
    assert lab.machine.done == [f"disconnect veth-{a}", "start no-pause/a", "connect no-pause 10.244.1.3"]
    assert lab.machine.pid("no-pause/b") == b
    assert lab.member("no-pause", "b").restarts == 0


def test_without_a_pause_the_second_member_joins_the_new_first_one_when_it_restarts() -> None:
    lab = supervised("no-pause")
    lab.end("no-pause/a")
    lab.end("no-pause/b")
    holder = lab.machine.joined[lab.machine.pid("no-pause/b")]
    assert holder is not None
    assert holder.pid == lab.machine.pid("no-pause/a")


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 5)), max_size=30))
def test_whatever_ends_everything_runs_again_in_the_end(ends: list[tuple[int, float]]) -> None:
    lab = supervised("web", "init", "shared-pid", "no-pause")
    for which, seconds in ends:
        names = sorted(lab.machine.running.values())
        if names:
            lab.end(names[which % len(names)], FAILED)
        lab.wait(seconds)
    for _ in range(10):
        if "init/setup" in lab.machine.running.values():
            lab.end("init/setup", 0)
        lab.wait(40)
    assert sorted(lab.machine.running.values()) == [
        "init/main",
        "init/pause",
        "no-pause/a",
        "no-pause/b",
        "shared-pid/app",
        "shared-pid/forker",
        "shared-pid/pause",
        "web/pause",
        "web/sidecar",
        "web/web",
    ]
    addresses = [address for pod in lab.kubelet.records() for address in pod.runtime_addresses]
    assert len(set(addresses)) == 4


@pytest.mark.parametrize(
    ("status", "exit_code", "reason"),
    [(0, 0, "Completed"), (FAILED, 1, "Error"), (signal.SIGKILL, 137, "Killed"), (signal.SIGSEGV, 139, "Error")],
)
def test_how_a_member_ended_is_remembered(status: int, exit_code: int, reason: str) -> None:
    lab = supervised("web")
    lab.end("web/web", status)
    (past,) = lab.member("web", "web").previous
    assert (past.attempt, past.exit_code, past.reason) == (0, exit_code, reason)


def test_only_the_last_attempts_are_remembered_newest_first() -> None:
    lab = supervised("web")
    for _ in range(KEPT + 4):
        lab.end("web/web", FAILED)
        lab.wait(31)
    attempts = [past.attempt for past in lab.member("web", "web").previous]
    assert attempts == list(range(KEPT + 3, 3, -1))
