"""Names that come and go on a machine, and a runtime that tells events."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pausetui.backends.crictl.hints import Speaker, changes, folders
from pausetui.backends.crictl.program import Program
from pausetui.kernel.folders import FolderWatch
from pausetui.kernel.host import HostRoot
from tests.backends.crictl.fakes import has_ended, saying, script
from tests.waiting import until


@pytest.fixture(autouse=True)
def looks_up_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pausetui.backends.crictl.hints._LOOK_UP", 20)


class Listener:
    """A thread that counts hints."""

    def __init__(self, host: HostRoot, speaker: Callable[[], Speaker | None]) -> None:
        self.stop = threading.Event()
        self.heard = 0
        self._changes = changes(host, self.stop, speaker)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def hears(self, deed: Callable[[], object]) -> None:
        """Check that a deed is heard of."""
        before = self.heard
        deed()
        until(lambda: self.heard > before, what="a hint")

    def join(self) -> None:
        self.stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        for _ in self._changes:
            self.heard += 1


@contextmanager
def listening(root: Path, speaker: Callable[[], Speaker | None] = lambda: None) -> Iterator[Listener]:
    host = HostRoot(str(root))
    with closing(FolderWatch(folders(host))):
        as_many = inotify_watches()
    before = inotify_watches()
    listener = Listener(host, speaker)
    until(lambda: inotify_watches() >= before + as_many, what="it watches every folder")
    try:
        yield listener
    finally:
        listener.join()
    assert inotify_watches() == before


def inotify_watches() -> int:
    """How many folders this process watches."""
    found = 0
    for descriptor in os.listdir("/proc/self/fdinfo"):
        try:
            found += Path(f"/proc/self/fdinfo/{descriptor}").read_text().count("inotify wd:")
        except FileNotFoundError:
            continue
    return found


@pytest.mark.parametrize(
    ("made_before", "appears"),
    [
        ("run/netns", "run/netns/cni-1"),
        ("run", "run/netns"),
        ("sys/fs/cgroup/cgroup.controllers", "sys/fs/cgroup/kubepods/pod1"),
        ("sys/fs/cgroup/cgroup.controllers", "sys/fs/cgroup/kubepods/besteffort/pod1"),
        ("sys/fs/cgroup/cgroup.controllers", "sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice"),
        (
            "sys/fs/cgroup/cgroup.controllers",
            "sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice",
        ),
        ("sys/fs/cgroup/pids", "sys/fs/cgroup/pids/kubepods/burstable/pod1"),
        ("sys/fs/cgroup/memory", "sys/fs/cgroup/memory/kubepods/pod1"),
        (
            "sys/fs/cgroup/cgroup.controllers",
            "sys/fs/cgroup/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/x.slice",
        ),
        ("sys/fs/cgroup/pids", "sys/fs/cgroup/pids/k8s.io/1234"),
    ],
)
def test_a_namespaces_name_or_a_pods_cgroup_that_comes_or_goes_is_a_hint(
    tmp_path: Path, made_before: str, appears: str
) -> None:
    (tmp_path / made_before).mkdir(parents=True)
    (tmp_path / appears).parent.mkdir(parents=True, exist_ok=True)
    with listening(tmp_path) as listener:
        listener.hears((tmp_path / appears).mkdir)
        listener.hears((tmp_path / appears).rmdir)


def test_a_cgroup_of_somebody_else_is_no_hint(tmp_path: Path) -> None:
    (tmp_path / "sys/fs/cgroup/cgroup.controllers").mkdir(parents=True)
    (tmp_path / "run/netns").mkdir(parents=True)
    with listening(tmp_path) as listener:
        (tmp_path / "sys/fs/cgroup/system.slice").mkdir()
        (tmp_path / "run/lock").mkdir()
        listener.hears((tmp_path / "run/netns/cni-1").touch)
        assert listener.heard == 1


def test_only_one_hierarchy_of_cgroup_v1_is_watched(tmp_path: Path) -> None:
    for name in ("cpu", "memory", "pids", "systemd", "unified"):
        (tmp_path / "sys/fs/cgroup" / name).mkdir(parents=True)
    watched = [path for path in folders(HostRoot(str(tmp_path))) if "cgroup" in path]
    assert all(path.startswith(f"{tmp_path}/sys/fs/cgroup/pids/") for path in watched)


def test_one_folder_by_two_names_is_watched_once(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "var").mkdir()
    (tmp_path / "var/run").symlink_to("/run")
    assert [path for path in folders(HostRoot(str(tmp_path))) if "netns" in path] == [f"{tmp_path}/run/netns"]


def speaker(crictl: str, version: str = "v2.1.9") -> Speaker:
    return Speaker(Program((crictl,)), "containerd", version)


def test_an_event_is_a_hint_and_the_program_ends_with_the_listening(tmp_path: Path) -> None:
    crictl = script(
        tmp_path / "crictl", f"echo $$ > {tmp_path}/pid; while read l; do echo $l; done < {tmp_path}/say"
    )
    with saying(tmp_path / "say") as say, listening(tmp_path, lambda: speaker(crictl)) as listener:
        listener.hears(lambda: say("{}\n"))
        pid = int((tmp_path / "pid").read_text())
        assert not has_ended(pid)
    assert has_ended(pid)


def test_events_are_asked_for_once_it_is_known_whose_and_never_again(tmp_path: Path) -> None:
    (tmp_path / "run/netns").mkdir(parents=True)
    crictl = script(tmp_path / "crictl", f"echo started >> {tmp_path}/calls")
    known: list[Speaker] = []
    with listening(tmp_path, lambda: known[0] if known else None) as listener:
        listener.hears((tmp_path / "run/netns/cni-1").touch)
        assert not (tmp_path / "calls").exists()
        known.append(speaker(crictl))
        until((tmp_path / "calls").exists)
        for number in range(2, 5):
            listener.hears((tmp_path / f"run/netns/cni-{number}").touch)
    assert (tmp_path / "calls").read_text() == "started\n"


def test_events_that_kubelet_would_miss_are_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "run/netns").mkdir(parents=True)
    crictl = script(tmp_path / "crictl", f"echo started >> {tmp_path}/calls")
    asked: list[Speaker] = []

    def old() -> Speaker:
        asked.append(speaker(crictl, "1.7.13"))
        return asked[-1]

    with listening(tmp_path, old) as listener:
        until(lambda: asked)
        listener.hears((tmp_path / "run/netns/cni-1").touch)
    assert not (tmp_path / "calls").exists()


def test_where_nothing_can_be_watched_listening_ends_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pausetui.kernel.folders.FolderWatch.fileno", lambda self: None)
    assert list(changes(HostRoot(str(tmp_path)), threading.Event())) == []
