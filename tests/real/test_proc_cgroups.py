"""Pods by the names of real cgroups, made as kubelet's cgroupfs driver makes them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.backends.proc import ProcBackend
from pausetui.core.inventory import PodRecord
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real.handmade import HandmadePod
from tests.waiting import until

pytestmark = pytest.mark.real

UID = "0d5a3c1e-7f7e-4d0b-9d6b-5e1f00c0ffee"
V2, PIDS = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/pids")


class Cgroups:
    """The cgroups of one pod, in v2 or in the pids hierarchy of v1; removed when their processes have ended."""

    def __init__(self) -> None:
        root = V2 if (V2 / "cgroup.controllers").exists() else PIDS
        self.made: list[Path] = []
        self._pod = self._make(self._make(root / "kubepods-of-a-test") / f"pod{UID}")

    def put(self, pid: int, number: int) -> str:
        """Put a process into the cgroup of a container; the container's id."""
        container = f"{number:064x}"
        (self._make(self._pod / container) / "cgroup.procs").write_text(str(pid))
        return container

    def remove(self) -> None:
        for path in reversed(self.made):
            until(lambda path=path: _removed(path), what=f"{path} to be empty")  # type: ignore[misc]

    def _make(self, path: Path) -> Path:
        try:
            path.mkdir()
        except OSError as error:
            if error.errno in (errno.EROFS, errno.EACCES):
                pytest.skip("in this container cgroups can't be made")
            raise
        self.made.append(path)
        return path


def _removed(path: Path) -> bool:
    try:
        path.rmdir()
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    return True


@pytest.fixture
def cgroups() -> Iterator[Cgroups]:
    made = Cgroups()
    yield made
    made.remove()


@pytest.fixture
def pod(cgroups: Cgroups, tmp_path: Path) -> Iterator[HandmadePod]:
    with HandmadePod(tmp_path) as pod:
        yield pod


def the_pod(members: int) -> PodRecord:
    backend = ProcBackend(HostRoot())
    with closing(Observer(HostRoot())) as observer:

        def seen() -> PodRecord | None:
            found = (each for each in backend.inventory(observer.observe()).pods if each.uid == UID)
            return next((each for each in found if each.pause and len(each.members) == members), None)

        return until(seen, what="the pod")


def test_a_pod_is_known_by_the_cgroups_of_its_containers(cgroups: Cgroups, pod: HandmadePod) -> None:
    pause = pod.first()
    app = pod.member(pause, "app")
    ids = cgroups.put(pause, 1), cgroups.put(app, 2)
    found = the_pod(members=1)
    assert found.pause is not None
    assert (found.key, found.host_network) == (UID, False)
    assert (found.pause.runtime_id, found.members[0].runtime_id) == ids


def test_a_pod_in_the_hosts_network_is_known_by_them_too(cgroups: Cgroups, pod: HandmadePod) -> None:
    pause = pod.first(own=("ipc",))
    app = pod.run(["unshare", "--mount", "sleep", "infinity"], "sleep")
    cgroups.put(pause, 1)
    cgroups.put(app, 2)
    assert the_pod(members=1).host_network is True
