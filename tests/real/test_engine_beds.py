"""The private engines that the tests use leave nothing, whichever way they end; and those without rights."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pausetui.backends.docker.endpoints import DOCKER, PODMAN, Engine
from tests.real import nobody
from tests.real.dockers import DockerBed, docker
from tests.real.podmans import PodmanBed, podman
from tests.real.private_node import CGROUPS, ROOT
from tests.real.rootless_podman import SUBIDS, UID
from tests.waiting import until

pytestmark = pytest.mark.real

_DOCKER = """
import time
from tests.real.dockers import docker
with docker() as bed:
    bed.pause("web")
    bed.member("app", "web")
    bed.plain("frozen")
    bed("pause", "frozen")
    print(bed.node.folder, bed.node.pid, flush=True)
    time.sleep(600)
"""
_PODMAN = """
import time
from tests.real.podmans import podman
with podman() as bed:
    bed.pod("web", "app")
    print(bed.node.folder, bed.node.pid, flush=True)
    time.sleep(600)
"""
_ROOTLESS = """
import time
from tests.real.rootless_podman import rootless_podman
with rootless_podman() as bed:
    bed.pod("web", "app")
    print(bed.node.folder, bed.node.pid, flush=True)
    time.sleep(600)
"""
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def in_mounts_of(mounts: str) -> list[int]:
    """The processes in a mount namespace."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(each / "ns/mnt") == mounts:
                found.append(int(each.name))
        except OSError:
            continue
    return found


def of_the_user() -> list[int]:
    """The processes of alice and of the users in her containers."""
    users = {UID, *range(SUBIDS[0], sum(SUBIDS))}
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if each.stat().st_uid in users:
                found.append(int(each.name))
        except OSError:
            continue
    return found


def links() -> set[str]:
    return set(os.listdir("/sys/class/net"))


@pytest.mark.parametrize("program", [_DOCKER, _PODMAN, _ROOTLESS], ids=["docker", "podman", "podman-rootless"])
def test_a_private_engine_ends_with_all_it_made_when_the_test_is_killed(program: str) -> None:
    before = (links(), FORWARDING.read_text())
    test = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert test.stdout is not None
    try:
        folder, pid = test.stdout.readline().split()
        mounts = os.readlink(f"/proc/{pid}/ns/mnt")
        owned = Path(folder, "cgroups")
        listed = owned.read_text().split() if owned.exists() else []
        assert len(in_mounts_of(mounts)) > 3 or len(of_the_user()) > 3
    finally:
        os.kill(test.pid, signal.SIGKILL)
        test.wait()
        test.stdout.close()
    until(lambda: not in_mounts_of(mounts) + of_the_user(), seconds=30, what="the end of all its processes")
    until(lambda: not Path(folder).exists(), what="the end of its folder")
    left = [
        hierarchy for hierarchy in CGROUPS.iterdir() for path in listed if (hierarchy / path.strip("/")).exists()
    ]
    assert left == []
    assert (links(), FORWARDING.read_text()) == before


@pytest.mark.parametrize(
    ("engine", "of", "told"),
    [
        (docker, DOCKER, "usermod -aG docker"),
        (podman, PODMAN, "as the user whose containers they are"),
    ],
    ids=["docker", "podman"],
)
def test_who_may_not_use_the_socket_is_told_who_may(
    engine: Callable[[], AbstractContextManager[DockerBed | PodmanBed]],
    of: Engine,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with engine() as bed:
        os.chmod(bed.node.folder, 0o755)
        monkeypatch.setenv(of.variable, bed.endpoint)
        done = nobody.pausetui_as_nobody("snapshot", "--backend", of.name)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr
    assert told in done.stderr
