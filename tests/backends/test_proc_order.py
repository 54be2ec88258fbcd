"""Whatever there is on a machine: the order of its processes plays no part, and every key is there once."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pausetui.backends.proc import ProcBackend
from pausetui.core.inventory import Inventory, PodRecord
from pausetui.core.namespaces import NamespaceKind
from pausetui.kernel.host import HostRoot
from tests.backends.machine import BUSY, IDLE, SERVING, Machine, container_id, kubernetes_cgroup

UIDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(3)]
CGROUPS = [
    None,
    "/",
    "/system.slice/some.service",
    *(f"/docker/{container_id(number)}" for number in range(3)),
    *(kubernetes_cgroup(number, uid) for number in range(3, 6) for uid in UIDS),
]
ROOT = HostRoot("/nowhere")


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    """Any processes: each child of any earlier one, in any new namespaces, or in another's, in any cgroup."""
    machine = Machine()
    for _ in range(draw(st.integers(0, 12))):
        others = list(machine.processes.values())
        new = draw(st.sets(st.sampled_from(list(NamespaceKind))))
        joined = draw(st.none() | st.tuples(st.sampled_from(others), st.sets(st.sampled_from(list(NamespaceKind)))))
        machine.start(
            draw(st.sampled_from(["pause", "catatonit", "sh", "sh#2", "nginx"])),
            draw(st.sampled_from(others)),
            *sorted(new),
            joins=(joined[0], tuple(sorted(joined[1]))) if joined else None,
            cgroup=draw(st.sampled_from(CGROUPS)),
            vitals=draw(st.sampled_from([IDLE, BUSY, SERVING, None])),
            inner_pid=draw(st.none() | st.integers(1, 3)),
        )
    return machine


def keys(inventory: Inventory) -> list[str]:
    return [key for pod in inventory.pods for key in (pod.key, *_containers(pod))]


def _containers(pod: PodRecord) -> list[str]:
    return [record.key for record in ((pod.pause, *pod.members) if pod.pause else pod.members)]


@given(machines(), st.randoms(use_true_random=False))
def test_the_order_of_the_processes_changes_nothing(machine: Machine, order: random.Random) -> None:
    assert ProcBackend(ROOT).inventory(machine.look()) == ProcBackend(ROOT).inventory(machine.look(order))


@given(machines())
def test_a_second_look_at_the_same_concludes_the_same(machine: Machine) -> None:
    backend = ProcBackend(ROOT)
    assert keys(backend.inventory(machine.look())) == keys(backend.inventory(machine.look()))


@given(machines())
def test_every_key_is_there_once(machine: Machine) -> None:
    twice = [key for key, count in Counter(keys(ProcBackend(ROOT).inventory(machine.look()))).items() if count > 1]
    assert not twice


@given(machines())
def test_no_process_is_the_main_one_of_two_containers(machine: Machine) -> None:
    mains = [
        record.process
        for pod in ProcBackend(ROOT).inventory(machine.look()).pods
        for record in ((pod.pause, *pod.members) if pod.pause else pod.members)
    ]
    assert len(mains) == len(set(mains))


@given(machines())
def test_the_pause_is_no_member_too_and_never_without_evidence(machine: Machine) -> None:
    for pod in ProcBackend(ROOT).inventory(machine.look()).pods:
        if pod.pause is not None:
            assert pod.pause.process not in {member.process for member in pod.members}
            assert len(pod.pause.evidence) >= 3
        else:
            assert pod.members
            assert pod.note
