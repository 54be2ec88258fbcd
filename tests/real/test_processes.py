"""Trees of real processes: who is pid 1 of what, which zombies stay, and whose they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.docker.backend import DockerBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.backends.lab import LabBackend
from pausetui.backends.proc import ProcBackend
from pausetui.core.join import join
from pausetui.core.process_tree import Node, PidSpace, pid_spaces
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs.processes import entries
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real import labs
from tests.real.dockers import docker
from tests.real.handmade import HandmadePod
from tests.real.labs import Lab
from tests.waiting import until

pytestmark = pytest.mark.real

LOSE_ONE = "(sleep 0.05 &)"
"""In a shell: a process whose parent ends before it does."""


class Eyes:
    """A backend and the kernel, joined whenever it is asked."""

    def __init__(self, backend: Backend, observer: Observer) -> None:
        self._backend, self._observer = backend, observer

    def snapshot(self) -> Snapshot:
        observation = self._observer.observe()
        return join(self._backend.inventory(observation), observation, datetime.now(UTC))

    def until(self, condition: Callable[[Pod], bool], name: str) -> tuple[Snapshot, Pod]:
        """The first snapshot in which a pod of this name is so."""

        def found() -> tuple[Snapshot, Pod] | None:
            shown = self.snapshot()
            return next(((shown, one) for one in shown.pods if one.name == name and condition(one)), None)

        return until(found, 20, f"pod {name} to be seen so")


@contextmanager
def eyes_on(backend: Backend) -> Iterator[Eyes]:
    with closing(Observer(HostRoot())) as observer:
        try:
            yield Eyes(backend, observer)
        finally:
            backend.close()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with labs.lab("web", "shared-pid") as lab:
        yield lab


def zombies(pod: Pod) -> list[Node]:
    return [node for space in pid_spaces(pod) for node in space.nodes if node.process.zombie]


def space_of(pod: Pod, pid: int) -> PidSpace:
    return next(space for space in pid_spaces(pod) if any(node.process.id.pid == pid for node in space.nodes))


def told(shown: Snapshot, pod: Pod) -> str:
    return "\n".join(f"{one.label}  {one.text}" if one.label else one.text for one in entries(shown, pod, None))


def kernel_pids(pid: int) -> tuple[int, ...]:
    status = Path(f"/proc/{pid}/status").read_text()
    return tuple(map(int, status.partition("NSpid:")[2].splitlines()[0].split()))


def kernel_parent(pid: int) -> int:
    return int(labs.stat_fields(pid)[1])


def test_parents_and_pids_are_what_the_kernel_says(lab: Lab) -> None:
    with eyes_on(LabBackend(HostRoot())) as eyes:
        _, pod = eyes.until(lambda one: len(one.members) == 2, "web")
    for container in pod.containers():
        for process in container.processes:
            assert process.namespace_pids == kernel_pids(process.id.pid)
            assert process.parent == kernel_parent(process.id.pid)


def test_what_is_left_to_an_ordinary_member_that_is_pid_1_stays_a_zombie(lab: Lab) -> None:
    web = lab.process("web", "web").pid
    labs.inside(web, "p", "sh", "-c", LOSE_ONE)
    with eyes_on(LabBackend(HostRoot())) as eyes:
        shown, pod = eyes.until(lambda one: bool(zombies(one)), "web")
    (zombie,) = zombies(pod)
    assert (zombie.process.parent, zombie.container.name, zombie.depth) == (web, "web", 1)
    assert os.stat(f"/proc/{web}/ns/pid").st_ino == space_of(pod, zombie.process.id.pid).namespace.inode  # type: ignore[union-attr]
    text = told(shown, pod)
    assert f"(pid {web}), which probably does not reap orphans." in text
    assert f"1 zombie  left to {zombie_parent(pod, zombie)} (pid {web}), pid 1 here" in text


def zombie_parent(pod: Pod, zombie: Node) -> str:
    space = space_of(pod, zombie.process.id.pid)
    return next(node.process.name for node in space.nodes if node.process.id.pid == zombie.process.parent)


def test_in_a_shared_pid_namespace_pause_is_pid_1_and_reaps(lab: Lab) -> None:
    pause = lab.pause("shared-pid").pid
    labs.inside(pause, "p", "sh", "-c", LOSE_ONE)
    with eyes_on(LabBackend(HostRoot())) as eyes:
        shown, pod = eyes.until(lambda one: len(one.members) == 2, "shared-pid")
        space = space_of(pod, pause)
        assert space.init is not None
        assert space.init.process.id.pid == pause
        assert {node.container.name for node in space.nodes} >= {"pause", "app", "forker"}
        assert f"Pid 1 is pause (pid {pause}), which reaps orphans." in told(shown, pod)
        eyes.until(lambda one: not any(node.process.parent == pause for node in zombies(one)), "shared-pid")


def test_a_pid_namespace_within_a_member_stands_apart(tmp_path: Path) -> None:
    with HandmadePod(tmp_path) as pod, eyes_on(ProcBackend(HostRoot())) as eyes:
        pause = pod.first()
        join_it = ["nsenter", "-t", str(pause), "-n", "-i", "-u"]
        own = [*join_it, "unshare", "--mount", "--pid", "--fork", "--kill-child"]
        nested = "unshare --pid --fork --kill-child sh -c '(sleep 0.05 &); exec sleep 1000' & wait"
        member = pod.run([*own, "bash", "-c", nested], "bash")
        inner = until(lambda: innermost(member), what="the nested namespace")

        def has_it(one: Pod) -> bool:
            return any(node.process.zombie for space in pid_spaces(one) for node in space.nodes) and any(
                node.process.id.pid == inner for space in pid_spaces(one) for node in space.nodes
            )

        def found() -> tuple[Snapshot, Pod] | None:
            shown = eyes.snapshot()
            return next(((shown, one) for one in shown.pods if has_it(one)), None)

        shown, seen = until(found, 20, "the nested namespace with its zombie")
        outer, further_in = space_of(seen, member), space_of(seen, inner)
        assert outer.namespace != further_in.namespace
        assert further_in.init is not None
        assert further_in.init.process.id.pid == inner
        assert [node.process.zombie for node in further_in.nodes] == [False, True]
        assert len(further_in.init.process.namespace_pids) == len(outer.nodes[0].process.namespace_pids) + 1
        assert f"Pid 1 is sleep (pid {inner}), which probably does not reap orphans." in told(shown, seen)


def innermost(member: int) -> int | None:
    """The one called sleep below a member that is pid 1 of a namespace further in."""
    for one in labs.descendants(member):
        try:
            if Path(f"/proc/{one.pid}/comm").read_text().strip() == "sleep" and kernel_pids(one.pid)[-1] == 1:
                return one.pid
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def test_processes_of_docker_stand_below_their_containers() -> None:
    with docker() as bed, eyes_on(DockerBackend(HostRoot(), DockerOptions(host=bed.endpoint), {})) as eyes:
        bed.pause("web")
        bed.member("app", "web", command=("sh", "-c", "(sleep 0.1 &); exec sleep 1000"))
        bed("exec", "-d", "app", "sh", "-c", "sleep 999; true")
        app = bed.container_pid("app")
        shown, pod = eyes.until(lambda one: bool(zombies(one)) and len(one.members[0].processes) == 4, "web")
        own = space_of(pod, app)
        text = told(shown, pod)
    assert {node.container.name for node in own.nodes} == {"app"}
    assert [(node.process.name, node.depth) for node in own.nodes if not node.process.zombie] == [
        ("sleep", 0),
        ("sh", 0),
        ("sleep", 1),
    ]
    assert [node.process.parent for node in zombies(pod)] == [app]
    assert f"Pid 1 is sleep (pid {app}), which probably does not reap orphans." in text
    assert f"1 zombie  left to sleep (pid {app}), pid 1 here" in text
