"""What somebody sees who is not root, on a machine that has a pod with real cgroups."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.real.handmade import HandmadePod
from tests.real.nobody import pausetui_as_nobody
from tests.real.test_proc_cgroups import UID, Cgroups

pytestmark = pytest.mark.real

SNAPSHOT = ("--backend", "proc", "snapshot")
TO_SEE_THE_REST = "pausetui: needs root to see the rest: "


@pytest.fixture(scope="module", autouse=True)
def pause(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The pause process of a pod with one member."""
    cgroups = Cgroups()
    with HandmadePod(tmp_path_factory.mktemp("programs")) as pod:
        pause = pod.first()
        cgroups.put(pause, 1)
        cgroups.put(pod.member(pause, "app"), 2)
        yield pause
    cgroups.remove()


def the_pod(printed: str) -> Any:
    return next(pod for pod in json.loads(printed)["pods"] if pod["uid"] == UID)


def test_nobody_sees_the_pod_and_its_lack_of_addresses_and_null_for_what_he_may_not_read(pause: int) -> None:
    seen = pausetui_as_nobody(*SNAPSHOT, "-o", "json")
    pod = the_pod(seen.stdout)
    containers = [one for one in (pod["pause"], *pod["members"]) if one is not None]
    assert seen.returncode == 0
    assert pause in [container["pid"] for container in containers]
    assert all(container["cannot_read"] for container in containers)
    assert {namespace for container in containers for namespace in container["namespaces"].values()} == {None}
    assert pod["addresses"] == []


def test_each_hidden_cell_says_needs_root(pause: int) -> None:
    lines = pausetui_as_nobody(*SNAPSHOT).stdout.splitlines()
    (place,) = [place for place, line in enumerate(lines) if str(pause) in line.split()]
    assert [line.endswith("  needs root") for line in lines[place : place + 2]] == [True, True]


def test_the_command_that_is_given_shows_what_was_hidden() -> None:
    told = pausetui_as_nobody(*SNAPSHOT, "-o", "json").stderr.splitlines()
    (command,) = [line.removeprefix(TO_SEE_THE_REST) for line in told if line.startswith(TO_SEE_THE_REST)]
    assert command.split()[0] in ("su", "sudo")
    shown = subprocess.run(command, shell=True, cwd="/", capture_output=True, text=True, timeout=60, check=True)
    pod = the_pod(shown.stdout)
    assert not any(one["cannot_read"] for one in (pod["pause"], *pod["members"]) if one)
    assert pod["addresses"] == []
