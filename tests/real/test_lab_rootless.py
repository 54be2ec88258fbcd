"""The lab of somebody who is not root, through user namespaces, and what is said where there are none."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real import labs
from tests.waiting import until

pytestmark = pytest.mark.real

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture(scope="module")
def python() -> str:
    """A Python that nobody, too, may run."""
    for candidate in (
        sys.executable,
        "/usr/bin/python3",
        *(shutil.which(f"python3.{minor}") or "" for minor in (11, 12, 13)),
    ):
        if (
            candidate
            and _as_nobody(candidate, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").returncode == 0
        ):
            return candidate
    pytest.fail("no Python 3.11 that nobody may run: apt-get install python3")


@pytest.fixture(autouse=True)
def _a_name_of_its_own() -> Iterator[None]:
    with labs.named_lab():
        yield


def _as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            user=NOBODY.pw_uid,
            group=NOBODY.pw_gid,
            extra_groups=[],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(labs.ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except PermissionError as error:
        return subprocess.CompletedProcess(command, 126, "", str(error))


def _status(python: str) -> dict[str, object]:
    answer: dict[str, object] = json.loads(
        _as_nobody(python, "-m", "pausetui", "lab", "status", "-o", "json").stdout
    )
    return answer


def test_nobody_can_have_all_of_the_lab(python: str) -> None:
    before = labs.host()
    up = _as_nobody(python, "-m", "pausetui", "lab", "up")
    assert up.returncode == 0, up.stderr
    lab = _status(python)
    assert isinstance(lab["pid"], int)
    processes = labs.descendants(lab["pid"])
    try:
        pods = lab["pods"]
        assert isinstance(pods, list)
        assert [pod["name"] for pod in pods] == ["web", "sidecar", "mesh", "init", "shared-pid", "no-pause"]
        for pod in pods:
            for container in (pod["pause"], *pod["members"]):
                if container and container["process"]:
                    pid = container["process"]["pid"]
                    assert os.stat(f"/proc/{pid}").st_uid == NOBODY.pw_uid
                    assert labs.identity(pid).start_ticks == container["process"]["start_ticks"]
        web, mesh = pods[0], pods[2]
        pid = web["pause"]["process"]["pid"]
        assert labs.fetch(pid, "localhost", 80) == "web: web\n"
        assert labs.fetch(pid, mesh["runtime_addresses"][0], 8080) == "mesh: app\n"
        assert labs.namespace(pid, "user") != labs.namespace(os.getpid(), "user")
    finally:
        down = _as_nobody(python, "-m", "pausetui", "lab", "down")
    assert down.returncode == 0, down.stderr
    assert not any(labs.alive(process) for process in processes)
    assert labs.host() == before


def test_nobody_can_delete_a_pause_and_see_it_come_back(python: str) -> None:
    assert _as_nobody(python, "-m", "pausetui", "lab", "up", "web").returncode == 0
    try:
        pod = _pod(python)
        os.kill(pod["pause"]["process"]["pid"], 9)
        again = until(lambda: _pod(python) if _pod(python)["attempt"] == 1 else None)
        assert again["runtime_addresses"] != pod["runtime_addresses"]
    finally:
        _as_nobody(python, "-m", "pausetui", "lab", "down")


def test_nobodys_lab_is_not_roots(python: str) -> None:
    assert _as_nobody(python, "-m", "pausetui", "lab", "up", "web").returncode == 0
    try:
        assert labs.pausetui("lab", "status").returncode == 2
    finally:
        _as_nobody(python, "-m", "pausetui", "lab", "down")


def test_sigkill_of_nobodys_lab_leaves_nothing(python: str) -> None:
    assert _as_nobody(python, "-m", "pausetui", "lab", "up", "web", "shared-pid").returncode == 0
    pid = _status(python)["pid"]
    assert isinstance(pid, int)
    processes = labs.descendants(pid)
    os.kill(pid, 9)
    until(lambda: not any(labs.alive(process) for process in processes))


@pytest.mark.parametrize("limit", ["user", "net", "mnt"])
def test_a_limit_on_namespaces_is_named_with_the_command_that_lifts_it(limit: str) -> None:
    script = (
        f"echo 0 > /proc/sys/user/max_{limit}_namespaces; "
        f"exec setpriv --bounding-set=-all --inh-caps=-all {sys.executable} -m pausetui lab up web"
    )
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", script],
        cwd=labs.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f"user.max_{limit}_namespaces is 0" in done.stderr
    assert f"sysctl -w user.max_{limit}_namespaces=" in done.stderr


def test_where_the_rights_are_missing_it_says_which(tmp_path: Path) -> None:
    """Without CAP_SYS_ADMIN, in a chroot, where no user namespace may be made either (user_namespaces(7))."""
    script = (
        f"mount --bind / {tmp_path}; mount --rbind /proc {tmp_path}/proc; mount --rbind /dev {tmp_path}/dev; "
        f"exec chroot {tmp_path} sh -c 'cd {labs.ROOT}; exec setpriv --bounding-set=-all --inh-caps=-all "
        f"{sys.executable} -m pausetui lab up web'"
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "CAP_SYS_ADMIN" in done.stderr
    assert "Operation not permitted" in done.stderr


def _pod(python: str) -> Any:
    """The first pod of nobody's lab, as JSON."""
    pods = _status(python)["pods"]
    assert isinstance(pods, list)
    return pods[0]
