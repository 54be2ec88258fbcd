"""Hints from real cgroups and real pins of network namespaces, which none of them keeps alive."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.kernel.folders import FolderWatch
from tests.real.spawn import output_of, python
from tests.waiting import until

pytestmark = pytest.mark.real

PINS = """
import json, os, socket, subprocess, sys, threading, time
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
from pausetui.backends.crictl.hints import changes
from pausetui.kernel.host import HostRoot
heard = threading.Semaphore(0)
stop = threading.Event()
def listen():
    for _ in changes(HostRoot(), stop):
        heard.release()
def settle():
    while heard.acquire(timeout=0.2):
        pass
def is_link(name):
    return any(name == other for _, other in socket.if_nameindex())
def open_files():
    for fd in os.listdir("/proc/self/fd"):
        try:
            yield os.readlink(f"/proc/self/fd/{fd}")
        except FileNotFoundError:  # that of the list itself
            pass
thread = threading.Thread(target=listen, daemon=True)
thread.start()
while not any("inotify" in name for name in open_files()):
    time.sleep(0.01)
settle()
os.mkdir("/run/netns")
open("/run/netns/cni-1", "w").close()
made = heard.acquire(timeout=10)
subprocess.run(["unshare", "--net=/run/netns/cni-1", "ip", "link", "add", "peer0", "type", "veth", "peer", "name",
                "pausetui-t", "netns", str(os.getpid())], check=True)
assert is_link("pausetui-t")
settle()
held = [name for name in open_files() if name.startswith("net:")]
subprocess.run(["umount", "/run/netns/cni-1"], check=True)
os.unlink("/run/netns/cni-1")
gone = heard.acquire(timeout=10)
deadline = time.monotonic() + 10
while (there := is_link("pausetui-t")) and time.monotonic() < deadline:
    time.sleep(0.01)
stop.set()
thread.join()
print(json.dumps({"made": made, "gone": gone, "held": held, "its other end is still there": there}))
"""


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """A cgroup of our own, in the hierarchy that has every pod."""
    root = next(path for path in map(Path, ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")) if path.is_dir())
    ours = root / f"pausetui-test-{os.getpid()}"
    ours.mkdir()
    yield ours
    for folder, _, _ in os.walk(ours, topdown=False):
        os.rmdir(folder)


def test_pods_cgroups_that_come_and_go_are_heard_of_also_when_their_class_went_and_came_back(cgroup: Path) -> None:
    burstable = cgroup / "kubepods" / "burstable"
    pod = burstable / "pod1"
    with closing(FolderWatch([str(burstable)])) as watch:
        for _ in range(3):
            pod.mkdir(parents=True)
            until(watch.changed, what="the pod came")
            pod.rmdir()
            until(watch.changed, what="the pod went")
            burstable.rmdir()
            burstable.parent.rmdir()
            until(watch.changed, what="its class went")


def test_a_pin_that_comes_or_goes_is_heard_of_and_no_namespace_is_kept_alive() -> None:
    told = json.loads(output_of(["unshare", "-m", "-n", *python(PINS)]))
    assert told == {"made": True, "gone": True, "held": [], "its other end is still there": False}
