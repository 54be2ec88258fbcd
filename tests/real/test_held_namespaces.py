"""The tab of namespaces on real pods: it names exactly those who hold each, and what is said to be left is left."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from pausetui.backends.base import Backend
from pausetui.backends.lab import LabBackend
from pausetui.backends.proc import ProcBackend
from pausetui.core.join import join
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.nobodys import key
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Snapshot, Unclaimed
from pausetui.core.tabs import matrix, nobodys_list
from pausetui.core.unclaimed import to_end
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.holding import HoldingWorker, holdings_of
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real import labs
from tests.real.handmade import HandmadePod
from tests.real.spawn import python
from tests.real.test_kernel_leaks import FileHandle, descriptors, handle_of, is_alive
from tests.waiting import until

pytestmark = pytest.mark.real

POD_MADE = (
    NamespaceKind.NET,
    NamespaceKind.IPC,
    NamespaceKind.UTS,
    NamespaceKind.PID,
    NamespaceKind.MNT,
)
KEEP = "import os, sys\nkept = os.open(sys.argv[1], os.O_RDONLY)\nprint(flush=True)\nsys.stdin.read()"


def look(backend: Backend, observer: Observer) -> Snapshot:
    inventory = backend.inventory(observer.observe())
    return join(inventory, observer.observe(), datetime.now(UTC), backend=backend.name)


def tab(snapshot: Snapshot, pod: Pod, container: Container, kind: NamespaceKind) -> list[str]:
    """The lines about the chosen cell."""
    holdings = holdings_of(HostRoot(), snapshot)
    lines = [f"{one.label.strip()} {one.text}" for one in matrix.entries(snapshot, pod, container, kind, holdings)]
    start = next(place for place, line in enumerate(lines) if " is alive" in line)
    return lines[start : lines.index(f" Those of {container.name}")]


def told(lines: list[str]) -> set[int]:
    """The pids of those who are said to be in it."""
    held = lines[: lines.index(" What would be left")]
    return {int(pid) for line in held for pid in re.findall(r"\(pid (\d+)\)", line)}


def inside(label: str, kind: NamespaceKind) -> set[int]:
    """Who is in a namespace, asked with nothing of pausetui's."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/ns/{kind}") == label and state(name) != "Z":
                found.add(int(name))
        except OSError:
            continue
    return found


def state(pid: str) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@contextmanager
def keeping(path: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has this open."""
    process = subprocess.Popen(python(KEEP, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.communicate()


def test_of_a_lab_the_tab_names_exactly_those_who_are_in_each_namespace() -> None:
    with (
        labs.lab("web", "shared-pid", "no-pause"),
        closing(LabBackend(HostRoot())) as backend,
        closing(Observer(HostRoot())) as observer,
    ):
        keys = [container.key for pod in look(backend, observer).pods for container in pod.containers()]
        for key in keys:
            for kind in POD_MADE:
                # A process that a member starts for a moment may be in one look and not in the other.
                exact = partial(names_all, backend, observer, key, kind)
                until(exact, what=f"{kind} of {key} as it is")
    assert len(keys) == 8


def test_what_is_said_to_be_left_is_left_until_the_last_has_gone(tmp_path: Path) -> None:
    with HandmadePod(tmp_path) as made, closing(ProcBackend(HostRoot())) as backend:
        pause = made.first("pause", hostname="held")
        nginx = made.member(pause, "nginx")
        shell = made.run(["nsenter", "-t", str(pause), "-n", "sleep", "infinity"], "sleep")
        handle = handle_of(pause)
        with closing(Observer(HostRoot())) as observer, keeping(f"/proc/{pause}/ns/net") as keeper:
            snapshot = look(backend, observer)
            pod, first = next(
                (pod, one) for pod in snapshot.pods for one in pod.containers() if is_main(one, pause)
            )
            label = os.readlink(f"/proc/{pause}/ns/net")
            holders = {*inside(label, NamespaceKind.NET), keeper.pid}
            # Whoever else looks at this machine has it open for a moment, too.
            lines = until(
                lambda: seen if told(seen := tab(snapshot, pod, first, NamespaceKind.NET)) == holders else None,
                what="those who hold it, and nobody else",
            )
            steps = [line for line in lines if line.startswith("if ")]
            for pid, name in ((pause, "pause"), (nginx, "nginx"), (shell, f"sleep (pid {shell})")):
                step = next(line for line in steps if line.startswith(f"if {name} ends"))
                assert "still hold" in step
                made.end(pid)
                assert is_alive(handle), step
            assert not inside(label, NamespaceKind.NET)
        # Where somebody could not be asked (pid 1 of some machines), it is not said to be sure.
        end = "(nothing holds it, so|nothing else is seen to hold it: if nothing does,) it ends"
        assert re.match(rf"if .* \(pid {keeper.pid}\) ends too: {end}", steps[-1])
        until(lambda: not is_alive(handle), what="the end of the namespace")


def test_it_is_found_out_for_as_long_as_somebody_wants_to_know_and_nothing_is_kept_open(tmp_path: Path) -> None:
    with HandmadePod(tmp_path) as made, closing(ProcBackend(HostRoot())) as backend:
        pause = made.first("pause", hostname="held")
        made.member(pause, "nginx")
        with closing(Observer(HostRoot())) as observer:
            snapshot = look(backend, observer)
        pod = next(pod for pod in snapshot.pods for one in pod.containers() if is_main(one, pause))
        before, seen = descriptors(), Event()
        worker = HoldingWorker(HostRoot(), lambda: snapshot, seen.set)
        worker.start()
        worker.want(pod.key)
        assert seen.wait(10)
        worker.stop()
        assert worker.newest is not None
        assert worker.newest.key == pod.key
        assert pod.net in worker.newest.holdings
        until(lambda: descriptors() <= before, what="the end of what was open meanwhile")


def test_the_picture_of_a_session_has_what_was_asked_for(tmp_path: Path) -> None:
    pictures: list[Picture] = []
    with (
        HandmadePod(tmp_path) as made,
        keeping_running(LiveSession(ProcBackend(HostRoot()), Observer())) as session,
    ):
        pause = made.first("pause", hostname="held")
        made.member(pause, "nginx")
        session.start(pictures.append)
        pod = until(
            lambda: next(
                (
                    pod
                    for one in pictures
                    for pod in one.snapshot.pods
                    if pause in {p.id.pid for p in processes(pod)}
                ),
                None,
            )
        )
        assert pictures[-1].held is None
        with keeping(f"/proc/{pause}/ns/net") as keeper:
            session.look_for_holders(pod.key)
            until(lambda: having_open(pictures[-1], pod.net) == [keeper.pid], what="who has it open")


@contextmanager
def nobodys_network() -> Iterator[tuple[str, FileHandle]]:
    """A network that a pin in a mount namespace of its own keeps: its path there, and a handle."""
    path = f"/run/netns-{os.getpid()}"
    script = (
        f"mount -t tmpfs none /run; touch {path}; "
        f"unshare --net={path} sh -c 'echo; read line'; echo; exec sleep infinity"
    )
    far = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert far.stdin is not None
    assert far.stdout is not None
    try:
        far.stdout.readline()
        (inside_it,) = Path(f"/proc/{far.pid}/task/{far.pid}/children").read_text().split()
        handle = handle_of(int(inside_it))
        far.stdin.close()
        far.stdout.readline()
        yield path, handle
    finally:
        far.kill()
        far.wait()
        far.stdout.close()


def left_at(picture: Picture | None, path: str) -> Unclaimed | None:
    found = picture.snapshot.unclaimed if picture else ()
    return next((one for one in found if one.paths == (path,)), None)


def test_of_a_namespace_that_is_nobodys_it_is_told_who_has_it_open_and_it_ends_when_that_has_let_go_too() -> None:
    pictures: list[Picture] = []
    with (
        nobodys_network() as (path, handle),
        keeping_running(LiveSession(ProcBackend(HostRoot()), Observer())) as session,
    ):
        session.start(pictures.append)
        left = until(lambda: left_at(pictures[-1] if pictures else None, path), what="it to be nobody's")
        way_in = f"/proc/{left.elsewhere[path]}/root{path}"
        with keeping(way_in) as keeper:
            session.look_for_holders(key(left))
            until(lambda: having_open(pictures[-1], left.namespace) == [keeper.pid], what="who has it open")
            held = pictures[-1].held
            assert held is not None
            told = [one.text for one in nobodys_list.entries(pictures[-1].snapshot, (left,), held.holdings)]
            assert any(re.match(rf".* \(pid {keeper.pid}\) has to let go of it, too", line) for line in told)
            subprocess.run(["sh", "-c", to_end(left, path)], check=True)
            assert is_alive(handle)
        until(lambda: not is_alive(handle), what="the end of the namespace")


def having_open(picture: Picture, net: NamespaceId | None) -> list[int]:
    held = picture.held.holdings.get(net) if picture.held and net else None
    return [one.process.id.pid for one in held.descriptors] if held else []


@contextmanager
def keeping_running(session: LiveSession) -> Iterator[LiveSession]:
    try:
        yield session
    finally:
        session.stop()


def processes(pod: Pod) -> list[ContainerProcess]:
    return [process for container in pod.containers() for process in container.processes]


def names_all(backend: Backend, observer: Observer, key: str, kind: NamespaceKind) -> bool:
    """Whether the tab names exactly those who are in a container's namespace."""
    snapshot = look(backend, observer)
    found = snapshot.container(key)
    assert found is not None
    pod, container = found
    space = container.namespaces.get(kind)
    assert space is not None
    assert space != snapshot.host.get(kind)
    return told(tab(snapshot, pod, container, kind)) == inside(space.label, kind)


def is_main(container: Container, pid: int) -> bool:
    return container.process is not None and container.process.pid == pid
